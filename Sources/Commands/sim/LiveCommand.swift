import ArgumentParser
import Foundation
import Simulation

struct LiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "live", abstract: "Send a busy half-minute over loopback, in real time, and write its truth.")

    @Option(help: "The folder to write.")
    var out: String

    @Option(help: "How long, 5 to 3600.")
    var seconds = 30

    @Option(help: "The world's seed; times on the wire are real and differ.")
    var seed: UInt64 = 5

    @Option(help: "A scenario whose devices have 127.* addresses.")
    var scenario = "live"

    @Option(help: "Where scenarios are looked for first.")
    var scenarios: String?

    @Flag(help: "Only write the site file, so that an agent can start first.")
    var prepare = false

    func run() throws {
        let office = LiveOffice(try loadScenario(scenario, folder: scenarios), seed: seed, seconds: seconds)
        if prepare {
            try office.prepare(in: out)
            print("\(out)/site.yaml: written; start the agent on the loopback interface with it")
            return
        }
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let summary = try office.run(in: out) { line in
            // Past the buffer of `print`: progress is worth nothing later.
            FileHandle.standardOutput.write(Data((isTerminal ? "\r  \(line)" : "  \(line)\n").utf8))
        }
        if isTerminal { print() }
        print("\(out): \(summary.visits) visits, \(summary.events) events sent")
    }
}
