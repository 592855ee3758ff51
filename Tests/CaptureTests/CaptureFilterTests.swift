import Capture
import Testing
import Wire

/// The expectation macro can't hold a value that is not copied, so a class holds it.
final class Compiled {
    private let filter: PacketFilter
    init(_ expression: String, link: LinkType) throws { filter = try PacketFilter(expression, link: link) }
    var length: Int { filter.length }
    func accepts(_ frame: [UInt8]) -> Bool { filter.accepts(frame.span.bytes) }
    func accepts(_ frame: borrowing RawSpan) -> Bool { filter.accepts(frame) }
}

struct CaptureFilterTests {
    static let devices = ["192.0.2.1", "192.0.2.77", "2001:db8::5"].compactMap { IPAddress($0) }
    static let from = Frames.ipv4("192.0.2.77", "198.51.100.1", Frames.udp(514, 514, "<13>x"))
    static let to = Frames.ipv4("198.51.100.1", "192.0.2.77", Frames.udp(514, 514, "<13>x"))
    static let later = Frames.ipv4("192.0.2.77", "198.51.100.1", flags: 185, [UInt8](repeating: 1, count: 64))
    static let six = Frames.ipv6("2001:db8::5", "2001:db8::1", Frames.udp(514, 514, "<13>x"))
    static let stranger = Frames.ipv4("192.0.2.78", "198.51.100.1", Frames.udp(514, 514, "<13>x"))
    static let strangerSix = Frames.ipv6("2001:db8::6", "2001:db8::1", Frames.udp(514, 514, "<13>x"))

    @Test(arguments: [[], [7], [7, 8]] as [[UInt16]])
    func `the declared devices pass, tagged or not, later fragments too, and nobody else`(tags: [UInt16]) throws {
        let filter = try Compiled(CaptureFilter.expression(for: Self.devices), link: .ethernet)
        for packet in [Self.from, Self.to, Self.later] {
            #expect(filter.accepts(Frames.ethernet(0x0800, tags: tags, packet)))
        }
        #expect(filter.accepts(Frames.ethernet(0x86DD, tags: tags, Self.six)))
        #expect(!filter.accepts(Frames.ethernet(0x0800, tags: tags, Self.stranger)))
        #expect(!filter.accepts(Frames.ethernet(0x86DD, tags: tags, Self.strangerSix)))
    }

    @Test func `without the tagged arm a tagged frame is lost, so the test above would notice`() throws {
        let filter = try Compiled("ip host 192.0.2.77", link: .ethernet)
        #expect(filter.accepts(Frames.ethernet(0x0800, Self.from)))
        #expect(!filter.accepts(Frames.ethernet(0x0800, tags: [7], Self.from)))
    }

    @Test(arguments: [LinkType.linuxCooked, .linuxCooked2, .raw, .ipv4, .null, .ethernet, .loopback])
    func `every link type that we may meet live gets an expression that compiles`(link: LinkType) throws {
        let filter = try Compiled(CaptureFilter.expression(for: Self.devices, link: link), link: link)
        #expect(filter.length > 0)
        let (mine, other): ([UInt8], [UInt8]) =
            switch link {
            case .linuxCooked: (Frames.cooked(0x0800, Self.from), Frames.cooked(0x0800, Self.stranger))
            case .linuxCooked2: (Frames.cooked2(0x0800, Self.from), Frames.cooked2(0x0800, Self.stranger))
            case .null, .loopback: ([0, 0, 0, 2] + Self.from, [0, 0, 0, 2] + Self.stranger)
            case .ethernet: (Frames.ethernet(0x0800, Self.from), Frames.ethernet(0x0800, Self.stranger))
            default: (Self.from, Self.stranger)
            }
        if link != .null { #expect(filter.accepts(mine)) }
        #expect(!filter.accepts(other))
    }

    @Test(arguments: [0, 1, 200, 201, 5_000])
    func `any number of devices compiles to what the kernel takes`(count: Int) throws {
        let many = (0..<count).map { IPAddress(v4: 0x0A00_0000 + UInt32($0)) }
        let filter = try Compiled(CaptureFilter.expression(for: many), link: .ethernet)
        #expect(filter.length <= 4_096, "\(filter.length) instructions")
        #expect(filter.accepts(Frames.ethernet(0x0800, tags: [9], Frames.ipv4("10.0.0.0", "1.1.1.1", []))))
    }

    @Test func `a wrong expression says why`() {
        #expect(throws: CaptureError.self) { _ = try Compiled("hots 1", link: .ethernet) }
    }
}
