/// Kinds by name and payloads by key: one table for JSON, records and profiles, so that they cannot disagree.
extension EventKind {
    /// `ticket.issued`, `camera.presence` …
    public var name: String { named.rawValue }

    /// A payload value; moments are kept as moments because each form writes them its own way.
    public enum PayloadValue: Hashable, Sendable {
        case text(String)
        case integer(Int64)
        case decimal(Double)
        case boolean(Bool)
        case instant(Instant)
    }

    /// The payload in the alphabetical order of its keys; absent values are left out.
    public var payload: [(key: String, value: PayloadValue)] {
        var out: [(key: String, value: PayloadValue)] = []
        switch self {
        case .ticketIssued(let number, let service, let channel, let priority):
            if let channel { out.append(("channel", .text(channel))) }
            out.append(("number", .text(number)))
            if let priority { out.append(("priority", .integer(priority))) }
            if let service { out.append(("service", .text(service))) }
        case .ticketCalled(let number):
            out.append(("number", .text(number)))
        case .ticketRecalled(let number):
            out.append(("number", .text(number)))
        case .ticketServing(let number):
            out.append(("number", .text(number)))
        case .ticketHeld(let number):
            out.append(("number", .text(number)))
        case .ticketResumed(let number):
            out.append(("number", .text(number)))
        case .ticketTransferred(let number, let toService, let toCounter):
            out.append(("number", .text(number)))
            if let toCounter { out.append(("toCounter", .text(toCounter))) }
            if let toService { out.append(("toService", .text(toService))) }
        case .ticketServed(let number, let quantity, let outcome):
            out.append(("number", .text(number)))
            if let outcome { out.append(("outcome", .text(outcome))) }
            if let quantity { out.append(("quantity", .integer(quantity))) }
        case .ticketNoShow(let number):
            out.append(("number", .text(number)))
        case .ticketLeft(let number):
            out.append(("number", .text(number)))
        case .counterOpened: break
        case .counterPaused(let reason):
            if let reason { out.append(("reason", .text(reason))) }
        case .counterClosed: break
        case .queueSnapshot(let service, let waiting, let nowServing, let openCounters):
            if let nowServing { out.append(("nowServing", .text(nowServing))) }
            if let openCounters { out.append(("openCounters", .integer(openCounters))) }
            if let service { out.append(("service", .text(service))) }
            out.append(("waiting", .integer(waiting)))
        case .feedbackRated(let score, let scale):
            out.append(("scale", .integer(scale)))
            out.append(("score", .integer(score)))
        case .dossierReceived(let code, let service, let due, let channel):
            if let channel { out.append(("channel", .text(channel))) }
            out.append(("code", .text(code)))
            if let due { out.append(("due", .instant(due))) }
            if let service { out.append(("service", .text(service))) }
        case .dossierSupplemented(let code):
            out.append(("code", .text(code)))
        case .dossierReturned(let code, let finished):
            out.append(("code", .text(code)))
            if let finished { out.append(("finished", .instant(finished))) }
        case .deviceReachable(let on):
            out.append(("on", .boolean(on)))
        case .deviceRebooted: break
        case .deviceClock(let name, let offsetMilliseconds, let driftMillisecondsPerDay):
            out.append(("class", .text(name)))
            if let driftMillisecondsPerDay {
                out.append(("driftMillisecondsPerDay", .integer(driftMillisecondsPerDay)))
            }
            if let offsetMilliseconds { out.append(("offsetMilliseconds", .integer(offsetMilliseconds))) }
        case .deviceAccessDenied: break
        case .cameraVideo(let on):
            out.append(("on", .boolean(on)))
        case .cameraTamper(let on):
            out.append(("on", .boolean(on)))
        case .cameraPresence(let zone, let count):
            out.append(("count", .integer(count)))
            out.append(("zone", .text(zone)))
        case .cameraMotion(let on):
            out.append(("on", .boolean(on)))
        case .cameraStorageFault(let on):
            out.append(("on", .boolean(on)))
        case .cameraRecording(let on):
            out.append(("on", .boolean(on)))
        case .meetingStarted(let id):
            out.append(("id", .text(id)))
        case .meetingEnded(let id, let cause):
            if let cause { out.append(("cause", .text(cause))) }
            out.append(("id", .text(id)))
        case .meetingParticipants(let count):
            out.append(("count", .integer(count)))
        case .meetingQuality(let jitterMilliseconds, let lossPercent, let mos):
            if let jitterMilliseconds { out.append(("jitterMilliseconds", .decimal(jitterMilliseconds))) }
            if let lossPercent { out.append(("lossPercent", .decimal(lossPercent))) }
            if let mos { out.append(("mos", .decimal(mos))) }
        case .agentStarted: break
        case .agentStopped: break
        case .agentClockStep(let milliseconds):
            out.append(("milliseconds", .integer(milliseconds)))
        case .agentGap(let from, let until, let reason):
            out.append(("from", .instant(from)))
            out.append(("reason", .text(reason)))
            out.append(("until", .instant(until)))
        case .agentHeard(let until):
            out.append(("until", .instant(until)))
        case .agentSite(let digest):
            out.append(("digest", .text(digest)))
        case .annotationMade(let id, let until, let text, let by):
            if let by { out.append(("by", .text(by))) }
            out.append(("id", .text(id)))
            out.append(("text", .text(text)))
            out.append(("until", .instant(until)))
        case .annotationRetracted(let id, let by):
            if let by { out.append(("by", .text(by))) }
            out.append(("id", .text(id)))
        }
        return out
    }

