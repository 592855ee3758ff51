import Domain

/// The stored events of a day as JSON Lines, in the order of the fold: the log itself, every witness's.
public struct EventsQuery: Query {
    public let name = "events"
    public let summary = "The stored events of a day, one JSON object a line, in the order in which they are folded."
    public let parameters = ["date", "office", "core"]
    public let outputs: [Output] = [.jsonl]

    public init() {}

    public func answer(_ arguments: Arguments, from days: OfficeDays) async throws -> Answer {
        let date = try arguments.day("date")
        var out = ""
        for office in try await days.offices(arguments) {
            let day = date ?? office.clock.day(of: days.now())
            let (events, clock) = try await days.events(office: office.id, day: day)
            for event in events {
                if arguments.flag("core") {
                    if event.isCore { out += event.coreForm(clock: clock) + "\n" }
                } else {
                    out += event.fullForm(clock: clock) + "\n"
                }
            }
        }
        return Answer(out, .jsonl, note: out.isEmpty ? "no data" + (date.map { " on \($0)" } ?? "") : nil)
    }
}

extension DomainEvent {
    /// The core form with everything else that is known: who numbered and heard it, both clocks, and where it came from.
    func fullForm(clock: OfficeClock) -> String {
        var out = coreForm(clock: clock)
        out.removeLast()
        out += ",\"agent\":" + jsonString(id.agent) + ",\"epoch\":\"\(id.epoch)\",\"sequence\":\(id.sequence)"
        out += ",\"feed\":" + jsonString(feed) + ",\"observed\":\"" + clock.text(observed) + "\""
        if let stamped { out += ",\"stamped\":\"" + clock.text(stamped) + "\"" }
        let names = EventFlags.names.filter { flags.contains($0.flag) }.map { jsonString($0.name) }
        if !names.isEmpty { out += ",\"flags\":[" + names.joined(separator: ",") + "]" }
        if let name = provenance.protocolName { out += ",\"protocol\":" + jsonString("\(name)") }
        if let peer = provenance.peer { out += ",\"peer\":" + jsonString(peer) }
        if let rule = provenance.rule { out += ",\"rule\":" + jsonString(rule) }
        return out + ",\"position\":\(provenance.position)}"
    }
}
