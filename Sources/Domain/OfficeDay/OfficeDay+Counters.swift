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
    /// The ticket whose number labels the lane.
    var laneTicket: Int?
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

    /// Adds the time since the last change to everything that held until `instant`.
    mutating func charge(until instant: Instant, isOpen: Bool, isOccupied: Bool, isServing: Bool, isScheduled: Bool) {
        let passed = instant - touched
        touched = instant
        if isOpen {
            times.open += passed
            if isOccupied { times.occupied += passed }
        }
        guard isScheduled else { return }
        times.scheduled += passed
        if isServing { times.serving += passed }
        if presence != .unknown { times.visible += passed }
        if presence == .present { times.attended += passed }
        if isCovered { times.covered += passed }
    }
}

extension OfficeDay {
    // MARK: What holds now
    //
    // Inlined, because a call would copy the whole day to ask about one counter.

    @inline(__always)
    func isOpen(_ counter: Int) -> Bool {
        switch counters[counter].opening {
        case .schedule: isScheduled
        case .open: true
        case .paused, .closed: false
        }
    }

    /// Under `onNextCall` nobody says "served", so a counter that its camera sees empty is not occupied any more.
    @inline(__always)
    func isOccupied(_ counter: Int) -> Bool {
        guard counters[counter].occupant != nil else { return false }
        return !(endsOnNextCall && counters[counter].presence == .empty)
    }

    @inline(__always)
    private func isServing(_ counter: Int) -> Bool {
        guard let occupant = counters[counter].occupant else { return false }
        return tickets[occupant].state == .serving
    }

    // MARK: Changes

    /// Charges the time since the last change to what held until now. Call before changing a counter.
    mutating func touch(_ counter: Int) {
        guard counters[counter].touched < now else { return }
        counters[counter].charge(
            until: now, isOpen: isOpen(counter), isOccupied: isOccupied(counter), isServing: isServing(counter),
            isScheduled: isScheduled)
    }

    /// Call after changing a counter: its clocks and its lane follow.
    mutating func changed(_ counter: Int) {
        let isOpen = isOpen(counter)
        ledger.set(
            WaitLedger.Condition(
                isOpen: isOpen, isOccupied: isOccupied(counter), presence: counters[counter].presence,
                isInCall: counters[counter].isInCall),
            of: counter, at: now)
        let lane: Timeline.CounterState
        let occupant = counters[counter].occupant
        if let occupant {
            lane = tickets[occupant].state == .serving ? .serving : .called
        } else if isOpen {
            lane = .open
        } else {
            lane = counters[counter].opening == .paused ? .paused : .closed
        }
        guard lane != counters[counter].lane || occupant != counters[counter].laneTicket else { return }
        closeLane(counter, at: now)
        counters[counter].lane = lane
        counters[counter].laneTicket = occupant
    }

    mutating func closeLane(_ counter: Int, at instant: Instant) {
        if instant > counters[counter].laneSince {
            if counters[counter].spans.isEmpty { counters[counter].spans.reserveCapacity(32) }
            counters[counter].spans.append(
                Timeline.Span(
                    from: counters[counter].laneSince, until: instant, state: counters[counter].lane,
                    label: counters[counter].laneTicket.map { tickets[$0].number }))
        }
        counters[counter].laneSince = max(instant, counters[counter].laneSince)
    }

    mutating func applyCounter(_ event: Fact) {
        guard let counter = layout.counter(event.counter) else { return refuse(.unknownCounter) }
        if event.isRestated { return }
        noteActivity()
        switch event.kind {
        case .counterOpened:
            setOpening(counter, .open)
        case .counterPaused:
            endUnfinished(counter)
            setOpening(counter, .paused)
        default:
            endUnfinished(counter)
            setOpening(counter, .closed)
        }
    }

    private mutating func setOpening(_ counter: Int, _ opening: CounterState.Opening) {
        touch(counter)
        counters[counter].opening = opening
        counters[counter].closesWhenFree = false
        changed(counter)
    }

    /// With `onNextCall`, a pause or a closing ends the ticket in service, at a time nobody knows.
    private mutating func endUnfinished(_ counter: Int) {
        guard endsOnNextCall, let occupant = counters[counter].occupant else { return }
        finishUnknown(occupant, until: now)
    }

    /// Gives the counter to a ticket; whoever was there is displaced, or under `onNextCall` has finished. A call opens
    /// the counter, too.
    mutating func occupy(_ counter: Int, with ticket: Int, opens: Bool) {
        if let before = counters[counter].occupant, before != ticket {
            if endsOnNextCall {
                endPrevious(counter, by: ticket)
            } else if tickets[before].state == .serving {
                tickets[before].flags.insert(.overlap)
                tickets[ticket].flags.insert(.overlap)
            }
        }
        touch(counter)
        counters[counter].occupant = ticket
        if opens {
            counters[counter].opening = .open
            counters[counter].closesWhenFree = false
        }
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
