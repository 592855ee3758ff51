/// Whether a device's own time can be believed, and when what it says really happened (DOMAIN.md §4).
///
/// The agent's clock is the authority. A device's clock is used for one thing only: a message that was held back (a
/// network that was down) tells by its stamp when it happened, once we know how far that clock is off.
///
/// One report is one pair of (observed, stamped); pairs that come again say nothing new. A report whose offset agrees
/// with the baseline belongs to the running stretch. One that does not is held back (late) or a candidate for a new
/// stretch: three in a row that agree with each other end the old one.
public struct DeviceClock: Hashable, Sendable {
    /// When an observation happened, and what is known about that.
    public struct Placement: Hashable, Sendable {
        public var at: Instant
        public var flags: EventFlags
    }

    /// Offsets that the baseline is taken from, and how many must agree before anything is known.
    public static let windowLimit = 31
    public static let windowMinimum = 3
    /// Milliseconds beyond the baseline, besides the resolution, from which on a message was held back.
    public static let lateness: Int64 = 5_000
    /// Milliseconds, besides the resolution, within which a clock is right.
    public static let tolerance: Int64 = 2_000
    /// A stamp that comes three times over so many milliseconds stands still.
    public static let frozenAfter: Int64 = 600_000
    /// A day: farther off a clock is dead, and for as long as this a jump is remembered as one.
    static let day: Int64 = 86_400_000
    /// What is held back comes at once when it comes; a clock that was set back goes on being behind.
    static let jumpSpan: Int64 = 60_000
    /// Stretches that are remembered; older ones are forgotten.
    public static let stretchLimit = 512

    let clock: OfficeClock
    private var stampedGrid = TimeGrid()
    private var observedGrid = TimeGrid()
    private var window = ClockWindow(limit: Self.windowLimit)
    private var isSettled = false
    private var candidates: [ClockReport] = []
    private var highest: Instant?
    private var run: StillRun?
    private var track: ClockTrack?
    private var beganWithJump = false
    /// The class of the running stretch, and the one before the clock froze.
    private var current = State.none
    private var beforeFreeze = State.none
    private var line: ClockTrack.Line?
    private var finished: [Stretch] = []
    private var last: (report: ClockReport, placement: Placement)?
    private var heard: (from: Instant, to: Instant, count: Int)?
    private var announced = State.none
    private var change: Change?
    public private(set) var lateCount = 0

    /// `clock` is the office's: what a wrong year is depends on the calendar.
    public init(clock: OfficeClock = OfficeClock(offsetSeconds: 0)) {
        self.clock = clock
    }

    public var state: State { current }
    /// The median of the window, milliseconds; 0 before the first agreement.
    public var baseline: Int64 { window.median }
    /// The grid of the stamps seen so far: whole minutes, whole seconds or milliseconds.
    public var resolution: Int64 { stampedGrid.step }

    /// The class that the clock has now, if it is another one than at the last call.
    public mutating func takeChange() -> Change? {
        defer { change = nil }
        return change
    }

    /// When something happened that nobody but the device saw: its stamp, set right by what is known of its clock.
    public mutating func believe(stamped: Instant) -> Instant {
        heard = (heard?.from ?? stamped, max(heard?.to ?? stamped, stamped), (heard?.count ?? 0) + 1)
        return isSettled ? stamped + window.median : stamped
    }

    /// Places one message. `at` is `observed` but for late ones: then it is `stamped` plus the baseline.
    public mutating func place(observed: Instant, stamped: Instant?) -> Placement {
        heard = (heard?.from ?? observed, max(heard?.to ?? observed, observed), (heard?.count ?? 0) + 1)
        guard let stamped, stamped > .distantPast, stamped < .distantFuture else {
            return Placement(at: observed, flags: [])
        }
        let report = ClockReport(observed: observed, stamped: stamped)
        if let last, last.report == report { return last.placement }
        stampedGrid.learn(stamped)
        observedGrid.learn(observed)
        let placement = weigh(report)
        highest = max(highest ?? stamped, stamped)
        last = (report, placement)
        announce()
        return placement
    }

    /// What rounding alone can make of an offset: both clocks tell a time on a grid.
    private var slack: Int64 { stampedGrid.step + observedGrid.slack }

