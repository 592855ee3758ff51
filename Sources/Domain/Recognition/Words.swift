/// Telling people which words there are, and which one they may have meant.
public enum Words {
    /// `unknown field 'txt'; known: command, text`; where the list is long, first which one was perhaps meant.
    public static func unknown(_ what: String, _ word: String, known: [String]) -> String {
        var out = "unknown \(what) '\(shown(word))'"
        if known.isEmpty { return out + "; there is none" }
        let near = nearest(word, in: known)
        let isShort = known.count <= listLimit
        if known.count > 4, let first = near.first { out += " (did you mean '\(first)'?)" }
        if isShort { return out + "; known: " + known.joined(separator: ", ") }
        return near.isEmpty
            ? out + "; known are \(known.count), none of them like it"
            : out + "; known: " + near.prefix(8).joined(separator: ", ") + ", … (\(known.count) in all)"
    }

    /// A longer list is not shown whole.
    private static let listLimit = 48

    /// `a`, `a or b`, `a, b or c`.
    static func either(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }

    /// The known words within a third of the word's length in edits, and those of which it is the beginning or the end
    /// after a dot; nearest first, then in their own order.
    public static func nearest(_ word: String, in known: [String]) -> [String] {
        let wanted = Array(word.lowercased().utf8.prefix(64))
        let limit = max(1, wanted.count / 3)
        let scored = known.enumerated().compactMap { index, candidate -> (distance: Int, index: Int)? in
            let other = Array(candidate.lowercased().utf8.prefix(64))
            let isPart =
                candidate.hasSuffix("." + word) || candidate.hasSuffix("/" + word)
                || wanted.count >= 4 && other.count <= wanted.count + 4 && other.starts(with: wanted)
            if isPart { return (1, index) }
            if abs(other.count - wanted.count) > limit { return nil }
            let distance = self.distance(wanted, other)
            return distance <= limit ? (distance, index) : nil
        }
        return scored.sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }.map { known[$0.index] }
    }

    /// Levenshtein distance; two neighbours exchanged count as one.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        var before: [Int] = []
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [i]
            row.reserveCapacity(b.count + 1)
            for j in 1...b.count {
                var best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, before[j - 2] + 1) }
                row.append(best)
            }
            before = last
            last = row
        }
        return last[b.count]
    }

    /// A word from a file as it may be shown: short, and without control characters.
    public static func shown(_ word: String) -> String {
        let clean = CleanText.clean(word)
        return clean.count > 60 ? clean.prefix(57) + "…" : clean
    }
}

/// Text from the network, made fit to be kept.
public enum CleanText {
    /// UTF-8 bytes of one value.
    public static let limit = 256

    /// Without control characters and line separators, without blanks at its ends, at most `limit` bytes (cut between
    /// characters).
    public static func clean(_ text: String) -> String {
        let utf8 = text.utf8
        if utf8.count <= limit, utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) { return text }
        var out = ""
        var size = 0
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: continue
            case .spaceSeparator where size == 0: continue
            default: break
            }
            let width = UTF8.width(scalar)
            if size + width > limit { break }
            out.unicodeScalars.append(scalar)
            size += width
        }
        while let last = out.unicodeScalars.last, last.properties.generalCategory == .spaceSeparator {
            out.unicodeScalars.removeLast()
        }
        return out
    }
}
