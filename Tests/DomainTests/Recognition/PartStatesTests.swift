import Domain
import Testing
import Wire

/// Detectors and disks of one device: on with the first, off with the last, in whatever order they speak.
struct PartStatesTests {
    private static func rules(_ event: String, expires: Int64? = nil) -> [DeviceProfile.Rule] {
        [
            DeviceProfile.Rule(
                id: "part", match: [.field("json.part", .present(true))], event: event,
                payload: [DeviceProfile.Entry("on", "{json.on}")],
                restated: [.field("json.again", .present(true))], key: "{json.part}", expires: expires),
            DeviceProfile.Rule(
                id: "whole", event: event, payload: [DeviceProfile.Entry("on", "{json.on}")]),
        ]
    }

    private static func json(_ part: String, _ on: Bool) -> String { "{\"part\":\"\(part)\",\"on\":\(on)}" }

    private static func tell(
        _ event: String, _ said: [String], expires: Int64? = nil, apart: Int64 = 1_000, through: Int64? = nil
    ) throws -> (told: [String], unchanged: UInt64, forgotten: UInt64) {
        var pipeline = try LastingTests.pipeline(rules(event, expires: expires))
        var events: [DomainEvent] = []
        for (index, json) in said.enumerated() {
            events += LastingTests.say(&pipeline, json, at: Int64(index) * apart)
        }
        if let through {
            events += pipeline.advance(
                to: Instant(milliseconds: LastingTests.morning + through), position: 1 << 40)
        }
        let told = LastingTests.told(events.filter { !$0.kind.name.hasPrefix("agent.") })
        return (told, pipeline.counters.rows.first?.tally.unchanged ?? 0, pipeline.counters.forgottenPairs)
    }

    /// Every order in which three detectors can begin and end.
    private static var orders: [[(part: Int, isRaised: Bool)]] {
        var out: [[(part: Int, isRaised: Bool)]] = []
        func extend(_ begun: [Bool], _ ended: [Bool], _ order: [(part: Int, isRaised: Bool)]) {
            if order.count == 6 { out.append(order) }
            for part in 0..<3 where !ended[part] {
                var begun = begun
                var ended = ended
                if begun[part] { ended[part] = true } else { begun[part] = true }
                extend(begun, ended, order + [(part, begun[part] && !ended[part])])
            }
        }
        extend([false, false, false], [false, false, false], [])
        return out
    }

    @Test(arguments: ["camera.motion", "camera.storageFault", "camera.video", "device.reachable"])
    func `the state is the device's while any part is so, in all 90 orders`(_ event: String) throws {
        let raised = event == "camera.motion" || event == "camera.storageFault"
        #expect(Self.orders.count == 90)
        for order in Self.orders {
            var open = 0
            var expected: [String] = []
            for (index, step) in order.enumerated() {
                let before = open
                open += step.isRaised ? 1 : -1
                if (before > 0) != (open > 0) {
                    expected.append("\(index * 1_000) nvr \(event) \(step.isRaised == raised)")
                }
            }
            let got = try Self.tell(event, order.map { Self.json("p\($0.part)", $0.isRaised == raised) })
            #expect(got.told == expected)
            #expect(got.unchanged == UInt64(6 - expected.count))
        }
    }

    @Test func `what is well is told once, and first of all`() throws {
        let got = try Self.tell(
            "camera.motion", [Self.json("a", false), Self.json("b", false), Self.json("a", true), Self.json("a", true)])
        #expect(got.told == ["0 nvr camera.motion false", "2000 nvr camera.motion true"])
        #expect(got.unchanged == 2)
    }

    @Test func `each part ends by itself in its own time, and the last ends the state`() throws {
        let said = [Self.json("a", true), Self.json("b", true), Self.json("a", true)]
        let got = try Self.tell("camera.motion", said, expires: 5_000, through: 60_000)
        #expect(got.told == ["0 nvr camera.motion true", "7000 nvr camera.motion false"])
        let stopped = try Self.tell("camera.motion", said + [Self.json("a", false)], expires: 5_000, through: 60_000)
        #expect(stopped.told == ["0 nvr camera.motion true", "6000 nvr camera.motion false"])
    }

