import Wire

/// Which rules a message can still match, by what a few of its fields say: a message that no rule wants costs a look or
/// two instead of every rule's conditions.
///
/// It only leaves rules out that one of their own conditions leaves out; the others are tried as they are written.
struct Dispatch: Sendable {
    /// A question about one field: which of these texts it is, or whether it begins so.
    private final class Question: Sendable {
        let field: FieldName
        /// Empty where the start is asked for.
        let texts: TextTable
        let start: [UInt8]
        /// Where to go on, for each text or for yes, and for everything else.
        let answers: [Int]
        let otherwise: Int

        init(_ field: FieldName, texts: [String] = [], start: [UInt8] = [], answers: [Int], otherwise: Int) {
            self.field = field
            self.texts = TextTable(texts)
            self.start = start
            self.answers = answers
            self.otherwise = otherwise
        }

        func next(_ message: borrowing Message) -> Int {
            if start.isEmpty {
                guard let found = message.index(of: field, in: texts) else { return otherwise }
                return answers[found]
            }
            let begins = message.withText(field) { text in
                guard text.count >= start.count else { return false }
                for index in start.indices where text[index] != start[index] { return false }
                return true
            }
            // What is no text may be written so all the same: the rules themselves will tell.
            let isOther = begins == false || begins == nil && !message.has(field)
            return isOther ? otherwise : answers[0]
        }
    }

    private struct Node: Sendable {
        var question: Question?
        /// Where nothing is asked: the rules that remain, in their order.
        var rules: [Int]
    }

    private var nodes: [Node] = []

    /// Questions in a row, and nodes in all: beyond them rules are only tried.
    static let depthLimit = 3
    static let nodeLimit = 2_048

    /// - Parameter early: of each rule, the conditions that are asked of the message itself.
    init(_ early: [[Check]]) {
        let gates = early.map { checks in checks.flatMap(\.gates) }
        _ = build(Array(early.indices), gates, asked: [], depth: 0)
    }

    /// The rules of what was found, in their order.
    subscript(found: Int) -> [Int] { nodes[found].rules }
    /// Whether no rule is left.
    func isNone(_ found: Int) -> Bool { nodes[found].rules.isEmpty }

    /// Finds the rules that `message` can still match.
    func find(_ message: borrowing Message) -> Int {
        var at = 0
        while let question = nodes[at].question { at = question.next(message) }
        return at
    }

    /// Byte for byte, as fields are compared: not every text that looks the same is.
    private static func isSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

    private mutating func build(_ rules: [Int], _ gates: [[Gate]], asked: [FieldName], depth: Int) -> Int {
        let own = nodes.count
        nodes.append(Node(rules: rules))
        guard depth < Self.depthLimit, nodes.count < Self.nodeLimit, !rules.isEmpty else { return own }
        if let name = commonest(rules, gates, asked: asked, where: { $0.texts != nil }) {
            var texts: [String] = []
            for rule in rules {
                for text in gates[rule].first(where: { $0.name == name && $0.texts != nil })?.texts ?? []
                where !texts.contains(where: { Self.isSame($0, text) }) { texts.append(text) }
            }
            var answers: [Int] = []
            for text in texts {
                let rest = rules.filter { rule in
                    gates[rule].allSatisfy { $0.name != name || $0.texts?.contains { Self.isSame($0, text) } ?? true }
                }
                answers.append(build(rest, gates, asked: asked + [name], depth: depth + 1))
            }
            let others = rules.filter { rule in gates[rule].allSatisfy { $0.name != name || $0.texts == nil } }
            let otherwise = build(others, gates, asked: asked + [name], depth: depth + 1)
            nodes[own].question = Question(
                name, texts: texts, answers: answers, otherwise: otherwise)
        } else if let name = commonest(rules, gates, asked: asked, where: { $0.start != nil }) {
            let isAsked = { (rule: Int) in gates[rule].contains { $0.name == name && $0.start != nil } }
            let start = Self.shared(
                rules.flatMap { rule in gates[rule].filter { $0.name == name }.compactMap(\.start) })
            if start.isEmpty { return own }
            let others = rules.filter { !isAsked($0) }
            let yes = build(rules, gates, asked: asked + [name], depth: depth + 1)
            let otherwise = build(others, gates, asked: asked + [name], depth: depth + 1)
            nodes[own].question = Question(name, start: start, answers: [yes], otherwise: otherwise)
        }
        return own
    }

    /// The field that most of the rules ask for in that way; of equals the one that comes first.
    private func commonest(
        _ rules: [Int], _ gates: [[Gate]], asked: [FieldName], where isOfKind: (Gate) -> Bool
    ) -> FieldName? {
        var counts: [(name: FieldName, count: Int)] = []
        for rule in rules {
            var seen: [FieldName] = []
            for gate in gates[rule] where isOfKind(gate) && !asked.contains(gate.name) && !seen.contains(gate.name) {
                seen.append(gate.name)
                if let place = counts.firstIndex(where: { $0.name == gate.name }) {
                    counts[place].count += 1
                } else {
                    counts.append((gate.name, 1))
                }
            }
        }
        return counts.max { $0.count < $1.count }?.name
    }

    private static func shared(_ starts: [[UInt8]]) -> [UInt8] {
        guard var out = starts.first else { return [] }
        for start in starts { out = Array(zip(out, start).prefix { $0 == $1 }.map(\.0)) }
        return out
    }
}

/// What a condition asks of one field at least.
struct Gate: Sendable {
    var name: FieldName
    /// It is one of these.
    var texts: [String]?
    /// It begins so.
    var start: [UInt8]?
}

extension Check {
    /// What must hold of single fields for the check to hold; more may be asked.
    var gates: [Gate] {
        switch self {
        case .equals(let name, let text): [Gate(name: name, texts: [text])]
        case .oneOf(.field(let name), let texts): [Gate(name: name, texts: texts)]
        case .prefix(.field(let name), let start) where !start.isEmpty: [Gate(name: name, start: start)]
        case .pattern(.field(let name), let pattern, _) where !pattern.head.isEmpty:
            [Gate(name: name, start: pattern.head)]
        case .all(let checks): checks.flatMap(\.gates)
        default: []
        }
    }
}
