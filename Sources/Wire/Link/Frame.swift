/// The link types we read, by their number in the pcap registry (LINKTYPE_…).
public struct LinkType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let null = LinkType(rawValue: 0)
    public static let ethernet = LinkType(rawValue: 1)
    public static let ppp = LinkType(rawValue: 9)
    public static let pppSerial = LinkType(rawValue: 50)
    public static let pppEthernet = LinkType(rawValue: 51)
    public static let atm = LinkType(rawValue: 100)
    public static let raw = LinkType(rawValue: 101)
    public static let cisco = LinkType(rawValue: 104)
    public static let frameRelay = LinkType(rawValue: 107)
    public static let loopback = LinkType(rawValue: 108)
    public static let linuxCooked = LinkType(rawValue: 113)
    public static let ipv4 = LinkType(rawValue: 228)
    public static let ipv6 = LinkType(rawValue: 229)
    public static let linuxCooked2 = LinkType(rawValue: 276)
}

/// What a capture says about one frame, besides its bytes.
public struct FrameHeader: Hashable, Sendable {
    public var at: Timestamp
    public var link: LinkType
    /// Bytes on the wire; the bytes at hand may be fewer (snap length).
    public var originalLength: Int
    /// Counts frames of the source from 1: the position that makes a replay repeatable.
    public var number: UInt64

    public init(at: Timestamp, link: LinkType, originalLength: Int, number: UInt64) {
        self.at = at
        self.link = link
        self.originalLength = originalLength
        self.number = number
    }
}

/// Where frames come from: a capture file or a live interface.
public protocol FrameSource: ~Copyable {
    /// Hands the next frame to `body`. `false`: no more frames (a file's end) or none for now (live, after its timeout).
    /// Throws `ParseError` with layer `.file` where a capture is damaged; the frames before the damage were delivered.
    mutating func next(_ body: (FrameHeader, borrowing RawSpan) -> Void) throws -> Bool
}
