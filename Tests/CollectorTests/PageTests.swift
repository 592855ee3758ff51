import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Collector

@Suite struct PageTests {
    /// A source with a stopped clock and handmade days.
    struct Source: OfficeDaySource {
        var days: [String: [LocalDay: OfficeDayResult]] = [:]
        var extra: [OfficeSummary] = []
        var time = SampleDay.World.at(10, 42, 17)
        var trouble: [Incident] = []
        var fails = false

        struct Broken: Error {}

        func offices() async throws -> [OfficeSummary] {
            if fails { throw Broken() }
            return days.keys.sorted().map { id in
                let results = (days[id] ?? [:]).values.sorted { $0.day < $1.day }
                let heard = results.compactMap(\.lastHeard)
                let span = heard.first.flatMap { first in heard.last.map { first...$0 } }
                return OfficeSummary(
                    id: id, site: results.last?.site, events: results.reduce(0) { $0 + $1.eventCount }, span: span)
            } + extra
        }

        func result(office: String, day: LocalDay, asOf: Instant?) async throws -> OfficeDayResult? {
            days[office]?[day]
        }
        func agents() async throws -> [AgentSummary] { [] }
        func incidents() async throws -> [Incident] { trouble }
        func now() -> Instant { time }
    }

    static let running = SampleDay.busy(asOf: SampleDay.World.at(10, 42, 17))
    static let source = Source(days: ["minh-xuan": [SampleDay.day: running]])

    private func get(
        _ uri: String, from source: Source = source, headers: HTTPFields = [:],
        _ check: @Sendable @escaping (TestResponse, String) async throws -> Void
    ) async throws {
        let router = Router()
        Pages.register(on: router, source: source)
        try await Application(router: router).test(.router) { client in
            try await client.execute(uri: uri, method: .get, headers: headers) { response in
                try await check(response, String(buffer: response.body))
            }
        }
    }

