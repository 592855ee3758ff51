import Agent
import Capture
import Collector
import Domain
import Foundation
import Logging
import Records
import Simulation
import Testing
import Wire

/// Fifty small offices in which everything goes wrong, through the whole house: packets, events, records, store, visits.
@Suite struct SeedTests {
    static let day = LocalDay(number: 20_767)
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func temporary(_ name: String) throws -> URL {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("deskwatch-\(name)-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    /// What `deskwatch-agent replay` does, in this process.
    private func replay(_ folder: URL, _ site: SiteRevision, _ profiles: [DeviceProfile]) throws -> [DomainEvent] {
        var file = try CaptureFile(path: folder.appendingPathComponent("capture.pcap").path)
        var driver = try FeedDriver(site: site, profiles: profiles, feed: "file:test")
        var events: [DomainEvent] = []
        while try file.next({ header, bytes in events += driver.frame(header, bytes) }) {}
        return events + driver.finish()
    }

    @Test func `a mirror port that hands over every frame twice changes nothing`() throws {
        let folder = try temporary("echo")
        defer { try? FileManager.default.removeItem(at: folder) }
        let scenario = try ScenarioLibrary.load("tiny", folder: Self.root.appendingPathComponent("sim/scenarios").path)
        try SimulatedDay(scenario, seed: 3, day: Self.day).write(to: folder.path)
        let library = try ProfileLibrary.load(Self.root.appendingPathComponent("devices").path)
        let site = try SiteFile.load(folder.appendingPathComponent("site.yaml").path, library: library)
        var file = try CaptureFile(path: folder.appendingPathComponent("capture.pcap").path)
        var driver = try FeedDriver(site: site, profiles: library.profiles, feed: "file:test")
        var events: [DomainEvent] = []
        var frames: UInt64 = 0
        while try file.next({ header, bytes in
            events += driver.frame(header, bytes)
            var again = header
            again.at.nanoseconds += 40_000
            events += driver.frame(again, bytes)
            frames += 1
        }) {}
        events += driver.finish()
        var core = CoreForm()
        core.append(events)
        let truth = try String(contentsOf: folder.appendingPathComponent("truth/events.jsonl"), encoding: .utf8)
        #expect(core.lines(clock: site.site.office.clock).map { $0 + "\n" }.joined() == truth)
        #expect(driver.echoedFrames >= frames)
    }

    @Test func `a day before the scenario's site file came into force has its visits too`() throws {
        let scenario = try ScenarioLibrary.load("demo", folder: Self.root.appendingPathComponent("sim/scenarios").path)
        let early = try #require(LocalDay("2025-06-30"))
        let made = SimulatedDay(scenario, seed: 1, day: early)
        #expect(made.siteText.contains("validFrom: 2025-06-30"))
    }

    private func batches(_ records: [[UInt8]], agent: String, epoch: Epoch, size: Int) -> [Batch] {
        var chain = Chain(agent: agent, epoch: epoch)
        var out: [Batch] = []
        var first = 0
        while first < records.count {
            let part = Array(records[first..<min(first + size, records.count)])
            let before = chain.hash
            for record in part { chain.append(record) }
            out.append(
                Batch(
                    agent: agent, epoch: epoch, first: UInt64(first + 1), records: part, previousHash: before,
                    hash: chain.hash, sent: Instant(milliseconds: 0)))
            first += size
        }
        return out
    }

    @Test(arguments: Array(UInt64(1)...50))
    func `events, visits and totals equal the truth`(seed: UInt64) async throws {
        let folder = try temporary("seed-\(seed)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let scenario = try ScenarioLibrary.load("tiny", folder: Self.root.appendingPathComponent("sim/scenarios").path)
        let made = SimulatedDay(scenario, seed: seed, day: Self.day)
        try made.write(to: folder.path)

        let library = try ProfileLibrary.load(Self.root.appendingPathComponent("devices").path)
        let site = try SiteFile.load(folder.appendingPathComponent("site.yaml").path, library: library)
        let clock = site.site.office.clock
        let events = try replay(folder, site, library.profiles)

        // The agent: every line of the truth, byte for byte.
        var core = CoreForm()
        core.append(events)
        let truth = try String(contentsOf: folder.appendingPathComponent("truth/events.jsonl"), encoding: .utf8)
        let lines = core.lines(clock: clock)
        let expected = truth.split(separator: "\n").map(String.init)
        let wrong = zip(expected, lines).first { $0 != $1 }
        #expect(lines.count == expected.count, "\(lines.count) events, truth has \(expected.count)")
        #expect(wrong == nil, "truth \(wrong?.0 ?? "")\nheard \(wrong?.1 ?? "")")

        // The collector: batches in any order, some twice.
        let epoch = Epoch(high: seed, low: 1)
        var random = SplitMix64(seed: seed)
        let records =
            try [Record.site(office: site.site.office.id, site).encoded()]
            + events.map { try Record.event($0).encoded() }
        let batches = batches(records, agent: "pc-1", epoch: epoch, size: Int.random(in: 5...300, using: &random))
        let store = try Store.serving(directory: folder.appendingPathComponent("collector").path)
        let server = CollectorServer(store: store, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        for batch in (batches + batches.filter { _ in Bool.random(using: &random) }).shuffled(using: &random) {
            _ = try await server.ingest.accept(try batch.encoded())
        }
        let receipt = try await server.ingest.accept(try batches[0].encoded())
        #expect(receipt.acknowledgedThrough == UInt64(records.count))

        let query = VisitsQuery()
        let arguments = try Arguments(["date": "\(Self.day)", "output": "csv"], for: query)
        let csv = try await query.answer(arguments, from: server.days).body
        let visits = try String(contentsOf: folder.appendingPathComponent("truth/visits.csv"), encoding: .utf8)
        if csv != visits {
            let pair = zip(visits.split(separator: "\n"), csv.split(separator: "\n")).first { $0 != $1 }
            Issue.record("visits differ, first:\ntruth \(pair?.0 ?? "(count)")\nfound \(pair?.1 ?? "")")
        }
        try await compareTotals(made.summary, server.days)

        // The fold again, from the same facts in another order and partly twice.
        let numbered = events.enumerated().map { index, event in
            var event = event
            event.id = EventID(agent: "pc-1", epoch: epoch, sequence: UInt64(index + 2))
            return event
        }
        let again = (numbered + numbered.filter { _ in Bool.random(using: &random) }).shuffled(using: &random)
        let folded = OfficeDay.fold(again, site: site.site, day: Self.day).result(asOf: clock.start(of: Self.day + 1))
        let stored = try #require(
            try await server.days.result(office: site.site.office.id, day: Self.day, asOf: nil))
        #expect(folded.visits == stored.visits && folded.timeline == stored.timeline)
        #expect(folded.counterTimes == stored.counterTimes && folded.anomalies == stored.anomalies)
        try store.close()
    }

    private func compareTotals(_ summary: TruthSummary, _ days: OfficeDays) async throws {
        let result = try #require(try await days.result(office: summary.office, day: Self.day, asOf: nil))
        let report = Report.make(
            days: [result], from: Self.day, to: Self.day + 1, asOf: result.asOf, scope: summary.office,
            clock: result.site.office.clock, by: .cause)
        func metric(_ id: String) -> Metric? { report.metrics.first { $0.id == id } }
        #expect(metric("visits")?.n == summary.visits && metric("visits")?.open == summary.open)
        for cause in WaitCause.allCases {
            #expect(metric("wait." + cause.rawValue)?.numerator == summary.causes[cause.rawValue])
            #expect(metric("wait." + cause.rawValue)?.denominator == summary.waitMilliseconds)
        }
        #expect(result.visits.reduce(0) { $0 + $1.service } == summary.serviceMilliseconds)
        #expect(result.visits.reduce(0) { $0 + $1.calling } == summary.callingMilliseconds)
        #expect(result.visits.reduce(0) { $0 + $1.hold } == summary.holdMilliseconds)
        #expect(result.visits.count(where: \.isSuspect) == summary.suspect)
    }
}
