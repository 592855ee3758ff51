import Domain

/// People waiting over time, by cause: an area that is the waiting time.
struct QueueArea: Sendable {
    struct Step: Hashable, Sendable {
        var from: Instant
        var until: Instant
        /// People, not milliseconds.
        var waiting: WaitCauses
    }

    /// Without holes between the first and the last.
    let steps: [Step]

    /// From the bottom up: the true queue carries the rest, as it is most of it on a normal day.
    static let stack: [WaitCause] = [.capacity, .idle, .meeting, .unattended, .unseen, .closed]

    init(_ result: OfficeDayResult) {
        let queue = result.timeline.queue
        // The last step holds until the end of what is known, not until the end of the picture.
        let end = min(result.timeline.range.upperBound, result.asOf)
        var steps: [Step] = []
        for (index, step) in queue.enumerated() {
            let until = index + 1 < queue.count ? queue[index + 1].at : max(end, step.at)
            if until > step.at { steps.append(Step(from: step.at, until: until, waiting: step.waiting)) }
        }
        self.steps = steps
    }

    /// Person-milliseconds by cause: what the area measures.
    var area: WaitCauses {
        var sum = WaitCauses()
        for step in steps {
            for cause in WaitCause.allCases {
                let (product, overflow) = step.waiting[cause].multipliedReportingOverflow(by: step.until - step.from)
                sum[cause] = overflow ? .max : sum[cause].addingReportingOverflow(product).partialValue
            }
        }
        return sum
    }

    var peak: Int64 { steps.map(\.waiting.total).max() ?? 0 }

    /// A stretch of the axis and how high each cause stands on it, in `stack` order.
    struct Column: Sendable {
        var from: Double
        var until: Double
        var heights: [Double]
    }

    /// The steps on an axis; where they are finer than the drawing can be, their time-weighted means over `grain` of it,
    /// so that the area stays what it is.
    func columns(on axis: TimeAxis, grain: Double, limit: Int = 1_200) -> [Column] {
        let visible = steps.filter { $0.until > axis.window.lowerBound && $0.from < axis.window.upperBound }
        if visible.count <= limit {
            return visible.map { step in
                Column(
                    from: axis.x(step.from), until: axis.x(step.until),
                    heights: QueueArea.stack.map { Double(step.waiting[$0]) })
            }
        }
        return means(on: axis, grain: grain)
    }

    /// One column per `grain` of the axis.
    func means(on axis: TimeAxis, grain: Double) -> [Column] {
        let count = max(1, Int(((axis.right - axis.left) / grain).rounded(.up)))
        var columns = (0..<count).map {
            Column(
                from: axis.left + Double($0) * grain, until: min(axis.right, axis.left + Double($0 + 1) * grain),
                heights: QueueArea.stack.map { _ in 0 })
        }
        for step in steps where step.until > axis.window.lowerBound && step.from < axis.window.upperBound {
            let (from, until) = (axis.x(step.from), axis.x(step.until))
            var index = min(max(Int((from - axis.left) / grain), 0), count - 1)
            while index < count, columns[index].from < until {
                let overlap = min(columns[index].until, until) - max(columns[index].from, from)
                let width = columns[index].until - columns[index].from
                if overlap > 0, width > 0 {
                    for (layer, cause) in QueueArea.stack.enumerated() {
                        columns[index].heights[layer] += Double(step.waiting[cause]) * overlap / width
                    }
                }
                index += 1
            }
        }
        return columns
    }

    /// The path of one layer of the stack: a closed outline per run of columns in which the layer has any height.
    static func path(of layer: Int, in columns: [Column], y: (Double) -> Double) -> Markup {
        var path = ""
        var run: [(from: Double, until: Double, low: Double, high: Double)] = []
        func flush() {
            guard let first = run.first, let last = run.last else { return }
            path += "M" + Markup.coordinate(first.from) + " " + Markup.coordinate(first.low)
            var level = first.low
            for part in run {
                if part.high != level { path += "V" + Markup.coordinate(part.high) }
                path += "H" + Markup.coordinate(part.until)
                level = part.high
            }
            path += "V" + Markup.coordinate(last.low)
            level = last.low
            for part in run.reversed() {
                if part.low != level { path += "V" + Markup.coordinate(part.low) }
                path += "H" + Markup.coordinate(part.from)
                level = part.low
            }
            path += "Z"
            run = []
        }
        for column in columns where column.until > column.from {
            guard column.heights.indices.contains(layer) else { continue }
            let below = column.heights[..<layer].reduce(0, +)
            let height = column.heights[layer]
            if height <= 0 {
                flush()
                continue
            }
            if let last = run.last, column.from - last.until > 0.01 { flush() }
            let (low, high) = (y(below), y(below + height))
            if let last = run.last, last.low == low, last.high == high {
                run[run.count - 1].until = column.until
            } else {
                run.append((column.from, column.until, low, high))
            }
        }
        flush()
        return Markup(trusted: path)
    }
}

/// Round numbers for a scale of people.
func peopleTicks(peak: Int64, atMost limit: Int) -> [Int64] {
    var step: Int64 = 1
    let candidates: [Int64] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]
    step = candidates.first { peak / $0 < Int64(limit) } ?? max(1, peak / Int64(max(1, limit)))
    let top = max(1, (peak + step - 1) / step)
    return (0...top).map { $0 * step }
}
