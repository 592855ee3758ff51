extension Dissector {
    /// The bounds. At each the oldest is given up, and that is counted.
    public struct Limits: Hashable, Sendable {
        /// TCP conversations followed at a time.
        public var flows = 4_096
        /// Bytes of unfinished messages and of segments out of order, of all conversations together.
        public var heldBytes = 16_777_216
        /// Bytes of one direction that wait behind a hole before the hole is declared lost.
        public var pendingBytes = 262_144
        /// A conversation that is silent for so long is over.
        public var flowTimeout = Timestamp(seconds: 3_600)
        /// Fragmented IP payloads in the making, of at most 64 KiB each.
        public var fragmentedPayloads = 256
        public var fragmentTimeout = Timestamp(seconds: 30)
        /// Places at which announced media arrives, and sources of it, each.
        public var media = 1_024

        public init() {}
    }
}
