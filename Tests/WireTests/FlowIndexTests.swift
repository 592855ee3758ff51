import Testing

@testable import Wire

@Suite struct FlowIndexTests {
    @Test func `it finds what a dictionary finds, through insertions and removals`() {
        var index = FlowIndex()
        var places: [UInt32: Int] = [:]
        var keys: [Flow.Key] = []
        var state: UInt64 = 7
        func next(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        for _ in 0..<20_000 {
            let host = UInt32(next(900))
            let address = host % 3 == 0 ? IPAddress(v6High: 1, low: UInt64(host)) : IPAddress(v4: host)
            let key = Flow.Key(low: Endpoint(address, port: 80), high: Endpoint(address, port: 40_000))
            let hash = index.hash(key)
            let found = index.find(hash) { keys[$0] == key }
            #expect(found == places[host])
            if let found {
                index.remove(hash, found)
                places[host] = nil
            } else {
                index.insert(hash, keys.count)
                places[host] = keys.count
                keys.append(key)
            }
        }
        #expect(index.count == places.count)
    }

    @Test func `a question tells which text a field is, and nothing of others`() {
        let texts =
            (0..<300).map { "queue/main/ticket/\($0)" } + ["", "a", "ab", "abcd", "12345678", "12345679", "7", "true"]
        var questions = FieldQuestions()
        let none = questions.add("topic", texts: [])
        let all = questions.add(FieldName("to" + "pic"), texts: texts)
        let twice = questions.add("topic", texts: ["a", "a"])
        let other = questions.add("type", texts: texts)
        let start = questions.add("topic", .start, Array("queue/main/".utf8))
        #expect(questions.count == 5)
        for (number, text) in texts.enumerated() {
            var message = Message(.mqtt)
            message.add("retain", boolean: true)
            message.add("topic", text: text)
            message.add("topic", text: "a")
            #expect(questions.answer(none, of: message) == nil)
            #expect(questions.answer(all, of: message) == number)
            #expect(questions.answer(twice, of: message) == (text == "a" ? 0 : nil))
            #expect(questions.answer(other, of: message) == nil)
            #expect(questions.answer(start, of: message) == (number < 300 ? 0 : nil))
            var longer = Message(.mqtt)
            longer.add("topic", text: text + "x")
            #expect(questions.answer(all, of: longer) == nil)
        }
        var number = Message(.mqtt)
        number.add("topic", integer: 7)
        number.add("type", boolean: true)
        #expect(questions.answer(all, of: number) == texts.firstIndex(of: "7"))
        #expect(questions.answer(other, of: number) == texts.firstIndex(of: "true"))
        #expect(questions.answer(start, of: number) == nil)
        #expect(questions.answer(start, of: Message(.mqtt)) == nil)
    }

    @Test func `a question tells how a field begins and ends, what is in it, and whether it is there`() {
        let texts = ["", "a", "ab", "ba", "aab", "abcdefghijkl", "xxabcdefghij", "aaaaaaab", "7", "-17"]
        for wanted in texts {
            var questions = FieldQuestions()
            let kinds: [FieldQuestions.Kind] = [.start, .end, .part, .presence]
            let numbers =
                [questions.add("topic", texts: [wanted])]
                + kinds.map { questions.add("topic", $0, Array(wanted.utf8)) }
            for text in texts {
                var message = Message(.mqtt)
                if let number = Int(text) {
                    message.add("topic", integer: number)
                } else {
                    message.add("topic", text: text)
                }
                let answers = numbers.map { questions.answer($0, of: message) != nil }
                let isPart = wanted.isEmpty || text.contains(wanted)
                #expect(
                    answers == [text == wanted, text.hasPrefix(wanted), text.hasSuffix(wanted), isPart, true],
                    "\(wanted) in \(text)")
                #expect(numbers.allSatisfy { questions.answer($0, of: Message(.mqtt)) == nil })
            }
        }
    }

    @Test func `parts that are looked for together are found as one by one`() {
        let words = ["", "a", "ab", "bab", "ổ cứng", "disk", "disk full", "k", "zz", "abcdefghi"]
        let texts = ["", "b", "bab", "xbab", "the disk is", "ổ cứng đầy", "zabcdefghiz", "abcdefgh", "z", "full disk"]
        for skip in 0..<words.count {
            for count in 0...words.count - skip {
                let wanted = words[skip..<skip + count]
                var questions = FieldQuestions()
                let number = questions.add("text", parts: wanted.map { Array($0.utf8) })
                for text in texts {
                    var message = Message(.syslog)
                    message.add("text", text: text)
                    let isWanted = wanted.contains { $0.isEmpty || text.contains($0) }
                    #expect((questions.answer(number, of: message) != nil) == isWanted, "\(wanted) in \(text)")
                }
                #expect(questions.answer(number, of: Message(.syslog)) == nil)
            }
        }
    }
}
