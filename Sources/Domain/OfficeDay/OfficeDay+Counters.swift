/// What the fold knows of one counter.
struct CounterState: Sendable {
    enum Opening: Sendable {
        /// Nothing told today: open exactly in opening hours.
        case schedule
        case open, paused, closed
    }

    var opening: Opening = .schedule
    /// A scheduled end has passed while it was occupied: it closes when it becomes unoccupied.
    var closesWhenFree = false
    /// The latest called or serving ticket.
    var occupant: Int?
    var presence: WaitLedger.Condition.Presence = .unknown
    var isInCall = false
    /// A mapped camera is live.
    var isCovered = false

    // The picture's lanes and the times, kept up at every change.
    var lane: Timeline.CounterState = .closed
    var laneLabel: String?
    var laneSince: Instant
    var spans: [Timeline.Span<Timeline.CounterState>] = []
    var camera: Timeline.CameraState = .unknown
    var cameraSince: Instant
    var cameraSpans: [Timeline.Span<Timeline.CameraState>] = []
    var touched: Instant
    var times = OfficeDayResult.CounterTimes(counter: "")

    init(from start: Instant) {
        laneSince = start
        cameraSince = start
        touched = start
    }
}

extension OfficeDay {
    // MARK: What holds now

    func isOpen(_ counter: Int) -> Bool {
        switch counters[counter].opening {
        case .schedule: isScheduled
        case .open: true
        case .paused, .closed: false
        }
    }

    /// Under `onNextCall` nobody says "served", so a counter that its camera sees empty is not occupied any more.
    func isOccupied(_ counter: Int) -> Bool {
        guard counters[counter].occupant != nil else { return false }
        return !(site.office.finish == .onNextCall && counters[counter].presence == .empty)
    }

    // MARK: Changes

    /// Charges the time since the last change to what held until now. Call before changing a counter.
    mutating func touch(_ counter: Int) {
        let passed = now - counters[counter].touched
        guard passed > 0 else { return }
        counters[counter].touched = now
        if isOpen(counter) {
            counters[counter].times.open += passed
            if isOccupied(counter) { counters[counter].times.occupied += passed }
        }
        guard isScheduled else { return }
        counters[counter].times.scheduled += passed
        if let occupant = counters[counter].occupant, tickets[occupant].state == .serving {
            counters[counter].times.serving += passed
        }
        if counters[counter].presence != .unknown { counters[counter].times.visible += passed }
        if counters[counter].presence == .present { counters[counter].times.attended += passed }
        if counters[counter].isCovered { counters[counter].times.covered += passed }
    }

    /// Call after changing a counter: its clocks and its lane follow.
    mutating func changed(_ counter: Int) {
        ledger.set(
            WaitLedger.Condition(
                isOpen: isOpen(counter), isOccupied: isOccupied(counter), presence: counters[counter].presence,
                isInCall: counters[counter].isInCall),
            of: counter, at: now)
        let lane: Timeline.CounterState
        var label: String?
        if let occupant = counters[counter].occupant {
            lane = tickets[occupant].state == .serving ? .serving : .called
            label = tickets[occupant].number
        } else if isOpen(counter) {
            lane = .open
        } else {
            lane = counters[counter].opening == .paused ? .paused : .closed
        }
        guard lane != counters[counter].lane || label != counters[counter].laneLabel else { return }
        closeLane(counter, at: now)
        counters[counter].lane = lane
        counters[counter].laneLabel = label
    }

    mutating func closeLane(_ counter: Int, at instant: Instant) {
        if instant > counters[counter].laneSince {
            counters[counter].spans.append(
                Timeline.Span(
                    from: counters[counter].laneSince, until: instant, state: counters[counter].lane,
                    label: counters[counter].laneLabel))
        }
        counters[counter].laneSince = max(instant, counters[counter].laneSince)
    }

    mutating func applyCounter(_ event: DomainEvent) {
        guard let counter = layout.counter(event.counter) else { return count("unknownCounter") }
        if event.flags.contains(.restated) { return }
        noteActivity()
        switch event.kind {
        case .counterOpened:
            open(counter)
        case .counterPaused:
            endUnfinished(counter)
            setOpening(counter, .paused)
        default:
            endUnfinished(counter)
            setOpening(counter, .closed)
        }
    }

    /// `opened`, or a call, which implies it.
    mutating func open(_ counter: Int) {
        setOpening(counter, .open)
    }

    private mutating func setOpening(_ counter: Int, _ opening: CounterState.Opening) {
        touch(counter)
        counters[counter].opening = opening
        counters[counter].closesWhenFree = false
        changed(counter)
    }

    /// With `onNextCall`, a pause or a closing ends the ticket in service, at a time nobody knows.
    private mutating func endUnfinished(_ counter: Int) {
        guard site.office.finish == .onNextCall, let occupant = counters[counter].occupant else { return }
        finishUnknown(occupant, until: now)
    }

    /// Gives the counter to a ticket; whoever was there is displaced.
    mutating func occupy(_ counter: Int, with ticket: Int) {
        if let before = counters[counter].occupant, before != ticket {
            if site.office.finish == .explicit, tickets[before].state == .serving {
                tickets[before].flags.insert(.overlap)
                tickets[ticket].flags.insert(.overlap)
            }
        }
        touch(counter)
        counters[counter].occupant = ticket
        changed(counter)
    }

    /// The ticket left this counter, if it was the one there.
    mutating func vacate(_ counter: Int?, by ticket: Int) {
        guard let counter, counters[counter].occupant == ticket else { return }
        touch(counter)
        counters[counter].occupant = nil
        if counters[counter].closesWhenFree {
            counters[counter].opening = .closed
            counters[counter].closesWhenFree = false
        }
        changed(counter)
    }

    // MARK: The schedule

    mutating func scheduleOpens() {
        for counter in counters.indices { touch(counter) }
        isScheduled = true
        for counter in counters.indices { changed(counter) }
    }

    mutating func scheduleCloses() {
        for counter in counters.indices { endUnfinished(counter) }
        for counter in counters.indices { touch(counter) }
        isScheduled = false
        for counter in counters.indices {
            if counters[counter].opening != .schedule {
                if counters[counter].occupant == nil {
                    counters[counter].opening = .closed
                } else {
                    counters[counter].closesWhenFree = true
                }
            }
            changed(counter)
        }
    }
}
