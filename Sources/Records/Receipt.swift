public import Domain
import FoundationEssentials
import SwiftProtobuf

/// The collector's word, given after its own fsync: what lets the spool forget.
public struct Receipt: Hashable, Sendable {
    public var agent: String
    public var epoch: Epoch
    /// Every number up to here is stored, or was declared lost. A batch from the past is answered with the same
    /// watermark, never with an error: an answer that got lost must not stop the agent.
    public var acknowledgedThrough: UInt64
    /// h of `acknowledgedThrough` as the collector knows it; h₀ while it has nothing.
    public var hash: [UInt8]
    /// The collector's clock when it answered.
    public var received: Instant
    /// Why the collector stopped short of the batch's end (`missing 12-15`, `different bytes under 7`); `nil` if it took
    /// everything.
    public var problem: String?

    public init(
        agent: String, epoch: Epoch, acknowledgedThrough: UInt64, hash: [UInt8], received: Instant,
        problem: String? = nil
    ) {
        self.agent = agent
        self.epoch = epoch
        self.acknowledgedThrough = acknowledgedThrough
        self.hash = hash
        self.received = received
        self.problem = problem
    }

    public func encoded() throws(RecordError) -> [UInt8] {
        var proto = ProtoReceipt()
        proto.agent = agent
        proto.epoch = Data(epoch.bytes)
        proto.acknowledgedThrough = acknowledgedThrough
        proto.hash = Data(hash)
        proto.received = received.milliseconds
        proto.problem = problem ?? ""
        do {
            return try proto.serializedBytes()
        } catch {
            throw RecordError(.malformed, "\(error)")
        }
    }

    /// Bytes from outside: never traps.
    public init(decoding bytes: some Collection<UInt8>) throws(RecordError) {
        guard bytes.count <= 65_536 else { throw RecordError(.tooLarge, "\(bytes.count) bytes for a receipt") }
        let proto: ProtoReceipt
        do {
            proto = try ProtoReceipt(serializedBytes: Array(bytes))
        } catch {
            throw RecordError(.malformed, "\(error)")
        }
        guard let epoch = Epoch(bytes: proto.epoch), proto.hash.count == 32 else {
            throw RecordError(.malformed, "a receipt needs an epoch of 16 bytes and a hash of 32")
        }
        agent = proto.agent
        self.epoch = epoch
        acknowledgedThrough = proto.acknowledgedThrough
        hash = Array(proto.hash)
        received = try Instant(recorded: proto.received)
        problem = proto.problem.isEmpty ? nil : proto.problem
    }
}
