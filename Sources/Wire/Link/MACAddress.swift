/// A 48-bit hardware address (IEEE 802).
public struct MACAddress: Hashable, Sendable {
    /// The last four bytes and the first two: six bytes of room, so that an optional one costs seven.
    private let low: UInt32
    private let high: UInt16

    /// - Parameter value: the address in its low 48 bits; what is above them is ignored.
    public init(_ value: UInt64) {
        low = UInt32(truncatingIfNeeded: value)
        high = UInt16(truncatingIfNeeded: value >> 32)
    }

    @inline(__always)
    init(high: UInt16, low: UInt32) {
        self.high = high
        self.low = low
    }

    /// Six bytes in hexadecimal, separated by `:` or `-`, in three groups with dots (Cisco), or without separators.
    /// `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        let separators: [Int]
        switch bytes.count {
        case 12: separators = []
        case 14: separators = [4, 9]
        case 17: separators = [2, 5, 8, 11, 14]
        default: return nil
        }
        var value: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            if separators.contains(index) {
                let isSeparator =
                    bytes.count == 14
                    ? byte == UInt8(ascii: ".")
                    : byte == bytes[2] && (byte == UInt8(ascii: ":") || byte == UInt8(ascii: "-"))
                guard isSeparator else { return nil }
            } else {
                guard let digit = byte.hexValue else { return nil }
                value = value << 4 | UInt64(digit)
            }
        }
        self.init(value)
    }

    /// The address in the low 48 bits.
    public var value: UInt64 { UInt64(high) << 32 | UInt64(low) }
    /// Sent to several: the group bit of the first byte (IEEE 802 section 8.2).
    public var isGroup: Bool { high & 0x0100 != 0 }
    /// All zeros: where a link has no addresses (loopback, some cooked captures).
    public var isZero: Bool { high == 0 && low == 0 }

    public var bytes: [UInt8] { (0..<6).map { UInt8(truncatingIfNeeded: value >> UInt64(40 - 8 * $0)) } }
}

extension MACAddress: Comparable {
    public static func < (a: MACAddress, b: MACAddress) -> Bool { a.value < b.value }
}

extension MACAddress: CustomStringConvertible {
    /// `00:18:ba:98:68:8f`.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        var out: [UInt8] = []
        out.reserveCapacity(17)
        for byte in bytes {
            if !out.isEmpty { out.append(UInt8(ascii: ":")) }
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
        return String(decoding: out, as: UTF8.self)
    }
}

extension RawSpan {
    /// Six bytes that the caller has checked to be there.
    @inline(__always)
    func mac(unchecked offset: Int) -> MACAddress {
        MACAddress(high: big16(unchecked: offset), low: big32(unchecked: offset &+ 2))
    }
}
