internal import Domain
internal import Yams

/// One mapping of a file whose keys are known: what is not is told with the words there are.
struct YAMLFields {
    let node: Node
    private var values: [String: Node] = [:]
    /// Keys that were told to be none.
    private var unknown: [String] = []

    /// `what` names the thing for messages: "a counter".
    init(_ node: Node, _ what: String, known: [String], _ problems: inout ProblemList) {
        self.node = node
        guard case .mapping(let mapping) = node else {
            if !node.isAbsent {
                problems.note(
                    node,
                    "\(what) is written as a mapping: \(known.sorted().prefix(3).map { "\($0): …" }.joined(separator: ", "))"
                )
            }
            return
        }
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                problems.note(key, "a key must be a word; known: \(known.sorted().joined(separator: ", "))")
                continue
            }
            guard known.contains(scalar.string) else {
                problems.note(key, Words.unknown("key", scalar.string, known: known.sorted()))
                unknown.append(scalar.string)
                continue
            }
            if !value.isAbsent { values[scalar.string] = value }
        }
    }

    subscript(_ key: String) -> Node? { values[key] }

    /// Whether a key that is none, which has been told, was perhaps to be this one.
    func isMisspelt(_ key: String) -> Bool { unknown.contains { !Words.nearest($0, in: [key]).isEmpty } }

    /// A text; numbers are texts too. `nil` with a problem if it is something else.
    func text(_ key: String, _ problems: inout ProblemList) -> String? {
        values[key].flatMap { Self.text($0, key, &problems) }
    }

    func needed(_ key: String, of what: String, _ problems: inout ProblemList) -> String? {
        guard let value = values[key] else {
            if !isMisspelt(key) { problems.note(node, "\(what) needs '\(key)'") }
            return nil
        }
        return Self.text(value, key, &problems)
    }

    static func text(_ node: Node, _ key: String, _ problems: inout ProblemList) -> String? {
        guard case .scalar(let scalar) = node else {
            problems.note(node, "'\(key)' must be one word or text" + quotes(node))
            return nil
        }
        if scalar.string.utf8.count > 1_024 {
            problems.note(node, "'\(key)' is longer than 1024 bytes")
            return nil
        }
        return scalar.string
    }

    /// `{json.desk}` without quotes is a mapping to YAML.
    private static func quotes(_ node: Node) -> String {
        guard case .mapping(let mapping) = node, !mapping.isEmpty, mapping.allSatisfy({ $0.value.isAbsent }) else {
            return ""
        }
        let names = mapping.compactMap { $0.key.scalar?.string }.joined(separator: ",")
        return "; a value that begins with a brace stands in quotes: \"{\(Words.shown(names))}\""
    }

    /// A list; one value stands for a list of one.
    func list(_ key: String) -> [Node] {
        switch values[key] {
        case .sequence(let sequence)?: Array(sequence)
        case .some(let node): [node]
        case nil: []
        }
    }

    /// A list that must be written as one.
    func strictList(_ key: String, _ problems: inout ProblemList) -> [Node] {
        switch values[key] {
        case .sequence(let sequence)?: return Array(sequence)
        case .some(let node):
            problems.note(node, "'\(key)' must be a list")
            return []
        case nil: return []
        }
    }

    /// The pairs of a mapping whose keys are free.
    func pairs(_ key: String, _ problems: inout ProblemList) -> [(key: String, keyNode: Node, value: Node)] {
        guard let node = values[key] else { return [] }
        return Self.pairs(node, key, &problems)
    }

    static func pairs(
        _ node: Node, _ what: String, _ problems: inout ProblemList
    ) -> [(key: String, keyNode: Node, value: Node)] {
        guard case .mapping(let mapping) = node else {
            problems.note(node, "'\(what)' must be a mapping: word: …")
            return []
        }
        return mapping.compactMap { key, value in
            guard case .scalar(let scalar) = key else {
                problems.note(key, "a key of '\(what)' must be a word")
                return nil
            }
            return (scalar.string, key, value)
        }
    }

    /// One of a closed set of words.
    func word<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ what: String, _ problems: inout ProblemList
    ) -> Choice? where Choice.RawValue == String {
        guard let node = values[key], let text = Self.text(node, key, &problems) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        problems.note(node, Words.unknown(what, text, known: Choice.allCases.map(\.rawValue)))
        return nil
    }

    /// `{ vi: …, en: … }`, or one text for both.
    func name(_ key: String, _ problems: inout ProblemList) -> LocalizedName? {
        guard let node = values[key] else { return nil }
        if case .scalar(let scalar) = node { return LocalizedName(vi: scalar.string, en: scalar.string) }
        let fields = YAMLFields(node, "a name", known: ["vi", "en"], &problems)
        let vi = fields.text("vi", &problems) ?? ""
        let en = fields.text("en", &problems) ?? ""
        if vi.isEmpty, en.isEmpty {
            problems.note(node, "a name needs 'vi' or 'en'")
            return nil
        }
        return LocalizedName(vi: vi, en: en)
    }
}

extension String {
    /// Small letters, digits, `-`, `_` and `.`; up to 64 of them.
    var isSiteIdentifier: Bool {
        (1...64).contains(utf8.count)
            && utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E
            }
    }
}