    private mutating func weigh(_ report: ClockReport) -> Placement {
        let observed = Placement(at: report.observed, flags: [])
        if isStill(report) { return observed }
        guard isSettled else {
            settle(report)
            return observed
        }
        let expected = window.expected(at: report.observed, near: report.offset, within: Self.lateness + slack)
        let deviation = report.offset &- expected
        if deviation.magnitude <= UInt64(Self.lateness + slack) {
            accept(report)
            return observed
        }
        let wentBack = highest.map { report.stamped < $0 } ?? false
        let isLate = deviation > 0 && !wentBack
        if isLate { lateCount += 1 }
        candidate(report, deviation)
        return isLate ? Placement(at: report.stamped + expected, flags: .late) : observed
    }

    // MARK: Agreement

    /// Before anything is known: three in a row that agree, or as many as the window holds if none ever do.
    private mutating func settle(_ report: ClockReport) {
        // Several rows of one poll bear one stamp, and are one witness.
        if candidates.last?.stamped == report.stamped { return }
        candidates.append(report)
        let recent = candidates.suffix(Self.windowMinimum)
        if recent.count == Self.windowMinimum, spread(recent) <= Self.tolerance + slack {
            // What came before and fits was the same clock; what does not was held back, or noise.
            let middle = recent.map(\.offset).sorted()[Self.windowMinimum / 2]
            begin(
                candidates.filter { ($0.offset &- middle).magnitude <= UInt64(Self.lateness + slack) }, isJump: false)
        } else if candidates.count >= Self.windowLimit {
            begin(candidates, isJump: false)
        }
    }

    private func spread(_ reports: some Sequence<ClockReport>) -> Int64 {
        let offsets = reports.map(\.offset)
        guard let low = offsets.min(), let high = offsets.max() else { return 0 }
        return high &- low
    }

    private mutating func accept(_ report: ClockReport) {
        candidates = []
        if window.last?.stamped != report.stamped { window.add(report) }
        if let first = track?.first, beganWithJump, current == .jumped, report.observed - first > Self.day {
            // A jump is news for a day; from then on it is how the clock goes.
            endTrack()
            beganWithJump = false
        }
        if track == nil {
            track = ClockTrack(at: report.observed, offset: report.offset)
        } else if track?.add(report.observed, report.offset) == true {
            line = track?.line
        }
        classify(report)
    }

    /// The reports say something else than the baseline does: three in a row that agree are the new truth.
    private mutating func candidate(_ report: ClockReport, _ deviation: Int64) {
        if let first = candidates.first, (first.offset &- report.offset).magnitude > UInt64(Self.tolerance + slack) {
            candidates = []
        }
        if candidates.last?.stamped == report.stamped { return }
        candidates.append(report)
        guard candidates.count >= Self.windowMinimum, let first = candidates.first,
            deviation < 0 || report.observed - first.observed >= Self.jumpSpan,
            // A clock that always scatters has not been set because three scattered alike.
            deviation.magnitude > UInt64(4 * window.scatter + Self.lateness + slack)
        else {
            if candidates.count > Self.windowLimit { candidates.removeFirst() }
            return
        }
        endTrack()
        highest = nil
        begin(candidates, isJump: true)
    }

    private mutating func begin(_ reports: [ClockReport], isJump: Bool) {
        candidates = []
        window.removeAll()
        isSettled = true
        beganWithJump = isJump
        current = .none
        for report in reports {
            window.add(report)
            if track == nil {
                track = ClockTrack(at: report.observed, offset: report.offset)
            } else {
                _ = track?.add(report.observed, report.offset)
            }
        }
        line = track?.line
        if let report = reports.last { classify(report) }
    }

    private mutating func endTrack() {
        if let stretch = runningStretch { finish(stretch) }
        track = nil
        line = nil
    }

    private mutating func finish(_ stretch: Stretch) {
        if finished.count >= Self.stretchLimit { finished.removeFirst() }
        finished.append(stretch)
    }

    // MARK: Standing still

    /// Reports that bear one stamp.
    private struct StillRun: Hashable, Sendable {
        var stamped: Instant
        var first: Instant
        /// The second report of them: the first that shows it.
        var repeated: Instant?
        var last: Instant
        var count = 1
    }

