/// Folds snapshots into queues, one per device and service.
struct SnapshotFold: Sendable {
    static let queueLimit = 1_024
    /// More people than any office holds: not a count.
    static let waitingLimit: Int64 = 10_000

    struct Key: Hashable, Sendable {
        var device: Int
        var service: String?
    }

    private(set) var queues: [SnapshotState] = []
    private var index: [Key: Int] = [:]
    /// Devices whose clock stands still: what they show is old.
    private var frozen: Set<Int> = []

    /// `nil` when it was taken in.
    mutating func take(
        _ key: Key, waiting: Int64, nowServing: String?, at instant: Instant, hours: [Range<Instant>]
    ) -> Misfit? {
        guard (0...Self.waitingLimit).contains(waiting) else { return .badSnapshot }
        if let known = index[key] {
            queues[known].take(
                waiting: waiting, nowServing: nowServing, at: instant, hours: hours,
                isFrozen: frozen.contains(key.device))
            return nil
        }
        guard queues.count < Self.queueLimit else { return .tooManyQueues }
        index[key] = queues.count
        queues.append(SnapshotState(key: key, waiting: waiting, nowServing: nowServing, at: instant))
        return nil
    }

    /// Whether that is news.
    mutating func setFrozen(_ device: Int, _ isFrozen: Bool) -> Bool {
        isFrozen ? frozen.insert(device).inserted : frozen.remove(device) != nil
    }

    /// Sorted by device and service.
    func results(names: (Int) -> String, hours: [Range<Instant>], asOf: Instant) -> [SnapshotQueue] {
        // Which queues show mainly numbers of a series: one that is several queues' counts for none of them. A ticket of
        // another letter that was passed on is a guest.
        var showing: [Key: Int] = [:]
        for queue in queues {
            guard let series = queue.ownSeries else { continue }
            showing[Key(device: queue.key.device, service: series), default: 0] += 1
        }
        return queues.map { queue in
            let isOwn =
                queue.ownSeries.map { showing[Key(device: queue.key.device, service: $0)] == 1 } ?? false
            return queue.result(device: names(queue.key.device), isOwnSeries: isOwn, hours: hours, asOf: asOf)
        }.sorted { ($0.device, $0.service ?? "") < ($1.device, $1.service ?? "") }
    }
}

/// One queue's snapshots so far.
struct SnapshotState: Sendable {
    /// A believable step of the number: so many, and so many more for each minute since the last snapshot.
    static let stepBase: Int64 = 20
    static let stepPerMinute: Int64 = 10
    static let stepLimit: Int64 = 500
    /// A step back no larger than this is a call out of turn, a larger one a new numbering.
    static let stepBack: Int64 = 10
    /// A display that shows more series than this belongs to no one queue.
    static let trackLimit = 64

    /// Numbers that go on from each other; one letter may have several (901… for those with an appointment).
    private struct Track: Sendable {
        var series: String
        var highest: Int64
    }

    /// Calls between two snapshots: what a change alone proves, what a series called in turn proves, what the numbers
    /// suggest, and at most.
    private struct Step: Sendable {
        var certain: Int64 = 0
        var inTurn: Int64 = 0
        var value: Int64 = 0
        var high: Int64?
    }

    let key: SnapshotFold.Key
    private var snapshots = 1
    private var first: Instant
    private var last: Instant
    /// The last snapshot of a device whose clock ran.
    private var lastTrusted: Instant
    private var waitingAtFirst: Int64
    private var waiting: Int64
    private var maxWaiting: Int64
    private var maxWaitingAt: Instant
    private var shown: ShownNumber?
    private var tracks: [Track] = []
    private var shownIn: [(series: String, count: Int)] = []
    private var isOrderly = true
    private var resets = 0
    private var outOfOrder = 0
    private var longestGap: Int64 = 0
    private var observed: Int64 = 0
    // Calls and arrivals in all, and in the observed time alone: certain, by the numbers, at most.
    private var calls = Step(high: 0)
    private var arrivals = Step(high: 0)
    private var observedCalls = Step(high: 0)
    private var observedArrivals = Step(high: 0)
    // Person-milliseconds: by the mean of both ends; between both ends; and what the calls between them allow.
    private var area: Int64 = 0
    private var betweenLow: Int64 = 0
    private var betweenHigh: Int64 = 0
    private var allowedLow: Int64 = 0
    private var allowedHigh: Int64 = 0

