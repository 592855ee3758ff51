import Domain
import Foundation
import Testing

@testable import Collector

func ask(_ days: OfficeDays, _ query: some Query, _ values: [String: String] = [:]) async throws -> Answer {
    try await query.answer(Arguments(values, for: query), from: days)
}

@Suite struct QueriesTests {
    @Test func `an unknown office names the known ones, a bad date is wrong usage, and nothing is no data`()
        async throws
    {
        let bench = try Bench()
        let sender = try Fixture.sender()
        try await bench.send(sender.batch(1...sender.last))
        await #expect(throws: QueryError.unknown("unknown office 'nowhere'; known: thu")) {
            try await ask(bench.days, VisitsQuery(), ["office": "nowhere"])
        }
        await #expect(throws: QueryError.usage("'10/11/2026' is not a date: write YYYY-MM-DD, as 2026-11-10")) {
            try await ask(bench.days, ReportQuery(), ["date": "10/11/2026"])
        }
        await #expect(
            throws: QueryError.usage("unknown by 'wait'; known: office, counter, service, hour, cause, channel")
        ) {
            try await ask(bench.days, ReportQuery(), ["by": "wait"])
        }
        let empty = try await ask(bench.days, ReportQuery(), ["date": "2020-01-01"])
        #expect(empty.body.hasSuffix("no data\n"))
        #expect(empty.note == "no data from 2020-01-01 to 2020-01-01")
        let visits = try await ask(bench.days, VisitsQuery(), ["date": "2020-01-01", "output": "csv"])
        #expect(visits.body == Visit.csvHeader.joined(separator: ",") + "\n")
        #expect(visits.note == "no data on 2020-01-01")
    }

    @Test func `the log is told in the order of the fold, in the form of the truth`() async throws {
        let bench = try Bench()
        let sender = try Fixture.sender()
        for batch in sender.batches(of: 3).reversed() { try await bench.send(batch) }
        let answer = try await ask(bench.days, EventsQuery(), ["date": "2026-11-10", "core": "1"])
        #expect(answer.body == Fixture.events.map { $0.coreForm(clock: Fixture.clock) + "\n" }.joined())
        let full = try await ask(bench.days, EventsQuery(), ["date": "2026-11-10"])
        let data = Data("[\(full.body.split(separator: "\n").joined(separator: ","))]".utf8)
        let objects = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        #expect(objects.compactMap { $0["sequence"] as? Int } == Array(2...11))
    }

    @Test func `every form of every question can be read again`() async throws {
        let bench = try Bench()
        let sender = try Fixture.sender()
        try await bench.send(sender.batch(1...sender.last))
        for query in Queries.all {
            for output in query.outputs {
                var values = ["output": output.rawValue]
                if query.parameters.contains("date") { values["date"] = "2026-11-10" }
                if query.parameters.contains("office") { values["office"] = "thu" }
                if query.parameters.contains("metric") { values["metric"] = "wait.first" }
                for by in query.parameters.contains("by") ? Report.Grouping.allCases.map(\.rawValue) : [""] {
                    if !by.isEmpty { values["by"] = by }
                    let body = try await ask(bench.days, query, values).body
                    #expect(body.hasSuffix("\n"), "\(query.name) \(output)")
                    switch output {
                    case .json: _ = try JSONSerialization.jsonObject(with: Data(body.utf8))
                    case .csv:
                        let widths = body.split(separator: "\n").map { $0.count { $0 == "," } }
                        #expect(Set(widths).count == 1, "\(query.name)")
                    default: break
                    }
                }
            }
        }
    }

    @Test func `periods are whole weeks from Monday, months, quarters and years`() throws {
        let day = try #require(LocalDay("2026-11-10"))
        func text(_ period: ReportQuery.Period) -> String {
            let range = ReportQuery.range(period, around: day)
            return "\(range.lowerBound) \(range.upperBound)"
        }
        #expect(text(.day) == "2026-11-10 2026-11-11")
        #expect(text(.week) == "2026-11-09 2026-11-16")
        #expect(text(.month) == "2026-11-01 2026-12-01")
        #expect(text(.quarter) == "2026-10-01 2027-01-01")
        #expect(text(.year) == "2026-01-01 2027-01-01")
    }

    @Test func `a table aligns by what is seen, and its csv and json keep every value`() {
        let table = Table(
            columns: [.init("name"), .init("wait_ms", "wait", numeric: true), .init("share", numeric: true)],
            rows: [
                [.text("Phường Đông Hà"), .milliseconds(605_000), .share(0.0425)],
                [.text("Ha\u{0302}\u{0323}u, \"Lộc\""), .none, .share(1)],
                [.text("=cmd()"), .integer(7), .none],
            ])
        #expect(
            table.text() == """
                name                 wait    share
                Phường Đông Hà  10 m 05 s    4.3 %
                Ha\u{0302}\u{0323}u, "Lộc"        no data  100.0 %
                =cmd()                  7  no data

                """)
        #expect(
            table.csv == """
                name,wait_ms,share
                Phường Đông Hà,605000,0.0425
                "Ha\u{0302}\u{0323}u, ""Lộc""\",,1.0
                '=cmd(),7,

                """)
        #expect(
            table.json == """
                [
                {"name":"Phường Đông Hà","wait_ms":605000,"share":0.0425},
                {"name":"Ha\u{0302}\u{0323}u, \\"Lộc\\"","share":1.0},
                {"name":"=cmd()","wait_ms":7}
                ]

                """)
    }

    @Test func `moments can be given as a person or a program writes them`() {
        #expect(Instant(argument: "2026-11-10T07:31:02.104+07:00")?.milliseconds == 1_794_270_662_104)
        #expect(Instant(argument: "2026-11-10T00:31:02Z")?.milliseconds == 1_794_270_662_000)
        #expect(Instant(argument: "1794270662000")?.milliseconds == 1_794_270_662_000)
        for wrong in ["", "2026-11-10", "2026-11-10T25:00:00Z", "2026-11-10T07:31:02", "now", "9223372036854775807"] {
            #expect(Instant(argument: wrong) == nil, "\(wrong)")
        }
    }

    @Test func `the metrics of the handmade day are those one gets by hand`() async throws {
        let bench = try Bench()
        let sender = try Fixture.sender()
        try await bench.send(sender.batch(1...sender.last))
        let answer = try await ask(bench.days, ReportQuery(), ["date": "2026-11-10", "output": "json", "by": "cause"])
        let object = try JSONSerialization.jsonObject(with: Data(answer.body.utf8))
        let report = try #require(object as? [String: Any])
        #expect(report["from"] as? String == "2026-11-10")
        #expect(report["to"] as? String == "2026-11-11")
        #expect(report["asOf"] as? String == "2026-11-11T00:00:00.000+07:00")
        let metrics = try #require(report["metrics"] as? [[String: Any]])
        func metric(_ id: String) -> [String: Any] { metrics.first { $0["id"] as? String == id } ?? [:] }
        // A001 waited 660 s and A002 420 s for the first call; A003 was never called.
        #expect(metric("visits")["n"] as? Int == 3)
        #expect(metric("wait.first")["n"] as? Int == 2)
        #expect(metric("wait.first")["mean"] as? Int == 540_000)
        #expect(metric("wait.first")["p50"] as? Int == 420_000)
        #expect(metric("wait.first")["max"] as? Int == 660_000)
        // One of three issued left uncalled.
        #expect(metric("abandonment")["numerator"] as? Int == 1)
        #expect(metric("abandonment")["denominator"] as? Int == 3)
        // 600 + 300 + 120 + 300 s of waiting, by cause.
        let groups = try #require(report["groups"] as? [[String: Any]])
        let causes = groups.compactMap { group -> String? in
            guard let key = group["key"] as? String, let first = (group["metrics"] as? [[String: Any]])?.first,
                let numerator = first["numerator"] as? Int
            else { return nil }
            return "\(key) \(numerator)"
        }
        #expect(
            causes == [
                "closed 600000", "capacity 300000", "idle 0", "meeting 0", "unattended 120000", "unseen 300000",
            ])
    }
}
