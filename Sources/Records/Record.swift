public import Domain
import SwiftProtobuf

/// A fact that travels: an event, or the site revision that gives events their meaning.
///
/// Records are encoded once, where the fact was heard, and never again: the bytes that were hashed are the bytes that
/// are stored. Two encodings of equal records need not be equal bytes, so nobody compares encodings of decoded records.
public enum Record: Hashable, Sendable {
    case event(DomainEvent)
    case site(office: String, SiteRevision)
    /// A kind of record or event that this build does not know (a newer agent's): its bytes are kept, hashed and
    /// numbered like any other, and read again after an upgrade.
    case unknown(kind: String)

    /// The bytes that are hashed, spooled, sent and stored. An event's identity is not among them: the spool gives it.
    public func encoded() throws(RecordError) -> [UInt8] {
        var proto = ProtoRecord()
        switch self {
        case .event(let event): proto.event = ProtoEvent(event)
        case .site(let office, let revision): proto.site = ProtoSiteRevision(revision, office: office)
        case .unknown(let kind): throw RecordError(.malformed, "a record of unknown kind '\(kind)' is never made again")
        }
        let bytes: [UInt8]
        do {
            bytes = try proto.serializedBytes()
        } catch {
            throw RecordError(.malformed, "\(error)")
        }
        guard bytes.count <= RecordLimits.recordBytes else {
            throw RecordError(.tooLarge, "\(bytes.count) bytes; a record has at most \(RecordLimits.recordBytes)")
        }
        return bytes
    }

    /// Reads what `encoded` made; `id` is the number under which it was sent. Bytes from outside: never traps.
    public init(decoding bytes: some Collection<UInt8>, id: EventID) throws(RecordError) {
        guard bytes.count <= RecordLimits.recordBytes else {
            throw RecordError(.tooLarge, "\(bytes.count) bytes; a record has at most \(RecordLimits.recordBytes)")
        }
        let proto: ProtoRecord
        do {
            proto = try ProtoRecord(serializedBytes: Array(bytes))
        } catch {
            throw RecordError(.malformed, "\(error)")
        }
        switch proto.body {
        case .event(let event):
            if let known = try event.event(id: id) { self = .event(known) } else { self = .unknown(kind: event.kind) }
        case .site(let site):
            self = .site(office: site.office, try site.revision())
        case nil:
            self = .unknown(kind: "")
        }
    }
}
