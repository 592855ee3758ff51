import Agent
import Domain
import Testing
import Wire

struct FeedDriverTests {
    private static let kiosk = Endpoint(IPAddress(v4: 0xC0A8_0A14), port: 40_000)
    private static let server = Endpoint(IPAddress(v4: 0xC0A8_0A01), port: 514)

    private static func big(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
    private static func big(_ value: UInt32) -> [UInt8] {
        big(UInt16(value >> 16)) + big(UInt16(truncatingIfNeeded: value))
    }

    private static func segment(_ sequence: UInt32, _ payload: [UInt8]) -> [UInt8] {
        let tcp =
            big(kiosk.port) + big(server.port) + big(sequence) + big(UInt32(0)) + [0x50, 0x10, 0xFF, 0xFF, 0, 0, 0, 0]
            + payload
        let packet =
            [0x45, 0] + big(UInt16(20 + tcp.count)) + [0, 0, 0x40, 0, 64, 6, 0, 0, 192, 168, 10, 20, 192, 168, 10, 1]
            + tcp
        return [UInt8](repeating: 2, count: 12) + [8, 0] + packet
    }

    private static func driver() throws -> FeedDriver {
        let profile = DeviceProfile(
            id: "test/kiosk", name: LocalizedName(vi: "Máy", en: "Kiosk"), kind: .queue, protocolName: .syslog,
            rules: [
                DeviceProfile.Rule(
                    id: "issued", match: [.field("text", .pattern("issued {number}"))], event: "ticket.issued",
                    payload: [DeviceProfile.Entry("number", "{number}")])
            ])
        let device = Device(id: "kiosk", profile: profile.id, address: "192.168.10.20")
        let site = Site(
            office: Office(
                id: "o", name: LocalizedName(vi: "O", en: "O"), timezone: "UTC", clock: OfficeClock(offsetSeconds: 0)),
            hours: WeeklyHours([:]), services: [], counters: [], devices: [device])
        return try FeedDriver(
            site: SiteRevision(site: site, validFrom: LocalDay(number: 0), source: [], digest: []),
            profiles: [profile], feed: "file:test")
    }

    /// Frames with what they give.
    private static func hear(_ frames: [[UInt8]]) throws -> [DomainEvent] {
        var driver = try driver()
        var events: [DomainEvent] = []
        for (index, frame) in frames.enumerated() {
            let header = FrameHeader(
                at: Timestamp(milliseconds: 1_000 + Int64(index)), link: .ethernet, originalLength: frame.count,
                number: UInt64(index + 1))
            events += driver.frame(header, frame.span.bytes)
        }
        return events + driver.finish()
    }

    private static func issued(_ events: [DomainEvent]) -> [String] {
        events.compactMap { event in
            if case .ticketIssued(let number, _, _, _) = event.kind { number } else { nil }
        }
    }

    @Test func `a frame that completes thousands of messages gives their events in order, each at a place of its own`()
        throws
    {
        let lines = (0..<3_000).map { Array("<13>1 - - qms - - - issued A\($0)\n".utf8) }
        let opening = Array("<13>1 - - qms - - - issued first\n".utf8)
        let rest = lines[1...].flatMap { $0 }
        let start = 1 + UInt32(opening.count)
        var frames = [Self.segment(1, opening)]
        // All but the first of them wait behind the hole that the first then fills.
        for at in stride(from: 0, to: rest.count, by: 1_400) {
            frames.append(
                Self.segment(
                    start + UInt32(lines[0].count + at), Array(rest[at..<min(at + 1_400, rest.count)])))
        }
        frames.append(Self.segment(start, lines[0]))
        let events = try Self.hear(frames)
        #expect(Self.issued(events) == ["first"] + (0..<3_000).map { "A\($0)" })
        let positions = events.map(\.provenance.position)
        #expect(Set(positions).count == positions.count && positions == positions.sorted())
    }
}
