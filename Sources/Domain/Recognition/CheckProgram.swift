import Wire

/// The checks of a profile's rules in flat arrays: those of the message's own fields are questions that touch no
/// reference count, the few others are asked as they are (MEASURED: taking a check out of an enum with payloads costs
/// several times what comparing costs).
struct CheckProgram: Sendable {
    /// Checks in a row, all of which must hold.
    struct Row: Sendable {
        fileprivate var start: Int32 = 0
        fileprivate var end: Int32 = 0

        var isEmpty: Bool { start == end }
    }

    private enum Kind: Sendable {
        /// Of a field, or that one is not there; the argument is the question.
        case question, noField
        /// The argument is the check's place in `others`.
        case other
        /// Of the steps that follow, as far as `end`.
        case all, any, not
    }

    private struct Step: Sendable {
        var kind: Kind
        var argument: Int32 = 0
        /// Where the next step of the same row begins.
        var end: Int32 = 0
    }

    private var steps: [Step] = []
    private var questions = FieldQuestions()
    private var others: [Check] = []

    mutating func add(_ checks: [Check]) -> Row {
        let start = steps.count
        for check in checks { add(check) }
        return Row(start: Int32(start), end: Int32(steps.count))
    }

    private mutating func add(_ check: Check) {
        switch check {
        case .equals(let name, let text): ask(questions.add(name, texts: [text]))
        case .oneOf(.field(let name), let texts): ask(questions.add(name, texts: texts))
        case .prefix(.field(let name), let text): ask(questions.add(name, .start, text))
        case .suffix(.field(let name), let text): ask(questions.add(name, .end, text))
        case .contains(.field(let name), let text): ask(questions.add(name, .part, text))
        case .present(.field(let name), let isWanted):
            ask(questions.add(name, .presence), isWanted ? .question : .noField)
        case .all(let parts): group(.all, parts)
        case .any(let parts): either(parts)
        case .not(let parts): group(.not, parts)
        case .pattern(.field(let name), let pattern, _) where !pattern.head.isEmpty:
            // Most texts are told apart by how they begin.
            let own = begin(.all)
            ask(questions.add(name, .start, pattern.head))
            other(check)
            end(own)
        case .oneOf, .prefix, .suffix, .contains, .present, .pattern, .range: other(check)
        }
    }

    private mutating func ask(_ question: Int, _ kind: Kind = .question) {
        steps.append(Step(kind: kind, argument: Int32(question), end: Int32(steps.count + 1)))
    }

    private mutating func other(_ check: Check) {
        steps.append(Step(kind: .other, argument: Int32(others.count), end: Int32(steps.count + 1)))
        others.append(check)
    }

    private mutating func begin(_ kind: Kind) -> Int {
        steps.append(Step(kind: kind))
        return steps.count - 1
    }

    private mutating func end(_ own: Int) { steps[own].end = Int32(steps.count) }

    private mutating func group(_ kind: Kind, _ parts: [Check]) {
        let own = begin(kind)
        for part in parts { add(part) }
        end(own)
    }

    /// What many patterns need is looked for at once before each of them is tried, where none of them captures anything.
    private mutating func either(_ parts: [Check]) {
        let isSearch = parts.allSatisfy { if case .contains = $0 { true } else { false } }
        let isPlain = !isSearch && parts.count >= 4 && !parts.contains(where: \.captures)
        let row = isPlain ? Needs().rows([.any(parts)]).first : nil
        guard let row, Needs.worth(row) > 1, let question = Dispatch.search([[row]], asked: [], &questions) else {
            return any(parts)
        }
        let own = begin(.all)
        ask(question)
        any(parts)
        end(own)
    }

    /// Words that are looked for in one field are looked for at once, as far as they stand side by side: what is asked
    /// between them may capture something, and comes in its turn.
    private mutating func any(_ parts: [Check]) {
        let own = begin(.any)
        var index = 0
        while index < parts.count {
            guard case .contains(.field(let name), _) = parts[index] else {
                add(parts[index])
                index += 1
                continue
            }
            var words: [[UInt8]] = []
            while index < parts.count, case .contains(.field(name), let word) = parts[index] {
                words.append(word)
                index += 1
            }
            ask(questions.add(name, parts: words))
        }
        end(own)
    }

    /// Whether all of the row hold of the message, which is the reading's own as it is or opened; what patterns find is
    /// kept in the reading. The message is lent from call to call: taken out of the reading it would be copied each time.
    func holds(_ row: Row, _ message: borrowing Message, _ reading: inout Reading) -> Bool {
        all(row.start, row.end, message, &reading)
    }

    private func all(_ start: Int32, _ end: Int32, _ message: borrowing Message, _ reading: inout Reading) -> Bool {
        var at = start
        while at < end {
            let step = steps[Int(at)]
            if !holds(step, at, message, &reading) { return false }
            at = step.end
        }
        return true
    }

    /// Nested as deep as the profile's conditions are, which is bounded.
    private func holds(_ step: Step, _ at: Int32, _ message: borrowing Message, _ reading: inout Reading) -> Bool {
        switch step.kind {
        case .question: return questions.answer(Int(step.argument), of: message) != nil
        case .noField: return questions.answer(Int(step.argument), of: message) == nil
        case .other: return others[Int(step.argument)].holds(&reading)
        case .all: return all(at + 1, step.end, message, &reading)
        case .not: return !all(at + 1, step.end, message, &reading)
        case .any:
            var next = at + 1
            while next < step.end {
                let part = steps[Int(next)]
                if holds(part, next, message, &reading) { return true }
                next = part.end
            }
            return false
        }
    }
}
