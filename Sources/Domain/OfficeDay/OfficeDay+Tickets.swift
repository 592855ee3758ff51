/// One ticket as the state machine carries it (DOMAIN.md §3).
struct TicketState: Sendable {
    enum State: Sendable {
        case waiting, called, serving, held, served, noShow, left
        /// Its number was issued again.
        case replaced
    }

    var number: String
    var system: String
    var ordinal: Int
    var issued: Instant?
    /// When the visit came into being: the issue, or the call of an unknown number.
    var firstSeen: Instant
    var finished: Instant?
    var state: State
    var since: Instant
    /// The state a hold interrupted.
    var heldFrom: State = .serving
    var legs: [Leg]
    /// The counter it is or was called to, by index.
    var counter: Int?
    /// The clock that charges its waiting, and what it showed when the waiting began.
    var clock = 0
    var reading = WaitCauses()
    var flags: Set<VisitFlag> = []
    var recalls = 0
    var quantity: Int64?

    var isOpen: Bool {
        switch state {
        case .waiting, .called, .serving, .held: true
        case .served, .noShow, .left, .replaced: false
        }
    }
}

extension OfficeDay {
    /// An issue heard this soon after the call of an unknown number belongs to it.
    static let lateIssueWindow: Int64 = 5_000

    mutating func applyTicket(_ event: DomainEvent) {
        if event.flags.contains(.restated) { return }
        noteActivity()
        // A counter that the site does not have cannot be occupied: counted, and read as none told.
        if let counter = event.counter, layout.counter(counter) == nil { count("unknownCounter") }
        switch event.kind {
        case .ticketIssued(let number, let service, _, _):
            issue(key(event, number), service: service)
        case .ticketCalled(let number):
            call(key(event, number), event)
        case .ticketRecalled(let number):
            change(key(event, number)) { $0.recall($1) }
        case .ticketServing(let number):
            change(key(event, number)) { $0.serve($1, event) }
        case .ticketHeld(let number):
            change(key(event, number)) { $0.hold($1, event) }
        case .ticketResumed(let number):
            change(key(event, number)) { $0.resume($1, event) }
        case .ticketTransferred(let number, let service, let counter):
            change(key(event, number)) { $0.transfer($1, service: service, counter: counter) }
        case .ticketServed(let number, let quantity, _):
            change(key(event, number)) { $0.finishServed($1, event, quantity: quantity) }
        case .ticketNoShow(let number):
            change(key(event, number)) { $0.finishNoShow($1, event) }
        case .ticketLeft(let number):
            change(key(event, number)) { $0.finishLeft($1, event) }
        default:
            break
        }
    }

    private func key(_ event: DomainEvent, _ number: String) -> TicketKey {
        TicketKey(system: layout.ticketSystem(of: event.device), number: Ticket.normalise(number))
    }

    private mutating func change(_ key: TicketKey, _ body: (inout OfficeDay, Int) -> Void) {
        guard let ticket = latestTicket[key] else { return count("unknownTicket") }
        body(&self, ticket)
    }

    /// The table has no row for this event in this state.
    private mutating func unexpected(_ ticket: Int) {
        tickets[ticket].flags.insert(.unexpected)
        count("unexpected")
    }

    /// The event leads to the state the ticket is in: harmless, if it happened where the ticket is.
    private mutating func repeated(_ ticket: Int, _ event: DomainEvent) {
        if event.counter == nil || event.counter == tickets[ticket].legs.last?.counter {
            count("repeat")
        } else {
            unexpected(ticket)
        }
    }

    // MARK: Rows

    private mutating func issue(_ key: TicketKey, service: String?) {
        if let old = latestTicket[key] {
            if tickets[old].flags.contains(.missingIssue), now - tickets[old].firstSeen <= Self.lateIssueWindow {
                tickets[old].flags.remove(.missingIssue)
                tickets[old].issued = tickets[old].firstSeen
                if tickets[old].legs[0].service == nil { tickets[old].legs[0].service = service }
                return
            }
            if tickets[old].isOpen {
                leaveState(old)
                tickets[old].flags.insert(.reissued)
                tickets[old].state = .replaced
                closeLeg(old)
                vacate(tickets[old].counter, by: old)
            }
        }
        guard let ticket = add(key, service: service, issued: now) else { return }
        enterWaiting(ticket)
    }

