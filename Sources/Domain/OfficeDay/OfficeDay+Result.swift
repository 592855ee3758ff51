extension OfficeDay {
    /// The day as of a moment; `asOf` before the last event counts as the last event, after the day as its end.
    public func result(asOf: Instant) -> OfficeDayResult {
        var closing = self
        closing.advance(to: max(asOf, now))
        return closing.closed()
    }

    private mutating func closed() -> OfficeDayResult {
        let isFinal = now >= end
        for counter in counters.indices { touch(counter) }
        touchOffice()
        if isFinal, endsOnNextCall {
            // The day's end ends what nobody said was finished, like a closing does.
            for counter in counters.indices {
                if let occupant = counters[counter].occupant { finishUnknown(occupant, until: lastClosing) }
            }
        }
        let cut = min(now, lastClosing)
        var openWaits: [WaitInterval] = []
        var oldest: Instant?
        var waitingNow = 0
        for ticket in tickets.indices where tickets[ticket].state == .waiting {
            let until = max(tickets[ticket].since, cut)
            openWaits.append(
                WaitInterval(
                    clock: tickets[ticket].clock, from: tickets[ticket].since, until: until, end: .waiting))
            guard now < lastClosing else { continue }
            waitingNow += 1
            let since = tickets[ticket].leg.from
            oldest = min(oldest ?? since, since)
        }
        let visits = tickets.indices.map { visit($0, cut: cut) }.sorted(by: Visit.precedes)
        var times: [OfficeDayResult.CounterTimes] = []
        for counter in counters.indices {
            var time = counters[counter].times
            time.counter = site.counters[counter].id
            times.append(time)
        }
        let allWaits = waits + openWaits
        var result = OfficeDayResult(
            site: site, day: day, asOf: now, isFinal: isFinal, visits: visits,
            timeline: timeline(waits: allWaits, isFinal: isFinal), counterTimes: times,
            officeTimes: officeTimes, eventCount: eventCount, witnessedCount: witnessedCount,
            witnesses: recent.witnessCount,
            anomalies: misfits.anomalies,
            waitingNow: waitingNow, oldestWaitingSince: oldest, lastHeard: lastHeard,
            fates: fates, snapshotQueues: snapshotQueues(),
            qualityAlarms: Self.qualityAlarms(
                waits: allWaits, unissued: unissuedCalls, start: start, isFinal: isFinal))
        result.annotations = annotations.standing
        result.clocks = clockNotes
        return result
    }

    /// The state an open ticket is in counts up to the last scheduled closing, and no further.
    private func visit(_ index: Int, cut: Instant) -> Visit {
        let ticket = tickets[index]
        var legs = ticket.pastLegs
        legs.append(ticket.leg)
        let outcome: Outcome =
            switch ticket.state {
            case .served: .served
            case .noShow: .noShow
            case .left: .left
            case .waiting, .called, .serving, .held, .replaced: .open
            }
        if ticket.isOpen, let last = legs.indices.last {
            let until = max(ticket.since, cut)
            let passed = until - ticket.since
            switch ticket.state {
            case .waiting:
                legs[last].wait += passed
                if legs[last].called == nil { legs[last].waitToFirstCall += passed }
                let charged = ledger.pastReading(ticket.clock, at: until) - ticket.reading
                legs[last].causes = legs[last].causes + charged
            case .called: legs[last].calling += passed
            case .serving: legs[last].serving += passed
            default: legs[last].hold += passed
            }
        }
        var flags = ticket.flags
        for leg in legs {
            if let limit = layout.maxService(leg.service), leg.serving > limit { flags.insert(.maxService) }
        }
        if flags.contains(.maxService) || flags.contains(.overlap) || flags.contains(.unexpected) {
            flags.insert(.suspect)
        }
        return Visit(
            office: site.office.id, day: day, ticketSystem: systemNames[ticket.key.system], ticket: ticket.number,
            ordinal: ticket.ordinal, issued: ticket.issued, finished: outcome == .open ? nil : ticket.finished,
            outcome: outcome, legs: legs, flags: flags.sorted, recalls: ticket.recalls,
            quantity: ticket.quantity)
    }

    // MARK: The picture

    private mutating func timeline(waits: [WaitInterval], isFinal: Bool) -> Timeline {
        let range = shownRange(isFinal: isFinal)
        for counter in counters.indices {
            closeLane(counter, at: now)
            closeCameraLane(counter, at: now)
        }
        func clip<State>(_ spans: [Timeline.Span<State>]) -> [Timeline.Span<State>] {
            spans.compactMap { span in
                let from = max(span.from, range.lowerBound)
                let until = min(span.until, range.upperBound)
                if from >= until { return nil }
                return Timeline.Span(from: from, until: until, state: span.state, label: span.label)
            }
        }
        let lanes = counters.indices.map { counter in
            Timeline.CounterLane(
                counter: site.counters[counter].id, spans: clip(counters[counter].spans),
                camera: layout.cameras[counter].isEmpty ? [] : clip(counters[counter].cameraSpans))
        }
        let meetings = layout.meetingDevices.map { device in
            var calls = devices[device].pastCalls
            if devices[device].isInCall, let since = devices[device].inCallSince, since < now {
                calls.append(since..<now)
            }
            let clipped = calls.compactMap { call in
                let clipped = call.clamped(to: range)
                return clipped.isEmpty ? nil : clipped
            }
            return Timeline.MeetingLane(device: layout.trackedDevices[device], calls: clipped)
        }
        return Timeline(
            range: range, hours: hours, queue: queue(waits), counters: lanes, meetings: meetings, gaps: gaps)
    }

    /// Opening hours and everything that happened; an office that never closes shows what happened only.
    private func shownRange(isFinal: Bool) -> Range<Instant> {
        let scheduled = hours.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }
        let isRoundTheClock = scheduled >= 20 * 3_600_000
        var lower = activity?.lowerBound
        var upper = activity?.upperBound
        if !isRoundTheClock, let first = hours.first, let last = hours.last {
            lower = min(lower ?? first.lowerBound, first.lowerBound)
            upper = max(upper ?? last.upperBound, last.upperBound)
        }
        if !isFinal, upper.map({ isRoundTheClock || $0 > now }) ?? true {
            upper = max(now, activity?.upperBound ?? now)
        }
        let from = lower ?? start
        let until = max(upper ?? end, from + 1)
        return from..<until
    }

    /// People waiting by cause, from the intervals and from what each clock charged while they ran.
    private func queue(_ waits: [WaitInterval]) -> [Timeline.Queue] {
        struct Change {
            var at: Instant
            var clock: Int
            var delta: Int64
            var cause: WaitCause?
        }
        var changes: [Change] = []
        var clocks = Set<Int>()
        for wait in waits where wait.from < wait.until {
            changes.append(Change(at: wait.from, clock: wait.clock, delta: 1))
            changes.append(Change(at: wait.until, clock: wait.clock, delta: -1))
            clocks.insert(wait.clock)
        }
        for clock in clocks.sorted() {
            for entry in ledger.history(clock) {
                changes.append(Change(at: entry.at, clock: clock, delta: 0, cause: entry.cause))
            }
        }
        changes.sort { $0.at != $1.at ? $0.at < $1.at : $0.clock < $1.clock }
        var counts: [Int: (people: Int64, cause: WaitCause)] = [:]
        var waiting = WaitCauses()
        var steps: [Timeline.Queue] = []
        for (position, change) in changes.enumerated() {
            var state = counts[change.clock] ?? (0, .closed)
            waiting[state.cause] -= state.people
            state.people += change.delta
            if let cause = change.cause { state.cause = cause }
            waiting[state.cause] += state.people
            counts[change.clock] = state
            let isLastOfInstant = position + 1 == changes.count || changes[position + 1].at != change.at
            if isLastOfInstant, steps.last?.waiting != waiting {
                steps.append(Timeline.Queue(at: change.at, waiting: waiting))
            }
        }
        return steps
    }
}
