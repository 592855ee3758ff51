extension HTTP1 {
    /// Finds the end of a part's content from the content itself: cameras announce wrong lengths or none, and the next
    /// boundary comes only with the next event, seconds later.
    struct PartContent: Sendable {
        private enum Kind: Sendable { case unknown, xml, json, eventLine, line, other }

        private var kind = Kind.unknown
        private let isLines: Bool
        /// Braces and brackets that are open.
        private var depth = 0
        private var inString = false
        private var isEscaped = false
        /// Where the tag at hand began, and the root element's name.
        private var tag = -1
        private var root = 0..<0

        /// `isLines`: the end of any line of text ends the content.
        init(isLines: Bool) {
            self.isLines = isLines
        }

        /// Whether only a length or a boundary can end it.
        var isOpaque: Bool { kind == .unknown || kind == .other }

        /// Whether it may end here, at the length that was announced.
        var mayEnd: Bool {
            switch kind {
            case .xml, .json: false
            case .eventLine: depth == 0
            case .unknown, .line, .other: true
            }
        }

        /// Whether a line that ends at the announced length could be one: Dahua's lengths are often wrong.
        func isPlausible(_ line: [UInt8]) -> Bool {
            guard line.starts(with: "Code=".utf8) || line.starts(with: "Heart".utf8) else { return true }
            return line.suffix(9).elementsEqual("Heartbeat".utf8)
                || line.split(separator: 59).contains { $0.starts(with: "action=".utf8) && $0.count > 10 }
        }

        /// Takes the byte at `index` of the body; returns where the content ends, if it does here.
        mutating func take(_ byte: UInt8, at index: Int, _ runs: inout BodyRuns, _ bytes: borrowing RawSpan) -> Int? {
            switch kind {
            case .other: return nil
            case .unknown:
                if byte.isTextBlank || byte == 0xEF || byte == 0xBB || byte == 0xBF { return nil }
                switch byte {
                case UInt8(ascii: "<"): kind = .xml
                case UInt8(ascii: "{"), UInt8(ascii: "["): kind = .json
                // "Code=…" and "Heartbeat" of Dahua; elsewhere a line of other text ends nothing.
                case UInt8(ascii: "C"), UInt8(ascii: "H"): kind = .eventLine
                default: kind = isLines ? .line : .other
                }
                return kind == .other ? nil : take(byte, at: index, &runs, bytes)
            case .xml: return takeXML(byte, at: index, &runs, bytes)
            case .json:
                takeJSON(byte)
                return depth == 0 && !inString ? index + 1 : nil
            case .line: return byte == 10 ? index : nil
            case .eventLine:
                if byte == 10 {
                    // A string of JSON holds no line end: one that does was cut.
                    inString = false
                    isEscaped = false
                    return depth == 0 ? index : nil
                }
                if depth > 0 || byte == UInt8(ascii: "{") { takeJSON(byte) }
                return nil
            }
        }

        private mutating func takeJSON(_ byte: UInt8) {
            if inString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    inString = false
                }
                return
            }
            switch byte {
            case UInt8(ascii: "\""): inString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth = max(0, depth - 1)
            default: break
            }
        }

        private mutating func takeXML(
            _ byte: UInt8, at index: Int, _ runs: inout BodyRuns, _ bytes: borrowing RawSpan
        ) -> Int? {
            if byte == UInt8(ascii: "<") {
                tag = index
                return nil
            }
            guard byte == UInt8(ascii: ">"), tag >= 0 else { return nil }
            let start = tag + 1
            tag = -1
            let first = runs.octet(bytes, start)
            if first == UInt8(ascii: "?") || first == UInt8(ascii: "!") { return nil }
            if first == UInt8(ascii: "/") {
                guard !root.isEmpty, name(from: start + 1, to: index, &runs, bytes).count == root.count else {
                    return nil
                }
                for offset in 0..<root.count
                where runs.octet(bytes, start + 1 + offset) != runs.octet(bytes, root.lowerBound + offset) {
                    return nil
                }
                return index + 1
            }
            if root.isEmpty {
                root = name(from: start, to: index, &runs, bytes)
                if runs.octet(bytes, index - 1) == UInt8(ascii: "/") { return index + 1 }
            }
            return nil
        }

        private func name(
            from start: Int, to end: Int, _ runs: inout BodyRuns, _ bytes: borrowing RawSpan
        ) -> Range<Int> {
            var stop = start
            while stop < end, stop - start < 128 {
                let byte = runs.octet(bytes, stop)
                if byte.isTextBlank || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ">") { break }
                stop += 1
            }
            return start..<stop
        }
    }
}
