import Wire

/// What is remembered about one device of a site between its messages.
struct DeviceSession: Sendable {
    let device: String
    let office: String
    /// The counter the site says it stands at.
    let counter: String?
    /// Only what goes over these is its word; empty: whatever it says.
    let ports: [UInt16]
    let recognizer: Recognizer
    var clock: DeviceClock
    var evidence = Evidence()
    var pairs: StatePairs
    /// What each rule with `once` has told, so that no rule's keys push out another's, or a call that lasts.
    private var told: [String: StatePairs] = [:]
    var states = KnownStates()
    var timed = TimedStates()
    var parts = PartStates()
    var memory = JoinMemory()
    /// Who spoke last, and what he is called in an event's provenance: nearly always the same.
    private var peer: (endpoint: Endpoint, text: String)?

    init(device: String, office: String, counter: String?, recognizer: Recognizer, clock: OfficeClock, ports: [UInt16])
    {
        self.device = device
        self.office = office
        self.counter = counter
        self.ports = ports
        self.recognizer = recognizer
        self.clock = DeviceClock(clock: clock)
        pairs = StatePairs(limit: StatePairs.limit(of: recognizer.profile))
    }

    /// `false`: the message repeats what is known, a state of its key or what its rule tells once.
    mutating func isNews(_ observation: Observation) -> Bool {
        if let pair = observation.pair { return pairs.apply(pair) }
        guard let key = observation.once else { return true }
        let limit = pairs.limit
        return told[observation.rule, default: StatePairs(limit: limit)].apply(DeviceProfile.Pair(.start, key: key))
    }

    /// Keys that were forgotten because too many were on, told once or remembered.
    var forgottenKeys: UInt64 {
        told.values.reduce(pairs.forgotten &+ parts.forgotten &+ timed.forgotten &+ memory.forgotten) {
            $0 &+ $1.forgotten
        }
    }

    /// What another device, or this one, says of this one's state. `false`: that changes nothing.
    mutating func isChange(_ observation: Observation, at instant: Instant) -> Bool {
        let isRestated = observation.flags.contains(.restated)
        if let expires = observation.expires {
            let isNews = timed.note(
                observation.kind, part: observation.part, counter: observation.counter, rule: observation.rule,
                at: instant, lasting: expires)
            if !isNews, observation.part == nil, !isRestated { return false }
        } else if !isRestated || observation.kind.isRaised == false {
            timed.forget(observation.kind, part: observation.part)
        }
        let (isChange, dropped) = parts.note(
            observation.kind, part: observation.part, isUnnamed: observation.lacksPart, isRestated: isRestated)
        if let dropped { timed.drop(observation.kind, part: dropped) }
        return isChange
    }

    /// States of this device that end by themselves by then, in the order in which they end.
    mutating func takeDue(through instant: Instant) -> [TimedStates.Entry] {
        timed.takeDue(through: instant).filter { parts.end($0.settled, part: $0.part) }
    }
}

extension DeviceSession {
    /// What the message means; the parts of a session are used side by side, so that none is copied.
    mutating func recognise(_ message: Message, heard: Instant, isTold: Bool, _ rest: inout Remains) -> Recognition {
        recognizer.recognise(message, heard: heard, isTold: isTold, &memory, &rest)
    }

    mutating func name(of endpoint: Endpoint) -> String {
        if let peer, peer.endpoint == endpoint { return peer.text }
        let text = endpoint.description
        peer = (endpoint, text)
        return text
    }
}
