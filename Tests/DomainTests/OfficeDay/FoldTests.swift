import Domain
import Testing

/// The state machine and the ledger, row by row, on days small enough to check by hand.
@Suite struct FoldTests {
    typealias Office = SampleOffice

    private func result(
        _ events: [DomainEvent], finish: Domain.Office.Finish = .explicit, asOf: Instant? = nil
    ) -> OfficeDayResult {
        OfficeDay.fold(Office.numbered(events), site: Office.site(finish: finish), day: Office.day)
            .result(asOf: asOf ?? Office.clock.start(of: Office.day + 1))
    }

    private func issued(_ time: String, _ number: String, _ service: String? = "ho-tich") -> DomainEvent {
        Office.event(
            Office.at(time), "kiosk", .ticketIssued(number: number, service: service, channel: nil, priority: nil))
    }

    private func at(_ time: String, _ kind: EventKind, _ counter: String? = "q1") -> DomainEvent {
        Office.event(Office.at(time), "caller", kind, counter: counter)
    }

    private func only(_ result: OfficeDayResult) throws -> Visit {
        #expect(result.visits.count == 1)
        return try #require(result.visits.first)
    }

    @Test func `a plain visit`() throws {
        let day = result([
            issued("08:00:00", "A001"), at("08:00:00", .counterOpened),
            at("08:10:00", .ticketCalled(number: "A001")), at("08:10:30", .ticketServing(number: "A001")),
            at("08:20:00", .ticketServed(number: "A001", quantity: 2, outcome: nil)),
        ])
        let visit = try only(day)
        #expect(visit.wait == 600_000 && visit.calling == 30_000 && visit.service == 570_000 && visit.hold == 0)
        #expect(visit.outcome == .served && visit.flags.isEmpty && visit.quantity == 2)
        #expect(visit.legs.first?.walk == 30_000)
        // q2 stands open by the schedule, free, and nobody has seen it.
        #expect(visit.causes.unseen == 600_000)
    }

    @Test func `a call again at the same counter is a recall, at another one the counter moves`() throws {
        let visit = try only(
            result([
                issued("08:00:00", "A001"), at("08:01:00", .ticketCalled(number: "A001")),
                at("08:02:00", .ticketCalled(number: "A001")), at("08:03:00", .ticketCalled(number: "A001"), "q2"),
                at("08:04:00", .ticketServing(number: "A001"), "q2"),
                at("08:05:00", .ticketServed(number: "A001", quantity: nil, outcome: nil), "q2"),
            ]))
        #expect(visit.recalls == 1)
        #expect(visit.legs.first?.counter == "q2")
        #expect(visit.legs.first?.called == Office.at("08:01:00"))
        #expect(visit.legs.first?.lastCall == Office.at("08:03:00"))
        #expect(visit.calling == 180_000)
        #expect(visit.legs.first?.walk == 60_000)
    }

    @Test func `served without a start counts from the last call`() throws {
        let visit = try only(
            result([
                issued("08:00:00", "A001"), at("08:01:00", .ticketCalled(number: "A001")),
                at("08:02:00", .ticketRecalled(number: "A001")),
                at("08:10:00", .ticketServed(number: "A001", quantity: nil, outcome: nil)),
            ]))
        #expect(visit.flags == [.inferredStart])
        #expect(visit.calling == 60_000 && visit.service == 480_000)
        #expect(visit.legs.first?.started == Office.at("08:02:00"))
    }

    @Test func `an unknown number that is called is a visit without an issue`() throws {
        let visit = try only(
            result([
                at("08:01:00", .ticketCalled(number: "a-007 ")), at("08:01:20", .ticketServing(number: "A007")),
                at("08:05:00", .ticketServed(number: "A007", quantity: nil, outcome: nil)),
            ]))
        #expect(visit.ticket == "A007" && visit.flags == [.missingIssue] && visit.issued == nil && visit.wait == 0)
    }

    @Test func `an issue heard five seconds after its call completes the visit`() throws {
        let visit = try only(
            result([
                at("08:01:00", .ticketCalled(number: "A007")), issued("08:01:05", "A007"),
                at("08:05:00", .ticketServed(number: "A007", quantity: nil, outcome: nil)),
            ]))
        #expect(visit.issued == Office.at("08:01:00") && visit.legs.first?.service == "ho-tich")
        #expect(visit.flags == [.inferredStart])
    }

    @Test func `a number issued again ends the old visit open`() {
        let visits = result([
            issued("08:00:00", "A001"), issued("09:00:00", "A001"), at("09:10:00", .ticketCalled(number: "A001")),
        ]).visits
        #expect(visits.map(\.ordinal) == [1, 2])
        #expect(visits.first?.outcome == .open && visits.first?.flags == [.reissued])
        #expect(visits.first?.wait == 3_600_000 && visits.last?.wait == 600_000)
    }

