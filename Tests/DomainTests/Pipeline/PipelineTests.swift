import Domain
import Testing
import Wire

struct PipelineTests {
    static let clock = OfficeClock(offsetSeconds: 7 * 3_600)
    static let morning: Int64 = 1_794_270_600_000
    static let camera = DeviceProfile(
        id: "test/camera", name: LocalizedName(vi: "", en: "camera"), kind: .camera, protocolName: .onvif,
        rules: [
            DeviceProfile.Rule(
                id: "presence", match: [.field("topic", .equals("count"))], event: "camera.presence",
                payload: [DeviceProfile.Entry("zone", "{source.Rule}"), DeviceProfile.Entry("count", "{data.Count}")],
                restated: [.field("operation", .equals("Initialized"))])
        ])
    static let phone = DeviceProfile(
        id: "test/phone", name: LocalizedName(vi: "", en: "phone"), kind: .meeting, protocolName: .sip, party: .either,
        rules: [
            DeviceProfile.Rule(
                id: "started",
                match: [.field("status", .range(from: 200, through: 299)), .field("cseq-method", .equals("INVITE"))],
                event: "meeting.started", payload: [DeviceProfile.Entry("id", "{call-id|hash}")],
                pair: DeviceProfile.Pair(.start, key: "{call-id}")),
            DeviceProfile.Rule(
                id: "ended", match: [.field("method", .equals("BYE"))], event: "meeting.ended",
                payload: [DeviceProfile.Entry("id", "{call-id|hash}"), DeviceProfile.Entry("cause", "bye")],
                pair: DeviceProfile.Pair(.end, key: "{call-id}")),
        ])

    static let addresses = (camera: IPAddress(v4: 1), phone: IPAddress(v4: 2), stranger: IPAddress(v4: 9))

    static func pipeline(_ devices: [Device]? = nil) throws -> Pipeline {
        let devices =
            devices ?? [
                Device(
                    id: "cam", profile: "test/camera", address: "0.0.0.1",
                    zones: [Device.Zone(name: "staff", token: "r1")]),
                Device(id: "vc", profile: "test/phone", address: "0.0.0.2"),
            ]
        let site = Site(
            office: Office(id: "o", name: LocalizedName(vi: "O", en: "O"), timezone: "Asia/Ho_Chi_Minh", clock: clock),
            hours: WeeklyHours([:]), services: [], counters: [Counter(id: "q1", services: [], cameras: ["cam"])],
            devices: devices)
        return try Pipeline(
            site: SiteRevision(site: site, validFrom: LocalDay(number: 0), source: [], digest: []),
            profiles: [camera, phone], feed: "test")
    }

    static func heard(_ message: Message, at milliseconds: Int64, from: IPAddress, to: IPAddress) -> HeardMessage {
        HeardMessage(
            message, at: Timestamp(milliseconds: morning + milliseconds), source: Endpoint(from, port: 1),
            target: Endpoint(to, port: 2), transport: .udp)
    }

    static func count(_ count: Int, rule: String = "r1", operation: String = "Changed") -> Message {
        var message = Message(.onvif)
        message.add("topic", text: "count")
        message.add("operation", text: operation)
        message.add("source.Rule", text: rule)
        message.add("data.Count", text: String(count))
        return message
    }

    static func sip(_ call: String, method: String? = nil, status: Int? = nil, cseq: String) -> Message {
        var message = Message(.sip)
        if let method { message.add("method", text: method) }
        if let status { message.add("status", integer: status) }
        message.add("call-id", text: call)
        message.add("cseq-method", text: cseq)
        return message
    }

    static func time(_ milliseconds: Int64) -> Instant { Instant(milliseconds: morning + milliseconds) }

    // MARK: Messages

