/// Values of one measure, on their way to a metric: raw within one office-day, a histogram across.
struct Distribution: Sendable {
    private var values: [Int64] = []

    var n: Int { values.count }
    var sum: Int64 { values.reduce(0, +) }

    mutating func add(_ value: Int64) { values.append(value) }

    /// Nearest rank: the smallest value that at least so many thousandths of all do not exceed.
    static func nearestRank(_ sorted: [Int64], perMille: Int) -> Int64? {
        guard !sorted.isEmpty else { return nil }
        let rank = max(1, (sorted.count * perMille + 999) / 1_000)
        return sorted[min(rank, sorted.count) - 1]
    }

    private static func interval(_ sorted: [Int64], perMille: Int) -> Interval? {
        guard let ranks = Interval.quantileRanks(n: sorted.count, perMille: perMille),
            sorted.indices.contains(ranks.low - 1), sorted.indices.contains(ranks.high - 1)
        else { return nil }
        return Interval(low: Double(sorted[ranks.low - 1]), high: Double(sorted[ranks.high - 1]))
    }

    /// Fills n, sums, mean and quantiles. Sums, means and shares are always exact; quantiles are exact when the values
    /// come from one office-day, else read off the merged histogram, as they are wherever raw values are gone.
    func fill(_ metric: inout Metric, isOneDay: Bool) {
        metric.n = values.count
        guard !values.isEmpty else { return }
        let sum = sum
        metric.numerator = sum
        metric.denominator = Int64(values.count)
        let mean = Double(sum) / Double(values.count)
        metric.value = mean
        metric.mean = mean
        let over15 = values.reduce(0) { $0 + ($1 > 900_000 ? 1 : 0) }
        let over30 = values.reduce(0) { $0 + ($1 > 1_800_000 ? 1 : 0) }
        metric.over15min = Double(over15) / Double(values.count)
        metric.over30min = Double(over30) / Double(values.count)
        metric.max = values.max()
        if isOneDay {
            let sorted = values.sorted()
            metric.p50 = Self.nearestRank(sorted, perMille: 500)
            metric.p90 = Self.nearestRank(sorted, perMille: 900)
            metric.p95 = Self.nearestRank(sorted, perMille: 950)
            metric.p99 = Self.nearestRank(sorted, perMille: 990)
            metric.p50Interval = Self.interval(sorted, perMille: 500)
            metric.p90Interval = Self.interval(sorted, perMille: 900)
        } else {
            var histogram = LogHistogram()
            for value in values { histogram.add(value) }
            metric.p50 = histogram.quantile(perMille: 500)
            metric.p90 = histogram.quantile(perMille: 900)
            metric.p95 = histogram.quantile(perMille: 950)
            metric.p99 = histogram.quantile(perMille: 990)
        }
    }
}
