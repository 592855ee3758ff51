import Foundation

/// Files that lie beside the tests, each named for its fault, with the message expected in `<name>.txt`.
enum Corpus {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let isUpdating = ProcessInfo.processInfo.environment["UPDATE"] == "1"

    static func names(_ folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root + "/Tests/Corpus/" + folder)) ?? []
        return names.filter { $0.hasSuffix(".yaml") && $0 != "good.yaml" }.map { String($0.dropLast(5)) }.sorted()
    }

    static func path(_ folder: String, _ name: String) -> String {
        root + "/Tests/Corpus/" + folder + "/" + name + ".yaml"
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// What is expected; with `UPDATE=1` it is written first.
    static func expected(_ folder: String, _ name: String, _ got: String) throws -> String {
        let file = root + "/Tests/Corpus/" + folder + "/" + name + ".txt"
        if isUpdating { try (got + "\n").write(toFile: file, atomically: true, encoding: .utf8) }
        return try String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .newlines)
    }
}
