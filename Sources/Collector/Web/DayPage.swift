import Domain

/// One office on one day: the picture, its numbers, its visits.
struct DayPage: Sendable {
    static let visitsPerPage = 100
    /// The page as a whole stays below 150 kB.
    static let pictureLimit = 75_000

    var facts: DayFacts
    var context: PageContext
    /// Counted from 1.
    var visitsPage: Int
    /// Days around this one for which there may be data.
    var previous: LocalDay?
    var next: LocalDay?

    var language: Language { context.language }
    var result: OfficeDayResult { facts.result }
    var office: String { result.site.office.id }

    func html() -> Markup {
        let name = language.name(result.site.office.name)
        let title = name + ", " + language.date(result.day)
        var main: Markup = navigation()
        main += """
            <h1 class="unseen-text">\(title)</h1>
            <div class="picture" tabindex="0" role="region" aria-label="\(language("Ngày làm việc trong một hình", "The day as one picture"))">
            \(OfficeDayPicture.svg(facts, language: language, embedded: true, limit: DayPage.pictureLimit))</div>
            \(downloads())
            \(annotationTable())
            \(causeTable())
            \(hourTable())
            \(metricTable())
            \(counterTable())
            \(visitTable())
            """
        return Page.shell(title: title, isLive: !result.isFinal, context: context, main: main)
    }

    private func navigation() -> Markup {
        func link(_ day: LocalDay?, _ relation: String, _ text: (String) -> String) -> Markup {
            guard let day else { return "<span></span>" }
            return
                "<a rel=\"\(relation)\" href=\"\(context.link(context.dayPath(office, day)))\">\(text(language.date(day)))</a>"
        }
        return """
            <nav class="days-nav" aria-label="\(language("Ngày", "Day"))">\(link(previous, "prev") { "← " + $0 })\
            <span class="here">\(language.name(result.site.office.name))</span>\(link(next, "next") { $0 + " →" })</nav>

            """
    }

    private func downloads() -> Markup {
        let id = PageContext.encoded(office)
        let day = result.day.description
        let links: [(String, String)] = [
            (language("Lượt (CSV)", "Visits (CSV)"), "/api/v1/visits?date=\(day)&office=\(id)&output=csv"),
            (
                language("Báo cáo (JSON)", "Report (JSON)"),
                "/api/v1/report?period=day&date=\(day)&office=\(id)&output=json"
            ),
            (
                language("Báo cáo (CSV)", "Report (CSV)"),
                "/api/v1/report?period=day&date=\(day)&office=\(id)&output=csv"
            ),
            (language("Hình (SVG)", "Picture (SVG)"), "/api/v1/days/\(id)/\(day)?output=svg&lang=\(language.rawValue)"),
            (language("Sự kiện (JSON Lines)", "Events (JSON Lines)"), "/api/v1/events?date=\(day)&office=\(id)"),
        ]
        return """
            <p class="downloads">\(language("Tải về", "Download")): \(links.map { "<a href=\"\($0.1)\">\($0.0)</a> " as Markup })</p>

            """
    }

    /// The split as a table: the six add up to the whole.
    private func causeTable() -> Markup {
        let causes = facts.causes
        var rows: Markup = ""
        for cause in QueueArea.stack {
            let share = causes.total > 0 ? language.share(Double(causes[cause]) / Double(causes.total)) : "–"
            let visits = result.visits.filter { $0.causes[cause] > 0 }.count
            rows += """
                <tr title="\(language.causeDefinition(cause))"><th scope="row"><svg class="dw swatch" width="13" height="13" aria-hidden="true"><rect class="\(cause.rawValue) key" width="13" height="13"/></svg> \(language.cause(cause))</th>\
                <td class="number">\(context.why(office, result.day, "wait." + cause.rawValue, "\(language.duration(causes[cause]))"))</td><td class="number">\(context.why(office, result.day, "wait." + cause.rawValue, "\(share)"))</td><td class="number">\(language.count(visits))</td>\
                <td class="why">\(language.causeDefinition(cause))</td></tr>

                """
        }
        return """
            <section><h2>\(language("Thời gian chờ đi đâu", "Where the waiting went"))</h2>
            <div class="wide"><table class="causes"><thead><tr><th scope="col">\(language("Lý do", "Cause"))</th><th scope="col">\(language("Thời gian", "Time"))</th>\
            <th scope="col">\(language("Phần", "Share"))</th><th scope="col">\(language("Lượt", "Visits"))</th><th scope="col">\(language("Khi nào", "When"))</th></tr></thead>
            <tbody>\(rows)</tbody>
            <tfoot><tr><th scope="row">\(language("Cộng", "Sum"))</th><td class="number">\(language.duration(causes.total))</td>\
            <td class="number">\(causes.total > 0 ? language.share(1) : "–")</td><td class="number">\(language.count(result.visits.count))</td><td></td></tr></tfoot></table></div></section>

            """
    }

