import Domain
import Records
import Testing

@Suite struct BatchTests {
    static let epoch = Epoch(high: 1, low: 2)

    static func record(_ sequence: UInt64) -> [UInt8] { Array("record \(sequence)".utf8) }

    static func chain(through sequence: UInt64) -> Chain {
        var chain = Chain(agent: "pc-1", epoch: epoch)
        while chain.sequence < sequence { chain.append(record(chain.sequence + 1)) }
        return chain
    }

    static func batch(_ range: ClosedRange<UInt64>, lost: [Batch.Lost] = []) -> Batch {
        Batch(
            agent: "pc-1", epoch: epoch, first: range.lowerBound, records: range.map(record),
            previousHash: chain(through: range.lowerBound - 1).hash, hash: chain(through: range.upperBound).hash,
            lost: lost, sent: Instant(milliseconds: 5))
    }

    @Test func `a batch and a receipt come back as they were`() throws {
        let batch = Self.batch(4...9, lost: [Batch.Lost(2...3, reason: "segment 1 damaged")])
        #expect(try Batch(decoding: batch.encoded()) == batch)
        #expect(batch.last == 9)
        #expect(batch.id(2).sequence == 6)
        for problem in [nil, "missing 4-9"] {
            let receipt = Receipt(
                agent: "pc-1", epoch: Self.epoch, acknowledgedThrough: 9, hash: batch.hash,
                received: Instant(milliseconds: 7), problem: problem)
            #expect(try Receipt(decoding: receipt.encoded()) == receipt)
        }
    }

    @Test func `the chain is SHA-256 over the previous hash and the record's digest`() {
        let start = sha256(Array("pc-1".utf8) + Self.epoch.bytes)
        let next = sha256(start + sha256(Self.record(1)))
        #expect(Self.chain(through: 0).hash == start)
        #expect(Self.chain(through: 1).hash == next)
    }

    @Test func `a changed, dropped or swapped record breaks the chain`() {
        var batch = Self.batch(1...5)
        #expect(batch.isChained())
        batch.records[2][0] ^= 1
        #expect(!batch.isChained())
        batch = Self.batch(1...5)
        batch.records.remove(at: 1)
        #expect(!batch.isChained())
        batch = Self.batch(1...5)
        batch.records.swapAt(0, 1)
        #expect(!batch.isChained())
        batch = Self.batch(1...5)
        batch.previousHash = sha256([])
        #expect(!batch.isChained())
    }

    @Test func `ingest takes what is new, whatever was sent before`() {
        let known = Self.chain(through: 6)
        let nine = Self.chain(through: 9)
        #expect(Self.batch(7...9).standing(after: known) == .next(from: 0, chain: nine))
        #expect(Self.batch(4...9).standing(after: known) == .next(from: 3, chain: nine))
        #expect(Self.batch(1...6).standing(after: known) == .past)
        #expect(Self.batch(8...9).standing(after: known) == .ahead(missing: 7...7))
        let two = Self.chain(through: 2)
        #expect(Self.batch(1...2).standing(after: Self.chain(through: 0)) == .next(from: 0, chain: two))
    }

    @Test func `declared losses are stepped over, undeclared ones are not`() {
        let known = Self.chain(through: 2)
        let all = Self.batch(7...9, lost: [Batch.Lost(3...4, reason: "a"), Batch.Lost(5...6, reason: "b")])
        #expect(all.standing(after: known) == .next(from: 0, chain: Self.chain(through: 9)))
        let some = Self.batch(7...9, lost: [Batch.Lost(3...3, reason: "a"), Batch.Lost(5...6, reason: "b")])
        #expect(some.standing(after: known) == .ahead(missing: 4...4))
    }

    @Test func `other bytes under old numbers are broken`() {
        var known = Self.chain(through: 5)
        known.append(Array("another record 6".utf8))
        #expect(Self.batch(4...9).standing(after: known) == .broken)
    }

    @Test func `batches out of bounds are refused`() throws {
        var batch = Self.batch(4...9)
        batch.first = 0
        #expect(throws: RecordError.self) { try Batch(decoding: batch.encoded()) }
        batch = Self.batch(4...9, lost: [Batch.Lost(3...4, reason: "overlaps")])
        #expect(throws: RecordError.self) { try Batch(decoding: batch.encoded()) }
        batch = Self.batch(4...9)
        batch.hash = [1]
        #expect(throws: RecordError.self) { try Batch(decoding: batch.encoded()) }
        #expect(throws: RecordError.self) {
            try Batch(decoding: [UInt8](repeating: 0, count: RecordLimits.requestBytes + 1))
        }
    }
}
