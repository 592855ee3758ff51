import Foundation
import Testing

/// Taste that a machine can check; each failure names its remedy.
@Suite struct TidyTests {
    private struct SourceFile {
        var path: String
        var lines: [Substring]
    }

    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let files: [SourceFile] = ["Sources", "Tests"].flatMap { folder -> [SourceFile] in
        let base = root.appendingPathComponent(folder)
        let names = FileManager.default.enumerator(atPath: base.path)?.allObjects as? [String] ?? []
        return names.sorted().filter { $0.hasSuffix(".swift") && !$0.hasSuffix(".pb.swift") }.compactMap { name in
            guard let text = try? String(contentsOf: base.appendingPathComponent(name), encoding: .utf8) else {
                return nil
            }
            let path = folder + "/" + name
            return SourceFile(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    private static func imports(_ file: SourceFile) -> [String] {
        file.lines.compactMap { line in
            let words = line.split(separator: " ")
            guard let position = words.firstIndex(of: "import"), position <= 2, position + 1 < words.count,
                words[..<position].allSatisfy({ $0.hasPrefix("@") || $0 == "public" || $0 == "package" })
            else { return nil }
            return String(words[words.count - 1].split(separator: ".")[0])
        }
    }

    @Test func `there is something to check`() {
        #expect(Self.files.count > 50)
    }

    @Test func `files stay under 420 lines`() {
        for file in Self.files where file.lines.count > 420 {
            Issue.record("\(file.path) has \(file.lines.count) lines: give each idea its own file (Type+Aspect.swift)")
        }
    }

    @Test func `imports point downward only`() {
        let allowed: [String: Set<String>] = [
            "Wire": [], "Domain": ["Wire"], "Capture": ["Wire", "CLibpcap", "CLinux"], "Records": ["Wire", "Domain"],
            "Agent": ["Wire", "Domain", "Records"], "Collector": ["Wire", "Domain", "Records"],
        ]
        let ours: Set<String> = [
            "Wire", "Domain", "Records", "Agent", "Capture", "Collector", "Simulation", "CLibpcap", "CLinux",
        ]
        let pure: Set<String> = ["Wire", "Domain"]
        for file in Self.files where file.path.hasPrefix("Sources/") {
            let module = String(file.path.split(separator: "/")[1])
            guard let may = allowed[module] else { continue }
            for name in Self.imports(file) {
                if ours.contains(name), !may.contains(name) {
                    Issue.record("\(file.path) imports \(name): \(module) may import \(may.sorted())")
                }
                if pure.contains(module), !may.contains(name) {
                    Issue.record("\(file.path) imports \(name): \(module) is pure; move the effect into the shell")
                }
            }
        }
    }

    @Test func `the agent never links the collector`() {
        for file in Self.files where file.path.hasPrefix("Sources/Commands/agent/") {
            #expect(!Self.imports(file).contains("Collector"), "\(file.path)")
            #expect(!Self.imports(file).contains("Simulation"), "\(file.path)")
        }
    }

    @Test func `nothing traps on data from outside, and nothing is left for later`() {
        let banned: [(text: String, remedy: String)] = [
            ("try" + "!", "handle the error"), ("as" + "!", "use as? and handle nil"),
            ("fatal" + "Error(", "return an error; a broken invariant of ours is a precondition"),
            ("unsafely" + "Unwrapped", "use guard let"), ("TO" + "DO", "do it, or write it on the issue"),
            ("FIX" + "ME", "mend it"), ("not " + "implemented", "build it or leave it out"),
        ]
        for file in Self.files where file.path.hasPrefix("Sources/") {
            for (index, line) in file.lines.enumerated() {
                for (text, remedy) in banned where line.contains(text) {
                    Issue.record("\(file.path):\(index + 1): '\(text)': \(remedy)")
                }
            }
        }
    }

    @Test func `the pure core asks no clock and no chance`() {
        let banned = ["Date()", "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator", ".random(in:"]
        for file in Self.files where file.path.hasPrefix("Sources/Wire/") || file.path.hasPrefix("Sources/Domain/") {
            for (index, line) in file.lines.enumerated() where !line.contains("///") {
                for text in banned where line.contains(text) {
                    Issue.record("\(file.path):\(index + 1): '\(text)': the core is told the time and handed the bytes")
                }
            }
        }
    }

    @Test func `folders are nouns of the domain`() {
        let banned: Set<String> = ["Utils", "Helpers", "Models", "Misc", "Common", "Extensions"]
        for file in Self.files {
            for folder in file.path.split(separator: "/") where banned.contains(String(folder)) {
                Issue.record("\(file.path): name the folder for what is in it, not for the kind of code")
            }
        }
    }
}
