import Domain
import Foundation
import GRDB
import Records
import Testing

@testable import Collector

@Suite struct OfficeDaysTests {
    /// By hand: A001 waits before opening (10 min, closed) and one minute at a counter whose camera has said nothing;
    /// A002 waits 5 min for A001 to finish (capacity) and 2 min for a counter seen empty; A003 gives up after 4 min, when
    /// the camera has been silent for too long.
    static let visits = """
        office,day,ticket,ordinal,service,counter,issued,called,started,finished,outcome,wait_ms,calling_ms,service_ms,hold_ms,closed_ms,capacity_ms,idle_ms,meeting_ms,unattended_ms,unseen_ms,flags
        thu,2026-11-10,A001,1,ho-tich,q1,2026-11-10T07:20:00.000+07:00,2026-11-10T07:31:00.000+07:00,2026-11-10T07:31:30.000+07:00,2026-11-10T07:40:00.000+07:00,served,660000,30000,510000,0,600000,0,0,0,0,60000,
        thu,2026-11-10,A002,1,ho-tich,q1,2026-11-10T07:35:00.000+07:00,2026-11-10T07:42:00.000+07:00,,2026-11-10T07:43:00.000+07:00,noShow,420000,60000,0,0,0,300000,0,0,120000,0,
        thu,2026-11-10,A003,1,ho-tich,,2026-11-10T08:00:00.000+07:00,,,2026-11-10T08:04:00.000+07:00,left,240000,0,0,0,0,0,0,0,0,240000,

        """

    func visits(_ days: OfficeDays, asOf: Instant? = nil) async throws -> String {
        var values = ["date": "2026-11-10", "output": "csv"]
        values["asOf"] = asOf.map { String($0.milliseconds) }
        return try await ask(days, VisitsQuery(), values).body
    }

    @Test func `the visits of a handmade day`() async throws {
        let bench = try Bench()
        let sender = try Fixture.sender()
        try await bench.send(sender.batch(1...sender.last))
        #expect(try await visits(bench.days) == Self.visits)
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `events that arrive late, early or in any batches fold to the same day`(seed: UInt64) async throws {
        var dice = Dice(seed)
        let bench = try Bench()
        let sender = try Fixture.sender()
        for batch in sender.batches(of: 2).shuffled(using: &dice) {
            try await bench.send(batch)
            // A reader in between makes the cache continue or fold anew.
            _ = try await visits(bench.days)
        }
        #expect(try await visits(bench.days) == Self.visits)
        #expect(try await visits(OfficeDays(store: bench.store, now: { Fixture.now })) == Self.visits)
    }

    @Test func `later events continue a fold, earlier ones fold the day anew`() async throws {
        let bench = try Bench()
        let sender = try Fixture.sender()
        try await bench.send(sender.batch(1...5))
        _ = try await visits(bench.days)
        try await bench.send(sender.batch(6...8))
        _ = try await visits(bench.days)
        #expect(bench.server.counters.now.refolds == 0)
        try await bench.send(sender.batch(10...11))
        _ = try await visits(bench.days)
        #expect(bench.server.counters.now.refolds == 0)
        try await bench.send(sender.batch(9...9))
        #expect(try await visits(bench.days) == Self.visits)
        #expect(bench.server.counters.now.refolds == 1)
        let folds = bench.server.counters.now.folds
        _ = try await visits(bench.days)
        #expect(bench.server.counters.now.folds == folds)
    }

    @Test func `an earlier moment is told as it was known then`() async throws {
        let bench = try Bench()
        let sender = try Fixture.sender()
        try await bench.send(sender.batch(1...sender.last))
        let lines = try await visits(bench.days, asOf: Fixture.at(7, 36)).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.last?.contains(",open,60000,") == true)
        #expect(try await visits(bench.days, asOf: Fixture.at(6, 0)).split(separator: "\n").count == 1)
    }

