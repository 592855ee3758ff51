import ArgumentParser
import Collector

struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: WhyQuery().summary,
        discussion: """
            Examples:
              deskwatch-collector why wait.first --office minh-xuan --date 2026-11-10
              deskwatch-collector why serviceLevel.negative.10m --office minh-xuan --output json
              deskwatch-collector why onTime.received --office minh-xuan --date 2026-11-10 --data /var/lib/deskwatch
            Every metric of the report can be asked for. An unknown one is wrong usage (exit 64), with the words near it.
            """)

    @Argument(help: "A metric's id, as the report has it.")
    var metric: String
    @Option(help: "The office.")
    var office: String
    @Option(help: ArgumentHelp("The day (default: today).", valueName: "yyyy-mm-dd"))
    var date: String?
    @Option(help: ArgumentHelp("X of the service levels, for an id that names none.", valueName: "duration"))
    var serviceLevel: String?
    @Option(help: ArgumentHelp("What was known at this moment.", valueName: "rfc3339"))
    var asOf: String?
    @Option(help: "vi or en (default).")
    var lang: String?
    @OptionGroup var reading: Reading

    func run() async throws {
        try await reading.ask(
            WhyQuery(),
            [
                "metric": metric, "office": office, "date": date, "serviceLevel": serviceLevel, "asOf": asOf,
                "lang": lang,
            ])
    }
}

struct SuggestLimitsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suggest-limits", abstract: SuggestLimitsQuery().summary,
        discussion: """
            Looks at the last 90 days unless --from says otherwise, and only proposes: the site file decides.
            Example: deskwatch-collector suggest-limits --office minh-xuan --from 2026-09-01
            """)

    @Option(help: "Only this office.")
    var office: String?
    @Option(help: ArgumentHelp("The first day.", valueName: "yyyy-mm-dd"))
    var from: String?
    @Option(help: ArgumentHelp("The last day.", valueName: "yyyy-mm-dd"))
    var to: String?
    @OptionGroup var reading: Reading

    func run() async throws {
        try await reading.ask(SuggestLimitsQuery(), ["office": office, "from": from, "to": to])
    }
}

struct AnnotationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "annotations", abstract: AnnotationsQuery().summary)

    @Option(help: "Only this office.")
    var office: String?
    @Option(help: ArgumentHelp("The first day.", valueName: "yyyy-mm-dd"))
    var from: String?
    @Option(help: ArgumentHelp("The last day.", valueName: "yyyy-mm-dd"))
    var to: String?
    @OptionGroup var reading: Reading

    func run() async throws {
        try await reading.ask(AnnotationsQuery(), ["office": office, "from": from, "to": to])
    }
}
