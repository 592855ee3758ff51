import Domain

/// One number of one office-day with its definition and everything it is made of.
struct WhyPage: Sendable {
    /// Rows of each of the three tables; the command has them all.
    static let rowLimit = 500

    var why: Why
    var context: PageContext

    private var language: Language { context.language }
    private var metric: Metric { why.metric }
    private var office: String { why.day.site.office.id }

    func html() -> Markup {
        let words = language.metric(metric.id)
        let parts = language.parts(of: metric.id)
        let name = language.name(why.day.site.office.name)
        let title = "\(words.name): \(name), \(language.date(why.day.day))"
        var main: Markup = """
            <nav class="days-nav" aria-label="\(language("Ngày", "Day"))"><a href="\(context.link(context.dayPath(office, why.day.day)))">← \(name), \(language.date(why.day.day))</a><span></span></nav>
            <h1>\(words.name) <small><code>\(metric.id)</code></small></h1>
            <p class="value"><strong>\(language.value(metric))</strong>\(interval)\(small)</p>
            <table class="facts"><tbody>
            \(row(language("Định nghĩa", "Definition"), words.definition))\(row(language("Nguồn", "Source"), parts.source))
            """
        if let numerator = metric.numerator, let denominator = metric.denominator {
            main += row(
                language("Tử số", "Numerator"), amount(numerator, isNumerator: true) + " · " + parts.numerator)
            main += row(
                language("Mẫu số", "Denominator"), amount(denominator, isNumerator: false) + " · " + parts.denominator)
        }
        main += row("n", language.count(metric.n))
        let ranks = why.explanation.items.filter { !$0.marks.isEmpty }.map { item in
            item.marks.joined(separator: ", ") + " = " + language.duration(item.value ?? 0) + " (\(item.subject))"
        }
        if !ranks.isEmpty { main += row(language("Thứ hạng gần nhất", "Nearest ranks"), ranks.joined(separator: "; ")) }
        let unverified = UnverifiedProfiles(why.day.site)
        if !unverified.ids.isEmpty { main += row(language("Lưu ý", "Caution"), language.unverified(unverified)) }
        for note in why.notes { main += row(language("Ghi chú", "Annotation"), language.annotation(note)) }
        main += """
            </tbody></table>
            \(section(.counted, language("Được tính", "Counted")))
            \(section(.excluded, language("Loại ra", "Left out")))
            \(section(.open, language("Còn mở", "Still open")))
            <p class="downloads"><a href="\(link("json"))">JSON</a> <a href="\(link("csv"))">CSV</a></p>
            """
        return Page.shell(title: title, isLive: false, context: context, main: main)
    }

    private func link(_ form: String) -> String {
        "/api/v1/why?metric=\(PageContext.encoded(metric.id))&office=\(PageContext.encoded(office))&date=\(why.day.day)&output=\(form)"
    }

    private func row(_ head: String, _ text: String) -> Markup {
        "<tr><th scope=\"row\">\(head)</th><td>\(text)</td></tr>\n"
    }

    private var small: Markup {
        metric.isSmall && metric.n > 0
            ? " <small class=\"mark\">\(language("ít dữ liệu", "small n")): n = \(metric.n)</small>" : ""
    }

    private var interval: Markup {
        guard let interval = metric.interval else { return "" }
        return
            " <small>\(language("khoảng 95 %", "95 % interval")) \(language.share(interval.low))–\(language.share(interval.high))</small>"
    }

    private func amount(_ value: Int64, isNumerator: Bool) -> String {
        let isTime = why.isTime && (isNumerator || metric.unit == .share || metric.id == "meeting.overlap")
        return isTime ? language.duration(value) : language.count(value)
    }

    private var isOfDossiers: Bool { DossierMetrics.Measure(rawValue: metric.id) != nil }

    private func moment(_ instant: Instant?) -> String {
        instant.map { language.date(why.clock.day(of: $0)) + " " + language.time($0, why.clock) } ?? "–"
    }

