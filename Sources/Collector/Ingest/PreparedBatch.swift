import Domain
import Records

/// A batch as it arrived with everything that can be known about it without the store: done outside of the one
/// transaction that all batches share.
struct PreparedBatch: Sendable {
    var batch: Batch
    var records: [PreparedRecord]
    /// The records lead from the batch's first hash to its last: what was sent is what the agent hashed.
    var isChained: Bool

    init(_ batch: Batch) {
        self.batch = batch
        isChained = batch.isChained()
        records = batch.records.enumerated().map { PreparedRecord($1, id: batch.id($0)) }
    }

    var events: Int { records.count { if case .event = $0.content { true } else { false } } }
}

struct PreparedRecord: Sendable {
    enum Content: Sendable {
        case event(office: String, at: Instant, side: SideKind?)
        case site(office: String, validFrom: LocalDay, digest: [UInt8])
        /// Of a kind that a newer build knows: kept.
        case unknown
        /// Kept too, with an alarm: refusing it would stop everything behind it.
        case undecodable(String)
    }

    var sequence: Int64
    var bytes: [UInt8]
    var digest: [UInt8]
    var content: Content

    init(_ bytes: [UInt8], id: EventID) {
        self.bytes = bytes
        sequence = Int64(clamping: id.sequence)
        digest = sha256(bytes)
        do throws(RecordError) {
            switch try Record(decoding: bytes, id: id) {
            case .event(let event):
                content =
                    PreparedRecord.isName(event.office)
                    ? .event(office: event.office, at: event.at, side: SideKind(event.kind))
                    : .undecodable("an event without a usable office id")
            case .site(let office, let revision):
                content =
                    PreparedRecord.isName(office)
                    ? .site(office: office, validFrom: revision.validFrom, digest: revision.digest)
                    : .undecodable("a site file without a usable office id")
            case .unknown: content = .unknown
            }
        } catch {
            content = .undecodable(error.description)
        }
    }

    /// Offices become paths and labels: short, and without what a terminal would obey.
    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 128
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }
}

/// What the store did with a batch; every record is in exactly one of the first three counts.
struct BatchOutcome: Sendable {
    var stored = 0
    var duplicates = 0
    var conflicts = 0
    var undecodable = 0
    var chainBreaks = 0
    /// The batch was not what the agent hashed: nothing of it was stored.
    var isRefused = false
    var through: UInt64 = 0
    var chain: [UInt8] = []
    var problem: String?
    /// Offices with new events or a new site file, by what became stale.
    var touched: [Touched] = []

    struct Touched: Hashable, Sendable {
        var office: String
        var from: Instant
        var until: Instant
    }
}
