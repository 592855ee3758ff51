import Foundation
import Testing

/// The real captures that stand beside the project, if they are there.
enum SharedCaptures {
    struct Entry: Sendable, CustomStringConvertible {
        var path: String
        var packets: Int
        var protocols: String
        var tags: String
        var tsharkFailed: Bool
        var file: String
        var description: String { path }
    }

    static let root: URL = {
        if let given = ProcessInfo.processInfo.environment["DESKWATCH_SHARED"] { return URL(fileURLWithPath: given) }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared")
    }()

    static let folder = root.appendingPathComponent("captures")

    static let entries: [Entry] = rows("INDEX.tsv").compactMap { row in
        guard row.count >= 8, let packets = Int(row[2]) else { return nil }
        return Entry(
            path: row[0], packets: packets, protocols: row[5], tags: row[6], tsharkFailed: row[7] != "0",
            file: folder.appendingPathComponent(row[0]).path)
    }

    static let isPresent = !entries.isEmpty

    /// The skip's reason, so that nobody takes a skipped test for a passed one.
    static let absent: Comment = "needs the shared captures: ../shared/captures, or DESKWATCH_SHARED"

    static func rows(_ name: String) -> [[String]] {
        guard let text = try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8) else {
            return []
        }
        return text.split(separator: "\n").dropFirst().map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
