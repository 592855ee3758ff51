/// One ticket as the state machine carries it (DOMAIN.md §3).
struct TicketState: Sendable {
    enum State: Sendable {
        case waiting, called, serving, held, served, noShow, left
        /// Its number was issued again.
        case replaced
    }

    let key: TicketKey
    let ordinal: Int
    var issued: Instant?
    /// When the visit came into being: the issue, or the call of an unknown number.
    let firstSeen: Instant
    var finished: Instant?
    var state: State
    var since: Instant
    /// The state a hold interrupted.
    var heldFrom: State = .serving
    /// The leg it is in, and those that transfers closed.
    var leg: Leg
    var pastLegs: [Leg] = []
    /// The counter it is or was called to, by index.
    var counter: Int?
    /// The clock that charges its waiting, and what it showed when the waiting began.
    var clock = 0
    var reading = WaitCauses()
    var flags = VisitFlagSet()
    var recalls = 0
    var quantity: Int64?

    var isOpen: Bool {
        switch state {
        case .waiting, .called, .serving, .held: true
        case .served, .noShow, .left, .replaced: false
        }
    }

    var number: String { key.number }

    init(_ key: TicketKey, ordinal: Int, issued: Instant?, service: String?, at instant: Instant) {
        self.key = key
        self.ordinal = ordinal
        self.issued = issued
        firstSeen = instant
        state = .called
        since = instant
        leg = Leg(service: service, from: instant)
    }
}

/// What a visit is keyed by within its office-day: the ticket system, by number, and the normalised number.
///
/// Nearly every number is short and plain; it is then compared as two machine words.
struct TicketKey: Hashable, Sendable {
    let system: Int
    let number: String
    private let head: UInt64
    private let tail: UInt64

    init(system: Int, said: String) {
        self.system = system
        if let packed = Self.packed(said) {
            number = said
            (head, tail) = packed
        } else {
            number = Ticket.normalise(said)
            (head, tail) = Self.packed(number) ?? (0, 0)
        }
    }

    private var isPacked: Bool { head != 0 }

    /// Up to sixteen bytes that normalising leaves as they are; `nil` for anything else.
    private static func packed(_ number: String) -> (UInt64, UInt64)? {
        let words = number.utf8.withContiguousStorageIfAvailable { bytes -> (UInt64, UInt64)? in
            guard (1...16).contains(bytes.count) else { return nil }
            var head: UInt64 = 0
            var tail: UInt64 = 0
            for byte in bytes {
                if byte <= 0x20 || byte == 0x2D || (0x61...0x7A).contains(byte) || byte >= 0x80 { return nil }
                tail = tail << 8 | head >> 56
                head = head << 8 | UInt64(byte)
            }
            return (head, tail)
        }
        return words ?? nil
    }

    static func == (a: TicketKey, b: TicketKey) -> Bool {
        guard a.system == b.system, a.head == b.head, a.tail == b.tail else { return false }
        return a.isPacked || a.number == b.number
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(system)
        hasher.combine(head)
        hasher.combine(tail)
        if !isPacked { hasher.combine(number) }
    }
}

/// Flags as bits: a visit changes them often and shows them once.
struct VisitFlagSet: Hashable, Sendable {
    private var bits: UInt32 = 0

    private static func bit(_ flag: VisitFlag) -> UInt32 {
        let position: UInt32 =
            switch flag {
            case .inferredFinish: 0
            case .inferredStart: 1
            case .maxService: 2
            case .missingCall: 3
            case .missingIssue: 4
            case .overlap: 5
            case .reissued: 6
            case .revived: 7
            case .suspect: 8
            case .unexpected: 9
            }
        return 1 << position
    }

    func contains(_ flag: VisitFlag) -> Bool { bits & Self.bit(flag) != 0 }
    mutating func insert(_ flag: VisitFlag) { bits |= Self.bit(flag) }
    mutating func remove(_ flag: VisitFlag) { bits &= ~Self.bit(flag) }

    /// Sorted by name.
    var sorted: [VisitFlag] {
        if bits == 0 { return [] }
        return VisitFlag.allCases.filter(contains).sorted()
    }
}
