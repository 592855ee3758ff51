extension OfficeDay {
    /// An issue heard this soon after the call of an unknown number belongs to it.
    static let lateIssueWindow: Int64 = 5_000

    mutating func applyTicket(_ event: Fact) {
        if event.isRestated { return }
        noteActivity()
        if tickets.isEmpty {
            tickets.reserveCapacity(64)
            latestTicket.reserveCapacity(64)
            waits.reserveCapacity(64)
        }
        // A counter that the site does not have cannot be occupied: counted, and read as none told.
        let counter = layout.counter(event.counter)
        if counter == nil, event.counter != nil { count(.unknownCounter) }
        let system = ticketSystem(ofDevice: event.device)
        switch event.kind {
        case .ticketIssued(let number, let service, _, _):
            issue(TicketKey(system: system, said: number), service: service)
        case .ticketCalled(let number):
            call(TicketKey(system: system, said: number), at: counter)
        case .ticketRecalled(let number):
            if let ticket = known(number, system, at: counter) { recall(ticket) }
        case .ticketServing(let number):
            if let ticket = known(number, system, at: counter) { serve(ticket, at: counter, event) }
        case .ticketHeld(let number):
            if let ticket = known(number, system, at: counter) { hold(ticket, event) }
        case .ticketResumed(let number):
            if let ticket = known(number, system, at: counter) { resume(ticket, at: counter) }
        case .ticketTransferred(let number, let service, let target):
            if let ticket = known(number, system, at: counter) { transfer(ticket, service: service, counter: target) }
        case .ticketServed(let number, let quantity, _):
            if let ticket = known(number, system, at: counter) { finishServed(ticket, event, quantity: quantity) }
        case .ticketNoShow(let number):
            if let ticket = known(number, system, at: counter) { finishNoShow(ticket, event) }
        case .ticketLeft(let number):
            if let ticket = known(number, system, at: counter) { finishLeft(ticket, event) }
        default:
            break
        }
    }

    private mutating func known(_ number: String, _ system: Int, at counter: Int?) -> Int? {
        let key = TicketKey(system: system, said: number)
        // Nearly always it is the one at that counter, which is the latest of its number: one issued again leaves.
        if let counter, let occupant = counters[counter].occupant, tickets[occupant].key == key { return occupant }
        if let ticket = latestTicket[key] { return ticket }
        refuse(.unknownTicket)
        return nil
    }

    /// The table has no row for this event in this state.
    private mutating func unexpected(_ ticket: Int) {
        tickets[ticket].flags.insert(.unexpected)
        refuse(.unexpected)
    }

    /// The event leads to the state the ticket is in: harmless, if it happened where the ticket is.
    private mutating func repeated(_ ticket: Int, _ event: Fact) {
        if event.counter == nil || event.counter == tickets[ticket].leg.counter {
            count(.repeated)
            fate = .repeated
        } else {
            unexpected(ticket)
        }
    }

    // MARK: Rows

    private mutating func issue(_ key: TicketKey, service: String?) {
        // One search: the new ticket takes its place at once, and gives it back if there is none.
        let old = latestTicket.updateValue(tickets.count, forKey: key)
        if let old {
            if tickets[old].flags.contains(.missingIssue), now - tickets[old].firstSeen <= Self.lateIssueWindow {
                latestTicket[key] = old
                return completeIssue(old, service: service)
            }
            if tickets[old].isOpen {
                leaveState(old, to: .replaced)
                tickets[old].flags.insert(.reissued)
                tickets[old].state = .replaced
                tickets[old].leg.until = now
                vacate(tickets[old].counter, by: old)
            }
        }
        guard tickets.count < Self.ticketLimit else {
            latestTicket[key] = old
            return refuse(.tooManyTickets)
        }
        tickets.append(
            TicketState(
                key, ordinal: old.map { tickets[$0].ordinal + 1 } ?? 1, issued: now, service: service, at: now))
        enterWaiting(tickets.count - 1)
    }

    /// The issue of a ticket whose call was heard first: issued at the moment of the call, with no wait.
    private mutating func completeIssue(_ ticket: Int, service: String?) {
        tickets[ticket].flags.remove(.missingIssue)
        tickets[ticket].issued = tickets[ticket].firstSeen
        if tickets[ticket].pastLegs.isEmpty {
            if tickets[ticket].leg.service == nil { tickets[ticket].leg.service = service }
        } else if tickets[ticket].pastLegs[0].service == nil {
            tickets[ticket].pastLegs[0].service = service
        }
    }

    private mutating func call(_ key: TicketKey, at counter: Int?) {
        guard let ticket = latestTicket[key] else {
            guard tickets.count < Self.ticketLimit else { return refuse(.tooManyTickets) }
            latestTicket[key] = tickets.count
            tickets.append(TicketState(key, ordinal: 1, issued: nil, service: nil, at: now))
            tickets[tickets.count - 1].flags.insert(.missingIssue)
            return enterCalled(tickets.count - 1, counter: counter)
        }
        switch tickets[ticket].state {
        case .called where counter == nil || counter == tickets[ticket].counter:
            recall(ticket)
        case .called:
            // The counter moves; the state, and since when it holds, does not.
            vacate(tickets[ticket].counter, by: ticket)
            moveCall(ticket, to: counter)
        case .waiting, .held:
            leaveState(ticket)
            enterCalled(ticket, counter: counter ?? tickets[ticket].counter)
        case .noShow:
            tickets[ticket].flags.insert(.revived)
            tickets[ticket].finished = nil
            tickets[ticket].leg.until = nil
            enterCalled(ticket, counter: counter ?? tickets[ticket].counter)
        case .serving, .served, .left, .replaced:
            unexpected(ticket)
        }
    }

    private mutating func recall(_ ticket: Int) {
        guard tickets[ticket].state == .called else { return unexpected(ticket) }
        tickets[ticket].recalls += 1
        noteCall(ticket)
        guard let counter = tickets[ticket].counter else { return }
        occupy(counter, with: ticket, opens: true)
    }

    private mutating func serve(_ ticket: Int, at named: Int?, _ event: Fact) {
        switch tickets[ticket].state {
        case .serving:
            repeated(ticket, event)
            // Said again, it takes back the counter that another ticket had displaced it from.
            if event.counter == nil || named == tickets[ticket].counter, let counter = tickets[ticket].counter,
                counters[counter].occupant != ticket
            {
                occupy(counter, with: ticket, opens: false)
            }
            return
        case .waiting, .called, .held: break
        case .served, .noShow, .left, .replaced: return unexpected(ticket)
        }
        let wasWaiting = tickets[ticket].state == .waiting
        let wasHeld = tickets[ticket].state == .held
        leaveState(ticket)
        if let named, named != tickets[ticket].counter {
            vacate(tickets[ticket].counter, by: ticket)
            tickets[ticket].counter = named
        }
        if let named { tickets[ticket].leg.counter = layout.counterNames[named] }
        if wasWaiting {
            tickets[ticket].flags.insert(.missingCall)
            tickets[ticket].leg.called = tickets[ticket].leg.called ?? now
            noteCall(ticket)
        } else if tickets[ticket].leg.started == nil, !wasHeld, let lastCall = tickets[ticket].leg.lastCall {
            tickets[ticket].leg.walk = now - lastCall
        }
        tickets[ticket].leg.started = tickets[ticket].leg.started ?? now
        tickets[ticket].state = .serving
        tickets[ticket].since = now
        guard let counter = tickets[ticket].counter else { return }
        occupy(counter, with: ticket, opens: wasWaiting)
    }

    private mutating func hold(_ ticket: Int, _ event: Fact) {
        switch tickets[ticket].state {
        case .held: return repeated(ticket, event)
        case .called, .serving: break
        default: return unexpected(ticket)
        }
        tickets[ticket].heldFrom = tickets[ticket].state
        leaveState(ticket)
        tickets[ticket].state = .held
        tickets[ticket].since = now
        vacate(tickets[ticket].counter, by: ticket)
    }

    private mutating func resume(_ ticket: Int, at named: Int?) {
        guard tickets[ticket].state == .held else { return unexpected(ticket) }
        leaveState(ticket)
        if let named, named != tickets[ticket].counter {
            tickets[ticket].counter = named
            tickets[ticket].leg.counter = layout.counterNames[named]
        }
        tickets[ticket].state = tickets[ticket].heldFrom
        tickets[ticket].since = now
        // A call that was interrupted goes on: time in it counts from now, its last call stays.
        guard let counter = tickets[ticket].counter else { return }
        occupy(counter, with: ticket, opens: false)
    }

    private mutating func transfer(_ ticket: Int, service: String?, counter: String?) {
        switch tickets[ticket].state {
        case .waiting, .called, .serving: break
        default: return unexpected(ticket)
        }
        leaveState(ticket, to: .transferred)
        tickets[ticket].leg.until = now
        vacate(tickets[ticket].counter, by: ticket)
        let target = layout.counter(counter)
        if counter != nil, target == nil { count(.unknownCounter) }
        let closed = tickets[ticket].leg
        tickets[ticket].pastLegs.append(closed)
        tickets[ticket].leg = Leg(service: service ?? closed.service, target: target == nil ? nil : counter, from: now)
        tickets[ticket].counter = nil
        enterWaiting(ticket)
    }

    private mutating func finishServed(_ ticket: Int, _ event: Fact, quantity: Int64?) {
        switch tickets[ticket].state {
        case .served: return repeated(ticket, event)
        case .serving, .called: break
        default: return unexpected(ticket)
        }
        if let quantity { tickets[ticket].quantity = quantity }
        finishService(ticket)
    }

    /// Ends a service now; from `called`, the last call stands in for its start.
    private mutating func finishService(_ ticket: Int) {
        if tickets[ticket].state == .called { inferStart(ticket) }
        finish(ticket, .served)
    }

    private mutating func finishNoShow(_ ticket: Int, _ event: Fact) {
        switch tickets[ticket].state {
        case .noShow: repeated(ticket, event)
        case .called: finish(ticket, .noShow)
        default: unexpected(ticket)
        }
    }

    private mutating func finishLeft(_ ticket: Int, _ event: Fact) {
        if tickets[ticket].state == .left { return repeated(ticket, event) }
        guard tickets[ticket].isOpen else { return unexpected(ticket) }
        finish(ticket, .left)
    }

    private mutating func finish(_ ticket: Int, _ state: TicketState.State) {
        leaveState(ticket, to: .left)
        tickets[ticket].state = state
        tickets[ticket].since = now
        tickets[ticket].finished = now
        tickets[ticket].leg.until = now
        vacate(tickets[ticket].counter, by: ticket)
    }

    // MARK: onNextCall

    /// Another number is called at a counter where nobody says "served": its ticket ends now.
    mutating func endPrevious(_ counter: Int, by ticket: Int) {
        guard endsOnNextCall, let before = counters[counter].occupant, before != ticket else { return }
        tickets[before].flags.insert(.inferredFinish)
        finishService(before)
    }

    /// Served, at a time nobody knows but by now at the latest: it accrues until then and leaves time statistics.
    /// `until`: the day's end counts no further than the last scheduled closing.
    mutating func finishUnknown(_ ticket: Int, until: Instant) {
        if tickets[ticket].state == .called { inferStart(ticket) }
        if let counter = tickets[ticket].counter { touch(counter) }
        tickets[ticket].leg.serving += max(until, tickets[ticket].since) - tickets[ticket].since
        tickets[ticket].flags.insert(.inferredFinish)
        tickets[ticket].state = .served
        tickets[ticket].since = now
        tickets[ticket].leg.until = now
        vacate(tickets[ticket].counter, by: ticket)
    }

    private mutating func inferStart(_ ticket: Int) {
        let since = tickets[ticket].since
        let start = max(tickets[ticket].leg.lastCall ?? since, since)
        tickets[ticket].flags.insert(.inferredStart)
        tickets[ticket].leg.calling += start - since
        tickets[ticket].leg.started = tickets[ticket].leg.started ?? start
        tickets[ticket].state = .serving
        tickets[ticket].since = start
        if let counter = tickets[ticket].counter, counters[counter].occupant == ticket {
            // The lane showed "called"; the part since the last call was the service.
            closeLane(counter, at: max(start, counters[counter].laneSince))
            counters[counter].lane = .serving
        }
    }

    // MARK: States

    private mutating func enterWaiting(_ ticket: Int) {
        let target = tickets[ticket].leg.target == nil ? nil : layout.counter(tickets[ticket].leg.target)
        let set = layout.eligible(service: tickets[ticket].leg.service, target: target)
        let clock = ledger.clock(ofSet: set, at: now)
        tickets[ticket].state = .waiting
        tickets[ticket].since = now
        tickets[ticket].clock = clock
        tickets[ticket].reading = ledger.reading(clock, at: now)
        touchOffice()
        waitingCount += 1
    }

    /// A call, the first or another one: what came before it in this leg was waiting for it.
    private mutating func noteCall(_ ticket: Int) {
        let running = tickets[ticket].state == .called ? now - tickets[ticket].since : 0
        tickets[ticket].leg.lastCall = now
        tickets[ticket].leg.waitToLastCall = tickets[ticket].leg.wait + tickets[ticket].leg.calling + running
    }

    private mutating func enterCalled(_ ticket: Int, counter: Int?) {
        tickets[ticket].state = .called
        tickets[ticket].since = now
        moveCall(ticket, to: counter)
    }

    private mutating func moveCall(_ ticket: Int, to counter: Int?) {
        tickets[ticket].counter = counter
        tickets[ticket].leg.called = tickets[ticket].leg.called ?? now
        noteCall(ticket)
        tickets[ticket].leg.counter = counter.map { layout.counterNames[$0] }
        guard let counter else { return }
        occupy(counter, with: ticket, opens: true)
    }

    /// Adds the time since the state was entered to what it counts as. `end`: how a wait ends, if it is one.
    private mutating func leaveState(_ ticket: Int, to end: WaitInterval.End = .called) {
        let since = tickets[ticket].since
        let passed = now - since
        // The counter's times are charged under the state that ends here.
        if let counter = tickets[ticket].counter { touch(counter) }
        switch tickets[ticket].state {
        case .waiting:
            touchOffice()
            waitingCount -= 1
            let clock = tickets[ticket].clock
            let charged = ledger.reading(clock, at: now) - tickets[ticket].reading
            waits.append(WaitInterval(clock: clock, from: since, until: now, end: end))
            tickets[ticket].leg.wait += passed
            if tickets[ticket].leg.called == nil { tickets[ticket].leg.waitToFirstCall += passed }
            tickets[ticket].leg.causes = tickets[ticket].leg.causes + charged
        case .called: tickets[ticket].leg.calling += passed
        case .serving: tickets[ticket].leg.serving += passed
        case .held: tickets[ticket].leg.hold += passed
        case .served, .noShow, .left, .replaced: break
        }
        tickets[ticket].since = now
    }
}
