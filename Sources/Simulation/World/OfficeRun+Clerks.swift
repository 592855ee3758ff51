internal import Domain

/// Who works at a counter, and what they are up to.
final class Clerk {
    enum State { case away, idle, busy, out }

    let counter: Counter
    let plan: Scenario.CounterPlan
    let system: String
    var state = State.away
    /// The index of the opening hours they work in now.
    var shift = 0
    /// They go when free after this.
    var leavesAt: Int64 = 0
    var staysUntil: Int64 = 0
    var absences: [Absence] = []
    /// Held tickets whose citizens are back.
    var toResume: [TicketLife] = []
    var isPoked = false

    struct Absence {
        var at: Int64
        var duration: Int64
        var isMeeting: Bool
    }

    init(counter: Counter, plan: Scenario.CounterPlan, system: String) {
        self.counter = counter
        self.plan = plan
        self.system = system
    }
}

extension OfficeRun {
    func prepareClerks() {
        let rules = scenario.clerks
        for (counter, plan) in zip(scenario.site.counters, scenario.counters) {
            let device = scenario.site.device(plan.caller)
            let clerk = Clerk(counter: counter, plan: plan, system: device?.ticketSystem ?? plan.caller)
            clerks.append(clerk)
            guard plan.staffed else { continue }
            for (shift, span) in hours.enumerated() {
                let late = habits.integer(in: -rules.late / 4...max(rules.late, 1))
                self.plan(max(window.lowerBound + 1, span.lowerBound + late)) { self.come(clerk, shift: shift) }
                let count = Double(span.count)
                let whole = Double(hours.reduce(0) { $0 + $1.count })
                for (mean, isMeeting) in [(rules.leaves, false), (rules.meetings, true)] {
                    for _ in 0..<poisson(mean * count / max(whole, 1)) {
                        let median = isMeeting ? rules.meetingFor : rules.leaveFor
                        clerk.absences.append(
                            Clerk.Absence(
                                at: habits.integer(in: span.lowerBound...span.upperBound - 1),
                                duration: habits.logNormal(median: median, sigma: 0.4), isMeeting: isMeeting))
                    }
                }
            }
            clerk.absences.sort { $0.at < $1.at }
            for absence in clerk.absences { self.plan(absence.at + (endsClean ? 1 : 500)) { self.wake(clerk) } }
        }
    }

    private func poisson(_ mean: Double) -> Int {
        guard mean > 0 else { return 0 }
        var count = 0
        var product = habits.unit()
        let limit = Mathematics.exponential(-min(mean, 20))
        while product > limit, count < 100 {
            count += 1
            product *= habits.unit()
        }
        return count
    }

    private func come(_ clerk: Clerk, shift: Int) {
        guard clerk.state == .away, shift < hours.count else { return }
        clerk.shift = shift
        let isLast = shift == hours.count - 1
        let end = hours[shift].upperBound
        clerk.leavesAt = isLast ? end : end + habits.integer(in: 0...max(scenario.clerks.lunchDelay, 1))
        clerk.staysUntil = isLast && habits.happens(scenario.clerks.staysLate) ? end + scenario.clerks.stayUpTo : end
        // Nobody is still at lunch when they should be back, and nobody comes back before they left.
        clerk.state = .out
        staff(clerk, 1)
        plan(clerk.leavesAt) { self.wake(clerk) }
        plan(after: settle(6_000)) {
            if clerk.plan.opening == .button, !self.mishaps.happens(self.scenario.mishaps.strays) {
                self.tell(clerk, .counter(.opened, counter: clerk.counter.id, reason: nil))
            }
            clerk.state = .idle
            self.plan(after: self.settle(3_000)) { self.wake(clerk) }
        }
    }

    /// A short time for a person to do the next thing, around `median`.
    func settle(_ median: Int64) -> Int64 {
        // In a live half-minute nobody has seconds to lose.
        endsClean ? habits.integer(in: 20...300) : habits.logNormal(median: median, sigma: 0.6)
    }

