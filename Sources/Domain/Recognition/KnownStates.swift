/// The states of one camera, device or meeting system as it last told them: what is told again at midnight, so that an
/// office-day stands alone. Counters and tickets have none: a service day inherits nothing.
struct KnownStates: Hashable, Sendable {
    static let limit = 512

    private struct Entry: Hashable, Sendable {
        /// Kind and zone or id: one state.
        var key: String
        var kind: EventKind
        var counter: String?
        var at: Instant
        /// Since when: a meeting that began longer than a day ago lost its end.
        var since: Instant
    }

    private var entries: [Entry] = []

    mutating func note(_ event: DomainEvent) {
        if case .meetingEnded(let id, _) = event.kind {
            entries.removeAll { $0.key == "meeting " + id }
            return
        }
        guard let key = Self.key(event.kind) else { return }
        if let index = entries.firstIndex(where: { $0.key == key }) {
            // What was held back may be older than what is known; otherwise the last word counts, also after our own
            // clock was set back.
            if event.flags.contains(.late), event.at < entries[index].at { return }
            entries[index].kind = event.kind
            entries[index].counter = event.counter
            entries[index].at = event.at
            return
        }
        if entries.count >= Self.limit { entries.removeFirst() }
        entries.append(Entry(key: key, kind: event.kind, counter: event.counter, at: event.at, since: event.at))
    }

    /// All of them in the order of their keys; meetings that are more than a day old are forgotten.
    mutating func restatements(at midnight: Instant) -> [(kind: EventKind, counter: String?)] {
        entries.removeAll { entry in
            if case .meetingStarted = entry.kind { midnight - entry.since > 86_400_000 } else { false }
        }
        return entries.sorted { $0.key < $1.key }.map { ($0.kind, $0.counter) }
    }

    private static func key(_ kind: EventKind) -> String? {
        switch kind {
        case .cameraVideo, .cameraTamper, .cameraMotion, .cameraStorageFault, .cameraRecording, .deviceReachable,
            .meetingParticipants, .deviceClock:
            kind.name
        case .cameraPresence(let zone, _): kind.name + " " + zone
        case .meetingStarted(let id): "meeting " + id
        default: nil
        }
    }
}
