import ArgumentParser
import Domain
import Foundation
import Simulation

/// Exit status for a scenario or option that makes no sense (sysexits.h EX_CONFIG).
let configurationFailure = ExitCode(78)

func loadScenario(_ word: String, folder: String?) throws -> Scenario {
    do {
        return try ScenarioLibrary.load(word, folder: folder)
    } catch let problem {
        FileHandle.standardError.write(Data("\(problem)\n".utf8))
        throw configurationFailure
    }
}

struct DayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "day", abstract: "Write an office day: site file, capture, and truth.")

    @Option(help: "A scenario's name, or the path of its file.")
    var scenario = "demo"

    @Option(help: "The same seed gives the same bytes.")
    var seed: UInt64 = 1

    @Option(help: "The local day, as 2026-11-10.")
    var date = "2026-11-10"

    @Option(help: "The folder to write.")
    var out: String

    @Option(help: "Where scenarios are looked for first.")
    var scenarios: String?

    func run() throws {
        guard let day = LocalDay(date) else { throw ValidationError("--date is a day like 2026-11-10, not '\(date)'") }
        let scenario = try loadScenario(scenario, folder: scenarios)
        if scenario.site.hours(on: day).isEmpty {
            let note = "note: \(scenario.site.office.id) is closed on \(day) (\(day.weekday.rawValue))\n"
            FileHandle.standardError.write(Data(note.utf8))
        }
        let result = SimulatedDay(scenario, seed: seed, day: day)
        try result.write(to: out)
        let summary = result.summary
        print(
            "\(out): \(summary.visits) visits (\(summary.served) served, \(summary.noShow) no-show, \(summary.left) left,"
                + " \(summary.open) open), \(summary.events) events, \(summary.frames) frames")
    }
}

struct ScenariosCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scenarios", abstract: "List the scenarios that are found by name.")

    @Option(help: "Where scenarios are looked for first.")
    var scenarios: String?

    func run() throws {
        for name in ScenarioLibrary.names(folder: scenarios) {
            let scenario = try loadScenario(name, folder: scenarios)
            print(name + String(repeating: " ", count: max(1, 12 - name.utf8.count)) + scenario.about)
        }
    }
}
