import Domain
import Testing

@Suite struct MergeTests {
    private static func histogram(_ random: inout SplitMix64) -> (LogHistogram, [Int64]) {
        let values = (0..<Int.random(in: 0...200, using: &random)).map { _ in
            Int64.random(in: 0...(1 << Int64.random(in: 1...29, using: &random)), using: &random)
        }
        return (LogHistogram(values), values)
    }

    private static func merged(_ a: LogHistogram, _ b: LogHistogram) -> LogHistogram {
        var out = a
        out.merge(b)
        return out
    }

    @Test(arguments: Array(UInt64(1)...60)) func `merging is associative and commutative, and counts everything`(
        seed: UInt64
    ) {
        var random = SplitMix64(seed: seed)
        let (a, x) = Self.histogram(&random)
        let (b, y) = Self.histogram(&random)
        let (c, z) = Self.histogram(&random)
        #expect(Self.merged(a, b) == Self.merged(b, a))
        #expect(Self.merged(Self.merged(a, b), c) == Self.merged(a, Self.merged(b, c)))
        #expect(Self.merged(Self.merged(a, b), c) == LogHistogram(x + y + z))
        #expect(Self.merged(a, LogHistogram()) == a && Self.merged(LogHistogram(), a) == a)
    }

    /// A report over days is made of each day's histogram; its quantiles must be within 1 % of the exact ones of all days.
    @Test(arguments: Array(UInt64(1)...8)) func `quantiles of a report over days are within one part in a hundred`(
        seed: UInt64
    )
        throws
    {
        var days: [OfficeDayResult] = []
        for offset in 0..<4 {
            let day = SampleOffice.day + offset
            let shift = Int64(offset) * 86_400_000
            let events = SampleOffice.randomEvents(seed: seed &+ UInt64(offset) &* 77, count: 300).map { event in
                var event = event
                event.at = event.at + shift
                event.observed = event.observed + shift
                return event
            }
            days.append(
                OfficeDay.fold(events, site: SampleOffice.site(), day: day)
                    .result(asOf: SampleOffice.clock.start(of: day + 1)))
        }
        func report(_ days: [OfficeDayResult]) -> Report {
            Report.make(
                days: days, from: SampleOffice.day, to: SampleOffice.day + 4, asOf: .distantFuture, scope: "mau",
                clock: SampleOffice.clock, by: .office)
        }
        let whole = report(days)
        // Every single day's report tells its own values through `why`: the exact ones of all days together.
        var checked = 0
        for id in ["wait.first", "wait.total", "service", "calling", "sojourn", "hold"] {
            let values = days.flatMap { day in
                Explanation.make(id, of: day, dossiers: [], asOf: day.asOf)?.items.compactMap(\.value) ?? []
            }.sorted()
            let metric = try #require(whole.metrics.first { $0.id == id })
            #expect(metric.n == values.count)
            guard !values.isEmpty else { continue }
            #expect(metric.numerator == values.reduce(0, +) && metric.max == values.last)
            for (perMille, read) in [(500, metric.p50), (900, metric.p90), (950, metric.p95), (990, metric.p99)] {
                let rank = max(1, (values.count * perMille + 999) / 1_000)
                let exact = Double(values[rank - 1])
                #expect(abs(Double(try #require(read)) - exact) <= max(exact * 0.01, 0.5), "\(id) \(perMille)")
                checked += 1
            }
        }
        #expect(checked > 10)
        #expect(report(days.reversed()).metrics.map(\.p90) == whole.metrics.map(\.p90))
    }
}
