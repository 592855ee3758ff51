import Wire

/// Frames for tests, written out byte by byte.
enum Wires {
    static let kiosk = Endpoint(IPAddress(v4: 0xC000_0201), port: 40_000)
    static let server = Endpoint(IPAddress(v4: 0xC000_0202), port: 514)

    static func header(_ number: UInt64 = 1, at milliseconds: Int64 = 0, link: LinkType = .ethernet) -> FrameHeader {
        FrameHeader(at: Timestamp(milliseconds: milliseconds), link: link, originalLength: 0, number: number)
    }

    static func big(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
    static func big(_ value: UInt32) -> [UInt8] {
        big(UInt16(value >> 16)) + big(UInt16(truncatingIfNeeded: value))
    }

    static func ethernet(tags: [UInt16] = [], _ packet: [UInt8]) -> [UInt8] { ethernet(0x0800, tags: tags, packet) }

    static func ethernet(_ type: UInt16, tags: [UInt16] = [], _ payload: [UInt8]) -> [UInt8] {
        [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2] + tags.flatMap { [0x81, 0] + big($0) } + big(type) + payload
    }

    static func bytes(_ address: IPAddress) -> [UInt8] {
        let words = address.isIPv4 ? [address.low << 32] : [address.high, address.low]
        let all = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) } }
        return Array(all.prefix(address.isIPv4 ? 4 : 16))
    }

    static func ipv4(
        _ source: IPAddress, _ target: IPAddress, _ protocolNumber: UInt8, identification: UInt16 = 1,
        flags: UInt16 = 0, options: [UInt8] = [], _ payload: [UInt8]
    ) -> [UInt8] {
        [0x45 + UInt8(options.count / 4), 0] + big(UInt16(20 + options.count + payload.count)) + big(identification)
            + big(flags) + [64, protocolNumber, 0, 0] + bytes(source) + bytes(target) + options + payload
    }

    static func ipv6(_ source: IPAddress, _ target: IPAddress, _ next: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [0x60, 0, 0, 0] + big(UInt16(payload.count)) + [next, 64] + bytes(source) + bytes(target) + payload
    }

    static func udp(_ source: UInt16, _ target: UInt16, _ payload: [UInt8]) -> [UInt8] {
        big(source) + big(target) + big(UInt16(8 + payload.count)) + [0, 0] + payload
    }

    static func syslog(_ text: String) -> [UInt8] { Array("<13>1 - - qms - - - \(text)".utf8) }

    struct Segment {
        var source: Endpoint
        var target: Endpoint
        var sequence: UInt32
        var acknowledgement: UInt32 = 0
        var flags: TCPView.Flags = .acknowledge
        var payload: [UInt8] = []
        /// Bytes that the capture left out at the end.
        var cut = 0

        var frame: [UInt8] {
            let tcp =
                big(source.port) + big(target.port) + big(sequence) + big(acknowledgement) + [0x50, flags.rawValue]
                + [0xFF, 0xFF, 0, 0, 0, 0] + payload
            return Array(ethernet(ipv4(source.address, target.address, 6, tcp)).dropLast(cut))
        }
    }
}

/// A dissector, the messages it gave, and a clock that goes one millisecond a frame.
struct Listener {
    var dissector: Dissector
    var heard: [HeardMessage] = []
    var number: UInt64 = 0

    init(limits: Dissector.Limits = Dissector.Limits()) { dissector = Dissector(limits: limits) }

    var texts: [String] { heard.map { $0.message.text("text") ?? "?" } }
    var counters: DissectionCounters { dissector.counters }

    @discardableResult
    mutating func hear(_ frame: [UInt8], at milliseconds: Int64? = nil, link: LinkType = .ethernet) -> IPAddress? {
        number += 1
        var found: [HeardMessage] = []
        let header = Wires.header(number, at: milliseconds ?? Int64(number), link: link)
        let sender = dissector.dissect(frame.span.bytes, header) { found.append($0) }
        heard += found
        return sender.address
    }

    mutating func hear(_ segment: Wires.Segment, at milliseconds: Int64? = nil) {
        hear(segment.frame, at: milliseconds)
    }

    mutating func finish() {
        var found: [HeardMessage] = []
        dissector.finish { found.append($0) }
        heard += found
    }
}

/// The kiosk's side of a TCP conversation in syslog with line ends, cut into segments at will.
struct Speech {
    let source: Endpoint
    let target: Endpoint
    let start: UInt32
    let bytes: [UInt8]

    init(
        _ texts: [String], start: UInt32 = 1_000, source: Endpoint = Wires.kiosk, target: Endpoint = Wires.server
    ) {
        self.start = start
        self.source = source
        self.target = target
        bytes = texts.flatMap { Wires.syslog($0) + [10] }
    }

    var open: [Wires.Segment] {
        [
            Wires.Segment(source: source, target: target, sequence: start &- 1, flags: .synchronise),
            Wires.Segment(
                source: target, target: source, sequence: 77, acknowledgement: start,
                flags: [.synchronise, .acknowledge]),
            Wires.Segment(source: source, target: target, sequence: start, acknowledgement: 78),
        ]
    }

    func segment(_ range: Range<Int>, flags: TCPView.Flags = .acknowledge) -> Wires.Segment {
        Wires.Segment(
            source: source, target: target, sequence: start &+ UInt32(range.lowerBound), acknowledgement: 78,
            flags: flags, payload: Array(bytes[range]))
    }

    /// The other side has everything up to `place`.
    func acknowledged(_ place: Int) -> Wires.Segment {
        Wires.Segment(source: target, target: source, sequence: 78, acknowledgement: start &+ UInt32(place))
    }

    var close: [Wires.Segment] {
        [
            segment(bytes.count..<bytes.count, flags: [.finish, .acknowledge]),
            Wires.Segment(
                source: target, target: source, sequence: 78, acknowledgement: start &+ UInt32(bytes.count) &+ 1,
                flags: [.finish, .acknowledge]),
        ]
    }

    /// Cut every `size` bytes.
    func segments(of size: Int) -> [Wires.Segment] {
        stride(from: 0, to: bytes.count, by: size).map { segment($0..<min($0 + size, bytes.count)) }
    }
}

struct Dice {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }
}
