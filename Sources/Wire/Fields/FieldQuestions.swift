/// Questions about single fields of a message: which of these texts it is, or whether it begins so.
///
/// All of them stand in a few flat arrays without references, so that asking one costs a look at the message's fields
/// and one into a table, however many texts it knows, and touches no reference count (MEASURED: an object for each costs
/// more to hold than to ask). The texts are the profile's own, so how long a look can take does not depend on what
/// comes over the network.
public struct FieldQuestions: Sendable {
    /// The field's name, then where its answers are: a stretch of `slots`, or, where there is none, the start that is
    /// asked for.
    private struct Question: Sendable {
        var name: Stretch
        var start: Stretch
        var firstSlot: UInt32
        /// One less than the number of its slots, a power of two.
        var mask: UInt32
        var isOfStart: Bool
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
                name: name.withBytes { keep($0) }, start: Stretch(start: 0, count: 0), firstSlot: UInt32(first),
                mask: UInt32(size - 1), isOfStart: false))
        let question = questions[questions.count - 1]
        for (number, text) in texts.enumerated() {
            let text = Array(text.utf8)
            if find(text.span.bytes, question) != nil { continue }
            let hash = Self.hash(text.span.bytes)
            var at = Self.place(hash) & (size - 1)
            while slots[first + at].number >= 0 { at = (at + 1) & (size - 1) }
            slots[first + at] = Slot(hash: hash, text: keep(text), number: Int32(number))
        }
        return questions.count - 1
    }

    /// Whether it begins so. Returns the question's number.
    public mutating func add(_ name: FieldName, start: [UInt8]) -> Int {
        questions.append(
            Question(
                name: name.withBytes { keep($0) }, start: keep(start), firstSlot: 0, mask: 0, isOfStart: true))
        return questions.count - 1
    }

    private mutating func keep(_ text: some Sequence<UInt8>) -> Stretch {
        let start = bytes.count
        bytes.append(contentsOf: text)
        return Stretch(start: UInt32(start), count: UInt32(bytes.count - start))
    }

    /// The number of the text that the first field of that name is, or 0 if it begins as asked; `nil` if not, or if there
    /// is no such field. A value that is no text may be written so all the same: of its start the answer is 0.
    public func answer(_ number: Int, of message: borrowing Message) -> Int? {
        let question = questions[number]
        let name = bytes.span.extracting(question.name.range).bytes
        if question.isOfStart {
            switch message.withText(named: name, { begins($0, question.start) }) {
            case .answer(let begins): return begins ? 0 : nil
            case .noText: return 0
            case .absent: return nil
            }
        }
        switch message.withText(named: name, { find($0, question) }) {
        case .answer(let found): return found
        case .noText(let value):
            let text = Array(value.text.utf8)
            return find(text.span.bytes, question)
        case .absent: return nil
        }
    }

    @inline(__always)
    private func begins(_ text: RawSpan, _ start: Stretch) -> Bool {
        let start = bytes.span.extracting(start.range).bytes
        guard text.byteCount >= start.byteCount else { return false }
        return Self.isSame(text.extracting(first: start.byteCount), start)
    }

    @inline(__always)
    private func find(_ text: RawSpan, _ question: Question) -> Int? {
        let hash = Self.hash(text)
        var at = Self.place(hash) & Int(question.mask)
        while true {
            let slot = slots[Int(question.firstSlot) &+ at]
            if slot.number < 0 { return nil }
            if slot.hash == hash, Int(slot.text.count) == text.byteCount,
                Self.isSame(text, bytes.span.extracting(slot.text.range).bytes)
            {
                return Int(slot.number)
            }
            at = (at &+ 1) & Int(question.mask)
        }
    }

    private static func place(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: (hash &* 0x9E37_79B9_7F4A_7C15) >> 40)
    }

    /// Of two texts of one length.
    @inline(__always)
    private static func isSame(_ a: RawSpan, _ b: RawSpan) -> Bool {
        let count = a.byteCount
        var at = 0
        while count &- at >= 8 {
            if a.big64(unchecked: at) != b.big64(unchecked: at) { return false }
            at &+= 8
        }
        while at < count {
            if a.big8(unchecked: at) != b.big8(unchecked: at) { return false }
            at &+= 1
        }
        return true
    }

    /// The length, the first and the last bytes: what tells a profile's words apart.
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
