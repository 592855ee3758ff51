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

    /// Whether `LinkView` reads it; 12 and 14 are raw IP under the numbers that some systems' DLT_RAW has.
    public var isRead: Bool {
        switch self {
        case .null, .ethernet, .ppp, .pppSerial, .pppEthernet, .atm, .raw, .cisco, .frameRelay, .loopback,
            .linuxCooked, .ipv4, .ipv6, .linuxCooked2:
            true
        default: rawValue == 12 || rawValue == 14
        }
    }

    /// What the registry calls some that an office may capture and that are not read.
    public var unreadName: String? {
        switch rawValue {
        case 6: "IEEE802_5"
        case 7: "ARCNET_BSD"
        case 8: "SLIP"
        case 10: "FDDI"
        case 105: "IEEE802_11"
        case 117: "PFLOG"
        case 119: "IEEE802_11_PRISM"
        case 127: "IEEE802_11_RADIOTAP"
        case 147...162: "USER\(rawValue - 147)"
        case 163: "IEEE802_11_AVS"
        case 187: "BLUETOOTH_HCI_H4"
        case 189: "USB_LINUX"
        case 195: "IEEE802_15_4_WITHFCS"
        case 201: "BLUETOOTH_HCI_H4_WITH_PHDR"
        case 220: "USB_LINUX_MMAPPED"
        case 239: "NFLOG"
        case 249: "USBPCAP"
        case 253: "NETLINK"
        default: nil
        }
    }
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
