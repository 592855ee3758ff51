/// Questions about single fields of a message: which of these texts it is, whether it begins or ends so or has such a
/// part, whether it is there; about what stands in the body as it was sent; and whether one of several of them holds.
///
/// All of them stand in a few flat arrays without references, so that asking one costs a look at the message's fields
/// and one into a table, however many texts it knows, and touches no reference count (MEASURED: an object for each costs
/// more to hold than to ask). The texts are the profile's own, so how long a look can take does not depend on what
/// comes over the network.
public struct FieldQuestions: Sendable {
    /// What is asked with one text at most.
    public enum Kind: Sendable { case start, end, part, presence }

    private enum Form: Sendable { case texts, start, end, part, anyPart, presence, inBody, either, all }

    private struct Question: @unchecked Sendable {
        var form: Form
        /// A name of the program's own, which lives as long as it: nearly always it is found by its place.
        var literal: UnsafePointer<UInt8>?
        var name: Stretch
        /// What is asked for, where it is one text.
        var text: Stretch
        /// Of several texts: their stretch of `slots`, and one less than its length, a power of two. Of several parts:
        /// their search. Of several questions: their stretch of `alternatives`, and its length.
        var firstSlot: UInt32
        var mask: UInt32
        /// Of what stands in the body: a byte that may hide the words, so that it is taken for one of them; 0: none.
        var escape: UInt8 = 0
        /// Of several texts: a bit for each of their lengths, the last one for all from 63 on.
        var lengths: UInt64 = 0

        func mayBe(_ length: Int) -> Bool { lengths & Self.bit(length) != 0 }
        static func bit(_ length: Int) -> UInt64 { 1 &<< UInt64(truncatingIfNeeded: min(length, 63)) }
    }

    private struct Slot: Sendable {
        var hash: UInt64
        var text: Stretch
        /// Negative: empty.
        var number: Int32
    }

    /// A part of `bytes`.
    private struct Stretch: Sendable {
        var start: UInt32
        var count: UInt32

        var range: Range<Int> { Int(start)..<Int(start) &+ Int(count) }
    }

    private var bytes: [UInt8] = []
    private var slots: [Slot] = []
    private var questions: [Question] = []
    /// The parts that are looked for together.
    private var search = WordSearch()
    /// Questions of which one must hold.
    private var alternatives: [Int32] = []

    public init() {}

    public var count: Int { questions.count }

    /// Which of the texts it is; the first of equal ones counts. Returns the question's number.
    public mutating func add(_ name: FieldName, texts: [String]) -> Int {
        var size = 4
        while size < texts.count * 2 { size *= 2 }
        let first = slots.count
        let empty = Slot(hash: 0, text: Stretch(start: 0, count: 0), number: -1)
        slots.append(contentsOf: repeatElement(empty, count: size))
        questions.append(
            Question(
                form: .texts, literal: name.literal, name: name.withBytes { keep($0) },
                text: Stretch(start: 0, count: 0),
                firstSlot: UInt32(first), mask: UInt32(size - 1)))
        let question = questions.count - 1
        for (number, text) in texts.enumerated() {
            let text = Array(text.utf8)
            if find(text.span.bytes, question) >= 0 { continue }
            let hash = Self.hash(text.span.bytes)
            var at = Self.place(hash) & (size - 1)
            while slots[first + at].number >= 0 { at = (at + 1) & (size - 1) }
            slots[first + at] = Slot(hash: hash, text: keep(text), number: Int32(number))
            questions[question].lengths |= Question.bit(text.count)
        }
        return question
    }

    /// Whether it begins or ends so, or has such a part; of presence the text says nothing. Returns the question's
    /// number.
    public mutating func add(_ name: FieldName, _ kind: Kind, _ text: [UInt8] = []) -> Int {
        let form: Form =
            switch kind {
            case .start: .start
            case .end: .end
            case .part: .part
            case .presence: .presence
            }
        questions.append(
            Question(
                form: form, literal: name.literal, name: name.withBytes { keep($0) }, text: keep(text), firstSlot: 0,
                mask: 0))
        return questions.count - 1
    }

    /// Whether it has one of these parts or another. Returns the question's number.
    public mutating func add(_ name: FieldName, parts wanted: [[UInt8]]) -> Int {
        // Each text has a part that is empty.
        if wanted.contains(where: \.isEmpty) { return add(name, .presence) }
        if wanted.count == 1 { return add(name, .part, wanted[0]) }
        questions.append(
            Question(
                form: .anyPart, literal: name.literal, name: name.withBytes { keep($0) },
                text: Stretch(start: 0, count: 0), firstSlot: UInt32(search.add(wanted)), mask: 0))
        return questions.count - 1
    }

