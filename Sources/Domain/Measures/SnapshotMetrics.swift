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
        metric.value = Double(parts.reduce(0) { $0 + $1.value })
        metric.bounds = Metric.Bounds(
            low: parts.reduce(0) { $0 + $1.low },
            high: parts.reduce(Int64?.some(0)) { sum, part in
                if let sum, let high = part.high { sum + high } else { nil }
            })
        metric.excluded = excluded
        return metric
    }

    /// Mean wait for a call, each queue weighted by its calls; `n`: calls.
    private var wait: Metric {
        var n: Int64 = 0
        var value: Int64 = 0
        var low: Int64 = 0
        var high: Int64? = 0
        for queue in queues {
            guard let wait = queue.wait, let calls = queue.calls, calls.value > 0 else { continue }
            n += calls.value
            value += wait.value * calls.value
            low += wait.low * calls.value
            if let sum = high, let most = wait.high { high = sum + most * calls.value } else { high = nil }
        }
        var metric = Metric(id: "queue.wait.inferred", n: Int(n), unit: .milliseconds)
        guard n > 0 else { return metric }
        metric.numerator = value
        metric.denominator = n
        metric.value = Double(value) / Double(n)
        metric.bounds = Metric.Bounds(low: low / n, high: high.map { ($0 + n - 1) / n })
        metric.excluded = excluded
        return metric
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
