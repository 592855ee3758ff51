/// Where the waiting went: one clock per eligible set of counters, advanced at each change of state, so that the cost
/// is per event and not per waiting ticket (DOMAIN.md §6).
///
/// A ticket that begins to wait takes a reading of its set's clock; when it stops, the difference is its wait by cause.
/// Each millisecond is charged to exactly one cause, because a clock runs under exactly one cause at a time.
struct WaitLedger: Sendable {
    /// The counters that may call a ticket, in the site's order.
    struct EligibleSet: Hashable, Sendable {
        var counters: [Int]
    }

    /// What the ledger must know of a counter.
    struct Condition: Hashable, Sendable {
        enum Presence: Sendable { case present, empty, unknown }

        var isOpen = false
        var isOccupied = false
        var presence: Presence = .unknown
        /// A meeting system mapped to it is in a call.
        var isInCall = false
    }

    private struct Clock: Sendable {
        var counters: [Int]
        var total = WaitCauses()
        var cause: WaitCause
        var since: Instant
        /// Causes over the day, for the picture: each holds until the next.
        var history: [(at: Instant, cause: WaitCause)]
    }

    private var clocks: [Clock] = []
    private var index: [EligibleSet: Int] = [:]
    private var conditions: [Condition]
    /// The clocks that each counter is part of.
    private var clocksOfCounter: [[Int]]

    init(counterCount: Int) {
        conditions = Array(repeating: Condition(), count: counterCount)
        clocksOfCounter = Array(repeating: [], count: counterCount)
    }

    /// The clock of a set; a new one starts under the cause that holds now.
    mutating func clock(of set: EligibleSet, at instant: Instant) -> Int {
        if let known = index[set] { return known }
        let now = cause(set.counters)
        clocks.append(Clock(counters: set.counters, cause: now, since: instant, history: [(instant, now)]))
        for counter in set.counters where clocksOfCounter.indices.contains(counter) {
            clocksOfCounter[counter].append(clocks.count - 1)
        }
        index[set] = clocks.count - 1
        return clocks.count - 1
    }

    /// A counter's condition from `instant` on: the clocks it belongs to go on under the cause that holds now.
    mutating func set(_ condition: Condition, of counter: Int, at instant: Instant) {
        guard conditions.indices.contains(counter), conditions[counter] != condition else { return }
        conditions[counter] = condition
        for clock in clocksOfCounter[counter] {
            let now = cause(clocks[clock].counters)
            if now == clocks[clock].cause { continue }
            clocks[clock].total[clocks[clock].cause] += instant - clocks[clock].since
            clocks[clock].cause = now
            clocks[clock].since = instant
            let last = clocks[clock].history.count - 1
            if clocks[clock].history[last].at == instant {
                clocks[clock].history[last].cause = now
            } else {
                clocks[clock].history.append((instant, now))
            }
        }
    }

    /// The first line of DOMAIN.md §6 that holds.
    private func cause(_ eligible: [Int]) -> WaitCause {
        var anyOpen = false
        var anyFree = false
        var meeting = false
        var unattended = false
        for counter in eligible {
            let condition = conditions[counter]
            guard condition.isOpen else { continue }
            anyOpen = true
            if condition.isOccupied { continue }
            anyFree = true
            switch condition.presence {
            case .present: return .idle
            case .empty:
                unattended = true
                if condition.isInCall { meeting = true }
            case .unknown:
                if condition.isInCall { meeting = true }
            }
        }
        if !anyOpen { return .closed }
        if !anyFree { return .capacity }
        if meeting { return .meeting }
        return unattended ? .unattended : .unseen
    }

    /// What the clock shows at `instant`, which is not before its last change.
    func reading(_ clock: Int, at instant: Instant) -> WaitCauses {
        guard clocks.indices.contains(clock) else { return WaitCauses() }
        var reading = clocks[clock].total
        reading[clocks[clock].cause] += instant - clocks[clock].since
        return reading
    }

    /// What the clock showed at an earlier moment, read off its history.
    func pastReading(_ clock: Int, at instant: Instant) -> WaitCauses {
        var reading = WaitCauses()
        let history = history(clock)
        for (position, entry) in history.enumerated() where entry.at < instant {
            let until = position + 1 < history.count ? min(history[position + 1].at, instant) : instant
            reading[entry.cause] += until - entry.at
        }
        return reading
    }

    func history(_ clock: Int) -> [(at: Instant, cause: WaitCause)] {
        clocks.indices.contains(clock) ? clocks[clock].history : []
    }
}
