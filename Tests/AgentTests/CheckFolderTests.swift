import Foundation
import Testing

@testable import Agent

/// What `check` says of a folder that can be used: of messages that gave nothing, of fields that no sample has, of
/// expectations that are not met.
struct CheckFolderTests {
    /// A folder with these files; removed when the test ends.
    private final class Scratch {
        let path = NSTemporaryDirectory() + "deskwatch-folder-" + UUID().uuidString

        init(_ files: [String: String]) throws {
            for (name, text) in files {
                let file = path + "/" + name
                try FileManager.default.createDirectory(
                    atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                try text.write(toFile: file, atomically: true, encoding: .utf8)
            }
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func short(_ problem: FileProblem) -> String {
            problem.description.replacingOccurrences(of: path + "/", with: "")
        }
    }

    private static let head = """
        id: test/x
        name: X
        kind: queue
        confidence: assumed
        source: "a test"

        """

    private static let samples = """

        samples:
          - input: samples/day.txt
            expect: samples/day.expected.jsonl
            source: "Written by hand"

        """

    private static let list =
        head + """
            protocol: mqtt
            body: json
            each: json.tickets
            stamped: { field: json.tickets.at, format: "%d/%m/%Y %H:%M" }
            maps: { up: { offline: false } }
            rules:
              - id: issued
                match: { json.tickets.status: 1 }
                event: ticket.issued
                set: { number: "{json.tickets.no}" }
              - id: state
                match: { topic: { suffix: /state } }
                event: device.reachable
                set: { on: "{payload|map:up}" }
            """ + samples

    private static let day = """
        @ 2026-11-10T08:00:00.000+07:00 publish a/b
        {"tickets":[{"status":1,"no":"A1","at":"10/11/2026 08:00"},{"status":9,"no":"A2"},{"status":1,"no":"A3","at":"8h"}]}
        @ 2026-11-10T08:00:01.000+07:00 publish a/state
        online
        @ 2026-11-10T08:00:02.000+07:00 publish a/b
        {"tickets":[{"status":1,}]}
        """

    @Test func `elements, words of maps, times and broken bodies are told with their place`() throws {
        let scratch = try Scratch(["profile.yaml": Self.list, "samples/day.txt": Self.day])
        let outcome = try #require(try DeviceFolder.load(scratch.path).run(update: true).first)
        #expect(outcome.problems == [])
        #expect(
            outcome.notes.map(scratch.short) == [
                "samples/day.txt:1: element 2 of json.tickets: unmapped: no rule is for it: status=9 no=A2",
                "samples/day.txt:1: element 3 of json.tickets: the device's time is not known: "
                    + "'8h' is not written as %d/%m/%Y %H:%M",
                "samples/day.txt:3: incomplete: rule 'state': 'on' is absent: "
                    + "'online' is not in map 'up'; there: offline; the body is no JSON: malformed at byte 0",
                "samples/day.txt:5: unmapped: no rule is for it: mqtt type=PUBLISH topic=a/b qos=0 retain=false "
                    + "dup=false payloadLength=27; the body is no JSON: malformed at byte 24",
            ])
        #expect(
            outcome.lines.last
                == "# mqtt: 3 messages: 1 matched, 1 incomplete, 1 unmapped; 2 events, "
                + "1 without the device's time, 1 elements unmapped")
        // The names to use are without the index.
        #expect(outcome.fields.contains("  json.tickets.no: A2"))
        #expect(outcome.fields.contains("samples/day.txt:1 mqtt, element 2 of json.tickets"))
        #expect(!outcome.fields.contains { $0.contains("json.tickets.1") })
    }

    private static let csv =
        head + """
            protocol: csv
            stamped: { field: column.Time, format: iso8601 }
            rules:
              - id: called
                match: { column.Status: called }
                event: ticket.called
                counter: "{column.counter}"
                set: { number: "{column.Number}" }
            """ + samples.replacingOccurrences(of: "day.txt", with: "day.csv")

