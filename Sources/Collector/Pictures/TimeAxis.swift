import Domain

/// Moments to places: the part of the day that is shown, and the ticks beneath it.
struct TimeAxis: Sendable {
    let window: Range<Instant>
    let left: Double
    let right: Double

    init(window: Range<Instant>, left: Double, right: Double) {
        // A picture of nothing still has an axis.
        let length = max(window.upperBound - window.lowerBound, 10_000)
        self.window = window.lowerBound..<(window.lowerBound + length)
        self.left = left
        self.right = right
    }

    var length: Int64 { window.upperBound - window.lowerBound }
    var pixelsPerMillisecond: Double { (right - left) / Double(length) }

    /// Clamped to the plot.
    func x(_ instant: Instant) -> Double {
        min(max(left + Double(instant - window.lowerBound) * pixelsPerMillisecond, left), right)
    }

    func contains(_ instant: Instant) -> Bool { instant >= window.lowerBound && instant <= window.upperBound }

    /// Round local times at least `spacing` apart.
    func ticks(_ clock: OfficeClock, spacing: Double) -> (at: [Instant], seconds: Bool) {
        let seconds: [Int64] = [
            1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
        ]
        let step = (seconds.first { Double($0) * 1_000 * pixelsPerMillisecond >= spacing } ?? 86_400) * 1_000
        var tick = window.lowerBound - clock.timeOfDay(window.lowerBound) % step
        if tick < window.lowerBound { tick = tick + step }
        var ticks: [Instant] = []
        while tick <= window.upperBound, ticks.count < 200 {
            ticks.append(tick)
            tick = tick + step
        }
        return (ticks, step < 60_000)
    }
}

extension TimeAxis {
    /// What to show of a day: all of it, or, where everything happened within a small part of it (the live half-minute in
    /// a day of twenty-four hours), that part with a margin.
    static func window(of result: OfficeDayResult) -> Range<Instant> {
        let timeline = result.timeline
        let range = timeline.range
        var first: Instant?
        var last: Instant?
        func saw(_ from: Instant, _ until: Instant) {
            first = min(first ?? from, from)
            last = max(last ?? until, until)
        }
        for step in QueueArea(result).steps where step.waiting.total > 0 { saw(step.from, step.until) }
        for lane in timeline.counters {
            for span in lane.spans where span.state == .serving || span.state == .called { saw(span.from, span.until) }
        }
        for lane in timeline.meetings { for call in lane.calls { saw(call.lowerBound, call.upperBound) } }
        guard let first, let last, first < last else { return range }
        let activity = last - first
        let whole = range.upperBound - range.lowerBound
        if activity >= whole / 8 { return range }
        let margin = max(activity / 12, 2_000)
        // A running day keeps its present in sight as long as that does not push what happened into a corner.
        let end = result.isFinal || result.asOf - last > activity ? last : max(last, result.asOf)
        return max(range.lowerBound, first - margin)..<min(max(range.upperBound, last), end + margin)
    }
}
