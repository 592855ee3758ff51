import Domain
import Testing

@Suite struct AnnotationTests {
    private static let at = SampleOffice.at

    private static func made(
        _ id: String, _ from: String, _ until: String, counter: String? = nil, sequence: UInt64
    ) -> DomainEvent {
        DomainEvent(
            id: EventID(agent: "collector", epoch: Epoch(high: 9, low: 9), sequence: sequence), feed: "annotations",
            device: "staff", office: "mau", counter: counter,
            kind: .annotationMade(id: id, until: at(until), text: "power cut", by: "lead"),
            observed: SampleOffice.clock.start(of: SampleOffice.day + 2), at: at(from))
    }

    private func fold(_ events: [DomainEvent]) -> OfficeDayResult {
        OfficeDay.fold(events, site: SampleOffice.site(), day: SampleOffice.day)
            .result(asOf: SampleOffice.clock.start(of: SampleOffice.day + 1))
    }

    @Test(arguments: Array(UInt64(1)...20)) func `an annotation changes no number and no count`(seed: UInt64) {
        let events = SampleOffice.randomEvents(seed: seed, count: 300)
        let plain = fold(events)
        let notes = [
            Self.made("a", "09:10", "09:40", sequence: 1), Self.made("b", "00:00", "23:59", counter: "q1", sequence: 2),
        ]
        var random = SplitMix64(seed: seed)
        var noted = fold((events + notes + notes).shuffled(using: &random))
        #expect(noted.annotations.map(\.id) == ["b", "a"])
        noted.annotations = []
        #expect(noted.visits == plain.visits && noted.timeline == plain.timeline)
        #expect(noted.counterTimes == plain.counterTimes && noted.officeTimes == plain.officeTimes)
        #expect(noted.eventCount == plain.eventCount && noted.witnesses == plain.witnesses)
        #expect(noted.anomalies == plain.anomalies && noted.lastHeard == plain.lastHeard)
    }

    @Test func `what was taken back is gone from the day, in whatever order the two come`() {
        let made = Self.made("a", "09:10", "09:40", sequence: 5)
        var back = made
        back.kind = .annotationRetracted(id: "a", by: nil)
        for sequence: UInt64 in [4, 6] {
            back.id.sequence = sequence
            #expect(fold([back, made]).annotations.isEmpty && fold([made, back]).annotations.isEmpty)
        }
        #expect(fold([made]).annotations.count == 1)
    }

    @Test func `more annotations than a day has room for are counted`() {
        let notes = (1...UInt64(502)).map { Self.made("n\($0)", "09:00", "09:01", sequence: $0) }
        let result = fold(notes)
        #expect(result.annotations.count == 500)
        #expect(result.anomalies == [.init(reason: "tooManyAnnotations", count: 2)])
    }

    @Test func `visits that waited or were served in the stretch are touched, others are not`() throws {
        func event(_ kind: EventKind, _ time: String, _ counter: String? = nil) -> DomainEvent {
            DomainEvent(
                device: "kiosk", office: "mau", counter: counter, kind: kind, observed: Self.at(time), at: Self.at(time)
            )
        }
        func issued(_ number: String, _ service: String) -> EventKind {
            .ticketIssued(number: number, service: service, channel: nil, priority: nil)
        }
        var day = fold([
            event(issued("A1", "ho-tich"), "08:00"), event(issued("A2", "ho-tich"), "08:05"),
            event(issued("B1", "dat-dai"), "08:10"), event(.ticketCalled(number: "A1"), "08:20", "q1"),
            event(.ticketServing(number: "A1"), "08:20", "q1"),
            event(.ticketServed(number: "A1", quantity: nil, outcome: nil), "08:30", "q1"),
            event(.ticketCalled(number: "A2"), "08:40", "q1"), event(.ticketServing(number: "A2"), "08:41", "q1"),
            event(.ticketServed(number: "A2", quantity: nil, outcome: nil), "08:50", "q1"),
            event(.ticketLeft(number: "B1"), "08:15"),
        ])
        func touches(_ from: String, _ until: String, counter: String? = nil) -> [String] {
            let annotation = Annotation(
                id: "x", office: "mau", counter: counter, from: Self.at(from), until: Self.at(until), text: "", by: nil,
                written: Self.at(until))
            return day.visits.compactMap { visit in
                let touch = annotation.touch(visit, site: day.site, asOf: day.asOf)
                if touch.isEmpty { return nil }
                return visit.ticket + (touch.contains(.waiting) ? "w" : "") + (touch.contains(.service) ? "s" : "")
            }
        }
        #expect(touches("08:25", "08:35") == ["A1s", "A2w"])
        #expect(touches("08:30", "08:40") == ["A2w"])
        #expect(touches("08:40", "08:50") == ["A2s"])
        #expect(touches("08:10", "08:15") == ["A1w", "A2w", "B1w"])
        #expect(touches("08:10", "08:15", counter: "q1") == ["A1w", "A2w"])
        #expect(touches("08:10", "08:15", counter: "q3") == ["B1w"])
        #expect(touches("09:00", "10:00") == [])
        day.annotations = [
            Annotation(
                id: "x", office: "mau", counter: nil, from: Self.at("08:25"), until: Self.at("08:35"),
                text: "power cut",
                by: nil, written: Self.at("09:00"))
        ]
        let note = try #require(AnnotationNote.notes(on: [day]).first)
        #expect(note.visits == 2 && note.touches("wait.first") && note.touches("serviceLevel.negative.15m"))
        #expect(note.touches("service") && note.touches("occupancy") && !note.touches("satisfaction"))
    }

    @Test func `numbers that lead to a person are found, times and dates are not such numbers`() {
        for text in [
            "call 0912345678", "0912 345 678", "0912.345.678 power", "+84 912-345-678", "(091) 234-5678",
            "CCCD 001234567890",
            "０９１２３４５６７８", "x012345678x", "4111 1111 1111 1111", "٠١٢٣٤٥٦٧٨",
        ] { #expect(PersonalNumbers.first(in: text) != nil, "\(text)") }
        for text in [
            "power cut 09:10-09:40", "2026-11-10 09:10 to 2026-11-10 09:40", "10/11/2026 - 11/11/2026", "12345678",
            "A001 A002 A003 A004", "quầy 1, 2, 3, 4, 5, 6, 7, 8, 9", "", "mất điện 09:10:30",
            "100 vé, 200 lượt, 300 người",
        ] { #expect(PersonalNumbers.first(in: text) == nil, "\(text)") }
    }
}
