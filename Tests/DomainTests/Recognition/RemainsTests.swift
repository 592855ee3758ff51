import Domain
import Testing
import Wire

/// What gives nothing is counted and said, also inside of a message that gave something.
struct RemainsTests {
    private static func rule(
        _ id: String, _ status: String, event: String? = "ticket.issued", set: [(String, String)] = [],
        continues: Bool = false
    ) -> DeviceProfile.Rule {
        DeviceProfile.Rule(
            id: id, match: [.field("json.tickets.status", .equals(status))], event: event,
            payload: set.map { DeviceProfile.Entry($0.0, $0.1) }, continues: continues)
    }

    private static let issued = rule("issued", "1", set: [("number", "{json.tickets.no}")])

    @Test func `elements that no rule takes are counted, and each says what became of it`() throws {
        var pipeline = try LastingTests.pipeline(
            [Self.issued, Self.rule("alive", "0", event: nil)], each: "json.tickets")
        pipeline.recognitions = []
        let text =
            #"{"tickets":[{"status":1,"no":"A1"},{"status":9,"no":"A2"},{"status":0},{"status":1},{"status":8}]}"#
        #expect(LastingTests.say(&pipeline, text, at: 0).count == 1)
        let tally = try #require(pipeline.counters.rows.first?.tally)
        #expect(tally.messages == 1 && tally.matched == 1 && tally.unmapped == 0)
        #expect(tally.unmappedElements == 2 && tally.incompleteRules == 1)
        let kinds = pipeline.elementRecognitions.map { recognition -> String in
            switch recognition {
            case .matched: "matched"
            case .ignored: "ignored"
            case .incomplete(let rule, _): rule
            case .unmapped: "unmapped"
            case .unread: "unread"
            }
        }
        #expect(kinds == ["matched", "unmapped", "ignored", "issued", "unmapped"])

        // Nothing came of it: that is the message's own count.
        _ = LastingTests.say(&pipeline, #"{"tickets":[{"status":9},{"status":9}]}"#, at: 1)
        let after = try #require(pipeline.counters.rows.first?.tally)
        #expect(after.unmapped == 1 && after.unmappedElements == 2)
        #expect(pipeline.elementRecognitions == [.unmapped, .unmapped])
    }

    @Test func `nobody asked: elements are counted and not kept`() throws {
        var pipeline = try LastingTests.pipeline([Self.issued], each: "json.tickets")
        _ = LastingTests.say(&pipeline, #"{"tickets":[{"status":1,"no":"A1"},{"status":9}]}"#, at: 0)
        #expect(pipeline.elementRecognitions.isEmpty)
        #expect(pipeline.counters.rows.first?.tally.unmappedElements == 1)
    }

    @Test func `elements beyond the bound are counted with those that no rule is for`() throws {
        var pipeline = try LastingTests.pipeline([Self.issued], each: "json.tickets")
        let all = (0..<300).map { #"{"status":1,"no":"A\#($0)"}"# }.joined(separator: ",")
        #expect(LastingTests.say(&pipeline, #"{"tickets":[\#(all)]}"#, at: 0).count == 256)
        #expect(pipeline.counters.rows.first?.tally.unmappedElements == 44)
    }

    @Test func `siblings in XML are elements, whatever each of them has, and JSON is a list of its own`() throws {
        func rule(_ id: String, _ field: String, _ body: DeviceProfile.Body) -> DeviceProfile.Rule {
            var rule = DeviceProfile.Rule(
                id: id, match: [.field(field + ".state", .equals("1"))], event: "ticket.issued",
                payload: [DeviceProfile.Entry("number", "{\(field).no}")])
            rule.body = body
            return rule
        }
        let profile = DeviceProfile(
            id: "test/lists", name: LocalizedName(vi: "", en: "l"), kind: .queue, protocolName: .http, body: .xml,
            each: ["xml.all.t", "json.all"], rules: [rule("x", "xml.all.t", .xml), rule("j", "json.all", .json)])
        #expect(profile.problems.isEmpty)
        let recognizer = try Recognizer(profile, device: Kiosk.device(), clock: Kiosk.clock)
        func numbers(_ body: String) -> (numbers: [String], unmapped: UInt64) {
            var message = Message(.http, copying: Array(body.utf8).span.bytes)
            message.setBody(in: 0..<body.utf8.count)
            var rest = Remains()
            guard case .matched(let all) = recognizer.recognise(message, heard: Kiosk.noon, &rest) else {
                return ([], rest.unmappedElements)
            }
            let numbers = all.map { observation in
                if case .ticketIssued(let number, _, _, _) = observation.kind { number } else { "" }
            }
            return (numbers, rest.unmappedElements)
        }
        let one = "<t><state>1</state><no>A1</no></t>"
        let two = "<t><no>A2</no><sub><no>x</no></sub><sub/><state>1</state></t>"
        let other = "<t><state>9</state><no>A3</no></t>"
        #expect(numbers("<r><all>\(one)</all></r>") == (["A1"], 0))
        #expect(numbers("<r><all>\(one)\(two)\(other)</all></r>") == (["A1", "A2"], 1))
        // Each in a parent of its own.
        #expect(numbers("<r><all>\(one)</all><all>\(two)</all></r>") == (["A1", "A2"], 0))
        #expect(numbers(#"{"all":[{"state":1,"no":"B1"},{"state":1,"no":"B2"}]}"#) == (["B1", "B2"], 0))
        let many = String(repeating: one, count: 300)
        #expect(numbers("<r><all>\(many)</all></r>").numbers.count == 256)
        #expect(numbers("<r><all>\(many)</all></r>").unmapped == 44)
    }

    @Test func `a rule that lacks a value beside one that gives its event is counted`() throws {
        var first = Kiosk.called("first", match: [])
        first.continues = true
        let second = Kiosk.called("second", match: [], number: "{pair.nothing}")
        let profile = Kiosk.profile(rules: [first, second])
        let recognizer = try Recognizer(profile, device: Kiosk.device(), clock: Kiosk.clock)
        var rest = Remains()
        let message = Kiosk.syslog("ticket=A1")
        guard case .matched(let all) = recognizer.recognise(message, heard: Kiosk.noon, &rest) else {
            Issue.record("not matched")
            return
        }
        #expect(all.map(\.rule) == ["first"])
        #expect(rest.incompleteRules == 1 && rest.unmappedElements == 0)
    }

    /// By key: what fits, what does not, and what it must be.
    @Test(arguments: [
        ("ticket.issued", "priority", "2", "high", "a whole number"),
        ("ticket.issued", "priority", "-1", "true", "a whole number"),
        ("ticket.served", "quantity", "3", "0", "a whole number, at least 1"),
        ("queue.snapshot", "openCounters", "0", "-1", "a whole number, at least 0"),
        ("queue.snapshot", "waiting", "0", "3.5", "a whole number, at least 0"),
        ("feedback.rated", "score", "4", "four", "a whole number"),
        ("camera.presence", "count", "2", "-2", "a whole number, at least 0"),
        ("camera.motion", "on", "1", "TRUE", "true, false, 1 or 0"),
        ("meeting.quality", "mos", "4.1", "nan", "a number"),
        ("meeting.quality", "jitterMilliseconds", "12", "12 ms", "a number"),
    ])
    func `a value of another type is left out and counted, and what needs it is no event`(
        event: String, key: String, good: String, bad: String, must: String
    ) throws {
        let others = ["number": "A1", "waiting": "1", "score": "1", "scale": "5", "zone": "staff", "count": "1"]
        let keys = EventKind.catalogue.first { $0.name == event }?.keys ?? []
        let needed = keys.filter { !$0.hasSuffix("?") && $0 != key }
        func profile(_ value: String) -> DeviceProfile {
            Kiosk.profile(rules: [
                DeviceProfile.Rule(
                    id: "r", event: event,
                    payload: needed.map { DeviceProfile.Entry($0, others[$0] ?? "") }
                        + [DeviceProfile.Entry(key, value)])
            ])
        }
        let said = profile("{pair.v}")
        let wrong = Shortcoming.wrong(key: key, said: bad)
        var rest = Remains()
        let recognizer = try Recognizer(said, device: Kiosk.device(), clock: Kiosk.clock)
        switch recognizer.recognise(Kiosk.syslog("v=\"\(bad)\""), heard: Kiosk.noon, &rest) {
        case .matched(let all):
            #expect(keys.contains(key + "?") && all.map(\.leftOut) == [wrong] && rest.incompleteRules == 1)
            #expect(all.first?.kind.payload.contains { $0.key == key } == false)
        case let other:
            #expect(keys.contains(key) && other == .incomplete(rule: "r", wrong) && rest.incompleteRules == 0)
        }
        #expect(Shortcoming.wrong(key: key, said: bad).description == "'\(key)' is '\(bad)', and must be \(must)")
        let events = try Kiosk.events(said, Kiosk.syslog("v=\"\(good)\""))
        #expect(events.first?.payload.contains { $0.key == key } == true)
        // The same for every message is told when the profile is loaded.
        let problems = profile(bad).problems
        #expect(problems.map(\.message) == ["'\(key)' is \(must), not '\(bad)'"])
        #expect(problems.map(\.path) == [["rules", "0", "set", key]])
        #expect(profile(good).problems.isEmpty)
    }

    @Test func `a moment that cannot be read is left out and told, one that is not there is left out`() throws {
        let profile = Kiosk.profile(rules: [
            DeviceProfile.Rule(
                id: "r", event: "dossier.received",
                payload: [
                    DeviceProfile.Entry("code", "{pair.code}"), DeviceProfile.Entry("due", "{pair.due|time:%d/%m/%Y}"),
                ])
        ])
        #expect(try Kiosk.events(profile, Kiosk.syslog("code=H1")).count == 1)
        let recognizer = try Recognizer(profile, device: Kiosk.device(), clock: Kiosk.clock)
        let message = Kiosk.syslog("code=H1 due=2026-12-01")
        let why = Shortcoming.wrong(key: "due", said: "2026-12-01")
        guard case .matched(let all) = try Kiosk.recognise(profile, message) else {
            Issue.record("not matched")
            return
        }
        #expect(all.map(\.leftOut) == [why])
        #expect(
            recognizer.explain(why, rule: "r", of: message, heard: Kiosk.noon)
                == "'due' is '2026-12-01', and must be a moment: '2026-12-01' is not written as %d/%m/%Y")
    }

    /// The table of types says of each key what the event's own reading of its payload says.
    @Test func `every payload key is of the kind that its event takes`() {
        for (name, keys) in EventKind.catalogue {
            for key in keys.map({ $0.hasSuffix("?") ? String($0.dropLast()) : $0 }) {
                let kind = EventKind.valueKind(of: key)
                func value(_ key: String) -> EventKind.PayloadValue {
                    switch EventKind.valueKind(of: key) {
                    case .text: .text("x")
                    case .whole: .integer(3)
                    case .decimal: .decimal(1.5)
                    case .truth: .boolean(true)
                    case .moment: .instant(Kiosk.noon)
                    }
                }
                let made = EventKind(name: name, value: value)
                #expect(made?.payload.first { $0.key == key }?.value == value(key), "\(name) \(key) \(kind)")
            }
        }
    }

    // MARK: Why

    private static func why(_ profile: DeviceProfile, _ text: String) throws -> String? {
        let recognizer = try Recognizer(profile, device: Kiosk.device(), clock: Kiosk.clock)
        let message = Kiosk.syslog(text)
        guard case .incomplete(let rule, let why) = recognizer.recognise(message, heard: Kiosk.noon) else { return nil }
        return recognizer.explain(why, rule: rule, of: message, heard: Kiosk.noon)
    }

    @Test(arguments: [
        ("{pair.no,pair.number}", "a=1", "'number' is absent: there is no pair.no, no pair.number"),
        ("{pair.no|map:m}", "no=K", "'number' is absent: 'K' is not in map 'm'; there: A, B"),
        ("{pair.no|add:1}", "no=x", "'number' is absent: 'x' is no whole number to add to"),
        ("{pair.no|not}", "no=maybe", "'number' is absent: 'maybe' is not true, false, 1 or 0, and has no opposite"),
        ("{value.n}", "a=1", "'number' is absent: there is no pair.deep"),
    ])
    func `what is absent names the field, or the word and its map`(number: String, text: String, expected: String)
        throws
    {
        var profile = Kiosk.profile(
            maps: [
                DeviceProfile.ValueMap(
                    name: "m", entries: [DeviceProfile.Entry("A", "1"), DeviceProfile.Entry("B", "2")])
            ],
            rules: [
                DeviceProfile.Rule(
                    id: "r", event: "ticket.called", payload: [DeviceProfile.Entry("number", number)])
            ])
        profile.values = [DeviceProfile.Entry("n", "{pair.deep}")]
        #expect(try Self.why(profile, text) == expected)
    }

    @Test func `a time that does not fit is told with its pattern`() throws {
        let format = try StampFormat("%d/%m/%Y %H:%M:%S")
        let profile = Kiosk.profile(
            stamped: DeviceProfile.Stamp(field: "pair.at", format: format), rules: [Kiosk.called(match: [])])
        let recognizer = try Recognizer(profile, device: Kiosk.device(), clock: Kiosk.clock)
        func why(_ text: String) -> String? {
            recognizer.explainStamp(rule: "called", of: Kiosk.syslog(text), heard: Kiosk.noon)
        }
        #expect(why("at=2026-11-10") == "'2026-11-10' is not written as %d/%m/%Y %H:%M:%S")
        #expect(why("a=1") == "there is no pair.at")
        #expect(why("at=\"10/11/2026 07:31:00\"") == nil)
    }

    // MARK: Warnings

    private static func warnings(_ rules: [DeviceProfile.Rule]) -> [String] {
        Kiosk.profile(rules: rules).warnings.map { $0.path.joined(separator: ".") + " " + $0.message }
    }

    @Test func `a rule that another one hides is told, one that only comes later is not`() {
        let all = Kiosk.called("all", match: [])
        let called = Kiosk.called("called", match: [.field("pair.action", .oneOf(["called", "next"]))])
        let next = Kiosk.called("next", match: [.field("pair.action", .equals("next")), .field("app", .equals("q"))])
        let other = Kiosk.called("other", match: [.field("pair.action", .equals("other"))])
        #expect(Self.warnings([next, called, other, all]).isEmpty)
        #expect(
            Self.warnings([called, next, other]) == [
                "rules.1 rule 'next' is never reached: 'called' before it takes all that it would"
            ])
        #expect(
            Self.warnings([all, other]) == [
                "rules.1 rule 'other' is never reached: 'all' before it takes every message"
            ])
        var passing = all
        passing.continues = true
        #expect(Self.warnings([passing, other]).isEmpty)
        var told = all
        told.side = .target
        #expect(Self.warnings([told, other]).isEmpty)
    }

    @Test func `a word that looks like a field is told with its braces`() {
        #expect(
            Self.warnings([Kiosk.called(match: [], number: "pair.ticket")]) == [
                "rules.0.set.number 'number' is the text 'pair.ticket' itself; what that field holds is \"{pair.ticket}\""
            ])
        #expect(Self.warnings([Kiosk.called(match: [], number: "A.001")]).isEmpty)
    }
}
