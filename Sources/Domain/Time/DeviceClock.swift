/// Whether a device's own time can be believed, and when what it says really happened (DOMAIN.md §4).
///
/// The agent's clock is the authority. A device's clock is used for one thing only: a message that was held back (a
/// network that was down) tells by its stamp when it happened, once we know how far that clock is off.
public struct DeviceClock: Hashable, Sendable {
    public enum Trust: String, Hashable, Sendable, CaseIterable {
        /// No stamp yet.
        case none
        /// Within 2 s + resolution of ours.
        case trusted
        /// Off by a constant.
        case skewed
    }

    /// When an observation happened, and what is known about that.
    public struct Placement: Hashable, Sendable {
        public var at: Instant
        public var flags: EventFlags
    }

    /// Offsets that the baseline is taken from, and how many are needed before lateness can be told.
    public static let windowLimit = 31
    public static let windowMinimum = 3
    /// Milliseconds beyond the baseline, besides the resolution, from which on a message was held back.
    public static let lateness: Int64 = 5_000
    /// Milliseconds, besides the resolution, within which a clock is right.
    public static let tolerance: Int64 = 2_000

    /// Observed − stamped of the last messages that were not late, oldest first.
    private var offsets: [Int64] = []
    /// The highest stamp so far, and when it was first seen.
    private var highest: Instant?
    private var highestSeen = Instant.distantPast
    /// Offsets after the stamps went backwards, as long as they agree with each other: a clock that was set back.
    private var afterStep: [Int64] = []
    /// The median of the window, milliseconds; 0 before the first stamp.
    public private(set) var baseline: Int64 = 0
    /// The grid of the stamps seen so far: whole minutes, whole seconds or milliseconds.
    public private(set) var resolution: Int64 = 60_000
    public private(set) var lateCount = 0

    public init() {}

    public var trust: Trust {
        if offsets.isEmpty { return .none }
        return abs(baseline) <= Self.tolerance + resolution ? .trusted : .skewed
    }

    /// Places one message. `at` is `observed` but for late ones: then it is `stamped` plus the baseline.
    public mutating func place(observed: Instant, stamped: Instant?) -> Placement {
        guard let stamped, stamped > .distantPast, stamped < .distantFuture else {
            return Placement(at: observed, flags: [])
        }
        learnResolution(stamped)
        let offset = observed - stamped
        let wentBack = highest.map { stamped < $0 } ?? false
        if offsets.count >= Self.windowMinimum, !wentBack, !stoodStill(stamped, observed),
            offset - baseline > Self.lateness + resolution
        {
            afterStep = []
            lateCount += 1
            note(highest: stamped, observed)
            return Placement(at: stamped + baseline, flags: .late)
        }
        if wentBack {
            noteStep(offset, stamped, observed)
        } else {
            afterStep = []
            note(highest: stamped, observed)
        }
        add(offset)
        return Placement(at: observed, flags: [])
    }

    /// A stamp that stays the same while our clock moves on is a clock that stopped, not a message held back.
    private func stoodStill(_ stamped: Instant, _ observed: Instant) -> Bool {
        stamped == highest && observed - highestSeen > Self.lateness + resolution
    }

    private mutating func note(highest stamped: Instant, _ observed: Instant) {
        if let highest, stamped <= highest { return }
        highest = stamped
        highestSeen = observed
    }

    /// Stamps below the highest one: either stragglers, or a clock that was set back. Three in a row that agree are a
    /// set-back clock, and what was learnt before no longer holds.
    private mutating func noteStep(_ offset: Int64, _ stamped: Instant, _ observed: Instant) {
        if let first = afterStep.first, abs(offset - first) > Self.tolerance + resolution { afterStep = [] }
        afterStep.append(offset)
        guard afterStep.count >= Self.windowMinimum, let first = afterStep.first,
            abs(first - baseline) > Self.lateness + resolution
        else { return }
        offsets = Array(afterStep.dropLast())
        afterStep = []
        highest = stamped
        highestSeen = observed
    }

    private mutating func add(_ offset: Int64) {
        if offsets.count >= Self.windowLimit { offsets.removeFirst(offsets.count - Self.windowLimit + 1) }
        offsets.append(offset)
        // The lower median: an offset that was seen, not a mean of two.
        baseline = offsets.sorted()[(offsets.count - 1) / 2]
    }

    /// The coarsest grid that every stamp so far stands on.
    private mutating func learnResolution(_ stamped: Instant) {
        if resolution == 60_000, stamped.milliseconds % 60_000 != 0 { resolution = 1_000 }
        if resolution == 1_000, stamped.milliseconds % 1_000 != 0 { resolution = 1 }
    }
}