    @Test func `holds are neither wait nor service, and a transfer opens a leg`() throws {
        let visit = try only(
            result([
                issued("08:00:00", "A001"), at("08:10:00", .ticketCalled(number: "A001")),
                at("08:11:00", .ticketServing(number: "A001")), at("08:15:00", .ticketHeld(number: "A001")),
                at("08:25:00", .ticketResumed(number: "A001")),
                at("08:30:00", .ticketTransferred(number: "A001", toService: "dat-dai", toCounter: nil)),
                at("08:40:00", .ticketCalled(number: "A001"), "q3"),
                at("08:41:00", .ticketServing(number: "A001"), "q3"),
                at("08:50:00", .ticketServed(number: "A001", quantity: nil, outcome: nil), "q3"),
            ]))
        #expect(visit.legs.count == 2)
        #expect(visit.hold == 600_000)
        #expect(visit.service == 9 * 60_000 + 9 * 60_000)
        #expect(visit.wait == 20 * 60_000)
        #expect(visit.legs.map(\.service) == ["ho-tich", "dat-dai"] && visit.legs.map(\.counter) == ["q1", "q3"])
    }

    @Test func `a revived no-show does not count the time it was given up`() throws {
        let visit = try only(
            result([
                issued("08:00:00", "A001"), at("08:10:00", .ticketCalled(number: "A001")),
                at("08:12:00", .ticketNoShow(number: "A001")), at("08:30:00", .ticketCalled(number: "A001")),
                at("08:31:00", .ticketServing(number: "A001")),
                at("08:40:00", .ticketServed(number: "A001", quantity: nil, outcome: nil)),
            ]))
        #expect(visit.flags == [.revived] && visit.outcome == .served)
        #expect(visit.calling == 180_000 && visit.service == 540_000 && visit.wait == 600_000)
    }

    @Test func `a forgotten ticket is displaced, both are suspect, and it stays open`() {
        let visits = result([
            issued("08:00:00", "A001"), issued("08:00:01", "A002"), at("08:10:00", .ticketCalled(number: "A001")),
            at("08:11:00", .ticketServing(number: "A001")), at("08:20:00", .ticketCalled(number: "A002")),
            at("08:21:00", .ticketServing(number: "A002")),
            at("08:30:00", .ticketServed(number: "A002", quantity: nil, outcome: nil)),
        ]).visits
        #expect(visits.first?.flags == [.maxService, .overlap, .suspect] && visits.first?.outcome == .open)
        #expect(visits.last?.flags == [.overlap, .suspect] && visits.last?.outcome == .served)
        // Up to the last scheduled closing at 17:00, and no further.
        #expect(visits.first?.service == Office.at("17:00") - Office.at("08:11:00"))
    }

    @Test func `under onNextCall the next call ends the service, a pause ends it at a time nobody knows`() {
        let visits = result(
            [
                issued("08:00:00", "A001"), issued("08:00:01", "A002"), at("08:10:00", .ticketCalled(number: "A001")),
                at("08:20:00", .ticketCalled(number: "A002")), at("08:30:00", .counterPaused(reason: nil)),
            ], finish: .onNextCall
        ).visits
        #expect(visits.first?.flags == [.inferredFinish, .inferredStart] && visits.first?.service == 600_000)
        #expect(visits.last?.outcome == .served && visits.last?.finished == nil && visits.last?.service == 600_000)
    }

    @Test func `an event without a row marks the visit and changes nothing`() throws {
        let day = result([
            issued("08:00:00", "A001"), at("08:01:00", .ticketServed(number: "A001", quantity: nil, outcome: nil)),
            at("08:10:00", .ticketCalled(number: "A001")), at("08:10:10", .ticketServing(number: "A001")),
            at("08:10:20", .ticketServing(number: "A001")),
            at("08:20:00", .ticketServed(number: "A001", quantity: nil, outcome: nil)),
            at("08:20:01", .ticketServed(number: "B999", quantity: nil, outcome: nil)),
        ])
        let visit = try only(day)
        #expect(visit.flags == [.suspect, .unexpected] && visit.wait == 600_000)
        #expect(day.anomalies.map(\.reason) == ["repeat", "unexpected", "unknownTicket"])
    }

    @Test func `each cause is charged while it holds and not a millisecond longer`() throws {
        func camera(_ time: String, _ device: String, _ count: Int64) -> DomainEvent {
            Office.event(Office.at(time), device, .cameraPresence(zone: "staff", count: count))
        }
        func vc(_ time: String, _ kind: EventKind) -> DomainEvent { Office.event(Office.at(time), "vc", kind) }
        let day = result([
            issued("07:20:00", "A001"),  // closed until 07:30
            at("07:20:01", .counterClosed, "q2"),  // q1 alone, by the schedule; unseen until its camera speaks
            camera("07:31:00", "cam-1", 1),  // idle
            camera("07:35:00", "cam-1", 0),  // unattended
            vc("07:38:00", .meetingStarted(id: "x")),  // meeting
            vc("07:42:00", .meetingEnded(id: "x", cause: "bye")),  // unattended; evidence of cam-1 ends at 07:46
            issued("07:44:00", "B001", nil),
            at("07:50:00", .ticketCalled(number: "B001")),  // capacity
            at("07:51:00", .ticketServing(number: "B001")),
            at("07:58:00", .ticketServed(number: "B001", quantity: nil, outcome: nil)),
            at("08:00:00", .ticketCalled(number: "A001")),
        ])
        let visit = try #require(day.visits.first)
        #expect(visit.causes.closed == 600_000)
        #expect(visit.causes.idle == 240_000)
        #expect(visit.causes.meeting == 240_000)
        #expect(visit.causes.unattended == 180_000 + 240_000)
        #expect(visit.causes.unseen == 60_000 + 240_000 + 120_000)
        #expect(visit.causes.capacity == 480_000)
        #expect(visit.causes.total == visit.wait)
    }