    private mutating func add(_ key: TicketKey, service: String?, issued: Instant?) -> Int? {
        guard tickets.count < Self.ticketLimit else {
            count("tooManyTickets")
            return nil
        }
        let ordinal = latestTicket[key].map { tickets[$0].ordinal + 1 } ?? 1
        tickets.append(
            TicketState(
                number: key.number, system: key.system, ordinal: ordinal, issued: issued, firstSeen: now,
                state: .called, since: now, legs: [Leg(service: service, from: now)]))
        latestTicket[key] = tickets.count - 1
        return tickets.count - 1
    }

    private mutating func call(_ key: TicketKey, _ event: DomainEvent) {
        let counter = layout.counter(event.counter)
        guard let ticket = latestTicket[key] else {
            guard let ticket = add(key, service: nil, issued: nil) else { return }
            tickets[ticket].flags.insert(.missingIssue)
            enterCalled(ticket, counter: counter)
            return
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
            withLastLeg(ticket) { $0.until = nil }
            enterCalled(ticket, counter: counter ?? tickets[ticket].counter)
        case .serving, .served, .left, .replaced:
            unexpected(ticket)
        }
    }

    private mutating func recall(_ ticket: Int) {
        guard tickets[ticket].state == .called else { return unexpected(ticket) }
        tickets[ticket].recalls += 1
        withLastLeg(ticket) { [now] in $0.lastCall = now }
        guard let counter = tickets[ticket].counter else { return }
        endPrevious(counter, by: ticket)
        open(counter)
        occupy(counter, with: ticket)
    }

