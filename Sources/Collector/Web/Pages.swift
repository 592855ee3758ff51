import Domain
import HTTPTypes
public import Hummingbird
import NIOCore

/// The pages of the collector: `/` (today), `/offices/OFFICE/DATE` (one day), `/live` (news of new events), `/assets/…`.
///
/// Rendered on the server, complete without a script, in Vietnamese or English (`?lang=`, else what the browser prefers).
/// Nothing comes from elsewhere: the content security policy allows the collector's own sheet and script only.
public enum Pages {
    /// Earlier days that are folded for the list of one office; a list of many offices shows fewer.
    static let earlierDays = 7
    /// Days looked at, newest first, to find those.
    static let earlierDaysLookedAt = 21
    /// Folds for the whole of Today; beyond that, days are links only.
    static let foldLimit = 60

    public static func register<Context: RequestContext>(
        on router: some RouterMethods<Context>, source: any OfficeDaySource
    ) {
        let news = News(source: source)
        router.get("/") { request, _ in await page(request, source) { try await today(source, $0) } }
        router.get("/offices/:office/:date") { request, context in
            let office = PageContext.decoded(context.parameters.get("office") ?? "")
            let date = context.parameters.get("date") ?? ""
            return await page(request, source) { try await day(source, office: office, date: date, request, $0) }
        }
        router.get("/offices/:office/:date/why/:metric") { request, context in
            let office = PageContext.decoded(context.parameters.get("office") ?? "")
            let metric = PageContext.decoded(context.parameters.get("metric") ?? "")
            let date = context.parameters.get("date") ?? ""
            return await page(request, source) { try await why(source, metric, office: office, date: date, $0) }
        }
        router.get("/live") { _, _ in news.stream() }
        router.get("/assets/deskwatch.css") { _, _ in asset(Assets.styleSheet, "text/css; charset=utf-8") }
        router.get("/assets/deskwatch.js") { _, _ in asset(Assets.script, "text/javascript; charset=utf-8") }
        router.get("/assets/icon.svg") { _, _ in asset(Assets.icon, "image/svg+xml") }
    }

    // MARK: Pages

    struct Answer: Sendable {
        var status: HTTPResponse.Status = .ok
        var html: Markup
    }

    static func today(_ source: any OfficeDaySource, _ context: PageContext) async throws -> Answer {
        let offices = try await source.offices()
        var rows: [TodayPage.Row] = []
        var folds = foldLimit
        let share = max(0, (foldLimit - offices.count) / max(1, offices.count))
        for summary in offices {
            let day = summary.clock.day(of: context.now)
            let result = try await source.result(office: summary.id, day: day, asOf: nil)
            folds -= 1
            var row = TodayPage.Row(summary: summary, day: day, result: result, earlier: [], older: [])
            if let span = summary.span {
                let first = summary.clock.day(of: span.lowerBound)
                var candidate = min(day + -1, summary.clock.day(of: span.upperBound))
                var looked = 0
                while candidate >= first, looked < earlierDaysLookedAt, row.earlier.count < min(earlierDays, share),
                    folds > 0
                {
                    looked += 1
                    folds -= 1
                    if let earlier = try await source.result(office: summary.id, day: candidate, asOf: nil),
                        earlier.eventCount > 0
                    {
                        row.earlier.append(earlier)
                    }
                    candidate = candidate + -1
                }
                while candidate >= first, row.older.count < 30 {
                    row.older.append(candidate)
                    candidate = candidate + -1
                }
            }
            rows.append(row)
        }
        let page = TodayPage(
            rows: rows, incidents: try await source.incidents(), agents: try await source.agents(), context: context)
        return Answer(html: page.html())
    }

