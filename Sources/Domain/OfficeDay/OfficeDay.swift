import Wire

/// The fold of one office-day: events in, visits and measures out (DOMAIN.md §2 to §6).
///
/// A pure value. Folding the same set of events gives the same result in any arrival order, in any batches, with any
/// duplicates: `apply` takes events in their total order and says so when one comes too late; `fold` sorts first.
/// State also changes without events, at the edges of opening hours and when evidence grows old; `advance` does that.
public struct OfficeDay: Sendable {
    /// A state whose last evidence is older than this is unknown: quiet is not deaf.
    public static let evidenceLifetime: Int64 = 11 * 60_000
    /// Two witnesses of one fact are at most this far apart.
    public static let witnessWindow: Int64 = 3_000
    /// Bounds; what exceeds them is counted as an anomaly.
    static let ticketLimit = 100_000

    public let site: Site
    public let day: LocalDay

    let start: Instant
    let end: Instant
    let hours: [Range<Instant>]
    let layout: SiteLayout

    // The machine's state.
    var now: Instant
    var isScheduled = false
    var nextBoundary = 0
    var boundaries: [(at: Instant, opens: Bool)] = []
    var counters: [CounterState]
    var devices: [DeviceState]
    var nextExpiry: Instant = .distantFuture
    var tickets: [TicketState] = []
    var latestTicket: [TicketKey: Int] = [:]
    var ledger: WaitLedger
    var waitingCount = 0
    var mappedCalls = 0
    var officeTimes = OfficeDayResult.OfficeTimes()
    var officeTouched: Instant
    var waits: [WaitInterval] = []
    var gaps: [Range<Instant>] = []

    // Bookkeeping.
    var position: Position?
    var recent = RecentFacts()
    var anomalyCounts: [String: Int] = [:]
    public internal(set) var eventCount = 0
    public internal(set) var witnessedCount = 0
    var lastHeard: Instant?
    /// Between the first and the last ticket or counter event.
    var activity: ClosedRange<Instant>?

    /// The last event's place in the total order.
    struct Position: Sendable {
        var at: Instant
        var device: String
        var id: EventID
    }

    struct TicketKey: Hashable, Sendable {
        var system: String
        var number: String
    }

    /// A stretch of waiting, for the picture: which clock charged it.
    struct WaitInterval: Sendable {
        var clock: Int
        var from: Instant
        var until: Instant
    }

    public init(site: Site, day: LocalDay) {
        self.site = site
        self.day = day
        let clock = site.office.clock
        start = clock.start(of: day)
        // A site that came over the network may hold a clock that makes no sense; a day is never turned around.
        end = max(clock.start(of: day + 1), clock.start(of: day) + 1)
        hours = site.hours.intervals(on: day, clock: clock)
        layout = SiteLayout(site)
        now = start
        officeTouched = start
        counters = site.counters.map { _ in CounterState(from: clock.start(of: day)) }
        devices = layout.trackedDevices.map { _ in DeviceState() }
        ledger = WaitLedger(counterCount: site.counters.count)
        for range in hours {
            boundaries.append((range.lowerBound, true))
            boundaries.append((range.upperBound, false))
        }
        boundaries.sort { $0.at != $1.at ? $0.at < $1.at : !$0.opens && $1.opens }
    }

    /// The fold of a whole set, in any order and with any duplicates.
    public static func fold(_ events: some Sequence<DomainEvent>, site: Site, day: LocalDay) -> OfficeDay {
        var state = OfficeDay(site: site, day: day)
        let events = Array(events)
        // Stores hand a day over in order nearly always; finding that out costs less than sorting.
        if zip(events, events.dropFirst()).allSatisfy({ !DomainEvent.precedes($1, $0) }) {
            for event in events { state.apply(event) }
        } else {
            for event in events.sorted(by: DomainEvent.precedes) { state.apply(event) }
        }
        return state
    }

    /// Takes in the next event. `false`: it lies before the last position and nothing was changed; fold the day anew.
    @discardableResult
    public mutating func apply(_ event: DomainEvent) -> Bool {
        guard event.office == site.office.id, event.at >= start, event.at < end else {
            count("otherDay")
            return true
        }
        if let position {
            if position.at > event.at { return false }
            if position.at == event.at {
                if position.id == event.id, event.id.sequence > 0 { return true }
                if event.device != position.device ? event.device < position.device : event.id < position.id {
                    return false
                }
            }
        }
        position = Position(at: event.at, device: event.device, id: event.id)
        advance(to: event.at)
        if case .agentHeard(let until) = event.kind {
            evidence(of: event.device, at: until)
            lastHeard = max(lastHeard ?? until, until)
            eventCount += 1
            return true
        }
        lastHeard = max(lastHeard ?? event.at, event.at)
        // What an agent says of itself has no second witness, and its own feed is no ear.
        if !event.kind.isOfAgent, recent.isSecondWitness(event) {
            // The same message is no new evidence either, or a millisecond between two PCs would move a boundary.
            witnessedCount += 1
            return true
        }
        evidence(of: event.device, at: event.at)
        eventCount += 1
        dispatch(event)
        return true
    }

    private mutating func dispatch(_ event: DomainEvent) {
        switch event.kind {
        case .ticketIssued, .ticketCalled, .ticketRecalled, .ticketServing, .ticketHeld, .ticketResumed,
            .ticketTransferred, .ticketServed, .ticketNoShow, .ticketLeft:
            applyTicket(event)
        case .counterOpened, .counterPaused, .counterClosed:
            applyCounter(event)
        case .deviceReachable, .cameraVideo, .cameraTamper, .cameraPresence, .meetingStarted, .meetingEnded:
            applyDevice(event)
        case .feedbackRated(let score, let scale):
            // A score outside its scale says nothing; sums stay far from overflow.
            guard (1...1_000).contains(scale), (0...scale).contains(score) else { return count("badRating") }
            officeTimes.ratings += 1
            officeTimes.score += score
            officeTimes.scale += scale
        case .agentGap(let from, let until, _):
            let clipped = max(from, start)..<max(max(from, start), min(until, end))
            if !clipped.isEmpty { gaps.append(clipped) }
        default:
            break
        }
    }

    /// Lets time pass: edges of opening hours and evidence that grows old, each at its own moment, in order.
    public mutating func advance(to instant: Instant) {
        let target = min(instant, end)
        while true {
            let boundary = nextBoundary < boundaries.count ? boundaries[nextBoundary].at : .distantFuture
            let next = min(boundary, nextExpiry)
            guard next <= target else { break }
            now = max(now, next)
            if boundary <= nextExpiry {
                let opens = boundaries[nextBoundary].opens
                nextBoundary += 1
                if opens { scheduleOpens() } else { scheduleCloses() }
            } else {
                expireEvidence()
            }
        }
        now = max(now, target)
    }

    /// The last scheduled closing of the day; the day's end where there are no hours.
    var lastClosing: Instant { hours.last?.upperBound ?? end }

    mutating func noteActivity() {
        activity = activity.map { $0.lowerBound...now } ?? now...now
    }

    mutating func count(_ reason: String) {
        anomalyCounts[reason, default: 0] += 1
    }
}
