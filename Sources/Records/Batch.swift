public import Domain
import FoundationEssentials
import SwiftProtobuf

/// Consecutive records of one (agent, epoch), as they go over HTTP: `POST /api/v1/ingest`, `application/x-protobuf`.
public struct Batch: Hashable, Sendable {
    /// Numbers that the agent gave and whose records it can never send: a damaged segment, a deleted file. The receiver
    /// counts them as answered for and shows them; the agent also sends an `agent.gap` event that says when they were.
    public struct Lost: Hashable, Sendable {
        public var range: ClosedRange<UInt64>
        public var reason: String

        public init(_ range: ClosedRange<UInt64>, reason: String) {
            self.range = range
            self.reason = reason
        }
    }

    public static let contentType = "application/x-protobuf"
    public static let path = "/api/v1/ingest"

    public var agent: String
    public var epoch: Epoch
    /// The sequence number of `records[0]`; numbers start at 1.
    public var first: UInt64
    public var records: [[UInt8]]
    /// h of `first - 1`.
    public var previousHash: [UInt8]
    /// h of the last record; equals `previousHash` for a batch without records (which only declares losses).
    public var hash: [UInt8]
    /// Sorted, not overlapping, all outside of this batch's own numbers.
    public var lost: [Lost]
    /// The agent's clock when it sent: the receiver learns the agent's offset from it.
    public var sent: Instant

    public init(
        agent: String, epoch: Epoch, first: UInt64, records: [[UInt8]], previousHash: [UInt8], hash: [UInt8],
        lost: [Lost] = [], sent: Instant
    ) {
        self.agent = agent
        self.epoch = epoch
        self.first = first
        self.records = records
        self.previousHash = previousHash
        self.hash = hash
        self.lost = lost
        self.sent = sent
    }

    /// The number of the last record; `first - 1` for a batch without records.
    public var last: UInt64 { first &+ UInt64(records.count) &- 1 }

    /// The number of the record at an index of `records`.
    public func id(_ index: Int) -> EventID {
        EventID(agent: agent, epoch: epoch, sequence: first &+ UInt64(clamping: index))
    }

    /// Whether the records lead from `previousHash` to `hash`, and an epoch's first record from h₀.
    public func isChained() -> Bool {
        if first == 1, previousHash != Chain(agent: agent, epoch: epoch).hash { return false }
        guard var chain = Chain(sequence: first &- 1, hash: previousHash) else { return false }
        for record in records { chain.append(record) }
        return chain.hash == hash
    }

    public func encoded() throws(RecordError) -> [UInt8] {
        var proto = ProtoBatch()
        proto.agent = agent
        proto.epoch = Data(epoch.bytes)
        proto.first = first
        proto.records = records.map { Data($0) }
        proto.previousHash = Data(previousHash)
        proto.hash = Data(hash)
        proto.lost = lost.map {
            var out = ProtoLostRange()
            out.first = $0.range.lowerBound
            out.last = $0.range.upperBound
            out.reason = $0.reason
            return out
        }
        proto.sent = sent.milliseconds
        do {
            return try proto.serializedBytes()
        } catch {
            throw RecordError(.malformed, "\(error)")
        }
    }

    /// Bytes from outside: never traps. Checks the form and the bounds; `isChained` checks the hashes.
    public init(decoding bytes: some Collection<UInt8>) throws(RecordError) {
        guard bytes.count <= RecordLimits.requestBytes else {
            throw RecordError(.tooLarge, "\(bytes.count) bytes; a batch has at most \(RecordLimits.requestBytes)")
        }
        let proto: ProtoBatch
        do {
            proto = try ProtoBatch(serializedBytes: Array(bytes))
        } catch {
            throw RecordError(.malformed, "\(error)")
        }
        guard proto.records.count <= RecordLimits.batchRecords, proto.lost.count <= RecordLimits.batchRecords else {
            throw RecordError(.tooLarge, "\(proto.records.count) records, \(proto.lost.count) lost ranges")
        }
        guard !proto.agent.isEmpty, proto.agent.utf8.count <= 256, let epoch = Epoch(bytes: proto.epoch) else {
            throw RecordError(.malformed, "a batch needs an agent's name and an epoch of 16 bytes")
        }
        // Sequence numbers stay in the range that an SQL integer holds.
        guard (1...UInt64(Int64.max - 1_000_000)).contains(proto.first), proto.previousHash.count == 32,
            proto.hash.count == 32
        else { throw RecordError(.malformed, "a batch needs a first number and two hashes of 32 bytes") }
        agent = proto.agent
        self.epoch = epoch
        first = proto.first
        records = proto.records.map { Array($0) }
        previousHash = Array(proto.previousHash)
        hash = Array(proto.hash)
        sent = try Instant(recorded: proto.sent)
        lost = []
        var free: UInt64 = 1
        for range in proto.lost {
            guard range.first >= free, range.last >= range.first, range.last <= UInt64(Int64.max - 1_000_000),
                range.last < proto.first || range.first > last
            else { throw RecordError(.outOfRange, "lost numbers \(range.first)-\(range.last)") }
            lost.append(Lost(range.first...range.last, reason: String(range.reason.prefix(256))))
            free = range.last + 1
        }
    }
}
