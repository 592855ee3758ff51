import Domain
import Foundation
import Testing

/// The municipal intake log of the shared data, 1,434 cases: the numbers were computed independently (its README).
@Suite struct IntakeLogTests {
    static let path =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
        + "/shared/datasets/receipt.csv.gz"
    static let isThere = FileManager.default.fileExists(atPath: path)

    private struct Row {
        var at: Instant
        var code: String
        var channel: String
        var service: String
        var due: Instant?
        var finished: Instant?
    }

    private static func rows() throws -> [Row] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/zcat")
        process.arguments = [path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let lines = text.split(whereSeparator: \.isNewline)
        let head = try #require(lines.first).replacing("\u{FEFF}", with: "").split(separator: ",").map(String.init)
        func column(_ name: String) throws -> Int { try #require(head.firstIndex(of: name)) }
        let (code, channel, group) = try (column("case:concept:name"), column("case:channel"), column("case:group"))
        let (due, end, at) = try (column("case:deadline"), column("case:enddate"), column("time:timestamp"))
        return try lines.dropFirst().map { line in
            // No cell of this file is quoted.
            let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            try #require(cells.count == head.count && !line.contains("\""))
            return Row(
                at: try #require(instant(cells[at])), code: cells[code], channel: cells[channel], service: cells[group],
                due: instant(cells[due]), finished: instant(cells[end]))
        }
    }

    /// `2011-12-06 13:41:31.788000+01:00`, the fraction absent where it is nothing.
    private static func instant(_ text: String) -> Instant? {
        guard let day = LocalDay(text.prefix(10)) else { return nil }
        let zone = text.suffix(6)
        let parts = text.dropFirst(11).dropLast(6).split(separator: ":")
        guard parts.count == 3, let hour = Int64(parts[0]), let minute = Int64(parts[1]), let second = Double(parts[2]),
            let zoneHour = Int64(zone.dropFirst().prefix(2)), let zoneMinute = Int64(zone.suffix(2))
        else { return nil }
        let offset = (zoneHour * 60 + zoneMinute) * (zone.first == "-" ? -1 : 1)
        return Instant(
            milliseconds: Int64(day.number) * 86_400_000 + (hour * 60 + minute - offset) * 60_000
                + Int64((second * 1_000).rounded()))
    }

    /// Every line tells its dossier again, as a feed without memory would.
    private static func events(_ rows: [Row]) -> [DomainEvent] {
        var events: [DomainEvent] = []
        func add(_ kind: EventKind, at: Instant) {
            events.append(
                DomainEvent(
                    id: EventID(
                        agent: "pc", epoch: Epoch(high: 1, low: 1), sequence: UInt64(events.count + 1)), device: "log",
                    office: "town", kind: kind, observed: at, at: at))
        }
        for row in rows {
            add(.dossierReceived(code: row.code, service: row.service, due: row.due, channel: row.channel), at: row.at)
            if let finished = row.finished { add(.dossierReturned(code: row.code, finished: finished), at: row.at) }
        }
        return events
    }

    @Test(.enabled(if: isThere, "the shared data are not beside the project"))
    func `the shares of the intake log are exactly those of its oracle`() throws {
        let rows = try Self.rows()
        #expect(rows.count == 8_577)
        let dossiers = DossierFold.fold(Self.events(rows), office: "town").dossiers
        let asOf = Instant.distantFuture
        let report = Report.make(
            days: [], from: LocalDay(number: 0), to: LocalDay(number: 1), asOf: asOf, scope: "town",
            clock: OfficeClock(offsetSeconds: 3_600), by: .channel, dossiers: dossiers)
        func metric(_ id: String) throws -> Metric { try #require(report.metrics.first { $0.id == id }) }
        let received = try metric("onTime.received")
        #expect(received.numerator == 952 && received.denominator == 1_434 && received.open == 105)
        let finished = try metric("onTime.finished")
        #expect(finished.numerator == 952 && finished.denominator == 1_329 && finished.open == 105)
        #expect(try abs(#require(finished.value) * 100 - 71.6328) < 0.00005)
        #expect(try abs(#require(received.value) * 100 - 66.3877) < 0.00005)
        #expect(received.excluded.isEmpty && finished.excluded.isEmpty)
        #expect(try metric("dossier.duration").open == 105)
        let channels = report.groups.map { group in
            "\(group.key) \(group.metrics.first { $0.id == "onTime.received" }?.denominator ?? 0)"
        }
        #expect(channels == ["Desk 109", "Intern 1", "Internet 1250", "Post 53", "e-mail 21"])
        let total = report.groups.reduce(Int64(0)) { sum, group in
            sum + (group.metrics.first { $0.id == "onTime.finished" }?.numerator ?? 0)
        }
        #expect(total == 952)
    }

    @Test(.enabled(if: isThere, "the shared data are not beside the project"))
    func `durations from first to last line have the oracle's mean, nearest ranks and maximum`() throws {
        var first: [String: Instant] = [:]
        var last: [String: Instant] = [:]
        for row in try Self.rows() {
            first[row.code] = min(first[row.code] ?? row.at, row.at)
            last[row.code] = max(last[row.code] ?? row.at, row.at)
        }
        var dossiers: [Dossier] = []
        for (code, from) in first.sorted(by: { $0.key < $1.key }) {
            var dossier = Dossier(office: "town", code: code, ordinal: 1)
            dossier.received = from
            dossier.returned = last[code]
            dossiers.append(dossier)
        }
        let metrics = DossierMetrics.metrics(dossiers, asOf: .distantFuture)
        let duration = try #require(metrics.first { $0.id == "dossier.duration" })
        #expect(duration.n == 1_434)
        #expect(try abs(#require(duration.mean) - 467_263_915) < 1)
        #expect(duration.p90 == 1_217_899_896 && duration.max == 23_832_541_524)
        // The oracle's median is the mean of the two in the middle; the nearest rank is the lower of them.
        #expect(try #require(duration.p50) <= 2_868_584)
    }
}
