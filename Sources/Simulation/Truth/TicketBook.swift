internal import Domain

/// Books tickets and counters event by event, by the table of DOMAIN.md §3. Slow and literal on purpose: it judges
/// the fold and shares nothing with it.
struct TicketBook {
    /// What holds for a counter from `at` on.
    struct CounterStep {
        var at: Int64
        /// It was opened, paused, closed or called from today; before that its hours are its schedule.
        var isSpoken = false
        var isOpen = false
        var closesWhenFree = false
        var occupant: Int?
    }

    let site: Site
    let isExplicit: Bool
    private(set) var visits: [TruthVisit] = []
    /// By the site's order of counters, each list in order of time.
    private(set) var steps: [[CounterStep]]
    /// Events about numbers that nobody has.
    private(set) var unknown = 0

    init(site: Site) {
        self.site = site
        isExplicit = site.office.finish == .explicit
        steps = site.counters.map { _ in [] }
    }

    // MARK: Counters

    private func place(_ id: String?) -> Int? {
        id.flatMap { id in site.counters.firstIndex { $0.id == id } }
    }

    private func current(_ counter: Int) -> CounterStep {
        steps[counter].last ?? CounterStep(at: .min)
    }

    private mutating func change(_ counter: Int, at: Int64, _ body: (inout CounterStep) -> Void) {
        var step = current(counter)
        step.at = at
        body(&step)
        steps[counter].append(step)
    }

    private mutating func open(_ counter: Int?, at: Int64) {
        guard let counter else { return }
        change(counter, at: at) {
            $0.isSpoken = true
            $0.isOpen = true
            $0.closesWhenFree = false
        }
    }

    /// The occupant leaves; nobody takes its place.
    private mutating func free(_ visit: Int, at: Int64) {
        for counter in steps.indices where current(counter).occupant == visit {
            change(counter, at: at) {
                $0.occupant = nil
                if $0.closesWhenFree { $0.isOpen = false }
                $0.closesWhenFree = false
            }
        }
    }

    private mutating func occupy(_ counter: Int?, _ visit: Int, at: Int64) {
        guard let counter else { return }
        for other in steps.indices where other != counter && current(other).occupant == visit { free(visit, at: at) }
        if let before = current(counter).occupant, before != visit {
            if isExplicit {
                if visits[before].state == .serving {
                    visits[before].flags.formUnion(["overlap", "suspect"])
                    visits[visit].flags.formUnion(["overlap", "suspect"])
                }
            } else {
                serve(before, at: at, finished: at, isInferred: true)
            }
        }
        change(counter, at: at) { $0.occupant = visit }
    }

    mutating func apply(counterEvent kind: String, counter: String?, at: Int64) {
        guard let counter = place(counter) else { return }
        if kind == "counter.opened" {
            open(counter, at: at)
            return
        }
        if !isExplicit, let occupant = current(counter).occupant {
            serve(occupant, at: at, finished: nil, isInferred: true)
            free(occupant, at: at)
        }
        change(counter, at: at) {
            $0.isSpoken = true
            $0.isOpen = false
            $0.closesWhenFree = false
        }
    }

    /// The end of an interval of the opening hours.
    mutating func scheduledEnd(at: Int64) {
        for counter in steps.indices {
            if !isExplicit, let occupant = current(counter).occupant {
                serve(occupant, at: at, finished: nil, isInferred: true)
                free(occupant, at: at)
            }
            guard current(counter).isSpoken else { continue }
            change(counter, at: at) {
                if $0.occupant == nil {
                    $0.isOpen = false
                } else if $0.isOpen {
                    $0.closesWhenFree = true
                }
            }
        }
    }

    // MARK: Tickets

