public import Domain
import Wire

extension DomainEvent {
    /// One JSON object, without a line end, with everything that is known: what `replay --output jsonl` prints. Keys in
    /// this order, absent ones left out: `feed, position, at, observed, stamped, device, office, counter, kind, payload,
    /// flags, protocol, peer, rule`. `payload` is an object with its keys in alphabetical order.
    public func fullForm(clock: OfficeClock) -> String {
        var out = "{\"feed\":" + jsonString(feed) + ",\"position\":" + String(provenance.position)
        out += ",\"at\":\"" + clock.text(at) + "\",\"observed\":\"" + clock.text(observed) + "\""
        if let stamped { out += ",\"stamped\":\"" + clock.text(stamped) + "\"" }
        out += ",\"device\":" + jsonString(device) + ",\"office\":" + jsonString(office)
        if let counter { out += ",\"counter\":" + jsonString(counter) }
        out += ",\"kind\":\"" + kind.name + "\",\"payload\":{"
        out += kind.payload.map { "\"" + $0.key + "\":" + $0.value.json(clock: clock) }.joined(separator: ",") + "}"
        let set = EventFlags.names.filter { flags.contains($0.flag) }.map { "\"" + $0.name + "\"" }
        if !set.isEmpty { out += ",\"flags\":[" + set.joined(separator: ",") + "]" }
        if let name = provenance.protocolName { out += ",\"protocol\":\"" + name.rawValue + "\"" }
        if let peer = provenance.peer { out += ",\"peer\":" + jsonString(peer) }
        if let rule = provenance.rule { out += ",\"rule\":" + jsonString(rule) }
        return out + "}"
    }
}

/// The core form of a whole replay (DOMAIN.md §A): the lines of `truth/events.jsonl`. It must hold every core event
/// before the first line, because a late one may belong to the beginning; a day has some thousands.
public struct CoreForm: Sendable {
    private var events: [DomainEvent] = []

    public init() {}

    public mutating func append(_ new: [DomainEvent]) {
        for event in new where event.isCore { events.append(event) }
    }

    /// Sorted by (at, device), and in the order in which they were heard where both are equal.
    public func lines(clock: OfficeClock) -> [String] {
        events.enumerated().sorted { a, b in
            (a.element.at, a.element.device, a.offset) < (b.element.at, b.element.device, b.offset)
        }.map { $0.element.coreForm(clock: clock) }
    }
}
