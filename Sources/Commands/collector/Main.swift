import ArgumentParser
import Collector

@main
struct Main: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deskwatch-collector",
        abstract: "Keeps what agents heard, and answers what a supervisor asks.",
        discussion: """
            Exit codes: 0 done, 1 failed, not found or differences found, 64 wrong usage, 69 unavailable (port in use,
            no collector at the address), 78 the data directory is not usable.
            """,
        version: deskwatchVersion,
        subcommands: [
            Serve.self, ReportCommand.self, VisitsCommand.self, DayCommand.self, WhyCommand.self, AnnotateCommand.self,
            AnnotationsCommand.self, SuggestLimitsCommand.self, EventsCommand.self, OfficesCommand.self,
            AgentsCommand.self, RecomputeCommand.self, QueryCommand.self,
        ])
}