    /// The names and payload keys of every kind that a device or an agent tells; a person's (`annotation.*`) are not for
    /// profiles to make. Keys ending in `?` may be absent.
    public static let catalogue: [(name: String, keys: [String])] = [
        ("ticket.issued", ["channel?", "number", "priority?", "service?"]),
        ("ticket.called", ["number"]),
        ("ticket.recalled", ["number"]),
        ("ticket.serving", ["number"]),
        ("ticket.held", ["number"]),
        ("ticket.resumed", ["number"]),
        ("ticket.transferred", ["number", "toCounter?", "toService?"]),
        ("ticket.served", ["number", "outcome?", "quantity?"]),
        ("ticket.noShow", ["number"]),
        ("ticket.left", ["number"]),
        ("counter.opened", []),
        ("counter.paused", ["reason?"]),
        ("counter.closed", []),
        ("queue.snapshot", ["nowServing?", "openCounters?", "service?", "waiting"]),
        ("feedback.rated", ["scale", "score"]),
        ("dossier.received", ["channel?", "code", "due?", "service?"]),
        ("dossier.supplemented", ["code"]),
        ("dossier.returned", ["code", "finished?"]),
        ("device.reachable", ["on"]),
        ("device.rebooted", []),
        ("device.clock", ["class", "driftMillisecondsPerDay?", "offsetMilliseconds?"]),
        ("device.accessDenied", []),
        ("camera.video", ["on"]),
        ("camera.tamper", ["on"]),
        ("camera.presence", ["count", "zone"]),
        ("camera.motion", ["on"]),
        ("camera.storageFault", ["on"]),
        ("camera.recording", ["on"]),
        ("meeting.started", ["id"]),
        ("meeting.ended", ["cause?", "id"]),
        ("meeting.participants", ["count"]),
        ("meeting.quality", ["jitterMilliseconds?", "lossPercent?", "mos?"]),
        ("agent.started", []),
        ("agent.stopped", []),
        ("agent.clockStep", ["milliseconds"]),
        ("agent.gap", ["from", "reason", "until"]),
        ("agent.heard", ["until"]),
        ("agent.site", ["digest"]),
    ]

    /// Builds a kind from its name and payload; `nil` when the name is unknown or a needed key is missing or of another
    /// type. Keys that the kind does not have are ignored (a newer agent may send more).
    public init?(name: String, value: (String) -> PayloadValue?) {
        guard let name = Name(rawValue: name) else { return nil }
        self.init(name, value: value)
    }

