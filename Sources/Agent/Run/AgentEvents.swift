public import Domain
import Records

/// What an agent says about itself, as events of its office. They have no counter, and the agent is their device.
public struct AgentEvents: Hashable, Sendable {
    public let agent: String
    public let office: String

    public init(agent: String, office: String) {
        self.agent = agent
        self.office = office
    }

    public func event(_ kind: EventKind, at: Instant) -> DomainEvent {
        DomainEvent(feed: "agent", device: agent, office: office, kind: kind, observed: at, at: at)
    }

    /// The bytes that a spool records for a time without facts.
    public func record(_ gap: Spool.Gap) -> [UInt8]? {
        let event = event(.agentGap(from: gap.from, until: gap.until, reason: gap.reason), at: gap.until)
        return try? Record.event(event).encoded()
    }

    /// What a run begins with: that it started, and since when nobody listened.
    public func beginning(now: Instant, lastRecorded: Instant?, site: SiteRevision) -> [DomainEvent] {
        var events: [DomainEvent] = []
        if let lastRecorded, lastRecorded < now {
            let kind = EventKind.agentGap(from: lastRecorded, until: now, reason: "agent was not running")
            events.append(event(kind, at: now))
        }
        events.append(event(.agentStarted, at: now))
        events.append(event(.agentSite(digest: hex(site.digest)), at: now))
        return events
    }
}
