import Foundation
import Testing

/// One of the built commands, or a tool of the system, as a process of its own.
final class Command {
    private let process = Process()
    private let log: URL

    /// The folder of the built commands: where the test bundle is.
    static let folder: URL = {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        if FileManager.default.fileExists(atPath: own.deletingLastPathComponent().path + "/deskwatch-agent") {
            return own.deletingLastPathComponent()
        }
        return root.appendingPathComponent(".build/debug")
    }()

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A built command by its last word (`agent`), or a tool by its path. Output and errors go to one file.
    init(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        log = FileManager.default.temporaryDirectory
            .appendingPathComponent("deskwatch-log-\(UInt64.random(in: 0...UInt64.max))")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        process.executableURL =
            name.hasPrefix("/") ? URL(fileURLWithPath: name) : Self.folder.appendingPathComponent("deskwatch-" + name)
        process.arguments = arguments
        process.currentDirectoryURL = Self.root
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let handle = try FileHandle(forWritingTo: log)
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: log)
    }

    var isRunning: Bool { process.isRunning }

    var output: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    func kill(_ signal: Int32 = SIGKILL) {
        if process.isRunning { Foundation.kill(process.processIdentifier, signal) }
    }

    @discardableResult
    func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Runs to the end and gives what it printed; a failure is an issue with its words.
    @discardableResult
    static func run(_ name: String, _ arguments: [String], status: Int32 = 0) throws -> String {
        let command = try Command(name, arguments)
        let found = command.wait()
        let output = command.output
        #expect(found == status, "\(name) \(arguments.joined(separator: " ")): exit \(found)\n\(output.suffix(2_000))")
        return output
    }

    /// Until the text is there, the process is gone, or the time is over.
    func waitFor(_ text: String, seconds: Int) async throws -> Bool {
        for _ in 0..<(seconds * 20) {
            if output.contains(text) { return true }
            if !isRunning { return output.contains(text) }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }
}

/// A folder that is gone after the test.
final class Scratch {
    let url: URL
    var path: String { url.path }

    init(_ name: String) throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("deskwatch-\(name)-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func text(_ name: String) throws -> String {
        try String(contentsOf: url.appendingPathComponent(name), encoding: .utf8)
    }
}
