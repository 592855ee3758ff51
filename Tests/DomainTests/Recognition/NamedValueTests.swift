import Domain
import Testing
import Wire

/// Values with a name, names that end in a star, and times by pattern.
struct NamedValueTests {
    private static func profile(_ values: [DeviceProfile.Entry], _ rules: [DeviceProfile.Rule]) -> DeviceProfile {
        var profile = Kiosk.profile(rules: rules)
        profile.values = values
        profile.maps = [
            DeviceProfile.ValueMap(
                name: "states", entries: [DeviceProfile.Entry("goi", "called"), DeviceProfile.Entry("xong", "served")])
        ]
        return profile
    }

    private static let said = DeviceProfile.Entry("said", "{pair.state,pair.event|lower|map:states}")

    @Test func `conditions ask for mapped words, and templates use them`() throws {
        let values = [Self.said, DeviceProfile.Entry("number", "{pair.ticket,pair.stt}")]
        let called = Kiosk.called(match: [.field("value.said", .equals("called"))], number: "{value.number}")
        let profile = Self.profile(values, [called])
        #expect(profile.problems.isEmpty)
        for text in ["state=GOI ticket=A001", "event=goi stt=A001", "state=Goi ticket=A001"] {
            #expect(try Kiosk.events(profile, Kiosk.syslog(text)) == [.ticketCalled(number: "A001")], "\(text)")
        }
        #expect(try Kiosk.recognise(profile, Kiosk.syslog("state=xong ticket=A001")) == .unmapped)
        #expect(try Kiosk.recognise(profile, Kiosk.syslog("state=lay ticket=A001")) == .unmapped)
        #expect(try Kiosk.recognise(profile, Kiosk.syslog("ticket=A001")) == .unmapped)
    }

    @Test func `every test can be made of a value`() throws {
        let tests: [Condition.Test] = [
            .oneOf(["served", "called"]), .prefix("cal"), .suffix("led"), .contains("all"), .present(true),
            .pattern("c{rest}"),
        ]
        for test in tests {
            let rule = Kiosk.called(match: [.field("value.said", test)])
            let profile = Self.profile([Self.said], [rule])
            #expect(try Kiosk.events(profile, Kiosk.syslog("state=goi ticket=A1")).count == 1, "\(test)")
            #expect(try Kiosk.events(profile, Kiosk.syslog("state=lay ticket=A1")).isEmpty, "\(test)")
        }
        let range = Kiosk.called(match: [.field("value.desk", .range(from: 3, through: 4))])
        let profile = Self.profile([DeviceProfile.Entry("desk", "{pair.index|add:1}")], [range])
        #expect(try Kiosk.events(profile, Kiosk.syslog("index=2 ticket=A1")).count == 1)
        #expect(try Kiosk.events(profile, Kiosk.syslog("index=4 ticket=A1")).isEmpty)
    }

    @Test func `what one message says is not remembered for the next`() throws {
        let profile = Self.profile([Self.said], [Kiosk.called(match: [.field("value.said", .equals("called"))])])
        let recognizer = try Recognizer(profile, device: Kiosk.device(), clock: Kiosk.clock)
        let texts = ["state=goi ticket=A1", "state=xong ticket=A1", "state=goi ticket=A2", "ticket=A3"]
        let events = texts.map { text -> Int in
            if case .matched(let all) = recognizer.recognise(Kiosk.syslog(text), heard: Kiosk.noon) {
                all.count
            } else {
                0
            }
        }
        #expect(events == [1, 0, 1, 0])
    }

    @Test func `a value of a private field is its hash`() throws {
        var profile = Self.profile(
            [DeviceProfile.Entry("who", "{pair.ticket}")],
            [Kiosk.called(match: [.field("pair.action", .equals("called"))], number: "{value.who}")])
        profile.privacy = [DeviceProfile.Privacy("pair.ticket", .hash)]
        let events = try Kiosk.events(profile, Kiosk.syslog("action=called ticket=A001"))
        #expect(events == [.ticketCalled(number: FNV1a.hex("A001".utf8))])
    }

    @Test func `a name that ends in a star is the first field below it`() throws {
        let oid = "varbind.1.3.6.1.2.1.2.2.1.1."
        let rule = DeviceProfile.Rule(
            id: "down", match: [.field("trap-name", .equals("linkDown"))], event: "device.reachable",
            payload: [DeviceProfile.Entry("on", "false")], device: "port {\(oid)*}")
        var profile = Kiosk.profile(rules: [rule])
        profile.protocolName = .snmp
        profile.body = nil
        #expect(profile.problems.isEmpty)
        var message = Message(.snmp)
        message.add("trap-name", text: "linkDown")
        message.add(FieldName("varbind.1.3.6.1.2.1.1.3.0"), integer: 99)
        message.add(FieldName(oid + "17"), integer: 17)
        guard case .matched(let observations) = try Kiosk.recognise(profile, message) else {
            Issue.record("not matched")
            return
        }
        #expect(observations.map(\.device) == ["port 17"])
    }