    /// The same for a name that is known already.
    init?(_ name: Name, value: (String) -> PayloadValue?) {
        func text(_ key: String) -> String? {
            switch value(key) {
            case .text(let text): text
            case .integer(let integer): String(integer)
            default: nil
            }
        }
        func integer(_ key: String) -> Int64? {
            switch value(key) {
            case .integer(let integer): integer
            case .text(let text): Int64(text)
            default: nil
            }
        }
        func decimal(_ key: String) -> Double? {
            switch value(key) {
            case .decimal(let decimal): decimal
            case .integer(let integer): Double(integer)
            case .text(let text): Double(text)
            default: nil
            }
        }
        func boolean(_ key: String) -> Bool? {
            switch value(key) {
            case .boolean(let boolean): boolean
            case .integer(0), .text("false"), .text("0"): false
            case .integer(1), .text("true"), .text("1"): true
            default: nil
            }
        }
        func instant(_ key: String) -> Instant? {
            if case .instant(let instant) = value(key) { instant } else { nil }
        }
        switch name {
        case .ticketIssued:
            guard let number = text("number") else { return nil }
            self = .ticketIssued(
                number: number, service: text("service"), channel: text("channel"), priority: integer("priority"))
        case .ticketCalled:
            guard let number = text("number") else { return nil }
            self = .ticketCalled(number: number)
        case .ticketRecalled:
            guard let number = text("number") else { return nil }
            self = .ticketRecalled(number: number)
        case .ticketServing:
            guard let number = text("number") else { return nil }
            self = .ticketServing(number: number)
        case .ticketHeld:
            guard let number = text("number") else { return nil }
            self = .ticketHeld(number: number)
        case .ticketResumed:
            guard let number = text("number") else { return nil }
            self = .ticketResumed(number: number)
        case .ticketTransferred:
            guard let number = text("number") else { return nil }
            self = .ticketTransferred(number: number, toService: text("toService"), toCounter: text("toCounter"))
        case .ticketServed:
            guard let number = text("number") else { return nil }
            self = .ticketServed(
                number: number, quantity: integer("quantity").flatMap { $0 > 0 ? $0 : nil }, outcome: text("outcome"))
        case .ticketNoShow:
            guard let number = text("number") else { return nil }
            self = .ticketNoShow(number: number)
        case .ticketLeft:
            guard let number = text("number") else { return nil }
            self = .ticketLeft(number: number)
        case .counterOpened:
            self = .counterOpened
        case .counterPaused:
            self = .counterPaused(reason: text("reason"))
        case .counterClosed:
            self = .counterClosed
        case .queueSnapshot:
            guard let waiting = integer("waiting"), waiting >= 0 else { return nil }
            self = .queueSnapshot(
                service: text("service"), waiting: waiting, nowServing: text("nowServing"),
                openCounters: integer("openCounters"))
        case .feedbackRated:
            guard let score = integer("score"), let scale = integer("scale") else { return nil }
            self = .feedbackRated(score: score, scale: scale)
        case .dossierReceived:
            guard let code = text("code") else { return nil }
            self = .dossierReceived(code: code, service: text("service"), due: instant("due"), channel: text("channel"))
        case .dossierSupplemented:
            guard let code = text("code") else { return nil }
            self = .dossierSupplemented(code: code)
        case .dossierReturned:
            guard let code = text("code") else { return nil }
            self = .dossierReturned(code: code, finished: instant("finished"))
        case .deviceReachable:
            guard let on = boolean("on") else { return nil }
            self = .deviceReachable(on: on)
        case .deviceRebooted:
            self = .deviceRebooted
        case .deviceClock:
            guard let name = text("class") else { return nil }
            self = .deviceClock(
                class: name, offsetMilliseconds: integer("offsetMilliseconds"),
                driftMillisecondsPerDay: integer("driftMillisecondsPerDay"))
        case .deviceAccessDenied:
            self = .deviceAccessDenied
        case .cameraVideo:
            guard let on = boolean("on") else { return nil }
            self = .cameraVideo(on: on)
        case .cameraTamper:
            guard let on = boolean("on") else { return nil }
            self = .cameraTamper(on: on)
        case .cameraPresence:
            guard let zone = text("zone"), let count = integer("count"), count >= 0 else { return nil }
            self = .cameraPresence(zone: zone, count: count)
        case .cameraMotion:
            guard let on = boolean("on") else { return nil }
            self = .cameraMotion(on: on)
        case .cameraStorageFault:
            guard let on = boolean("on") else { return nil }
            self = .cameraStorageFault(on: on)
        case .cameraRecording:
            guard let on = boolean("on") else { return nil }
            self = .cameraRecording(on: on)
        case .meetingStarted:
            guard let id = text("id") else { return nil }
            self = .meetingStarted(id: id)
        case .meetingEnded:
            guard let id = text("id") else { return nil }
            self = .meetingEnded(id: id, cause: text("cause"))
        case .meetingParticipants:
            guard let count = integer("count") else { return nil }
            self = .meetingParticipants(count: count)
        case .meetingQuality:
            self = .meetingQuality(
                jitterMilliseconds: decimal("jitterMilliseconds"), lossPercent: decimal("lossPercent"),
                mos: decimal("mos"))
        case .agentStarted:
            self = .agentStarted
        case .agentStopped:
            self = .agentStopped
        case .agentClockStep:
            guard let milliseconds = integer("milliseconds") else { return nil }
            self = .agentClockStep(milliseconds: milliseconds)
        case .agentGap:
            guard let from = instant("from"), let until = instant("until"), let reason = text("reason") else {
                return nil
            }
            self = .agentGap(from: from, until: until, reason: reason)
        case .agentHeard:
            guard let until = instant("until") else { return nil }
            self = .agentHeard(until: until)
        case .agentSite:
            guard let digest = text("digest") else { return nil }
            self = .agentSite(digest: digest)
        case .annotationMade:
            guard let id = text("id"), let until = instant("until"), let words = text("text") else { return nil }
            self = .annotationMade(id: id, until: until, text: words, by: text("by"))
        case .annotationRetracted:
            guard let id = text("id") else { return nil }
            self = .annotationRetracted(id: id, by: text("by"))
        }
    }
}
