public import Domain
import Records

/// Events on their way into a spool: encoded once, with the positions that keep a second run from adding them again.
public struct SpoolFeed: Sendable {
    let keeper: SpoolKeeper
    /// Events that the spool had already.
    public private(set) var known: UInt64 = 0
    public private(set) var added: UInt64 = 0
    public private(set) var dropped: UInt64 = 0

    public init(_ keeper: SpoolKeeper) {
        self.keeper = keeper
    }

    /// Durable when it returns. Throws on a disk error; the records wait in the spool and the next call tries again.
    public mutating func append(_ events: [DomainEvent]) async throws {
        try await append(entries: events.map { try Self.entry($0) })
    }

    /// The site revision, as a record at `position` of the feed.
    public mutating func append(
        _ revision: SiteRevision, office: String, source: SourcePosition?, at: Instant
    ) async throws {
        let bytes = try Record.site(office: office, revision).encoded()
        try await append(entries: [Spool.Entry(bytes, source: source, at: at)])
    }

    private mutating func append(entries: [Spool.Entry]) async throws {
        guard !entries.isEmpty else { return }
        for outcome in try await keeper.append(entries) {
            switch outcome {
            case .pending: added += 1
            case .known: known += 1
            case .dropped: dropped += 1
            }
        }
    }

    /// Evidence of life and motion samples give way before facts when the spool fills.
    static func entry(_ event: DomainEvent) throws(RecordError) -> Spool.Entry {
        let isMinor =
            switch event.kind {
            case .agentHeard, .cameraMotion: true
            default: false
            }
        // The agent's own events have no position in a feed.
        let source =
            event.provenance.position == 0
            ? nil : SourcePosition(feed: event.feed, position: event.provenance.position)
        return Spool.Entry(try Record.event(event).encoded(), source: source, at: event.observed, isMinor: isMinor)
    }
}
