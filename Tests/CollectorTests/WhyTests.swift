import Domain
import Foundation
import HTTPTypes
import Records
import Testing

@testable import Collector

@Suite struct WhyTests {
    private func bench() async throws -> Bench {
        let bench = try Bench()
        let sender = try Fixture.sender()
        try await bench.send(sender.batch(1...sender.last))
        return bench
    }

    private func why(_ bench: Bench, _ metric: String, _ more: [String: String] = [:]) async throws -> Answer {
        try await ask(
            bench.days, WhyQuery(),
            ["metric": metric, "office": "thu", "date": "2026-11-10"].merging(more) { $1 })
    }

    @Test func `the number of the handmade day is told with its definition, its tickets and who was left out`()
        async throws
    {
        let body = try await why(try await bench(), "wait.first").body
        for part in [
            "wait.first  Wait until first call", "definition   Time spent waiting before the first call.",
            "source       DOMAIN.md §5", "value        9 m 00 s (mean)", "= 18 m 00 s (1080000 ms) / 2",
            "n            2 (fewer than 20)", "p50 = 7 m 00 s is A002",
            "p90 = 11 m 00 s, p95 = 11 m 00 s, p99 = 11 m 00 s, max = 11 m 00 s is A001",
            "excluded     1 leftUncalled: A003",
            "open         none",
        ] { #expect(body.contains(part), "\(part)\n\(body)") }
    }

    @Test func `every metric of the report can be asked for, in every form`() async throws {
        let bench = try await bench()
        let report = try await ask(bench.days, ReportQuery(), ["date": "2026-11-10", "output": "json"]).body
        let object = try JSONSerialization.jsonObject(with: Data(report.utf8)) as? [String: Any]
        let metrics = try #require(object?["metrics"] as? [[String: Any]])
        #expect(metrics.count >= 31)
        for metric in metrics {
            let id = try #require(metric["id"] as? String)
            for form in ["table", "json", "csv"] {
                let body = try await why(bench, id, ["output": form]).body
                #expect(body.hasSuffix("\n"))
                guard form == "json" else { continue }
                let object = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
                let told = object?["metric"] as? [String: Any]
                #expect(told?["n"] as? Int == metric["n"] as? Int && told?["id"] as? String == id)
                let definition = object?["definition"] as? [String: Any]
                let words = definition?["text"] as? [String: String]
                #expect(words?["vi"]?.isEmpty == false && words?["vi"] != id && words?["en"] != id, "\(id)")
            }
        }
    }

    @Test func `an unknown metric is wrong usage and names the near ones, a service level has any limit`() async throws
    {
        let bench = try await bench()
        let error = await #expect(throws: QueryError.self) { try await why(bench, "wait.frist") }
        guard case .usage(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.contains("unknown metric 'wait.frist'") && text.contains("did you mean 'wait.first'?"))
        let level = try await why(bench, "serviceLevel.negative.8m").body
        // Of three issued, A002 was called within eight minutes.
        #expect(level.contains("= 1 / 3") && level.contains("numerator    visits called within 8m"))
        let report = try await ask(
            bench.days, ReportQuery(), ["date": "2026-11-10", "serviceLevel": "8m", "output": "csv"])
        #expect(report.body.contains("serviceLevel.positive.8m,3,2,3,"))
        await #expect(throws: QueryError.self) {
            try await ask(bench.days, ReportQuery(), ["serviceLevel": "8"])
        }
        await #expect(throws: QueryError.unknown("unknown office 'nowhere'; known: thu")) {
            try await why(bench, "wait.first", ["office": "nowhere"])
        }
        await #expect(throws: QueryError.unknown("no data: no site file of thu is valid on 2020-01-01")) {
            try await why(bench, "wait.first", ["date": "2020-01-01"])
        }
        #expect(try await why(bench, "wait.first", ["date": "2026-11-09"]).note == "no data on 2026-11-09")
    }

    @Test func `limits are proposed from enough data only`() async throws {
        let bench = try await bench()
        let few = try await ask(bench.days, SuggestLimitsQuery(), ["office": "thu"])
        #expect(few.body.contains("# ho-tich: not enough data (n = 1, at least 50), now without a limit"))
        var sender = Sender("pc-2", epoch: 2)
        for index in 0..<60 {
            let at = Fixture.at(8, 0, 0, day: Fixture.day + -1) + Int64(index) * 300_000
            for (kind, delay) in [
                (EventKind.ticketCalled(number: "C\(index)"), Int64(0)), (.ticketServing(number: "C\(index)"), 0),
                (.ticketServed(number: "C\(index)", quantity: nil, outcome: nil), 120_000 + Int64(index) * 1_000),
            ] { try sender.add(.event(Fixture.event(kind, at: at + delay, counter: "q1"))) }
        }
        // A call of an unknown number names no service: the site's one counter serves one, but nobody said so.
        try await bench.send(sender.batch(1...sender.last))
        let named = try await ask(bench.days, SuggestLimitsQuery(), ["office": "thu", "output": "json"]).body
        let object = try JSONSerialization.jsonObject(with: Data(named.utf8)) as? [String: Any]
        #expect((object?["services"] as? [[String: Any]])?.first?["state"] as? String == "not enough data")
        #expect(object?["rule"] as? String == LimitSuggestion.rule)
    }

    @Test func `the page of a number is complete without a script, in both languages, and its links lead there`()
        async throws
    {
        let bench = try await bench()
        let context = PageContext(language: .vi, isChosen: false, now: Fixture.now, path: "/")
        let found = try await Pages.why(bench.days, "wait.first", office: "thu", date: "2026-11-10", context)
        for part in ["Chờ tới lần gọi đầu", "A001", "A002", "bỏ về trước khi gọi", "DOMAIN.md §5", "output=csv"] {
            #expect(found.html.text.contains(part), "\(part)")
        }
        #expect(!found.html.text.contains(" style="))
        let day = DayPage(
            facts: DayFacts(try #require(try await bench.days.result(office: "thu", day: Fixture.day, asOf: nil))),
            context: context, visitsPage: 1
        ).html().text
        #expect(day.contains("/offices/thu/2026-11-10/why/wait.first"))
        #expect(day.contains("/offices/thu/2026-11-10/why/wait.capacity"))
        let unknown = try await Pages.why(bench.days, "<b>", office: "thu", date: "2026-11-10", context)
        #expect(unknown.status == .notFound && !unknown.html.text.contains("<b>"))
        let nothing = try await Pages.why(bench.days, "wait.first", office: "thu", date: "x", context)
        #expect(nothing.status == .notFound)
    }
}
