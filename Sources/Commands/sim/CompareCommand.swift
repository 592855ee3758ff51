import ArgumentParser
import Foundation
import Simulation

struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare every event, visit and total with what a collector reports.",
        discussion: "Exit status: 0 no differences, 2 differences, 69 no collector there.")

    @Argument(help: "A folder that `day` or `live` wrote.")
    var folder: String

    @Option(help: "The collector's address.")
    var url: String?

    @Option(help: "A collector's data folder, read through the deskwatch-collector beside this program.")
    var data: String?

    @Option(help: "The office, if it is not the truth's.")
    var office: String?

    @Option(help: "Milliseconds by which times and durations may differ.")
    var tolerance: Int64 = 0

    func validate() throws {
        if (url == nil) == (data == nil) { throw ValidationError("say either --url or --data") }
    }

    func run() async throws {
        let truth: TruthOnDisk
        do {
            truth = try TruthOnDisk(folder: folder)
        } catch {
            FileHandle.standardError.write(Data("\(folder)/truth: \(error.localizedDescription)\n".utf8))
            throw configurationFailure
        }
        let answers: CollectorAnswers
        if let url {
            answers = .url(url)
        } else {
            let here = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
                .deletingLastPathComponent()
            answers = .data(folder: data ?? "", program: here.appendingPathComponent("deskwatch-collector").path)
        }
        let comparison: Comparison
        do {
            comparison = try await truth.compare(with: answers, office: office, tolerance: tolerance)
        } catch let failure as CollectorAnswers.Failure {
            FileHandle.standardError.write(Data("\(failure)\n".utf8))
            throw ExitCode(failure.isUnavailable ? 69 : 1)
        }
        for difference in comparison.differences.prefix(200) { print(difference) }
        if comparison.differences.count > 200 { print("… and \(comparison.differences.count - 200) more") }
        let count = comparison.differences.count
        print(
            "\(truth.summary.visits) visits, \(count) difference\(count == 1 ? "" : "s")"
                + " (\(truth.events.count) events, \(truth.rows.first?.count ?? 0) columns, every total"
                + (tolerance > 0 ? ", times within \(tolerance) ms)" : ")"))
        if count > 0 { throw ExitCode(2) }
    }
}