    /// A stamp that stays the same while our clock moves on is a clock that stopped, not a message held back.
    private mutating func isStill(_ report: ClockReport) -> Bool {
        guard var known = run, known.stamped == report.stamped, report.observed >= known.last else {
            if current == .frozen { thaw() }
            run = StillRun(stamped: report.stamped, first: report.observed, last: report.observed)
            return false
        }
        known.count += 1
        known.last = report.observed
        known.repeated = known.repeated ?? report.observed
        run = known
        let passed = report.observed - known.first
        if current != .frozen, known.count >= Self.windowMinimum, passed >= Self.frozenAfter {
            endTrack()
            candidates = []
            beforeFreeze = current
            current = .frozen
        }
        return current == .frozen || passed > Self.lateness + slack
    }

    /// It goes again. If it goes as before, the next report says so.
    private mutating func thaw() {
        if let stretch = runningStretch { finish(stretch) }
        current = beforeFreeze
    }

    // MARK: Classes

    private mutating func classify(_ report: ClockReport) {
        guard let track else { return }
        let limit = Double(Self.tolerance + stampedGrid.step)
        let offset = (track.recentMean - bias).magnitude
        let isSuspected = current == .skewed || current == .jumped
        if isWrongYear(report) {
            current = .wrongYear
        } else if offset > Double(Self.day) {
            current = .dead
        } else if isDrifting(limit) {
            current = .drifting
        } else if offset <= (isSuspected ? 0.8 * limit : limit) {
            current = .trusted
        } else {
            current = beganWithJump ? .jumped : .skewed
        }
    }

    /// Rounding down on average takes half a step from each clock.
    private var bias: Double { Double(stampedGrid.slack - observedGrid.slack) / 2 }

    /// A course that is a straight line, of a length that matters.
    private func isDrifting(_ limit: Double) -> Bool {
        guard let line else { return false }
        let total = line.total.magnitude
        if current == .drifting { return total > limit / 2 && line.certainty > 3 }
        return total > limit && line.certainty > 6 && line.residual <= total / 4 + Double(slack) / 2
    }

    private func isWrongYear(_ report: ClockReport) -> Bool {
        let days = report.offset.magnitude / UInt64(Self.day)
        guard (364...367).contains(days) else { return false }
        let today = clock.day(of: report.observed).components
        guard (today.month == 12 && today.day >= 22) || (today.month == 1 && today.day <= 10) else { return false }
        let told = clock.day(of: report.stamped).components
        let year = report.offset > 0 ? told.year + 1 : told.year - 1
        guard let day = LocalDay(year: year, month: told.month, day: told.day) else { return false }
        let meant = clock.instant(day, milliseconds: clock.timeOfDay(report.stamped))
        return (report.observed - meant).magnitude <= UInt64(Self.day / 2)
    }

    private mutating func announce() {
        guard current != announced else { return }
        announced = current
        let stretch = runningStretch
        change = Change(
            state: current, offset: stretch.map { Int64($0.offset.rounded()) },
            drift: current == .drifting ? stretch.map { Int64($0.drift.rounded()) } : nil)
    }

    // MARK: Stretches

    private var runningStretch: Stretch? {
        if current == .frozen, let run {
            return Stretch(
                state: .frozen, offset: Double(run.last - run.stamped) - bias, drift: 0,
                from: run.repeated ?? run.first,
                to: run.last, reports: run.count - 1)
        }
        guard let track else { return nil }
        let isDrifting = current == .drifting
        let offset = isDrifting ? Double(track.reference) + (line?.end ?? 0) : track.mean
        return Stretch(
            state: current, offset: offset - bias, drift: isDrifting ? (line?.slope ?? 0) * Double(Self.day) : 0,
            from: track.first, to: track.last, reports: track.count)
    }

    /// What the clock has been worth, from the first message on; one `none` where nothing could be said. Empty for a
    /// device that said nothing.
    public var stretches: [Stretch] {
        let all = finished + (runningStretch.map { [$0] } ?? [])
        guard all.isEmpty, let heard else { return all }
        return [
            Stretch(state: .none, offset: 0, drift: 0, from: heard.from, to: heard.to, reports: heard.count)
        ]
    }
}

extension DeviceClock {
    public static func == (a: Self, b: Self) -> Bool {
        a.stretches == b.stretches && a.window == b.window && a.candidates == b.candidates && a.run == b.run
            && a.highest == b.highest && a.lateCount == b.lateCount && a.announced == b.announced
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(window)
        hasher.combine(lateCount)
    }
}
