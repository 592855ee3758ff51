internal import Domain

/// What a collector reports, held against what is true: every difference is a line for a person.
public struct Comparison: Sendable {
    /// Times and durations may differ by so many milliseconds.
    public var tolerance: Int64
    public private(set) var differences: [String] = []

    public init(tolerance: Int64) {
        self.tolerance = max(0, tolerance)
    }

    // MARK: Visits

    /// Rows with their headers, cell by cell; visits are found by (ticket, ordinal).
    public mutating func visits(truth: [[String]], reported: [[String]]) {
        guard let header = truth.first, let other = reported.first else {
            differences.append("visits: one side has no header")
            return
        }
        guard header == other else {
            differences.append("visits: columns differ: \(other.joined(separator: ","))")
            return
        }
        let columns = ["ticket", "ordinal"].compactMap { header.firstIndex(of: $0) }
        func key(_ row: [String]) -> String {
            columns.map { $0 < row.count ? row[$0] : "" }.joined(separator: " #")
        }
        var rest: [String: [[String]]] = [:]
        for row in reported.dropFirst() { rest[key(row), default: []].append(row) }
        for row in truth.dropFirst() {
            let name = key(row)
            guard let found = rest[name]?.first else {
                differences.append("visit \(name): missing")
                continue
            }
            rest[name]?.removeFirst()
            for (column, title) in header.enumerated() {
                let (expected, said) = (
                    column < row.count ? row[column] : "", column < found.count ? found[column] : ""
                )
                if !agrees(title, expected, said) {
                    differences.append("visit \(name): \(title) is \(shown(said)), true is \(shown(expected))")
                }
            }
        }
        for name in rest.keys.sorted() where rest[name]?.isEmpty == false {
            differences.append("visit \(name): never happened")
        }
        if tolerance == 0, differences.isEmpty, truth != reported { differences.append("visits: in another order") }
    }

    private func agrees(_ column: String, _ expected: String, _ said: String) -> Bool {
        if expected == said { return true }
        guard tolerance > 0 else { return false }
        if column.hasSuffix("_ms"), let a = Int64(expected), let b = Int64(said) { return abs(a - b) <= tolerance }
        if let a = Comparison.milliseconds(expected), let b = Comparison.milliseconds(said) {
            return abs(a - b) <= tolerance
        }
        return false
    }

    private func shown(_ cell: String) -> String { cell.isEmpty ? "empty" : cell }

    // MARK: Events

    /// Lines of `events.jsonl`: without tolerance the same lines in the same order, with it the same events in the
    /// same order per device.
    public mutating func events(truth: [String], reported: [String]) {
        if tolerance == 0 {
            for (index, (expected, said)) in zip(truth, reported).enumerated() where expected != said {
                differences.append("event \(index + 1): is \(said)\n          true is \(expected)")
                return
            }
            if truth.count != reported.count {
                differences.append("events: \(reported.count), true are \(truth.count)")
            }
            return
        }
        let (left, right) = (Comparison.byDevice(truth), Comparison.byDevice(reported))
        for device in Set(left.keys).union(right.keys).sorted() {
            let (expected, said) = (left[device] ?? [], right[device] ?? [])
            if expected.count != said.count {
                differences.append("events of \(device): \(said.count), true are \(expected.count)")
            }
            for (a, b) in zip(expected, said) where a.rest != b.rest || abs(a.at - b.at) > tolerance {
                differences.append("events of \(device): at \(b.at) \(b.rest)\n          true is at \(a.at) \(a.rest)")
                break
            }
        }
    }

    private static func byDevice(_ lines: [String]) -> [String: [(at: Int64, rest: String)]] {
        var out: [String: [(at: Int64, rest: String)]] = [:]
        for line in lines {
            // The form is fixed: {"at":"…","device":"…",… (DOMAIN.md §A).
            let parts = line.split(separator: "\"", maxSplits: 8, omittingEmptySubsequences: false)
            guard parts.count == 9, parts[1] == "at", let at = milliseconds(String(parts[3])) else {
                out["unreadable", default: []].append((0, line))
                continue
            }
            out[String(parts[7]), default: []].append((at, String(parts[8])))
        }
        return out
    }

    // MARK: Totals

    /// The columns of the reported rows summed up, and the reported report, against `summary.json`.
    public mutating func totals(truth: TruthSummary, rows: [[String]], report: ReportedTotals) {
        let header = rows.first ?? []
        func column(_ name: String) -> [String] {
            guard let index = header.firstIndex(of: name) else { return [] }
            return rows.dropFirst().map { index < $0.count ? $0[index] : "" }
        }
        func sum(_ name: String) -> Int64 { column(name).reduce(0) { $0 + (Int64($1) ?? 0) } }
        let outcomes = column("outcome")
        let counts: [(String, Int, Int)] = [
            ("visits", truth.visits, rows.count - 1), ("visits in the report", truth.visits, report.visits ?? -1),
            ("served", truth.served, outcomes.count { $0 == "served" }),
            ("noShow", truth.noShow, outcomes.count { $0 == "noShow" }),
            ("left", truth.left, outcomes.count { $0 == "left" }),
            ("open", truth.open, outcomes.count { $0 == "open" }),
            ("suspect", truth.suspect, column("flags").count { $0.split(separator: "+").contains("suspect") }),
        ]
        for (name, expected, said) in counts where expected != said {
            differences.append("total \(name): \(said), true is \(expected)")
        }
        // Each visit's times may be off by the tolerance.
        let slack = tolerance * Int64(max(truth.visits, 1))
        var times: [(String, Int64, Int64?)] = [
            ("waitMilliseconds", truth.waitMilliseconds, sum("wait_ms")),
            ("callingMilliseconds", truth.callingMilliseconds, sum("calling_ms")),
            ("serviceMilliseconds", truth.serviceMilliseconds, sum("service_ms")),
            ("holdMilliseconds", truth.holdMilliseconds, sum("hold_ms")),
        ]
        for cause in WaitCause.allCases {
            let expected = truth.causes[cause.rawValue] ?? 0
            times.append(("causes.\(cause.rawValue)", expected, sum(cause.rawValue + "_ms")))
            times.append(("causes.\(cause.rawValue) in the report", expected, report.causes[cause.rawValue]))
        }
        for (name, expected, said) in times {
            guard let said else {
                differences.append("total \(name): not reported, true is \(expected)")
                continue
            }
            if abs(said - expected) > slack { differences.append("total \(name): \(said), true is \(expected)") }
        }
    }

    /// RFC 3339 with milliseconds, as milliseconds since 1970; `nil` for anything else.
    static func milliseconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 29, bytes[10] == UInt8(ascii: "T"), let day = LocalDay(text.prefix(10)) else { return nil }
        func number(_ range: Range<Int>) -> Int64? { Int64(String(decoding: bytes[range], as: UTF8.self)) }
        guard let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            let part = number(20..<23), let offsetHour = number(24..<26), let offsetMinute = number(27..<29)
        else { return nil }
        let sign: Int64 = bytes[23] == UInt8(ascii: "-") ? -1 : 1
        let local = ((Int64(day.number) * 24 + hour) * 60 + minute) * 60 + second
        return (local - sign * (offsetHour * 60 + offsetMinute) * 60) * 1_000 + part
    }
}

/// The numbers of a report that `summary.json` knows as well.
public struct ReportedTotals: Sendable {
    public var visits: Int?
    /// Milliseconds by cause.
    public var causes: [String: Int64]

    public init(visits: Int?, causes: [String: Int64]) {
        self.visits = visits
        self.causes = causes
    }
}
