import AsyncHTTPClient
import Domain
import Foundation
import GRDB
import Glibc
import NIOCore
import NIOHTTP1
import Records
import Testing

@testable import Collector

/// The real `deskwatch-collector` process. These run one after the other: each needs the machine's two cores.
@Suite(.serialized) struct ProcessTests {
    @Test(arguments: 0..<6 as Range<UInt64>)
    func `kill -9 at a random moment loses nothing that was acknowledged`(seed: UInt64) async throws {
        let scratch = try Scratch()
        var dice = Dice(seed)
        let sender = try Fixture.crowd(1_500)
        var acknowledged = 0
        var kills = 0
        while acknowledged < sender.last {
            let process = try CollectorProcess(["serve", "--data", scratch.path + "/data", "--listen", "127.0.0.1:0"])
            let url = try await process.address()
            if acknowledged > 0 {
                // What was acknowledged before is there before anything is sent again.
                let receipt = try await CollectorProcess.send(sender.batch(1...1), to: url)
                #expect(receipt.acknowledgedThrough >= acknowledged)
                acknowledged = Int(receipt.acknowledgedThrough)
            }
            let deadline = Task { [pause = UInt64.random(in: 1...60, using: &dice)] in
                try await Task.sleep(for: .milliseconds(pause))
                process.kill(SIGKILL)
            }
            let isLast = kills >= 3
            if isLast { deadline.cancel() }
            do {
                while acknowledged < sender.last {
                    let size = Int.random(in: 1...40, using: &dice)
                    let batch = sender.batch((acknowledged + 1)...min(acknowledged + size, sender.last))
                    let receipt = try await CollectorProcess.send(batch, to: url)
                    #expect(receipt.acknowledgedThrough >= acknowledged)
                    acknowledged = Int(receipt.acknowledgedThrough)
                    #expect(receipt.hash == sender.hashes[acknowledged])
                }
            } catch {
                #expect(!isLast, "\(error)")
                kills += 1
            }
            deadline.cancel()
            process.kill(SIGKILL)
            process.wait()
        }
        let store = try Store.serving(directory: scratch.path + "/data")
        #expect(try await store.recordDifferences() == [])
        #expect(try await store.spools().map(\.records) == [sender.last])
    }

    @Test func `SIGTERM ends the process soon and cleanly, with a page open too`() async throws {
        let scratch = try Scratch()
        let process = try CollectorProcess(["serve", "--data", scratch.path + "/data", "--listen", "127.0.0.1:0"])
        let url = try await process.address()
        let sender = try Fixture.sender()
        _ = try await CollectorProcess.send(sender.batch(1...sender.last), to: url)
        let page = try await HTTPClient.shared.execute(HTTPClientRequest(url: url + "/live"), timeout: .seconds(60))
        #expect(page.status.code == 200)
        let start = ContinuousClock.now
        process.kill(SIGTERM)
        process.wait()
        #expect(process.status == 0)
        #expect(ContinuousClock.now - start < .seconds(10))
        // Nothing is left to recover.
        let log = try? FileManager.default.attributesOfItem(atPath: scratch.path + "/data/collector.sqlite-wal")
        #expect((log?[.size] as? Int ?? 0) == 0)
    }

