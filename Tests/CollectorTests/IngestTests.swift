import Domain
import GRDB
import Records
import Testing

@testable import Collector

@Suite struct IngestTests {
    @Test func `the same batch twice is stored once and answered the same`() async throws {
        let bench = try Bench()
        let sender = try Fixture.crowd(40)
        let first = try await bench.send(sender.batch(1...40))
        let again = try await bench.send(sender.batch(1...40))
        #expect(first.acknowledgedThrough == 40)
        #expect(again.acknowledgedThrough == 40)
        #expect(first.hash == sender.hashes[40])
        #expect(again.problem == nil)
        #expect(try await bench.contents().count == 40)
        #expect(bench.server.counters.now.duplicates == 40)
    }

    @Test func `a batch from the past is answered with the watermark, never with an error`() async throws {
        let bench = try Bench()
        let sender = try Fixture.crowd(30)
        for batch in sender.batches(of: 10) { try await bench.send(batch) }
        let receipt = try await bench.send(sender.batch(3...7))
        #expect(receipt.acknowledgedThrough == 30)
        #expect(receipt.problem == nil)
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func `any order, cutting and repetition of batches ends in the same store`(seed: UInt64) async throws {
        var dice = Dice(seed)
        let sender = try Fixture.crowd(60)
        let straight = try Bench()
        try await straight.send(sender.batch(1...60))
        let shuffled = try Bench()
        var batches = sender.batches(of: Int.random(in: 1...9, using: &dice))
        batches += sender.batches(of: Int.random(in: 1...25, using: &dice)).filter { _ in Bool.random(using: &dice) }
        batches.shuffle(using: &dice)
        var last: Receipt?
        for batch in batches { last = try await shuffled.send(batch) }
        #expect(last?.acknowledgedThrough == 60)
        #expect(last?.hash == sender.hashes[60])
        #expect(try await shuffled.contents() == straight.contents())
        #expect(try await shuffled.store.recordDifferences() == [])
        #expect(try await shuffled.days.incidents().isEmpty == false)
        #expect(try await shuffled.days.incidents().map(\.kind) == [.noSite])
        let left = try await shuffled.store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM claims") }
        #expect(left == 0)
    }

    @Test func `a hole holds the watermark, names what is missing, and closes`() async throws {
        let bench = try Bench()
        let sender = try Fixture.crowd(30)
        try await bench.send(sender.batch(1...10))
        let receipt = try await bench.send(sender.batch(16...30))
        #expect(receipt.acknowledgedThrough == 10)
        #expect(receipt.problem == "missing 11-15")
        let agent = try #require(try await bench.days.agents().first)
        #expect(agent.missing == [11...15])
        #expect(agent.highest == 30)
        #expect(try await bench.days.incidents().contains { $0.kind == .gap && $0.count == 5 })
        let closed = try await bench.send(sender.batch(11...15))
        #expect(closed.acknowledgedThrough == 30)
        #expect(closed.hash == sender.hashes[30])
        #expect(try await bench.days.agents().first?.missing == [])
    }

    @Test func `different bytes under an old number raise an alarm and overwrite nothing`() async throws {
        let bench = try Bench()
        let sender = try Fixture.crowd(20)
        try await bench.send(sender.batch(1...20))
        let before = try await bench.contents()
        var forged = Sender()
        for index in 0..<20 {
            forged.add(bytes: index == 6 ? try Fixture.crowd(99).records[98] : sender.records[index])
        }
        let receipt = try await bench.send(forged.batch(5...9))
        #expect(receipt.acknowledgedThrough == 20)
        #expect(receipt.problem == "different bytes under 7")
        // The same forgery without its own hashes made anew: still an alarm, not just a refusal.
        var clumsy = sender.batch(5...9)
        clumsy.records[2] = forged.records[6]
        try await bench.send(clumsy)
        #expect(try await bench.contents() == before)
        let incident = try #require(try await bench.days.incidents().first { $0.kind == .tamper })
        #expect(incident.subject == "pc-1")
        #expect(incident.count == 2)
        #expect(bench.server.counters.now.conflicts == 2)
    }

    @Test func `what its own hashes do not describe is refused whole`() async throws {
        let bench = try Bench()
        let sender = try Fixture.crowd(20)
        try await bench.send(sender.batch(1...10))
        var batch = sender.batch(11...20)
        batch.records.swapAt(2, 5)
        await #expect(throws: IngestError.self) { try await bench.send(batch) }
        #expect(try await bench.contents().count == 10)
        #expect(bench.server.counters.now.rejected == ["brokenChain": 1])
        #expect(bench.server.counters.now.refusedRecords == 10)
        #expect(try await bench.send(sender.batch(11...20)).acknowledgedThrough == 20)
    }

    @Test func `a chain that does not continue ours is one alarm, and the facts are kept`() async throws {
        let bench = try Bench()
        let sender = try Fixture.crowd(30)
        try await bench.send(sender.batch(1...10))
        // Record 10 was another one on the agent's disk when it hashed 11 to 30.
        var other = Sender()
        for index in 0..<30 { other.add(bytes: index == 9 ? [1, 2, 3] : sender.records[index]) }
        let receipt = try await bench.send(other.batch(11...20))
        #expect(receipt.acknowledgedThrough == 20)
        try await bench.send(other.batch(21...30))
        let incidents = try await bench.days.incidents().filter { $0.kind == .chain }
        #expect(incidents.count == 1)
        #expect(bench.server.counters.now.chainBreaks == 1)
        #expect(try await bench.contents().count == 30)
    }

    @Test func `declared losses let the watermark pass and stay visible`() async throws {
        let bench = try Bench()
        let sender = try Fixture.crowd(30)
        try await bench.send(sender.batch(1...10))
        let receipt = try await bench.send(
            sender.batch(16...30, lost: [.init(11...15, reason: "damaged segment")]))
        #expect(receipt.acknowledgedThrough == 30)
        #expect(receipt.hash == sender.hashes[30])
        let incident = try #require(try await bench.days.incidents().first { $0.kind == .gap })
        #expect(incident.detail == "the agent lost records 11-15: damaged segment")
        #expect(try await bench.store.recordDifferences() == [])
    }

    @Test func `a loss declared without any record passes too`() async throws {
        let bench = try Bench()
        let sender = try Fixture.crowd(15)
        try await bench.send(sender.batch(1...10))
        let declaration = Batch(
            agent: sender.agent, epoch: sender.epoch, first: 16, records: [], previousHash: sender.hashes[15],
            hash: sender.hashes[15], lost: [.init(11...15, reason: "gone")], sent: Fixture.now)
        let receipt = try await bench.send(declaration)
        #expect(receipt.acknowledgedThrough == 15)
        #expect(receipt.hash == sender.hashes[15])
    }

    @Test func `what does not decode is kept, numbered and shown`() async throws {
        let bench = try Bench()
        var sender = try Fixture.sender()
        sender.add(bytes: [0xFF, 0xFF, 0xFF])
        try sender.add(.event(Fixture.event(.counterOpened, at: Fixture.at(9, 0), counter: "q1")))
        let receipt = try await bench.send(sender.batch(1...sender.last))
        #expect(receipt.acknowledgedThrough == UInt64(sender.last))
        #expect(receipt.problem == nil)
        #expect(try await bench.days.incidents().map(\.kind) == [.undecodable])
        #expect(bench.server.counters.now.undecodable == 1)
    }

    @Test func `a restart finds the watermark and the chain where they were`() async throws {
        let scratch = try Scratch()
        let sender = try Fixture.crowd(30)
        do {
            let bench = try Bench(scratch)
            try await bench.send(sender.batch(1...20))
            try bench.store.close()
        }
        let bench = try Bench(scratch)
        let receipt = try await bench.send(sender.batch(15...30))
        #expect(receipt.acknowledgedThrough == 30)
        #expect(receipt.hash == sender.hashes[30])
        #expect(bench.server.counters.now.stored == 10)
        #expect(try await bench.store.recordDifferences() == [])
    }

    @Test func `batches that wait together share a commit, and each gets its own receipt`() async throws {
        let bench = try Bench()
        let senders = try (1...40).map { try Fixture.crowd(25, agent: "pc-\($0)") }
        let receipts = try await withThrowingTaskGroup(of: Receipt.self) { group in
            for sender in senders {
                group.addTask { try await bench.send(sender.batch(1...25)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(receipts.map(\.agent)).count == 40)
        #expect(receipts.allSatisfy { $0.acknowledgedThrough == 25 })
        let counters = bench.server.counters.now
        #expect(counters.stored == 1_000)
        #expect(counters.commits <= 40)
    }

    @Test func `no more spools are taken than the bound allows, and those that are known go on`() async throws {
        let bench = try Bench(limits: IngestLimits(spools: 2))
        let senders = try (1...3).map { try Fixture.crowd(4, agent: "pc-\($0)") }
        try await bench.send(senders[0].batch(1...2))
        try await bench.send(senders[1].batch(1...2))
        await #expect(throws: IngestError.self) { try await bench.send(senders[2].batch(1...2)) }
        #expect(try await bench.send(senders[0].batch(3...4)).acknowledgedThrough == 4)
        #expect(bench.server.counters.now.rejected == ["tooManySpools": 1])
    }

    @Test func `every record is counted once: stored, duplicate, conflicting or refused`() async throws {
        let bench = try Bench(limits: IngestLimits(spools: 1))
        let sender = try Fixture.crowd(20)
        try await bench.send(sender.batch(1...20))
        try await bench.send(sender.batch(10...20))
        var broken = sender.batch(1...5)
        broken.records[1] = [9]
        _ = try? await bench.send(broken)
        var swapped = try Fixture.crowd(25).batch(21...25)
        swapped.records.swapAt(0, 1)
        _ = try? await bench.send(swapped)
        _ = try? await bench.send(Fixture.crowd(3, agent: "pc-2").batch(1...3))
        let counters = bench.server.counters.now
        #expect(
            counters.records == counters.stored + counters.duplicates + counters.conflicts + counters.refusedRecords)
        #expect(counters.refusedRecords == 8)
    }

    @Test func `acknowledged means synchronous FULL on the connection that writes`() async throws {
        let bench = try Bench()
        let level = try await bench.store.write { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
        #expect(level == 2)
        let mode = try await bench.store.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
        #expect(mode == "wal")
    }

    @Test func `a second collector on the same directory is refused, and so is a directory that cannot be`() throws {
        let bench = try Bench()
        #expect(throws: StoreError.busy("another collector is serving \(bench.scratch.path)")) {
            try Store.serving(directory: bench.scratch.path)
        }
        #expect(throws: StoreError.self) { try Store.serving(directory: bench.scratch.path + "/lock/under-a-file") }
        #expect(throws: StoreError.self) { try Store.reading(directory: bench.scratch.path + "/nothing-here") }
    }
}