    private mutating func serve(_ visit: Int, at: Int64, finished: Int64?, isInferred: Bool) {
        if visits[visit].state == .called {
            // The start was never told: the last call stands in for it, and what came after it is service.
            visits[visit].flags.insert("inferredStart")
            // After a hold the call before it is no start any more: nothing counts twice.
            let start = max(visits[visit].leg.lastCall ?? at, visits[visit].leg.spans.last?.from ?? at)
            visits[visit].enter(.serving, at: start)
            if visits[visit].leg.started == nil { visits[visit].leg.started = start }
        }
        if isInferred { visits[visit].flags.insert("inferredFinish") }
        visits[visit].enter(.served, at: at)
        visits[visit].outcome = "served"
        visits[visit].finished = finished
    }

    private mutating func unexpected(_ visit: Int) {
        visits[visit].flags.formUnion(["unexpected", "suspect"])
    }

    private func latest(_ system: String, _ ticket: String) -> Int? {
        visits.lastIndex { $0.system == system && $0.ticket == ticket }
    }

    private mutating func begin(_ system: String, _ ticket: String, _ leg: TruthVisit.Leg, state: TruthVisit.State)
        -> Int
    {
        let ordinal = visits.count { $0.system == system && $0.ticket == ticket } + 1
        visits.append(TruthVisit(system: system, ticket: ticket, ordinal: ordinal, legs: [leg], state: state))
        return visits.count - 1
    }

    mutating func apply(_ event: TruthEvent, system: String) {
        guard let number = event.text("number") else { return }
        let ticket = TruthText.normal(number)
        let at = event.at.milliseconds
        let known = latest(system, ticket)
        switch event.kind {
        case "ticket.issued":
            issue(event, system, ticket, known, at: at)
            return
        case "ticket.called" where known == nil:
            let leg = TruthVisit.Leg(
                counter: place(event.counter).map { site.counters[$0].id }, called: at, lastCall: at,
                spans: [TruthVisit.Span(state: .called, from: at)])
            let visit = begin(system, ticket, leg, state: .called)
            visits[visit].flags.insert("missingIssue")
            open(place(event.counter), at: at)
            occupy(place(event.counter), visit, at: at)
            return
        default: break
        }
        guard let visit = known else {
            unknown += 1
            return
        }
        let isSame = event.counter == nil || event.counter == visits[visit].leg.counter
        let given = place(event.counter) ?? place(visits[visit].leg.counter)
        // A visit whose number was issued again has ended as well.
        let state = visits[visit].flags.contains("reissued") ? nil : visits[visit].state
        switch (event.kind, state) {
        case ("ticket.called", .waiting), ("ticket.called", .called), ("ticket.called", .held),
            ("ticket.called", .noShow):
            called(visit, from: state, at: given, time: at)
        case ("ticket.recalled", .called):
            visits[visit].leg.lastCall = at
            let own = place(visits[visit].leg.counter)
            open(own, at: at)
            occupy(own, visit, at: at)
        case ("ticket.serving", .called), ("ticket.serving", .waiting), ("ticket.serving", .held):
            if state == .waiting {
                visits[visit].flags.insert("missingCall")
                if visits[visit].leg.called == nil { visits[visit].leg.called = at }
                visits[visit].leg.lastCall = at
                open(given, at: at)
            }
            visits[visit].enter(.serving, at: at)
            if visits[visit].leg.started == nil { visits[visit].leg.started = at }
            visits[visit].leg.counter = given.map { site.counters[$0].id }
            occupy(given, visit, at: at)
        case ("ticket.serving", .serving) where isSame:
            occupy(given, visit, at: at)
        case ("ticket.served", .serving), ("ticket.served", .called):
            serve(visit, at: at, finished: at, isInferred: false)
            free(visit, at: at)
        case ("ticket.noShow", .called):
            end(visit, .noShow, at: at)
        case ("ticket.held", .serving), ("ticket.held", .called):
            visits[visit].stateBeforeHold = visits[visit].state
            visits[visit].enter(.held, at: at)
            free(visit, at: at)
        case ("ticket.resumed", .held):
            visits[visit].enter(visits[visit].stateBeforeHold, at: at)
            visits[visit].leg.counter = given.map { site.counters[$0].id }
            occupy(given, visit, at: at)
        case ("ticket.transferred", .serving), ("ticket.transferred", .called), ("ticket.transferred", .waiting):
            transfer(visit, event, at: at)
        case ("ticket.left", .waiting), ("ticket.left", .called), ("ticket.left", .serving), ("ticket.left", .held):
            end(visit, .left, at: at)
        case ("ticket.served", .served) where isSame, ("ticket.noShow", .noShow) where isSame,
            ("ticket.held", .held) where isSame, ("ticket.left", .left) where isSame:
            break
        default:
            unexpected(visit)
        }
    }

