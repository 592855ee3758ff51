/// Durations in buckets whose bounds grow by 2 %: what is merged across days and offices, where raw values are not at
/// hand. Counts are integers and merge by addition; a quantile read off it is within 1 % of the exact one.
///
/// The bounds are part of the record format: bucket 0 holds 0 alone, bucket i ≥ 1 holds [bounds[i−1], bounds[i]).
public struct LogHistogram: Hashable, Sendable {
    /// Lower bounds of buckets 1, 2, …: 1, 2, 3 … 100, 102, 104, … up to more than ten days in milliseconds; made by
    /// integer arithmetic only (next = max(b + 1, ⌊1.02 b⌋)), so that every implementation has the same ones.
    public static let bounds: [Int64] = {
        var bounds: [Int64] = [1]
        var bound: Int64 = 1
        while bound < 1_000_000_000 {
            bound = max(bound + 1, bound * 102 / 100)
            bounds.append(bound)
        }
        return bounds
    }()

    /// Counts by bucket; trailing empty buckets are left off.
    public private(set) var counts: [Int64] = []

    public init() {}

    public init(_ values: some Sequence<Int64>) {
        for value in values { add(value) }
    }

    public static func bucket(of value: Int64) -> Int {
        if value <= 0 { return 0 }
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] <= value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The value that stands for a bucket: its middle, rounded down; exact below 100.
    public static func value(of bucket: Int) -> Int64 {
        guard bucket > 0 else { return 0 }
        let index = min(bucket, bounds.count) - 1
        let lower = bounds[index]
        let upper = index + 1 < bounds.count ? bounds[index + 1] - 1 : lower
        return (lower + upper) / 2
    }

    public mutating func add(_ value: Int64) {
        let bucket = Self.bucket(of: value)
        while counts.count <= bucket { counts.append(0) }
        counts[bucket] += 1
    }

    public mutating func merge(_ other: LogHistogram) {
        while counts.count < other.counts.count { counts.append(0) }
        for (bucket, count) in other.counts.enumerated() { counts[bucket] += count }
    }

    public var n: Int64 { counts.reduce(0, +) }

    /// Nearest rank, as for raw values. `nil` for an empty histogram.
    public func quantile(perMille: Int64) -> Int64? {
        let n = n
        guard n > 0 else { return nil }
        let rank = max(1, (n * perMille + 999) / 1_000)
        var seen: Int64 = 0
        for (bucket, count) in counts.enumerated() {
            seen += count
            if seen >= rank { return Self.value(of: bucket) }
        }
        return nil
    }
}
