import Domain
import Foundation

/// What somebody wants to say of a stretch of an office-day, as text; checked before anything is written.
public struct AnnotationDraft: Codable, Hashable, Sendable {
    public var office: String
    public var counter: String?
    /// A moment: RFC 3339, or `2026-11-10T09:10` on the office's own clock.
    public var from: String
    public var until: String
    public var text: String
    public var by: String?

    public init(office: String, counter: String?, from: String, until: String, text: String, by: String?) {
        self.office = office
        self.counter = counter
        self.from = from
        self.until = until
        self.text = text
        self.by = by
    }
}

/// Takes an annotation back.
public struct AnnotationRetraction: Codable, Hashable, Sendable {
    public var office: String
    public var id: String
    public var by: String?

    public init(office: String, id: String, by: String?) {
        self.office = office
        self.id = id
        self.by = by
    }
}

extension AnnotationDraft {
    /// Text as it will be kept. What is too long or holds a number that could lead to a person is refused, not mended:
    /// nobody should find their words cut, and no such number should be in the log in any form.
    /// - Throws: `QueryError.usage`.
    static func clean(_ text: String, _ what: String, limit: Int) throws(QueryError) -> String {
        // Bounded before anything is looked at.
        guard text.utf8.count <= 16 * limit else {
            throw .usage("the \(what) is too long: \(text.utf8.count) bytes, at most \(limit)")
        }
        var joined = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: joined += " "
            case .format, .privateUse, .surrogate, .unassigned: continue
            default: joined.unicodeScalars.append(scalar)
            }
        }
        let clean = joined.split(separator: " ").joined(separator: " ")
        guard !clean.isEmpty else { throw .usage("the \(what) is empty") }
        guard clean.utf8.count <= limit else {
            throw .usage("the \(what) is too long: \(clean.utf8.count) bytes, at most \(limit)")
        }
        if let number = PersonalNumbers.first(in: clean) {
            throw .usage(
                "the \(what) holds a run of \(number.utf8.count) digits, which looks like a phone or identity number; "
                    + "leave it out: no numbers of people are kept")
        }
        return clean
    }

    /// A moment as a person writes it: RFC 3339, or local time of the office without an offset.
    static func moment(_ text: String, _ what: String, _ clock: OfficeClock) throws(QueryError) -> Instant {
        if let instant = Instant(argument: text), Int64(text) == nil { return instant }
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "T" || $0 == "t" || $0 == " " }
        if parts.count == 2, let day = LocalDay(parts[0]) {
            let fields = parts[1].split(separator: ":", omittingEmptySubsequences: false)
            let numbers = fields.compactMap { $0.utf8.count == 2 ? UInt8($0) : nil }
            if (2...3).contains(fields.count), numbers.count == fields.count, numbers[0] < 24 || isMidnight(numbers),
                numbers.dropFirst().allSatisfy({ $0 < 60 })
            {
                let seconds = numbers.count > 2 ? Int64(numbers[2]) : 0
                return clock.instant(
                    day, milliseconds: (Int64(numbers[0]) * 3_600 + Int64(numbers[1]) * 60 + seconds) * 1_000)
            }
        }
        throw .usage(
            "'\(printable(String(text.prefix(60))))' is no moment for '\(what)': write 2026-11-10T09:10 "
                + "(the office's time) or 2026-11-10T09:10:00+07:00")
    }

    private static func isMidnight(_ numbers: [UInt8]) -> Bool {
        numbers[0] == 24 && numbers.dropFirst().allSatisfy { $0 == 0 }
    }
}
