public import Domain

/// An event as the truth writes it down: made from the world's facts, never from bytes.
public struct TruthEvent: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case text(String)
        case integer(Int64)
        case boolean(Bool)
        case decimal(Double)
        case instant(Instant)
    }

    public var at: Instant
    public var device: String
    public var counter: String?
    /// `ticket.issued` …
    public var kind: String
    public var payload: [String: Value]
    /// Told again after a reconnect: sets a state, is no change, and stays out of `events.jsonl`.
    public var isRestated: Bool

    public init(
        at: Instant, device: String, counter: String?, kind: String, payload: [String: Value], isRestated: Bool = false
    ) {
        self.at = at
        self.device = device
        self.counter = counter
        self.kind = kind
        self.payload = payload
        self.isRestated = isRestated
    }

    func text(_ key: String) -> String? {
        if case .text(let text) = payload[key] { text } else { nil }
    }

    func integer(_ key: String) -> Int64? {
        if case .integer(let value) = payload[key] { value } else { nil }
    }

    func boolean(_ key: String) -> Bool? {
        if case .boolean(let value) = payload[key] { value } else { nil }
    }

    /// The line of `events.jsonl` (DOMAIN.md §A), without its end.
    public func line(office: Office) -> String {
        var out = "{\"at\":\"\(office.clock.text(at))\",\"device\":\(TruthText.json(device))"
        out += ",\"office\":\(TruthText.json(office.id))"
        if let counter { out += ",\"counter\":\(TruthText.json(counter))" }
        out += ",\"kind\":\"\(kind)\""
        for key in payload.keys.sorted() {
            switch payload[key] {
            case .text(let text): out += ",\"\(key)\":\(TruthText.json(text))"
            case .integer(let value): out += ",\"\(key)\":\(value)"
            case .boolean(let value): out += ",\"\(key)\":\(value)"
            case .decimal(let value): out += ",\"\(key)\":\(value)"
            case .instant(let value): out += ",\"\(key)\":\"\(office.clock.text(value))\""
            case nil: break
            }
        }
        return out + "}"
    }

    /// Every event of a world's utterances, in the order (at, device, line order of the world).
    public static func events(of utterances: [Utterance], site: Site) -> [TruthEvent] {
        var out: [(event: TruthEvent, line: Int)] = []
        for utterance in utterances {
            for fact in utterance.facts {
                out.append((event(fact, of: utterance, site: site), out.count))
            }
        }
        out.sort { ($0.event.at, $0.event.device, $0.line) < ($1.event.at, $1.event.device, $1.line) }
        // Two people before one detector: the second begins no motion, and ends none.
        var motion: [String: Bool] = [:]
        return out.map(\.event).filter { event in
            guard event.kind == "camera.motion", let on = event.boolean("on") else { return true }
            defer { motion[event.device] = on }
            return event.isRestated || motion[event.device] != on
        }
    }

    private static func event(_ fact: Fact, of utterance: Utterance, site: Site) -> TruthEvent {
        var payload: [String: Value] = [:]
        var counter: String?
        let kind: String
        switch fact {
        case .ticket(let ticket):
            kind = "ticket." + (ticket.action == .noshow ? "noShow" : ticket.action.rawValue)
            counter = ticket.counter
            payload["number"] = .text(ticket.number)
            payload["service"] = ticket.service.map(Value.text)
            payload["channel"] = ticket.channel.map(Value.text)
            payload["priority"] = ticket.priority.map(Value.integer)
            payload["toService"] = ticket.toService.map(Value.text)
            payload["toCounter"] = ticket.toCounter.map(Value.text)
            payload["quantity"] = ticket.quantity.map(Value.integer)
            payload["outcome"] = ticket.outcome.map(Value.text)
        case .counter(let action, let at, let reason):
            kind = "counter." + action.rawValue
            counter = at
            payload["reason"] = reason.map(Value.text)
        case .presence(let zone, let count):
            kind = "camera.presence"
            payload = ["zone": .text(zone), "count": .integer(count)]
        case .video(let on): (kind, payload) = ("camera.video", ["on": .boolean(on)])
        case .tamper(let on): (kind, payload) = ("camera.tamper", ["on": .boolean(on)])
        case .motion(let on): (kind, payload) = ("camera.motion", ["on": .boolean(on)])
        case .recording(let on): (kind, payload) = ("camera.recording", ["on": .boolean(on)])
        case .storageFault(let on): (kind, payload) = ("camera.storageFault", ["on": .boolean(on)])
        case .rebooted: kind = "device.rebooted"
        case .meetingStarted(let call):
            (kind, payload) = ("meeting.started", ["id": .text(FNV1a.text(call.utf8))])
        case .meetingEnded(let call):
            (kind, payload) = ("meeting.ended", ["id": .text(FNV1a.text(call.utf8)), "cause": .text("bye")])
        }
        if counter == nil, !kind.hasPrefix("ticket."), !kind.hasPrefix("counter.") {
            let homes = site.counters.filter {
                $0.cameras.contains(utterance.device) || $0.meetings.contains(utterance.device)
            }
            counter = homes.count == 1 ? homes[0].id : nil
        }
        return TruthEvent(
            at: utterance.at, device: utterance.device, counter: counter, kind: kind, payload: payload,
            isRestated: utterance.isRestated)
    }
}

/// Text forms that the truth writes itself.
enum TruthText {
    static func json(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: out += "\\\""
            case 0x5C: out += "\\\\"
            case 0..<0x20:
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }

    /// A ticket number as visits are keyed by it: without blanks and hyphens, upper case.
    static func normal(_ number: String) -> String {
        String(number.filter { !$0.isWhitespace && $0 != "-" }).uppercased()
    }
}
