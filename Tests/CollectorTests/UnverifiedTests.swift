import Domain
import Records
import Testing

@testable import Collector

/// What rests on profiles that nobody has verified says so wherever its numbers are read.
@Suite struct UnverifiedTests {
    @Test func `the day, the report, why and the pages name profiles nobody has verified`() async throws {
        let bench = try Bench()
        var sender = try Fixture.sender()
        try await bench.send(sender.batch(1...sender.last))
        let date = ["date": "2026-11-10"]
        let wait = date.merging(["office": "thu", "metric": "wait.first"]) { $1 }
        let office = date.merging(["office": "thu"]) { $1 }
        func json(_ query: some Query, _ values: [String: String]) async throws -> String {
            try await ask(bench.days, query, values.merging(["output": "json"]) { $1 }).body
        }
        let before = try await json(ReportQuery(), date)
        #expect(!before.contains("unverified"))

        var revision = Fixture.site(from: Fixture.day + -1)
        for index in revision.site.devices.indices where revision.site.devices[index].id != "vc" {
            revision.site.devices[index].isUnverified = true
        }
        revision.digest = Array(repeating: 9, count: 32)
        try sender.add(.site(office: "thu", revision))
        try await bench.send(sender.batch(sender.last...sender.last))

        let list = ",\"unverified\":[\"generic/syslog-kiosk\",\"onvif/generic\"]"
        let after = try await json(ReportQuery(), date)
        #expect(after.contains(list) && after.replacing(list, with: "") == before)
        #expect(try await json(DayQuery(), office).contains(list))
        #expect(try await json(WhyQuery(), wait).contains(list))
        let words = "2 devices heard by unverified profiles: generic/syslog-kiosk, onvif/generic"
        #expect(try await ask(bench.days, ReportQuery(), date).body.contains(words))
        let english = ["lang": "en"]
        #expect(try await ask(bench.days, WhyQuery(), wait.merging(english) { $1 }).body.contains(words))
        let day = try await ask(bench.days, DayQuery(), office.merging(english) { $1 })
        #expect(day.body.replacing("\n", with: " ").contains("heard by unverified profiles"))
        let result = try #require(try await bench.days.result(office: "thu", day: Fixture.day, asOf: nil))
        let context = PageContext(language: .en, isChosen: true, now: Fixture.now, path: "/")
        #expect(
            DayPage(facts: DayFacts(result), context: context, visitsPage: 1).html().text.contains(
                "2 devices heard by unverified profiles"))
        // Two days of one office, and its devices, are counted once; another office's are others.
        var other = revision.site
        other.office.id = "other"
        #expect(UnverifiedProfiles([revision.site, revision.site]).deviceCount == 2)
        #expect(UnverifiedProfiles([revision.site, other]).deviceCount == 4)
    }
}
