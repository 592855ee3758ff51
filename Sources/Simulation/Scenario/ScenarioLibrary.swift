internal import Foundation

/// Finds scenario files by name: in a given folder, `$DESKWATCH_SCENARIOS`, `sim/scenarios` of this folder or one
/// above it, the same above the program, and where `make install` puts them.
public enum ScenarioLibrary {
    /// The folders that are looked through, in order.
    public static func folders(given: String? = nil) -> [String] {
        var out: [String] = []
        if let given { out.append(given) }
        if let named = ProcessInfo.processInfo.environment["DESKWATCH_SCENARIOS"], !named.isEmpty { out.append(named) }
        let program = URL(fileURLWithPath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
        let starts = [FileManager.default.currentDirectoryPath, program.deletingLastPathComponent().path]
        for start in starts {
            var folder = URL(fileURLWithPath: start).standardizedFileURL
            for _ in 0..<12 {
                out.append(folder.appendingPathComponent("sim/scenarios").path)
                if folder.path == "/" { break }
                folder.deleteLastPathComponent()
            }
        }
        out.append("/usr/local/share/deskwatch/sim/scenarios")
        out.append("/usr/share/deskwatch/sim/scenarios")
        return out
    }

    /// A scenario by name (`demo`) or path (anything with a `/` or ending in `.yaml`).
    public static func load(_ word: String, folder: String? = nil) throws(ScenarioProblem) -> Scenario {
        if word.contains("/") || word.hasSuffix(".yaml") || word.hasSuffix(".json") {
            return try ScenarioFile.load(path: word)
        }
        for folder in folders(given: folder) {
            let path = folder + "/" + word + ".yaml"
            if FileManager.default.fileExists(atPath: path) { return try ScenarioFile.load(path: path) }
        }
        let known = names(folder: folder)
        throw ScenarioProblem(
            path: word, line: 0,
            message: known.isEmpty
                ? "no scenario of that name, and no folder sim/scenarios found (--scenarios DIR)"
                : "no scenario of that name; known: \(known.joined(separator: ", "))")
    }

    /// Names in the first folder that holds any, sorted.
    public static func names(folder: String? = nil) -> [String] {
        for folder in folders(given: folder) {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            let names = files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
            if !names.isEmpty { return names }
        }
        return []
    }
}
