/// Values of one measure, on their way to a metric: raw within one office-day, histograms merged across.
///
/// Office-days are added one after the other. When the next one begins, what is left of the one before is its histogram
/// and its sums: quantiles over a year need no raw value of any day but the last.
struct Distribution: Sendable {
    private var day: Int?
    /// Of the office-day that is being added.
    private var raw: [Int64] = []
    /// Of the office-days before it.
    private var merged = LogHistogram()
    private var mergedDays = 0

    private(set) var n = 0
    private(set) var sum: Int64 = 0
    private var largest: Int64?
    private var over15 = 0
    private var over30 = 0

    /// `day` tells office-days apart.
    mutating func add(_ value: Int64, day: Int) {
        if let current = self.day, current != day {
            merged.merge(LogHistogram(raw))
            mergedDays += 1
            raw = []
        }
        self.day = day
        raw.append(value)
        n += 1
        sum += value
        largest = Swift.max(largest ?? value, value)
        if value > 900_000 { over15 += 1 }
        if value > 1_800_000 { over30 += 1 }
    }

    /// Nearest rank: the smallest value that at least so many thousandths of all do not exceed. From 1; 0 without data.
    static func rank(perMille: Int, of count: Int) -> Int {
        count == 0 ? 0 : min(Swift.max(1, (count * perMille + 999) / 1_000), count)
    }

    static func nearestRank(_ sorted: [Int64], perMille: Int) -> Int64? {
        let rank = rank(perMille: perMille, of: sorted.count)
        return sorted.indices.contains(rank - 1) ? sorted[rank - 1] : nil
    }

    private static func interval(_ sorted: [Int64], perMille: Int) -> Interval? {
        guard let ranks = Interval.quantileRanks(n: sorted.count, perMille: perMille),
            sorted.indices.contains(ranks.low - 1), sorted.indices.contains(ranks.high - 1)
        else { return nil }
        return Interval(low: Double(sorted[ranks.low - 1]), high: Double(sorted[ranks.high - 1]))
    }

    /// Fills n, sums, mean and quantiles. Sums, means and shares are always exact; quantiles are exact when the values
    /// come from one office-day, else read off the merged histogram, as they are wherever raw values are gone.
    func fill(_ metric: inout Metric) {
        metric.n = n
        guard n > 0 else { return }
        metric.numerator = sum
        metric.denominator = Int64(n)
        let mean = Double(sum) / Double(n)
        metric.value = mean
        metric.mean = mean
        metric.over15min = Double(over15) / Double(n)
        metric.over30min = Double(over30) / Double(n)
        metric.max = largest
        if mergedDays == 0 {
            let sorted = raw.sorted()
            metric.p50 = Self.nearestRank(sorted, perMille: 500)
            metric.p90 = Self.nearestRank(sorted, perMille: 900)
            metric.p95 = Self.nearestRank(sorted, perMille: 950)
            metric.p99 = Self.nearestRank(sorted, perMille: 990)
            metric.p50Interval = Self.interval(sorted, perMille: 500)
            metric.p90Interval = Self.interval(sorted, perMille: 900)
        } else {
            var all = merged
            all.merge(LogHistogram(raw))
            // The middle of a bucket may lie beyond the largest value in it, which is known.
            metric.p50 = all.quantile(perMille: 500).map { min($0, largest ?? $0) }
            metric.p90 = all.quantile(perMille: 900).map { min($0, largest ?? $0) }
            metric.p95 = all.quantile(perMille: 950).map { min($0, largest ?? $0) }
            metric.p99 = all.quantile(perMille: 990).map { min($0, largest ?? $0) }
        }
    }
}