    /// New work: the idle clerks who could do it look up.
    func poke(for ticket: TicketLife) {
        for clerk in clerks where clerk.state == .idle && !clerk.isPoked && isEligible(ticket, for: clerk) {
            clerk.isPoked = true
            plan(after: settle(scenario.clerks.reaction)) {
                clerk.isPoked = false
                self.wake(clerk)
            }
        }
    }

    /// What an idle clerk does now.
    func wake(_ clerk: Clerk) {
        guard clerk.state == .idle else { return }
        if let index = clerk.absences.firstIndex(where: { $0.at <= now && now < hours[clerk.shift].upperBound }) {
            let absence = clerk.absences.remove(at: index)
            goOut(clerk, absence)
            return
        }
        if now >= clerk.leavesAt {
            let isStaying = now < clerk.staysUntil && (next(for: clerk) != nil || !clerk.toResume.isEmpty)
            if !isStaying {
                goHome(clerk)
                return
            }
        }
        if let held = clerk.toResume.first {
            clerk.toResume.removeFirst()
            resume(clerk, held)
            return
        }
        guard let ticket = next(for: clerk) else { return }
        if habits.happens(scenario.clerks.dawdles) {
            clerk.state = .out
            plan(after: habits.logNormal(median: scenario.clerks.dawdleFor, sigma: 0.5)) {
                clerk.state = .idle
                self.wake(clerk)
            }
            return
        }
        call(clerk, ticket)
    }

    /// Done with somebody: a breath, then on.
    func breathe(_ clerk: Clerk) {
        clerk.state = .out
        plan(after: settle(scenario.clerks.gap)) {
            clerk.state = .idle
            self.wake(clerk)
        }
    }

    private func goHome(_ clerk: Clerk) {
        let isLast = clerk.shift == hours.count - 1
        clerk.state = .away
        switch isLast ? clerk.plan.evening : clerk.plan.lunch {
        case .pause: tell(clerk, .counter(.paused, counter: clerk.counter.id, reason: isLast ? nil : "lunch"))
        case .close: tell(clerk, .counter(.closed, counter: clerk.counter.id, reason: nil))
        case .nothing: break
        }
        plan(after: settle(20_000)) { if clerk.state == .away { self.staff(clerk, 0) } }
    }

    private func goOut(_ clerk: Clerk, _ absence: Clerk.Absence) {
        clerk.state = .out
        let pauses = habits.happens(scenario.clerks.pausesOnLeave)
        if pauses {
            let reason = absence.isMeeting ? "meeting" : habits.happens(0.5) ? "break" : nil
            tell(clerk, .counter(.paused, counter: clerk.counter.id, reason: reason))
        }
        let staysAtDesk = absence.isMeeting && habits.happens(0.2)
        if !staysAtDesk { plan(after: settle(5_000)) { self.staff(clerk, 0) } }
        if absence.isMeeting, let room = rooms.first(where: { clerk.counter.meetings.contains($0.device) }) {
            plan(after: settle(40_000)) { self.startCall(room, for: absence.duration * 9 / 10) }
        }
        plan(after: absence.duration + (endsClean ? 320 : 5_000)) {
            if !staysAtDesk { self.staff(clerk, 1) }
            self.plan(after: self.settle(4_000)) {
                // Some come back to a paused counter and just call the next one.
                if pauses, self.habits.happens(0.7) {
                    self.tell(clerk, .counter(.opened, counter: clerk.counter.id, reason: nil))
                }
                clerk.state = .idle
                self.wake(clerk)
            }
        }
    }

    /// The counter's caller terminal speaks; now and then it says the same thing twice.
    func tell(_ clerk: Clerk, _ fact: Fact) {
        say(clerk.plan.caller, [fact])
        if mishaps.happens(scenario.mishaps.repeats) {
            plan(after: mishaps.integer(in: 40...400 as ClosedRange<Int64>)) { self.say(clerk.plan.caller, [fact]) }
        }
    }
}
