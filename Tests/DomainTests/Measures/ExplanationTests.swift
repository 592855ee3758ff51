import Domain
import Testing

@Suite struct ExplanationTests {
    private static func day(_ seed: UInt64, _ finish: Office.Finish = .explicit) -> OfficeDayResult {
        OfficeDay.fold(
            SampleOffice.randomEvents(seed: seed, count: 400), site: SampleOffice.site(finish: finish),
            day: SampleOffice.day
        ).result(
            asOf: SampleOffice.clock.start(of: SampleOffice.day + (seed % 3 == 0 ? 0 : 1)) + Int64(seed) * 1_000_000)
    }

    @Test(arguments: Array(UInt64(1)...30)) func `what is behind a number adds up to it, for every metric of the day`(
        seed: UInt64
    )
        throws
    {
        let day = Self.day(seed, seed % 2 == 0 ? .explicit : .onNextCall)
        let report = Report.make(
            days: [day], from: day.day, to: day.day + 1, asOf: day.asOf, scope: "mau", clock: SampleOffice.clock,
            by: .office, dossiers: [], serviceLevel: 600_000)
        for metric in report.metrics {
            let why = try #require(
                Explanation.make(metric.id, of: day, dossiers: [], asOf: day.asOf, serviceLevel: 600_000),
                "\(metric.id)")
            #expect(why.metric == metric)
            #expect(why.excluded.map { Metric.Excluded(reason: $0.reason, count: $0.items.count) } == metric.excluded)
            if metric.id == "meeting.overlap" || metric.id == "satisfaction" { continue }
            #expect(why.open.count == metric.open, "\(metric.id)")
            if let numerator = metric.numerator {
                #expect(why.items.reduce(0) { $0 + ($1.value ?? 0) } == numerator, "\(metric.id)")
            }
            if let denominator = metric.denominator {
                #expect(why.items.reduce(0) { $0 + ($1.of ?? 0) } == denominator, "\(metric.id)")
            }
            for (mark, value) in [("p50", metric.p50), ("p90", metric.p90), ("p99", metric.p99), ("max", metric.max)] {
                #expect(why.items.first { $0.marks.contains(mark) }?.value == value, "\(metric.id) \(mark)")
            }
        }
    }

    @Test func `a service level of any limit can be asked for, and an unknown metric is none`() throws {
        let day = Self.day(1)
        let why = try #require(Explanation.make("serviceLevel.ignored.90s", of: day, dossiers: [], asOf: day.asOf))
        #expect(why.metric.id == "serviceLevel.ignored.90s")
        let short = Explanation.make(
            "serviceLevel.negative", of: day, dossiers: [], asOf: day.asOf, serviceLevel: 60_000)
        #expect(short?.metric.id == "serviceLevel.negative.1m")
        #expect(Explanation.make("wait.frist", of: day, dossiers: [], asOf: day.asOf) == nil)
        #expect(Explanation.make("serviceLevel.negative.x", of: day, dossiers: [], asOf: day.asOf) == nil)
    }

    @Test(arguments: Array(UInt64(1)...30))
    func `the three service levels keep their order, and every share is within 0 and 1`(
        seed: UInt64
    ) throws {
        let day = Self.day(seed)
        for limit: Int64 in [1_000, 60_000, 900_000, 5_400_000] {
            let report = Report.make(
                days: [day], from: day.day, to: day.day + 1, asOf: day.asOf, scope: "mau", clock: SampleOffice.clock,
                by: .counter, serviceLevel: limit)
            func value(_ kind: ServiceLevel) -> Double? { report.metrics.first { $0.id == kind.id(limit) }?.value }
            if let negative = value(.negative), let ignored = value(.ignored), let positive = value(.positive) {
                #expect(negative <= ignored && negative <= positive)
            }
            for metric in report.metrics + report.groups.flatMap(\.metrics) where metric.unit == .share {
                if let value = metric.value { #expect((0...1).contains(value), "\(metric.id)") }
            }
        }
    }

    /// Six tickets: called after 4 and after 20 minutes, left after 5 and after 30, still waiting at close, never issued.
    @Test func `the three service levels of a day worked out by hand`() {
        func event(_ kind: EventKind, _ time: String, _ counter: String? = nil) -> DomainEvent {
            let at = SampleOffice.at(time)
            return DomainEvent(
                device: "kiosk", office: "mau", counter: counter, kind: kind, observed: at, at: at)
        }
        func issued(_ number: String) -> EventKind {
            .ticketIssued(number: number, service: "ho-tich", channel: nil, priority: nil)
        }
        let events = [
            event(issued("A"), "08:00"), event(.ticketCalled(number: "A"), "08:04", "q1"), event(issued("B"), "08:00"),
            event(.ticketCalled(number: "B"), "08:20", "q2"), event(issued("C"), "08:00"),
            event(.ticketLeft(number: "C"), "08:05"), event(issued("D"), "08:00"),
            event(.ticketLeft(number: "D"), "08:30"), event(issued("E"), "09:00"),
            event(.ticketCalled(number: "F"), "09:00", "q3"),
        ]
        let day = OfficeDay.fold(events, site: SampleOffice.site(), day: SampleOffice.day)
            .result(asOf: SampleOffice.clock.start(of: SampleOffice.day + 1))
        func share(_ id: String, _ limit: Int64 = 900_000) -> String {
            let metric = Explanation.make(id, of: day, dossiers: [], asOf: day.asOf, serviceLevel: limit)?.metric
            return "\(metric?.numerator ?? -1)/\(metric?.denominator ?? -1)"
        }
        #expect(share("serviceLevel.negative") == "1/5")
        #expect(share("serviceLevel.ignored") == "1/4")
        #expect(share("serviceLevel.positive") == "2/5")
        #expect(share("serviceLevel.negative", 1_200_000) == "2/5")
        #expect(share("serviceLevel.ignored", 240_000) == "1/5")
        #expect(share("serviceLevel.positive", 239_999) == "0/5")
        #expect(share("abandonment") == "3/5")
        #expect(share("noShow") == "0/3")
    }

    @Test func `limits are written as they are read`() {
        for (milliseconds, text) in [
            (900_000, "15m"), (90_000, "90s"), (3_600_000, "1h"), (5_400_000, "90m"), (9_000_000, "2h30m"),
            (1_500, "1s500ms"),
            (600_000, "10m"), (86_400_000, "24h"), (150_000, "2m30s"),
        ] as [(Int64, String)] {
            #expect(ServiceLevel.text(milliseconds) == text)
            #expect(ServiceLevel.milliseconds(text) == milliseconds)
        }
        for wrong in ["", "15", "m", "-5m", "25h", "0s", "999999999h", "5x", "10m "] {
            #expect(ServiceLevel.milliseconds(wrong) == nil, "\(wrong)")
        }
    }
}
