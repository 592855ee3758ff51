import ArgumentParser

@main
struct Main: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deskwatch-agent",
        abstract: "Hears the queue systems, cameras and meeting systems of a front desk, and keeps what happened.",
        subcommands: [
            Check.self,
            Decode.self,
            Discover.self,
            Replay.self,
            Run.self,
            Schema.self,
            Status.self,
        ])
}
