import Foundation

/// The test data that lies beside the project, where it is at hand.
enum SharedFiles {
    static let root: URL? = {
        let environment = ProcessInfo.processInfo.environment["DESKWATCH_SHARED"]
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let url = environment.map { URL(filePath: $0) } ?? package.deletingLastPathComponent().appending(path: "shared")
        return FileManager.default.fileExists(atPath: url.appending(path: "messages").path) ? url : nil
    }()

    static var missing: Bool {
        if root == nil {
            print("skipped: no shared/messages beside the package (DESKWATCH_SHARED names another place)")
        }
        return root == nil
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        guard let root else { return [] }
        return Array(try Data(contentsOf: root.appending(path: path)))
    }

    /// The files of a folder under `messages`, sorted.
    static func names(_ folder: String) throws -> [String] {
        guard let root else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "messages/\(folder)").path)
            .sorted()
    }

    /// Rows of `messages/expected.tsv` without the heading.
    static func expected() throws -> [[String]] {
        String(decoding: try bytes("messages/expected.tsv"), as: UTF8.self).split(separator: "\n").dropFirst().map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
