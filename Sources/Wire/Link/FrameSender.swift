/// Who sent a frame: evidence of life, whatever the frame says.
///
/// Three words instead of two optionals: one is made for every frame, and is returned in registers
/// (MEASURED: optionals, put together byte by byte on the stack, cost as much as the IP header).
public struct FrameSender: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64
    /// The hardware address with its mark, and above it 1 for IPv4 or 2 for IPv6.
    private let rest: UInt64

    public init(address: IPAddress?, mac: MACAddress?) {
        self.init(address, HardwareBits.bits(mac))
    }

    @inline(__always)
    init(_ address: IPAddress?, _ mac: UInt64) {
        if let address {
            high = address.high
            low = address.low
            rest = mac | (address.isIPv4 ? 1 << 56 : 2 << 56)
        } else {
            high = 0
            low = 0
            rest = mac
        }
    }

    /// The source of the IP packet (of the innermost, where tunnels are), or the one that an ARP packet tells.
    public var address: IPAddress? {
        switch rest >> 56 {
        case 1: IPAddress(v4: UInt32(truncatingIfNeeded: low))
        case 2: IPAddress(v6High: high, low: low)
        default: nil
        }
    }

    /// The source on this wire: a router's, for packets from beyond one.
    public var mac: MACAddress? { HardwareBits.mac(rest & 0x00FF_FFFF_FFFF_FFFF) }
}

/// The hardware addresses of a frame as it is taken apart: each is 48 bits and a mark above them, 0 for none.
struct HardwareBits {
    private static let mark: UInt64 = 1 << 48

    var source: UInt64 = 0
    var target: UInt64 = 0

    /// - Parameter high: the address in the upper 48 bits, anything below.
    @inline(__always)
    static func marked(_ high: UInt64) -> UInt64 { high >> 16 | mark }

    static func bits(_ mac: MACAddress?) -> UInt64 { mac.map { $0.value | mark } ?? 0 }

    static func mac(_ bits: UInt64) -> MACAddress? { bits & mark == 0 ? nil : MACAddress(bits & (mark - 1)) }

    var reply: HardwareBits { HardwareBits(source: target, target: source) }
}
