public import Domain

/// What pages and pictures may ask: the offices, and an office-day folded from the stored events. The collector's store
/// answers it; tests answer it from a handmade day.
public protocol OfficeDaySource: Sendable {
    /// Every office that sent an event or a site file, sorted by id.
    func offices() async throws -> [OfficeSummary]

    /// One office on one of its local days, folded up to `asOf`: without one, to the end of a past day, and to now today.
    /// `nil` if there is no such office, or no site file that is valid on that day. A day without events has a result too.
    func result(office: String, day: LocalDay, asOf: Instant?) async throws -> OfficeDayResult?

    /// Every (agent, epoch) that sent something, sorted by agent, then by first arrival.
    func agents() async throws -> [AgentSummary]

    /// What needs a person: conflicts, broken chains, gaps, disagreeing site files; newest first.
    func incidents() async throws -> [Incident]

    /// The dossiers that an office received, as of a moment or of now.
    func dossiers(office: String, asOf: Instant?) async throws -> [Dossier]

    /// The ratings given on an office's day, in the order of the fold.
    func ratings(office: String, day: LocalDay) async throws -> [DomainEvent]

    /// The wall clock: pages and reports take it from here, so that a test can stop it.
    func now() -> Instant
}

/// A source that knows days only.
extension OfficeDaySource {
    public func dossiers(office: String, asOf: Instant?) async throws -> [Dossier] { [] }
    public func ratings(office: String, day: LocalDay) async throws -> [DomainEvent] { [] }
}

/// One office as the collector knows it.
public struct OfficeSummary: Hashable, Sendable {
    public var id: String
    /// The latest site revision by `validFrom`; `nil` while no agent has sent one: its events are kept and wait for it.
    public var site: Site?
    public var events: Int
    /// The first and last moment of an event of this office; `nil` without any.
    public var span: ClosedRange<Instant>?

    public init(id: String, site: Site?, events: Int, span: ClosedRange<Instant>?) {
        self.id = id
        self.site = site
        self.events = events
        self.span = span
    }

    /// The office's local time; UTC until a site file tells.
    public var clock: OfficeClock { site?.office.clock ?? OfficeClock(offsetSeconds: 0) }

    /// The latest local day with an event.
    public var latestDay: LocalDay? { span.map { clock.day(of: $0.upperBound) } }
}

/// One spool of one agent: what arrived from it and what is missing.
public struct AgentSummary: Hashable, Sendable {
    public var agent: String
    public var epoch: Epoch
    /// Everything up to here is stored without a hole.
    public var through: UInt64
    /// The highest number stored; above `through` when something is missing in between.
    public var highest: UInt64
    public var records: Int
    public var firstReceived: Instant
    public var lastReceived: Instant
    /// When its latest event happened.
    public var lastEvent: Instant?
    /// Sequence numbers that are missing below `highest`, lowest first; at most a hundred ranges.
    public var missing: [ClosedRange<UInt64>]
    /// The collector's clock minus the agent's when its last batch arrived, in milliseconds, the way included.
    public var clockOffset: Int64
    public var offices: [String]

    public init(
        agent: String, epoch: Epoch, through: UInt64, highest: UInt64, records: Int, firstReceived: Instant,
        lastReceived: Instant, lastEvent: Instant?, missing: [ClosedRange<UInt64>], clockOffset: Int64,
        offices: [String]
    ) {
        self.agent = agent
        self.epoch = epoch
        self.through = through
        self.highest = highest
        self.records = records
        self.firstReceived = firstReceived
        self.lastReceived = lastReceived
        self.lastEvent = lastEvent
        self.missing = missing
        self.clockOffset = clockOffset
        self.offices = offices
    }
}

/// Something that a person has to look at.
public struct Incident: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Other bytes under a number that was stored before.
        case tamper
        /// The agent's hash chain and ours differ.
        case chain
        /// Sequence numbers that never arrived, or that the agent says it lost.
        case gap
        /// The agent's clock is more than two seconds off ours.
        case clock
        /// A record that does not decode; its bytes are kept.
        case undecodable
        /// Agents of one office sent different site files for the same date.
        case siteDisagreement
        /// Events of an office that no site file describes yet.
        case noSite
        /// A device's clock cannot be believed.
        case deviceClock
        /// The waiting does not add up: events were lost.
        case lostEvents
    }

    public var kind: Kind
    /// The agent or the office it concerns.
    public var subject: String
    public var detail: String
    public var first: Instant
    public var last: Instant
    public var count: Int

    public init(kind: Kind, subject: String, detail: String, first: Instant, last: Instant, count: Int) {
        self.kind = kind
        self.subject = subject
        self.detail = detail
        self.first = first
        self.last = last
        self.count = count
    }
}
