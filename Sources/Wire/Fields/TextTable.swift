/// A fixed set of texts, by number: which of them a field's value is costs one look, however many there are.
///
/// The texts are the profile's own, so how long a look can take does not depend on what comes over the network.
public struct TextTable: Sendable {
    private struct Slot: Sendable {
        var hash: UInt64
        /// Negative: empty.
        var index = -1
    }

    private let texts: [[UInt8]]
    /// A power of two, at most half of them taken.
    private var slots: [Slot]

    /// The first of equal texts counts.
    public init(_ texts: [String]) {
        self.texts = texts.map { Array($0.utf8) }
        var size = 4
        while size < texts.count * 2 { size *= 2 }
        slots = Array(repeating: Slot(hash: 0), count: size)
        for (index, text) in self.texts.enumerated() where self.index(of: text.span.bytes) == nil {
            let hash = Self.hash(text.span.bytes)
            var at = place(hash)
            while slots[at].index >= 0 { at = (at + 1) & (size - 1) }
            slots[at] = Slot(hash: hash, index: index)
        }
    }

    public func index(of text: String) -> Int? {
        index(of: Array(text.utf8).span.bytes)
    }

    func index(of text: RawSpan) -> Int? {
        let hash = Self.hash(text)
        var at = place(hash)
        while slots[at].index >= 0 {
            if slots[at].hash == hash, isText(slots[at].index, text) { return slots[at].index }
            at = (at &+ 1) & (slots.count &- 1)
        }
        return nil
    }

    private func place(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: (hash &* 0x9E37_79B9_7F4A_7C15) >> 40) & (slots.count &- 1)
    }

    private func isText(_ index: Int, _ text: RawSpan) -> Bool {
        let known = texts[index]
        guard known.count == text.byteCount else { return false }
        for place in known.indices where known[place] != text.big8(unchecked: place) { return false }
        return true
    }

    /// The length, the first and the last eight bytes: what tells a profile's words apart.
    private static func hash(_ text: RawSpan) -> UInt64 {
        let count = text.byteCount
        guard count >= 8 else {
            var word = UInt64(count)
            for index in 0..<count { word = word << 8 | UInt64(text.big8(unchecked: index)) }
            return word
        }
        return (text.big64(unchecked: 0) &* 0xFF51_AFD7_ED55_8CCD) ^ text.big64(unchecked: count &- 8) ^ UInt64(count)
    }
}