    /// Whether one of these words stands in the body as it was sent, or a byte that begins an escape. None of them may be
    /// empty. Returns the question's number.
    public mutating func add(inBody words: [[UInt8]], escape: UInt8?) -> Int {
        let nothing = Stretch(start: 0, count: 0)
        questions.append(
            Question(
                form: .inBody, literal: nil, name: nothing, text: nothing, firstSlot: UInt32(search.add(words)),
                mask: 0, escape: escape ?? 0))
        return questions.count - 1
    }

    /// Whether one of these questions has an answer. Returns the question's number.
    public mutating func add(either questions: [Int]) -> Int { add(.either, questions) }

    /// Whether all of these questions have one. Returns the question's number.
    public mutating func add(all questions: [Int]) -> Int { add(.all, questions) }

    private mutating func add(_ form: Form, _ parts: [Int]) -> Int {
        // What is asked for one of several texts has more answers than yes.
        if parts.count == 1, questions[parts[0]].form != .texts { return parts[0] }
        let nothing = Stretch(start: 0, count: 0)
        questions.append(
            Question(
                form: form, literal: nil, name: nothing, text: nothing, firstSlot: UInt32(alternatives.count),
                mask: UInt32(parts.count)))
        alternatives += parts.map { Int32($0) }
        return questions.count - 1
    }

    private mutating func keep(_ text: some Sequence<UInt8>) -> Stretch {
        let start = bytes.count
        bytes.append(contentsOf: text)
        return Stretch(start: UInt32(start), count: UInt32(bytes.count - start))
    }

    /// The number of the text that the first field of that name is, or 0 if the answer is yes; `nil` if it is not, or if
    /// there is no such field. A value that is no text is looked at as it would be written.
    public func answer(_ number: Int, of message: borrowing Message) -> Int? {
        let answer = self.number(of: number, message)
        return answer < 0 ? nil : answer
    }

    /// The same; negative: none. What nearly all are is worked out where it is asked: a field with a name of the
    /// program's own, which is one of some texts, begins so or has one of some parts.
    @inline(__always)
    func number(of number: Int, _ message: borrowing Message) -> Int {
        let form = questions[number].form
        guard let literal = questions[number].literal, form == .texts || form == .start || form == .anyPart else {
            return numberSlowly(of: number, message)
        }
        let name = UnsafeBufferPointer(start: literal, count: Int(questions[number].name.count))
        let look = message.withText(named: name) { text in
            switch form {
            case .texts: find(text, number)
            case .start: begins(text, questions[number].text) ? 0 : -1
            default: search.finds(Int(questions[number].firstSlot), in: text) ? 0 : -1
            }
        }
        switch look {
        case .answer(let answer): return answer
        case .integer, .noText: return numberSlowly(of: number, message)
        case .absent: return -1
        }
    }

    @inline(never)
    private func numberSlowly(of number: Int, _ message: borrowing Message) -> Int {
        switch questions[number].form {
        case .texts: break
        case .either: return hasAnswer(questions[number], message, enough: true) ? 0 : -1
        case .all: return hasAnswer(questions[number], message, enough: false) ? 0 : -1
        case .inBody: return isInBody(questions[number], message) ? 0 : -1
        case .start, .end, .part, .anyPart, .presence: return isSo(number, message) ? 0 : -1
        }
        let look = withName(number) { name in
            message.withText(named: name) { find($0, number) }
        }
        switch look {
        case .answer(let answer): return answer
        case .integer(let integer): return Self.withDecimal(integer) { find($0, number) }
        case .noText:
            let text = written(number, message)
            return find(text.span.bytes, number)
        case .absent: return -1
        }
    }

    /// - Parameter enough: the first part that has an answer is enough; otherwise the first that has none is.
    private func hasAnswer(_ question: Question, _ message: borrowing Message, enough: Bool) -> Bool {
        let first = Int(question.firstSlot)
        for place in first..<first &+ Int(question.mask)
        where (self.number(of: Int(alternatives[place]), message) >= 0) == enough { return enough }
        return !enough
    }

    private func isInBody(_ question: Question, _ message: borrowing Message) -> Bool {
        message.withBody { body in
            search.finds(Int(question.firstSlot), in: body)
                || question.escape != 0 && body.firstIndex(of: question.escape, from: 0) != nil
        }
    }

    @inline(__always)
    private func begins(_ text: RawSpan, _ stretch: Stretch) -> Bool {
        let wanted = bytes.span.extracting(stretch.range).bytes
        let count = wanted.byteCount
        return text.byteCount >= count && Self.isSame(text.extracting(unchecked: 0..<count), wanted)
    }

    @inline(never)
    private func isSo(_ number: Int, _ message: borrowing Message) -> Bool {
        let look = withName(number) { name in
            message.withText(named: name) { isSo(questions[number], $0) }
        }
        switch look {
        case .answer(let answer): return answer
        case .integer(let integer): return Self.withDecimal(integer) { isSo(questions[number], $0) }
        case .noText:
            let text = written(number, message)
            return isSo(questions[number], text.span.bytes)
        case .absent: return false
        }
    }