    private mutating func serve(_ ticket: Int, _ event: DomainEvent) {
        let named = layout.counter(event.counter)
        switch tickets[ticket].state {
        case .serving:
            repeated(ticket, event)
            // Said again, it takes back the counter that another ticket had displaced it from.
            if event.counter == nil || named == tickets[ticket].counter, let counter = tickets[ticket].counter,
                counters[counter].occupant != ticket
            {
                endPrevious(counter, by: ticket)
                occupy(counter, with: ticket)
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
        if named != nil { withLastLeg(ticket) { $0.counter = event.counter } }
        if wasWaiting { tickets[ticket].flags.insert(.missingCall) }
        withLastLeg(ticket) { [now] in
            if wasWaiting {
                $0.called = $0.called ?? now
                $0.lastCall = now
                $0.started = $0.started ?? now
            } else {
                if $0.started == nil, !wasHeld, let lastCall = $0.lastCall { $0.walk = now - lastCall }
                $0.started = $0.started ?? now
            }
        }
        tickets[ticket].state = .serving
        tickets[ticket].since = now
        guard let counter = tickets[ticket].counter else { return }
        endPrevious(counter, by: ticket)
        if wasWaiting { open(counter) }
        occupy(counter, with: ticket)
        // The ticket was there already and only its state is new.
        changed(counter)
    }

    private mutating func hold(_ ticket: Int, _ event: DomainEvent) {
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

    private mutating func resume(_ ticket: Int, _ event: DomainEvent) {
        guard tickets[ticket].state == .held else { return unexpected(ticket) }
        leaveState(ticket)
        if let named = layout.counter(event.counter), named != tickets[ticket].counter {
            tickets[ticket].counter = named
            withLastLeg(ticket) { $0.counter = event.counter }
        }
        tickets[ticket].state = tickets[ticket].heldFrom
        tickets[ticket].since = now
        // A call that was interrupted goes on: time in it counts from now, its last call stays.
        guard let counter = tickets[ticket].counter else { return }
        endPrevious(counter, by: ticket)
        occupy(counter, with: ticket)
    }

    private mutating func transfer(_ ticket: Int, service: String?, counter: String?) {
        switch tickets[ticket].state {
        case .waiting, .called, .serving: break
        default: return unexpected(ticket)
        }
        leaveState(ticket)
        closeLeg(ticket)
        vacate(tickets[ticket].counter, by: ticket)
        let target = layout.counter(counter)
        if counter != nil, target == nil { count("unknownCounter") }
        let before = tickets[ticket].legs.last?.service
        tickets[ticket].legs.append(
            Leg(service: service ?? before, target: target == nil ? nil : counter, from: now))
        tickets[ticket].counter = nil
        enterWaiting(ticket)
    }

    private mutating func finishServed(_ ticket: Int, _ event: DomainEvent, quantity: Int64?) {
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

    private mutating func finishNoShow(_ ticket: Int, _ event: DomainEvent) {
        switch tickets[ticket].state {
        case .noShow: repeated(ticket, event)
        case .called: finish(ticket, .noShow)
        default: unexpected(ticket)
        }
    }

    private mutating func finishLeft(_ ticket: Int, _ event: DomainEvent) {
        if tickets[ticket].state == .left { return repeated(ticket, event) }
        guard tickets[ticket].isOpen else { return unexpected(ticket) }
        finish(ticket, .left)
    }

    private mutating func finish(_ ticket: Int, _ state: TicketState.State) {
        leaveState(ticket)
        tickets[ticket].state = state
        tickets[ticket].since = now
        tickets[ticket].finished = now
        closeLeg(ticket)
        vacate(tickets[ticket].counter, by: ticket)
    }

    // MARK: onNextCall

    /// Another number is called at a counter where nobody says "served": its ticket ends now.
    private mutating func endPrevious(_ counter: Int, by ticket: Int) {
        guard site.office.finish == .onNextCall, let before = counters[counter].occupant, before != ticket
        else { return }
        tickets[before].flags.insert(.inferredFinish)
        finishService(before)
    }

    /// Served, at a time nobody knows but by now at the latest: it accrues until then and leaves time statistics.
    /// `until`: the day's end counts no further than the last scheduled closing.
    mutating func finishUnknown(_ ticket: Int, until: Instant) {
        if tickets[ticket].state == .called { inferStart(ticket) }
        if let counter = tickets[ticket].counter { touch(counter) }
        let passed = max(until, tickets[ticket].since) - tickets[ticket].since
        withLastLeg(ticket) { $0.serving += passed }
        tickets[ticket].flags.insert(.inferredFinish)
        tickets[ticket].state = .served
        tickets[ticket].since = now
        closeLeg(ticket)
        vacate(tickets[ticket].counter, by: ticket)
    }

    private mutating func inferStart(_ ticket: Int) {
        let lastCall = tickets[ticket].legs.last?.lastCall ?? tickets[ticket].since
        let start = max(lastCall, tickets[ticket].since)
        tickets[ticket].flags.insert(.inferredStart)
        withLastLeg(ticket) { [since = tickets[ticket].since] in
            $0.calling += start - since
            $0.started = $0.started ?? start
        }
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
        tickets[ticket].state = .waiting
        tickets[ticket].since = now
        let leg = tickets[ticket].legs.last
        let set = layout.eligible(service: leg?.service, target: layout.counter(leg?.target))
        tickets[ticket].clock = ledger.clock(of: set, at: now)
        tickets[ticket].reading = ledger.reading(tickets[ticket].clock, at: now)
        touchOffice()
        waitingCount += 1
    }

    private mutating func enterCalled(_ ticket: Int, counter: Int?) {
        tickets[ticket].state = .called
        tickets[ticket].since = now
        moveCall(ticket, to: counter)
    }

    private mutating func moveCall(_ ticket: Int, to counter: Int?) {
        tickets[ticket].counter = counter
        let name = counter.map { site.counters[$0].id }
        withLastLeg(ticket) { [now] in
            $0.called = $0.called ?? now
            $0.lastCall = now
            $0.counter = name
        }
        guard let counter else { return }
        endPrevious(counter, by: ticket)
        open(counter)
        occupy(counter, with: ticket)
        changed(counter)
    }

    /// Adds the time since the state was entered to what it counts as.
    private mutating func leaveState(_ ticket: Int) {
        let passed = now - tickets[ticket].since
        // The counter's times are charged under the state that ends here.
        if let counter = tickets[ticket].counter { touch(counter) }
        switch tickets[ticket].state {
        case .waiting:
            touchOffice()
            waitingCount -= 1
            let charged = ledger.reading(tickets[ticket].clock, at: now) - tickets[ticket].reading
            let isFirst = tickets[ticket].legs.last?.called == nil
            waits.append(WaitInterval(clock: tickets[ticket].clock, from: tickets[ticket].since, until: now))
            withLastLeg(ticket) {
                $0.wait += passed
                if isFirst { $0.waitToFirstCall += passed }
                $0.causes = $0.causes + charged
            }
        case .called: withLastLeg(ticket) { $0.calling += passed }
        case .serving: withLastLeg(ticket) { $0.serving += passed }
        case .held: withLastLeg(ticket) { $0.hold += passed }
        case .served, .noShow, .left, .replaced: break
        }
        tickets[ticket].since = now
    }

    private mutating func closeLeg(_ ticket: Int) {
        withLastLeg(ticket) { [now] in $0.until = now }
    }

    private mutating func withLastLeg(_ ticket: Int, _ body: (inout Leg) -> Void) {
        let last = tickets[ticket].legs.count - 1
        if last >= 0 { body(&tickets[ticket].legs[last]) }
    }
}
