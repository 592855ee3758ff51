import Domain
import Foundation
import Testing

/// Real snapshots of real offices, where the data lies beside the project.
@Suite struct WarsawTests {
    private static let folder: URL? = {
        let environment = ProcessInfo.processInfo.environment["DESKWATCH_SHARED"]
        let package = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let shared =
            environment.map { URL(filePath: $0) } ?? package.deletingLastPathComponent().appending(path: "shared")
        let url = shared.appending(path: "datasets")
        return FileManager.default.fileExists(atPath: url.path) ? url : nil
    }()

    private struct Row {
        var office: String
        var at: Int64
        var group: String
        var waiting: Int64
        var number: String
    }

    /// Unpacked by gzip; quoted cells hold names only, so that a comma in quotes is all there is to mind.
    private static func rows(_ name: String) throws -> [Row] {
        guard let folder else { return [] }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", folder.appending(path: name).path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let lines = text.split(whereSeparator: \.isNewline)
        let names = try #require(lines.first).split(separator: ",").map(String.init)
        func column(_ name: String) throws -> Int { try #require(names.firstIndex(of: name)) }
        let columns = try ["name", "observed", "idGrupy", "liczbaKlwKolejce", "aktualnyNumer"].map(column)
        return lines.dropFirst().compactMap { line in
            var cells: [String] = [""]
            var isQuoted = false
            for character in line {
                switch character {
                case "\"": isQuoted.toggle()
                case "," where !isQuoted: cells.append("")
                default: cells[cells.count - 1].append(character)
                }
            }
            guard cells.count == names.count, let waiting = Int64(cells[columns[3]]) else { return nil }
            // 2020-01-08T07:59:00+01:00
            let time = cells[columns[1]].dropFirst(11).prefix(8).split(separator: ":").compactMap { Int64($0) }
            guard time.count == 3 else { return nil }
            return Row(
                office: cells[columns[0]], at: (time[0] * 3_600 + time[1] * 60 + time[2]) * 1_000,
                group: cells[columns[2]], waiting: waiting, number: cells[columns[4]])
        }
    }

    private static func fold(_ rows: [Row]) -> [String: OfficeDayResult] {
        let day = LocalDay(number: 18_269)  // 2020-01-08
        let clock = OfficeClock(offsetSeconds: 3_600)
        let hours = WeeklyHours(
            Dictionary(uniqueKeysWithValues: Weekday.allCases.map { ($0, [28_800_000..<57_600_000]) }))
        return Dictionary(grouping: rows, by: \.office).mapValues { rows in
            let site = Site(
                office: Office(
                    id: rows[0].office, name: LocalizedName(vi: "", en: ""), timezone: "Europe/Warsaw", clock: clock),
                hours: hours, services: [], counters: [], devices: [])
            let events = rows.enumerated().map { index, row in
                DomainEvent(
                    id: EventID(agent: "pc", epoch: Epoch(high: 1, low: 1), sequence: UInt64(index + 1)),
                    device: "server", office: row.office,
                    kind: .queueSnapshot(
                        service: row.group, waiting: row.waiting, nowServing: row.number.isEmpty ? nil : row.number,
                        openCounters: nil),
                    observed: clock.start(of: day) + row.at, at: clock.start(of: day) + row.at)
            }
            return OfficeDay.fold(events, site: site, day: day).result(asOf: .distantFuture)
        }
    }

    @Test(.enabled(if: folder != nil, "no shared/datasets beside the package"))
    func `the most people waiting are the oracle's, and nothing is invented`() throws {
        let offices = Self.fold(try Self.rows("warsaw_queue_2020-01-08.csv.gz"))
        let expected: [String: Int64] = [
            "UD_Bemowo": 33, "UD_Bialoleka": 20, "UD_Bielany": 47, "UD_Mokotow_1": 26, "UD_Mokotow_2": 35,
            "UD_Ochota": 16, "UD_Praga_Polnoc": 12, "UD_Praga_Poludnie": 72, "UD_Rembertow": 10,
            "UD_Srodmiescie_1": 21, "UD_Srodmiescie_2": 0, "UD_Targowek": 61, "UD_Ursus": 14, "UD_Wlochy": 8,
            "UD_Wola": 62, "UD_Zoliborz": 9, "USC_Andersa": 11, "USC_Falecka": 6, "USC_Klopotowskiego": 4,
            "USC_Sandomierska": 10, "USC_Smyczkowa": 1,
        ]
        #expect(offices.mapValues { $0.snapshotQueues.map(\.maxWaiting).max() ?? -1 } == expected)
        for (name, result) in offices {
            #expect(result.fates.total == result.fates.applied && result.visits.isEmpty)
            for queue in result.snapshotQueues {
                for part in [queue.calls, queue.arrivals, queue.waited, queue.wait] {
                    guard let part else { continue }
                    #expect(0 <= part.low && part.low <= part.value && part.value <= part.high ?? .max, "\(queue)")
                }
                // A display is no faster than a call every ten seconds, jumps of the numbering or not.
                #expect((queue.calls?.value ?? 0) * 10_000 <= max(10_000, queue.last - queue.first), "\(name) \(queue)")
                #expect(0 <= queue.observed && queue.observed <= queue.scheduled)
            }
        }
        // Polled every five minutes all day, the offices are seen most of the time.
        let ursus = try #require(offices["UD_Ursus"])
        #expect(ursus.snapshotQueues.allSatisfy { $0.observed * 10 >= $0.scheduled * 8 })
        // A desk for all letters shows everybody's numbers: nothing but a lower bound there.
        let mixed = try #require(offices["UD_Bialoleka"]?.snapshotQueues.first { $0.service == "539" })
        #expect(mixed.calls.map { $0.high == nil && $0.low > 40 } == true)
    }
}