    private mutating func issue(
        _ event: TruthEvent, _ system: String, _ ticket: String, _ known: Int?, at: Int64
    ) {
        if let known {
            if visits[known].flags.contains("missingIssue"), let call = visits[known].legs[0].called,
                at - call <= 5_000
            {
                visits[known].issued = call
                visits[known].flags.remove("missingIssue")
                if visits[known].legs[0].service == nil { visits[known].legs[0].service = event.text("service") }
                return
            }
            if visits[known].isOpen {
                visits[known].closeSpan(at: at)
                visits[known].outcome = "open"
                visits[known].flags.insert("reissued")
                free(known, at: at)
            }
        }
        let leg = TruthVisit.Leg(
            service: event.text("service"), spans: [TruthVisit.Span(state: .waiting, from: at)])
        let visit = begin(system, ticket, leg, state: .waiting)
        visits[visit].issued = at
    }

    private mutating func called(_ visit: Int, from state: TruthVisit.State?, at counter: Int?, time: Int64) {
        if state == .noShow {
            visits[visit].flags.insert("revived")
            visits[visit].outcome = nil
            visits[visit].finished = nil
        }
        if state != .called { visits[visit].enter(.called, at: time) }
        if visits[visit].leg.called == nil { visits[visit].leg.called = time }
        visits[visit].leg.lastCall = time
        visits[visit].leg.counter = counter.map { site.counters[$0].id }
        open(counter, at: time)
        occupy(counter, visit, at: time)
    }

    private mutating func end(_ visit: Int, _ state: TruthVisit.State, at: Int64) {
        visits[visit].enter(state, at: at)
        visits[visit].outcome = state.rawValue
        visits[visit].finished = at
        free(visit, at: at)
    }

    private mutating func transfer(_ visit: Int, _ event: TruthEvent, at: Int64) {
        visits[visit].closeSpan(at: at)
        let target = place(event.text("toCounter")).map { site.counters[$0].id }
        visits[visit].legs.append(
            TruthVisit.Leg(service: event.text("toService") ?? visits[visit].leg.service, target: target, spans: []))
        visits[visit].enter(.waiting, at: at)
        free(visit, at: at)
    }

    // MARK: The day's end

    /// Whoever is still there is counted up to the last scheduled closing, `closing`.
    mutating func finish(closing: Int64) {
        if !isExplicit {
            for counter in steps.indices {
                if let occupant = current(counter).occupant {
                    // Called again after the last closing, it began to be served then.
                    let call = visits[occupant].state == .called ? visits[occupant].leg.lastCall : nil
                    let entry = max(visits[occupant].leg.spans.last?.from ?? closing, call ?? closing)
                    serve(occupant, at: max(entry, closing), finished: nil, isInferred: true)
                }
            }
        }
        for index in visits.indices {
            if visits[index].isOpen {
                let entry = visits[index].leg.spans.last?.from ?? closing
                visits[index].closeSpan(at: max(entry, closing))
                visits[index].outcome = "open"
            }
            for leg in visits[index].legs {
                if let service = leg.service, let limit = site.service(service)?.maxServiceMilliseconds,
                    TruthVisit.milliseconds(in: .serving, leg) > limit
                {
                    visits[index].flags.formUnion(["maxService", "suspect"])
                }
            }
        }
    }
}
