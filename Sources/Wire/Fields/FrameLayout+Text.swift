extension FrameLayout {
    private static let items = ["start", "end", "separator", "length", "checksum", "field"]

    /// Reads the text form; an error names the item, the wrong word and the right ones.
    public init(text: String) throws(FrameLayoutError) {
        var parts = Parts()
        for item in try Self.split(text) {
            guard let word = item.first else { continue }
            do throws(FrameLayoutError) {
                try parts.take(word, Array(item.dropFirst()))
            } catch {
                throw FrameLayoutError("'\(item.joined(separator: " "))': \(error)")
            }
        }
        try self.init(
            start: parts.start ?? [], end: parts.end ?? [], separator: parts.separator ?? [], length: parts.length,
            checksum: parts.checksum, coverage: parts.coverage, isHexadecimal: parts.isHexadecimal,
            fields: parts.fields)
    }

    /// The text form: reading it gives an equal layout.
    public var text: String {
        var items = ["start \(Self.text(start))"]
        if !end.isEmpty { items.append("end \(Self.text(end))") }
        if !separator.isEmpty { items.append("separator \(Self.text(separator))") }
        if let length { items.append("length \(length)") }
        if let checksum {
            items.append("checksum \(checksum.rawValue) over \(coverage.rawValue)\(isHexadecimal ? " as hex" : "")")
        }
        for field in fields {
            let place =
                switch field.place {
                case .part(let part): "\(part)"
                case .bytes(let offset, let count): "\(offset)+\(count)"
                }
            items.append("field \(place) \(field.name)\(field.kind == .text ? "" : " \(field.kind.rawValue)")")
        }
        return items.joined(separator: "; ")
    }

    private static func text(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ")
    }

    /// Items of words; a quoted word keeps its opening quote, blanks and semicolons inside of it.
    private static func split(_ text: String) throws(FrameLayoutError) -> [[String]] {
        guard text.utf8.count <= 4_096 else { throw FrameLayoutError("longer than 4096 bytes") }
        var items: [[String]] = [[]]
        var word = ""
        var isQuoted = false
        func close() {
            if !word.isEmpty { items[items.count - 1].append(word) }
            word = ""
        }
        for character in text {
            switch character {
            case "\"":
                if isQuoted {
                    close()
                } else {
                    close()
                    word = "\""
                }
                isQuoted.toggle()
            case _ where isQuoted: word.append(character)
            case ";":
                close()
                items.append([])
            case " ", "\t", "\n": close()
            default: word.append(character)
            }
        }
        guard !isQuoted else { throw FrameLayoutError("a quotation mark without its second: \(word)") }
        close()
        return items
    }

    private struct Parts {
        var start: [UInt8]?
        var end: [UInt8]?
        var separator: [UInt8]?
        var length: Int?
        var checksum: Checksum?
        var coverage = Coverage.payload
        var isHexadecimal = false
        var fields: [Field] = []

        mutating func take(_ word: String, _ rest: [String]) throws(FrameLayoutError) {
            switch word {
            case "start": start = try once(start, Self.bytes(rest))
            case "end": end = try once(end, Self.bytes(rest))
            case "separator": separator = try once(separator, Self.bytes(rest))
            case "length":
                guard rest.count == 1, let count = Int(rest[0]) else {
                    throw FrameLayoutError("a length is a number of bytes")
                }
                length = try once(length, count)
            case "checksum": try takeChecksum(rest)
            case "field": fields.append(try Self.field(rest))
            default:
                throw FrameLayoutError("unknown item '\(word)'; known: \(FrameLayout.items.joined(separator: ", "))")
            }
        }

        private func once<T>(_ old: T?, _ new: T) throws(FrameLayoutError) -> T {
            guard old == nil else { throw FrameLayoutError("comes twice") }
            return new
        }

        private mutating func takeChecksum(_ words: [String]) throws(FrameLayoutError) {
            guard let first = words.first, let kind = Checksum(rawValue: first) else {
                throw FrameLayoutError(
                    "unknown checksum '\(words.first ?? "")'; known: \(Self.known(Checksum.allCases.map(\.rawValue)))")
            }
            checksum = try once(checksum, kind)
            var rest = words.dropFirst()
            while let word = rest.popFirst() {
                let value = rest.popFirst() ?? ""
                switch word {
                case "over":
                    guard let over = Coverage(rawValue: value) else {
                        throw FrameLayoutError(
                            "unknown part '\(value)' for a checksum; known: "
                                + Self.known(Coverage.allCases.map(\.rawValue)))
                    }
                    coverage = over
                case "as":
                    guard value == "hex" || value == "bytes" else {
                        throw FrameLayoutError("unknown form '\(value)'; known: bytes, hex")
                    }
                    isHexadecimal = value == "hex"
                default: throw FrameLayoutError("unknown word '\(word)'; known: over, as")
                }
            }
        }

        /// `1 ticket`, or `3+2 number bcd`.
        private static func field(_ words: [String]) throws(FrameLayoutError) -> Field {
            guard words.count == 2 || words.count == 3 else {
                throw FrameLayoutError("a field is its place, its name and perhaps its kind: 'field 1 ticket'")
            }
            let place = words[0].split(separator: "+", omittingEmptySubsequences: false).map { Int($0) }
            let kind = words.count == 3 ? Kind(rawValue: words[2]) : .text
            guard let kind else {
                throw FrameLayoutError("unknown kind '\(words[2])'; known: \(known(Kind.allCases.map(\.rawValue)))")
            }
            switch (place.count, place.first ?? nil, place.last ?? nil) {
            case (1, .some(let part), _): return Field(name: words[1], place: .part(part), kind: kind)
            case (2, .some(let offset), .some(let count)):
                return Field(name: words[1], place: .bytes(offset: offset, count: count), kind: kind)
            default:
                throw FrameLayoutError(
                    "'\(words[0])' is no place; '1' is the second part, '3+2' two bytes from the fourth")
            }
        }

        private static func bytes(_ words: [String]) throws(FrameLayoutError) -> [UInt8] {
            var out: [UInt8] = []
            for word in words {
                if word.hasPrefix("\"") {
                    out += word.utf8.dropFirst()
                } else if word.utf8.count == 2, let byte = UInt8(word, radix: 16) {
                    out.append(byte)
                } else {
                    throw FrameLayoutError("'\(word)' is no byte; write two hexadecimal digits, or quoted text")
                }
            }
            guard !out.isEmpty else { throw FrameLayoutError("no bytes") }
            return out
        }

        private static func known(_ names: [String]) -> String { names.joined(separator: ", ") }
    }
}
