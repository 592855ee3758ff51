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
    let endsOnNextCall: Bool

    // The machine's state.
    var now: Instant
    var isScheduled = false
    var nextBoundary = 0
    var boundaries: [(at: Instant, opens: Bool)] = []
    var counters: [CounterState]
    var devices: [DeviceState]
    /// No evidence lapses before this; the next to lapse may do so later.
    var nextExpiry: Instant = .distantFuture {
        didSet { nextMoment = min(nextMoment, nextExpiry) }
    }
    /// Nothing happens by itself before this.
    private var nextMoment: Instant = .distantPast
    var tickets: [TicketState] = []
    var latestTicket: [TicketKey: Int] = [:]
    var ledger: WaitLedger
    var waitingCount = 0
    var mappedCalls = 0
    var officeTimes = OfficeDayResult.OfficeTimes()
    var officeTouched: Instant
    var waits: [WaitInterval] = []
    var gaps: [Range<Instant>] = []
    var clockNotes: [ClockNote] = []
    var snapshots = SnapshotFold()

    // Devices and ticket systems that the site does not name, numbered after those it does.
    var systemNames: [String]
    private var strangers: [String: Int] = [:]
    private var strangerNames: [String] = []
    private var systemOfStranger: [Int] = []

    // Bookkeeping.
    private var position: Position?
    var recent = RecentFacts()
    var misfits = MisfitCounts()
    /// What becomes of the event at hand.
    var fate = EventFates.Fate.applied
    public internal(set) var fates = EventFates()
    var lastHeard: Instant?
    var annotations = AnnotationBook()
    /// Between the first and the last ticket or counter event.
    var activity: ClosedRange<Instant>?

    public var eventCount: Int { fates.taken }
    public var witnessedCount: Int { fates.witnessed }

    /// The last event's place in the total order.
    private struct Position: Sendable {
        var at: Instant
        var device: String
        var id: EventID
    }

    /// A stretch of waiting, for the picture: which clock charged it.
    struct WaitInterval: Sendable {
        enum End: Sendable { case called, left, transferred, replaced, waiting }

        var clock: Int
        var from: Instant
        var until: Instant
        var end: End
    }

    public init(site: Site, day: LocalDay) {
        self.site = site
        self.day = day
        let clock = site.office.clock
        start = clock.start(of: day)
        // A site that came over the network may hold a clock that makes no sense; a day is never turned around.
        end = max(clock.start(of: day + 1), clock.start(of: day) + 1)
        hours = site.openingHours(on: day)
        layout = SiteLayout(site)
        endsOnNextCall = site.office.finish == .onNextCall
        systemNames = layout.systemNames
        now = start
        officeTouched = start
        counters = Array(repeating: CounterState(from: start), count: site.counters.count)
        devices = Array(repeating: DeviceState(), count: layout.trackedDevices.count)
        ledger = WaitLedger(counterCount: site.counters.count, sets: layout.eligibleSets)
        for range in hours {
            boundaries.append((range.lowerBound, true))
            boundaries.append((range.upperBound, false))
        }
        boundaries.sort { $0.at != $1.at ? $0.at < $1.at : !$0.opens && $1.opens }
    }

    /// The fold of a whole set, in any order and with any duplicates.
    public static func fold(_ events: some Sequence<DomainEvent>, site: Site, day: LocalDay) -> OfficeDay {
        var state = OfficeDay(site: site, day: day)
        state.take(all: Array(events))
        return state
    }

    /// Events are large: they stay where they are, and only what the fold needs of them is taken out.
    private mutating func take(all events: [DomainEvent]) {
        // Stores hand a day over in order nearly always; finding that out costs less than sorting.
        var isOrdered = true
        for index in events.indices.dropFirst() where events[index].at <= events[index - 1].at {
            if DomainEvent.precedes(events[index], events[index - 1]) {
                isOrdered = false
                break
            }
        }
        let order = isOrdered ? [] : events.indices.sorted { DomainEvent.precedes(events[$0], events[$1]) }
        // With one ear only, nothing can be heard twice: what was said is not kept to be compared.
        let isAlone = isOneWitness(events)
        var last: Int?
        var isHeard = false
        for place in events.indices {
            let index = isOrdered ? place : order[place]
            guard belongs(events[index].office, events[index].at) else { continue }
            if let last, events[last].at == events[index].at, events[index].id.sequence > 0,
                events[last].id == events[index].id
            {
                continue
            }
            last = index
            if events[index].kind.isAside {
                _ = setAside(events[index])
                continue
            }
            let witness = isHeard && isAlone ? recent.lastWitness : self.witness(of: events, index)
            isHeard = true
            take(fact(of: events, index), witness: witness, isAlone: isAlone)
        }
        guard let last else { return }
        position = Position(at: events[last].at, device: events[last].device, id: events[last].id)
        guard isAlone, isHeard else { return }
        // Another ear may yet have heard the last of it.
        var place = events.count
        while place > 0, events[last].at - events[isOrdered ? place - 1 : order[place - 1]].at <= Self.witnessWindow {
            place -= 1
        }
        var before: Int?
        while place < events.count {
            let index = isOrdered ? place : order[place]
            place += 1
            guard !events[index].kind.isOfAgent, !events[index].kind.isAside, events[index].at >= start,
                events[index].at < end,
                events[index].office == site.office.id
            else { continue }
            if let before, events[before].id == events[index].id, events[index].id.sequence > 0 { continue }
            before = index
            _ = recent.isSecond(fact(of: events, index), witness: recent.lastWitness)
        }
    }

    private func isOneWitness(_ events: [DomainEvent]) -> Bool {
        for index in events.indices.dropFirst() {
            guard events[index].id.epoch == events[index - 1].id.epoch,
                events[index].id.agent == events[index - 1].id.agent, events[index].feed == events[index - 1].feed
            else { return false }
        }
        return true
    }

    private mutating func witness(of events: [DomainEvent], _ index: Int) -> Int {
        recent.witness(agent: events[index].id.agent, epoch: events[index].id.epoch, feed: events[index].feed)
    }

    @inline(__always)
    private mutating func fact(of events: [DomainEvent], _ index: Int) -> Fact {
        Fact(
            at: events[index].at, device: number(ofDevice: events[index].device), counter: events[index].counter,
            kind: events[index].kind, isRestated: events[index].flags.contains(.restated))
    }

    @inline(__always)
    private mutating func belongs(_ office: String, _ at: Instant) -> Bool {
        if at >= start, at < end, office == site.office.id { return true }
        count(.otherDay)
        fates.otherDay += 1
        return false
    }

    /// Takes in the next event. `false`: it lies before the last position and nothing was changed; fold the day anew.
    @discardableResult
    public mutating func apply(_ event: DomainEvent) -> Bool {
        guard belongs(event.office, event.at) else { return true }
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
        if setAside(event) { return true }
        let witness = recent.witness(agent: event.id.agent, epoch: event.id.epoch, feed: event.feed)
        take(
            Fact(
                at: event.at, device: number(ofDevice: event.device), counter: event.counter, kind: event.kind,
                isRestated: event.flags.contains(.restated)),
            witness: witness, isAlone: false)
        return true
    }

    /// What is in the log of the day and no event of it: dossiers live for weeks and have a fold of their own
    /// (`DossierFold`); a person's word touches no count, no evidence, no clock and no figure.
    private mutating func setAside(_ event: DomainEvent) -> Bool {
        guard event.kind.isAside else { return false }
        fates.aside += 1
        if event.kind.isAnnotation, !annotations.note(event) { count(.tooManyAnnotations) }
        return true
    }

    private mutating func take(_ fact: Fact, witness: Int, isAlone: Bool) {
        advance(to: fact.at)
        if case .agentHeard(let until) = fact.kind {
            if layout.isTracked(fact.device) { evidence(of: fact.device, at: until) }
            lastHeard = max(lastHeard ?? until, until)
            fates.heard += 1
            return
        }
        lastHeard = max(lastHeard ?? fact.at, fact.at)
        // What an agent says of itself has no second witness, and its own feed is no ear.
        if !fact.kind.isOfAgent {
            recent.hears(witness)
            if !isAlone, recent.isSecond(fact, witness: witness) {
                // The same message is no new evidence either, or a millisecond between two PCs would move a boundary.
                fates.witnessed += 1
                return
            }
            if recent.wasCut { misfits.add(.tooManyFacts) }
        }
        if layout.isTracked(fact.device) { evidence(of: fact.device, at: fact.at) }
        fate = fact.isRestated ? .restated : .applied
        dispatch(fact)
        fates[fate] += 1
    }

    private mutating func dispatch(_ fact: Fact) {
        switch fact.kind {
        case .ticketIssued, .ticketCalled, .ticketRecalled, .ticketServing, .ticketHeld, .ticketResumed,
            .ticketTransferred, .ticketServed, .ticketNoShow, .ticketLeft:
            applyTicket(fact)
        case .counterOpened, .counterPaused, .counterClosed:
            applyCounter(fact)
        case .deviceReachable, .cameraVideo, .cameraTamper, .cameraPresence, .meetingStarted, .meetingEnded:
            applyDevice(fact)
        case .queueSnapshot:
            applySnapshot(fact)
        case .deviceClock(let state, let offset, let drift):
            applyClock(state: state, device: fact.device)
            noteClock(state, offset: offset, drift: drift, fact)
        case .feedbackRated(let score, let scale):
            // A score outside its scale says nothing; sums stay far from overflow.
            guard (1...1_000).contains(scale), (0...scale).contains(score) else { return refuse(.badRating) }
            officeTimes.ratings += 1
            officeTimes.score += score
            officeTimes.scale += scale
        case .agentGap(let from, let until, _):
            let clipped = max(from, start)..<max(max(from, start), min(until, end))
            if !clipped.isEmpty { gaps.append(clipped) }
        default:
            note()
        }
    }

    // MARK: Words as numbers

    /// Tracked devices first, then the site's others, then those it does not name.
    private mutating func number(ofDevice id: String) -> Int {
        if let known = layout.device(id) { return known }
        if let known = strangers[id] { return known }
        let number = layout.deviceCount + strangers.count
        strangers[id] = number
        strangerNames.append(id)
        // A device without a system is one, under its own name.
        let system = layout.systemNames.firstIndex(of: id) ?? systemNames.count
        if system == systemNames.count { systemNames.append(id) }
        systemOfStranger.append(system)
        return number
    }

    func name(ofDevice device: Int) -> String {
        device < layout.deviceCount ? layout.deviceNames[device] : strangerNames[device - layout.deviceCount]
    }

    func ticketSystem(ofDevice device: Int) -> Int {
        device < layout.deviceCount
            ? layout.systemOfDevice[device] : systemOfStranger[device - layout.deviceCount]
    }

    // MARK: Time

    /// Lets time pass: edges of opening hours and evidence that grows old, each at its own moment, in order.
    public mutating func advance(to instant: Instant) {
        let target = min(instant, end)
        if target < nextMoment {
            now = max(now, target)
            return
        }
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
        nextMoment = min(nextBoundary < boundaries.count ? boundaries[nextBoundary].at : .distantFuture, nextExpiry)
    }

    /// The last scheduled closing of the day; the day's end where there are no hours.
    var lastClosing: Instant { hours.last?.upperBound ?? end }

    mutating func noteActivity() {
        activity = (activity?.lowerBound ?? now)...now
    }

    // MARK: What becomes of an event

    mutating func count(_ misfit: Misfit) {
        misfits.add(misfit)
    }

    /// The event at hand does not fit and changes nothing.
    mutating func refuse(_ misfit: Misfit) {
        count(misfit)
        fate = .unfit
    }

    /// The event at hand is about something that the office-day does not compute with.
    mutating func note() {
        if fate == .applied { fate = .noted }
    }
}
