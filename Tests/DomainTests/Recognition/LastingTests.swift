import Domain
import Testing
import Wire

/// What lasts beyond one message: states that end by themselves, values that later messages leave out, lists, channels.
struct LastingTests {
    static let clock = OfficeClock(offsetSeconds: 7 * 3_600)
    static let morning: Int64 = 1_794_270_600_000
    static let address = IPAddress(v4: 1)

    static func pipeline(
        _ rules: [DeviceProfile.Rule], each: String? = nil, privacy: [DeviceProfile.Privacy] = [],
        aliases: [Device.Alias] = [], behind: [String] = []
    ) throws -> Pipeline {
        let profile = DeviceProfile(
            id: "test/recorder", name: LocalizedName(vi: "", en: "r"), kind: .recorder, protocolName: .http,
            body: .json,
            each: each.map { [$0] } ?? [], privacy: privacy, rules: rules)
        let channel = DeviceProfile(
            id: "test/channel", name: LocalizedName(vi: "", en: "c"), kind: .camera, protocolName: .rtp,
            rules: [DeviceProfile.Rule(id: "nothing", event: nil)])
        let devices =
            [Device(id: "nvr", profile: "test/recorder", address: "0.0.0.1", aliases: aliases)]
            + behind.map { Device(id: $0, profile: "test/channel", address: "behind:nvr") }
        let site = Site(
            office: Office(id: "o", name: LocalizedName(vi: "O", en: "O"), timezone: "Asia/Ho_Chi_Minh", clock: clock),
            hours: WeeklyHours([:]), services: [],
            counters: [Counter(id: "q1", services: [], cameras: behind.first.map { [$0] } ?? [])], devices: devices)
        return try Pipeline(
            site: SiteRevision(site: site, validFrom: LocalDay(number: 0), source: [], digest: []),
            profiles: [profile, channel], feed: "test")
    }

    static func say(_ pipeline: inout Pipeline, _ json: String, at milliseconds: Int64) -> [DomainEvent] {
        var message = Message(.http, copying: Array(json.utf8).span.bytes)
        message.setBody(in: 0..<json.utf8.count)
        let time = Timestamp(milliseconds: morning + milliseconds)
        var events = pipeline.advance(
            to: Instant(milliseconds: time.milliseconds), position: UInt64(milliseconds + 1) << 16)
        events += pipeline.ingest(
            HeardMessage(
                message, at: time, source: Endpoint(address, port: 1), target: Endpoint(IPAddress(v4: 9), port: 2),
                transport: .tcp), position: UInt64(milliseconds + 1) << 16 + 100)
        return events
    }

    static func told(_ events: [DomainEvent]) -> [String] {
        events.map {
            "\($0.at.milliseconds - morning) \($0.device) \($0.kind.name) \($0.kind.payload.map(\.value.plain).joined(separator: ","))"
        }
    }

    static let motion = DeviceProfile.Rule(
        id: "motion", match: [.field("json.event", .equals("VMD"))], event: "camera.motion",
        payload: [DeviceProfile.Entry("on", "true")], expires: 5_000)

    @Test func `a state that is told again and again is one, and ends when nothing renews it`() throws {
        var pipeline = try Self.pipeline([Self.motion])
        var events: [DomainEvent] = []
        for second in Int64(0)..<4 { events += Self.say(&pipeline, "{\"event\":\"VMD\"}", at: second * 1_000) }
        events += pipeline.advance(to: Instant(milliseconds: Self.morning + 60_000), position: 1 << 40)
        #expect(Self.told(events) == ["0 nvr camera.motion true", "8000 nvr camera.motion false"])
        #expect(events.last?.flags == .inferred)
        #expect(pipeline.counters.rows.first?.tally.unchanged == 3)
    }

    @Test func `a state that is ended ends once`() throws {
        let stop = DeviceProfile.Rule(
            id: "stop", match: [.field("json.event", .equals("stop"))], event: "camera.motion",
            payload: [DeviceProfile.Entry("on", "false")], expires: 5_000)
        var pipeline = try Self.pipeline([Self.motion, stop])
        var events = Self.say(&pipeline, "{\"event\":\"VMD\"}", at: 0)
        events += Self.say(&pipeline, "{\"event\":\"stop\"}", at: 2_000)
        events += pipeline.advance(to: Instant(milliseconds: Self.morning + 60_000), position: 1 << 40)
        #expect(Self.told(events) == ["0 nvr camera.motion true", "2000 nvr camera.motion false"])
    }