    init(key: SnapshotFold.Key, waiting: Int64, nowServing: String?, at instant: Instant) {
        self.key = key
        first = instant
        last = instant
        lastTrusted = instant
        waitingAtFirst = waiting
        self.waiting = waiting
        maxWaiting = waiting
        maxWaitingAt = instant
        shown = nowServing.flatMap(ShownNumber.init)
        if let shown { tracks.append(Track(series: shown.series, highest: shown.value)) }
        note(shown)
    }

    /// The series of at least four fifths of the snapshots that showed a number.
    var ownSeries: String? {
        let all = shownIn.reduce(0) { $0 + $1.count }
        return shownIn.first { $0.count * 5 >= all * 4 }?.series
    }

    /// How many snapshots showed a number of each series.
    private mutating func note(_ number: ShownNumber?) {
        guard let number else { return }
        if let index = shownIn.firstIndex(where: { $0.series == number.series }) {
            shownIn[index].count += 1
        } else if shownIn.count < Self.trackLimit {
            shownIn.append((number.series, 1))
        }
    }

    mutating func take(
        waiting count: Int64, nowServing: String?, at instant: Instant, hours: [Range<Instant>], isFrozen: Bool
    ) {
        snapshots += 1
        let passed = instant - last
        let number = nowServing.flatMap(ShownNumber.init)
        note(number)
        let step = callsTo(number, after: passed)
        let more = count - waiting
        let came = Step(
            certain: max(0, more + step.certain), inTurn: max(0, more + step.inTurn),
            value: max(0, more + step.value), high: step.high.map { max(0, more + $0) })
        Self.add(step, to: &calls)
        Self.add(came, to: &arrivals)
        let isObserved = passed <= OfficeDay.evidenceLifetime && !isFrozen
        if isObserved {
            Self.add(step, to: &observedCalls)
            Self.add(came, to: &observedArrivals)
            area += (count + waiting) * passed
            betweenLow += min(count, waiting) * passed
            betweenHigh += max(count, waiting) * passed
            if let called = step.high, let arrived = came.high {
                allowedLow += max(0, waiting - called, count - arrived) * passed
                allowedHigh += (waiting + arrived) * passed
            }
            observed += Self.open(from: last, until: instant, hours)
        }
        if !isFrozen {
            longestGap = max(longestGap, Self.open(from: lastTrusted, until: instant, hours))
            lastTrusted = instant
        }
        waiting = count
        last = instant
        if count > maxWaiting {
            maxWaiting = count
            maxWaitingAt = instant
        }
    }

    private static func add(_ step: Step, to sum: inout Step) {
        sum.certain += step.certain
        sum.inTurn += step.inTurn
        sum.value += step.value
        if let high = sum.high, let more = step.high { sum.high = high + more } else { sum.high = nil }
    }

    /// Milliseconds of opening hours in [from, until).
    private static func open(from: Instant, until: Instant, _ hours: [Range<Instant>]) -> Int64 {
        hours.reduce(0) { $0 + max(0, min($1.upperBound, until) - max($1.lowerBound, from)) }
    }

    private mutating func callsTo(_ number: ShownNumber?, after passed: Int64) -> Step {
        guard let number else { return Step(high: shown == nil ? 0 : nil) }
        defer { shown = number }
        guard number != shown else { return Step(high: 0) }
        let believable = min(Self.stepBase + Self.stepPerMinute * (passed / 60_000 + 1), Self.stepLimit)
        for index in tracks.indices where tracks[index].series == number.series {
            let forward = number.value - tracks[index].highest
            if forward > 0, forward <= believable {
                tracks[index].highest = number.value
                return Step(certain: 1, inTurn: forward, value: forward, high: isOrderly ? forward : nil)
            }
            if forward <= 0, -forward <= Self.stepBack {
                outOfOrder += 1
                isOrderly = false
                return Step()
            }
        }
        // A display that showed nothing starts a numbering; where it stood at 1, so many have been called since.
        let isFirst = tracks.isEmpty
        if !isFirst {
            isOrderly = false
            if tracks.contains(where: { $0.series == number.series }) { resets += 1 }
        }
        if tracks.count < Self.trackLimit {
            tracks.append(Track(series: number.series, highest: number.value))
        }
        let isFromOne = isFirst && number.value <= believable
        let most = max(number.value, 1)
        return Step(certain: 1, inTurn: 1, value: isFromOne ? most : 1, high: isFromOne ? most : nil)
    }

