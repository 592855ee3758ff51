import Domain

/// The visits of a day (DOMAIN.md §A): the same rows as `truth/visits.csv`.
public struct VisitsQuery: Query {
    public let name = "visits"
    public let summary = "Every visit of a day, one row each."
    public let parameters = ["date", "office", "merged", "asOf"]
    public let outputs: [Output] = [.table, .json, .csv]

    public init() {}

    public func answer(_ arguments: Arguments, from days: OfficeDays) async throws -> Answer {
        let asOf = try arguments.instant("asOf")
        let date = try arguments.day("date")
        var rows: [[String]] = []
        var excuses: [[String]] = []
        var visits: [(visit: Visit, clock: OfficeClock)] = []
        let scope = try await Scope(arguments, from: days)
        for office in scope.offices {
            let clock = office.clock
            let day = date ?? clock.day(of: asOf ?? days.now())
            guard scope.contains(office.id, on: day) else { continue }
            for result in try await days.results(office: office.id, from: day, to: day + 1, asOf: asOf) {
                visits += result.visits.map { ($0, clock) }
                rows += result.visits.map { $0.csvRow(clock: clock) }
                excuses += result.visits.map { result.annotations(touching: $0) }
            }
        }
        let note = rows.isEmpty ? "no data" + (date.map { " on \($0)" } ?? "") : nil
        switch arguments.output {
        case .csv:
            let text = ([Visit.csvHeader] + rows).map { csvLine($0) + "\n" }.joined()
            return Answer(text, .csv, note: note)
        case .json: return Answer(VisitsQuery.table(rows, excuses).json, .json, note: note)
        default: return Answer(VisitsQuery.short(visits), .table, colour: arguments.colour, note: note)
        }
    }

    /// The columns of the CSV; numbers as numbers, empty cells as absent keys.
    ///
    /// `excuses`: per row the ids of the annotations that touch it; a key of the JSON where there are any.
    static func table(_ rows: [[String]], _ excuses: [[String]]) -> Table {
        let columns = Visit.csvHeader.map {
            Table.Column($0, numeric: $0 == "ordinal" || $0.hasSuffix("_ms"))
        }
        let cells: [[Table.Cell]] = zip(rows, excuses).map { row, ids in
            let own: [Table.Cell] = zip(columns, row).map { column, text in
                if text.isEmpty { return .none }
                if column.isNumeric, let value = Int64(text) { return .integer(value) }
                return .text(text)
            }
            return own + [ids.isEmpty ? .none : .list(ids)]
        }
        return Table(columns: columns + [Table.Column("annotations")], rows: cells)
    }

    /// What fits a terminal.
    private static func short(_ visits: [(visit: Visit, clock: OfficeClock)]) -> Table {
        let columns: [Table.Column] = [
            .init("office"), .init("ticket"), .init("service"), .init("counter"), .init("issued"), .init("called"),
            .init("finished"), .init("outcome"), .init("wait", numeric: true),
            .init("service_ms", "served in", numeric: true),
            .init("cause", "waited for"), .init("flags"),
        ]
        let rows: [[Table.Cell]] = visits.map { visit, clock in
            func time(_ instant: Instant?) -> Table.Cell {
                .text(instant.map { OfficeClock.timeText(Int(clock.timeOfDay($0))) } ?? "–")
            }
            let first = visit.legs.first
            let ticket = visit.ordinal > 1 ? "\(visit.ticket) (\(visit.ordinal))" : visit.ticket
            let causes = WaitCause.allCases.filter { visit.causes[$0] > 0 }.sorted {
                visit.causes[$0] > visit.causes[$1]
            }
            return [
                .text(visit.office), .text(ticket), .text(first?.service ?? "–"), .text(first?.counter ?? "–"),
                time(visit.issued), time(first?.called), time(visit.finished), .text(visit.outcome.rawValue),
                .milliseconds(visit.wait), first?.started == nil ? .text("–") : .milliseconds(visit.service),
                .text(
                    causes.prefix(2).map { "\($0.rawValue) \(durationText(visit.causes[$0]))" }.joined(separator: ", ")),
                .text(visit.flags.sorted().map(\.rawValue).joined(separator: " ")),
            ]
        }
        return Table(columns: columns, rows: rows)
    }
}
