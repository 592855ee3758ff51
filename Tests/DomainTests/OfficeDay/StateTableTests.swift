import Domain
import Testing

/// DOMAIN.md §3 as one table, made by asking the fold cell by cell.
@Suite struct StateTableTests {
    private typealias Event = (name: String, kind: EventKind, counter: String?)

    private static let number = "A001"
    private static let called = ("called", EventKind.ticketCalled(number: number), Optional("q1"))
    private static let serving = ("serving", EventKind.ticketServing(number: number), Optional("q1"))
    private static let held = ("held", EventKind.ticketHeld(number: number), Optional("q1"))
    private static let issued = (
        "issued", EventKind.ticketIssued(number: number, service: "ho-tich", channel: nil, priority: nil),
        String?.none
    )
    private static let served = (
        "served", EventKind.ticketServed(number: number, quantity: 3, outcome: nil), Optional("q1")
    )
    private static let noShow = ("noShow", EventKind.ticketNoShow(number: number), Optional("q1"))
    private static let left = ("left", EventKind.ticketLeft(number: number), String?.none)

    /// States by the events that lead to them, a minute apart from 08:00.
    private static let states: [(name: String, path: [Event])] = [
        ("none", []), ("waiting", [issued]), ("called", [issued, called]), ("serving", [issued, called, serving]),
        ("held/C", [issued, called, held]), ("held/S", [issued, called, serving, held]),
        ("served", [issued, called, serving, served]), ("noShow", [issued, called, noShow]), ("left", [issued, left]),
    ]

    private static let events: [Event] = [
        issued, called, ("called q2", .ticketCalled(number: number), "q2"),
        ("called -", .ticketCalled(number: number), nil), ("recalled", .ticketRecalled(number: number), "q1"), serving,
        ("serving q2", .ticketServing(number: number), "q2"), served,
        ("served q2", .ticketServed(number: number, quantity: 3, outcome: nil), "q2"), noShow,
        ("noShow q2", .ticketNoShow(number: number), "q2"), held, ("held q2", .ticketHeld(number: number), "q2"),
        ("resumed", .ticketResumed(number: number), nil), ("resumed q2", .ticketResumed(number: number), "q2"),
        ("transferred", .ticketTransferred(number: number, toService: "dat-dai", toCounter: nil), "q1"), left,
    ]

    /// What the last minute counted as, or how the visit ended; `+` a new ordinal, `@q2` another counter than q1, the
    /// flags and recalls that came with the event, `=` a repeat, `!` an event without a row, `?` an unknown number.
    private func cell(_ path: [Event], _ event: Event, _ finish: Office.Finish) throws -> String {
        func fold(_ events: [Event], minutes: Int) -> OfficeDayResult {
            let start = SampleOffice.at("08:00:00")
            let made = events.enumerated().map {
                SampleOffice.event(
                    start + Int64($0.offset) * 60_000, "caller", $0.element.kind, counter: $0.element.counter)
            }
            return OfficeDay.fold(
                SampleOffice.numbered(made), site: SampleOffice.site(finish: finish), day: SampleOffice.day
            ).result(asOf: start + Int64(minutes) * 60_000)
        }
        let before = fold(path, minutes: path.count)
        let after = fold(path + [event], minutes: path.count)
        let later = fold(path + [event], minutes: path.count + 1)
        func count(_ reason: String) -> Int {
            (after.anomalies.first { $0.reason == reason }?.count ?? 0)
                - (before.anomalies.first { $0.reason == reason }?.count ?? 0)
        }
        var marks = ""
        if count("repeat") > 0 { marks += "=" }
        if count("unexpected") > 0 { marks += "!" }
        if count("unknownTicket") > 0 { marks += "?" }
        guard let now = after.visits.last, let then = later.visits.last else { return "-" + marks }
        let old = before.visits.last
        var out: String
        switch now.outcome {
        case .open:
            let names = [("W", \Visit.wait), ("C", \.calling), ("S", \.service), ("H", \.hold)]
            let grown = names.filter { then[keyPath: $0.1] - now[keyPath: $0.1] == 60_000 }
            #expect(grown.count == 1)
            out = grown.first?.0 ?? "nothing"
        default: out = now.outcome.rawValue
        }
        if now.ordinal > (old?.ordinal ?? 1) { out += "+" }
        if now.legs.count > (old?.legs.count ?? 1), now.ordinal == old?.ordinal { out += "/" }
        if let counter = now.legs.last?.counter, counter != "q1" { out += "@" + counter }
        let isSame = now.ordinal == old?.ordinal
        for flag in now.flags where flag != .suspect && !(isSame && old?.flags.contains(flag) ?? false) {
            if flag != .unexpected { out += " " + flag.rawValue }
        }
        if now.recalls > (old?.recalls ?? 0) { out += " recall" }
        if now.ordinal > 1, after.visits.first?.outcome == .open { out += " reissued" }
        return out + marks
    }