    private func section(_ part: Why.Part, _ title: String) -> Markup {
        let items = why.items(part)
        if items.isEmpty {
            return part == .counted
                ? "<section><h2>\(title)</h2><p class=\"note\">\(language("không có", "nothing"))</p></section>" : ""
        }
        var heads = [
            language("Số", "Ticket"), language("Lúc", "At"), language("Dịch vụ", "Service"),
            language("Quầy", "Counter"),
        ]
        if isOfDossiers {
            heads[2] = language("Hạn trả", "Due")
            heads[3] = language("Đã trả", "Returned")
        }
        if part == .excluded { heads.append(language("Vì", "Because")) }
        let hasWhole = metric.unit == .share
        if part == .counted {
            heads += [language("Giá trị", "Value"), hasWhole ? language("trên", "of") : language("Hạng", "Rank"), ""]
        }
        var rows: Markup = ""
        for (reason, item) in items.prefix(WhyPage.rowLimit) {
            let at = item.at.map { at in
                why.clock.day(of: at) == why.day.day
                    ? language.time(at, why.clock, seconds: true)
                    : language.date(why.clock.day(of: at)) + " " + language.time(at, why.clock)
            }
            let service = item.service.map { id in
                why.day.site.service(id).map { language.name($0.name) } ?? id
            }
            rows += """
                <tr\(item.note == "suspect" ? " class=\"suspect\"" as Markup : "")><th scope="row">\(item.subject)</th><td>\(at ?? "")</td><td>\(isOfDossiers ? moment(item.due) : service ?? "")</td><td>\(isOfDossiers ? moment(item.returned) : item.counter.map { language.counter($0) } ?? "")</td>
                """
            if part == .excluded { rows += "<td>\(reason.map(language.reason) ?? "")</td>" }
            if part == .counted {
                let of =
                    hasWhole ? item.of.map { amount($0, isNumerator: false) } ?? "" : item.marks.joined(separator: ", ")
                rows += """
                    <td class="number">\(item.value.map { amount($0, isNumerator: true) } ?? "")</td><td class="number">\(of)</td><td>\(item.note.map { "<small>\(language.reason($0))</small>" as Markup })</td>
                    """
            }
            rows += "</tr>\n"
        }
        let more: Markup =
            items.count > WhyPage.rowLimit
            ? "<p class=\"note\">\(language("và \(language.count(items.count - WhyPage.rowLimit)) dòng nữa trong CSV", "and \(language.count(items.count - WhyPage.rowLimit)) more in the CSV"))</p>"
            : ""
        return """
            <section><h2>\(title) <small>\(language.count(items.count))</small></h2><div class="wide"><table class="why-\(part.rawValue)">
            <thead><tr>\(heads.map { "<th scope=\"col\">\($0)</th>" as Markup })</tr></thead><tbody>\(rows)</tbody></table></div>\(more)</section>
            """
    }
}

extension Language {
    /// A metric's value as pages write it.
    func value(_ metric: Metric) -> String {
        let none = self("không có dữ liệu", "no data")
        switch metric.unit {
        case .milliseconds: return (metric.mean ?? metric.value).map { duration($0) } ?? none
        case .share: return metric.value.map { share($0) } ?? none
        case .count: return count(metric.n)
        }
    }

    /// `09:10–09:40 mất điện (trưởng ca): 12 lượt`
    func annotation(_ note: AnnotationNote) -> String {
        let annotation = note.annotation
        var text = time(annotation.from, note.clock) + "–" + time(annotation.until, note.clock)
        if let counter = annotation.counter { text += " " + self.counter(counter) }
        text += " " + annotation.text
        if let by = annotation.by { text += " (\(by))" }
        return text + ": "
            + self("\(count(note.visits)) lượt", note.visits == 1 ? "1 visit" : "\(count(note.visits)) visits")
    }

    /// What the calendar says of a day: `nghỉ: Tết Nguyên đán`.
    func calendar(_ day: OfficeCalendar.Day) -> String {
        let name = self.name(day.name)
        switch day.kind {
        case .holiday, .substitute, .movedOff: return self("nghỉ: \(name)", "closed: \(name)")
        case .closed:
            return name == self("Nghỉ", "Closed") ? self("nghỉ", "closed") : self("nghỉ: \(name)", "closed: \(name)")
        case .movedHere, .open: return name
        }
    }
}