    @Test func `an event says what, where, when and how it is known`() throws {
        var pipeline = try Self.pipeline()
        let events = pipeline.ingest(
            Self.heard(Self.count(2), at: 5, from: Self.addresses.camera, to: Self.addresses.stranger),
            position: 7 << 16)
        let event = try #require(events.first)
        #expect(events.count == 1)
        #expect(event.kind == .cameraPresence(zone: "staff", count: 2))
        #expect(event.device == "cam" && event.office == "o" && event.counter == "q1" && event.feed == "test")
        #expect(event.at == Self.time(5) && event.observed == Self.time(5) && event.flags.isEmpty)
        #expect(
            event.provenance
                == Provenance(
                    protocolName: .onvif, peer: "0.0.0.1:1", rule: "test/camera#presence", position: 7 << 16))
    }

    @Test func `strangers give nothing and are counted`() throws {
        var pipeline = try Self.pipeline()
        let message = Self.heard(Self.count(2), at: 5, from: Self.addresses.stranger, to: Self.addresses.camera)
        #expect(pipeline.ingest(message, position: 1).isEmpty)
        #expect(pipeline.heardFrame(from: Self.addresses.stranger, at: Timestamp(milliseconds: 5), position: 1).isEmpty)
        #expect(pipeline.counters.strangers == 1 && pipeline.counters.strangerFrames == 1)
        #expect(pipeline.counters.rows.isEmpty)
    }

    @Test func `every message is counted as what became of it`() throws {
        var pipeline = try Self.pipeline()
        var other = Message(.onvif)
        other.add("topic", text: "something else")
        for (index, message) in [Self.count(1), other, other, Message(.http)].enumerated() {
            _ = pipeline.ingest(
                Self.heard(message, at: Int64(index), from: Self.addresses.camera, to: Self.addresses.stranger),
                position: UInt64(index) << 16)
        }
        let rows = pipeline.counters.rows
        #expect(rows.map(\.protocolName) == [.http, .onvif])
        #expect(rows.map(\.tally.unread) == [1, 0])
        #expect(rows.map(\.tally.unmapped) == [0, 2])
        #expect(rows.map(\.tally.matched) == [0, 1])
        #expect(
            rows.allSatisfy { row in
                let tally = row.tally
                return tally.messages == tally.matched + tally.ignored + tally.incomplete + tally.unmapped
                    + tally.unread
            })
    }

    @Test func `a meeting starts and ends once, whoever says so`() throws {
        var pipeline = try Self.pipeline()
        let (phone, bridge) = (Self.addresses.phone, Self.addresses.stranger)
        let steps: [(Message, IPAddress, IPAddress, EventKind?)] = [
            (Self.sip("c", method: "INVITE", cseq: "INVITE"), phone, bridge, nil),
            (Self.sip("c", status: 180, cseq: "INVITE"), bridge, phone, nil),
            (Self.sip("c", status: 200, cseq: "INVITE"), bridge, phone, .meetingStarted(id: FNV1a.hex("c".utf8))),
            (Self.sip("c", status: 200, cseq: "INVITE"), bridge, phone, nil),
            (Self.sip("d", method: "BYE", cseq: "BYE"), bridge, phone, nil),
            (
                Self.sip("c", method: "BYE", cseq: "BYE"), phone, bridge,
                .meetingEnded(id: FNV1a.hex("c".utf8), cause: "bye")
            ),
            (Self.sip("c", method: "BYE", cseq: "BYE"), phone, bridge, nil),
            (Self.sip("c", status: 200, cseq: "BYE"), bridge, phone, nil),
        ]
        for (index, step) in steps.enumerated() {
            let events = pipeline.ingest(
                Self.heard(step.0, at: Int64(index), from: step.1, to: step.2), position: UInt64(index) << 16)
            #expect(events.map(\.kind) == (step.3.map { [$0] } ?? []), "step \(index)")
        }
    }

    @Test func `two declared phones that call each other are both in a meeting`() throws {
        var pipeline = try Self.pipeline([
            Device(id: "a", profile: "test/phone", address: "0.0.0.2"),
            Device(id: "b", profile: "test/phone", address: "0.0.0.3"),
        ])
        let events = pipeline.ingest(
            Self.heard(Self.sip("c", status: 200, cseq: "INVITE"), at: 0, from: IPAddress(v4: 3), to: IPAddress(v4: 2)),
            position: 16)
        #expect(events.map(\.device) == ["b", "a"])
        #expect(events.map(\.provenance.position) == [16, 17])
    }

    @Test func `calls that never end are forgotten from the oldest on`() throws {
        var pipeline = try Self.pipeline()
        for index in 0..<300 {
            let message = Self.sip("c\(index)", status: 200, cseq: "INVITE")
            _ = pipeline.ingest(
                Self.heard(message, at: Int64(index), from: Self.addresses.phone, to: Self.addresses.stranger),
                position: 0)
        }
        #expect(pipeline.counters.forgottenPairs == 300 - 256)
    }

    @Test func `the order of devices in the site file changes no event`() throws {
        let devices = (1...20).map { index in
            Device(id: "cam\(index)", profile: "test/camera", address: "0.0.1.\(index)")
        }
        func events(_ devices: [Device]) throws -> [String] {
            var pipeline = try Self.pipeline(devices)
            var out: [DomainEvent] = []
            for step in 0..<400 {
                let address = IPAddress(v4: 256 + UInt32(step * 7 % 20) + 1)
                let heard = Self.heard(
                    Self.count(step % 5), at: Int64(step) * 60_000, from: address, to: Self.addresses.stranger)
                out += pipeline.advance(to: Self.time(Int64(step) * 60_000), position: UInt64(step) << 16)
                out += pipeline.heardFrame(from: address, at: heard.at, position: UInt64(step) << 16)
                out += pipeline.ingest(heard, position: UInt64(step) << 16)
            }
            out.sort(by: DomainEvent.precedes)
            return out.map { "\($0.at.milliseconds) \($0.device) \($0.kind)" }.sorted()
        }
        var shuffled = devices
        var random = SystemRandomNumberGenerator()
        shuffled.shuffle(using: &random)
        #expect(try events(devices) == events(shuffled))
    }

    @Test func `a profile that is missing or wrong stops it before anything is heard`() {
        #expect(throws: ProfileError.self) {
            _ = try Self.pipeline([Device(id: "x", profile: "test/camra", address: "0.0.0.1")])
        }
    }

    // MARK: Evidence

    /// Frames of the camera at those minutes; `advance` at every `step` minutes.
    private static func evidence(_ minutes: [Double], until end: Int64, step: Int64) throws -> [(
        at: Int64, until: Int64
    )] {
        var pipeline = try Self.pipeline()
        var frames = minutes.map { Int64($0 * 60_000) }[...]
        var out: [DomainEvent] = []
        for now in stride(from: Int64(0), through: end * 60_000, by: Int64.Stride(step)) {
            while let frame = frames.first, frame <= now {
                frames.removeFirst()
                out += pipeline.advance(to: time(frame), position: 0)
                out += pipeline.heardFrame(
                    from: addresses.camera, at: Timestamp(milliseconds: morning + frame), position: 0)
            }
            out += pipeline.advance(to: time(now), position: 0)
        }
        return out.map { event in
            guard case .agentHeard(let until) = event.kind else { return (0, -1) }
            return (event.at - time(0), until - time(0))
        }
    }

    private static func scattered(_ count: Int, apart: Double, by modulus: Int, _ divisor: Double) -> [Double] {
        var minutes: [Double] = []
        for index in 0..<count {
            let jump = Double(index * index % modulus) / divisor
            minutes.append(jump + Double(index) * apart)
        }
        return minutes.sorted()
    }

    @Test func `evidence is told at once after a silence, and then every five minutes`() throws {
        let told = try Self.evidence([0, 1, 4, 4.9, 7, 30], until: 60, step: 1_000)
        #expect(told.map(\.at) == [0, 300_000, 594_000, 1_800_000])
        #expect(told.map(\.until) == [0, 294_000, 420_000, 1_800_000])
    }

    @Test func `how often time is told changes no evidence`() throws {
        let minutes = Self.scattered(200, apart: 3.1, by: 97, 1)
        let fine = try Self.evidence(minutes, until: 800, step: 1_000)
        let coarse = try Self.evidence(minutes, until: 800, step: 3_600_000)
        #expect(fine.map(\.at) == coarse.map(\.at))
        #expect(fine.map(\.until) == coarse.map(\.until))
    }

    @Test func `whoever has only the events knows every silence of eleven minutes`() throws {
        let minutes = Self.scattered(300, apart: 4.7, by: 89, 3)
        let told = try Self.evidence(minutes, until: 2_000, step: 60_000)
        func silences(_ evidence: [Int64]) -> [[Int64]] {
            zip(evidence, evidence.dropFirst()).filter { $0.1 - $0.0 >= 660_000 }.map { [$0.0, $0.1] }
        }
        let frames = minutes.map { Int64($0 * 60_000) }
        #expect(silences(told.map(\.until)) == silences(frames))
        #expect(told.last?.until == frames.last)
    }

    @Test func `a clock of ours that is set back does not silence a device`() throws {
        var pipeline = try Self.pipeline()
        var told: [EventKind] = []
        for at in [Int64(0), 86_400_000, 3_600_000, 3_601_000, 3_900_000] {
            told += pipeline.advance(to: Self.time(at), position: 0).filter { $0.flags.isEmpty }.map(\.kind)
            told += pipeline.heardFrame(
                from: Self.addresses.camera, at: Timestamp(milliseconds: Self.morning + at), position: 0
            ).map(\.kind)
        }
        #expect(
            told == [0, 86_400_000, 3_600_000, 3_601_000].map { .agentHeard(until: Self.time($0)) })
    }

    // MARK: Midnight

    @Test func `known states are told again at midnight, and only fresh ones`() throws {
        var pipeline = try Self.pipeline()
        let (camera, phone, other) = (Self.addresses.camera, Self.addresses.phone, Self.addresses.stranger)
        // 07:30 + 16 h 25 min = 23:55; the phone was last heard at 23:40.
        let late = Int64(16 * 60 + 25) * 60_000
        for (address, message, at) in [
            (camera, Self.count(2), late - 3_600_000), (camera, Self.count(1, rule: "a"), late - 3_000_000),
            (phone, Self.sip("c", status: 200, cseq: "INVITE"), late - 900_000), (camera, Self.count(4), late),
        ] {
            let heard = Self.heard(message, at: at, from: address, to: other)
            _ = pipeline.advance(to: Self.time(at), position: 0)
            _ = pipeline.heardFrame(from: address, at: heard.at, position: 0)
            _ = pipeline.ingest(heard, position: 0)
        }
        let midnight = Self.clock.start(of: Self.clock.day(of: Self.time(0)) + 1)
        let events = pipeline.advance(to: midnight + 8 * 3_600_000, position: 100)
        let atMidnight = events.filter { $0.at == midnight }
        #expect(
            atMidnight.map(\.kind) == [
                .agentHeard(until: Self.time(late)), .cameraPresence(zone: "a", count: 1),
                .cameraPresence(zone: "staff", count: 4),
            ])
        #expect(atMidnight.dropFirst().allSatisfy { $0.flags == .restated && !$0.isCore && $0.counter == "q1" })
        #expect(events.map(\.provenance.position) == (0..<UInt64(events.count)).map { 100 + $0 })
        #expect(pipeline.advance(to: midnight + 30 * 3_600_000, position: 0).isEmpty)
    }

    @Test func `a meeting that has ended is not told again`() throws {
        var pipeline = try Self.pipeline()
        let late = Int64(16 * 60 + 29) * 60_000
        for (index, message) in [
            Self.sip("c", status: 200, cseq: "INVITE"), Self.sip("d", status: 200, cseq: "INVITE"),
            Self.sip("c", method: "BYE", cseq: "BYE"),
        ].enumerated() {
            let heard = Self.heard(
                message, at: late + Int64(index), from: Self.addresses.phone, to: Self.addresses.stranger)
            _ = pipeline.advance(to: Self.time(late), position: 0)
            _ = pipeline.heardFrame(from: Self.addresses.phone, at: heard.at, position: 0)
            _ = pipeline.ingest(heard, position: 0)
        }
        let midnight = Self.clock.start(of: Self.clock.day(of: Self.time(0)) + 1)
        let told = pipeline.advance(to: midnight, position: 0).filter { $0.flags == .restated }
        #expect(told.map(\.kind) == [.meetingStarted(id: FNV1a.hex("d".utf8))])
    }

    @Test func `the end of a feed tells what was not told yet`() throws {
        var pipeline = try Self.pipeline()
        for at in [Int64(0), 60_000] {
            _ = pipeline.advance(to: Self.time(at), position: 0)
            _ = pipeline.heardFrame(
                from: Self.addresses.camera, at: Timestamp(milliseconds: Self.morning + at), position: 0)
        }
        #expect(
            pipeline.finish(at: Self.time(61_000), position: 0).map(\.kind) == [.agentHeard(until: Self.time(60_000))])
        #expect(pipeline.finish(at: Self.time(62_000), position: 0).isEmpty)
    }
}
