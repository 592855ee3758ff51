import Foundation
import Testing
import Wire

@testable import Capture

/// What an agent makes of a helper that is not what it should be: an error, never a trap.
struct HelperCaptureTests {
    private static let hello: [UInt8] = {
        var bytes: [UInt8] = []
        HelperRecord.hello(version: HelperRecord.version).append(to: &bytes)
        return bytes
    }()

    private static func record(_ record: HelperRecord) -> [UInt8] {
        var bytes: [UInt8] = []
        record.append(to: &bytes)
        return bytes
    }

    private static let frame: [UInt8] = {
        var bytes: [UInt8] = []
        let header = FrameHeader(at: Timestamp(seconds: 1), link: .ethernet, originalLength: 4, number: 1)
        HelperRecord.append(([1, 2, 3, 4] as [UInt8]).span.bytes, header, to: &bytes)
        return bytes
    }()

    /// A program that writes these bytes, whatever it is asked, and ends with 3.
    private func said(_ bytes: [UInt8], frames: inout Int) throws -> CaptureError? {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("deskwatch-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(bytes).write(to: folder.appendingPathComponent("said"))
        let program = folder.appendingPathComponent("helper").path
        // Written by a shell: a file that this process holds open while another test forks is busy (ETXTBSY).
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        let script = "#!/bin/sh\ncat '\(folder.path)/said'\nexit 3\n"
        shell.arguments = ["-c", "printf %s \"$1\" > \"$2\" && chmod 755 \"$2\"", "sh", script, program]
        try shell.run()
        shell.waitUntilExit()
        do {
            var capture = try HelperCapture(
                try HelperProcess(interface: "eth0", executable: program), filter: CaptureFilter(devices: []))
            for _ in 0..<100 where try capture.next({ _, bytes in frames += bytes.byteCount == 4 ? 1 : 0 }) {}
            return nil
        } catch let error as CaptureError {
            return error
        }
    }

    @Test func `frames are handed out until the helper ends, which is an error`() throws {
        var frames = 0
        let start = Self.hello + Self.record(.link(.ethernet)) + Self.record(.filtered(instructions: 9))
        let error = try said(start + Self.frame + Self.frame, frames: &frames)
        #expect(frames == 2)
        #expect(error?.description == "eth0: capture helper: it ended (exit 3)")
    }

    @Test func `what the helper could not do is told in its words, with its exit code`() throws {
        var frames = 0
        let error = try said(Self.record(.failure(exitCode: 77, reason: "eth0: no")), frames: &frames)
        #expect(error?.description == "eth0: no")
        #expect(error?.exitCode == 77)
    }

    @Test func `what a helper says to a person is short and printable`() throws {
        var frames = 0
        let reason = String(repeating: "\u{1B}[31m\u{202E}no\n", count: 9_000)
        let error = try said(Self.record(.failure(exitCode: 77, reason: reason)), frames: &frames)
        let words = try #require(error?.description)
        #expect(words.contains("no") && words.unicodeScalars.count <= HelperRecord.textLimit)
        #expect(!words.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
    }

    @Test func `a helper that says a lot and no frame keeps nobody waiting`() throws {
        var frames = 0
        let start = Self.hello + Self.record(.link(.ethernet)) + Self.record(.filtered(instructions: 9))
        let flood = (0..<300).flatMap { _ in Self.record(.change(.down("eth0"))) }
        // A hundred looks return before the end of the stream, which would be an error.
        #expect(try said(start + flood, frames: &frames) == nil)
    }

    @Test func `a stream that is none, or not the one that was agreed on, ends the capture`() throws {
        var counters = LiveCapture.Counters()
        counters.frames = 5
        let start = Self.hello + Self.record(.link(.ethernet)) + Self.record(.filtered(instructions: 9))
        let broken: [(bytes: [UInt8], word: String)] = [
            ([UInt8](repeating: 0xFF, count: 100), "a record of 4294967295 bytes"),
            (Self.record(.hello(version: 99)), "version 99"),
            (Self.hello + Self.frame, "out of turn"),
            (Self.hello + Self.record(.link(.ethernet)) + Self.frame, "out of turn"),
            (start + Self.record(.link(.linuxCooked)) + Self.frame, "before its filter"),
            (start + Self.frame + Self.record(.counters(counters)), "5 frames were written, 1 read"),
            (start + [12, 0, 0, 0, 2, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 12), "a time of -1 ns"),
            ([], "it ended (exit 3)"),
        ]
        for (bytes, word) in broken {
            var frames = 0
            let error = try said(bytes, frames: &frames)
            #expect(error?.description.contains(word) == true, "\(error?.description ?? "no error") is not '\(word)'")
            #expect(error?.exitCode == 70)
        }
    }
}
