import Domain

/// What the data say about the longest believable service of each service: lines to paste into the site file.
public struct SuggestLimitsQuery: Query {
    public let name = "suggest-limits"
    public let summary =
        "Proposes maxService for each service from the services that were measured, as lines for the site file."
    public let parameters = ["office", "from", "to"]
    public let outputs: [Output] = [.text, .table, .json, .csv]

    /// Days looked at without `from`.
    static let defaultDays = 90

    public init() {}

    private struct Office {
        var id: String
        var days: Int
        var site: Site?
        var suggestions: [LimitSuggestion]
    }

    public func answer(_ arguments: Arguments, from days: OfficeDays) async throws -> Answer {
        let offices = try await days.offices(arguments)
        let now = days.now()
        var out: [Office] = []
        for office in offices {
            let today = office.clock.day(of: now)
            let last = try arguments.day("to") ?? max(today, office.latestDay ?? today)
            let first = try arguments.day("from") ?? last + -(SuggestLimitsQuery.defaultDays - 1)
            guard first <= last else { throw QueryError.usage("--from \(first) is after --to \(last)") }
            let results = try await days.results(office: office.id, from: first, to: last + 1, asOf: nil)
            out.append(
                Office(
                    id: office.id, days: results.count, site: office.site,
                    suggestions: LimitSuggestion.make(of: results)))
        }
        let note = out.allSatisfy { $0.days == 0 } ? "no data" : nil
        switch arguments.output {
        case .text: return Answer(out.map(yaml).joined(separator: "\n"), .text, note: note)
        case .json: return Answer(json(out), .json, note: note)
        default: return Answer(table(out), arguments.output, colour: arguments.colour, note: note)
        }
    }

    private func yaml(_ office: Office) -> String {
        var lines = [
            "# \(printable(office.id)): from \(office.days) office-day\(office.days == 1 ? "" : "s"). A proposal: the site file decides.",
            "# Rule: \(LimitSuggestion.rule).", "services:",
        ]
        for suggestion in office.suggestions {
            let id = printable(suggestion.service)
            let now = office.site?.service(suggestion.service)?.maxServiceMilliseconds
            let current = now.map { ", now \(ServiceLevel.text($0))" } ?? ", now without a limit"
            guard let limit = suggestion.limit, let median = suggestion.median, let high = suggestion.p995,
                let longest = suggestion.longest
            else {
                lines.append(
                    "  # \(id): not enough data (n = \(suggestion.n), at least \(LimitSuggestion.minimum))\(current)")
                continue
            }
            lines.append(
                "  - { id: \(id), maxService: \(ServiceLevel.text(limit)) }  # n = \(suggestion.n), median \(durationText(median)), "
                    + "p99.5 \(durationText(high)), longest \(durationText(longest)), \(suggestion.beyond ?? 0) beyond\(current)"
            )
        }
        if office.suggestions.isEmpty { lines.append("  # no services") }
        return lines.joined(separator: "\n") + "\n"
    }

    private func table(_ offices: [Office]) -> Table {
        let columns: [Table.Column] = [
            .init("office"), .init("service"), .init("n", numeric: true),
            .init("limit_ms", "maxService", numeric: true), .init("now_ms", "now", numeric: true),
            .init("median_ms", "median", numeric: true), .init("mad_ms", "MAD", numeric: true),
            .init("p995_ms", "p99.5", numeric: true), .init("longest_ms", "longest", numeric: true),
            .init("beyond", numeric: true), .init("state"),
        ]
        func time(_ value: Int64?) -> Table.Cell { value.map { .milliseconds($0) } ?? .none }
        let rows: [[Table.Cell]] = offices.flatMap { office in
            office.suggestions.map { suggestion in
                [
                    .text(office.id), .text(suggestion.service), .integer(Int64(suggestion.n)), time(suggestion.limit),
                    time(office.site?.service(suggestion.service)?.maxServiceMilliseconds), time(suggestion.median),
                    time(suggestion.deviation), time(suggestion.p995), time(suggestion.longest),
                    suggestion.beyond.map { .integer(Int64($0)) } ?? .none,
                    .text(suggestion.limit == nil ? "not enough data" : "proposed"),
                ]
            }
        }
        return Table(columns: columns, rows: rows, notes: ["", "rule: " + LimitSuggestion.rule])
    }

    private func json(_ offices: [Office]) -> String {
        "{\"rule\":" + jsonString(LimitSuggestion.rule) + ",\"services\":" + table(offices).json.dropLast() + "}\n"
    }
}