    @Test func `what a pattern takes from a private field is as private`() throws {
        let match: [Condition] = [.field("pair.name", .pattern("{who}"))]
        var profile = Kiosk.profile(rules: [Kiosk.called(match: match, number: "{who}")])
        profile.privacy = [DeviceProfile.Privacy("pair.name", .drop)]
        #expect(profile.problems.map(\.message) == ["'who' is dropped by 'privacy'; no event may hold it"])
        profile.privacy = [DeviceProfile.Privacy("pair.*", .hash)]
        let events = try Kiosk.events(profile, Kiosk.syslog("name=Lan"))
        #expect(events == [.ticketCalled(number: FNV1a.hex("Lan".utf8))])
    }

    /// Two writings of one word look the same and have other bytes; each is its own.
    @Test func `texts of a set are compared byte for byte`() throws {
        let rule = Kiosk.called(match: [.field("msgid", .oneOf(["g\u{1ECD}i", "go\u{323}i"]))])
        let profile = Kiosk.profile(rules: [rule])
        for word in ["g\u{1ECD}i", "go\u{323}i"] {
            #expect(try Kiosk.events(profile, Kiosk.syslog("ticket=A1", msgid: word)).count == 1, "\(Array(word.utf8))")
        }
    }

    private static func heard(_ text: String, at seconds: Int64) -> HeardMessage {
        HeardMessage(
            Kiosk.syslog(text, msgid: "MOTION"),
            at: Timestamp(milliseconds: Kiosk.noon.milliseconds + seconds * 1_000),
            source: Endpoint(IPAddress(v4: 0xC000_020A), port: 514), target: Endpoint(IPAddress(v4: 1), port: 514),
            transport: .udp)
    }

    /// After a reconnect a camera says that there is no motion: the timer of the one before is over too.
    @Test func `a state that is told again as well ends what would end by itself`() throws {
        let rule = DeviceProfile.Rule(
            id: "motion", event: "camera.motion", payload: [DeviceProfile.Entry("on", "{pair.on}")],
            restated: [.field("pair.again", .equals("1"))], expires: 30_000)
        let profile = Kiosk.profile(rules: [rule])
        let site = Site(
            office: Office(
                id: "o", name: LocalizedName(vi: "o", en: "o"), timezone: "Asia/Ho_Chi_Minh", clock: Kiosk.clock),
            hours: WeeklyHours([:]), services: [], counters: [], devices: [Kiosk.device()])
        let revision = SiteRevision(site: site, validFrom: LocalDay(number: 0), source: [], digest: [])
        var pipeline = try Pipeline(site: revision, profiles: [profile], feed: "f")
        var events: [DomainEvent] = []
        let told: [(String, Int64)] = [("on=true", 0), ("on=false again=1", 5), ("on=true", 10), ("on=true", 30)]
        for (index, (text, second)) in told.enumerated() {
            events += pipeline.advance(to: Kiosk.noon + second * 1_000, position: UInt64(index) << 16)
            events += pipeline.ingest(Self.heard(text, at: second), position: UInt64(index) << 16 | 1)
        }
        events += pipeline.advance(to: Kiosk.noon + 120_000, position: 9 << 16)
        let changes = events.filter { $0.kind.name == "camera.motion" && !$0.flags.contains(.restated) }
        #expect(changes.map { ($0.at - Kiosk.noon) / 1_000 } == [0, 10, 60])
        #expect(changes.map(\.kind) == [.cameraMotion(on: true), .cameraMotion(on: true), .cameraMotion(on: false)])
    }

