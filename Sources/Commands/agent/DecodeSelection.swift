import Domain
import Wire

/// Which messages `decode` prints (`--where`), and which of their fields (`--fields`).
struct DecodeSelection {
    /// `sip.method`, `method`, or one of the words for what a message is heard with.
    struct Name: Hashable {
        enum Place: Hashable {
            case time, protocolName, transport, source, destination, vlan, innerVLAN
            case field(ProtocolName?, FieldName)
        }

        var place: Place

        static let circumstances = ["destination", "protocol", "source", "time", "transport", "vlan", "vlan.inner"]

        /// Throws what is wrong with the word.
        init(_ text: String) throws(WrongWord) {
            switch text {
            case "time": place = .time
            case "protocol": place = .protocolName
            case "transport": place = .transport
            case "source": place = .source
            case "destination": place = .destination
            case "vlan": place = .vlan
            case "vlan.inner": place = .innerVLAN
            default:
                let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                if parts.count == 2, let name = ProtocolName(rawValue: parts[0]) {
                    guard Self.isKnown(parts[1], of: name) else {
                        let known = Protocols.fields(of: name).map(\.rawValue).sorted()
                        throw WrongWord(
                            message: Words.unknown("field of \(name.rawValue)", parts[1], known: known))
                    }
                    place = .field(name, FieldName(parts[1]))
                    return
                }
                guard ProtocolName.allCases.contains(where: { Self.isKnown(text, of: $0) }) else {
                    let known = Self.circumstances + ProtocolName.allCases.map(\.rawValue)
                    throw WrongWord(
                        message: Words.unknown("field", text, known: known.sorted())
                            + "; write a protocol's field like sip.method")
                }
                place = .field(nil, FieldName(text))
            }
        }

        private static func isKnown(_ field: String, of name: ProtocolName) -> Bool {
            // Bodies have names of their own.
            for prefix in ["json.", "xml.", "pair."] where field.hasPrefix(prefix) { return true }
            return Protocols.fields(of: name).contains { known in
                known.rawValue == field
                    || (known.rawValue.hasSuffix(".*") && field.hasPrefix(known.rawValue.dropLast()))
            }
        }

        /// All values of it; `secrets`: also those that are hidden.
        func values(_ heard: HeardMessage, secrets: Bool) -> [String] {
            switch place {
            case .time: return [heard.at.rfc3339]
            case .protocolName: return [heard.message.protocolName.rawValue]
            case .transport: return [heard.transport.rawValue]
            case .source: return [heard.source.description]
            case .destination: return [heard.target.description]
            case .vlan: return heard.vlan.map { [String($0)] } ?? []
            case .innerVLAN: return heard.innerVLAN.map { [String($0)] } ?? []
            case .field(let name, let field):
                if let name, name != heard.message.protocolName { return [] }
                let isHidden = !secrets && Protocols.isSecret(field, of: heard.message.protocolName)
                return heard.message.fields.filter { $0.name == field }
                    .map { isHidden ? "redacted" : $0.value.text }
            }
        }

        var isField: Bool { if case .field = place { true } else { false } }
    }

    struct WrongWord: Error {
        var message: String
    }

    /// One `--where`: `sip.method == INVITE`, `http.status != 200`, `vlan`, `!sip.call-id`.
    ///
    /// `&&` joins several in one.
    struct Test {
        /// The tests of one `--where`. What stands in quotes is a value, whatever is in it.
        static func all(_ text: String) throws(WrongWord) -> [Test] {
            var parts = [""]
            var quote: Character?
            var isAmpersand = false
            for character in text {
                if let open = quote {
                    if character == open { quote = nil }
                } else if character == "\"" || character == "'" {
                    quote = character
                } else if character == "&", isAmpersand {
                    parts[parts.count - 1].removeLast()
                    parts.append("")
                    isAmpersand = false
                    continue
                } else if character == "|", parts[parts.count - 1].hasSuffix("|") {
                    throw WrongWord(
                        message: "'\(Words.shown(text))': || is not known; && joins tests that must all hold")
                }
                isAmpersand = character == "&" && quote == nil
                parts[parts.count - 1].append(character)
            }
            var tests: [Test] = []
            for part in parts { tests.append(try Test(part)) }
            return tests
        }

        enum Kind { case equals, differs, present, absent }

        var name: Name
        var kind: Kind
        var value = ""

        init(_ text: String) throws(WrongWord) {
            // The first of the signs: a value may have one of its own.
            let signs = [("==", Kind.equals), ("!=", Kind.differs)].compactMap { sign, kind in
                text.firstRange(of: sign).map { (place: $0, kind: kind) }
            }
            if let (place, kind) = signs.min(by: { $0.place.lowerBound < $1.place.lowerBound }) {
                name = try Name(Self.trimmed(text[..<place.lowerBound]))
                self.kind = kind
                value = Self.unquoted(Self.trimmed(text[place.upperBound...]))
                return
            }
            if text.contains("=") {
                throw WrongWord(message: "'\(Words.shown(text))': write == or !=")
            }
            let word = Self.trimmed(text[...])
            kind = word.hasPrefix("!") ? .absent : .present
            name = try Name(Self.trimmed(word.drop { $0 == "!" }))
        }

        private static func trimmed(_ text: Substring) -> String {
            String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }

        private static func unquoted(_ text: String) -> String {
            for quote in ["\"", "'"] where text.count >= 2 && text.hasPrefix(quote) && text.hasSuffix(quote) {
                return String(text.dropFirst().dropLast())
            }
            return text
        }

        func holds(_ heard: HeardMessage) -> Bool {
            let values = name.values(heard, secrets: true)
            switch kind {
            case .equals: return values.contains(value)
            case .differs: return !values.isEmpty && !values.contains(value)
            case .present: return !values.isEmpty
            case .absent: return values.isEmpty
            }
        }
    }

    var protocols: Set<ProtocolName>
    var tests: [Test] = []
    /// Empty: whole messages.
    var fields: [Name] = []
    var secrets = false

    func wants(_ heard: HeardMessage) -> Bool {
        guard protocols.contains(heard.message.protocolName) else { return false }
        for test in tests where !test.holds(heard) { return false }
        return true
    }

    /// The chosen fields with tabs between, several values of one with commas; `nil` where the message has none of them.
    func row(_ heard: HeardMessage) -> String? {
        let cells = fields.map { $0.values(heard, secrets: secrets) }
        let hasFields = fields.contains(where: \.isField)
        if hasFields, !zip(fields, cells).contains(where: { $0.isField && !$1.isEmpty }) { return nil }
        return cells.map { values in
            values.map { $0.map { $0 == "\t" || $0.isNewline ? " " : String($0) }.joined() }.joined(separator: ",")
        }.joined(separator: "\t")
    }
}
