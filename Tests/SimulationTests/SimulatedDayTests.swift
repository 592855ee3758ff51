import Domain
import Foundation
import Testing

@testable import Simulation

@Suite struct SimulatedDayTests {
    private let day = LocalDay(number: 20_767)

    private func made(_ name: String, seed: UInt64) throws -> SimulatedDay {
        SimulatedDay(try TestScenarios.load(name), seed: seed, day: day)
    }

    @Test func `the same seed gives the same bytes, another seed others`() throws {
        let (first, again, other) = (try made("tiny", seed: 5), try made("tiny", seed: 5), try made("tiny", seed: 6))
        #expect(first.capture == again.capture)
        #expect(first.truth.eventLines == again.truth.eventLines)
        #expect(first.truth.visitRows == again.truth.visitRows)
        #expect(first.summary == again.summary)
        #expect(first.siteText == again.siteText)
        #expect(first.capture != other.capture)
        #expect(first.truth.eventLines != other.truth.eventLines)
    }

    /// Hash tables are seeded anew in every process; the bytes must not show it.
    @Test func `another process writes the same bytes`() throws {
        let program = TestScenarios.root.appendingPathComponent(".build/debug/deskwatch-sim")
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            print("skipped: \(program.path) is not built")
            return
        }
        let made = try made("tiny", seed: 5)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("deskwatch-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = program
        process.currentDirectoryURL = TestScenarios.root
        process.arguments = ["day", "--scenario", "tiny", "--seed", "5", "--date", "\(day)", "--out", folder.path]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        func bytes(_ name: String) throws -> [UInt8] {
            try Array(Data(contentsOf: folder.appendingPathComponent(name)))
        }
        #expect(try bytes("capture.pcap") == made.capture)
        #expect(try bytes("site.yaml") == Array(made.siteText.utf8))
        let lines = made.truth.eventLines.map { $0 + "\n" }.joined()
        #expect(try bytes("truth/events.jsonl") == Array(lines.utf8))
        #expect(try bytes("truth/summary.json") == Array(made.summary.json.utf8))
    }

    @Test(arguments: ["tiny", "hard", "next-call", "lunch"])
    func `causes sum to the wait, and nothing is negative`(name: String) throws {
        let scenario = try TestScenarios.load(name)
        for seed in 1...2 as ClosedRange<UInt64> {
            let world = World.day(scenario, seed: seed, day: day)
            let truth = Truth(site: scenario.site, day: day, utterances: world.utterances, evidence: [:])
            #expect(!truth.visits.isEmpty)
            for visit in truth.visits {
                let sum = visit.causes.values.reduce(0, +)
                #expect(sum == visit.milliseconds(in: .waiting), "\(name) seed \(seed) \(visit.ticket)")
                for leg in visit.legs {
                    #expect(leg.spans.allSatisfy { ($0.until ?? $0.from) >= $0.from })
                }
                // Every state is somewhere: from the first span to the last there is no hole but a no-show's.
                if let from = visit.issued, let until = visit.finished, !visit.flags.contains("revived") {
                    let parts = [TruthVisit.State.waiting, .called, .serving, .held].map { visit.milliseconds(in: $0) }
                    #expect(parts.reduce(0, +) == until - from, "\(name) seed \(seed) \(visit.ticket)")
                }
            }
            let summary = truth.summary
            #expect(summary.causes.values.reduce(0, +) == summary.waitMilliseconds)
            #expect(summary.served + summary.noShow + summary.left + summary.open == summary.visits)
        }
    }

    @Test func `no two messages of a world share a moment, and all are in order`() throws {
        for name in ["tiny", "hard"] {
            let world = World.day(try TestScenarios.load(name), seed: 3, day: day)
            #expect(zip(world.utterances, world.utterances.dropFirst()).allSatisfy { $0.at < $1.at })
        }
    }

    @Test func `a device without power puts no frame on the wire`() throws {
        let world = World.day(try TestScenarios.load("hard"), seed: 2, day: day)
        let stage = Stage(world)
        stage.play()
        #expect(!world.silences.isEmpty)
        for silence in world.silences {
            // The last word before the cut may still be acknowledged.
            let span = silence.from.milliseconds + 1_000..<silence.until.milliseconds
            let heard = (stage.tap.heard[silence.device] ?? []).filter { span.contains($0) }
            #expect(heard.isEmpty, "\(silence.device) spoke \(heard.count) times")
        }
    }

    @Test func `every device with power is heard at least every two minutes`() throws {
        let scenario = try TestScenarios.load("demo")
        let world = World.day(scenario, seed: 7, day: day)
        let stage = Stage(world)
        stage.play()
        for device in scenario.site.devices {
            let times = (stage.tap.heard[device.id] ?? []).sorted()
            #expect(times.count > 400)
            for (from, until) in zip(times, times.dropFirst()) where until - from > 175_000 {
                let isCut = world.silences.contains {
                    $0.device == device.id && $0.from.milliseconds <= until && from <= $0.until.milliseconds
                }
                #expect(isCut, "\(device.id) was quiet for \(until - from) ms")
            }
        }
    }

    @Test(arguments: ["quiet", "busy", "hard", "lunch", "demo", "next-call", "tiny", "live"])
    func `every scenario loads, and its site says what the site file says`(name: String) throws {
        let scenario = try TestScenarios.load(name)
        #expect(scenario.name == name)
        #expect(scenario.site.counters.count == scenario.counters.count)
        #expect(scenario.site.devices.count == scenario.hosts.count)
        #expect(SiteText.yaml(scenario.site).hasPrefix("office: { id: \(scenario.site.office.id), name: "))
    }
}
