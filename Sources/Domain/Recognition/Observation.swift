/// What one message of a device means, before it is placed in time and given an identity.
public struct Observation: Hashable, Sendable {
    public var kind: EventKind
    /// The counter the message told, as the site calls it.
    public var counter: String?
    /// The device's clock.
    public var stamped: Instant?
    /// The profile says where the device tells its time, and there is none, or none that can be read.
    public var lacksStamp = false
    /// A value that is there and of another type, which the event can do without.
    public var leftOut: Shortcoming?
    /// Of a file's row: when the rule says that it was observed.
    public var observed: Instant?
    public var flags: EventFlags
    /// The rule's id.
    public var rule: String
    /// The event's provenance, put together once for all observations of the rule.
    var provenance = RuleName()
    /// One edge of a state with a key (here the key itself, no template); an event only if it changes that state.
    public var pair: DeviceProfile.Pair?
    /// Only the first message with this key gives an event of this rule.
    public var once: String?
    /// Which of the device's detectors or disks says so; `nil`: the state is all of the device's.
    public var part: String?
    /// The rule tells its parts apart, and this message names none.
    public var lacksPart = false
    /// The device behind this one that it is about, as the site calls it.
    public var device: String?
    /// Milliseconds after which the state ends by itself.
    public var expires: Int64?

    public init(
        kind: EventKind, counter: String? = nil, stamped: Instant? = nil, flags: EventFlags = [], rule: String,
        pair: DeviceProfile.Pair? = nil
    ) {
        self.kind = kind
        self.counter = counter
        self.stamped = stamped
        self.flags = flags
        self.rule = rule
        self.pair = pair
    }
}

/// `profile#rule`. Of one profile, equal rules have equal names, so equality looks at the rule alone.
struct RuleName: Hashable, Sendable {
    var text: String?

    static func == (a: RuleName, b: RuleName) -> Bool { true }
    func hash(into hasher: inout Hasher) {}
}

/// What became of one message. The cases are counters: each message is exactly one of them.
public enum Recognition: Hashable, Sendable {
    /// At least one rule matched and could say everything its event needs.
    case matched([Observation])
    /// A rule matched that means nothing on purpose (keep-alives).
    case ignored
    /// A rule matched, but a value its event needs was missing or of another kind.
    case incomplete(rule: String, Shortcoming)
    /// The profile reads this protocol, but no rule matched.
    case unmapped
    /// The profile has no rule for this protocol.
    case unread
}
