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
        if text.contains(":") {
            guard let words = Self.words(of: text) else { return nil }
            var high: UInt64 = 0
            var low: UInt64 = 0
            for (index, word) in words.enumerated() {
                if index < 4 { high = high << 16 | UInt64(word) } else { low = low << 16 | UInt64(word) }
            }
            self.init(v6High: high, low: low)
            return
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
                let byte = UInt8(part)
            else { return nil }
            value = value << 8 | UInt32(byte)
        }
        self.init(v4: value)
    }

    private static func words(of text: some StringProtocol) -> [UInt16]? {
        func list(_ piece: some StringProtocol) -> [UInt16]? {
            if piece.isEmpty { return [] }
            var out: [UInt16] = []
            for word in piece.split(separator: ":", omittingEmptySubsequences: false) {
                guard (1...4).contains(word.utf8.count), let value = UInt16(word, radix: 16) else { return nil }
                out.append(value)
            }
            return out
        }
        var gap: String.Index?
        var index = text.startIndex
        while index < text.endIndex {
            let next = text.index(after: index)
            if text[index] == ":", next < text.endIndex, text[next] == ":" {
                if gap != nil { return nil }
                gap = index
                index = next
            }
            index = text.index(after: index)
        }
        guard let gap else {
            guard let words = list(text), words.count == 8 else { return nil }
            return words
        }
        let tail = text.index(gap, offsetBy: 2)
        guard let before = list(text[..<gap]), let after = list(text[tail...]), before.count + after.count <= 7
        else { return nil }
        return before + Array(repeating: 0, count: 8 - before.count - after.count) + after
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