    @Test func `the members of an object are elements with a name`() throws {
        let rule = DeviceProfile.Rule(
            id: "fps", match: [.field("json.cameras.fps", .present(true))], event: "camera.presence",
            payload: [
                DeviceProfile.Entry("zone", "{json.cameras.key}"), DeviceProfile.Entry("count", "{json.cameras.fps}"),
            ])
        var profile = Kiosk.profile(body: .json, rules: [rule])
        profile.each = ["json.cameras.*"]
        let text = #"{"uptime":7,"cameras":{"front":{"fps":5,"pid":9},"back":{"fps":0},"off":3}}"#
        #expect(
            try Kiosk.events(profile, Kiosk.syslog(text)) == [
                .cameraPresence(zone: "front", count: 5), .cameraPresence(zone: "back", count: 0),
            ])
        // Without the object the message is itself.
        #expect(try Kiosk.recognise(profile, Kiosk.syslog(#"{"uptime":7}"#)) == .unmapped)
    }

    @Test func `a star does not reach what is dropped`() {
        var profile = Kiosk.profile(rules: [
            Kiosk.called(match: [.field("pair.action", .equals("called"))], number: "{pair.person.*}")
        ])
        profile.privacy = [DeviceProfile.Privacy("pair.person.name", .drop)]
        #expect(profile.problems.map(\.message) == ["'pair.person.*' is dropped by 'privacy'; no event may hold it"])
    }

    @Test(arguments: [
        ("TicketCalled", "ticket-called"), ("TICKET_CALLED", "ticket-called"), ("ticket.called", "ticket-called"),
        ("ticketCallNext", "ticket-call-next"), ("call-next", "call-next"), ("  Gọi lại!", "gọi-lại"),
        ("A1B2", "a1-b2"),
        ("", ""),
    ])
    func `words are compared however they are written`(said: String, kebab: String) throws {
        let value = DeviceProfile.Entry("said", "{pair.event|kebab}")
        let rule = Kiosk.called(match: [.field("value.said", .equals(kebab))])
        let events = try Kiosk.events(Self.profile([value], [rule]), Kiosk.syslog("event=\"\(said)\" ticket=A1"))
        #expect(events.count == (kebab.isEmpty ? 0 : 1))
    }

    @Test(arguments: [
        ("%d/%m/%Y %H:%M:%S", "10/11/2026 07:31:02", "2026-11-10T07:31:02.000+07:00"),
        ("%d/%m/%Y %H:%M:%S", "1/9/2026  7:31:02", "2026-09-01T07:31:02.000+07:00"),
        ("%d-%m-%y %H:%M", "31-12-26 23:59", "2026-12-31T23:59:00.000+07:00"),
        ("%m/%d/%Y %I:%M:%S %p", "11/10/2026 12:05:00 AM", "2026-11-10T00:05:00.000+07:00"),
        ("%d/%m/%Y %I:%M:%S %p", "10/11/2026 1:05:00 CH", "2026-11-10T13:05:00.000+07:00"),
        ("%d %b %Y %H:%M:%S.%L %z", "10 Nov 2026 07:31:02.104 +0000", "2026-11-10T14:31:02.104+07:00"),
        ("%H:%M:%S %d/%m", "07:31:02 10/11", "2026-11-10T07:31:02.000+07:00"),
        ("%d/%m/%Y", "10/11/2026", "2026-11-10T00:00:00.000+07:00"),
    ])
    func `times are read by pattern`(pattern: String, text: String, expected: String) throws {
        let format = try StampFormat(pattern)
        let instant = try #require(format.instant(of: text, clock: Kiosk.clock, heard: Kiosk.noon))
        #expect(Kiosk.clock.text(instant) == expected)
    }

    @Test(arguments: [
        "32/01/2026 07:00:00", "10/13/2026 07:00:00", "10/11/2026 24:00:00", "10/11/2026 07:60:00", "10/11/2026",
        "10/11/2026 07:00:00 x", "", "10/11/26 07:00:00", "١٠/11/2026 07:00:00",
    ])
    func `what is not written so is no time`(text: String) throws {
        let format = try StampFormat("%d/%m/%Y %H:%M:%S")
        #expect(format.instant(of: text, clock: Kiosk.clock, heard: Kiosk.noon) == nil)
    }

    @Test func `a date without its year is the nearest`() throws {
        let format = try StampFormat("%d/%m %H:%M")
        let newYear = try #require(
            Kiosk.clock.instant(LocalDay(year: 2027, month: 1, day: 1) ?? LocalDay(number: 0), milliseconds: 60_000)
                as Instant?)
        let instant = try #require(format.instant(of: "31/12 23:59", clock: Kiosk.clock, heard: newYear))
        #expect(Kiosk.clock.text(instant) == "2026-12-31T23:59:00.000+07:00")
    }

    @Test(arguments: ["%d/%m/%Y %I:%M", "%d %d %m", "%H:%M", "%d/%q", "%"])
    func `patterns that tell no time are refused`(pattern: String) {
        #expect(throws: StampFormatError.self) { try StampFormat(pattern) }
    }

    @Test func `what cannot be placed is not said of the recorder itself`() throws {
        let rule = DeviceProfile.Rule(
            id: "down", match: [.field("msgid", .equals("PORT"))], event: "device.reachable",
            payload: [DeviceProfile.Entry("on", "false")], device: "port {pair.port}")
        let profile = Kiosk.profile(rules: [rule])
        let device = Kiosk.device()
        let site = Site(
            office: Office(
                id: "o", name: LocalizedName(vi: "o", en: "o"), timezone: "Asia/Ho_Chi_Minh", clock: Kiosk.clock),
            hours: WeeklyHours([:]), services: [], counters: [], devices: [device])
        let revision = SiteRevision(site: site, validFrom: LocalDay(number: 0), source: [], digest: [])
        var pipeline = try Pipeline(site: revision, profiles: [profile], feed: "f")
        let heard = HeardMessage(
            Kiosk.syslog("port=7", msgid: "PORT"), at: Timestamp(milliseconds: Kiosk.noon.milliseconds),
            source: Endpoint(IPAddress(v4: 0xC000_020A), port: 514), target: Endpoint(IPAddress(v4: 1), port: 514),
            transport: .udp)
        #expect(pipeline.ingest(heard, position: 1).isEmpty)
        #expect(pipeline.counters.rows.map(\.tally.unplaced) == [1])
    }
}
