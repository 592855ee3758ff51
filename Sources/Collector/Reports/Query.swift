public import Domain

/// A question to the collector, answered the same on the command line and over HTTP. One value here and one line in
/// `Queries.all` make the route, the command and its forms.
public protocol Query: Sendable {
    /// The command's name, and the route `/api/v1/<name>`.
    var name: String { get }
    /// One line for `--help`.
    var summary: String { get }
    /// Parameters beside `output`, in the order of the help.
    var parameters: [String] { get }
    /// The forms it has; the first is the default.
    var outputs: [Output] { get }

    func answer(_ arguments: Arguments, from days: OfficeDays) async throws -> Answer
}

/// The form of an answer.
public enum Output: String, Hashable, Sendable, CaseIterable {
    case table, text, json, csv, svg, jsonl

    public var contentType: String {
        switch self {
        case .table, .text: "text/plain; charset=utf-8"
        case .json: "application/json; charset=utf-8"
        case .csv: "text/csv; charset=utf-8"
        case .svg: "image/svg+xml; charset=utf-8"
        case .jsonl: "application/jsonl; charset=utf-8"
        }
    }
}

/// What comes back: a body in one form, and what a person should also hear.
public struct Answer: Hashable, Sendable {
    public var body: String
    public var output: Output
    /// Said beside the body (on standard error): `no data`.
    public var note: String?
    /// What was compared is not the same: the command exits with 1.
    public var differs: Bool

    public init(_ body: String, _ output: Output, note: String? = nil, differs: Bool = false) {
        self.body = body
        self.output = output
        self.note = note
        self.differs = differs
    }

    public init(_ table: Table, _ output: Output, colour: Bool, note: String? = nil) {
        let text =
            switch output {
            case .csv: table.csv
            case .json: table.json
            default: table.rows.isEmpty ? "no data\n" : table.text(colour: colour)
            }
        self.init(text, output, note: table.rows.isEmpty ? note ?? "no data" : note)
    }
}

/// A question that cannot be answered as it was put.
public enum QueryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A wrong word (exit 64, HTTP 400).
    case usage(String)
    /// No such thing (exit 1, HTTP 404).
    case unknown(String)

    public var description: String {
        switch self {
        case .usage(let text), .unknown(let text): text
        }
    }
}

/// The parameters of a question as text, checked when they are asked for.
public struct Arguments: Hashable, Sendable {
    public var values: [String: String]
    public var output: Output

    /// Every name must be one that the query knows, every form one that it has.
    public init(_ values: [String: String], for query: some Query) throws(QueryError) {
        let known = query.parameters + ["output", "colour", "width", "lang"]
        for name in values.keys.sorted() where !known.contains(name) {
            throw .usage("unknown parameter '\(printable(name))'; known: \(known.joined(separator: ", "))")
        }
        self.values = values
        let names = query.outputs.map(\.rawValue).joined(separator: ", ")
        if let text = values["output"] {
            guard let output = Output(rawValue: text), query.outputs.contains(output) else {
                throw .usage("unknown output '\(printable(text))'; \(query.name) has: \(names)")
            }
            self.output = output
        } else {
            guard let first = query.outputs.first else { throw .usage("\(query.name) has no output") }
            output = first
        }
    }

    public subscript(_ name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    public func day(_ name: String) throws(QueryError) -> LocalDay? {
        guard let text = self[name] else { return nil }
        guard let day = LocalDay(text) else {
            throw .usage("'\(printable(text))' is not a date: write YYYY-MM-DD, as 2026-11-10")
        }
        return day
    }

    /// A moment: RFC 3339 as `2026-11-10T11:30:00+07:00`, or milliseconds since 1970.
    public func instant(_ name: String) throws(QueryError) -> Instant? {
        guard let text = self[name] else { return nil }
        guard let instant = Instant(argument: text) else {
            throw .usage("'\(printable(text))' is not a moment: write it as 2026-11-10T11:30:00+07:00")
        }
        return instant
    }

    public func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Value.Type
    ) throws(QueryError) -> Value? where Value.RawValue == String {
        guard let text = self[name] else { return nil }
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw .usage("unknown \(name) '\(printable(text))'; known: \(known)")
        }
        return value
    }

    /// X of the service levels: `10m`, `90s`; fifteen minutes without a word.
    func serviceLevel() throws(QueryError) -> Int64 {
        guard let text = self["serviceLevel"] else { return ServiceLevel.defaultLimit }
        guard let limit = ServiceLevel.milliseconds(text) else {
            throw .usage("'\(printable(text))' is no service level: write a duration from 1s to 24h, as 10m or 90s")
        }
        return limit
    }

    public func flag(_ name: String) -> Bool { ["1", "true", "yes"].contains(self[name] ?? "") }

    /// Terminal columns, 40 to 400.
    public var width: Int { min(max(self["width"].flatMap { Int($0) } ?? 100, 40), 400) }
    public var colour: Bool { flag("colour") }
}

extension Instant {
    init?(argument text: String) {
        if let milliseconds = Int64(text) {
            self.init(milliseconds: milliseconds)
        } else {
            guard text.utf8.count >= 20, let day = LocalDay(text.prefix(10)) else { return nil }
            let time = text.dropFirst(11)
            let zoneStart = time.lastIndex { $0 == "Z" || $0 == "z" || $0 == "+" || $0 == "-" }
            guard ["T", "t", " "].contains(text.dropFirst(10).first ?? "x"), let zoneStart else { return nil }
            let parts = time[..<zoneStart].split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 3, let hour = Int64(parts[0]), let minute = Int64(parts[1]),
                (0...23).contains(hour), (0...59).contains(minute), let second = Double(parts[2]),
                (0..<61).contains(second)
            else { return nil }
            var offset: Int64 = 0
            let zone = time[zoneStart...]
            if zone.uppercased() != "Z" {
                let digits = zone.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
                guard digits.count == 2, let hours = Int64(digits[0]), let minutes = Int64(digits[1]),
                    (0...18).contains(hours), (0...59).contains(minutes)
                else { return nil }
                offset = (hours * 60 + minutes) * (zone.first == "-" ? -1 : 1)
            }
            self.init(
                milliseconds: Int64(day.number) * 86_400_000 + (hour * 60 + minute - offset) * 60_000
                    + Int64((second * 1_000).rounded()))
        }
        guard self >= .distantPast, self <= .distantFuture else { return nil }
    }
}