    @Test func `the scheduled end closes a free counter, and an occupied one when it becomes free`() {
        let lanes = result([
            at("08:00:00", .counterOpened, "q1"), at("08:00:00", .counterOpened, "q2"), issued("11:00:00", "A001"),
            at("11:20:00", .ticketCalled(number: "A001"), "q1"),
            at("11:40:00", .ticketServed(number: "A001", quantity: nil, outcome: nil), "q1"),
            at("13:05:00", .counterOpened, "q2"),
        ]).timeline.counters
        func state(_ lane: Int, _ time: String) -> Timeline.CounterState? {
            lanes[lane].spans.first { $0.from <= Office.at(time) && Office.at(time) < $0.until }?.state
        }
        #expect(state(0, "11:35:00") == .serving && state(0, "11:41:00") == .closed && state(0, "13:10:00") == .closed)
        #expect(state(1, "11:31:00") == .closed && state(1, "13:04:00") == .closed && state(1, "13:06:00") == .open)
        #expect(state(2, "08:00:00") == .open && state(2, "12:00:00") == .closed && state(2, "13:00:00") == .open)
    }

    @Test func `two agents that hear one call count it once, and a human recall stays a recall`() throws {
        var second = at("08:10:00.800", .ticketCalled(number: "A001"))
        second.id.agent = "pc-2"
        let again = at("08:10:05", .ticketCalled(number: "A001"))
        let day = result([
            issued("08:00:00", "A001"), at("08:10:00", .ticketCalled(number: "A001")), second, again,
        ])
        #expect(day.witnessedCount == 1 && day.witnesses == 2)
        #expect(try only(day).recalls == 1)
        #expect(try only(day).legs.first?.called == Office.at("08:10:00"))
    }

    @Test func `a running day counts up to now, and what is open is open`() throws {
        let events = [
            issued("08:00:00", "A001"), issued("08:05:00", "A002"), at("08:06:00", .ticketCalled(number: "A002")),
        ]
        let day = result(events, asOf: Office.at("08:10:00"))
        #expect(!day.isFinal && day.waitingNow == 1 && day.oldestWaitingSince == Office.at("08:00:00"))
        #expect(day.visits.first?.wait == 600_000 && day.visits.last?.calling == 240_000)
        let evening = result(events, asOf: Office.at("18:00:00"))
        #expect(evening.visits.first?.wait == Office.at("17:00") - Office.at("08:00"))
    }

    @Test func `a flood that two ears hear is folded in bounded work, and says so`() {
        var events: [DomainEvent] = []
        for index in 0..<6_000 {
            // Two thousand different facts a second.
            var event = at("08:10:00", .ticketCalled(number: "N\(index)"))
            event.at = event.at + Int64(index / 2)
            event.id = EventID(
                agent: index % 2 == 0 ? "pc-1" : "pc-2", epoch: Epoch(high: 0, low: 1), sequence: UInt64(index + 1))
            events.append(event)
        }
        let day = result(events)
        #expect(day.anomalies.first { $0.reason == "tooManyFacts" }?.count ?? 0 > 3_000)
        #expect(day.fates.total == 6_000 && day.witnessedCount == 0)
    }

    @Test func `until the last call counts waiting and being called, over all legs, and no time given up`() throws {
        let recalled = try only(
            result([
                issued("08:00:00", "A1"), at("08:05:00", .ticketCalled(number: "A1")),
                at("08:07:00", .ticketRecalled(number: "A1")), at("08:08:00", .ticketServing(number: "A1")),
            ]))
        #expect(recalled.legs.map(\.waitToLastCall) == [420_000])
        let revived = try only(
            result([
                issued("08:00:00", "A1"), at("08:05:00", .ticketCalled(number: "A1")),
                at("08:07:00", .ticketNoShow(number: "A1")), at("08:30:00", .ticketCalled(number: "A1")),
            ]))
        #expect(revived.legs.map(\.waitToLastCall) == [420_000])
        let moved = try only(
            result([
                issued("08:00:00", "A1"), at("08:20:00", .ticketCalled(number: "A1")),
                at("08:21:00", .ticketServing(number: "A1")),
                at("08:30:00", .ticketTransferred(number: "A1", toService: nil, toCounter: nil)),
                at("08:40:00", .ticketCalled(number: "A1")),
            ]))
        #expect(moved.legs.map(\.waitToLastCall) == [1_200_000, 600_000])
    }
}
