import Foundation
import Testing

/// `deskwatch-agent check` as people run it.
struct CheckCommandTests {
    private static let program = Corpus.root + "/.build/debug/deskwatch-agent"

    private static func check(_ arguments: String...) throws -> (code: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["check"] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: Corpus.root)
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        // Short outputs: neither pipe fills while the other is read.
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaints = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: text, as: UTF8.self),
            String(decoding: complaints, as: UTF8.self)
        )
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: program), "deskwatch-agent is not built"))
    func `check ends with 0, 1 or 78, and says why`() throws {
        let shipped = try Self.check()
        #expect(shipped.code == 0 && shipped.errors.isEmpty)
        #expect(shipped.output.contains("\"kind\":\"meeting.started\",\"id\":\"921f93895286adc1\""))

        let good = try Self.check(Corpus.path("sites", "good"))
        #expect(good.code == 0 && good.output.contains("minh-xuan, 1 counters, 1 services, 3 devices"))

        // Quiet leaves out the events, not what gave none.
        let quiet = try Self.check("--quiet", "devices/generic/event-csv")
        #expect(quiet.code == 0 && !quiet.output.contains("\"kind\":"))
        #expect(
            quiet.output.contains("morning.csv:12: unmapped: ") && quiet.output.contains("morning.csv:13: incomplete: ")
        )

        let path = Corpus.path("sites", "unknown-key")
        let bad = try Self.check(path)
        #expect(bad.code == 78)
        #expect(bad.errors == "\(path):9: unknown key 'counter'; known: cameras, id, meetings, rooms, services\n")

        let scratch = NSTemporaryDirectory() + "deskwatch-check-" + UUID().uuidString
        let copy = scratch + "/sip/generic"
        try FileManager.default.createDirectory(atPath: scratch + "/sip", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Corpus.root + "/devices/sip/generic", toPath: copy)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        // Folders of one's own beside the shipped ones.
        let two = try Self.check("--devices", scratch, "--devices", "devices", Corpus.path("sites", "good"))
        #expect(two.code == 0 && two.errors.isEmpty)
        try "".write(toFile: copy + "/samples/call.expected.jsonl", atomically: true, encoding: .utf8)
        let other = try Self.check("--quiet", copy)
        #expect(other.code == 1)
        #expect(other.errors.hasPrefix(copy + "/samples/call.expected.jsonl:1: given, and not expected: {"))

        // Copied, and its id forgotten.
        try FileManager.default.moveItem(atPath: copy, toPath: scratch + "/sip/special")
        let renamed = try Self.check("--quiet", scratch + "/sip/special")
        #expect(renamed.code == 78)
        #expect(renamed.errors.contains("profile.yaml:5: id 'sip/generic' is not the folder's path, 'sip/special'\n"))
    }
}
