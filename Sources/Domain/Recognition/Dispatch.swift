import Wire

/// Which rules a message can still match, by what a few of its fields say: a message that no rule wants costs a look or
/// two instead of every rule's conditions.
///
/// It only leaves rules out that one of their own conditions leaves out; the others are tried as they are written.
/// Several trees of questions may share one table, each with a root of its own; there is no reference in any of it, so
/// that a walk counts none.
struct Dispatch: Sendable {
    private struct Node: Sendable {
        /// Negative: nothing is asked, and `rules` remain, in their order.
        var question: Int32 = -1
        /// Where to go on: for each text or for yes, from that place on in `answers`; and for everything else.
        var firstAnswer: Int32 = 0
        var otherwise: Int32 = 0
        var rules: Range<Int32> = 0..<0
    }

    private var nodes: [Node] = []
    private var answers: [Int32] = []
    private var rules: [Int32] = []
    private var questions = FieldQuestions()

    /// Questions in a row, and nodes of one tree: beyond them rules are only tried.
    static let depthLimit = 3
    static let nodeLimit = 2_048

    init() {}

    /// - Parameter early: of each rule, the conditions that are asked of the message itself.
    init(_ early: [[Check]]) {
        _ = add(early)
    }

    /// One more tree. Returns its root.
    mutating func add(_ early: [[Check]]) -> Int {
        let gates = early.map { checks in checks.flatMap(\.gates) }
        return build(Array(early.indices), gates, asked: [], limit: nodes.count + Self.nodeLimit, depth: 0)
    }

    /// The rules of what was found, in their order.
    subscript(found: Int) -> ArraySlice<Int32> {
        let range = nodes[found].rules
        return rules[Int(range.lowerBound)..<Int(range.upperBound)]
    }

    /// Whether no rule is left.
    func isNone(_ found: Int) -> Bool { nodes[found].rules.isEmpty }

    /// Finds the rules that `message` can still match, those of the tree with that root.
    func find(_ message: borrowing Message, from root: Int = 0) -> Int {
        var at = root
        while true {
            let node = nodes[at]
            if node.question < 0 { return at }
            if let answer = questions.answer(Int(node.question), of: message) {
                at = Int(answers[Int(node.firstAnswer) &+ answer])
            } else {
                at = Int(node.otherwise)
            }
        }
    }

    /// Byte for byte, as fields are compared: not every text that looks the same is.
    private static func isSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

    private mutating func build(
        _ left: [Int], _ gates: [[Gate]], asked: [FieldName], limit: Int, depth: Int
    ) -> Int {
        let own = nodes.count
        nodes.append(Node())
        guard depth < Self.depthLimit, nodes.count < limit, !left.isEmpty else { return end(own, left) }
        if let name = commonest(left, gates, asked: asked, where: { $0.texts != nil }) {
            var texts: [String] = []
            for rule in left {
                for text in gates[rule].first(where: { $0.name == name && $0.texts != nil })?.texts ?? []
                where !texts.contains(where: { Self.isSame($0, text) }) { texts.append(text) }
            }
            var next: [Int32] = []
            for text in texts {
                let rest = left.filter { rule in
                    gates[rule].allSatisfy { $0.name != name || $0.texts?.contains { Self.isSame($0, text) } ?? true }
                }
                next.append(Int32(build(rest, gates, asked: asked + [name], limit: limit, depth: depth + 1)))
            }
            let others = left.filter { rule in gates[rule].allSatisfy { $0.name != name || $0.texts == nil } }
            let otherwise = build(others, gates, asked: asked + [name], limit: limit, depth: depth + 1)
            ask(own, questions.add(name, texts: texts), next, otherwise)
        } else if let name = commonest(left, gates, asked: asked, where: { $0.start != nil }) {
            let isAsked = { (rule: Int) in gates[rule].contains { $0.name == name && $0.start != nil } }
            let start = Self.shared(
                left.flatMap { rule in gates[rule].filter { $0.name == name }.compactMap(\.start) })
            if start.isEmpty { return end(own, left) }
            let others = left.filter { !isAsked($0) }
            let yes = build(left, gates, asked: asked + [name], limit: limit, depth: depth + 1)
            let otherwise = build(others, gates, asked: asked + [name], limit: limit, depth: depth + 1)
            ask(own, questions.add(name, .start, start), [Int32(yes)], otherwise)
        } else {
            return end(own, left)
        }
        return own
    }

    private mutating func end(_ own: Int, _ left: [Int]) -> Int {
        let first = Int32(rules.count)
        rules += left.map { Int32($0) }
        nodes[own].rules = first..<Int32(rules.count)
        return own
    }

    private mutating func ask(_ own: Int, _ question: Int, _ next: [Int32], _ otherwise: Int) {
        nodes[own].question = Int32(question)
        nodes[own].firstAnswer = Int32(answers.count)
        nodes[own].otherwise = Int32(otherwise)
        answers += next
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
