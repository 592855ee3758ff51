import Domain
import Testing
import Wire

struct RecognizerTests {
    static let action: [Condition] = [.field("msgid", .equals("TICKET")), .field("pair.action", .equals("called"))]

    @Test func `a rule gives its event, and the site's names stand for the device's`() throws {
        let profile = Kiosk.profile(rules: [Kiosk.called(match: Self.action)])
        let recognition = try Kiosk.recognise(profile, Kiosk.syslog("action=called ticket=A001 counter=3"))
        #expect(
            recognition
                == .matched([Observation(kind: .ticketCalled(number: "A001"), counter: "q3", rule: "called")]))
    }

    @Test func `each message is exactly one of matched, ignored, incomplete, unmapped and unread`() throws {
        let keepAlive = DeviceProfile.Rule(id: "alive", match: [.field("msgid", .equals("PING"))], event: nil)
        let profile = Kiosk.profile(rules: [Kiosk.called(match: Self.action), keepAlive])
        #expect(try Kiosk.recognise(profile, Kiosk.syslog("", msgid: "PING")) == .ignored)
        #expect(
            try Kiosk.recognise(profile, Kiosk.syslog("action=called counter=q1"))
                == .incomplete(rule: "called", .absent(key: "number")))
        #expect(try Kiosk.recognise(profile, Kiosk.syslog("action=printed ticket=A1")) == .unmapped)
        #expect(try Kiosk.recognise(profile, Kiosk.syslog("", msgid: "PAPER")) == .unmapped)
        #expect(try Kiosk.recognise(profile, Message(.sip)) == .unread)
    }

    @Test func `the first rule that matches ends the search unless it says continue`() throws {
        var first = Kiosk.called("first", match: Self.action)
        let second = Kiosk.called("second", match: Self.action)
        let message = Kiosk.syslog("action=called ticket=A001")
        #expect(try Kiosk.events(Kiosk.profile(rules: [first, second]), message).count == 1)
        first.continues = true
        #expect(try Kiosk.events(Kiosk.profile(rules: [first, second]), message).count == 2)
    }

    @Test func `the profile's match holds for its protocol, not for rules of another`() throws {
        let sip = DeviceProfile.Rule(
            id: "sip", protocolName: .sip, match: [.field("method", .equals("BYE"))], event: "device.rebooted")
        let profile = Kiosk.profile(
            match: [.field("app", .equals("qms"))], rules: [Kiosk.called(match: Self.action), sip])
        var bye = Message(.sip)
        bye.add("method", text: "BYE")
        #expect(try Kiosk.events(profile, bye) == [.deviceRebooted])
        var other = Message(.syslog)
        other.add("app", text: "sshd")
        other.add("msgid", text: "TICKET")
        #expect(try Kiosk.recognise(profile, other) == .unmapped)
    }

    @Test(arguments: [
        (Condition.field("pair.n", .equals("5")), true), (.field("pair.n", .equals("50")), false),
        (.field("pair.n", .oneOf(["4", "5"])), true), (.field("pair.n", .oneOf(["4"])), false),
        (.field("pair.word", .prefix("ab")), true), (.field("pair.word", .prefix("bc")), false),
        (.field("pair.word", .suffix("cd")), true), (.field("pair.word", .suffix("abcde")), false),
        (.field("pair.word", .contains("bc")), true), (.field("pair.word", .contains("cb")), false),
        (.field("pair.n", .present(true)), true), (.field("pair.absent", .present(true)), false),
        (.field("pair.absent", .present(false)), true), (.field("pair.absent", .equals("")), false),
        (.field("pair.n", .range(from: 5, through: 5)), true), (.field("pair.n", .range(from: 6, through: nil)), false),
        (.field("pair.n", .range(from: nil, through: 4)), false),
        (.field("pair.word", .range(from: 0, through: nil)), false),
        (.any([.field("pair.n", .equals("4")), .field("pair.word", .equals("abcd"))]), true),
        (.any([.field("pair.n", .equals("4"))]), false),
        (.all([.field("pair.n", .equals("5")), .field("pair.word", .equals("x"))]), false),
        (.not([.field("pair.n", .equals("4"))]), true), (.not([.field("pair.n", .equals("5"))]), false),
    ])
    func `a condition holds as it reads`(condition: Condition, holds: Bool) throws {
        let profile = Kiosk.profile(rules: [DeviceProfile.Rule(id: "r", match: [condition], event: "device.rebooted")])
        #expect(try Kiosk.events(profile, Kiosk.syslog("n=5 word=abcd")).isEmpty != holds)
    }

    @Test(arguments: [
        ("{pair.a}", "x Y"), ("{pair.none}", nil), ("{pair.none,pair.a}", "x Y"), ("n-{pair.n}", "n-7"),
        ("{pair.n|add:1}", "8"), ("{pair.a|add:1}", nil), ("{pair.a|upper}", "X Y"), ("{pair.a|lower}", "x y"),
        ("{pair.t|not}", "false"), ("{pair.a|not}", nil), ("{pair.n|map:words}", "seven"), ("{pair.a|map:words}", nil),
        ("{pair.a|map:all}", "other"), ("{{{pair.n}}}", "{7}"), ("fixed", "fixed"),
        ("{text|hash}", FNV1a.hex("a=\"x Y\" n=7 t=true".utf8)),
    ])
    func `a template gives its text, or nothing`(template: String, text: String?) throws {
        let maps = [
            DeviceProfile.ValueMap(name: "words", entries: [DeviceProfile.Entry("7", "seven")]),
            DeviceProfile.ValueMap(name: "all", entries: [], otherwise: "other"),
        ]
        let profile = Kiosk.profile(maps: maps, rules: [Kiosk.called(match: [], number: template)])
        let events = try Kiosk.events(profile, Kiosk.syslog("a=\"x Y\" n=7 t=true"))
        #expect(events == text.map { [.ticketCalled(number: $0)] } ?? [])
    }

    @Test func `what a pattern takes can be asked and said`() throws {
        let rule = DeviceProfile.Rule(
            id: "hdd",
            match: [
                .field("text", .pattern("HDD {disk:int} {state:word}: {_}")),
                .field("state", .oneOf(["error", "lost"])),
            ],
            event: "meeting.started", payload: [DeviceProfile.Entry("id", "disk {disk|add:1} {state}")])
        let profile = Kiosk.profile(rules: [rule])
        #expect(
            try Kiosk.events(profile, Kiosk.syslog("HDD 2 error: disk offline")) == [
                .meetingStarted(id: "disk 3 error")
            ])
        #expect(try Kiosk.events(profile, Kiosk.syslog("HDD 2 fine: disk online")).isEmpty)
        #expect(try Kiosk.events(profile, Kiosk.syslog("HDD two error: disk offline")).isEmpty)
    }

    @Test func `text from the network is cut to 256 bytes and cleaned`() throws {
        let profile = Kiosk.profile(rules: [Kiosk.called(match: [], number: "{pair.a}")])
        let long = String(repeating: "ệ", count: 300)
        let events = try Kiosk.events(profile, Kiosk.syslog("a=\"\u{1B}[31m \(long)\""))
        guard case .ticketCalled(let number)? = events.first else {
            Issue.record("no event")
            return
        }
        #expect(number.utf8.count <= CleanText.limit)
        #expect(number.hasPrefix("[31m ệ"))
        #expect(!number.unicodeScalars.contains { $0.value < 0x20 })
    }

    @Test func `a state told again is flagged, and times come from the field that is named`() throws {
        var rule = Kiosk.called(match: [])
        rule.restated = [.field("pair.op", .equals("init"))]
        let stamp = DeviceProfile.Stamp(field: "timestamp", format: .iso8601)
        let profile = Kiosk.profile(stamped: stamp, rules: [rule])
        let time = "2026-11-10T12:00:00.5+07:00"
        guard
            case .matched(let told) = try Kiosk.recognise(
                profile, Kiosk.syslog("op=init ticket=A1", timestamp: time)),
            case .matched(let new) = try Kiosk.recognise(profile, Kiosk.syslog("op=new ticket=A1", timestamp: "-"))
        else {
            Issue.record("no event")
            return
        }
        #expect(told.map(\.flags) == [.restated])
        #expect(told.first?.stamped == Instant(milliseconds: 1_794_286_800_500))
        #expect(new.map(\.flags) == [[]])
        #expect(new.first?.stamped == nil)
    }

    @Test func `a body that is damaged gives no fields, and no trap`() throws {
        var rule = Kiosk.called(match: [], number: "{json.number}")
        rule.counter = nil
        let profile = Kiosk.profile(body: .json, rules: [rule])
        for text in ["", "{", "[[[[", "{\"number\":", "null", "\u{0}"] {
            #expect(try Kiosk.events(profile, Kiosk.syslog(text)).isEmpty)
        }
        #expect(try Kiosk.events(profile, Kiosk.syslog("{\"number\":12}")) == [.ticketCalled(number: "12")])
    }
}
