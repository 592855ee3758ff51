import Domain
import Foundation
import Simulation
import Testing

/// Files are feeds: real data through the built command, judged by oracles that others computed.
struct FileFeedTests {
    static let datasets: String? = {
        let named = ProcessInfo.processInfo.environment["DESKWATCH_SHARED"]
        let root = named ?? Command.root.deletingLastPathComponent().appendingPathComponent("shared").path
        return FileManager.default.fileExists(atPath: root + "/datasets") ? root + "/datasets" : nil
    }()

    static var isPresent: Bool {
        if datasets == nil {
            print("skipped: no shared/datasets beside the package (DESKWATCH_SHARED names another place)")
        }
        return datasets != nil
    }

    /// Unpacks one of the data sets.
    private static func unpacked(_ name: String, in folder: Scratch) throws -> String {
        let path = folder.path + "/" + name
        let text = try #require(datasets) + "/" + name + ".gz"
        try Command.run("/bin/sh", ["-c", "exec gzip -dc '\(text)' > '\(path)'"])
        return path
    }

    struct ClockRow {
        var device: String
        var state: String
        var minutes: Double
        var from: String
        var to: String
    }

    private static func clocks(_ name: String) throws -> [ClockRow] {
        let scratch = try Scratch("clocks")
        let path = try unpacked(name, in: scratch)
        let output = try Command.run("agent", ["replay", "--profile", "devices/warsaw/queue-feed", "--clocks", path])
        return output.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard cells.count == 6, let offset = Double(cells[2]) else { return nil }
            return ClockRow(
                device: cells[0], state: cells[1], minutes: offset / 60, from: String(cells[4].dropFirst(11).prefix(5)),
                to: String(cells[5].dropFirst(11).prefix(5)))
        }
    }

    /// Minutes by which a clock is ahead, the mean over 18 days (`datasets/README.md`).
    static let skews = [
        "UD_Wlochy": 4.04, "UD_Praga_Poludnie": 2.07, "UD_Rembertow": 1.15, "UD_Wola": -1.23, "UD_Praga_Polnoc": -1.64,
        "UD_Srodmiescie_1": -3.49,
    ]

    @Test(.enabled(if: isPresent)) func `of 21 offices, six clocks are skewed, one is dead, and no other is accused`()
        throws
    {
        let rows = try Self.clocks("warsaw_queue_2020-01-08.csv")
        #expect(rows.count == 21)
        let skewed = rows.filter { $0.state == "skewed" }
        #expect(Set(skewed.map(\.device)) == Set(Self.skews.keys))
        for row in skewed {
            let oracle = try #require(Self.skews[row.device])
            #expect((row.minutes + oracle).magnitude <= 0.2, "\(row.device): \(row.minutes)")
        }
        #expect(rows.filter { $0.state == "dead" }.map(\.device) == ["UD_Srodmiescie_2"])
        #expect(rows.filter { $0.state == "trusted" }.count == 14)
    }

    @Test(.enabled(if: isPresent)) func `the clock that stood still did so from 10 15 to 10 45`() throws {
        let rows = try Self.clocks("warsaw_queue_frozen_feed_2020-01-21.csv")
        let frozen = rows.filter { $0.state == "frozen" }
        #expect(frozen.map(\.device) == ["UD_Rembertow"])
        #expect(frozen.first?.from == "10:15" && frozen.first?.to == "10:45")
        #expect(rows.filter { $0.state == "skewed" }.map(\.device) == ["UD_Rembertow", "UD_Rembertow", "UD_Wlochy"])
        #expect(rows.filter { $0.state == "trusted" }.map(\.device) == ["UD_Ursus"])
    }

    @Test(.enabled(if: isPresent))
    func `every row of the queue feed is a snapshot, and the longest queues are the oracle's`() throws {
        let scratch = try Scratch("warsaw")
        let path = try Self.unpacked("warsaw_queue_2020-01-08.csv", in: scratch)
        let output = try Command.run("agent", ["replay", "--profile", "devices/warsaw/queue-feed", "--core", path])
        var longest: [String: Int] = [:]
        var count = 0
        for line in output.split(separator: "\n") {
            let event = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            guard event["kind"] as? String == "queue.snapshot", let office = event["office"] as? String,
                let waiting = event["waiting"] as? Int
            else { continue }
            count += 1
            longest[office] = max(longest[office] ?? 0, waiting)
        }
        #expect(count == 46_736)
        let oracle = [
            "UD_Bemowo": 33, "UD_Bialoleka": 20, "UD_Bielany": 47, "UD_Mokotow_1": 26, "UD_Mokotow_2": 35,
            "UD_Ochota": 16,
            "UD_Praga_Polnoc": 12, "UD_Praga_Poludnie": 72, "UD_Rembertow": 10, "UD_Srodmiescie_1": 21,
            "UD_Srodmiescie_2": 0, "UD_Targowek": 61, "UD_Ursus": 14, "UD_Wlochy": 8, "UD_Wola": 62, "UD_Zoliborz": 9,
            "USC_Andersa": 11, "USC_Falecka": 6, "USC_Klopotowskiego": 4, "USC_Sandomierska": 10, "USC_Smyczkowa": 1,
        ]
        #expect(longest == oracle)
    }

    @Test(.enabled(if: isPresent)) func `the intake log gives each dossier once, and 952 of them on time`() throws {
        let scratch = try Scratch("receipt")
        let path = try Self.unpacked("receipt.csv", in: scratch)
        let output = try Command.run("agent", ["replay", "--profile", "devices/coselog/receipt", "--core", path])
        let clock = OfficeClock(offsetSeconds: 0)
        func instant(_ value: Any?) -> Instant? {
            (value as? String).flatMap { StampFormat.rfc3339.instant(of: $0, clock: clock, heard: .distantPast) }
        }
        var due: [String: Instant] = [:]
        var finished: [String: Instant] = [:]
        var channels: [String: Int] = [:]
        for line in output.split(separator: "\n") {
            let event = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let code = try #require(event["code"] as? String)
            if event["kind"] as? String == "dossier.received" {
                #expect(due.updateValue(try #require(instant(event["due"])), forKey: code) == nil)
                channels[event["channel"] as? String ?? "", default: 0] += 1
            } else {
                #expect(finished.updateValue(try #require(instant(event["finished"])), forKey: code) == nil)
            }
        }
        #expect(due.count == 1_434 && finished.count == 1_329)
        #expect(channels == ["Internet": 1_250, "Desk": 109, "Post": 53, "e-mail": 21, "Intern": 1])
        let onTime = finished.filter { code, moment in due[code].map { moment <= $0 } ?? false }
        #expect(onTime.count == 952)
    }

    @Test func `the truth of a simulated day goes through a file and comes out the same`() throws {
        let scratch = try Scratch("jsonl")
        try Command.run("sim", ["day", "--scenario", "tiny", "--seed", "11", "--out", scratch.path])
        let truth = try scratch.text("truth/events.jsonl")
        let output = try Command.run(
            "agent",
            ["replay", "--profile", "devices/generic/event-jsonl", "--core", scratch.path + "/truth/events.jsonl"])
        #expect(output == truth)
    }

    @Test func `what cannot be read is told with its place, and the rest is read`() throws {
        let scratch = try Scratch("broken")
        let path = scratch.path + "/broken.csv"
        let text = """
            time,event,device,number
            2026-11-10T08:00:00+07:00,ticket.issued,kiosk,A001
            2026-11-10T08:01:00+07:00,ticket.issued,kiosk
            2026-11-10T08:02:00+07:00,ticket.teleported,kiosk,A001
            yesterday,ticket.called,kiosk,A001
            2026-11-10T08:03:00+07:00,ticket.left,kiosk,A001
            """
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let output = try Command.run("agent", ["replay", "--profile", "devices/generic/event-csv", "--core", path])
        let lines = output.split(separator: "\n").map(String.init)
        #expect(lines.filter { $0.hasPrefix("{") }.count == 2)
        #expect(lines.contains("\(path):3: 3 fields, the header has 4"))
        #expect(lines.contains("\(path): of 4 rows, 1 that no rule is for, 1 in which a value is missing"))
    }

    static let wrong: [(words: String, code: Int32)] = [
        ("--profile devices/warsaw/queue-feed --site x x.csv", 64), ("x.csv", 64),
        ("--profile devices/warsaw/queue-feed --to http://127.0.0.1:1 x.csv", 64),
        ("--profile devices/sip/generic x.csv", 78), ("--profile devices/nobody x.csv", 78),
        ("--profile devices/warsaw/queue-feed no-such-file.csv", 1),
    ]

    @Test(arguments: wrong) func `wrong words end with the right code`(words: String, code: Int32) throws {
        try Command.run("agent", ["replay"] + words.split(separator: " ").map(String.init), status: code)
    }
}
