internal import Domain

/// A citizen with a slip, as the world knows them.
final class TicketLife {
    enum State {
        case waiting, called, serving, held, served, noShow, left
        var isEnded: Bool { self == .served || self == .noShow || self == .left }
    }

    let number: String
    let system: String
    let arrived: Int64
    var service: Int
    var target: String?
    var priority: Bool
    var state = State.waiting
    var waitingSince: Int64
    /// The slip's message went out.
    var isIssued = false
    /// Walked off without telling anybody.
    var isGone = false
    /// Service time still to come after a hold.
    var remaining: Int64 = 0

    init(number: String, system: String, service: Int, priority: Bool, now: Int64) {
        self.number = number
        self.system = system
        self.service = service
        self.priority = priority
        arrived = now
        waitingSince = now
    }
}

extension OfficeRun {
    /// Arrivals: a Poisson process at the profile's peak rate, thinned to the rate of the hour.
    func prepareArrivals() {
        let profile = scenario.arrivals.profile
        let midnight = clock.start(of: day).milliseconds
        var weights: [(span: Range<Int64>, perMillisecond: Double)] = []
        for (index, entry) in profile.enumerated() {
            let end = index + 1 < profile.count ? profile[index + 1].from : 86_400_000
            let full = midnight + entry.from..<midnight + max(end, entry.from)
            let seen = full.clamped(to: window)
            if full.isEmpty || seen.isEmpty { continue }
            // An entry's weight is what arrives in its whole time.
            weights.append((seen, entry.weight / Double(full.count)))
        }
        let total = weights.reduce(0) { $0 + $1.perMillisecond * Double($1.span.count) }
        guard total > 0 else { return }
        let scale = scenario.arrivals.expected / total
        let peak = (weights.map(\.perMillisecond).max() ?? 0) * scale
        guard peak > 0 else { return }
        var at = window.lowerBound
        let mean = max(1, Int64(1 / peak))
        while true {
            at += people.exponential(mean: mean)
            guard at < window.upperBound else { break }
            let rate = (weights.first { $0.span.contains(at) }?.perMillisecond ?? 0) * scale
            if people.happens(rate / peak) { plan(at) { self.arrive() } }
        }
    }

    private func arrive() {
        guard let service = people.index(weights: scenario.services.map(\.share)) else { return }
        let plan = scenario.services[service]
        let isPriority = people.happens(scenario.people.priority)
        let isRemote = people.happens(scenario.people.remote)
        let patience = people.logNormal(median: scenario.people.patience, sigma: scenario.people.patienceSpread)
        let ticket = TicketLife(
            number: number(for: service), system: plan.system, service: service, priority: isPriority, now: now)
        tickets.append(ticket)
        if mishaps.happens(scenario.mishaps.missingIssue) {
            ticket.isIssued = false
        } else {
            issue(ticket, channel: isRemote ? "web" : "kiosk")
        }
        self.plan(after: patience) { self.loseHeart(ticket) }
        poke(for: ticket)
    }

    /// The next number of a service, or one that is out already when the roll was reset.
    private func number(for service: Int) -> String {
        let plan = scenario.services[service]
        if mishaps.happens(scenario.mishaps.reissues),
            let other = mishaps.pick(tickets.filter { $0.service == service && !$0.state.isEnded && $0.isIssued })
        {
            return other.number
        }
        let count = nextNumber[service]
        nextNumber[service] += 1
        let digits = String(count)
        let zeros = String(repeating: "0", count: max(0, 3 - digits.utf8.count))
        return plan.prefix + plan.separator + zeros + digits
    }

    func issue(_ ticket: TicketLife, channel: String) {
        guard let device = systemDevice(of: ticket.system) else { return }
        var fact = Fact.Ticket(.issued, number: ticket.number)
        fact.service = scenario.services[ticket.service].id
        fact.channel = channel
        fact.priority = ticket.priority ? 1 : 0
        say(device, [.ticket(fact)])
        ticket.isIssued = true
    }

    private func loseHeart(_ ticket: TicketLife) {
        guard ticket.state == .waiting, !ticket.isGone else { return }
        if people.happens(scenario.people.cancels), ticket.isIssued, let device = systemDevice(of: ticket.system) {
            say(device, [.ticket(Fact.Ticket(.left, number: ticket.number))])
            ticket.state = .left
        } else {
            ticket.isGone = true
        }
    }

    /// The one to call next at a counter: priority first, then who waits longest.
    func next(for clerk: Clerk) -> TicketLife? {
        var best: TicketLife?
        for ticket in tickets where ticket.state == .waiting && isEligible(ticket, for: clerk) {
            guard let current = best else {
                best = ticket
                continue
            }
            if ticket.priority != current.priority {
                if ticket.priority { best = ticket }
            } else if ticket.waitingSince < current.waitingSince {
                best = ticket
            }
        }
        return best
    }

    func isEligible(_ ticket: TicketLife, for clerk: Clerk) -> Bool {
        guard ticket.system == clerk.system else { return false }
        if let target = ticket.target { return target == clerk.counter.id }
        return clerk.counter.services.contains(scenario.services[ticket.service].id)
    }
}