    @Test func `rows that are none are told by their line, and what no sample has by the profile's`() throws {
        let rows = """
            Time;Status;Number;Counter
            2026-11-10 08:00;called;A1;q1
            2026-11-10 08:01;called;A; 2;
            2026-11-10 08:02;called;A3

            2026-11-10 08:03;gone;A4;q1
            """
        let scratch = try Scratch(["profile.yaml": Self.csv, "samples/day.csv": rows])
        let folder = try DeviceFolder.load(scratch.path)
        let outcomes = folder.run(update: true)
        #expect(
            outcomes[0].notes.map(scratch.short) == [
                "samples/day.csv:2: rule 'called': no counter: there is no column.counter",
                "samples/day.csv:3: not read: 5 fields, the header has 4",
                "samples/day.csv:4: not read: 3 fields, the header has 4",
                "samples/day.csv:6: unmapped: no rule is for it: column.Time=2026-11-10 08:03 column.Status=gone "
                    + "column.Number=A4 column.Counter=q1",
            ])
        #expect(outcomes[0].lines.last == "# rows that cannot be read: 2")
        #expect(
            folder.unsampled(outcomes).warnings.map(scratch.short) == [
                "profile.yaml:12: warning: no sample has column.counter; there is column.Counter"
            ])
    }

    @Test func `a file of another encoding is told, and no letter is invented`() throws {
        let scratch = try Scratch(["profile.yaml": Self.csv])
        try FileManager.default.createDirectory(atPath: scratch.path + "/samples", withIntermediateDirectories: true)
        var rows = Data("Time;Status;Number;Counter\n2026-11-10 08:00;called;A1;Qu".utf8)
        rows.append(contentsOf: [0xE0, 0x79, 0x0A])
        rows.append(Data("2026-11-10 08:01;called;A2;q2\n".utf8))
        try rows.write(to: URL(fileURLWithPath: scratch.path + "/samples/day.csv"))
        let outcome = try #require(try DeviceFolder.load(scratch.path).run(update: true).first)
        #expect(
            outcome.notes.map(scratch.short) == [
                "samples/day.csv:2: not read: not UTF-8 (byte 30 of the row); export the file as UTF-8",
                "samples/day.csv:3: rule 'called': no counter: there is no column.counter",
            ])
        #expect(outcome.lines.count == 3 && outcome.lines[0].contains("\"number\":\"A2\""))
    }

    @Test func `what is to be kept out and is misspelt is told, whether others use it or not`() throws {
        let profile = Self.csv.replacingOccurrences(
            of: "rules:", with: "privacy: { column.Numbr: drop, column.Nothing: drop }\nrules:")
        let row = "Time;Status;Number;Counter\n2026-11-10 08:00;called;A1;q1\n"
        let scratch = try Scratch(["profile.yaml": profile, "samples/day.csv": row])
        let folder = try DeviceFolder.load(scratch.path)
        let found = folder.unsampled(folder.run(update: true))
        #expect(
            found.notes.map(scratch.short).contains {
                $0.hasSuffix("no sample has column.Numbr; there is column.Number")
            })
        #expect(found.notes.contains { $0.message.contains("column.Nothing") })
    }

    @Test func `a list of another name is told with the one there is`() throws {
        let profile = Self.list.replacingOccurrences(of: "json.tickets", with: "json.ticket")
        let scratch = try Scratch(["profile.yaml": profile, "samples/day.txt": Self.day])
        let folder = try DeviceFolder.load(scratch.path)
        #expect(
            folder.unsampled(folder.run(update: true)).warnings.map(scratch.short) == [
                "profile.yaml:8: warning: no sample has a list json.ticket; there is json.tickets"
            ])
    }

    @Test func `a folder without samples says so`() throws {
        let text = Self.csv[..<(Self.csv.range(of: "\nsamples:")?.lowerBound ?? Self.csv.endIndex)]
        let scratch = try Scratch(["profile.yaml": String(text)])
        #expect(
            try DeviceFolder.load(scratch.path).warnings.map(scratch.short) == [
                "profile.yaml:1: warning: no samples: nothing shows that the rules do what they should"
            ])
    }

    @Test func `a file that is not there is told at the profile's line, with the one that is`() throws {
        let scratch = try Scratch(["profile.yaml": Self.list, "samples/dya.txt": Self.day])
        #expect(
            try DeviceFolder.load(scratch.path).run().flatMap(\.problems).map(scratch.short) == [
                "profile.yaml:21: no file 'samples/day.txt'; there is samples/dya.txt"
            ])
        let other = try Scratch(["profile.yaml": Self.list, "samples/day.txt": Self.day])
        #expect(
            try DeviceFolder.load(other.path).run().flatMap(\.problems).map(other.short) == [
                "profile.yaml:22: no file 'samples/day.expected.jsonl'; 'check --update' writes it"
            ])
    }

    @Test func `what is behind a device is said by the sample`() throws {
        let profile =
            Self.head + """
                protocol: mqtt
                rules:
                  - id: lost
                    event: device.reachable
                    device: "{payload}"
                    set: { on: false }
                """ + Self.samples
            + "    aliases: { \"192.168.10.43\": cam-q1 }\n    behind: [cam-q1]\n"
        let day = "@ 2026-11-10T08:00:00.000+07:00 publish a\n192.168.10.43\n"
        let scratch = try Scratch(["profile.yaml": profile, "samples/day.txt": day])
        let lines = try DeviceFolder.load(scratch.path).run(update: true).flatMap(\.lines)
        #expect(lines.first?.contains("\"device\":\"cam-q1\"") == true)
    }

    // MARK: Differences

    private static func problems(_ expected: String, _ given: [(String, Int)]) -> [String] {
        SampleDifference(
            expected: expected, in: "e", given: given.map { SampleDifference.Given($0.0, line: $0.1) }, by: "s"
        ).problems.map(\.description)
    }

    private static func event(_ second: Int, _ kind: String, _ number: String) -> String {
        "{\"at\":\"2026-11-10T08:00:0\(second).000+07:00\",\"kind\":\"\(kind)\",\"number\":\"\(number)\"}"
    }

    @Test func `all differences are told, with their keys and the sample's line`() {
        let (a, b, c) = (
            Self.event(1, "ticket.called", "A1"), Self.event(2, "ticket.left", "A2"), Self.event(3, "x", "1")
        )
        #expect(Self.problems(a + "\n" + b + "\n", [(a, 1), (b, 3)]).isEmpty)
        #expect(
            Self.problems(Self.event(1, "ticket.called", "A7") + "\n" + c + "\n" + b + "\n", [(a, 1), (b, 3), (c, 9)])
                == [
                    "e:1: ticket.called: number: expected \"A7\", given \"A1\" (s:1)",
                    "e:2: expected, and not given: \(c)", "e:4: given, and not expected: \(c) (s:9)",
                ])
        #expect(
            Self.problems("# mqtt: 1 messages\n", [("# mqtt: 2 messages", 0)]) == [
                "e:1: expected # mqtt: 1 messages\n    but the sample gives # mqtt: 2 messages"
            ])
    }

    @Test func `an expectation that is none says so`() {
        let given = Self.event(1, "ticket.called", "A1")
        let odd = given.replacingOccurrences(of: "2026-11-10T08:00:01.000+07:00", with: "10/11/2026 8h")
        #expect(
            Self.problems(odd + "\n", [(given, 1)]) == [
                "e:1: 'at' is no time: '10/11/2026 8h'; write it like 2026-11-10T07:31:02.104+07:00 (s:1)"
            ])
        #expect(
            Self.problems("{oops\n" + given + "\n", [(given, 1)]) == ["e:1: expected is no JSON object: {oops"])
        #expect(Self.problems(given, [(given, 1)]) == ["e:1: the last line has no end"])
    }

    @Test func `more differences than ten are counted`() {
        let wanted = (0..<30).map { "{\"at\":\"2026-11-10T08:00:00.000+07:00\",\"kind\":\"k\($0)\"}\n" }.joined()
        let problems = Self.problems(wanted, [])
        #expect(problems.count == 11 && problems.last == "e:30: and 20 more differences")
    }
}
