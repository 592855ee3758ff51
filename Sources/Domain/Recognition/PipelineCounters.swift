public import Wire

/// What went in and what became of it.
public struct PipelineCounters: Hashable, Sendable {
    /// `messages` is the sum of the five after it.
    public struct Tally: Hashable, Sendable {
        public var messages: UInt64 = 0
        /// A rule matched and gave what its event needs.
        public var matched: UInt64 = 0
        /// A rule said that it means nothing (keep-alives).
        public var ignored: UInt64 = 0
        /// A rule matched, but a value was missing or wrong.
        public var incomplete: UInt64 = 0
        /// The profile reads the protocol, but no rule matched.
        public var unmapped: UInt64 = 0
        /// The profile does not read the protocol.
        public var unread: UInt64 = 0
        /// Events made of the matched ones.
        public var events: UInt64 = 0
        /// Edges of a state that was already so (retransmissions): no event.
        public var unchanged: UInt64 = 0
        /// Events that were delivered late.
        public var late: UInt64 = 0
        /// Events of a channel that the site has no device for: they stay with the recorder, but for what would be said
        /// of the recorder itself (that it cannot be reached).
        public var unplaced: UInt64 = 0
        /// Events whose message should tell the device's time, and does not, or not so that it can be read.
        public var unstamped: UInt64 = 0
        /// Elements of lists (`each`) that no rule is for; their messages are counted as what the other elements are.
        public var unmappedElements: UInt64 = 0
        /// Rules that lacked a value in messages that another rule, or another element, made something of.
        public var incompleteRules: UInt64 = 0

        public init() {}
    }

    public struct Row: Hashable, Sendable {
        public var device: String
        public var protocolName: ProtocolName
        public var tally: Tally

        public init(device: String, protocolName: ProtocolName, tally: Tally) {
            self.device = device
            self.protocolName = protocolName
            self.tally = tally
        }
    }

    /// Those with messages, sorted by device, then protocol.
    public var rows: [Row]
    /// Messages and frames of addresses that no device has.
    public var strangers: UInt64
    public var strangerFrames: UInt64
    /// All events, evidence and restatements included.
    public var events: UInt64
    /// Keys of `pair`, `once`, `key` and `remember` that were forgotten because a bound was reached.
    public var forgottenPairs: UInt64
}

extension PipelineCounters.Tally {
    /// Both together.
    public mutating func add(_ other: Self) {
        messages &+= other.messages
        matched &+= other.matched
        ignored &+= other.ignored
        incomplete &+= other.incomplete
        unmapped &+= other.unmapped
        unread &+= other.unread
        events &+= other.events
        unchanged &+= other.unchanged
        late &+= other.late
        unplaced &+= other.unplaced
        unstamped &+= other.unstamped
        unmappedElements &+= other.unmappedElements
        incompleteRules &+= other.incompleteRules
    }
}
