/// What a message says about a clock: when it was heard, and what it claims.
struct ClockReport: Hashable, Sendable {
    var observed: Instant
    var stamped: Instant

    /// Observed − stamped, milliseconds.
    var offset: Int64 { observed - stamped }
}

/// The last reports that agreed, and the median of their offsets: the baseline.
struct ClockWindow: Hashable, Sendable {
    let limit: Int
    /// Oldest first.
    private var reports: [ClockReport] = []
    /// Their offsets, sorted: kept up with each report, so that the median is at hand.
    private var sorted: [Int64] = []

    init(limit: Int) {
        self.limit = limit
    }

    var last: ClockReport? { reports.last }

    mutating func removeAll() {
        reports.removeAll(keepingCapacity: true)
        sorted.removeAll(keepingCapacity: true)
    }

    mutating func add(_ report: ClockReport) {
        if reports.count >= limit, let oldest = reports.first {
            reports.removeFirst()
            let place = place(of: oldest.offset)
            if place < sorted.count { sorted.remove(at: place) }
        }
        reports.append(report)
        sorted.insert(report.offset, at: place(of: report.offset))
    }

    /// The first place whose value is not smaller.
    private func place(of offset: Int64) -> Int {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The lower median: an offset that was seen, not a mean of two. 0 for an empty window.
    var median: Int64 { sorted.isEmpty ? 0 : sorted[(sorted.count - 1) / 2] }

    /// The median distance of the offsets from their median.
    var scatter: Int64 {
        let median = median
        let distances = sorted.map { Int64(clamping: ($0 &- median).magnitude) }.sorted()
        return distances.isEmpty ? 0 : distances[(distances.count - 1) / 2]
    }

    /// The offset that a report of now should have: the median, or where the reports lie on a line (a clock that
    /// drifts fast) the line's value. The line is only asked for when the median would say that something is wrong.
    func expected(at observed: Instant, near offset: Int64, within bound: Int64) -> Int64 {
        let median = median
        guard reports.count >= 8, (offset &- median).magnitude > UInt64(max(bound, 0)), let first = reports.first,
            let last = reports.last
        else { return median }
        // Theil and Sen: the median of the slopes between all pairs, which a few strays do not move.
        var slopes: [Double] = []
        for (index, from) in reports.enumerated() {
            for to in reports[(index + 1)...] where to.observed != from.observed {
                slopes.append(Double(to.offset &- from.offset) / Double(to.observed - from.observed))
            }
        }
        guard let slope = Self.median(slopes), slope.magnitude < 0.25 else { return median }
        let heights = reports.map { Double($0.offset &- median) - slope * Double($0.observed - first.observed) }
        guard let height = Self.median(heights), let error = Self.median(heights.map { ($0 - height).magnitude })
        else { return median }
        let span = Double(last.observed - first.observed)
        let ahead = Double(observed - last.observed)
        // A line through noise, or drawn far beyond its points, is worse than none.
        guard (slope * span).magnitude > 4 * error, ahead.magnitude <= 2 * span.magnitude else { return median }
        return median &+ Int64((height + slope * Double(observed - first.observed)).rounded())
    }

    private static func median(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.sorted()[(values.count - 1) / 2]
    }
}
