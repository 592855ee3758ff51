internal import Domain

/// What happens between a clerk and a citizen.
extension OfficeRun {
    private func fact(_ action: Fact.TicketAction, _ ticket: TicketLife, _ clerk: Clerk) -> Fact {
        .ticket(Fact.Ticket(action, number: ticket.number, counter: clerk.counter.id))
    }

    func call(_ clerk: Clerk, _ ticket: TicketLife) {
        clerk.state = .busy
        ticket.state = .called
        stray(near: ticket, clerk)
        if ticket.isIssued, !ticket.isGone, habits.happens(scenario.clerks.skipsCall) {
            plan(after: settle(4_000)) { self.serve(clerk, ticket, says: true) }
            return
        }
        tell(clerk, fact(.called, ticket, clerk))
        if !ticket.isIssued, mishaps.happens(scenario.mishaps.lateIssue) {
            // Up to five seconds after the call the slip still belongs to the visit; some come later.
            plan(after: mishaps.integer(in: 300...6_500 as ClosedRange<Int64>)) {
                if !ticket.isIssued { self.issue(ticket, channel: "kiosk") }
            }
        }
        if mishaps.happens(scenario.mishaps.movedCalls), let other = takesOver(from: clerk) {
            other.state = .busy
            plan(after: settle(5_000)) {
                self.breathe(clerk)
                self.tell(other, self.fact(.called, ticket, other))
                self.approach(other, ticket)
            }
            return
        }
        approach(clerk, ticket)
    }

    private func takesOver(from clerk: Clerk) -> Clerk? {
        clerks.first { $0 !== clerk && $0.state == .idle && $0.system == clerk.system }
    }

    private func approach(_ clerk: Clerk, _ ticket: TicketLife) {
        if ticket.isGone {
            recall(clerk, ticket, left: habits.integer(in: 0...max(scenario.clerks.recalls, 0)))
            return
        }
        let walk = habits.logNormal(median: scenario.people.walk, sigma: 0.5)
        if walk > scenario.clerks.recallAfter {
            plan(after: scenario.clerks.recallAfter) { self.tell(clerk, self.fact(.recalled, ticket, clerk)) }
        }
        plan(after: walk + 20) {
            self.serve(clerk, ticket, says: !self.habits.happens(self.scenario.clerks.forgetsStart))
        }
    }

    private func recall(_ clerk: Clerk, _ ticket: TicketLife, left: Int) {
        plan(after: settle(scenario.clerks.recallAfter)) {
            if left > 0 {
                self.tell(clerk, self.fact(.recalled, ticket, clerk))
                self.recall(clerk, ticket, left: left - 1)
                return
            }
            self.tell(clerk, self.fact(.noshow, ticket, clerk))
            ticket.state = .noShow
            self.breathe(clerk)
            if self.mishaps.happens(self.scenario.mishaps.revivals) {
                self.plan(after: self.habits.logNormal(median: self.scenario.clerks.leaveFor, sigma: 0.5)) {
                    self.comeBack(ticket)
                }
            }
        }
    }

    /// A no-show stands in front of the counter after all: whoever is next free calls them again.
    private func comeBack(_ ticket: TicketLife) {
        guard ticket.state == .noShow else { return }
        ticket.isGone = false
        ticket.state = .waiting
        poke(for: ticket)
    }

    private func serve(_ clerk: Clerk, _ ticket: TicketLife, says: Bool) {
        ticket.state = .serving
        if says { tell(clerk, fact(.serving, ticket, clerk)) }
        visitors(clerk, habits.happens(0.2) ? 2 : 1)
        if habits.happens(scenario.clerks.company) {
            staff(clerk, 2)
            plan(after: settle(90_000)) { if clerk.state != .away { self.staff(clerk, 1) } }
        }
        let service = scenario.services[ticket.service]
        let duration = habits.logNormal(median: service.median, sigma: service.spread)
        if habits.happens(scenario.clerks.holds) {
            ticket.remaining = duration / 2
            plan(after: duration / 2) { self.hold(clerk, ticket) }
        } else {
            plan(after: duration) { self.finish(clerk, ticket) }
        }
    }