    @Test func `what one message says can be used by a later one`() throws {
        let create = DeviceProfile.Rule(
            id: "create", match: [.field("json.event", .equals("CREATE"))], event: "ticket.issued",
            payload: [DeviceProfile.Entry("number", "{json.ticket}")],
            remember: DeviceProfile.Remember(
                key: "{json.visit}", values: [DeviceProfile.Entry("number", "{json.ticket}")]))
        let call = DeviceProfile.Rule(
            id: "call", match: [.field("json.event", .equals("CALL"))], event: "ticket.called",
            payload: [DeviceProfile.Entry("number", "{joined.number}")], join: "{json.visit}")
        var pipeline = try Self.pipeline([create, call])
        var events = Self.say(&pipeline, "{\"event\":\"CREATE\",\"visit\":7,\"ticket\":\"A007\"}", at: 0)
        events += Self.say(&pipeline, "{\"event\":\"CALL\",\"visit\":7}", at: 1_000)
        events += Self.say(&pipeline, "{\"event\":\"CALL\",\"visit\":8}", at: 2_000)
        #expect(
            events.map(\.kind) == [
                .ticketIssued(number: "A007", service: nil, channel: nil, priority: nil), .ticketCalled(number: "A007"),
            ])
        #expect(pipeline.counters.rows.first?.tally.incomplete == 1)
    }

    private static func visits(_ event: String, _ key: String) -> [DeviceProfile.Rule] {
        [
            DeviceProfile.Rule(
                id: "create", match: [.field("json.event", .equals("CREATE"))], event: nil,
                remember: DeviceProfile.Remember(
                    key: "{json.visit}",
                    values: [
                        DeviceProfile.Entry("number", "{json.ticket}"),
                        DeviceProfile.Entry("service", "{json.service}"),
                    ])),
            DeviceProfile.Rule(
                id: "later", match: [.field("json.event", .equals("LATER"))], event: event,
                payload: [DeviceProfile.Entry(key, "{joined.number}")], join: "{json.visit}"),
        ]
    }

    @Test func `what is remembered holds until the end of the office day`() throws {
        let (create, later) = (
            "{\"event\":\"CREATE\",\"visit\":7,\"ticket\":\"A007\"}", "{\"event\":\"LATER\",\"visit\":7}"
        )
        // The morning is 7:30; sixteen hours and a half later is midnight.
        let midnight: Int64 = 59_400_000
        for (at, count) in [(midnight - 1, 1), (midnight, 0), (midnight + 28_800_000, 0)] {
            var pipeline = try Self.pipeline(Self.visits("ticket.called", "number"))
            let events = Self.say(&pipeline, create, at: 0) + Self.say(&pipeline, later, at: at)
            #expect(events.count { $0.kind.name == "ticket.called" } == count, "at \(at)")
            #expect(pipeline.counters.rows.first?.tally.incomplete == UInt64(1 - count))
        }
        // A dossier lives for weeks.
        var pipeline = try Self.pipeline(Self.visits("dossier.supplemented", "code"))
        let events = Self.say(&pipeline, create, at: 0) + Self.say(&pipeline, later, at: midnight * 20)
        #expect(events.map(\.kind).contains(.dossierSupplemented(code: "A007")))
        // What is told of it on another day adds to that.
        pipeline = try Self.pipeline(Self.visits("dossier.supplemented", "code"))
        let more = "{\"event\":\"CREATE\",\"visit\":7,\"service\":\"x\"}"
        let told = [(create, 0), (more, midnight * 2), (later, midnight * 9)].flatMap {
            Self.say(&pipeline, $0, at: $1)
        }
        #expect(told.map(\.kind).contains(.dossierSupplemented(code: "A007")))
    }

    @Test func `a visit's number that is used again the next day tells nothing of the day before`() throws {
        var pipeline = try Self.pipeline(Self.visits("ticket.called", "number"))
        var events = Self.say(
            &pipeline, "{\"event\":\"CREATE\",\"visit\":7,\"ticket\":\"A007\",\"service\":\"x\"}", at: 0)
        // Of the new visit only the service is told.
        events += Self.say(&pipeline, "{\"event\":\"CREATE\",\"visit\":7,\"service\":\"y\"}", at: 86_400_000)
        events += Self.say(&pipeline, "{\"event\":\"LATER\",\"visit\":7}", at: 86_401_000)
        #expect(events.isEmpty)
        #expect(pipeline.counters.rows.first?.tally.incomplete == 1)
    }

    @Test func `beyond its bound the oldest visit is forgotten, and counted`() throws {
        var pipeline = try Self.pipeline(Self.visits("ticket.called", "number"))
        for visit in 0..<4_106 {
            _ = Self.say(
                &pipeline, "{\"event\":\"CREATE\",\"visit\":\(visit),\"ticket\":\"A\(visit)\"}", at: Int64(visit))
        }
        #expect(pipeline.counters.forgottenPairs == 10)
        #expect(Self.say(&pipeline, "{\"event\":\"LATER\",\"visit\":9}", at: 5_000).isEmpty)
        #expect(Self.say(&pipeline, "{\"event\":\"LATER\",\"visit\":10}", at: 5_001).count == 1)
    }

    @Test func `the elements of a list are read one by one, with what stands beside it`() throws {
        let rule = DeviceProfile.Rule(
            id: "issued", match: [.field("json.office", .equals("x"))], event: "ticket.issued",
            payload: [DeviceProfile.Entry("number", "{json.tickets.n}")])
        var pipeline = try Self.pipeline([rule], each: "json.tickets")
        let events = Self.say(&pipeline, "{\"tickets\":[{\"n\":\"A1\"},{\"n\":\"A2\"},{}],\"office\":\"x\"}", at: 0)
        #expect(events.map { $0.kind.payload.map(\.value.plain) } == [["A1"], ["A2"]])
        #expect(Set(events.map(\.provenance.position)).count == 2)
        var whole = try Self.pipeline(
            [
                DeviceProfile.Rule(
                    id: "issued", event: "ticket.issued", payload: [DeviceProfile.Entry("number", "{json.n}")])
            ], each: "json")
        #expect(Self.say(&whole, "[{\"n\":\"A1\"},{\"n\":\"A2\"}]", at: 0).count == 2)
        #expect(Self.say(&whole, "{\"n\":\"A3\"}", at: 1_000).count == 1)
    }

    @Test func `a recorder speaks for the cameras behind it, and is their evidence of life`() throws {
        let loss = DeviceProfile.Rule(
            id: "loss", event: "camera.video", payload: [DeviceProfile.Entry("on", "false")],
            device: "channel {json.index|add:1}")
        var pipeline = try Self.pipeline(
            [loss], aliases: [Device.Alias(said: "channel 1", meant: "cam")], behind: ["cam"])
        let heard = pipeline.heardFrame(
            from: Self.address, at: Timestamp(milliseconds: Self.morning), position: 1 << 16)
        #expect(heard.map(\.device) == ["nvr", "cam"])
        let events = Self.say(&pipeline, "{\"index\":0}", at: 1) + Self.say(&pipeline, "{\"index\":6}", at: 2)
        #expect(events.map(\.device) == ["cam", "nvr"])
        #expect(events.map(\.counter) == ["q1", nil])
        #expect(pipeline.counters.rows.first?.tally.unplaced == 1)
        #expect(pipeline.unplaced.words.map { [$0.device, $0.text] } == [["nvr", "channel 7"]])
    }

    @Test func `a field that is dropped can be in no event, and one that is hashed is`() throws {
        let rule = DeviceProfile.Rule(
            id: "left", event: "ticket.left", payload: [DeviceProfile.Entry("number", "{json.user}")])
        #expect(throws: ProfileError.self) {
            try Self.pipeline([rule], privacy: [DeviceProfile.Privacy("json.user", .drop)])
        }
        var pipeline = try Self.pipeline([rule], privacy: [DeviceProfile.Privacy("json.user", .hash)])
        let events = Self.say(&pipeline, "{\"user\":\"Nguyen\"}", at: 0)
        #expect(events.map(\.kind) == [.ticketLeft(number: FNV1a.hex("Nguyen".utf8))])
    }
}

extension EventKind.PayloadValue {
    fileprivate var plain: String {
        switch self {
        case .text(let text): text
        case .integer(let value): String(value)
        case .decimal(let value): String(value)
        case .boolean(let value): String(value)
        case .instant(let value): String(value.milliseconds)
        }
    }
}
