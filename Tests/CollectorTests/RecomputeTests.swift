import Domain
import Foundation
import GRDB
import Records
import Testing

@testable import Collector

@Suite struct RecomputeTests {
    /// A day that is over, with its figures kept.
    private func kept() async throws -> Bench {
        let bench = try Bench()
        let sender = try Fixture.sender()
        try await bench.send(sender.batch(1...sender.last))
        #expect(try await bench.server.materialiser.round() == 1)
        return bench
    }

    private func recompute(_ bench: Bench, _ values: [String: String] = [:]) async throws -> Answer {
        try await ask(OfficeDays(store: bench.store, now: { Fixture.now }), RecomputeQuery(), values)
    }

    @Test func `an honest store has no differences`() async throws {
        let answer = try await recompute(try await kept())
        #expect(answer.body == "1 office-day (1 with kept figures), 0 differences\n")
        #expect(!answer.differs)
    }

    @Test func `late events are figures to be made anew, and are made`() async throws {
        let bench = try await kept()
        var sender = try Fixture.sender()
        try sender.add(.event(Fixture.event(.ticketRecalled(number: "A001"), at: Fixture.at(7, 31, 10), counter: "q1")))
        try await bench.send(sender.batch(12...12))
        #expect(try await recompute(bench).body == "1 office-day (0 with kept figures), 0 differences\n")
        #expect(try await bench.server.materialiser.round() == 1)
        #expect(try await recompute(bench).body == "1 office-day (1 with kept figures), 0 differences\n")
        #expect(try await bench.server.materialiser.round() == 0)
    }

    @Test func `a changed record is found by its digest, by the chain and in the figures`() async throws {
        let bench = try await kept()
        let forged = try Records.Record.event(
            Fixture.event(.ticketCalled(number: "A001"), at: Fixture.at(7, 31), counter: "q1", position: 9)
        ).encoded()
        try await bench.store.write {
            try $0.execute(sql: "UPDATE records SET bytes = ? WHERE sequence = 3", arguments: [Data(forged)])
        }
        let answer = try await recompute(bench)
        #expect(answer.differs)
        #expect(answer.body.contains("record 3 does not match its digest"))
        #expect(answer.body.contains("is not the one that was acknowledged"))
        #expect(answer.body.hasSuffix(", 2 differences\n"))
    }

    @Test func `a changed figure is printed beside the one the records give`() async throws {
        let bench = try await kept()
        try await bench.store.write {
            try $0.execute(sql: "UPDATE office_days SET figures = replace(figures, 'noShow,420000', 'noShow,20000')")
        }
        let answer = try await recompute(bench, ["office": "thu", "from": "2026-11-10", "to": "2026-11-10"])
        #expect(answer.differs)
        let lines = answer.body.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first?.hasPrefix("thu 2026-11-10: kept   visit thu,2026-11-10,A002,1") == true)
        #expect(lines.dropFirst().first?.hasPrefix("thu 2026-11-10: folded visit thu,2026-11-10,A002,1") == true)
        #expect(lines.last == "1 office-day (1 with kept figures), 2 differences")
    }

    @Test func `a removed record and a removed index line are found`() async throws {
        let bench = try await kept()
        try await bench.store.write { try $0.execute(sql: "DELETE FROM records WHERE sequence = 5") }
        let gone = try await recompute(bench)
        #expect(gone.differs)
        #expect(gone.body.contains("records 5-5 are gone"))
        let other = try await kept()
        try await other.store.write { try $0.execute(sql: "DELETE FROM events WHERE sequence = 5") }
        let unindexed = try await recompute(other)
        #expect(unindexed.differs)
        #expect(unindexed.body.contains("thu: 10 events are stored, 9 indexed, 10 counted"))
        #expect(unindexed.body.contains("figures were made of 10 events, 9 are left"))
    }

    @Test func `it reads beside a running collector, and sees what was acknowledged a moment ago`() async throws {
        let bench = try await kept()
        let reader = try Store.reading(directory: bench.scratch.path)
        let days = OfficeDays(store: reader, now: { Fixture.now })
        #expect(try await ask(days, RecomputeQuery()).differs == false)
        let sender = try Fixture.crowd(50, agent: "pc-9")
        try await bench.send(sender.batch(1...50))
        #expect(try await days.offices().first?.events == 60)
        #expect(try await ask(days, RecomputeQuery()).differs == false)
        await #expect(throws: StoreError.self) { try await reader.write { try $0.execute(sql: "DELETE FROM records") } }
    }
}
