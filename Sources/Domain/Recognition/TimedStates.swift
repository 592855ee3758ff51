/// States whose end a device may never tell: motion that is told once a second while it lasts, pulses, a tamper alarm
/// that is never taken back. They end by themselves when nothing has renewed them for a while.
struct TimedStates: Hashable, Sendable {
    static let limit = 512

    struct Entry: Hashable, Sendable {
        /// Kind and zone: one state.
        var key: String
        /// Which detector or disk of the device; empty: all of it.
        var part: String
        /// What is told when it ends.
        var settled: EventKind
        var counter: String?
        var rule: String
        var due: Instant
    }

    private(set) var entries: [Entry] = []
    private(set) var forgotten: UInt64 = 0

    /// The first end that is due.
    var due: Instant? {
        guard var first = entries.first?.due else { return nil }
        for entry in entries { first = min(first, entry.due) }
        return first
    }

    /// A rule with a limit was told this state. `false`: it was so already, and only lasts longer now.
    mutating func note(
        _ kind: EventKind, part: String? = nil, counter: String?, rule: String, at instant: Instant,
        lasting milliseconds: Int64
    ) -> Bool {
        guard let key = kind.stateKey, let isRaised = kind.isRaised else { return true }
        guard isRaised, let settled = kind.settled else {
            forget(kind, part: part)
            return true
        }
        let known = entries.firstIndex { $0.key == key && $0.part == part ?? "" }
        if let known {
            entries[known].due = max(entries[known].due, instant + milliseconds)
            // More people than before are a change, and still the same state.
            return entries[known].settled == settled && kind.isCounted
        }
        if entries.count >= Self.limit {
            entries.removeFirst()
            forgotten &+= 1
        }
        entries.append(
            Entry(
                key: key, part: part ?? "", settled: settled, counter: counter, rule: rule,
                due: instant + milliseconds))
        return true
    }

    /// A rule without a limit was told the state: its end will be told too, or has been.
    mutating func forget(_ kind: EventKind, part: String?) {
        guard !entries.isEmpty, let key = kind.stateKey else { return }
        // What is well as a whole is well in all its parts; what is not may be so in parts that end.
        let isWhole = part == nil && kind.isRaised == false
        entries.removeAll { $0.key == key && (isWhole || $0.part == part ?? "") }
    }

    /// The part is known no longer, so that nothing can end.
    mutating func drop(_ kind: EventKind, part: String) {
        guard let key = kind.stateKey else { return }
        entries.removeAll { $0.key == key && $0.part == part }
    }

    /// Those that are over by then, in the order in which they end.
    mutating func takeDue(through instant: Instant) -> [Entry] {
        if entries.isEmpty { return [] }
        let due = entries.filter { $0.due <= instant }
        guard !due.isEmpty else { return [] }
        entries.removeAll { $0.due <= instant }
        return due.sorted { ($0.due, $0.key, $0.part) < ($1.due, $1.key, $1.part) }
    }
}

extension EventKind {
    /// Of states that can end by themselves: whether this is the remarkable side. `nil`: not such a state.
    var isRaised: Bool? {
        switch self {
        case .cameraTamper(let on), .cameraMotion(let on), .cameraStorageFault(let on): on
        case .cameraVideo(let on), .cameraRecording(let on), .deviceReachable(let on): !on
        case .cameraPresence(_, let count): count > 0
        case .meetingStarted: true
        case .meetingEnded: false
        default: nil
        }
    }

    /// The other side.
    var settled: EventKind? {
        switch self {
        case .cameraTamper: .cameraTamper(on: false)
        case .cameraMotion: .cameraMotion(on: false)
        case .cameraStorageFault: .cameraStorageFault(on: false)
        case .cameraVideo: .cameraVideo(on: true)
        case .cameraRecording: .cameraRecording(on: true)
        case .deviceReachable: .deviceReachable(on: true)
        case .cameraPresence(let zone, _): .cameraPresence(zone: zone, count: 0)
        case .meetingStarted(let id): .meetingEnded(id: id, cause: "expired")
        default: nil
        }
    }

    /// What tells states of one device apart.
    var stateKey: String? {
        switch self {
        case .cameraPresence(let zone, _): name + " " + zone
        case .meetingStarted(let id): "meeting " + id
        case .meetingEnded(let id, _): "meeting " + id
        default: isRaised == nil ? nil : name
        }
    }

    /// Each value of it is news.
    var isCounted: Bool { if case .cameraPresence = self { true } else { false } }

    /// The names of kinds that `expires` is for.
    static let expiring = [
        "camera.motion", "camera.presence", "camera.recording", "camera.storageFault", "camera.tamper", "camera.video",
        "device.reachable", "meeting.started",
    ]
}
