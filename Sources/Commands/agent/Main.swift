import ArgumentParser
import Capture

@main
struct Main: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deskwatch-agent",
        abstract: "Hears the queue systems, cameras and meeting systems of a front desk, and keeps what happened.",
        subcommands: [
            CaptureHelperCommand.self,
            Check.self,
            Decode.self,
            Discover.self,
            Replay.self,
            Run.self,
            Schema.self,
            Status.self,
        ])

    /// What a command does with privileges it does first, on the one thread that there is.
    static func main() async {
        Privileges.openStandardDescriptors()
        do {
            var command = try parseAsRoot()
            switch command {
            case let run as Run: try await run.prepare().run()
            case var other as any AsyncParsableCommand: try await other.run()
            default: try command.run()
            }
        } catch {
            exit(withError: error)
        }
    }
}
