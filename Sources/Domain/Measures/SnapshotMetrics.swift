/// What a report says of queues that are only ever seen in snapshots: inferred numbers under ids of their own, with
/// bounds, so that they mix with nothing that was measured (DOMAIN.md §5).
struct SnapshotMetrics {
    private let queues: [SnapshotQueue]

    /// `service`: of one service only.
    init(_ days: [OfficeDayResult], service: String? = nil) {
        queues = days.flatMap(\.snapshotQueues).filter { service == nil || $0.service == service }
    }

    /// Empty where there was no snapshot.
    var metrics: [Metric] {
        if queues.isEmpty { return [] }
        return [
            maximum, sum("queue.calls.inferred", queues.compactMap(\.calls)),
            sum("queue.arrivals.inferred", queues.compactMap { $0.calls == nil ? nil : $0.arrivals }), wait, observed,
        ]
    }

    /// The most people seen waiting in one queue; `n`: snapshots.
    private var maximum: Metric {
        var metric = Metric(id: "queue.maxWaiting", n: queues.reduce(0) { $0 + $1.snapshots }, unit: .count)
        let most = queues.map(\.maxWaiting).max()
        metric.value = most.map(Double.init)
        metric.max = most
        return metric
    }

    /// `n`: queues with a number to infer from.
    private func sum(_ id: String, _ parts: [SnapshotQueue.Inferred]) -> Metric {
        var metric = Metric(id: id, n: parts.count, unit: .count)
        guard !parts.isEmpty else { return metric }
        metric.value = Double(Self.sum(parts.map(\.value)))
        metric.bounds = Metric.Bounds(low: Self.sum(parts.map(\.low)), high: Self.sum(parts.map(\.high)))
        metric.excluded = excluded
        return metric
    }

    /// Mean wait for a call: all waiting of the observed time by all its calls; `n`: those calls.
    private var wait: Metric {
        let known = queues.filter { $0.waitedFor != nil }
        let calls = known.compactMap(\.waitedFor)
        let n = Self.sum(calls.map(\.value))
        var metric = Metric(id: "queue.wait.inferred", n: Int(n), unit: .milliseconds)
        guard n > 0 else { return metric }
        let waited = Self.sum(known.map(\.waited.value))
        metric.numerator = waited
        metric.denominator = n
        metric.value = Double(waited) / Double(n)
        let fewest = max(1, Self.sum(calls.map(\.low)))
        let least = Self.sum(known.map(\.waited.low))
        metric.bounds = Metric.Bounds(
            low: Self.sum(calls.map(\.high)).map { least / max(1, $0) } ?? 0,
            high: Self.sum(known.map(\.waited.high)).map { $0 / fewest + 1 })
        metric.excluded = excluded
        return metric
    }

    /// Counts that the network told: a sum stops at the largest number.
    private static func sum(_ parts: [Int64]) -> Int64 {
        parts.reduce(0) { sum, part in
            let (next, isOver) = sum.addingReportingOverflow(part)
            return isOver ? .max : next
        }
    }

    /// `nil` where one part is unbounded.
    private static func sum(_ parts: [Int64?]) -> Int64? {
        let known = parts.compactMap { $0 }
        return known.count == parts.count ? sum(known) : nil
    }

    /// Share of opening hours between snapshots that are near enough; `n`: queues and days.
    private var observed: Metric {
        var metric = Metric(id: "queue.observed", n: queues.count, unit: .share)
        let numerator = queues.reduce(0) { $0 + $1.observed }
        let denominator = queues.reduce(0) { $0 + $1.scheduled }
        metric.numerator = numerator
        metric.denominator = denominator
        metric.value = denominator > 0 ? Double(numerator) / Double(denominator) : nil
        return metric
    }

    /// Steps of the number that say nothing about calls, by reason.
    private var excluded: [Metric.Excluded] {
        let counts = [
            ("outOfOrder", queues.reduce(0) { $0 + $1.outOfOrder }), ("reset", queues.reduce(0) { $0 + $1.resets }),
        ]
        return counts.filter { $0.1 > 0 }.map { Metric.Excluded(reason: $0.0, count: $0.1) }
    }
}
