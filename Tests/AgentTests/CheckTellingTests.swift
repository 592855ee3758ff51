import Domain
import Foundation
import Testing

@testable import Agent

/// What `check` says of what would be lost in silence: keys that lack, rules that nothing comes to, words without an
/// alias, bytes that are no message.
struct CheckTellingTests {
    static let head = """
        id: test/x
        name: X
        kind: recorder
        confidence: assumed
        source: "a test"

        """

    static let samples = """

        samples:
          - input: day.txt
            expect: day.expected.jsonl
            source: "Written by hand"

        """

    struct Told {
        var notes: [String]
        var warnings: [String]
        var problems: [String]
        var words: [String]
    }

    /// What is said of a folder with that profile and sample.
    static func told(_ profile: String, _ day: String, more: String = "") throws -> Told {
        let path = NSTemporaryDirectory() + "deskwatch-telling-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try (head + profile + samples + more).write(toFile: path + "/profile.yaml", atomically: true, encoding: .utf8)
        try day.write(toFile: path + "/day.txt", atomically: true, encoding: .utf8)
        let folder = try DeviceFolder.load(path)
        let outcomes = folder.run(update: true)
        func short(_ problems: [FileProblem]) -> [String] {
            problems.map { $0.description.replacingOccurrences(of: path + "/", with: "") }
        }
        return Told(
            notes: short(outcomes.flatMap(\.notes)),
            warnings: short(folder.unsampled(outcomes).warnings + folder.untried(outcomes)),
            problems: short(outcomes.flatMap(\.problems)), words: outcomes.flatMap { $0.words.lines.map(\.words) })
    }

    private static func publish(_ json: [String]) -> String {
        json.enumerated().map { "@ 2026-11-10T08:0\($0.offset):00.000+07:00 publish a/b\n\($0.element)\n" }.joined()
    }

    static let detectors = """
        protocol: mqtt
        body: json
        rules:
          - id: motion
            match: { json.event: motion }
            event: camera.motion
            key: "{json.detector,json.zone}"
            set: { on: "{json.on}" }
        """