    /// The table of DOMAIN.md §3, whole: columns are the state before, rows the event. W waiting, C called, S serving,
    /// H held; see `cell` for the marks. `held/C` was held when called, `held/S` when serving.
    private static let table = """
        event       | none             | waiting       | called                | serving      | held/C     | held/S     | served      | noShow       | left
        issued      | W                | W+ reissued   | W+ reissued           | W+ reissued  | W+ reissued | W+ reissued | W+         | W+           | W+
        called      | C missingIssue   | C             | C recall              | S!           | C          | C          | served!     | C revived    | left!
        called q2   | C@q2 missingIssue | C@q2         | C@q2                  | S!           | C@q2       | C@q2       | served!     | C@q2 revived | left!
        called -    | C missingIssue   | C             | C recall              | S!           | C          | C          | served!     | C revived    | left!
        recalled    | -?               | W!            | C recall              | S!           | H!         | H!         | served!     | noShow!      | left!
        serving     | -?               | S missingCall | S                     | S=           | S          | S          | served!     | noShow!      | left!
        serving q2  | -?               | S@q2 missingCall | S@q2               | S!           | S@q2       | S@q2       | served!     | noShow!      | left!
        served      | -?               | W!            | served inferredStart  | served       | H!         | H!         | served=     | noShow!      | left!
        served q2   | -?               | W!            | served inferredStart  | served       | H!         | H!         | served!     | noShow!      | left!
        noShow      | -?               | W!            | noShow                | S!           | H!         | H!         | served!     | noShow=      | left!
        noShow q2   | -?               | W!            | noShow                | S!           | H!         | H!         | served!     | noShow!      | left!
        held        | -?               | W!            | H                     | H            | H=         | H=         | served!     | noShow!      | left!
        held q2     | -?               | W!            | H                     | H            | H!         | H!         | served!     | noShow!      | left!
        resumed     | -?               | W!            | C!                    | S!           | C          | S          | served!     | noShow!      | left!
        resumed q2  | -?               | W!            | C!                    | S!           | C@q2       | S@q2       | served!     | noShow!      | left!
        transferred | -?               | W/            | W/                    | W/           | H!         | H!         | served!     | noShow!      | left!
        left        | -?               | left          | left                  | left         | left       | left       | served!     | noShow!      | left=
        """

    @Test(arguments: [Office.Finish.explicit, .onNextCall])
    func `every state and every event`(finish: Office.Finish) throws {
        let rows = Self.table.split(separator: "\n").map { row in
            row.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
        }
        #expect(rows.first.map { Array($0.dropFirst()) } == Self.states.map(\.name))
        #expect(rows.dropFirst().map(\.first) == Self.events.map(\.name))
        for (row, event) in zip(rows.dropFirst(), Self.events) {
            for (expected, state) in zip(row.dropFirst(), Self.states) {
                let found = try cell(state.path, event, finish)
                #expect(found == expected, "\(event.name) when \(state.name)")
            }
        }
    }