    static func day(
        _ source: any OfficeDaySource, office: String, date: String, _ request: Request, _ context: PageContext
    ) async throws -> Answer {
        let language = context.language
        guard let day = LocalDay(date) else {
            return notFound(
                language("Không có ngày này", "No such day"),
                language(
                    "Ngày viết như 2026-11-10: “\(date.prefix(40))” thì không phải.",
                    "A day is written like 2026-11-10; “\(date.prefix(40))” is not one."),
                context)
        }
        guard let summary = try await source.offices().first(where: { $0.id == office }) else {
            return notFound(
                language("Không có văn phòng này", "No such office"),
                language(
                    "Chưa có tác nhân nào gửi gì cho “\(office.prefix(80))”.",
                    "No agent has sent anything for “\(office.prefix(80))”."), context)
        }
        guard let result = try await source.result(office: office, day: day, asOf: nil) else {
            return notFound(
                language("Chưa có dữ liệu", "No data yet"),
                language(
                    "Không có tệp mô tả văn phòng nào có hiệu lực ngày \(language.date(day)).",
                    "No site file is valid on \(language.date(day))."),
                context)
        }
        let clock = summary.clock
        let today = clock.day(of: context.now)
        var page = DayPage(facts: DayFacts(result), context: context, visitsPage: 1)
        let dossiers = try await source.dossiers(office: office, asOf: nil).filter {
            $0.counted.map { summary.clock.day(of: $0) == day } ?? false
        }
        if !dossiers.isEmpty { page.facts.metrics += DossierMetrics.metrics(dossiers, asOf: context.now) }
        if let span = summary.span {
            if clock.day(of: span.lowerBound) < day { page.previous = day + -1 }
            if max(clock.day(of: span.upperBound), today) > day { page.next = day + 1 }
        }
        let wanted = parameter("visits", request).flatMap { Int($0) }
        page.visitsPage = min(max(wanted ?? 1, 1), 100_000)
        return Answer(html: page.html())
    }

    static func why(
        _ source: any OfficeDaySource, _ metric: String, office: String, date: String, _ context: PageContext
    ) async throws -> Answer {
        let language = context.language
        let limit = ServiceLevel.parse(metric)?.limit ?? ServiceLevel.defaultLimit
        do {
            if let day = LocalDay(date),
                let why = try await Why.make(
                    metric, office: office, day: day, asOf: nil, serviceLevel: limit, from: source)
            {
                return Answer(html: WhyPage(why: why, context: context).html())
            }
        } catch let error as QueryError {
            return notFound(language("Không có chỉ số này", "No such metric"), error.description, context)
        }
        return notFound(
            language("Không có ngày này", "No such day"),
            language("Không có số liệu của văn phòng và ngày này.", "There is nothing of that office and day."), context
        )
    }

    private static func notFound(_ title: String, _ text: String, _ context: PageContext) -> Answer {
        Answer(status: .notFound, html: Page.notice(title, text, context: context))
    }

    // MARK: HTTP

    /// The policy of every page: nothing but our own sheet, script and pictures, and no frame around it.
    static let policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    static func guarded(_ headers: HTTPFields) -> HTTPFields {
        var headers = headers
        headers[.contentSecurityPolicy] = policy
        headers[.xContentTypeOptions] = "nosniff"
        for (name, value) in [
            ("Referrer-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
        ] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return headers
    }

    private static func page(
        _ request: Request, _ source: any OfficeDaySource, _ make: (PageContext) async throws -> Answer
    ) async -> Response {
        let context = self.context(of: request, now: source.now())
        let answer: Answer
        do {
            answer = try await make(context)
        } catch {
            let language = context.language
            answer = Answer(
                status: .serviceUnavailable,
                html: Page.notice(
                    language("Kho dữ liệu không trả lời", "The store does not answer"),
                    String("\(error)".prefix(300)), context: context))
        }
        let body = ByteBuffer(string: answer.html.text)
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .contentLanguage: context.language.rawValue,
            .cacheControl: "no-store", .contentLength: String(body.readableBytes), .vary: "Accept-Language",
        ]
        headers = guarded(headers)
        return Response(status: answer.status, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    static func context(of request: Request, now: Instant) -> PageContext {
        let chosen = parameter("lang", request).flatMap { Language(rawValue: $0) }
        var context = PageContext(
            language: chosen ?? Language(acceptLanguage: request.headers[.acceptLanguage]), isChosen: chosen != nil,
            now: now, path: request.uri.path)
        if let visits = parameter("visits", request), visits.utf8.count < 8 { context.query = [("visits", visits)] }
        return context
    }

    private static func parameter(_ name: String, _ request: Request) -> String? {
        request.uri.queryParameters.first { $0.key == name[...] }.map { String($0.value) }
    }

    private static func asset(_ text: String, _ contentType: String) -> Response {
        let body = ByteBuffer(string: text)
        let headers: HTTPFields = [
            .contentType: contentType, .cacheControl: "max-age=300", .contentLength: String(body.readableBytes),
        ]
        return Response(status: .ok, headers: guarded(headers), body: ResponseBody(byteBuffer: body))
    }
}