    @Test func `today shows the office, what is waiting and how old the last word is`() async throws {
        try await get("/") { response, html in
            #expect(response.status == .ok)
            #expect(html.contains("<html lang=\"vi\">"))
            for part in [
                "Hôm nay", "Một cửa phường Minh Xuân", "/offices/minh-xuan/2026-11-10", "Đang chờ", "Chờ lâu nhất",
                "4/4",
                "1\u{A0}ph\u{A0}52\u{A0}s trước", "data-live=\"1\"", "<noscript><meta http-equiv=\"refresh\"",
            ] { #expect(html.contains(part), "\(part)") }
        }
    }

    @Test func `the day page has the picture, its numbers and its downloads`() async throws {
        try await get("/offices/minh-xuan/2026-11-10") { response, html in
            #expect(response.status == .ok)
            for part in [
                "<svg", "Thời gian chờ đi đâu", "Đợi đúng lượt", "Bỏ về", "tạm tính", "wait.first", "A001",
                "/api/v1/visits?date=2026-11-10&amp;office=minh-xuan&amp;output=csv", "output=json", "output=svg",
                "data-live",
            ] { #expect(html.contains(part), "\(part)") }
            #expect(!html.contains("<style") && !html.contains(" style="))
        }
    }

    @Test func `English by the query, kept in the links, and by the browser's wish`() async throws {
        try await get("/offices/minh-xuan/2026-11-10?lang=en") { response, html in
            #expect(html.contains("<html lang=\"en\">"))
            #expect(html.contains("Where the waiting went") && html.contains("href=\"/?lang=en\""))
            #expect(html.contains("hreflang=\"vi\"") && html.contains("/offices/minh-xuan/2026-11-10?lang=vi"))
            #expect(response.headers[.contentLanguage] == "en")
        }
        try await get("/", headers: [.acceptLanguage: "en-US,en;q=0.8"]) { _, html in
            #expect(html.contains("<html lang=\"en\">"))
            #expect(html.contains("href=\"/offices/minh-xuan/2026-11-10\""))
        }
    }

    @Test(arguments: [
        ("/offices/minh-xuan/2026-13-10", "Không có ngày này"),
        ("/offices/nowhere/2026-11-10", "Không có văn phòng này"),
        ("/offices/minh-xuan/2026-11-12", "Chưa có dữ liệu"),
        ("/offices/%3Cscript%3E/2026-11-10", "Không có văn phòng này"),
    ])
    func `what is not there is 404 and says so`(uri: String, text: String) async throws {
        try await get(uri) { response, html in
            #expect(response.status == .notFound)
            #expect(html.contains(text))
            #expect(!html.contains("<script>"))
        }
    }

    @Test func `a store that fails is 503, not an empty page`() async throws {
        var source = PageTests.source
        source.fails = true
        try await get("/", from: source) { response, html in
            #expect(response.status == .serviceUnavailable)
            #expect(html.contains("Kho dữ liệu không trả lời"))
        }
    }

    @Test func `nothing yet, an office without a site file, and a day without data have their words`() async throws {
        try await get("/", from: Source()) { _, html in #expect(html.contains("Chưa văn phòng nào gửi dữ liệu")) }
        var source = PageTests.source
        source.extra = [OfficeSummary(id: "zz", site: nil, events: 3, span: nil)]
        source.time = SampleDay.World.at(10, 42, 17) + 86_400_000
        try await get("/", from: source) { _, html in
            #expect(html.contains("Chưa có tệp mô tả văn phòng"))
            #expect(html.contains("Hôm nay chưa có dữ liệu"))
            #expect(html.contains("những ngày trước") && html.contains("Thứ Ba 10/11/2026"))
        }
    }

    @Test func `the worst office comes first, silent ones last`() async throws {
        var calm = SampleDay.halfMinute()
        calm.site.office.name = LocalizedName(vi: "Calm", en: "Calm")
        var worse = PageTests.running
        worse.site.office.name = LocalizedName(vi: "Worse", en: "Worse")
        let source = Source(
            days: ["a-calm": [SampleDay.day: calm], "b-silent": [:], "c-worse": [SampleDay.day: worse]])
        try await get("/", from: source) { _, html in
            let places = ["Worse</a>", "Calm</a>", "b-silent</th>"].map { html.firstRange(of: $0)?.lowerBound }
            #expect(places.allSatisfy { $0 != nil })
            #expect(zip(places, places.dropFirst()).allSatisfy { ($0.0 ?? html.endIndex) < ($0.1 ?? html.startIndex) })
        }
    }

    @Test func `every answer is guarded and asks for nothing elsewhere`() async throws {
        for uri in [
            "/", "/offices/minh-xuan/2026-11-10", "/assets/deskwatch.css", "/assets/deskwatch.js", "/assets/icon.svg",
            "/offices/x/y",
        ] {
            try await get(uri) { response, text in
                #expect(
                    response.headers[.contentSecurityPolicy]?.hasPrefix(
                        "default-src 'none'; style-src 'self'; script-src 'self'") == true)
                #expect(response.headers[.contentSecurityPolicy]?.contains("unsafe") == false)
                #expect(response.headers[.xContentTypeOptions] == "nosniff")
                let links = text.matches(of: #/(?:src|href|url\(|action)=?["(]([^"')]*)/#).map { String($0.1) }
                #expect(links.allSatisfy { ($0.hasPrefix("/") && !$0.hasPrefix("//")) || $0.hasPrefix("#") }, "\(uri)")
                #expect(!text.contains(#/\son[a-z]+=/#))
                #expect(text.utf8.count < 150_000)
            }
        }
    }

    @Test func `a page of a large office stays small, and its visits have pages`() async throws {
        let large = SampleDay.busy(counters: 12, visitsPerCounter: 50)
        let source = Source(days: ["minh-xuan": [SampleDay.day: large]], time: SampleDay.World.at(23, 59))
        try await get("/offices/minh-xuan/2026-11-10?visits=6", from: source) { response, html in
            #expect(response.status == .ok)
            #expect(html.utf8.count < 150_000)
            #expect(html.contains("aria-current=\"page\">6<") && html.contains("visits=5#visits"))
            #expect(!html.contains("data-live"))
        }
        for wrong in ["0", "-4", "99999999999999999999", "x", "7"] {
            try await get("/offices/minh-xuan/2026-11-10?visits=\(wrong)", from: source) { response, _ in
                #expect(response.status == .ok)
            }
        }
    }

    @Test func `hostile names are text on every page`() async throws {
        let name = "<script>alert(1)</script>\" onmouseover=\"x' \u{202E}"
        let site = SampleDay.site(
            counters: 2, name: LocalizedName(vi: name, en: name), services: [LocalizedName(vi: name, en: name)])
        let day = SampleDay.busy(counters: 2, visitsPerCounter: 5, site: site, asOf: SampleDay.World.at(10, 42, 17))
        let trouble = Incident(kind: .gap, subject: name, detail: name, first: day.asOf, last: day.asOf, count: 1)
        let source = Source(days: [name: [SampleDay.day: day]], trouble: [trouble])
        let path = PageContext.encoded(name)
        for uri in [
            "/", "/offices/\(path)/2026-11-10", "/?lang=%3Cscript%3E",
            "/offices/\(path)/2026-11-10?visits=%22%3E%3Cb%3E",
        ] {
            try await get(uri, from: source) { response, html in
                #expect(response.status == .ok)
                #expect(html.contains("&lt;script&gt;alert(1)"))
                #expect(!html.contains("<script>") && !html.contains("\" onmouseover") && !html.contains("<b>"))
                #expect(!html.unicodeScalars.contains("\u{202E}"))
            }
        }
    }

    @Test func `news is told when something was stored, and a reader too many is sent away`() async throws {
        let news = News(source: PageTests.source, readerLimit: 1)
        do {
            let first = news.stream()
            #expect(first.status == .ok)
            #expect(news.stream().status == .serviceUnavailable)
            withExtendedLifetime(first) {}
        }
        #expect(news.stream().status == .ok, "the seat is free again")
        #expect(await news.edition() == PageTests.running.eventCount)
    }

    @Test func `paths and their letters survive a round trip`() {
        for text in ["minh-xuan", "á/b?c=d&e", "%", "%zz", "\u{1F600}", ""] {
            #expect(PageContext.decoded(PageContext.encoded(text)) == text)
        }
        #expect(PageContext.decoded("%FF") == "%FF")
    }
}
