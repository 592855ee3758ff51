import Testing
import Wire

/// A walk through questions ends where each of them, asked alone, would send it.
@Suite struct FieldTreeTests {
    /// Of each length up to past a word, with neighbours that differ in one byte; and some as long as the lengths that a
    /// question keeps apart, and longer.
    private static let texts: [String] =
        (1...20).flatMap { count in
            [0, count / 3, count / 2, count - 1].map { place in
                String(decoding: (0..<count).map { $0 == place ? UInt8(98) : 97 }, as: UTF8.self)
            }
        } + [62, 63, 64, 65, 130].map { String(repeating: "x", count: $0) }

    private func message(_ name: FieldName, _ text: String?, retain: Bool) -> Message {
        var message = Message(.mqtt)
        message.add("type", text: "PUBLISH")
        if let text { message.add(name, text: text) }
        message.add(name, text: "a second one of that name")
        message.add("retain", boolean: retain)
        return message
    }

    @Test(arguments: [FieldName("topic" as String), "topic"])
    func `each answer leads where it should`(name: FieldName) {
        var draft = FieldTree.Draft()
        let none = draft.addNode()
        let root = draft.addNode()
        let kept = draft.questions.add("retain", texts: ["true"])
        let wanted = Self.texts.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        let ends = wanted.map { _ in draft.addNode() }
        let retained = draft.addNode()
        let start = draft.addNode()
        let begun = draft.addNode()
        draft.ask(draft.questions.add("topic", texts: wanted), at: root, next: ends, otherwise: start)
        draft.ask(
            draft.questions.add("topic", .start, Array("xxxxxxxxx".utf8)), at: start, next: [begun], otherwise: none)
        draft.ask(kept, at: begun, next: [retained], otherwise: none)
        let tree = FieldTree(draft)
        for text in Self.texts {
            for retain in [false, true] {
                let message = message(name, text, retain: retain)
                let first = wanted.firstIndex(of: text)
                let other = text.hasPrefix("xxxxxxxxx") && retain ? retained : none
                #expect(tree.end(of: message, from: root) == first.map { ends[$0] } ?? other)
                let endpoint = Endpoint(IPAddress(v4: 1), port: 1)
                let heard = HeardMessage(
                    message, at: Timestamp(seconds: 0), source: endpoint, target: endpoint, transport: .udp)
                #expect(tree.end(of: heard, from: root) == tree.end(of: message, from: root))
                #expect(tree.end(of: message, from: none) == none)
            }
        }
        #expect(tree.end(of: Message(.mqtt), from: root) == none)
    }

    @Test func `a tree that is added to keeps what it had`() {
        var draft = FieldTree.Draft()
        let none = draft.addNode()
        let root = draft.addNode()
        let yes = draft.addNode()
        draft.ask(draft.questions.add("type", texts: ["PUBLISH"]), at: root, next: [yes], otherwise: none)
        let small = FieldTree(draft)
        var more = small.draft
        let second = more.addNode()
        more.ask(
            more.questions.add("retain", texts: ["true", "false"]), at: second, next: [yes, root], otherwise: none)
        let large = FieldTree(more)
        for retain in [false, true] {
            let message = message("topic", nil, retain: retain)
            #expect(small.end(of: message, from: root) == yes)
            #expect(large.end(of: message, from: root) == yes)
            #expect(large.end(of: message, from: second) == yes)
        }
        #expect(large.end(of: Message(.mqtt), from: second) == none)
    }
}
