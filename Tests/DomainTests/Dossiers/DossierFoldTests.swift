import Domain
import Foundation
import Testing

@Suite struct DossierFoldTests {
    private static func event(_ kind: EventKind, at: Int64, sequence: UInt64 = 0, device: String = "log") -> DomainEvent
    {
        DomainEvent(
            id: EventID(agent: "pc", epoch: Epoch(high: 1, low: 1), sequence: sequence), device: device, office: "o",
            kind: kind, observed: Instant(milliseconds: at), at: Instant(milliseconds: at))
    }

    private static func received(_ code: String, due: Int64?, service: String? = nil) -> EventKind {
        .dossierReceived(
            code: code, service: service, due: due.map { Instant(milliseconds: $0) }, channel: "Desk")
    }

    private static func returned(_ code: String, _ finished: Int64?) -> EventKind {
        .dossierReturned(code: code, finished: finished.map { Instant(milliseconds: $0) })
    }

    private func fold(_ events: [(EventKind, Int64)]) -> [Dossier] {
        let events = events.enumerated().map {
            Self.event($0.element.0, at: $0.element.1, sequence: UInt64($0.offset + 1))
        }
        return DossierFold.fold(events, office: "o").dossiers
    }

    private func metric(_ id: String, _ dossiers: [Dossier], asOf: Int64 = 1_000_000) throws -> Metric {
        let all = DossierMetrics.metrics(dossiers, asOf: Instant(milliseconds: asOf))
        return try #require(all.first { $0.id == id })
    }

    @Test func `on the due time is on time, a moment later is late`() {
        let dossiers = fold([
            (Self.received("a", due: 100), 10), (Self.received("b", due: 100), 11), (Self.returned("a", 100), 100),
            (Self.returned("b", 101), 101),
        ])
        #expect(dossiers.map(\.isOnTime) == [true, false])
    }

    @Test func `what is told again with every line is one dossier`() throws {
        let dossiers = fold([
            (Self.received("a", due: 100), 10), (Self.returned("a", 50), 10), (Self.received("a", due: 100), 60),
            (Self.returned("a", 50), 60), (Self.returned("a", nil), 70),
        ])
        #expect(dossiers.count == 1)
        #expect(dossiers.first?.received == Instant(milliseconds: 10))
        #expect(dossiers.first?.returned == Instant(milliseconds: 50) && dossiers.first?.isReturnedAgain == false)
    }

    @Test func `a moved due time does not count unless the applicant supplemented the dossier`() {
        let moved = fold([(Self.received("a", due: 100), 10), (Self.received("a", due: 200), 20)])
        #expect(moved.first?.due == Instant(milliseconds: 100) && moved.first?.isDueMoved == true)
        let restarted = fold([
            (Self.received("a", due: 100), 10), (.dossierSupplemented(code: "a"), 15),
            (Self.received("a", due: 200), 20),
            (Self.received("a", due: 300), 30),
        ])
        #expect(restarted.first?.due == Instant(milliseconds: 200) && restarted.first?.isDueMoved == true)
        #expect(restarted.first?.supplements == 1)
    }

    @Test func `a code used again after its return is another dossier, and a return may be heard before its receipt`() {
        let again = fold([
            (Self.received("a", due: 100), 10), (Self.returned("a", 50), 50), (Self.received("a", due: 900), 60),
            (Self.returned("a", 950), 950),
        ])
        #expect(again.map(\.ordinal) == [1, 2] && again.map(\.isOnTime) == [true, false])
        let early = fold([(Self.returned("a", 5), 5), (Self.received("a", due: 100), 10)])
        #expect(early.count == 1 && early.first?.isOnTime == true)
    }

    @Test func `who is left out is counted by reason`() throws {
        let dossiers = fold([
            (Self.received("onTime", due: 100), 10), (Self.returned("onTime", 90), 90),
            (Self.received("late", due: 100), 11), (Self.returned("late", 150), 150),
            (Self.received("open", due: 100), 12), (Self.received("noDue", due: nil), 13),
            (Self.returned("noDue", 20), 20), (Self.returned("unknown", 30), 30),
            (Self.received("backwards", due: 100), 40), (Self.returned("backwards", 35), 41),
        ])
        let received = try metric("onTime.received", dossiers)
        #expect(received.numerator == 2 && received.denominator == 4 && received.open == 1)
        #expect(received.excluded == [.init(reason: "missingReceipt", count: 1), .init(reason: "noDue", count: 1)])
        let finished = try metric("onTime.finished", dossiers)
        #expect(finished.numerator == 2 && finished.denominator == 3 && finished.open == 1)
        let duration = try metric("dossier.duration", dossiers)
        #expect(duration.n == 3 && duration.max == 139 && duration.open == 1)
        #expect(duration.excluded.map(\.reason) == ["missingReceipt", "returnedBeforeReceipt"])
        // Before a return, the dossier is open.
        #expect(try metric("onTime.finished", dossiers, asOf: 95).denominator == 2)
    }