    @Test func `events without a site file are kept, shown as such, and fold when it comes`() async throws {
        let bench = try Bench()
        let sender = try Fixture.sender()
        // The site file is record 1.
        try await bench.send(sender.batch(2...sender.last))
        #expect(try await bench.days.result(office: "thu", day: Fixture.day, asOf: nil) == nil)
        let office = try #require(try await bench.days.offices().first)
        #expect(office.site == nil)
        #expect(office.events == 10)
        #expect(try await bench.days.incidents().map(\.kind) == [.gap, .noSite])
        await #expect(throws: QueryError.self) {
            try await ask(bench.days, DayQuery(), ["office": "thu", "date": "2026-11-10"])
        }
        try await bench.send(sender.batch(1...1))
        #expect(try await visits(bench.days) == Self.visits)
    }

    @Test func `a day folds with the site revision that is valid on it`() async throws {
        let bench = try Bench()
        var sender = try Fixture.sender()
        try sender.add(.site(office: "thu", Fixture.site(name: "Mới", from: Fixture.day + 1, counters: 3)))
        try await bench.send(sender.batch(1...sender.last))
        let old = try #require(try await bench.days.result(office: "thu", day: Fixture.day, asOf: nil))
        let new = try #require(try await bench.days.result(office: "thu", day: Fixture.day + 1, asOf: nil))
        #expect(old.site.counters.count == 1)
        #expect(new.site.counters.count == 3)
        #expect(try await bench.days.offices().first?.site?.office.name.vi == "Mới")
    }

    @Test func `events before the first site file's date are an incident, not silence`() async throws {
        let bench = try Bench()
        var sender = Sender()
        try sender.add(.site(office: "thu", Fixture.site(from: Fixture.day + 1)))
        for event in Fixture.events { try sender.add(.event(event)) }
        try await bench.send(sender.batch(1...sender.last))
        let incident = try #require(try await bench.days.incidents().first)
        #expect(incident.kind == .noSite)
        #expect(incident.detail == "events before 2026-11-11 are kept, but no site file is valid then")
    }

    @Test func `agents that disagree about a site are an incident until they agree`() async throws {
        let bench = try Bench()
        var one = Sender("pc-1")
        var two = Sender("pc-2")
        try one.add(.site(office: "thu", Fixture.site()))
        try two.add(.site(office: "thu", Fixture.site(counters: 2)))
        try two.add(.site(office: "thu", Fixture.site()))
        try await bench.send(one.batch(1...1))
        try await bench.send(two.batch(1...1))
        #expect(try await bench.days.incidents().map(\.kind) == [.siteDisagreement])
        try await bench.send(two.batch(2...2))
        #expect(try await bench.days.incidents().isEmpty)
    }

    @Test func `a clock that cannot be believed needs a person until it can`() async throws {
        let bench = try Bench()
        var sender = try Fixture.sender()
        func clock(_ state: String, _ minute: Int64, offset: Int64 = -240_000) throws {
            let kind = EventKind.deviceClock(class: state, offsetMilliseconds: offset, driftMillisecondsPerDay: nil)
            try sender.add(.event(Fixture.event(kind, at: Fixture.at(16, minute))))
        }
        try clock("trusted", 50)
        try clock("skewed", 51)
        try await bench.send(sender.batch(1...sender.last))
        let incident = try #require(try await bench.days.incidents().first { $0.kind == .deviceClock })
        #expect(incident.subject == "thu" && incident.detail == "kiosk: skewed, 240 s ahead")
        #expect(incident.first == Fixture.at(16, 51))
        let day = try #require(try await bench.days.result(office: "thu", day: Fixture.day, asOf: nil))
        #expect(day.json.contains("\"class\":\"skewed\",\"offset\":-240000}"))
        // Trusted again, and steadily wrong by some seconds only: nothing to do.
        for (minute, harmless) in [(52, ("trusted", -240_000)), (53, ("skewed", 5_000))] as [(Int64, (String, Int64))] {
            let sent = sender.last
            try clock(harmless.0, minute, offset: harmless.1)
            try await bench.send(sender.batch(sent + 1...sender.last))
            #expect(try await bench.days.incidents().filter { $0.kind == .deviceClock }.isEmpty)
        }
        // The least that counts as a minute, and drift of any size.
        for (minute, fault) in [(54, ("skewed", 60_000)), (55, ("drifting", 5_000))] as [(Int64, (String, Int64))] {
            let sent = sender.last
            try clock(fault.0, minute, offset: fault.1)
            try await bench.send(sender.batch(sent + 1...sender.last))
            #expect(try await bench.days.incidents().filter { $0.kind == .deviceClock }.count == 1)
        }
    }

    @Test func `waiting that does not add up needs a person`() async throws {
        let bench = try Bench()
        var sender = Sender()
        try sender.add(.site(office: "thu", Fixture.site()))
        // Six citizens come at eight, the last one is called at once, and of the others nothing is heard again.
        for number in 1...6 {
            let kind = EventKind.ticketIssued(number: "A00\(number)", service: "ho-tich", channel: nil, priority: nil)
            try sender.add(.event(Fixture.event(kind, at: Fixture.at(8, 0, Int64(number)))))
        }
        let called = EventKind.ticketCalled(number: "A006")
        try sender.add(.event(Fixture.event(called, at: Fixture.at(8, 1), counter: "q1")))
        try await bench.send(sender.batch(1...sender.last))
        let incident = try #require(try await bench.days.incidents().first { $0.kind == .lostEvents })
        #expect(incident.detail.hasPrefix("on 2026-11-10 the waiting of "))
    }
}
