import Testing
import Wire

/// Words that are looked for at once are found where each of them, looked for alone, would be; nowhere else.
@Suite struct WordSearchTests {
    private func below(_ chance: inout MalformedTests.Dice, _ limit: Int) -> Int {
        Int.random(in: 0..<limit, using: &chance)
    }

    /// Of few letters, so that words share their parts.
    private func letters(_ chance: inout MalformedTests.Dice, _ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(97 + below(&chance, 3)) }
    }

    private func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
        word.count <= text.count
            && (0...(text.count - word.count)).contains { text[$0..<$0 + word.count].elementsEqual(word) }
    }

    @Test(arguments: 0..<40)
    func `one of them stands there, or none does`(seed: Int) {
        var chance = MalformedTests.Dice(state: UInt64(seed))
        for _ in 0..<60 {
            let shortest = 1 + below(&chance, 14)
            let words = (0..<2 + below(&chance, 6)).map { _ in letters(&chance, shortest + below(&chance, 4)) }
            var questions = FieldQuestions()
            let inField = questions.add("topic", parts: words)
            let inBody = questions.add(inBody: words, escape: nil)
            let orEscape = questions.add(inBody: words, escape: UInt8(ascii: "\\"))
            for _ in 0..<20 {
                var text = letters(&chance, below(&chance, 40))
                if below(&chance, 3) == 0 {
                    text += words[below(&chance, words.count)] + letters(&chance, below(&chance, 4))
                }
                if below(&chance, 4) == 0 { text.append(UInt8(ascii: "\\")) }
                var message = Message(.mqtt, copying: text.span.bytes)
                message.add("topic", in: 0..<text.count)
                message.setBody(in: 0..<text.count)
                let isThere = words.contains { contains(text, $0) }
                #expect((questions.answer(inField, of: message) != nil) == isThere)
                #expect((questions.answer(inBody, of: message) != nil) == isThere)
                let isSo = isThere || text.contains(UInt8(ascii: "\\"))
                #expect((questions.answer(orEscape, of: message) != nil) == isSo)
            }
        }
    }

    @Test func `questions are put together, and numbers are asked as they would be written`() {
        var questions = FieldQuestions()
        let low = questions.add("qos", texts: ["0", "-9223372036854775808", "9223372036854775807"])
        let parts = questions.add("qos", parts: [[0x39, 0x32], [0x37, 0x37]])
        let there = questions.add("topic", .presence)
        let both = questions.add(all: [low, there])
        let one = questions.add(either: [parts, there])
        // Nothing but yes, whichever of the texts it is.
        let alone = [questions.add(either: [low]), questions.add(all: [low])]
        for number in [0, 1, 92, 1_377, .min, .max] as [Int64] {
            for topic in [nil, "x"] {
                var message = Message(.mqtt)
                message.add("qos", integer: number)
                if let topic { message.add("topic", text: topic) }
                let written = String(number)
                let isLow = number == 0 || number == .min || number == .max
                let hasPart = written.contains("92") || written.contains("77")
                #expect((questions.answer(low, of: message) != nil) == isLow)
                #expect(alone.allSatisfy { questions.answer($0, of: message) == (isLow ? 0 : nil) })
                #expect((questions.answer(parts, of: message) != nil) == hasPart)
                #expect((questions.answer(both, of: message) != nil) == (isLow && topic != nil))
                #expect((questions.answer(one, of: message) != nil) == (hasPart || topic != nil))
            }
        }
    }
}
