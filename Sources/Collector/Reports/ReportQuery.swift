import Domain

/// The metrics of a period and a scope (DOMAIN.md §5), with groups.
public struct ReportQuery: Query {
    enum Period: String, CaseIterable { case day, week, month, quarter, year }

    public let name = "report"
    public let summary =
        "What a supervisor reads: the metrics of a period, by office, counter, service, hour, cause or channel."
    public let parameters = ["period", "date", "office", "merged", "by", "serviceLevel", "asOf"]
    public let outputs: [Output] = [.table, .json, .csv]

    public init() {}

    public func answer(_ arguments: Arguments, from days: OfficeDays) async throws -> Answer {
        let period = try arguments.choice("period", Period.self) ?? .day
        let grouping = try arguments.choice("by", Report.Grouping.self)
        let asOf = try arguments.instant("asOf")
        let date = try arguments.day("date")
        let serviceLevel = try arguments.serviceLevel()
        let scope = try await Scope(arguments, from: days)
        let now = asOf ?? days.now()
        let clock = scope.clock
        let range = ReportQuery.range(period, around: date ?? clock.day(of: now))
        let results = try await scope.results(from: days, range, asOf: asOf)
        let dossiers = try await scope.dossiers(from: days, range, asOf: asOf)
        let end = clock.start(of: range.upperBound)
        var report = Report.make(
            days: results, from: range.lowerBound, to: range.upperBound,
            // Dossiers outlive their day: with them a report is of this moment.
            asOf: dossiers.isEmpty ? results.map(\.asOf).max() ?? min(now, end) : now, scope: scope.id, clock: clock,
            by: grouping ?? .office, dossiers: dossiers, dossiersAsOf: now, serviceLevel: serviceLevel)
        if grouping == nil { report.groups = [] }
        let note =
            results.isEmpty && dossiers.isEmpty
            ? "no data from \(range.lowerBound) to \(range.upperBound + -1)" : nil
        switch arguments.output {
        case .json: return Answer(report.json + "\n", .json, note: note)
        case .csv: return Answer(ReportTable.csv(report).csv, .csv, note: note)
        default: return Answer(ReportTable.text(report, results, colour: arguments.colour), .table, note: note)
        }
    }

    /// The period that a day lies in: weeks start on Monday; `to` is exclusive.
    static func range(_ period: Period, around day: LocalDay) -> Range<LocalDay> {
        let (year, month, _) = day.components
        func first(_ year: Int, _ month: Int) -> LocalDay {
            LocalDay(year: month > 12 ? year + 1 : year, month: month > 12 ? month - 12 : month, day: 1) ?? day
        }
        func safe(_ from: LocalDay, _ to: LocalDay) -> Range<LocalDay> { from..<max(to, from + 1) }
        switch period {
        case .day: return safe(day, day + 1)
        case .week:
            let monday = day + -((day.number + 3) % 7 + 7) % 7
            return safe(monday, monday + 7)
        case .month: return safe(first(year, month), first(year, month + 1))
        case .quarter:
            let start = (month - 1) / 3 * 3 + 1
            return safe(first(year, start), first(year, start + 3))
        case .year: return safe(first(year, 1), first(year + 1, 1))
        }
    }
}