    @Test(arguments: Array(UInt64(1)...40)) func `any order and any duplicates fold to the same dossiers`(seed: UInt64)
    {
        var random = SplitMix64(seed: seed)
        var events: [DomainEvent] = []
        for sequence in 1...UInt64(120) {
            let code = "c\(Int.random(in: 0...9, using: &random))"
            let at = Int64.random(in: 0...5_000, using: &random)
            let due = Int64.random(in: 0...5, using: &random) * 1_000
            let kind: EventKind =
                switch Int.random(in: 0...3, using: &random) {
                case 0: Self.received(code, due: due == 0 ? nil : due, service: due > 3_000 ? "s" : nil)
                case 1: Self.returned(code, Bool.random(using: &random) ? due : nil)
                case 2: .dossierSupplemented(code: code)
                default: .ticketIssued(number: code, service: nil, channel: nil, priority: nil)
                }
            events.append(
                Self.event(kind, at: at, sequence: sequence, device: Bool.random(using: &random) ? "log" : "desk"))
        }
        let expected = DossierFold.fold(events, office: "o").dossiers
        let shuffled = (events + events.filter { _ in Bool.random(using: &random) }).shuffled(using: &random)
        #expect(DossierFold.fold(shuffled, office: "o").dossiers == expected)
        var continued = DossierFold(office: "o")
        for event in events.sorted(by: DomainEvent.precedes) {
            let wasTaken = continued.apply(event)
            #expect(wasTaken)
        }
        #expect(continued.dossiers == expected)
        let asOf = Instant(milliseconds: 10_000)
        for metric in DossierMetrics.metrics(expected, asOf: asOf) {
            let excluded = metric.excluded.reduce(0) { $0 + $1.count }
            let open = metric.id == "onTime.received" ? 0 : metric.open
            #expect(metric.n + excluded + open == expected.count)
            if metric.unit == .share, let value = metric.value { #expect((0...1).contains(value)) }
        }
        // An event before the last position changes nothing.
        if let last = events.map(\.at).max(), last.milliseconds > 0 {
            var late = continued
            let wasTaken = late.apply(Self.event(Self.received("late", due: nil), at: -1, sequence: 999))
            #expect(!wasTaken && late.dossiers == expected)
        }
    }

    @Test func `dossiers are nothing of an office-day's`() {
        let at = SampleOffice.at("09:00")
        let event = DomainEvent(
            device: "log", office: "mau", kind: Self.received("a", due: nil), observed: at, at: at)
        let day = OfficeDay.fold([event], site: SampleOffice.site(), day: SampleOffice.day).result(asOf: at)
        #expect(day.eventCount == 0 && day.lastHeard == nil && day.anomalies.isEmpty)
    }

    @Test func `an event of another office and a code of nothing are counted, not taken`() {
        var fold = DossierFold(office: "other")
        fold.apply(Self.event(Self.received("a", due: nil), at: 1, sequence: 1))
        #expect(fold.dossiers.isEmpty && fold.anomalies == ["otherOffice": 1])
        var own = DossierFold(office: "o")
        own.apply(Self.event(Self.received("", due: nil), at: 1, sequence: 1))
        own.apply(Self.event(.dossierSupplemented(code: "x"), at: 2, sequence: 2))
        #expect(own.dossiers.isEmpty && own.anomalies == ["noCode": 1, "unknownDossier": 1])
        var full = DossierFold(office: "o", limit: 2)
        for (index, code) in ["a", "b", "c", "a"].enumerated() {
            full.apply(Self.event(Self.received(code, due: nil), at: 1, sequence: UInt64(index + 1)))
        }
        #expect(full.dossiers.map(\.code) == ["a", "b"] && full.anomalies == ["tooManyDossiers": 1])
    }
}
