/// Questions in a row: each answer leads to the next one, or to an end. Trees with roots of their own share one table.
///
/// A class, and one for all of them: a walk is one call that copies neither the tables nor the message (MEASURED: it took
/// a quarter to a third off what turning a message away costs).
public final class FieldTree: Sendable {
    /// Where an answer leads.
    fileprivate struct Node: Sendable {
        /// Negative: an end.
        var question: Int32 = -1
        /// Where to go on: for each text, or for yes, from that place on in `answers`; and for everything else.
        var firstAnswer: Int32 = 0
        var otherwise: Int32 = 0
    }

    /// A tree that is being put together.
    public struct Draft: Sendable {
        fileprivate var nodes: [Node] = []
        fileprivate var answers: [Int32] = []
        public var questions = FieldQuestions()

        public init() {}

        public var count: Int { nodes.count }

        /// An end, until something is asked there.
        public mutating func addNode() -> Int {
            nodes.append(Node())
            return nodes.count - 1
        }

        /// - Parameters:
        ///   - question: one of `questions`.
        ///   - next: a node for each of its answers.
        ///   - otherwise: the node where there is none.
        public mutating func ask(_ question: Int, at node: Int, next: [Int], otherwise: Int) {
            nodes[node] = Node(
                question: Int32(question), firstAnswer: Int32(answers.count), otherwise: Int32(otherwise))
            answers += next.map { Int32($0) }
        }
    }

    private let nodes: [Node]
    private let answers: [Int32]
    private let questions: FieldQuestions

    public init(_ draft: Draft) {
        nodes = draft.nodes
        answers = draft.answers
        questions = draft.questions
    }

    /// To add to it.
    public var draft: Draft {
        var draft = Draft()
        draft.nodes = nodes
        draft.answers = answers
        draft.questions = questions
        return draft
    }

    /// The end that the message leads to.
    public func end(of message: borrowing Message, from root: Int) -> Int { walk(message, root) }

    /// The same where the message was heard: lent with all around it, it is not copied.
    public func end(of heard: borrowing HeardMessage, from root: Int) -> Int { walk(heard.message, root) }

    @inline(__always)
    private func walk(_ message: borrowing Message, _ root: Int) -> Int {
        var at = root
        while true {
            let node = nodes[at]
            if node.question < 0 { return at }
            let answer = questions.number(of: Int(node.question), message)
            at = answer < 0 ? Int(node.otherwise) : Int(answers[Int(node.firstAnswer) &+ answer])
        }
    }
}