    func result(device: String, isOwnSeries: Bool, hours: [Range<Instant>], asOf: Instant) -> SnapshotQueue {
        // In one series, called in turn, the numbers passed are the calls; else only what changed is certain.
        let isClean = isOwnSeries && isOrderly && calls.high != nil
        func inferred(_ step: Step) -> SnapshotQueue.Inferred {
            if isClean { return SnapshotQueue.Inferred(value: step.value, low: step.inTurn, high: step.high) }
            return SnapshotQueue.Inferred(
                value: isOwnSeries ? step.value : step.certain, low: step.certain, high: nil)
        }
        let hasNumbers = !tracks.isEmpty
        let called = inferred(observedCalls)
        var arrived = inferred(observedArrivals)
        arrived.high = nil
        let mean = area / 2
        let waited = SnapshotQueue.Inferred(
            value: mean, low: min(mean, isClean ? allowedLow : betweenLow),
            high: max(mean, isClean ? allowedHigh : betweenHigh))
        var wait: SnapshotQueue.Inferred?
        var waitedFor: SnapshotQueue.Inferred?
        if hasNumbers, called.value > 0 {
            // At least as many as were called and came for certain, at most as many as may have.
            let fewest = max(1, min(called.low, arrived.low, called.value))
            let most = called.high.map { max($0, arrived.value, called.value) }
            waitedFor = SnapshotQueue.Inferred(value: called.value, low: fewest, high: most)
            wait = SnapshotQueue.Inferred(
                value: waited.value / called.value, low: most.map { waited.low / $0 } ?? 0,
                high: waited.high.map { ($0 + fewest - 1) / fewest })
        }
        var arrivals = inferred(self.arrivals)
        arrivals.high = nil
        let cut = hours.map { $0.lowerBound..<max($0.lowerBound, min($0.upperBound, asOf)) }
        let before = Self.open(from: .distantPast, until: first, cut)
        let after = Self.open(from: lastTrusted, until: .distantFuture, cut)
        return SnapshotQueue(
            device: device, service: key.service, snapshots: snapshots, first: first, last: last,
            maxWaiting: maxWaiting, maxWaitingAt: maxWaitingAt, calls: hasNumbers ? inferred(calls) : nil,
            arrivals: arrivals, waited: waited, wait: wait, waitedFor: waitedFor, resets: resets,
            outOfOrder: outOfOrder,
            scheduled: cut.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }, observed: observed,
            longestGap: max(longestGap, before, after), waitingAtFirst: waitingAtFirst, waitingAtLast: waiting)
    }
}

extension OfficeDay {
    mutating func applySnapshot(_ event: Fact) {
        // A state told again says when nothing happened.
        guard !event.isRestated,
            case .queueSnapshot(let service, let waiting, let number, _) = event.kind
        else { return }
        let key = SnapshotFold.Key(device: event.device, service: service)
        if let misfit = snapshots.take(key, waiting: waiting, nowServing: number, at: now, hours: hours) {
            refuse(misfit)
        }
    }

    /// A device whose clock stands still while it answers shows what was.
    mutating func applyClock(state: String, device: Int) {
        if !snapshots.setFrozen(device, state == DeviceClock.State.frozen.rawValue) { note() }
    }

    func snapshotQueues() -> [SnapshotQueue] {
        if snapshots.queues.isEmpty { return [] }
        return snapshots.results(names: name(ofDevice:), hours: hours, asOf: now)
    }
}
