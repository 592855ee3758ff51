import Domain
import Testing
import Wire

/// Whose message it is: by address, port, hardware address, topic.
struct WhoseTests {
    static func pipeline(_ devices: [Device]) throws -> Pipeline {
        let profiles = [
            DeviceProfile(
                id: "test/mqtt", name: LocalizedName(vi: "", en: "m"), kind: .camera, protocolName: .mqtt,
                rules: [
                    DeviceProfile.Rule(
                        id: "motion", match: [.field("type", .equals("PUBLISH"))], event: "camera.motion",
                        payload: [DeviceProfile.Entry("on", "true")])
                ]),
            DeviceProfile(
                id: "test/lldp", name: LocalizedName(vi: "", en: "s"), kind: .network, protocolName: .lldp,
                rules: [
                    DeviceProfile.Rule(
                        id: "down", event: "device.reachable", payload: [DeviceProfile.Entry("on", "false")])
                ]),
        ]
        let others: [DeviceProfile] = [ProtocolName.icmp, .rtp, .syslog].map {
            DeviceProfile(
                id: "test/\($0)", name: LocalizedName(vi: "", en: "o"), kind: .network, protocolName: $0,
                rules: [
                    DeviceProfile.Rule(
                        id: "up", event: "device.reachable", payload: [DeviceProfile.Entry("on", "true")])
                ])
        }
        let site = Site(
            office: Office(
                id: "o", name: LocalizedName(vi: "O", en: "O"), timezone: "Asia/Ho_Chi_Minh",
                clock: OfficeClock(offsetSeconds: 25_200)), hours: WeeklyHours([:]), services: [], counters: [],
            devices: devices)
        return try Pipeline(
            site: SiteRevision(site: site, validFrom: LocalDay(number: 0), source: [], digest: []),
            profiles: profiles + others,
            feed: "test")
    }

    static let time = Timestamp(milliseconds: 1_794_270_600_000)
    static let broker = IPAddress(v4: 0x0A00_0005)
    static let camera = IPAddress(v4: 0x0A00_0009)

    static func publish(_ topic: String, from: IPAddress = camera, to: IPAddress = broker, port: UInt16 = 1_883)
        -> HeardMessage
    {
        var message = Message(.mqtt)
        message.add("type", text: "PUBLISH")
        message.add("topic", text: topic)
        return HeardMessage(
            message, at: time, source: Endpoint(from, port: 40_000), target: Endpoint(to, port: port), transport: .tcp)
    }

    static func devices(_ events: [DomainEvent]) -> [String] {
        events.filter { $0.kind.name == "camera.motion" }.map(\.device)
    }

    @Test func `what a broker is told under a topic is the device's word, and its evidence of life`() throws {
        var pipeline = try Self.pipeline([
            Device(id: "cam1", profile: "test/mqtt", address: "topic:frigate/cam1/#@10.0.0.5"),
            Device(id: "cam2", profile: "test/mqtt", address: "topic:frigate/cam2/#@10.0.0.5"),
        ])
        let events = pipeline.ingest(Self.publish("frigate/cam1/person"), position: 1 << 16)
        #expect(
            events.map(\.kind.name) == ["agent.heard", "camera.motion"] && events.allSatisfy { $0.device == "cam1" })
        #expect(Set(events.map(\.provenance.position)).count == 2)
        // The broker tells its listeners: the same again.
        #expect(
            pipeline.ingest(Self.publish("frigate/cam1/person", from: Self.broker, to: Self.camera), position: 2 << 16)
                .isEmpty)
        #expect(pipeline.ingest(Self.publish("frigate/cam3/person"), position: 3 << 16).isEmpty)
        #expect(pipeline.ingest(Self.publish("frigate/cam2/person", to: Self.camera), position: 4 << 16).isEmpty)
    }

    @Test func `an address with ports is only what goes over them`() throws {
        var pipeline = try Self.pipeline([Device(id: "c", profile: "test/mqtt", address: "10.0.0.9:18831")])
        #expect(pipeline.ingest(Self.publish("a"), position: 1 << 16).isEmpty)
        #expect(Self.devices(pipeline.ingest(Self.publish("a", port: 18_831), position: 2 << 16)) == ["c"])
    }

    @Test(arguments: [(ProtocolName.icmp, UInt16(0)), (.rtp, 30_000), (.syslog, 514)])
    func `what has no ports and media are the device's whatever its ports, and nothing else is`(
        name: ProtocolName, port: UInt16
    ) throws {
        var pipeline = try Self.pipeline([Device(id: "d", profile: "test/\(name)", address: "10.0.0.9:18831")])
        let heard = HeardMessage(
            Message(name), at: Self.time, source: Endpoint(Self.camera, port: port),
            target: Endpoint(Self.broker, port: port), transport: name == .icmp ? .ip : .udp)
        let events = pipeline.ingest(heard, position: 1 << 16).filter { $0.kind.name == "device.reachable" }
        #expect(events.map(\.device) == (name == .syslog ? [] : ["d"]))
    }

    @Test func `a device is known by its hardware address, with an IP address and without`() throws {
        var pipeline = try Self.pipeline([
            Device(id: "switch", profile: "test/lldp", address: "00:18:ba:98:68:8f"),
            Device(id: "cam", profile: "test/mqtt", address: "00:18:ba:00:00:01"),
        ])
        let mac = MACAddress(0x0018_ba98_688f)
        let said = HeardMessage(
            Message(.lldp), at: Self.time, source: Endpoint(mac), target: Endpoint(MACAddress(0x0180_c200_000e)),
            transport: .link, sourceMAC: mac)
        #expect(pipeline.ingest(said, position: 1 << 16).map(\.device) == ["switch"])
        var published = Self.publish("a")
        published.sourceMAC = MACAddress(0x0018_ba00_0001)
        #expect(Self.devices(pipeline.ingest(published, position: 2 << 16)) == ["cam"])
        let heard = pipeline.heardFrame(from: FrameSender(address: nil, mac: mac), at: Self.time, position: 3 << 16)
        #expect(heard.map(\.kind.name) == ["agent.heard"])
        let stranger = FrameSender(address: Self.camera, mac: MACAddress(7))
        #expect(pipeline.heardFrame(from: stranger, at: Self.time, position: 4 << 16).isEmpty)
    }

    @Test func `a recorder's word keeps the cameras behind it alive, however the recorder is addressed`() throws {
        for address in ["10.0.0.9", "00:18:ba:00:00:01", "topic:nvr/#@10.0.0.5"] {
            var pipeline = try Self.pipeline([
                Device(id: "nvr", profile: "test/mqtt", address: address),
                Device(id: "cam", profile: "test/icmp", address: "behind:nvr"),
                Device(id: "other", profile: "test/icmp", address: "behind:cam"),
            ])
            let mac = MACAddress(0x0018_ba00_0001)
            var events = pipeline.heardFrame(
                from: FrameSender(address: Self.camera, mac: mac), at: Self.time, position: 1 << 16)
            var said = Self.publish("nvr/status")
            said.sourceMAC = mac
            events += pipeline.ingest(said, position: 2 << 16)
            #expect(
                events.filter { $0.kind.name == "agent.heard" }.map(\.device).sorted() == ["cam", "nvr"], "\(address)")
        }
    }
}
