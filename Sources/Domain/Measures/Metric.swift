/// One number with everything needed to defend it (DOMAIN.md §5). Durations are integer milliseconds, shares 0…1;
/// `nil` means no data, which is never 0.
public struct Metric: Hashable, Sendable {
    /// The definition: `wait.first`, `abandonment`, `serviceLevel.negative.15m` …
    public var id: String
    /// What the value is made of: how many visits, legs or hours count.
    public var n: Int
    public var numerator: Int64?
    public var denominator: Int64?
    /// A mean or sum in milliseconds, a share, or a count: see `unit`.
    public var value: Double?
    public var unit: Unit
    /// Left out of `n`, by reason: sorted by reason.
    public var excluded: [Excluded]
    /// Not yet decided (censored).
    public var open: Int
    public var mean: Double?
    public var p50: Int64?
    public var p90: Int64?
    public var p95: Int64?
    public var p99: Int64?
    public var max: Int64?
    /// 95 % intervals: of a share's value (Wilson), and of p50 and p90 (order statistics of one office-day's raw
    /// values).
    public var interval: Interval?
    public var p50Interval: Interval?
    public var p90Interval: Interval?
    /// What an inferred value is at least and at most; `high` is `nil` where nothing bounds it. No statistics.
    public var bounds: Bounds?
    /// Shares of `n` above 15 and 30 minutes.
    public var over15min: Double?
    public var over30min: Double?

    public enum Unit: String, Hashable, Sendable { case milliseconds, share, count }

    public struct Bounds: Hashable, Sendable {
        public var low: Int64
        public var high: Int64?
        public init(low: Int64, high: Int64?) {
            self.low = low
            self.high = high
        }
    }

    public struct Excluded: Hashable, Sendable {
        public var reason: String
        public var count: Int
        public init(reason: String, count: Int) {
            self.reason = reason
            self.count = count
        }
    }

    public init(id: String, n: Int, unit: Unit) {
        self.id = id
        self.n = n
        self.unit = unit
        excluded = []
        open = 0
    }

    /// Fewer than twenty: shown, and marked.
    public var isSmall: Bool { n < 20 }
}