    @Test func `exit codes and words are those of the manual`() async throws {
        let scratch = try Scratch()
        let data = scratch.path + "/data"
        let server = try CollectorProcess(["serve", "--data", data, "--listen", "127.0.0.1:0"])
        let url = try await server.address()
        let sender = try Fixture.sender()
        _ = try await CollectorProcess.send(sender.batch(1...sender.last), to: url)
        let port = try #require(url.split(separator: ":").last)

        func run(_ arguments: String...) throws -> (status: Int32, out: String, error: String) {
            let process = try CollectorProcess(arguments)
            process.wait()
            return (process.status, process.output, process.errors)
        }
        let busyPort = try run("serve", "--data", scratch.path + "/other", "--listen", "127.0.0.1:\(port)")
        #expect(busyPort.status == 69)
        #expect(busyPort.error.contains("port \(port) on 127.0.0.1 is in use"))
        let busyData = try run("serve", "--data", data, "--listen", "127.0.0.1:0")
        #expect(busyData.status == 69)
        let underFile = try run("serve", "--data", data + "/lock/x", "--listen", "127.0.0.1:0")
        #expect(underFile.status == 78)
        #expect(try run("serve", "--data", data, "--listen", "nonsense").status == 64)
        #expect(try run("report", "--data", scratch.path + "/nothing").status == 78)
        #expect(try run("report", "--url", "http://127.0.0.1:1").status == 69)
        #expect(try run("report", "--data", data, "--date", "10.11.2026").status == 64)
        #expect(try run("report", "--url", url, "--date", "10.11.2026").status == 64)
        let unknown = try run("visits", "--url", url, "--office", "abc")
        #expect(unknown.status == 1)
        #expect(unknown.error == "deskwatch-collector: unknown office 'abc'; known: thu\n")

        for place in [["--data", data], ["--url", url]] {
            let visits = try CollectorProcess(["visits", "--date", "2026-11-10", "--output", "csv"] + place)
            visits.wait()
            #expect(visits.output == OfficeDaysTests.visits)
            let nothing = try CollectorProcess(["visits", "--date", "2026-11-09", "--output", "csv"] + place)
            nothing.wait()
            #expect(nothing.status == 0)
            #expect(nothing.errors == "deskwatch-collector: no data on 2026-11-09\n")
            let day = try CollectorProcess(["day", "thu", "2026-11-10"] + place)
            day.wait()
            #expect(day.status == 0)
            #expect(!day.output.contains("\u{1B}"))
            let recompute = try CollectorProcess(["recompute"] + place)
            recompute.wait()
            #expect(recompute.status == 0)
            #expect(recompute.output.hasSuffix(", 0 differences\n"))
        }
        let wrong = try run("why", "wait.frist", "--office", "thu", "--date", "2026-11-10", "--url", url)
        #expect(wrong.status == 64 && wrong.error.contains("did you mean 'wait.first'?"))
        // Beside the running server the directory is locked, and the server is asked to write.
        let words = ["annotate", "--office", "thu", "--from", "2026-11-10T07:36", "--until", "2026-11-10T07:45"]
        let beside = try CollectorProcess(words + ["--text", "power cut", "--data", data])
        beside.wait()
        #expect(beside.status == 0 && beside.output.contains("\"visits\":2"), "\(beside.errors)")
        let asked = try CollectorProcess(words + ["--text", "power cut", "--url", url])
        asked.wait()
        #expect(asked.output == beside.output)
        let phone = try CollectorProcess(words + ["--text", "call 0912345678", "--url", url])
        phone.wait()
        #expect(phone.status == 64 && phone.errors.contains("looks like a phone or identity number"))
        #expect(try run("annotate", "--office", "thu", "--text", "x", "--data", data).status == 64)
        server.kill(SIGTERM)
        server.wait()
        let alone = try CollectorProcess(words + ["--text", "no paper", "--data", data])
        alone.wait()
        #expect(alone.status == 0, "\(alone.errors)")
        #expect(try run("annotations", "--data", data, "--output", "csv").out.split(separator: "\n").count == 3)
        #expect(try run("recompute", "--data", data).status == 0)
        let database = try DatabaseQueue(path: data + "/collector.sqlite")
        try await database.write { try $0.execute(sql: "DELETE FROM side_events") }
        try database.close()
        let changed = try run("recompute", "--data", data)
        #expect(changed.status == 1 && changed.out.hasSuffix(", 1 difference\n"), "\(changed.out)")
        #expect(
            try run("annotate", "--office", "thu", "--retract", "00", "--data", scratch.path + "/none").status == 78)
    }
}

/// A started command with its output in files.
final class CollectorProcess: Sendable {
    private let process: Process
    private let base: String
    private let scratch: Scratch

    /// Where this build put its commands.
    static let path: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent().path + "/deskwatch-collector"
    }()

    init(_ arguments: [String]) throws {
        scratch = try Scratch()
        base = scratch.path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        process.environment = ["SWIFT_BACKTRACE": "enable=no", "TZ": "UTC"]
        for name in ["/out", "/errors"] {
            _ = FileManager.default.createFile(atPath: base + name, contents: nil)
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: base + "/out")
        process.standardError = FileHandle(forWritingAtPath: base + "/errors")
        self.process = process
        try process.run()
    }

    deinit { if process.isRunning { kill(SIGKILL) } }

    func kill(_ signal: Int32) { if process.isRunning { Glibc.kill(process.processIdentifier, signal) } }
    func wait() { process.waitUntilExit() }
    var status: Int32 { process.terminationStatus }
    var output: String { text("/out") }
    var errors: String { text("/errors") }

    private func text(_ name: String) -> String {
        FileManager.default.contents(atPath: base + name).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// The address it says it listens on.
    func address() async throws -> String {
        for _ in 0..<600 {
            if let line = output.split(separator: "\n").first(where: { $0.hasPrefix("listening on http://") }) {
                return String(line.dropFirst("listening on ".count))
            }
            if !process.isRunning { throw Ended(errors: errors) }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Ended(errors: "not ready after 30 s\n" + errors)
    }

    struct Ended: Error { var errors: String }

    static func send(_ batch: Batch, to url: String) async throws -> Receipt {
        var request = HTTPClientRequest(url: url + Batch.path)
        request.method = .POST
        request.headers.add(name: "content-type", value: Batch.contentType)
        request.body = .bytes(ByteBuffer(bytes: try batch.encoded()))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        let body = try await response.body.collect(upTo: 65_536)
        guard response.status.code == 200 else { throw Ended(errors: String(buffer: body)) }
        return try Receipt(decoding: Array(body.readableBytesView))
    }
}
