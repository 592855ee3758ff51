public import Domain

/// While an interface is down or gone nothing is heard there: a gap, told in pieces, so that a kill loses at most one.
public struct InterfaceSilence: Sendable {
    /// The length of a piece.
    static let piece: Int64 = 60_000

    private var from: Instant?
    private var reason = ""

    public init() {}

    /// It went down or away, `since` so many milliseconds at most; again while it is, changes only the reason.
    public mutating func begin(_ reason: String, since: Int64 = 1_250, at now: Instant) {
        from = from ?? now - since
        self.reason = reason
    }

    /// The whole of a minute or more that is still silent; `nil` if it is too early or something is heard.
    public mutating func due(at now: Instant) -> EventKind? {
        guard let from, now - from >= Self.piece else { return nil }
        self.from = now
        return .agentGap(from: from, until: now, reason: reason)
    }

    /// It is heard again, or nobody listens any more: the last piece.
    public mutating func end(at now: Instant) -> EventKind? {
        guard let from else { return nil }
        self.from = nil
        return .agentGap(from: min(from, now), until: now, reason: reason)
    }
}