    @inline(__always)
    private func withName<Result>(_ number: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let (literal, name) = (questions[number].literal, questions[number].name)
        if let literal { return body(UnsafeBufferPointer(start: literal, count: Int(name.count))) }
        return bytes.span.extracting(name.range).withUnsafeBufferPointer(body)
    }

    /// A value that is no text, as it would be written.
    @inline(never)
    private func written(_ number: Int, _ message: borrowing Message) -> [UInt8] {
        Array((withName(number) { message.value(named: $0) }?.text ?? "").utf8)
    }

    /// Lends a number as it would be written.
    @inline(__always)
    private static func withDecimal<Answer>(_ integer: Int64, _ look: (RawSpan) -> Answer) -> Answer {
        // Twenty bytes hold any.
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var start = 20
        var rest = integer.magnitude
        repeat {
            start &-= 1
            digits[start] = UInt8(truncatingIfNeeded: 48 &+ rest % 10)
            rest /= 10
        } while rest > 0
        if integer < 0 {
            start &-= 1
            digits[start] = UInt8(ascii: "-")
        }
        return look(digits.span.extracting(start...).bytes)
    }

    private func isSo(_ question: Question, _ text: RawSpan) -> Bool {
        if question.form == .presence { return true }
        if question.form == .anyPart { return search.finds(Int(question.firstSlot), in: text) }
        let wanted = bytes.span.extracting(question.text.range).bytes
        let count = wanted.byteCount
        guard text.byteCount >= count else { return false }
        return switch question.form {
        case .texts, .anyPart, .presence, .inBody, .either, .all: true
        case .start: Self.isSame(text.extracting(first: count), wanted)
        case .end: Self.isSame(text.extracting(last: count), wanted)
        case .part: Self.hasPart(text, wanted)
        }
    }

    /// Naive search; `wanted` is a short text of the profile, so the cost stays linear in the message.
    private static func hasPart(_ text: RawSpan, _ wanted: RawSpan) -> Bool {
        let count = wanted.byteCount
        if count == 0 { return true }
        let last = text.byteCount &- count
        if last < 0 { return false }
        let first = wanted.big8(unchecked: 0)
        for at in 0...last where text.big8(unchecked: at) == first {
            if isSame(text.extracting(unchecked: at..<at &+ count), wanted) { return true }
        }
        return false
    }

    /// Negative: it is none of the texts.
    @inline(__always)
    private func find(_ text: RawSpan, _ number: Int) -> Int {
        if !questions[number].mayBe(text.byteCount) { return -1 }
        let (first, mask) = (Int(questions[number].firstSlot), Int(questions[number].mask))
        let hash = Self.hash(text)
        var at = Self.place(hash) & mask
        while true {
            let place = first &+ at
            if slots[place].number < 0 { return -1 }
            if slots[place].hash == hash, Int(slots[place].text.count) == text.byteCount,
                text.byteCount < 8 || Self.isSame(text, bytes.span.extracting(slots[place].text.range).bytes)
            {
                return Int(slots[place].number)
            }
            at = (at &+ 1) & mask
        }
    }

    private static func place(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: (hash &* 0x9E37_79B9_7F4A_7C15) >> 40)
    }

    /// Of two texts of one length.
    @inline(__always)
    static func isSame(_ a: RawSpan, _ b: RawSpan) -> Bool {
        let count = a.byteCount
        if count >= 8 {
            var at = 0
            while at < count &- 8 {
                if a.big64(unchecked: at) != b.big64(unchecked: at) { return false }
                at &+= 8
            }
            // The last word overlaps the one before it.
            return a.big64(unchecked: count &- 8) == b.big64(unchecked: count &- 8)
        }
        if count >= 4 {
            return a.big32(unchecked: 0) == b.big32(unchecked: 0)
                && a.big32(unchecked: count &- 4) == b.big32(unchecked: count &- 4)
        }
        for at in 0..<count where a.big8(unchecked: at) != b.big8(unchecked: at) { return false }
        return true
    }

    /// The length, the first and the last bytes: what tells a profile's words apart. Of texts of one length below eight
    /// bytes it is all there is to know.
    @inline(__always)
    private static func hash(_ text: RawSpan) -> UInt64 {
        let count = text.byteCount
        if count >= 8 {
            let first = text.big64(unchecked: 0) &* 0xFF51_AFD7_ED55_8CCD
            return first ^ text.big64(unchecked: count &- 8) ^ UInt64(count)
        }
        if count >= 4 {
            return UInt64(text.big32(unchecked: 0)) << 32 ^ UInt64(text.big32(unchecked: count &- 4)) ^ UInt64(count)
        }
        if count == 0 { return 0 }
        let ends = UInt64(text.big8(unchecked: 0)) << 16 | UInt64(text.big8(unchecked: count &- 1))
        return ends << 8 ^ UInt64(text.big8(unchecked: count / 2)) ^ UInt64(count) << 32
    }
}
