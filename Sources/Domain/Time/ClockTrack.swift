/// The offsets of one stretch: their mean over all of it, and their course over the last day.
struct ClockTrack: Hashable, Sendable {
    /// Reports within five minutes are one point of the course, so that a day is a bounded number of points and a burst
    /// weighs no more than a single word.
    private struct Point: Hashable, Sendable {
        var start: Instant
        var count: Double = 0
        /// Sums over its reports, relative to the track's first one: milliseconds of time and of offset.
        var time: Double = 0
        var offset: Double = 0
    }

    /// The course as a straight line.
    struct Line: Hashable, Sendable {
        /// Milliseconds of offset per millisecond.
        var slope: Double
        /// The offset at the end, relative to the first one.
        var end: Double
        /// The change from the course's beginning to its end, and the largest distance of a point from the line.
        var total: Double
        var residual: Double
        /// How many times its own uncertainty the slope is.
        var certainty: Double
    }

    static let pointSpan: Int64 = 300_000
    static let pointLimit = 288
    /// Points needed before a line says anything.
    static let lineMinimum = 6

    let first: Instant
    let reference: Int64
    private(set) var last: Instant
    private(set) var count = 0
    private var sum: Double = 0
    private var points: [Point] = []
    /// Sums over the points: whole numbers, so that adding and taking away leaves nothing behind.
    private var recentCount: Double = 0
    private var recentSum: Double = 0

    init(at observed: Instant, offset: Int64) {
        first = observed
        last = observed
        reference = offset
        _ = add(observed, offset)
    }

    /// `true`: the course has a new point, and its line may be another one.
    mutating func add(_ observed: Instant, _ offset: Int64) -> Bool {
        let relative = Double(offset &- reference)
        last = max(last, observed)
        count += 1
        sum += relative
        var isNew = false
        if points.last.map({ observed < $0.start || observed - $0.start >= Self.pointSpan }) ?? true {
            if points.count >= Self.pointLimit {
                let oldest = points.removeFirst()
                recentCount -= oldest.count
                recentSum -= oldest.offset
            }
            points.append(Point(start: observed))
            isNew = true
        }
        recentCount += 1
        recentSum += relative
        points[points.count - 1].count += 1
        points[points.count - 1].time += Double(observed - first)
        points[points.count - 1].offset += relative
        return isNew
    }

    /// The mean offset of all reports.
    var mean: Double { Double(reference) + sum / Double(max(count, 1)) }

    /// The mean offset of the last day's course.
    var recentMean: Double {
        recentCount > 0 ? Double(reference) + recentSum / recentCount : mean
    }

    /// Least squares through the points, each weighing the same; `nil` while there are too few.
    var line: Line? {
        guard points.count >= Self.lineMinimum else { return nil }
        let n = Double(points.count)
        let times = points.map { $0.time / $0.count }
        let offsets = points.map { $0.offset / $0.count }
        let meanTime = times.reduce(0, +) / n
        let meanOffset = offsets.reduce(0, +) / n
        var squares = 0.0
        var products = 0.0
        for (time, offset) in zip(times, offsets) {
            squares += (time - meanTime) * (time - meanTime)
            products += (time - meanTime) * (offset - meanOffset)
        }
        guard squares > 0, let begin = times.min(), let end = times.max() else { return nil }
        let slope = products / squares
        var residual = 0.0
        var errors = 0.0
        for (time, offset) in zip(times, offsets) {
            let error = offset - meanOffset - slope * (time - meanTime)
            residual = max(residual, error.magnitude)
            errors += error * error
        }
        let uncertainty = (errors / max(n - 2, 1) / squares).squareRoot()
        let certainty = uncertainty > 0 ? slope.magnitude / uncertainty : .infinity
        return Line(
            slope: slope, end: meanOffset + slope * (Double(last - first) - meanTime), total: slope * (end - begin),
            residual: residual, certainty: slope == 0 ? 0 : certainty)
    }
}