    private func hold(_ clerk: Clerk, _ ticket: TicketLife) {
        tell(clerk, fact(.held, ticket, clerk))
        ticket.state = .held
        visitors(clerk, 0)
        let pause = habits.logNormal(median: scenario.clerks.holdFor, sigma: 0.4)
        if habits.happens(0.4) {
            // The clerk waits for the copies.
            clerk.state = .out
            plan(after: pause) { self.resume(clerk, ticket) }
            return
        }
        breathe(clerk)
        plan(after: pause) {
            clerk.toResume.append(ticket)
            self.wake(clerk)
        }
    }

    func resume(_ clerk: Clerk, _ ticket: TicketLife) {
        clerk.state = .busy
        ticket.state = .serving
        if habits.happens(0.25) {
            tell(clerk, fact(.called, ticket, clerk))
            plan(after: settle(3_000)) { self.tell(clerk, self.fact(.serving, ticket, clerk)) }
        } else {
            tell(clerk, fact(.resumed, ticket, clerk))
        }
        visitors(clerk, 1)
        plan(after: max(ticket.remaining, 1_000)) { self.finish(clerk, ticket) }
    }

    private func finish(_ clerk: Clerk, _ ticket: TicketLife) {
        visitors(clerk, 0)
        if habits.happens(scenario.clerks.transfers), transfer(clerk, ticket) {
            breathe(clerk)
            return
        }
        ticket.state = .served
        if habits.happens(scenario.clerks.forgetsFinish) {
            breathe(clerk)
            // Sometimes it is found on the screen later.
            if scenario.site.office.finish == .explicit, habits.happens(0.5) {
                plan(after: habits.logNormal(median: 4 * scenario.clerks.holdFor, sigma: 0.5)) {
                    self.tell(clerk, self.served(clerk, ticket))
                }
            }
            return
        }
        tell(clerk, served(clerk, ticket))
        breathe(clerk)
    }

    private func served(_ clerk: Clerk, _ ticket: TicketLife) -> Fact {
        var fact = Fact.Ticket(.served, number: ticket.number, counter: clerk.counter.id)
        if habits.happens(scenario.clerks.tellsOutcome) {
            fact.quantity = habits.integer(in: 1...3 as ClosedRange<Int64>)
            fact.outcome = habits.happens(0.85) ? "done" : habits.happens(0.5) ? "incomplete" : "referred"
        }
        return .ticket(fact)
    }

    private func transfer(_ clerk: Clerk, _ ticket: TicketLife) -> Bool {
        let others = clerks.filter { $0 !== clerk && $0.system == clerk.system && $0.plan.staffed }
        guard let other = habits.pick(others) else { return false }
        var fact = Fact.Ticket(.transferred, number: ticket.number, counter: clerk.counter.id)
        if habits.happens(scenario.clerks.transfersToCounter) {
            fact.toCounter = other.counter.id
            ticket.target = other.counter.id
        } else {
            let choices = scenario.services.indices.filter {
                scenario.services[$0].system == ticket.system
                    && other.counter.services.contains(scenario.services[$0].id)
            }
            guard let service = habits.pick(choices) else { return false }
            fact.toService = scenario.services[service].id
            ticket.service = service
            ticket.target = nil
        }
        ticket.state = .waiting
        ticket.waitingSince = now
        tell(clerk, .ticket(fact))
        poke(for: ticket)
        return true
    }

    /// An event that the state machine has no row for, or about a number that nobody has.
    private func stray(near ticket: TicketLife, _ clerk: Clerk) {
        guard mishaps.happens(scenario.mishaps.strays) else { return }
        let actions: [Fact.TicketAction] = [
            .held, .resumed, .noshow, .served, .transferred, .serving, .left, .recalled,
        ]
        guard let action = mishaps.pick(actions) else { return }
        let number = mishaps.happens(0.3) ? "Z999" : mishaps.pick(tickets)?.number ?? ticket.number
        var fact = Fact.Ticket(action, number: number, counter: action == .left ? nil : clerk.counter.id)
        if action == .transferred { fact.toService = scenario.services[ticket.service].id }
        tell(clerk, .ticket(fact))
    }
}
