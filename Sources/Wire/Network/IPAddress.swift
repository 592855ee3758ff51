/// An IPv4 or IPv6 address. IPv4 is kept as IPv4, not as a mapped IPv6 address.
public struct IPAddress: Hashable, Sendable, BitwiseCopyable {
    /// The first and last eight bytes in network order; IPv4 stands in the low 32 bits of `low`.
    public let high: UInt64
    public let low: UInt64
    public let isIPv4: Bool

    public init(v4 value: UInt32) {
        high = 0
        low = UInt64(value)
        isIPv4 = true
    }

    public init(v6High high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
        isIPv4 = false
    }

    /// Dotted IPv4 or RFC 4291 IPv6 text (no zone, no embedded IPv4). `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8.prefix(Self.textLimit + 1))
        self.init(bytes.span.bytes, in: 0..<bytes.count)
    }

    /// The same where the text is all of `range`.
    init?(_ bytes: borrowing RawSpan, in range: Range<Int>) {
        guard range.count <= Self.textLimit else { return nil }
        if bytes.firstIndex(of: UInt8(ascii: ":"), from: range.lowerBound, to: range.upperBound) != nil {
            self.init(v6: bytes, in: range)
        } else {
            self.init(v4: bytes, in: range)
        }
    }

    /// Eight words of four digits and their colons.
    private static let textLimit = 39

    private init?(v4 bytes: borrowing RawSpan, in range: Range<Int>) {
        var value: UInt32 = 0
        var index = range.lowerBound
        for part in 0..<4 {
            let start = index
            var byte: UInt32 = 0
            while index < range.upperBound, index &- start < 3, bytes.octet(index).isDigit {
                byte = byte &* 10 &+ UInt32(bytes.octet(index) &- 48)
                index &+= 1
            }
            guard index > start, byte < 256 else { return nil }
            value = value << 8 | byte
            guard part < 3 else { break }
            guard index < range.upperBound, bytes.octet(index) == UInt8(ascii: ".") else { return nil }
            index &+= 1
        }
        guard index == range.upperBound else { return nil }
        self.init(v4: value)
    }

    private init?(v6 bytes: borrowing RawSpan, in range: Range<Int>) {
        // Words before and after the gap; the gap is as many zeros as make them eight.
        var high: UInt64 = 0
        var low: UInt64 = 0
        var count = 0
        var gap: Int?
        var index = range.lowerBound
        func colon(_ at: Int) -> Bool { at < range.upperBound && bytes.octet(at) == UInt8(ascii: ":") }
        while index < range.upperBound {
            if colon(index) {
                // "::" once, or one colon behind a word that another follows.
                if colon(index &+ 1) {
                    guard gap == nil else { return nil }
                    gap = count
                    index &+= 2
                } else {
                    guard count > 0, gap != count, index &+ 1 < range.upperBound else { return nil }
                    index &+= 1
                }
                if index == range.upperBound { break }
            }
            let start = index
            var word: UInt64 = 0
            while index < range.upperBound, let digit = bytes.octet(index).hexValue {
                guard index &- start < 4 else { return nil }
                word = word << 4 | UInt64(digit)
                index &+= 1
            }
            guard index > start, count < 8, index == range.upperBound || colon(index) else { return nil }
            high = high << 16 | low >> 48
            low = low << 16 | word
            count &+= 1
        }
        guard let gap else {
            guard count == 8 else { return nil }
            self.init(v6High: high, low: low)
            return
        }
        guard count <= 7 else { return nil }
        // The words behind the gap stay where they are; those before it move to the front.
        let behind = count &- gap
        let (head, tail) = Self.split(high, low, behind)
        let (frontHigh, frontLow) = Self.shifted(head.high, head.low, left: 8 &- gap)
        self.init(v6High: frontHigh | tail.high, low: frontLow | tail.low)
    }

    /// The lowest `words` of a number of eight, and the rest moved down by as many.
    private static func split(
        _ high: UInt64, _ low: UInt64, _ words: Int
    ) -> (head: (high: UInt64, low: UInt64), tail: (high: UInt64, low: UInt64)) {
        let bits = UInt64(words &* 16)
        if words == 0 { return ((high, low), (0, 0)) }
        if words < 4 { return ((high >> bits, low >> bits | high << (64 &- bits)), (0, low & (1 << bits &- 1))) }
        if words == 4 { return ((0, high), (0, low)) }
        return ((0, high >> (bits &- 64)), (high & (1 << (bits &- 64) &- 1), low))
    }

    private static func shifted(_ high: UInt64, _ low: UInt64, left words: Int) -> (UInt64, UInt64) {
        let bits = UInt64(words &* 16)
        if words == 0 { return (high, low) }
        if words < 4 { return (high << bits | low >> (64 &- bits), low << bits) }
        return words < 8 ? (low << (bits &- 64), 0) : (0, 0)
    }
}

extension IPAddress: Comparable {
    public static func < (a: IPAddress, b: IPAddress) -> Bool {
        (a.isIPv4 ? 0 : 1, a.high, a.low) < (b.isIPv4 ? 0 : 1, b.high, b.low)
    }
}

extension IPAddress: CustomStringConvertible {
    /// RFC 5952 for IPv6.
    public var description: String {
        if isIPv4 {
            return "\(low >> 24 & 255).\(low >> 16 & 255).\(low >> 8 & 255).\(low & 255)"
        }
        let words = (0..<8).map { index in
            UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - 16 * (index % 4)))
        }
        var best = 0..<0
        var start: Int?
        for index in 0...8 {
            if index < 8, words[index] == 0 {
                if start == nil { start = index }
            } else if let from = start {
                if index - from > best.count, index - from > 1 { best = from..<index }
                start = nil
            }
        }
        func text(_ range: Range<Int>) -> String {
            words[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        return best.isEmpty ? text(0..<8) : text(0..<best.lowerBound) + "::" + text(best.upperBound..<8)
    }
}