    @Test func `three services in one visit are three legs, each held against its own limit`() throws {
        func at(_ time: String, _ kind: EventKind, _ counter: String? = "q2") -> DomainEvent {
            SampleOffice.event(SampleOffice.at(time), "caller", kind, counter: counter)
        }
        let number = Self.number
        let events = [
            at("08:00:00", Self.issued.1, nil), at("08:05:00", .ticketCalled(number: number)),
            at("08:06:00", .ticketServing(number: number)),
            // Seventy minutes, but `dat-dai` has no limit; `ho-tich` has one of sixty.
            at("08:10:00", .ticketTransferred(number: number, toService: "dat-dai", toCounter: "q3")),
            at("08:20:00", .ticketCalled(number: number), "q3"), at("08:20:00", .ticketServing(number: number), "q3"),
            at("09:30:00", .ticketTransferred(number: number, toService: "ho-tich", toCounter: nil)),
            at("09:40:00", .ticketCalled(number: number)), at("09:40:30", .ticketServing(number: number)),
            at("09:50:00", .ticketServed(number: number, quantity: 2, outcome: nil)),
            at("09:51:00", .ticketServed(number: number, quantity: 5, outcome: nil)),
            at("10:00:00", Self.issued.1, nil),
        ]
        let result = OfficeDay.fold(
            SampleOffice.numbered(events), site: SampleOffice.site(), day: SampleOffice.day
        ).result(asOf: SampleOffice.at("10:01:00"))
        let visit = try #require(result.visits.first)
        #expect(visit.legs.map(\.service) == ["ho-tich", "dat-dai", "ho-tich"])
        #expect(visit.legs.map(\.target) == [nil, "q3", nil] && visit.legs.map(\.counter) == ["q2", "q3", "q2"])
        #expect(
            visit.legs.map { $0.wait / 60_000 } == [5, 10, 10]
                && visit.legs.map { $0.serving / 1_000 } == [240, 4_200, 570])
        #expect(visit.flags.isEmpty && visit.outcome == .served && visit.quantity == 2)
        #expect(result.visits.map(\.ordinal) == [1, 2] && result.fates.repeated == 1)
    }

    // MARK: The one at the counter, when something happens there

    private static let another = EventKind.ticketCalled(number: "A002")

    private func occupant(_ state: String, _ kind: EventKind?, at time: String, _ finish: Office.Finish) throws -> Visit
    {
        var events = [
            SampleOffice.event(SampleOffice.at("08:00:00"), "kiosk", Self.issued.1),
            SampleOffice.event(
                SampleOffice.at("08:00:01"), "kiosk",
                .ticketIssued(number: "A002", service: "ho-tich", channel: nil, priority: nil)),
            SampleOffice.event(
                SampleOffice.at("08:01:00"), "caller", .ticketCalled(number: Self.number), counter: "q1"),
        ]
        if state == "serving" {
            events.append(
                SampleOffice.event(SampleOffice.at("08:02:00"), "caller", Self.serving.1, counter: "q1"))
        }
        if let kind { events.append(SampleOffice.event(SampleOffice.at(time), "caller", kind, counter: "q1")) }
        let result = OfficeDay.fold(
            SampleOffice.numbered(events), site: SampleOffice.site(finish: finish), day: SampleOffice.day
        ).result(asOf: SampleOffice.clock.start(of: SampleOffice.day + 1))
        return try #require(result.visits.first { $0.ticket == Self.number })
    }

    /// outcome, whether its end is known, minutes called and served, flags.
    private static let endings: [(state: String, event: String, finish: Office.Finish, expected: String)] = [
        ("called", "another called", .explicit, "open C 539 S 0 -"),
        ("serving", "another called", .explicit, "open C 1 S 538 maxService+overlap+suspect"),
        ("called", "another called", .onNextCall, "served 08:30 C 0 S 29 inferredFinish+inferredStart"),
        ("serving", "another called", .onNextCall, "served 08:30 C 1 S 28 inferredFinish"),
        ("called", "paused", .explicit, "open C 539 S 0 -"),
        ("serving", "paused", .explicit, "open C 1 S 538 maxService+suspect"),
        ("called", "paused", .onNextCall, "served ? C 0 S 29 inferredFinish+inferredStart"),
        ("serving", "paused", .onNextCall, "served ? C 1 S 28 inferredFinish"),
        ("serving", "closed", .explicit, "open C 1 S 538 maxService+suspect"),
        ("serving", "closed", .onNextCall, "served ? C 1 S 28 inferredFinish"),
        ("serving", "opened", .onNextCall, "served ? C 1 S 208 inferredFinish+maxService+suspect"),
        ("serving", "nothing", .explicit, "open C 1 S 538 maxService+suspect"),
        ("called", "nothing", .explicit, "open C 539 S 0 -"),
        // The end of the morning's hours is at 11:30.
        ("serving", "nothing", .onNextCall, "served ? C 1 S 208 inferredFinish+maxService+suspect"),
        ("called", "nothing", .onNextCall, "served ? C 0 S 209 inferredFinish+inferredStart+maxService+suspect"),
    ]

    @Test(arguments: 0..<15) func `what ends the one at the counter`(index: Int) throws {
        let row = try #require(Self.endings.indices.contains(index) ? Self.endings[index] : nil)
        let kinds: [String: EventKind] = [
            "another called": Self.another, "paused": .counterPaused(reason: nil), "closed": .counterClosed,
            "opened": .counterOpened,
        ]
        let visit = try occupant(row.state, kinds[row.event], at: "08:30:00", row.finish)
        var found = visit.outcome.rawValue
        if visit.outcome == .served {
            found += " " + (visit.finished.map { String(SampleOffice.clock.text($0).dropFirst(11).prefix(5)) } ?? "?")
        }
        found += " C \(visit.calling / 60_000) S \(visit.service / 60_000) "
        found += visit.flags.isEmpty ? "-" : visit.flags.map(\.rawValue).joined(separator: "+")
        #expect(found == row.expected, "\(row.state), \(row.event), \(row.finish)")
    }
}
