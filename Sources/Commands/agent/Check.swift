import Agent
import ArgumentParser
import Domain
import Foundation

/// `check`: says whether site files and device folders can be used, and shows what samples give.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Validate site files and device folders, and run the folders' samples.",
        discussion: """
            PATH is a site file, a device folder, or a directory of device folders. Exit codes: 0 all is well, \
            1 a sample gives other events than expected, 78 a file cannot be used. Warnings change no exit code.
            """)

    @Argument(
        help: "Site files, device folders, or directories of them. Default: the device folders that 'run' would use.")
    var paths: [String] = []

    @OptionGroup var library: LibraryOptions

    private static let notesShown = 12

    @Flag(help: "Write what the samples give as what is expected; read the difference before you keep it.")
    var update = false

    @Flag(help: "Print the fields of each sample's messages too: the names that rules may use.")
    var fields = false

    @Flag(name: .shortAndLong, help: "Do not print the events; what gave none is printed all the same.")
    var quiet = false

    func run() throws {
        var problems: [FileProblem] = []
        var differences: [FileProblem] = []
        var warnings: [FileProblem] = []
        var paths = paths
        if paths.isEmpty {
            do throws(FileProblems) {
                // What is named is meant; else what is there.
                paths = library.devices.isEmpty ? try library.directories() : library.devices
            } catch {
                problems += error.problems
            }
        }
        for path in paths {
            do throws(FileProblems) {
                if isFolderPath(path) {
                    for folder in try ProfileLibrary.folders(below: folderPath(path)) {
                        do throws(FileProblems) {
                            differences += try check(folder: folder, &problems, &warnings)
                        } catch {
                            problems += error.problems
                        }
                    }
                } else {
                    try check(site: path)
                }
            } catch {
                problems += error.problems
            }
        }
        for problem in FileProblems(warnings).problems + problems + differences { say(problem.description) }
        if !problems.isEmpty { throw ExitCode(78) }
        if !differences.isEmpty { throw ExitCode(1) }
    }

    private func isFolderPath(_ path: String) -> Bool {
        path.hasSuffix("/profile.yaml") || path == "profile.yaml" || !path.hasSuffix(".yaml") && !path.hasSuffix(".yml")
    }

    private func folderPath(_ path: String) -> String {
        if path == "profile.yaml" { return "." }
        return path.hasSuffix("/profile.yaml") ? String(path.dropLast("/profile.yaml".count)) : path
    }

    private func check(
        folder path: String, _ problems: inout [FileProblem], _ warnings: inout [FileProblem]
    ) throws(FileProblems) -> [FileProblem] {
        let folder = try DeviceFolder.load(path)
        let profile = folder.profile
        // A copied folder with its old id would be taken for the one it was copied from.
        let place = URL(filePath: path).standardizedFileURL.pathComponents.suffix(2).joined(separator: "/")
        if place != profile.id {
            problems.append(
                FileProblem(
                    path: path + "/profile.yaml", line: folder.idLine,
                    message: "id '\(Words.shown(profile.id))' is not the folder's path, '\(place)'"))
        }
        print(
            "\(path): \(profile.id) (\(profile.kind.rawValue), \(profile.confidence.rawValue)): "
                + "\(profile.rules.count) rules, \(folder.samples.count) samples")
        var differences: [FileProblem] = []
        let outcomes = folder.run(update: update, isNew: fields)
        for outcome in outcomes {
            print("  \(outcome.sample.input)")
            if fields { for line in outcome.fields { print("    " + line) } }
            if !quiet { for line in outcome.lines { print("    " + line) } }
            for note in outcome.notes.prefix(Self.notesShown) { print("    \(note)") }
            if outcome.notes.count > Self.notesShown {
                print("    … and \(outcome.notes.count - Self.notesShown) more like these")
            }
            for line in outcome.words.lines {
                print("    words that 'aliases' and 'zones' of a site file explain, or its own ids: \(line.words)")
            }
            if outcome.isDifference { differences += outcome.problems } else { problems += outcome.problems }
        }
        let unsampled = folder.unsampled(outcomes)
        warnings += folder.warnings + unsampled.warnings + folder.untried(outcomes)
        for note in unsampled.notes.prefix(Self.notesShown) { print("  \(note)") }
        if unsampled.notes.count > Self.notesShown {
            print("  … and \(unsampled.notes.count - Self.notesShown) more that no sample has")
        }
        return differences
    }

    private func check(site path: String) throws(FileProblems) {
        let library = try ProfileLibrary.load(self.library.directories(siteFile: path))
        let revision = try SiteFile.load(path, library: library)
        let site = revision.site
        print(
            "\(path): \(site.office.id), \(site.counters.count) counters, \(site.services.count) services, "
                + "\(site.devices.count) devices, valid from \(revision.validFrom)")
    }
}
