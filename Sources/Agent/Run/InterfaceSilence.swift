public import Domain

/// While an interface is down or gone nothing is heard there: a gap, told in pieces, so that a kill loses at most one.
public struct InterfaceSilence: Sendable {
    /// A change is noticed at most so much later than it happened.
    static let notice: Int64 = 1_250
    /// The length of a piece.
    static let piece: Int64 = 60_000

    private var from: Instant?
    private var reason = ""

    public init() {}

    /// It went down or away; again while it is, changes only the reason.
    public mutating func begin(_ reason: String, at now: Instant) {
        from = from ?? now - Self.notice
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
