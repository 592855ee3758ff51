import Wire

/// Which rules a message can still match, by what a few of its fields say, and by whether any of the words that these
/// rules need stands where they need it: a message that no rule wants costs a look or two instead of every rule's
/// conditions.
///
/// It only leaves rules out that one of their own conditions leaves out; the others are tried as they are written.
/// Several trees of questions may share one table, each with a root of its own; there is no reference in any of it, so
/// that a walk counts none.
struct Dispatch: Sendable {
    /// The end where no rule is left.
    static let none = 0

    private var tree: FieldTree
    /// By end: the rules that are left there, in their order; their stretch of `rules`.
    private var ends: [Range<Int32>] = []
    private var rules: [Int32] = []

    /// What a rule asks for.
    struct Asked {
        /// The conditions that are asked of the message itself.
        var early: [Check]
        /// Of each of these rows, one need at least.
        var needs: [[Need]] = []
    }

    /// What the rules of a tree ask for, by rule, and how many of its ends look for words so far.
    struct Wanted {
        var gates: [[Gate]]
        var needs: [[[Need]]]
        var searches = 0
    }

    /// Questions in a row, and nodes of one tree: beyond them rules are only tried.
    static let depthLimit = 3
    static let nodeLimit = 2_048
    /// Ends of one tree where words are looked for.
    static let searchLimit = 64

    init() {
        var draft = FieldTree.Draft()
        _ = draft.addNode()
        ends.append(0..<0)
        tree = FieldTree(draft)
    }

    init(_ rules: [Asked]) {
        self.init()
        root = add(rules)
    }

    /// Of the one tree, where there is one alone.
    private(set) var root = Self.none

    /// One more tree. Returns its root.
    mutating func add(_ rules: [Asked]) -> Int {
        var wanted = Wanted(gates: rules.map { $0.early.flatMap(\.gates) }, needs: rules.map(\.needs))
        var draft = tree.draft
        let limit = draft.count + Self.nodeLimit
        let root = build(&draft, Array(rules.indices), &wanted, asked: [], limit: limit, depth: 0)
        tree = FieldTree(draft)
        return root
    }

    /// The rules of what was found, in their order.
    subscript(found: Int) -> ArraySlice<Int32> {
        let range = ends[found]
        return rules[Int(range.lowerBound)..<Int(range.upperBound)]
    }

    /// Finds the rules that `message` can still match; `none`: no rule is left.
    func find(_ message: borrowing Message) -> Int { tree.end(of: message, from: root) }

    /// The same in the tree with that root.
    @inline(__always)
    func find(_ heard: borrowing HeardMessage, from root: Int) -> Int { tree.end(of: heard, from: root) }

    /// Byte for byte, as fields are compared: not every text that looks the same is.
    private static func isSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

    private mutating func build(
        _ draft: inout FieldTree.Draft, _ left: [Int], _ wanted: inout Wanted, asked: [FieldName], limit: Int,
        depth: Int
    ) -> Int {
        if left.isEmpty { return Self.none }
        let own = addNode(&draft)
        guard depth < Self.depthLimit, draft.count < limit else { return end(&draft, own, left, &wanted, asked) }
        let gates = wanted.gates
        switch next(left, gates, asked: asked) {
        case .texts(let name):
            let texts = Self.texts(of: name, left, gates)
            var next: [Int] = []
            for text in texts {
                let rest = left.filter { rule in
                    gates[rule].allSatisfy { $0.name != name || $0.texts?.contains { Self.isSame($0, text) } ?? true }
                }
                next.append(build(&draft, rest, &wanted, asked: asked + [name], limit: limit, depth: depth + 1))
            }
            let others = left.filter { rule in gates[rule].allSatisfy { $0.name != name || $0.texts == nil } }
            let otherwise = build(&draft, others, &wanted, asked: asked + [name], limit: limit, depth: depth + 1)
            draft.ask(draft.questions.add(name, texts: texts), at: own, next: next, otherwise: otherwise)
        case .start(let name, let start):
            let others = left.filter { rule in !gates[rule].contains { $0.name == name && $0.start != nil } }
            let yes = build(&draft, left, &wanted, asked: asked + [name], limit: limit, depth: depth + 1)
            let otherwise = build(&draft, others, &wanted, asked: asked + [name], limit: limit, depth: depth + 1)
            draft.ask(draft.questions.add(name, .start, start), at: own, next: [yes], otherwise: otherwise)
        case nil:
            return end(&draft, own, left, &wanted, asked)
        }
        return own
    }

    private enum Next {
        case texts(FieldName)
        case start(FieldName, [UInt8])
    }

    /// What to ask of the rules that are left. First what all of them ask for, since another answer leaves none: one of
    /// several texts, or a start, before the one text that they share, which is mostly the kind of message that most are.
    private func next(_ left: [Int], _ gates: [[Gate]], asked: [FieldName]) -> Next? {
        let texts = commonest(left, gates, asked: asked) { $0.texts != nil }
        var start: (name: FieldName, count: Int, text: [UInt8])?
        if let found = commonest(left, gates, asked: asked, where: { $0.start != nil }) {
            let starts = left.flatMap { rule in gates[rule].filter { $0.name == found.name }.compactMap(\.start) }
            let text = Self.shared(starts)
            if !text.isEmpty { start = (found.name, found.count, text) }
        }
        guard let texts else { return start.map { .start($0.name, $0.text) } }
        if texts.count == left.count {
            let telling = commonest(left, gates, asked: asked) { gate in
                gate.texts != nil && Self.texts(of: gate.name, left, gates).count > 1
            }
            if let telling, telling.count == left.count { return .texts(telling.name) }
        }
        if let start, start.count == left.count { return .start(start.name, start.text) }
        return .texts(texts.name)
    }

    /// The texts that the rules ask for in that field.
    private static func texts(of name: FieldName, _ rules: [Int], _ gates: [[Gate]]) -> [String] {
        var texts: [String] = []
        for rule in rules {
            for text in gates[rule].first(where: { $0.name == name && $0.texts != nil })?.texts ?? []
            where !texts.contains(where: { isSame($0, text) }) { texts.append(text) }
        }
        return texts
    }

    /// Where no field tells more: the rules that are left, once one of their words has been seen.
    private mutating func end(
        _ draft: inout FieldTree.Draft, _ own: Int, _ left: [Int], _ wanted: inout Wanted, _ asked: [FieldName]
    ) -> Int {
        var found = own
        if wanted.searches < Self.searchLimit,
            let question = Self.search(left.map { wanted.needs[$0] }, asked: asked, &draft.questions)
        {
            wanted.searches += 1
            found = addNode(&draft)
            draft.ask(question, at: own, next: [found], otherwise: Self.none)
        }
        let first = Int32(rules.count)
        rules += left.map { Int32($0) }
        ends[found] = first..<Int32(rules.count)
        return own
    }

    private mutating func addNode(_ draft: inout FieldTree.Draft) -> Int {
        ends.append(0..<0)
        return draft.addNode()
    }

    /// The field that most of the rules ask for in that way, and how many do.
    private func commonest(
        _ rules: [Int], _ gates: [[Gate]], asked: [FieldName], where isOfKind: (Gate) -> Bool
    ) -> (name: FieldName, count: Int)? {
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
        return counts.max { $0.count < $1.count }
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
