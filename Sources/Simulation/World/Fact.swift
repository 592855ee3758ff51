public import Domain

/// One thing that happened in the world and that a device tells. The truth is made of these; what the device's bytes
/// look like is another matter (`Devices/`).
public enum Fact: Hashable, Sendable {
    public enum TicketAction: String, Hashable, Sendable, CaseIterable {
        case issued, called, recalled, serving, held, resumed, transferred, served, noshow, left
    }
    public enum CounterAction: String, Hashable, Sendable, CaseIterable { case opened, paused, closed }

    public struct Ticket: Hashable, Sendable {
        public var action: TicketAction
        /// As the device says it: `C-001`.
        public var number: String
        /// The site's id of the counter; the device may call it otherwise.
        public var counter: String?
        public var service: String?
        public var channel: String?
        public var priority: Int64?
        public var toService: String?
        public var toCounter: String?
        public var quantity: Int64?
        public var outcome: String?

        public init(_ action: TicketAction, number: String, counter: String? = nil) {
            self.action = action
            self.number = number
            self.counter = counter
        }
    }

    case ticket(Ticket)
    case counter(CounterAction, counter: String, reason: String?)
    case presence(zone: String, count: Int64)
    case video(on: Bool)
    case tamper(on: Bool)
    case motion(on: Bool)
    case recording(on: Bool)
    case storageFault(on: Bool)
    case rebooted
    /// An INVITE was answered: the endpoint is in this call from now on.
    case meetingStarted(call: String)
    case meetingEnded(call: String)
}

/// Facts that one message tells at one moment.
public struct Utterance: Hashable, Sendable {
    /// The moment at which the message is complete on the wire: no two utterances of a world share one.
    public var at: Instant
    /// The device that the facts are about, and that speaks, unless `isRemote`.
    public var device: String
    public var facts: [Fact]
    /// A state told again after a reconnect, not a change.
    public var isRestated: Bool
    /// The other party of a call speaks.
    public var isRemote: Bool

    public init(at: Instant, device: String, facts: [Fact], isRestated: Bool = false, isRemote: Bool = false) {
        self.at = at
        self.device = device
        self.facts = facts
        self.isRestated = isRestated
        self.isRemote = isRemote
    }
}
