/// Print jobs that are no tickets, on the same port 9100: documents in a page description language. They are recognised
/// and counted, and nothing of them is read: not even their names, which say what people print.
///
/// Reference: HP's PJL technical reference (universal exit, `@PJL ENTER LANGUAGE`).
public enum PJL {
    public enum Field {
        /// `PCL`, `PCLXL`, `POSTSCRIPT`, `PDF`, `ZPL` or another word of `ENTER LANGUAGE`; `unknown` if none came.
        public static let language: FieldName = "language"
    }

    public static let fields: [FieldName] = [Field.language]

    /// How far the language is looked for.
    public static let headLimit = 8_192
    static let languageLimit = 24

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        guard let language = message.text(Field.language) else { return [] }
        return [("language", language)]
    }

    /// What a connection to a printer's port begins with, where it is no ticket.
    enum Start { case yes, no, unclear }

    static func start(_ bytes: borrowing RawSpan) -> Start {
        var isUnclear = false
        for mark in marks {
            let count = mark.utf8CodeUnitCount
            if bytes.holds(mark, at: 0) { return .yes }
            if bytes.byteCount < count, bytes.byteCount > 1, isFront(bytes, of: mark) { isUnclear = true }
        }
        return isUnclear ? .unclear : .no
    }

    /// Universal exit, PostScript, PDF, PCL's reset before another command (`ESC E n` is a ticket's bold text), ZPL.
    private static let marks: [StaticString] = [
        "\u{1B}%-12345X", "%!PS", "%PDF-", "\u{1B}E\u{1B}", "^XA",
    ]

    private static func isFront(_ bytes: borrowing RawSpan, of mark: StaticString) -> Bool {
        mark.withUTF8Buffer { wanted in
            for index in 0..<bytes.byteCount where bytes.octet(index) != wanted[index] { return false }
            return true
        }
    }

    /// A job's front, for the simulated office's printer.
    public static func encodeJob(language: String) -> [UInt8] {
        Array("\u{1B}%-12345X@PJL\r\n@PJL ENTER LANGUAGE=\(language)\r\n".utf8)
    }
}

/// One message for a connection that carries a print job; the rest is stepped over.
public struct PJLDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .pjl }
    public static var fields: [FieldName] { PJL.fields }

    private var isKnown = false
    private var searched = 0

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        if isKnown { return .skip(bytes.byteCount) }
        switch PJL.start(bytes) {
        case .unclear: return .needMore(atLeast: bytes.byteCount + 1)
        case .no:
            // A printer's answers.
            guard bytes.byteCount > 1 else { return .needMore(atLeast: 2) }
            isKnown = true
            return .skip(bytes.byteCount)
        case .yes: break
        }
        guard let language = language(bytes) else {
            guard bytes.byteCount < PJL.headLimit else { return job("unknown", bytes.byteCount) }
            return .needMore(atLeast: bytes.byteCount + 1)
        }
        return job(language, bytes.byteCount)
    }

    private mutating func job(_ language: String, _ consumed: Int) -> DecodeStep {
        .message(message(language), consumed: consumed)
    }

    private mutating func message(_ language: String) -> Message {
        isKnown = true
        var message = Message(.pjl)
        message.add(PJL.Field.language, text: language)
        return message
    }

    private mutating func language(_ bytes: borrowing RawSpan) -> String? {
        if bytes.holds("%!PS", at: 0) { return "POSTSCRIPT" }
        if bytes.holds("%PDF-", at: 0) { return "PDF" }
        if bytes.holds("^XA", at: 0) { return "ZPL" }
        if bytes.holds("\u{1B}E", at: 0) { return "PCL" }
        let limit = min(bytes.byteCount, PJL.headLimit)
        var from = searched
        while let line = bytes.firstIndex(of: 10, from: from, to: limit) {
            let start = from == 0 ? 9 : from
            if let word = Self.word(bytes, bytes.trimmed(start..<max(line, start))) { return word }
            from = line + 1
            searched = from
        }
        return nil
    }

    /// `@PJL ENTER LANGUAGE = word`, letters in either case.
    private static func word(_ bytes: borrowing RawSpan, _ line: Range<Int>) -> String? {
        var index = line.lowerBound
        for part in ["@pjl", "enter", "language"] as [StaticString] {
            let end = index + part.utf8CodeUnitCount
            guard end <= line.upperBound, bytes.matches(part, in: index..<end) else { return nil }
            index = bytes.skip(from: end, to: line.upperBound) { $0 == 32 || $0 == 9 }
        }
        guard bytes.octet(index) == UInt8(ascii: "=") else { return nil }
        let start = bytes.skip(from: index + 1, to: line.upperBound) { $0 == 32 || $0 == 9 }
        let end = bytes.skip(from: start, to: min(line.upperBound, start + PJL.languageLimit)) {
            $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
        }
        return end > start ? bytes.text(start..<end).uppercased() : nil
    }

    /// A job that ended before its language was said.
    public mutating func finish(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> Message? {
        guard !isKnown, PJL.start(bytes) == .yes else { return nil }
        return message("unknown")
    }

    public mutating func heard(_ message: borrowing Message) {
        // The other side sends the job: this is the printer.
        if message.protocolName == .pjl { isKnown = true }
    }

    /// In the middle of a job nothing is to be found; a new one's universal exit may come.
    public mutating func resynchronise(_ bytes: borrowing RawSpan) -> Int? {
        searched = 0
        var from = 0
        while let index = bytes.firstIndex(of: 0x1B, from: from) {
            if bytes.holds("\u{1B}%-12345X", at: index) { return index }
            from = index + 1
        }
        return nil
    }
}