    @Test func `what the device says of all of it ends every part's state`() throws {
        let got = try Self.tell(
            "camera.motion",
            [
                Self.json("a", true), Self.json("b", true), "{\"on\":false}", Self.json("a", false),
                Self.json("b", true),
            ],
            expires: 60_000, through: 200_000)
        #expect(
            got.told == [
                "0 nvr camera.motion true", "2000 nvr camera.motion false", "4000 nvr camera.motion true",
                "64000 nvr camera.motion false",
            ])
        let whole = try Self.tell("camera.motion", ["{\"on\":true}", Self.json("a", true), Self.json("a", false)])
        #expect(whole.told == ["0 nvr camera.motion true"])
    }

    /// Rules of one event, the first of which takes all that names a sensor, and tells its parts by a field that may lack.
    private static func tellUnnamed(_ said: [String], expires: Int64? = nil) throws -> [String] {
        var pipeline = try LastingTests.pipeline([
            DeviceProfile.Rule(
                id: "sensor", match: [.field("json.whole", .present(false))], event: "camera.motion",
                payload: [DeviceProfile.Entry("on", "{json.on}")],
                restated: [.field("json.again", .present(true))], key: "{json.part}", expires: expires),
            DeviceProfile.Rule(id: "whole", event: "camera.motion", payload: [DeviceProfile.Entry("on", "{json.on}")]),
        ])
        var events: [DomainEvent] = []
        for (index, json) in said.enumerated() {
            events += LastingTests.say(&pipeline, json, at: Int64(index) * 1_000)
        }
        events += pipeline.advance(to: Instant(milliseconds: LastingTests.morning + 600_000), position: 1 << 40)
        return LastingTests.told(events.filter { !$0.kind.name.hasPrefix("agent.") }).map {
            $0.split(separator: " ").enumerated().filter { [0, 3].contains($0.offset) }.map(\.element)
                .joined(separator: " ")
        }
    }

    @Test func `a beginning that lacks its key ends with the end of a part that had not begun`() throws {
        let (on, off) = ("{\"on\":true}", "{\"on\":false}")
        // The end belongs to it.
        #expect(try Self.tellUnnamed([on, Self.json("a", false)]) == ["0 true", "1000 false"])
        // That of another part does not, nor a state that is only told again.
        #expect(try Self.tellUnnamed([on, Self.json("a", true), Self.json("a", false)]) == ["0 true"])
        let again = "{\"part\":\"b\",\"on\":false,\"again\":1}"
        #expect(try Self.tellUnnamed([on, again]) == ["0 true"])
        // An end without a key is that of all.
        #expect(try Self.tellUnnamed([on, Self.json("a", true), off]) == ["0 true", "2000 false"])
        // What a rule without a key begins is all of the device's, and ends as such.
        let whole = "{\"whole\":1,\"on\":true}"
        #expect(try Self.tellUnnamed([whole, Self.json("a", false)]) == ["0 true"])
        #expect(try Self.tellUnnamed([on, whole, Self.json("a", false)]) == ["0 true", "1000 true"])
        // Nothing is left that would end by itself.
        #expect(
            try Self.tellUnnamed([on, Self.json("a", false), on], expires: 60_000) == [
                "0 true", "1000 false", "2000 true", "62000 false",
            ])
    }

    @Test func `a part that is told again says nothing against another`() throws {
        let again = "{\"part\":\"b\",\"on\":false,\"again\":1}"
        let got = try Self.tell("camera.motion", [again, Self.json("a", true), again, Self.json("a", false), again])
        #expect(
            got.told == [
                "0 nvr camera.motion false", "1000 nvr camera.motion true", "3000 nvr camera.motion false",
                "4000 nvr camera.motion false",
            ])
    }

    @Test func `beyond the bound the oldest part is forgotten, counted, and the state ends with the last`() throws {
        let begun = (0..<100).map { Self.json("p\($0)", true) }
        let ended = (0..<100).map { Self.json("p\($0)", false) }
        let got = try Self.tell("camera.motion", begun + ended, apart: 1)
        #expect(got.told == ["0 nvr camera.motion true", "199 nvr camera.motion false"])
        #expect(got.forgotten == 36)
        let timed = try Self.tell("camera.motion", begun, expires: 5_000, apart: 1, through: 60_000)
        #expect(timed.told == ["0 nvr camera.motion true", "5099 nvr camera.motion false"])
    }

    @Test func `a recorder's detectors are the camera's they speak of`() throws {
        let rule = DeviceProfile.Rule(
            id: "motion", event: "camera.motion", payload: [DeviceProfile.Entry("on", "{json.on}")],
            key: "{json.part}", device: "channel {json.ch}")
        var pipeline = try LastingTests.pipeline(
            [rule],
            aliases: [
                Device.Alias(said: "channel 1", meant: "cam-1"), Device.Alias(said: "channel 2", meant: "cam-2"),
            ], behind: ["cam-1", "cam-2"])
        var events: [DomainEvent] = []
        for (index, (part, channel, on)) in [
            ("a", 1, true), ("a", 2, true), ("b", 1, true), ("a", 1, false), ("a", 2, false), ("b", 1, false),
        ].enumerated() {
            events += LastingTests.say(
                &pipeline, "{\"part\":\"\(part)\",\"ch\":\(channel),\"on\":\(on)}", at: Int64(index) * 1_000)
        }
        #expect(
            LastingTests.told(events) == [
                "0 cam-1 camera.motion true", "1000 cam-2 camera.motion true", "4000 cam-2 camera.motion false",
                "5000 cam-1 camera.motion false",
            ])
    }

    @Test func `only states that are on or off have parts`() {
        let profile = DeviceProfile(
            id: "test/x", name: LocalizedName(vi: "", en: "x"), kind: .camera, protocolName: .http, body: .json,
            rules: [
                DeviceProfile.Rule(
                    id: "people", event: "camera.presence",
                    payload: [DeviceProfile.Entry("zone", "z"), DeviceProfile.Entry("count", "{json.n}")],
                    key: "{json.rule}"),
                DeviceProfile.Rule(
                    id: "disk", event: "camera.storageFault", payload: [DeviceProfile.Entry("on", "true")],
                    once: "{json.disk}", key: "{json.disk}"),
            ])
        #expect(
            profile.problems.map(\.message) == [
                "camera.presence is no state that is on or off; such are camera.motion, camera.recording, "
                    + "camera.storageFault, camera.tamper, camera.video, device.reachable",
                "a rule has 'key' or 'once', not both",
            ])
    }
}
