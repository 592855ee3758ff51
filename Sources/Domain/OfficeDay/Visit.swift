/// Why a citizen waited (DOMAIN.md §6), in the order in which the first that holds wins.
public enum WaitCause: String, Hashable, Sendable, CaseIterable {
    case closed, capacity, idle, meeting, unattended, unseen
}

/// Milliseconds of waiting by cause; they sum to the wait exactly.
public struct WaitCauses: Hashable, Sendable {
    public var closed: Int64 = 0
    public var capacity: Int64 = 0
    public var idle: Int64 = 0
    public var meeting: Int64 = 0
    public var unattended: Int64 = 0
    public var unseen: Int64 = 0

    public init() {}

    public subscript(_ cause: WaitCause) -> Int64 {
        get {
            switch cause {
            case .closed: closed
            case .capacity: capacity
            case .idle: idle
            case .meeting: meeting
            case .unattended: unattended
            case .unseen: unseen
            }
        }
        set {
            switch cause {
            case .closed: closed = newValue
            case .capacity: capacity = newValue
            case .idle: idle = newValue
            case .meeting: meeting = newValue
            case .unattended: unattended = newValue
            case .unseen: unseen = newValue
            }
        }
    }

    public var total: Int64 { closed + capacity + idle + meeting + unattended + unseen }

    public static func + (a: WaitCauses, b: WaitCauses) -> WaitCauses {
        var sum = a
        sum.closed += b.closed
        sum.capacity += b.capacity
        sum.idle += b.idle
        sum.meeting += b.meeting
        sum.unattended += b.unattended
        sum.unseen += b.unseen
        return sum
    }

    public static func - (a: WaitCauses, b: WaitCauses) -> WaitCauses {
        var difference = a
        difference.closed -= b.closed
        difference.capacity -= b.capacity
        difference.idle -= b.idle
        difference.meeting -= b.meeting
        difference.unattended -= b.unattended
        difference.unseen -= b.unseen
        return difference
    }
}

/// What is remarkable about a visit; sorted by name and `+`-joined in `visits.csv`.
public enum VisitFlag: String, Hashable, Sendable, CaseIterable, Comparable {
    /// Ended by the next call at its counter, a pause, a closing or the day's end (`finish: onNextCall`).
    case inferredFinish
    /// Served without a start; the last call stands in for it.
    case inferredStart
    /// A service longer than the service's `maxService`.
    case maxService
    /// Served straight from waiting; the start stands in for the call.
    case missingCall
    /// Called without ever being issued, as far as we heard.
    case missingIssue
    /// Two tickets in service at one counter.
    case overlap
    /// Its number was issued again while it was open.
    case reissued
    /// Called again after a no-show.
    case revived
    /// In the counts, but not in time statistics: `overlap`, `maxService` or `unexpected`.
    case suspect
    /// An event that the state machine has no row for.
    case unexpected

    public static func < (a: VisitFlag, b: VisitFlag) -> Bool { a.rawValue < b.rawValue }
}

/// How a visit stands.
public enum Outcome: String, Hashable, Sendable, CaseIterable {
    case served, noShow, left, open
}

/// One wait and one service inside a visit; a transfer starts the next.
public struct Leg: Hashable, Sendable {
    public var service: String?
    /// The counter that called it last.
    public var counter: String?
    /// The counter a transfer named.
    public var target: String?
    /// When waiting began: the issue, or the transfer.
    public var from: Instant
    public var called: Instant?
    public var lastCall: Instant?
    /// Time in waiting and in calling up to the last call, so that a call again counts, and the time a no-show was given
    /// up does not.
    public var waitToLastCall: Int64 = 0
    public var started: Instant?
    /// When the leg ended: by a transfer or with the visit.
    public var until: Instant?
    /// Waiting before the first call; the rest of `wait` came after it (a ticket sent back).
    public var waitToFirstCall: Int64 = 0
    public var wait: Int64 = 0
    public var calling: Int64 = 0
    public var serving: Int64 = 0
    public var hold: Int64 = 0
    /// First start minus the last call before it; `nil` when either was inferred or did not happen.
    public var walk: Int64?
    public var causes = WaitCauses()

    public init(service: String?, target: String? = nil, from: Instant) {
        self.service = service
        self.target = target
        self.from = from
    }
}

/// One ticket's life on one day. All durations in milliseconds; wait + calling + service + hold = sojourn.
public struct Visit: Hashable, Sendable {
    public var office: String
    public var day: LocalDay
    public var ticketSystem: String
    /// The normalised number.
    public var ticket: String
    public var ordinal: Int
    /// `nil`: nobody heard it being issued.
    public var issued: Instant?
    public var finished: Instant?
    public var outcome: Outcome
    /// At least one.
    public var legs: [Leg]
    public var flags: [VisitFlag]
    public var recalls: Int
    public var quantity: Int64?

    public init(
        office: String, day: LocalDay, ticketSystem: String, ticket: String, ordinal: Int, issued: Instant?,
        finished: Instant?, outcome: Outcome, legs: [Leg], flags: [VisitFlag], recalls: Int, quantity: Int64?
    ) {
        self.office = office
        self.day = day
        self.ticketSystem = ticketSystem
        self.ticket = ticket
        self.ordinal = ordinal
        self.issued = issued
        self.finished = finished
        self.outcome = outcome
        self.legs = legs
        self.flags = flags
        self.recalls = recalls
        self.quantity = quantity
    }

    public var wait: Int64 { legs.reduce(0) { $0 + $1.wait } }
    public var calling: Int64 { legs.reduce(0) { $0 + $1.calling } }
    public var service: Int64 { legs.reduce(0) { $0 + $1.serving } }
    public var hold: Int64 { legs.reduce(0) { $0 + $1.hold } }
    public var causes: WaitCauses { legs.reduce(WaitCauses()) { $0 + $1.causes } }
    public var isSuspect: Bool { flags.contains(.suspect) }
}

extension Visit {
    /// The columns of `visits.csv` (DOMAIN.md §A).
    public static let csvHeader = [
        "office", "day", "ticket", "ordinal", "service", "counter", "issued", "called", "started", "finished",
        "outcome", "wait_ms", "calling_ms", "service_ms", "hold_ms", "closed_ms", "capacity_ms", "idle_ms",
        "meeting_ms", "unattended_ms", "unseen_ms", "flags",
    ]

    /// One cell per column; empty for what did not happen or is unknown.
    public func csvRow(clock: OfficeClock) -> [String] {
        func time(_ instant: Instant?) -> String { instant.map { clock.text($0) } ?? "" }
        let first = legs.first
        let causes = causes
        return [
            office, day.description, ticket, String(ordinal), first?.service ?? "", first?.counter ?? "",
            time(issued), time(first?.called), time(first?.started), time(finished), outcome.rawValue,
            String(wait), String(calling), String(service), String(hold), String(causes.closed),
            String(causes.capacity), String(causes.idle), String(causes.meeting), String(causes.unattended),
            String(causes.unseen), flags.sorted().map(\.rawValue).joined(separator: "+"),
        ]
    }

    /// The order of `visits.csv`: (issued or called, ticket, ordinal, ticket system).
    public static func precedes(_ a: Visit, _ b: Visit) -> Bool {
        let first = a.issued ?? a.legs.first?.called ?? .distantPast
        let second = b.issued ?? b.legs.first?.called ?? .distantPast
        if first != second { return first < second }
        if a.ticket != b.ticket { return a.ticket < b.ticket }
        if a.ordinal != b.ordinal { return a.ordinal < b.ordinal }
        return a.ticketSystem < b.ticketSystem
    }
}
