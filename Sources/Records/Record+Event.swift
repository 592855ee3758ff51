import Domain
import SwiftProtobuf
import Wire

extension ProtoEvent {
    init(_ event: DomainEvent) {
        feed = event.feed
        device = event.device
        office = event.office
        if let value = event.counter { counter = value }
        kind = event.kind.name
        payload = event.kind.payload.map { ProtoEntry(key: $0.key, value: $0.value) }
        observed = event.observed.milliseconds
        if let value = event.stamped { stamped = value.milliseconds }
        at = event.at.milliseconds
        flags = event.flags.rawValue
        if let value = event.provenance.protocolName { self.protocol = value.rawValue }
        if let value = event.provenance.peer { peer = value }
        if let value = event.provenance.rule { rule = value }
        position = event.provenance.position
    }

    /// `nil`: a kind that this build does not know, or knows with other keys.
    func event(id: EventID) throws(RecordError) -> DomainEvent? {
        var values: [String: EventKind.PayloadValue] = [:]
        for entry in payload {
            if let value = try entry.payloadValue() { values[entry.key] = value }
        }
        guard let known = EventKind(name: kind, value: { values[$0] }) else { return nil }
        // A protocol newer than this build is left out; what it said is kept.
        let provenance = Provenance(
            protocolName: hasProtocol ? ProtocolName(rawValue: self.protocol) : nil, peer: hasPeer ? peer : nil,
            rule: hasRule ? rule : nil, position: position)
        return DomainEvent(
            id: id, feed: feed, device: device, office: office, counter: hasCounter ? counter : nil, kind: known,
            observed: try Instant(recorded: observed), stamped: hasStamped ? try Instant(recorded: stamped) : nil,
            at: try Instant(recorded: at), flags: EventFlags(rawValue: flags), provenance: provenance)
    }
}

extension ProtoEntry {
    init(key: String, value: EventKind.PayloadValue) {
        self.key = key
        switch value {
        case .text(let value): text = value
        case .integer(let value): integer = value
        case .decimal(let value): decimal = value
        case .boolean(let value): boolean = value
        case .instant(let value): instant = value.milliseconds
        }
    }

    func payloadValue() throws(RecordError) -> EventKind.PayloadValue? {
        switch value {
        case .text(let value): .text(value)
        case .integer(let value): .integer(value)
        case .decimal(let value): .decimal(value)
        case .boolean(let value): .boolean(value)
        case .instant(let value): .instant(try Instant(recorded: value))
        case nil: nil
        }
    }
}

extension Instant {
    /// Local-day arithmetic is exact between these bounds; a moment outside them is a lie or a fault.
    init(recorded milliseconds: Int64) throws(RecordError) {
        self.init(milliseconds: milliseconds)
        guard self >= .distantPast, self <= .distantFuture else {
            throw RecordError(.outOfRange, "moment \(milliseconds) ms is outside the years 1 to 9999")
        }
    }
}