    @Test func `a message that lacks its rule's key is about all of the device, and said to be`() throws {
        let day = Self.publish([
            "{\"event\":\"motion\",\"on\":true}", "{\"event\":\"motion\",\"on\":false,\"zone\":\"a\"}",
            "{\"event\":\"motion\",\"on\":true,\"detector\":\"a\"}",
        ])
        let told = try Self.told(Self.detectors, day)
        #expect(
            told.notes == [
                "day.txt:1: rule 'motion': about all of the device, for 'key' is absent: "
                    + "there is no json.detector, no json.zone"
            ])
        #expect(told.warnings == [])
    }

    @Test func `a path of a key that no sample has is told, though another beside it is right`() throws {
        let told = try Self.told(
            Self.detectors, Self.publish(["{\"event\":\"motion\",\"on\":true,\"zone\":\"a\"}"]))
        #expect(
            told.warnings == [
                "profile.yaml:12: warning: no sample has json.detector, which stands in a key beside others"
            ])
        let near = try Self.told(
            Self.detectors,
            Self.publish(["{\"event\":\"motion\",\"on\":true,\"zone\":\"a\",\"Detector\":1}"]))
        #expect(near.warnings == ["profile.yaml:12: warning: no sample has json.detector; there is json.Detector"])
    }

    @Test func `a slip of the pen is told although what was meant is used elsewhere`() throws {
        let profile = """
            protocol: mqtt
            body: json
            rules:
              - id: called
                match: { json.event: called }
                event: ticket.called
                counter: "{json.Desk}"
                set: { number: "{json.no}" }
              - id: left
                match: { json.event: left }
                event: ticket.left
                counter: "{json.desk}"
                set: { number: "{json.no}" }
            """
        let told = try Self.told(
            profile,
            Self.publish([
                "{\"event\":\"called\",\"no\":\"A1\",\"Desk\":3}", "{\"event\":\"left\",\"no\":\"A1\",\"Desk\":3}",
            ]))
        #expect(told.warnings == ["profile.yaml:17: warning: no sample has json.desk; there is json.Desk"])
    }

    @Test func `a rule that no message comes to is told with its line, and what it ignores counts`() throws {
        let profile = """
            protocol: mqtt
            body: json
            rules:
              - id: seen
                match: { json.event: called }
                continue: true
                ignore: true
              - id: called
                match: { json.event: called }
                event: ticket.called
                set: { number: "{json.no}" }
              - id: never
                match: { json.event: called }
                ignore: true
              - id: left
                match: { json.event: left }
                event: ticket.left
                set: { number: "{json.no}" }
            """
        let told = try Self.told(profile, Self.publish(["{\"event\":\"called\",\"no\":\"A1\"}"]))
        // That 'never' cannot be reached is told of the profile itself.
        #expect(told.warnings == ["profile.yaml:20: warning: no sample has a message for rule 'left'"])
    }

    @Test func `words of counters, services and channels without an alias are told`() throws {
        let profile = """
            protocol: mqtt
            body: json
            rules:
              - id: issued
                match: { json.service: { present: true } }
                event: ticket.issued
                set: { number: "{json.no}", service: "{json.service}" }
              - id: called
                match: { json.desk: { present: true } }
                event: ticket.called
                counter: "{json.desk}"
                set: { number: "{json.no}" }
              - id: lost
                match: { json.lost: { present: true } }
                event: device.reachable
                device: "channel {json.lost}"
                set: { on: false }
              - id: video
                event: camera.video
                device: "{json.channel}"
                set: { on: false }
            """
        let told = try Self.told(
            profile,
            Self.publish([
                "{\"no\":\"A1\",\"service\":\"Land\"}", "{\"no\":\"A1\",\"desk\":\"3\"}",
                "{\"no\":\"A2\",\"desk\":\"4\"}", "{\"lost\":9}", "{\"channel\":\"cam 2\"}", "{}",
            ]), more: "    aliases: { \"3\": q3 }\n")
        #expect(told.words == ["counters 4; services Land; behind it channel 9, cam 2"])
        #expect(
            told.notes == [
                "day.txt:7: rule 'lost': no alias says what 'channel 9' is, so there is no event",
                "day.txt:9: rule 'video': no alias says what 'cam 2' is, so it stays the device's own",
                "day.txt:11: rule 'video': 'device' names nothing, so it stays the device's own",
            ])
    }

    @Test func `words that the site does not explain are told by device`() throws {
        let office = Office(
            id: "o", name: LocalizedName(vi: "O", en: "O"), timezone: "Asia/Ho_Chi_Minh",
            clock: OfficeClock(offsetSeconds: 25_200))
        let site = Site(
            office: office, hours: WeeklyHours([:]), services: [], counters: [Counter(id: "q1", services: [])],
            devices: [])
        func event(_ device: String, _ counter: String?, _ kind: EventKind) -> DomainEvent {
            DomainEvent(
                feed: "f", device: device, office: "o", counter: counter, kind: kind,
                observed: Instant(milliseconds: 0),
                at: Instant(milliseconds: 0), flags: [], provenance: Provenance(position: 0))
        }
        var words = AliasWords()
        words.note(
            [
                event("a", "q1", .ticketCalled(number: "1")), event("a", "K7", .ticketCalled(number: "1")),
                event("a", "K7", .ticketCalled(number: "2")), event("b", nil, .ticketLeft(number: "1")),
                event("b", "q1", .ticketTransferred(number: "1", toService: "s", toCounter: "K8")),
            ], of: site)
        #expect(words.lines.map { "\($0.device): \($0.words)" } == ["a: counters K7", "b: counters K8"])
        let more = (0..<100).map { event("a", "c\($0)", .ticketCalled(number: "1")) }
        words.note(more, of: site)
        #expect(words.lines[0].words.hasSuffix("c30, …"))
    }

    @Test func `a new folder's fields can be looked at before anything is expected`() throws {
        let path = NSTemporaryDirectory() + "deskwatch-telling-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try (Self.head + Self.detectors + Self.samples).write(
            toFile: path + "/profile.yaml", atomically: true, encoding: .utf8)
        try Self.publish(["{\"event\":\"motion\",\"on\":true}"]).write(
            toFile: path + "/day.txt", atomically: true, encoding: .utf8)
        let folder = try DeviceFolder.load(path)
        let outcome = try #require(folder.run(isNew: true).first)
        #expect(outcome.problems == [] && outcome.fields.contains("  json.event: motion"))
        #expect(!FileManager.default.fileExists(atPath: path + "/day.expected.jsonl"))
        // Without that the file is missed, and once it is there it is compared.
        #expect(folder.run().first?.problems.isEmpty == false)
        try "".write(toFile: path + "/day.expected.jsonl", atomically: true, encoding: .utf8)
        #expect(folder.run(isNew: true).first?.isDifference == true)
    }

    @Test func `a slip in a key is told although a field of the protocol's own stands beside it`() throws {
        let profile = Self.detectors.replacingOccurrences(of: "{json.detector,json.zone}", with: "{json.dtector,topic}")
        let day = Self.publish(["{\"event\":\"motion\",\"on\":true,\"detector\":\"a\"}"])
        #expect(
            try Self.told(profile, day).warnings == [
                "profile.yaml:12: warning: no sample has json.dtector; there is json.detector"
            ])
    }

    @Test func `zones without a token, and conditions of restated that never hold, are told`() throws {
        let profile = """
            protocol: mqtt
            body: json
            rules:
              - id: people
                match: { json.n: { present: true } }
                event: camera.presence
                set: { zone: "{json.zone}", count: "{json.n}" }
                restated: { json.again: "yes" }
              - id: motion
                match: { json.on: { present: true } }
                event: camera.motion
                set: { on: "{json.on}" }
                restated: { json.again: "yse" }
              - id: tamper
                match: { json.tamper: { present: true } }
                event: camera.tamper
                set: { on: "{json.tamper}" }
                restated: { json.again: "yes" }
            """
        let day = Self.publish([
            "{\"n\":1,\"zone\":\"rule-1\"}", "{\"n\":2,\"zone\":\"rule-2\",\"again\":\"yes\"}",
            "{\"on\":true,\"again\":\"yes\"}", "{\"tamper\":true}",
        ])
        let path = NSTemporaryDirectory() + "deskwatch-telling-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try (Self.head + profile + Self.samples + "    zones: { staff: rule-1 }\n").write(
            toFile: path + "/profile.yaml", atomically: true, encoding: .utf8)
        try day.write(toFile: path + "/day.txt", atomically: true, encoding: .utf8)
        let folder = try DeviceFolder.load(path)
        let outcomes = folder.run(update: true)
        #expect(outcomes.flatMap { $0.words.lines.map(\.words) } == ["zones rule-2"])
        #expect(
            folder.unsampled(outcomes).notes.map { $0.description.replacingOccurrences(of: path + "/", with: "") } == [
                "profile.yaml:18: no sample has a message for which 'restated' of rule 'motion' holds"
            ])
    }

    @Test func `what is remembered for nobody, and a pair that never meets, are warned of`() throws {
        let profile = """
            protocol: mqtt
            body: json
            rules:
              - id: made
                match: { json.event: made }
                ignore: true
                remember: { key: "{json.visit}", numer: "{json.no}", service: "{json.service}" }
              - id: left
                match: { json.event: left }
                event: ticket.transferred
                join: "{json.visit}"
                set: { number: "{json.no}", toService: "{json.to,joined.service}" }
              - id: lost
                match: { json.event: lost }
                event: device.reachable
                set: { on: false }
                pair: { edge: start, key: silent }
              - id: back
                match: { json.event: back }
                event: device.reachable
                set: { on: true }
                pair: { edge: end, key: slient }
            """
        let path = NSTemporaryDirectory() + "deskwatch-telling-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try (Self.head + profile + Self.samples).write(
            toFile: path + "/profile.yaml", atomically: true, encoding: .utf8)
        #expect(
            try DeviceFolder.load(path).warnings.map { $0.description.replacingOccurrences(of: path + "/", with: "") }
                == [
                    "profile.yaml:12: warning: 'numer' is remembered, and no rule uses {joined.numer}",
                    "profile.yaml:22: warning: no rule with the key 'silent' ends what it begins, so it comes once: "
                        + "'once' says that",
                    "profile.yaml:27: warning: no rule with the key 'slient' begins what it ends, so it never comes",
                ])
    }

    @Test func `a counter that is not there, and a key under which nothing can be remembered, are told`() throws {
        let profile = """
            protocol: mqtt
            body: json
            rules:
              - id: made
                match: { json.event: made }
                ignore: true
                remember: { key: "{json.visit}", number: "{json.no}" }
              - id: called
                match: { json.event: called }
                event: ticket.called
                counter: "q{json.desk,json.counter}"
                join: "{json.visit}"
                set: { number: "{json.no,joined.number}" }
            """
        let told = try Self.told(
            profile,
            Self.publish([
                "{\"event\":\"made\",\"no\":\"A1\",\"visit\":1}", "{\"event\":\"made\",\"no\":\"A2\"}",
                "{\"event\":\"called\",\"visit\":1,\"desk\":3}", "{\"event\":\"called\",\"no\":\"A2\"}",
            ]))
        #expect(
            told.notes == [
                "day.txt:3: rule 'made': nothing is remembered: there is no json.visit",
                "day.txt:7: rule 'called': no counter: there is no json.desk, no json.counter",
            ])
    }
}
