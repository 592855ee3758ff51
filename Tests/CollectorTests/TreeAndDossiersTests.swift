import Domain
import Foundation
import GRDB
import Records
import Testing

@testable import Collector

@Suite struct TreeAndDossiersTests {
    private static func revision(
        _ id: String, under: String, from: String, merged: (String, String)? = nil
    ) throws -> SiteRevision {
        let first = try #require(LocalDay(from))
        var revision = Fixture.site(id, from: first)
        revision.site.office.under = under
        revision.site.office.validFrom = first
        revision.site.office.merged = try merged.map {
            Office.Merger(into: $0.0, on: try #require(LocalDay($0.1)))
        }
        return revision
    }

    /// An office `a` that became part of `b` on 10 November, both under `province`, and `c` elsewhere.
    private func bench() async throws -> Bench {
        let bench = try Bench()
        var sender = Sender()
        try sender.add(
            .site(
                office: "a", try Self.revision("a", under: "province", from: "2026-01-01", merged: ("b", "2026-11-10")))
        )
        try sender.add(.site(office: "b", try Self.revision("b", under: "province", from: "2026-01-01")))
        try sender.add(.site(office: "c", try Self.revision("c", under: "elsewhere", from: "2026-01-01")))
        for (office, count) in [("a", 1), ("b", 2), ("c", 4)] {
            for day in [Fixture.day + -1, Fixture.day] {
                for index in 0..<count {
                    try sender.add(
                        .event(
                            Fixture.event(
                                .ticketIssued(number: "\(index)", service: "ho-tich", channel: nil, priority: nil),
                                at: Fixture.at(8, Int64(index), day: day), office: office)))
                }
            }
        }
        try await bench.send(sender.batch(1...sender.last))
        return bench
    }

    private func visits(_ bench: Bench, _ values: [String: String]) async throws -> Int {
        let body = try await ask(bench.days, ReportQuery(), values.merging(["output": "json"]) { $1 }).body
        let object = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        let metrics = object?["metrics"] as? [[String: Any]]
        return metrics?.first { $0["id"] as? String == "visits" }?["n"] as? Int ?? -1
    }

    @Test func `a report over a place sums its offices of each date, and a successor has what it took over`()
        async throws
    {
        let bench = try await bench()
        let (before, after) = ("2026-11-09", "2026-11-10")
        #expect(try await visits(bench, ["office": "province", "date": after]) == 3)
        #expect(try await visits(bench, ["office": "province", "date": after, "period": "week"]) == 6)
        #expect(try await visits(bench, ["office": "elsewhere", "date": after]) == 4)
        #expect(try await visits(bench, ["office": "b", "date": before]) == 2)
        #expect(try await visits(bench, ["office": "b", "date": before, "merged": "1"]) == 3)
        #expect(try await visits(bench, ["office": "b", "date": after]) == 3)
        #expect(try await visits(bench, ["office": "a", "date": after]) == 1)
        #expect(try await visits(bench, ["date": after]) == 7)
        let rows = try await ask(bench.days, VisitsQuery(), ["office": "b", "date": after, "output": "csv"]).body
        #expect(rows.split(separator: "\n").count == 4)
        await #expect(
            throws: QueryError.unknown(
                "unknown office 'provinc' (did you mean 'province'?); known: a, b, c, elsewhere, province")
        ) {
            try await ask(bench.days, ReportQuery(), ["office": "provinc"])
        }
    }

