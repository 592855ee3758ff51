import Domain
import Testing

/// What must hold for every set of events, sensible or not.
@Suite struct FoldPropertyTests {
    static let seeds = Array(UInt64(1)...40)

    private func fold(_ events: [DomainEvent], _ finish: Office.Finish = .explicit) -> OfficeDayResult {
        let site = SampleOffice.site(finish: finish)
        return OfficeDay.fold(events, site: site, day: SampleOffice.day)
            .result(asOf: SampleOffice.clock.start(of: SampleOffice.day + 1))
    }

    /// Everything a result says, as text: equal text is equal bytes.
    private func bytes(_ result: OfficeDayResult) -> String {
        let rows = result.visits.map { $0.csvRow(clock: SampleOffice.clock).joined(separator: ",") }
        let report = Report.make(
            days: [result], from: result.day, to: result.day + 1, asOf: result.asOf, scope: "mau",
            clock: SampleOffice.clock, by: .counter)
        return rows.joined(separator: "\n") + "\n\(result.timeline)\n\(result.counterTimes)\(result.officeTimes)"
            + "\(result.anomalies)\(result.eventCount),\(result.witnessedCount)" + report.json
    }

    @Test(arguments: seeds)
    func `any order, any duplicates and any batches fold to the same bytes`(seed: UInt64) {
        let events = SampleOffice.randomEvents(seed: seed, count: 400)
        let expected = bytes(fold(events))
        var random = SplitMix64(seed: seed &+ 1_000)
        let shuffled = (events + events.filter { _ in Bool.random(using: &random) }).shuffled(using: &random)
        #expect(bytes(fold(shuffled)) == expected)
        var continued = OfficeDay(site: SampleOffice.site(), day: SampleOffice.day)
        for event in events {
            let wasTaken = continued.apply(event)
            #expect(wasTaken)
            // Looking must not change anything.
            if event.id.sequence % 57 == 0 { _ = continued.result(asOf: event.at + 1_000) }
        }
        #expect(bytes(continued.result(asOf: SampleOffice.clock.start(of: SampleOffice.day + 1))) == expected)
    }

    @Test(arguments: seeds, [Office.Finish.explicit, .onNextCall])
    func `causes sum to the wait, and the picture's area is the waiting`(seed: UInt64, finish: Office.Finish) {
        let result = fold(SampleOffice.randomEvents(seed: seed, count: 500), finish)
        var total: Int64 = 0
        var causes = WaitCauses()
        for visit in result.visits {
            #expect(visit.causes.total == visit.wait)
            total += visit.wait
            causes = causes + visit.causes
            for leg in visit.legs {
                #expect(min(leg.wait, leg.calling, leg.serving, leg.hold, leg.waitToFirstCall) >= 0)
                #expect(WaitCause.allCases.allSatisfy { leg.causes[$0] >= 0 })
            }
            if let issued = visit.issued, let finished = visit.finished, !visit.flags.contains(.revived) {
                #expect(finished - issued == visit.wait + visit.calling + visit.service + visit.hold)
            }
        }
        var area = WaitCauses()
        for (step, next) in zip(result.timeline.queue, result.timeline.queue.dropFirst()) {
            for cause in WaitCause.allCases { area[cause] += step.waiting[cause] * (next.at - step.at) }
            #expect(WaitCause.allCases.allSatisfy { step.waiting[$0] >= 0 })
        }
        #expect(area == causes)
        #expect(result.timeline.queue.last.map { $0.waiting.total } ?? 0 == 0)
    }

    @Test(arguments: seeds)
    func `every stay is counted, excluded or open, and every share lies between 0 and 1`(seed: UInt64) {
        let result = fold(SampleOffice.randomEvents(seed: seed, count: 500))
        for grouping in Report.Grouping.allCases {
            let report = Report.make(
                days: [result], from: result.day, to: result.day + 1, asOf: result.asOf, scope: "mau",
                clock: SampleOffice.clock, by: grouping)
            for metrics in [report.metrics] + report.groups.map(\.metrics) {
                let stays = metrics.first?.n ?? 0
                for metric in metrics {
                    if metric.unit == .share, let value = metric.value {
                        #expect((0...1).contains(value), "\(metric.id)")
                    }
                    let isTime = StayTimes.ids.contains(metric.id)
                    if isTime, grouping != .cause || metric.id == "wait.first" {
                        let excluded = metric.excluded.reduce(0) { $0 + $1.count }
                        #expect(metric.n + excluded + metric.open == stays, "\(grouping) \(metric.id)")
                    }
                }
            }
        }
    }

    private enum StayTimes {
        static let ids: Set<String> = [
            "wait.first", "wait.last", "wait.total", "walk", "service", "calling", "hold", "sojourn",
        ]
    }

    @Test(arguments: seeds)
    func `lanes cover the shown day without gap or overlap`(seed: UInt64) {
        let result = fold(SampleOffice.randomEvents(seed: seed, count: 300))
        for lane in result.timeline.counters {
            #expect(lane.spans.first?.from == result.timeline.range.lowerBound)
            #expect(lane.spans.last?.until == result.timeline.range.upperBound)
            for (span, next) in zip(lane.spans, lane.spans.dropFirst()) { #expect(span.until == next.from) }
        }
    }

    @Test(arguments: seeds)
    func `a second witness changes nothing but the count of witnesses`(seed: UInt64) {
        // Spread out, so that nobody says the same thing twice within the window.
        let events = SampleOffice.randomEvents(seed: seed, count: 150).filter { $0.id.sequence % 2 == 0 }
        var random = SplitMix64(seed: seed)
        let second = events.filter { !$0.kind.name.hasPrefix("agent.") }.map { event in
            var copy = event
            copy.id.agent = "pc-2"
            copy.at = event.at + Int64.random(in: 0...3, using: &random)
            return copy
        }
        let alone = fold(events)
        let both = fold(events + second)
        let clash = zip(events, events.dropFirst()).contains { $1.at - $0.at < 3_100 && $1.kind == $0.kind }
        if !clash, both.witnessedCount == second.count {
            #expect(both.visits == alone.visits)
        }
        #expect(both.witnessedCount > second.count * 9 / 10)
    }
}
