import Foundation
import Testing

/// kill -9 of the real processes, at random moments, over a replay.
@Suite(.serialized) struct KillTests {
    static let killsWanted = 52

    @Test func `fifty kills of agent and collector lose nothing, double nothing, and end at the truth`() async throws {
        var random = SplitMix64(seed: 20_261_110)
        var kills = 0
        var seed = 100
        while kills < Self.killsWanted {
            seed += 1
            kills += try await oneDay(seed: seed, limit: Self.killsWanted - kills, &random)
        }
    }

    private static func differences(_ truth: String, _ given: String) -> String {
        let change = given.split(separator: "\n").difference(from: truth.split(separator: "\n"))
        return change.map { step in
            switch step {
            case .remove(let at, let line, _): "\n- \(at + 1): \(line)"
            case .insert(let at, let line, _): "\n+ \(at + 1): \(line)"
            }
        }.joined()
    }

    /// Replays one day under fire until it is through; says how often it was killed.
    private func oneDay(seed: Int, limit: Int, _ random: inout SplitMix64) async throws -> Int {
        let scratch = try Scratch("kill")
        let day = scratch.path + "/day"
        try Command.run("sim", ["day", "--scenario", "tiny", "--seed", "\(seed)", "--out", day])
        // Not from the seed: a second run beside this one would take the same.
        let port = Int.random(in: 20_000...29_999)
        let serve = ["serve", "--data", scratch.path + "/data", "--listen", "127.0.0.1:\(port)"]
        let replay = [
            "replay", "--site", day + "/site.yaml", "--spool", scratch.path + "/spool", "--to",
            "http://127.0.0.1:\(port)", "--agent", "pc-1", day + "/capture.pcap",
        ]
        var collector = try Command("collector", serve)
        var agent = try Command("agent", replay)
        var kills = 0
        let deadline = ContinuousClock.now + .seconds(120)
        while agent.isRunning || kills < limit, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(Int.random(in: 20...700, using: &random)))
            if !agent.isRunning { break }
            // After enough kills the day may end in peace.
            if kills >= min(limit, 13) {
                agent.wait()
                break
            }
            let target = Int.random(in: 0..<3, using: &random)
            if target != 1 {
                agent.kill()
                agent.wait()
                kills += 1
            }
            if target != 0 {
                collector.kill()
                collector.wait()
                kills += 1
                collector = try Command("collector", serve)
            }
            if target != 1 { agent = try Command("agent", replay) }
        }
        #expect(agent.wait() == 0, "seed \(seed): \(agent.output.suffix(1_000))")
        // A replay that is through adds nothing when it runs again.
        try Command.run("agent", replay)
        collector.kill(SIGTERM)
        collector.wait()

        let data = ["--data", scratch.path + "/data"]
        let visits = try Command.run("collector", ["visits", "--date", "2026-11-10", "--output", "csv"] + data)
        #expect(visits == (try scratch.text("day/truth/visits.csv")), "seed \(seed)")
        let events = try Command.run("collector", ["events", "--date", "2026-11-10", "--core"] + data)
        let truth = try scratch.text("day/truth/events.jsonl")
        #expect(events == truth, "seed \(seed): \(Self.differences(truth, events))")
        let recomputed = try Command.run("collector", ["recompute"] + data)
        #expect(recomputed.contains("0 differences"), "\(recomputed)")
        return kills
    }
}
