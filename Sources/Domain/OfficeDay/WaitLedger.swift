/// Where the waiting went: one clock per eligible set of counters, advanced at each change of state, so that the cost
/// is per event and not per waiting ticket (DOMAIN.md §6).
///
/// A ticket that begins to wait takes a reading of its set's clock; when it stops, the difference is its wait by cause.
/// Each millisecond is charged to exactly one cause, because a clock runs under exactly one cause at a time.
struct WaitLedger: Sendable {
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
        var counters: CounterSet
        var total = WaitCauses()
        var cause: WaitCause
        var since: Instant
        /// Causes over the day, each until the next, with what the clock showed when it began.
        var history: [Entry]
    }

    struct Entry: Sendable {
        var at: Instant
        var cause: WaitCause
        var total: WaitCauses
    }

    private let sets: [CounterSet]
    /// No more than 64 counters: every set is one word.
    private let isSmall: Bool
    private var clocks: [Clock] = []
    /// The first word of each clock's counters.
    private var words: [UInt64] = []
    /// Per eligible set its clock, once somebody waited for it.
    private var clockOfSet: [Int?]
    private var conditions: [Condition]
    // The conditions once more, as bits: a cause is a few operations then.
    private var open = CounterSet()
    private var occupied = CounterSet()
    private var present = CounterSet()
    private var empty = CounterSet()
    private var inCall = CounterSet()

    init(counterCount: Int, sets: [CounterSet]) {
        self.sets = sets
        isSmall = counterCount <= 64
        clockOfSet = Array(repeating: nil, count: sets.count)
        conditions = Array(repeating: Condition(), count: counterCount)
    }

    /// The clock of an eligible set; a new one starts under the cause that holds now.
    mutating func clock(ofSet set: Int, at instant: Instant) -> Int {
        if let known = clockOfSet[set] { return known }
        let now = cause(sets[set])
        clocks.append(
            Clock(
                counters: sets[set], cause: now, since: instant,
                history: [Entry(at: instant, cause: now, total: WaitCauses())]))
        clocks[clocks.count - 1].history.reserveCapacity(64)
        words.append(sets[set].low)
        clockOfSet[set] = clocks.count - 1
        return clocks.count - 1
    }

    /// A counter's condition from `instant` on: the clocks it belongs to go on under the cause that holds now.
    mutating func set(_ condition: Condition, of counter: Int, at instant: Instant) {
        guard conditions.indices.contains(counter), conditions[counter] != condition else { return }
        conditions[counter] = condition
        open.set(counter, condition.isOpen)
        occupied.set(counter, condition.isOccupied)
        present.set(counter, condition.presence == .present)
        empty.set(counter, condition.presence == .empty)
        inCall.set(counter, condition.isInCall)
        let bit: UInt64 = 1 << UInt64(counter % 64)
        for clock in clocks.indices {
            guard isSmall ? words[clock] & bit != 0 : clocks[clock].counters.contains(counter) else { continue }
            let now = isSmall ? smallCause(words[clock]) : cause(clocks[clock].counters)
            if now == clocks[clock].cause { continue }
            clocks[clock].total[clocks[clock].cause] += instant - clocks[clock].since
            clocks[clock].cause = now
            clocks[clock].since = instant
            let last = clocks[clock].history.count - 1
            if clocks[clock].history[last].at == instant {
                clocks[clock].history[last].cause = now
            } else {
                clocks[clock].history.append(Entry(at: instant, cause: now, total: clocks[clock].total))
            }
        }
    }

    /// The first line of DOMAIN.md §6 that holds.
    private func cause(_ eligible: CounterSet) -> WaitCause {
        var anyOpen: UInt64 = 0
        var anyFree: UInt64 = 0
        var anyPresent: UInt64 = 0
        var anyInCall: UInt64 = 0
        var anyEmpty: UInt64 = 0
        for word in 0..<eligible.wordCount {
            let opened = eligible.word(word) & open.word(word)
            let free = opened & ~occupied.word(word)
            anyOpen |= opened
            anyFree |= free
            anyPresent |= free & present.word(word)
            anyInCall |= free & inCall.word(word)
            anyEmpty |= free & empty.word(word)
        }
        if anyOpen == 0 { return .closed }
        if anyFree == 0 { return .capacity }
        if anyPresent != 0 { return .idle }
        // Nobody is seen at a free counter, so one that is in a call is empty or unknown.
        if anyInCall != 0 { return .meeting }
        return anyEmpty != 0 ? .unattended : .unseen
    }

    /// The same for one word of counters.
    private func smallCause(_ eligible: UInt64) -> WaitCause {
        let opened = eligible & open.low
        if opened == 0 { return .closed }
        let free = opened & ~occupied.low
        if free == 0 { return .capacity }
        if free & present.low != 0 { return .idle }
        if free & inCall.low != 0 { return .meeting }
        return free & empty.low != 0 ? .unattended : .unseen
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
        guard clocks.indices.contains(clock) else { return WaitCauses() }
        // The last entry before the moment, by halving.
        var low = 0
        var high = clocks[clock].history.count
        while low < high {
            let middle = (low + high) / 2
            if clocks[clock].history[middle].at < instant { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return WaitCauses() }
        let entry = clocks[clock].history[low - 1]
        var reading = entry.total
        reading[entry.cause] += instant - entry.at
        return reading
    }

    func history(_ clock: Int) -> [Entry] {
        clocks.indices.contains(clock) ? clocks[clock].history : []
    }
}
