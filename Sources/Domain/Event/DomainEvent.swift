public import Wire

/// Who numbered an event: dense sequence numbers per epoch, an epoch per spool.
public struct EventID: Hashable, Comparable, Sendable {
    public var agent: String
    public var epoch: Epoch
    public var sequence: UInt64

    public init(agent: String, epoch: Epoch, sequence: UInt64) {
        self.agent = agent
        self.epoch = epoch
        self.sequence = sequence
    }

    public static func < (a: EventID, b: EventID) -> Bool {
        if a.agent != b.agent { return a.agent < b.agent }
        if a.epoch != b.epoch { return a.epoch < b.epoch }
        return a.sequence < b.sequence
    }
}

/// 128 random bits, drawn when a spool is made.
public struct Epoch: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Sixteen bytes, network order. `nil` for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    public var bytes: [UInt8] {
        [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) } }
    }

    public static func < (a: Epoch, b: Epoch) -> Bool { (a.high, a.low) < (b.high, b.low) }

    public var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// What is known about the quality of an event.
public struct EventFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A state told again (keep-alive, ONVIF `Initialized`, retained message, midnight): never a change.
    public static let restated = EventFlags(rawValue: 1)
    /// Delivered late; `at` was taken from the device's clock and its baseline.
    public static let late = EventFlags(rawValue: 2)
    /// Derived, not told (snapshot differences).
    public static let inferred = EventFlags(rawValue: 4)

    public static let names: [(flag: EventFlags, name: String)] = [
        (.restated, "restated"), (.late, "late"), (.inferred, "inferred"),
    ]
}

/// Where an event came from, so that a number can be defended down to the frame.
public struct Provenance: Hashable, Sendable {
    public var protocolName: ProtocolName?
    /// Who said it on the wire.
    public var peer: String?
    /// `profile#rule`.
    public var rule: String?
    /// Position in the feed: frame number × 65,536 + index in the frame. Grows strictly within a feed.
    public var position: UInt64

    public init(protocolName: ProtocolName? = nil, peer: String? = nil, rule: String? = nil, position: UInt64 = 0) {
        self.protocolName = protocolName
        self.peer = peer
        self.rule = rule
        self.position = position
    }
}

/// The only fact there is (DOMAIN.md §2); everything else is derived from these by pure folds.
public struct DomainEvent: Hashable, Sendable {
    /// Given by the spool; an event that was never spooled has sequence 0.
    public var id: EventID
    /// Which ear of the agent heard it: `live:eth0`, `file:<sha256 prefix>`, `listen:514`.
    public var feed: String
    public var device: String
    public var office: String
    public var counter: String?
    public var kind: EventKind
    /// The agent's clock.
    public var observed: Instant
    /// The device's clock, if the message told one.
    public var stamped: Instant?
    /// The time we believe (§4); fixed when the event is made.
    public var at: Instant
    public var flags: EventFlags
    public var provenance: Provenance

    public init(
        id: EventID = EventID(agent: "", epoch: Epoch(high: 0, low: 0), sequence: 0), feed: String = "",
        device: String, office: String, counter: String? = nil, kind: EventKind, observed: Instant,
        stamped: Instant? = nil, at: Instant, flags: EventFlags = [], provenance: Provenance = Provenance()
    ) {
        self.id = id
        self.feed = feed
        self.device = device
        self.office = office
        self.counter = counter
        self.kind = kind
        self.observed = observed
        self.stamped = stamped
        self.at = at
        self.flags = flags
        self.provenance = provenance
    }

    /// The total order of an office-day: (at, device, agent, epoch, sequence).
    public static func precedes(_ a: DomainEvent, _ b: DomainEvent) -> Bool {
        if a.at != b.at { return a.at < b.at }
        if a.device != b.device { return a.device < b.device }
        return a.id < b.id
    }
}
