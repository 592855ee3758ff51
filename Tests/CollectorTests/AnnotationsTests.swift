import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Records
import Testing

@testable import Collector

@Suite struct AnnotationsTests {
    private func bench() async throws -> Bench {
        let bench = try Bench()
        let sender = try Fixture.sender()
        try await bench.send(sender.batch(1...sender.last))
        return bench
    }

    private static let draft = AnnotationDraft(
        office: "thu", counter: nil, from: "2026-11-10T07:36", until: "2026-11-10T07:45:00+07:00",
        text: " power\n cut ",
        by: "shift lead")

    /// What it says when it refuses; nothing when it does not.
    private func refusal(_ bench: Bench, _ draft: AnnotationDraft) async throws -> QueryError? {
        do {
            _ = try await bench.server.annotator.annotate(draft)
            return nil
        } catch let error as QueryError {
            return error
        }
    }

    private func json(_ text: String) throws -> Any { try JSONSerialization.jsonObject(with: Data(text.utf8)) }

    @Test func `an annotation travels with the visits, the report and the day, and changes no number`() async throws {
        let bench = try await bench()
        let before = try await ask(bench.days, ReportQuery(), ["date": "2026-11-10", "output": "json"]).body
        let note = try await bench.server.annotator.annotate(Self.draft)
        #expect(note.annotation.text == "power cut" && note.annotation.by == "shift lead")
        #expect(note.annotation.from == Fixture.at(7, 36) && note.annotation.until == Fixture.at(7, 45))
        // A001 was being served, A002 was waiting and called; A003 came later.
        #expect(note.visits == 2)
        let after = try await ask(bench.days, ReportQuery(), ["date": "2026-11-10", "output": "json"]).body
        let list = ",\"annotations\":[" + note.json + "]"
        #expect(after.contains(list))
        #expect(after.replacing(list, with: "") == before)
        let visits = try await ask(bench.days, VisitsQuery(), ["date": "2026-11-10", "output": "json"]).body
        let rows = try #require(try json(visits) as? [[String: Any]])
        #expect(rows.map { $0["annotations"] as? [String] ?? [] } == [[note.annotation.id], [note.annotation.id], []])
        let csv = try await ask(bench.days, VisitsQuery(), ["date": "2026-11-10", "output": "csv"]).body
        #expect(csv == OfficeDaysTests.visits)
        let day = try await ask(bench.days, DayQuery(), ["office": "thu", "date": "2026-11-10", "output": "json"]).body
        #expect(day.contains("\"annotations\":[" + note.json + "]"))
        let table = try await ask(bench.days, ReportQuery(), ["date": "2026-11-10"]).body
        #expect(table.contains("power cut") && table.contains("shift lead"))
        let why = try await ask(
            bench.days, WhyQuery(), ["metric": "wait.first", "office": "thu", "date": "2026-11-10", "output": "json"])
        #expect(why.body.contains("\"annotations\":[" + note.json + "]"))
        let svg = try await ask(bench.days, DayQuery(), ["office": "thu", "date": "2026-11-10", "output": "svg"]).body
        #expect(svg.contains("class=\"note\"") && svg.contains("ghi chú 07:36–07:45 power cut (shift lead): 2 lượt"))
        let result = try #require(try await bench.days.result(office: "thu", day: Fixture.day, asOf: nil))
        let page = DayPage(
            facts: DayFacts(result),
            context: PageContext(language: .en, isChosen: true, now: Fixture.now, path: "/"), visitsPage: 1
        ).html().text
        #expect(
            page.contains("Annotations by staff") && page.contains("power cut") && page.contains("annotated</small>"))
        let apart = try await ask(
            bench.days, WhyQuery(), ["metric": "satisfaction", "office": "thu", "date": "2026-11-10", "output": "json"])
        #expect(apart.body.contains("\"annotations\":[]"))
    }

    @Test func `said twice it is kept once, taken back it is gone from the numbers and not from the log`() async throws
    {
        let bench = try await bench()
        let annotator = bench.server.annotator
        let first = try await annotator.annotate(Self.draft)
        #expect(try await annotator.annotate(Self.draft) == first)
        let id = first.annotation.id
        func count() async throws -> Int { try await bench.days.events(office: "thu", day: Fixture.day).events.count }
        #expect(try await count() == Fixture.events.count + 1)
        _ = try await annotator.retract(AnnotationRetraction(office: "thu", id: id, by: nil))
        _ = try await annotator.retract(AnnotationRetraction(office: "thu", id: id, by: nil))
        #expect(try await count() == Fixture.events.count + 2)
        #expect(try await ask(bench.days, AnnotationsQuery(), ["output": "json"]).body == "[]\n")
        // Said again after that, it is another annotation.
        let again = try await annotator.annotate(Self.draft)
        #expect(again.annotation.id != id)
        #expect(try await ask(bench.days, AnnotationsQuery(), ["output": "json"]).body == "[" + again.json + "]\n")
        // The collector's own spool is a chain like every other, and the log has no difference.
        let own = try #require(try await bench.store.spools().first { $0.agent == Annotator.agent })
        #expect(own.through == 3 && own.missing.isEmpty)
        #expect(try await bench.store.recordDifferences() == [])
        #expect(try await bench.days.incidents().isEmpty)
        // The core form is what devices said.
        let core = try await ask(bench.days, EventsQuery(), ["date": "2026-11-10", "core": "1"]).body
        #expect(!core.contains("annotation."))
        #expect(try await ask(bench.days, EventsQuery(), ["date": "2026-11-10"]).body.contains("annotation.retracted"))
    }

    @Test func `many at once are all kept, each under a number of its own`() async throws {
        let bench = try await bench()
        let annotator = bench.server.annotator
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<24 {
                group.addTask {
                    var draft = Self.draft
                    draft.text = "power cut, line \(index % 12)"
                    _ = try await annotator.annotate(draft)
                }
            }
            try await group.waitForAll()
        }
        let own = try #require(try await bench.store.spools().first { $0.agent == Annotator.agent })
        #expect(own.through == 12 && own.records == 12)
        #expect(try await bench.store.recordDifferences() == [])
        let result = try #require(try await bench.days.result(office: "thu", day: Fixture.day, asOf: nil))
        #expect(result.annotations.count == 12)
    }

    @Test func `a day with nothing but an annotation is still a day without data`() async throws {
        let bench = try await bench()
        var draft = Self.draft
        (draft.from, draft.until) = ("2026-11-09T09:10", "2026-11-09T09:40")
        #expect(try await bench.server.annotator.annotate(draft).visits == 0)
        let report = try await ask(bench.days, ReportQuery(), ["date": "2026-11-09"])
        #expect(report.note == "no data from 2026-11-09 to 2026-11-09")
        #expect(try await ask(bench.days, AnnotationsQuery(), ["from": "2026-11-09"]).body.contains("power cut"))
    }

    @Test(arguments: [
        ("from", "2026-11-10T07:50", "is not after"), ("from", "2026-11-10", "is no moment for 'from'"),
        ("until", "2026-11-11T00:30", "is about one day"), ("from", "2026-12-10T07:36", "is not after"),
        ("text", "call 0912 345 678", "looks like a phone or identity number"), ("text", "  \n ", "the text is empty"),
        ("text", String(repeating: "dài ", count: 80), "at most 240"),
        ("by", "001234567890", "the name holds a run of 12"),
        ("counter", "q11", "unknown counter 'q11'; known: q1"),
    ]) func `what a person must mend is said, and nothing is written`(field: String, value: String, words: String)
        async throws
    {
        let bench = try await bench()
        var draft = Self.draft
        switch field {
        case "from": draft.from = value
        case "until": draft.until = value
        case "text": draft.text = value
        case "by": draft.by = value
        default: draft.counter = value
        }
        let error = try await refusal(bench, draft)
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        if case .unknown = error { Issue.record("a wrong word is wrong usage") }
        #expect(try await bench.store.spools().count == 1)
    }

    @Test func `what lies ahead, an unknown office, a day without a site file and an unknown id are refused`()
        async throws
    {
        let bench = try await bench()
        var draft = Self.draft
        (draft.from, draft.until) = ("2026-11-13T07:36", "2026-11-13T07:40")
        let ahead = try await refusal(bench, draft)
        #expect(ahead?.description.contains("lies ahead") == true)
        draft.office = "nowhere"
        #expect(try await refusal(bench, draft) == .unknown("unknown office 'nowhere'; known: thu"))
        draft.office = "thu"
        (draft.from, draft.until) = ("2020-01-02T07:36", "2020-01-02T07:40")
        #expect(try await refusal(bench, draft) != nil)
        await #expect(throws: QueryError.self) {
            try await bench.server.annotator.retract(AnnotationRetraction(office: "thu", id: "00", by: nil))
        }
    }

    @Test func `over HTTP only JSON is taken, and bad bodies are refused`() async throws {
        let bench = try await bench()
        let body = try JSONEncoder().encode(Self.draft)
        try await Application(router: bench.server.router()).test(.router) { client in
            func post(_ path: String, _ type: String, _ body: Data) async throws -> (HTTPResponse.Status, String) {
                try await client.execute(
                    uri: path, method: .post, headers: [.contentType: type], body: ByteBuffer(bytes: Array(body))
                ) { ($0.status, String(buffer: $0.body)) }
            }
            let form = try await post("/api/v1/annotations", "text/plain", body)
            #expect(form.0 == .unsupportedMediaType)
            let broken = try await post("/api/v1/annotations", "application/json", Data("{\"office\":1}".utf8))
            #expect(broken.0 == .badRequest)
            let large = try await post("/api/v1/annotations", "application/json", Data(count: 20_000))
            #expect(large.0 == .contentTooLarge)
            let good = try await post("/api/v1/annotations", "application/json; charset=utf-8", body)
            #expect(good.0 == .ok)
            let object = try JSONSerialization.jsonObject(with: Data(good.1.utf8)) as? [String: Any]
            let id = try #require(object?["id"] as? String)
            let list = try await client.execute(uri: "/api/v1/annotations?output=json", method: .get) {
                String(buffer: $0.body)
            }
            #expect(list.contains(id))
            let back = try JSONEncoder().encode(AnnotationRetraction(office: "thu", id: id, by: nil))
            #expect(try await post("/api/v1/annotations/retract", "application/json", back).0 == .ok)
            let unknown = try JSONEncoder().encode(AnnotationRetraction(office: "thu", id: "beef", by: nil))
            #expect(try await post("/api/v1/annotations/retract", "application/json", unknown).0 == .notFound)
        }
    }
}
