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
    /// By protocol, in the order of `ProtocolName.allCases`.
    var tallies = [PipelineCounters.Tally](repeating: PipelineCounters.Tally(), count: ProtocolName.allCases.count)

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

    /// Keys that were forgotten because too many were on, or told once.
    var forgottenKeys: UInt64 {
        told.values.reduce(pairs.forgotten &+ parts.forgotten &+ timed.forgotten) { $0 &+ $1.forgotten }
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
        let (isChange, evicted) = parts.note(observation.kind, part: observation.part, isRestated: isRestated)
        if let evicted { timed.drop(observation.kind, part: evicted) }
        return isChange
    }

    /// States of this device that end by themselves by then, in the order in which they end.
    mutating func takeDue(through instant: Instant) -> [TimedStates.Entry] {
        timed.takeDue(through: instant).filter { parts.end($0.settled, part: $0.part) }
    }
}

extension DeviceSession {
    /// Counts a message that its protocol or a few of its fields show to mean nothing. `false`: the rules must read it.
    mutating func turnAway(_ message: Message) -> Bool {
        let slot = message.protocolName.index
        switch recognizer.look(message) {
        case .unread: tallies[slot].unread &+= 1
        case .unmapped: tallies[slot].unmapped &+= 1
        case .open: return false
        }
        tallies[slot].messages &+= 1
        return true
    }

    /// Counts a message that means nothing. `false`: it means something.
    mutating func countNothing(_ recognition: Recognition, _ name: ProtocolName) -> Bool {
        tallies[name.index].messages &+= 1
        switch recognition {
        case .unread: tallies[name.index].unread &+= 1
        case .unmapped: tallies[name.index].unmapped &+= 1
        case .ignored: tallies[name.index].ignored &+= 1
        case .incomplete: tallies[name.index].incomplete &+= 1
        case .matched: return false
        }
        return true
    }

    /// What the message means; the parts of a session are used side by side, so that none is copied.
    mutating func recognise(_ message: Message, heard: Instant, isTold: Bool) -> Recognition {
        recognizer.recognise(message, heard: heard, isTold: isTold, &memory)
    }

    mutating func name(of endpoint: Endpoint) -> String {
        if let peer, peer.endpoint == endpoint { return peer.text }
        let text = endpoint.description
        peer = (endpoint, text)
        return text
    }
}

/// States with a key that are on: calls by their Call-ID. Only a change is an event.
struct StatePairs: Hashable, Sendable {
    /// Keys that are on at a time, of what is live and of what is in a file.
    static let liveLimit = 256
    static let fileLimit = 262_144

    /// How many keys `pair`, and each rule with `once`, may remember. A log of years has more than a morning's calls;
    /// its bound is one for all of them.
    static func limit(of profile: DeviceProfile) -> Int {
        guard profile.protocolName.isOfFiles else { return liveLimit }
        let users = profile.rules.filter { $0.once != nil }.count + (profile.rules.contains { $0.pair != nil } ? 1 : 0)
        return max(liveLimit, fileLimit / max(1, users))
    }

    let limit: Int
    private var active: Set<String> = []
    /// Keys from oldest to newest; what is beyond the limit is forgotten from the front.
    private var order: [String] = []
    private var forgottenInOrder = 0
    private(set) var forgotten: UInt64 = 0

    init(limit: Int = Self.liveLimit) {
        self.limit = limit
    }

    var count: Int { active.count }

    /// `false`: nothing changed.
    mutating func apply(_ pair: DeviceProfile.Pair) -> Bool {
        switch pair.edge {
        case .start:
            guard active.insert(pair.key).inserted else { return false }
            order.append(pair.key)
            if order.count - forgottenInOrder > limit {
                active.remove(order[forgottenInOrder])
                forgottenInOrder += 1
                forgotten &+= 1
                if forgottenInOrder > limit {
                    order.removeFirst(forgottenInOrder)
                    forgottenInOrder = 0
                }
            }
            return true
        case .end:
            guard active.remove(pair.key) != nil else { return false }
            if let place = order[forgottenInOrder...].firstIndex(of: pair.key) { order.remove(at: place) }
            return true
        }
    }
}
