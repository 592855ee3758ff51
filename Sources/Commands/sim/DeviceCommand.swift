import Agent
import ArgumentParser
import Domain
import Foundation
import Simulation

struct DeviceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: "Let the devices of device folders speak, and check that their profiles hear what is true.",
        discussion: """
            PATH is a device folder with a speech.txt, or a directory of device folders. With --out, each device's site \
            file, its capture (or log) and its true events are written to DIR/<vendor>/<model>. Exit status: 0 every event \
            came back, 2 differences, 78 a file cannot be used.
            """)

    @Argument(help: "Device folders, or directories of them.")
    var paths: [String] = ["devices"]

    @Option(help: "The same seed gives the same bytes.")
    var seed: UInt64 = 1

    @Option(help: "The directory to write to.")
    var out: String?

    func run() throws {
        var problems: [FileProblem] = []
        var differences = 0
        var folders: [DeviceFolder] = []
        for path in paths {
            do throws(FileProblems) {
                for folder in try ProfileLibrary.folders(below: path) {
                    do throws(FileProblems) { folders.append(try DeviceFolder.load(folder)) } catch {
                        problems += error.problems
                    }
                }
            } catch {
                problems += error.problems
            }
        }
        let channel = DeviceTrial.channel
        for folder in folders {
            do {
                guard let trial = try DeviceTrial(folder: folder, seed: seed) else {
                    if folder.profile.rules.contains(where: { $0.event != nil }) {
                        print("\(folder.path): no speech.txt")
                    }
                    continue
                }
                if let out { try trial.write(to: out + "/" + folder.profile.id) }
                let outcome = try trial.hear(profiles: [channel])
                differences += outcome.differences.count
                print(
                    "\(folder.path): \(trial.truth.count) events, \(outcome.differences.count) differences"
                        + (outcome.unexplained > 0 ? ", \(outcome.unexplained) messages that no rule explains" : "")
                        + (outcome.unstamped > 0 ? ", \(outcome.unstamped) events without the device's time" : ""))
                for line in outcome.differences.prefix(20) { print("  " + line) }
                for line in outcome.examples { print("  " + line) }
                for warning in trial.warnings { FileHandle.standardError.write(Data("\(warning)\n".utf8)) }
                let silent = folder.profile.rules.filter { $0.event != nil }.map(\.id).filter {
                    !outcome.rules.contains("\(folder.profile.id)#\($0)")
                }
                if !silent.isEmpty { print("  rules that were not needed: \(silent.joined(separator: ", "))") }
            } catch let error as FileProblems {
                problems += error.problems
            }
        }
        for problem in problems { FileHandle.standardError.write(Data("\(problem)\n".utf8)) }
        if !problems.isEmpty { throw configurationFailure }
        if differences > 0 { throw ExitCode(2) }
    }
}