    /// The numbers behind the picture, hour by hour, for those who cannot see it.
    private func hourTable() -> Markup {
        let area = QueueArea(result)
        let clock = facts.clock
        var hours: [Int64: (issued: Int, called: Int, waiting: WaitCauses)] = [:]
        func hour(_ instant: Instant) -> Int64 { clock.timeOfDay(instant) / 3_600_000 }
        for visit in result.visits {
            if let issued = visit.issued { hours[hour(issued), default: (0, 0, WaitCauses())].issued += 1 }
            for leg in visit.legs {
                if let called = leg.called { hours[hour(called), default: (0, 0, WaitCauses())].called += 1 }
            }
        }
        for step in area.steps where step.waiting.total > 0 {
            var from = step.from
            while from < step.until {
                let until = min(step.until, from + (3_600_000 - clock.timeOfDay(from) % 3_600_000))
                for cause in WaitCause.allCases {
                    let part = step.waiting[cause].multipliedReportingOverflow(by: until - from).partialValue
                    hours[hour(from), default: (0, 0, WaitCauses())].waiting[cause] &+= part
                }
                from = until
            }
        }
        if hours.isEmpty { return "" }
        var rows: Markup = ""
        for key in hours.keys.sorted() {
            guard let entry = hours[key] else { continue }
            let label = OfficeClock.timeText(Int(key) * 3_600_000).prefix(5)
            let cells = QueueArea.stack.map {
                "<td class=\"number\">\(entry.waiting[$0] == 0 ? "" : language.duration(entry.waiting[$0]))</td>"
                    as Markup
            }
            rows += """
                <tr><th scope="row">\(label)</th><td class="number">\(entry.issued)</td><td class="number">\(entry.called)</td>\(cells)<td class="number">\(language.duration(entry.waiting.total))</td></tr>

                """
        }
        return """
            <details id="hours"><summary>\(language("Hình trên bằng số, theo giờ", "The picture in numbers, by the hour"))</summary>
            <div class="wide"><table><thead><tr><th scope="col">\(language("Giờ", "Hour"))</th><th scope="col">\(language("Lấy số", "Issued"))</th><th scope="col">\(language("Được gọi", "Called"))</th>\
            \(QueueArea.stack.map { "<th scope=\"col\">\(language.cause($0))</th>" as Markup })<th scope="col">\(language("Tổng chờ", "All waiting"))</th></tr></thead>
            <tbody>\(rows)</tbody></table></div></details>

            """
    }
}

extension Language {
    /// DOMAIN.md §6 in a line: the first that holds at an instant.
    func causeDefinition(_ cause: WaitCause) -> String {
        switch cause {
        case .closed: self("không quầy nào phù hợp đang mở", "no eligible counter was open")
        case .capacity: self("mọi quầy phù hợp đang mở đều có khách", "every open eligible counter was occupied")
        case .idle:
            self(
                "một quầy phù hợp mở, không có khách, cán bộ có mặt",
                "an eligible counter was open, unoccupied, staff present")
        case .meeting:
            self(
                "quầy không có khách, không thấy cán bộ, đang họp trực tuyến",
                "unoccupied, no staff seen, its meeting system in a call")
        case .unattended: self("quầy mở, không có khách, camera thấy trống", "open, unoccupied, its camera saw nobody")
        case .unseen: self("quầy mở, không có khách, không biết có cán bộ không", "open, unoccupied, presence unknown")
        }
    }
}