    @Test func `a dossier is found across days, in the month it was received, as of now`() async throws {
        let bench = try await bench()
        var sender = Sender("pc-2", epoch: 2)
        func add(_ kind: EventKind, _ day: LocalDay) throws {
            try sender.add(.event(Fixture.event(kind, at: Fixture.at(9, 0, day: day), device: "log", office: "b")))
        }
        let day = Fixture.day
        for (code, returned) in [("H1", day + 1), ("H2", day + 2), ("H3", nil)] as [(String, LocalDay?)] {
            try add(
                .dossierReceived(code: code, service: "ho-tich", due: Fixture.at(9, 0, day: day + 1), channel: "web"),
                day + -40)
            if let returned { try add(.dossierReturned(code: code, finished: nil), returned) }
        }
        try await bench.send(sender.batch(1...sender.last))
        let month = ["office": "province", "period": "month", "date": "2026-10-01", "output": "csv"]
        let body = try await ask(bench.days, ReportQuery(), month.merging(["by": "channel"]) { $1 }).body
        let lines = body.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix(",onTime.received,3,1,3,0.333") })
        // H2 is returned at this very moment, two days after the handmade day at nine; now is noon.
        #expect(lines.contains { $0.hasPrefix(",onTime.finished,2,1,2,0.5,,1,") })
        #expect(lines.contains { $0.hasPrefix(",dossier.duration,2,") })
        #expect(lines.contains { $0.hasPrefix("web,onTime.received,3,") })
        let earlier = try await ask(
            bench.days, ReportQuery(),
            month.merging(["asOf": String(Fixture.at(9, 0, day: day + -1).milliseconds)]) { $1 }
        ).body
        #expect(earlier.contains("\n,onTime.received,3,0,3,0.0,,3,"))
        let november = try await ask(
            bench.days, ReportQuery(), ["period": "month", "date": "2026-11-01", "output": "csv"])
        #expect(november.body.contains("\n,onTime.received,0,0,0,,,0,"))
        let why = try await ask(
            bench.days, WhyQuery(), ["metric": "onTime.received", "office": "b", "date": (day + -40).description])
        #expect(why.body.contains("= 1 / 3") && why.body.contains("open         H3"))
        // Dossiers make no office-day: nothing else was heard that day.
        let report = try await ask(bench.days, ReportQuery(), ["date": (day + -40).description, "output": "json"]).body
        #expect(report.contains("\"id\":\"coverage.camera\",\"n\":0"))
        #expect(try await bench.store.recordDifferences() == [])
        // One more event and the book is read anew.
        var late = Sender("pc-3", epoch: 3)
        try late.add(
            .event(
                Fixture.event(
                    .dossierReturned(code: "H3", finished: Fixture.at(8, 0, day: day)), at: Fixture.at(10, 0, day: day),
                    device: "log", office: "b")))
        try await bench.send(late.batch(1...1))
        #expect(try await ask(bench.days, ReportQuery(), month).body.contains("\n,onTime.received,3,2,3,"))
    }

    @Test func `a store of before finds its dossiers again, and figures by older formulas are made anew`() async throws
    {
        let scratch = try Scratch()
        do {
            let bench = try Bench(scratch)
            var sender = try Fixture.sender()
            try sender.add(
                .event(
                    Fixture.event(
                        .dossierReceived(code: "H1", service: nil, due: nil, channel: nil), at: Fixture.at(9, 0),
                        device: "log")))
            try await bench.send(sender.batch(1...sender.last))
            #expect(try await bench.server.materialiser.round() == 1)
            // Back to the first schema.
            try await bench.store.write { db in
                try db.execute(
                    sql: """
                        DROP TABLE side_events; DROP TABLE own_spool; ALTER TABLE office_days DROP COLUMN version;
                        UPDATE office_days SET figures = 'visit of older formulas';
                        DELETE FROM grdb_migrations WHERE identifier = '2';
                        """)
            }
            try bench.store.close()
        }
        let bench = try Bench(scratch)
        #expect(try await bench.days.dossiers(office: "thu", asOf: nil).map(\.code) == ["H1"])
        #expect(try await bench.store.recordDifferences() == [])
        let answer = try await ask(bench.days, RecomputeQuery())
        #expect(answer.body == "1 office-day (0 with kept figures), 0 differences\n")
        await bench.server.materialiser.touch([.init(office: "thu", from: Fixture.at(0, 0), until: Fixture.at(23, 0))])
        #expect(try await bench.server.materialiser.round() == 1)
        #expect(
            try await ask(bench.days, RecomputeQuery()).body == "1 office-day (1 with kept figures), 0 differences\n")
        try await bench.store.write { try $0.execute(sql: "DELETE FROM side_events") }
        #expect(
            try await ask(bench.days, RecomputeQuery()).body.contains(
                "1 events of dossiers and annotations are stored, 0 indexed"))
    }

    @Test func `a holiday is named on the day and in its forms`() async throws {
        let bench = try Bench()
        var revision = Fixture.site(from: LocalDay(number: 20_000))
        let tet = try #require(LocalDay("2026-02-17"))
        revision.site.calendar = OfficeCalendar(holidays: "vn", VietnameseHolidays.days(week: revision.site.hours))
        var sender = Sender()
        try sender.add(.site(office: "thu", revision))
        try sender.add(
            .event(
                Fixture.event(
                    .ticketIssued(number: "1", service: "ho-tich", channel: nil, priority: nil),
                    at: Fixture.at(8, 0, day: tet))))
        try await bench.send(sender.batch(1...2))
        let values = ["office": "thu", "date": "2026-02-17"]
        let text = try await ask(bench.days, DayQuery(), values).body
        #expect(text.contains("nghỉ: Tết Nguyên đán"))
        let json = try await ask(bench.days, DayQuery(), values.merging(["output": "json"]) { $1 }).body
        #expect(
            json.contains("\"calendar\":{\"kind\":\"holiday\",\"name\":{\"vi\":\"Tết Nguyên đán\",\"en\":\"Tết\"}}"))
        #expect(json.contains("\"hours\":[]"))
        let svg = try await ask(bench.days, DayQuery(), values.merging(["output": "svg", "lang": "en"]) { $1 }).body
        #expect(svg.contains("closed: Tết"))
    }
}
