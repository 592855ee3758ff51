extension DeviceClock {
    /// What a device's clock is worth (DOMAIN.md §4).
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// No stamp yet, or too few to say.
        case none
        /// Within 2 s + resolution of ours.
        case trusted
        /// Off by a constant.
        case skewed
        /// Going faster or slower than ours.
        case drifting
        /// It was set to another time while we listened, and is off since.
        case jumped
        /// The right day in the wrong year, around New Year.
        case wrongYear
        /// Off by a constant of more than a day.
        case dead
        /// It tells the same time again and again.
        case frozen
    }

    /// A stretch of time over which a clock kept one offset, one rate, or stood still.
    public struct Stretch: Hashable, Sendable {
        public var state: State
        /// Observed − stamped in milliseconds, without the half steps that the two resolutions add: the mean over the
        /// stretch; of a drifting clock the value at its end, of a frozen one the value that was reached.
        public var offset: Double
        /// How much the offset grows, milliseconds per day; 0 unless the clock drifts.
        public var drift: Double
        /// The first and the last report of the stretch. Between two stretches nothing was heard.
        public var from: Instant
        public var to: Instant
        /// Different pairs of (observed, stamped).
        public var reports: Int

        public init(state: State, offset: Double, drift: Double, from: Instant, to: Instant, reports: Int) {
            self.state = state
            self.offset = offset
            self.drift = drift
            self.from = from
            self.to = to
            self.reports = reports
        }
    }

    /// Another class than before.
    public struct Change: Hashable, Sendable {
        public var state: State
        public var offset: Int64?
        public var drift: Int64?

        public init(state: State, offset: Int64? = nil, drift: Int64? = nil) {
            self.state = state
            self.offset = offset
            self.drift = drift
        }
    }
}

/// The grid that times stand on: whole minutes, whole seconds or milliseconds. Learnt from what is seen: the coarsest
/// one that all of them fit.
struct TimeGrid: Hashable, Sendable {
    private(set) var step: Int64 = 60_000

    mutating func learn(_ instant: Instant) {
        if step == 60_000, instant.milliseconds % 60_000 != 0 { step = 1_000 }
        if step == 1_000, instant.milliseconds % 1_000 != 0 { step = 1 }
    }

    /// What rounding hides: nothing where milliseconds are told.
    var slack: Int64 { step > 1 ? step : 0 }
}
