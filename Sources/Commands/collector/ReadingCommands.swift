import ArgumentParser
import Collector

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: ReportQuery().summary,
        discussion: """
            Examples:
              deskwatch-collector report --period month --date 2026-11-10 --by counter
              deskwatch-collector report --data /var/lib/deskwatch --output csv > november.csv
              deskwatch-collector report --office tuyen-quang --period month --service-level 10m
            Waits are milliseconds in JSON and CSV. Fewer than twenty is marked with *; no data is never 0.
            """)

    @Option(help: "day, week, month, quarter or year.")
    var period = "day"
    @Option(help: ArgumentHelp("Any day of the period (default: today).", valueName: "yyyy-mm-dd"))
    var date: String?
    @Option(help: "Only this office, or the offices of this place on each date.")
    var office: String?
    @Option(help: "Groups: office, counter, service, hour, cause or channel.")
    var by: String?
    @Flag(help: "With a place or an office: count what was merged into it before the merger too.")
    var merged = false
    @Option(help: ArgumentHelp("X of the service levels (default: 15m).", valueName: "duration"))
    var serviceLevel: String?
    @Option(help: ArgumentHelp("What was known at this moment.", valueName: "rfc3339"))
    var asOf: String?
    @OptionGroup var reading: Reading

    func run() async throws {
        try await reading.ask(
            ReportQuery(),
            [
                "period": period, "date": date, "office": office, "by": by, "asOf": asOf, "serviceLevel": serviceLevel,
                "merged": merged ? "1" : nil,
            ])
    }
}

struct VisitsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "visits", abstract: VisitsQuery().summary,
        discussion: "Example: deskwatch-collector visits --date 2026-11-10 --output csv")

    @Option(help: ArgumentHelp("The day (default: today).", valueName: "yyyy-mm-dd"))
    var date: String?
    @Option(help: "Only this office.")
    var office: String?
    @Option(help: ArgumentHelp("What was known at this moment.", valueName: "rfc3339"))
    var asOf: String?
    @OptionGroup var reading: Reading

    func run() async throws {
        try await reading.ask(VisitsQuery(), ["date": date, "office": office, "asOf": asOf])
    }
}

struct DayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "day", abstract: DayQuery().summary,
        discussion: "Example: deskwatch-collector day minh-xuan 2026-11-10 --output svg > day.svg")

    @Argument(help: "The office's id.")
    var office: String
    @Argument(help: ArgumentHelp("The day (default: today).", valueName: "yyyy-mm-dd"))
    var date: String?
    @Option(help: ArgumentHelp("What was known at this moment.", valueName: "rfc3339"))
    var asOf: String?
    @Option(help: "vi or en.")
    var lang: String?
    @OptionGroup var reading: Reading

    func run() async throws {
        try await reading.ask(DayQuery(), ["office": office, "date": date, "asOf": asOf, "lang": lang])
    }
}

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "events", abstract: EventsQuery().summary)

    @Option(help: ArgumentHelp("The day (default: today).", valueName: "yyyy-mm-dd"))
    var date: String?
    @Option(help: "Only this office.")
    var office: String?
    @Flag(help: "Only what the truth knows: no agent events, nothing restated, no provenance.")
    var core = false
    @OptionGroup var reading: Reading

    func run() async throws {
        try await reading.ask(EventsQuery(), ["date": date, "office": office, "core": core ? "1" : nil])
    }
}

struct OfficesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "offices", abstract: OfficesQuery().summary)

    @Option(help: "Only this office.")
    var office: String?
    @OptionGroup var reading: Reading

    func run() async throws { try await reading.ask(OfficesQuery(), ["office": office]) }
}

struct AgentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "agents", abstract: AgentsQuery().summary)

    @OptionGroup var reading: Reading

    func run() async throws { try await reading.ask(AgentsQuery(), [:]) }
}

struct RecomputeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recompute", abstract: RecomputeQuery().summary,
        discussion: """
            Exits with 1 when anything differs. Without --from, --to and --office it also checks each record against its \
            digest, the agents' chains and the index.
            """)

    @Option(help: ArgumentHelp("The first day.", valueName: "yyyy-mm-dd"))
    var from: String?
    @Option(help: ArgumentHelp("The last day.", valueName: "yyyy-mm-dd"))
    var to: String?
    @Option(help: "Only this office.")
    var office: String?
    @OptionGroup var reading: Reading

    func run() async throws { try await reading.ask(RecomputeQuery(), ["from": from, "to": to, "office": office]) }
}

struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "Any question by its name: what /api/v1/NAME answers.",
        discussion: Queries.all.map { "  \($0.name): \(($0.parameters + ["output"]).joined(separator: " "))" }
            .joined(separator: "\n"))

    @Argument(help: "One of the names below.")
    var name: String
    @Argument(help: ArgumentHelp("Parameters.", valueName: "key=value"))
    var parameters: [String] = []
    @OptionGroup var reading: Reading

    func run() async throws {
        guard let query = Queries.named(name) else {
            throw ValidationError(
                "unknown question '\(name)'; known: \(Queries.all.map(\.name).joined(separator: ", "))")
        }
        var values: [String: String?] = [:]
        for parameter in parameters {
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw ValidationError("'\(parameter)' is not key=value") }
            values[String(parts[0])] = String(parts[1])
        }
        try await reading.ask(query, values)
    }
}
