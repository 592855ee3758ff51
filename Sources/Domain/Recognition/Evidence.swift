/// Evidence of life of one device: that it spoke, at most told every five minutes, and never later than five minutes
/// after the fact, so that whoever has only the events knows every silence of 11 minutes exactly (DOMAIN.md §2).
struct Evidence: Hashable, Sendable {
    /// Milliseconds between two tellings.
    static let interval: Int64 = 300_000
    /// Milliseconds after the last evidence from which on a state is unknown.
    static let lifetime: Int64 = 660_000

    /// Frames and moments that are further back than this, in milliseconds, mean that the agent's clock was set back;
    /// less is the disorder of several queues.
    static let stepBack: Int64 = 60_000

    /// The last frame.
    private(set) var last: Instant?
    /// The last frame that was told.
    private(set) var told: Instant?

    /// A frame; `true`: it must be told now.
    mutating func heard(at instant: Instant) -> Bool {
        if let last, instant <= last {
            // Our own clock was set back: what it said before is no measure any more.
            guard last - instant > Self.stepBack else { return false }
            told = nil
        }
        last = instant
        if let told, instant - told < Self.interval { return false }
        told = instant
        return true
    }

    /// When untold evidence is due.
    var due: Instant? {
        guard let last, let told, last > told else { return nil }
        return told + Self.interval
    }

    /// The last frame, if it has not been told; it has now.
    mutating func flush() -> Instant? {
        guard let last, last != told else { return nil }
        told = last
        return last
    }

    /// Whether states are known at that moment.
    func isFresh(at instant: Instant) -> Bool {
        last.map { instant - $0 < Self.lifetime } ?? false
    }
}
