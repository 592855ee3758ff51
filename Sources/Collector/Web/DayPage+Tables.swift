import Domain

extension DayPage {
    /// Every number with what it rests on; its definition opens beneath its name.
    func metricTable() -> Markup {
        let shown = facts.metrics.filter { metric in
            // The causes have a table of their own.
            !(metric.id.hasPrefix("wait.") && WaitCause(rawValue: String(metric.id.dropFirst(5))) != nil)
        }
        if shown.isEmpty { return "" }
        let heads = [
            language("Chỉ số", "Metric"), language("Giá trị", "Value"), "n", language("Tử / mẫu", "Num. / den."), "p50",
            "p90",
            language("Lớn nhất", "Max"), language("> 15 ph", "> 15 min"), language("Loại ra", "Excluded"),
            language("Còn mở", "Open"),
        ]
        var rows: Markup = ""
        for metric in shown {
            let words = language.metric(metric.id)
            let reasons = metric.excluded.map { "\(language.reason($0.reason)) \(language.count($0.count))" }.joined(
                separator: ", ")
            let excluded = metric.excluded.reduce(0) { $0 + $1.count }
            let mark: Markup =
                metric.isSmall && metric.n > 0 && isSampled(metric)
                ? " <small class=\"mark\">\(language("ít dữ liệu", "small n"))</small>" : ""
            rows += """
                <tr><th scope="row"><details><summary>\(words.name)</summary><p>\(words.definition) <code>\(metric.id)</code></p></details></th>\
                <td class="number">\(context.why(office, result.day, metric.id, "\(value(metric))"))\(mark)</td><td class="number">\(language.count(metric.n))</td><td class="number">\(ratio(metric))</td>\
                <td class="number">\(linked(metric, metric.p50.map { language.duration($0) }))</td><td class="number">\(linked(metric, metric.p90.map { language.duration($0) }))</td>\
                <td class="number">\(linked(metric, metric.max.map { language.duration($0) }))</td><td class="number">\(linked(metric, metric.over15min.map(language.share)))</td>\
                <td class="number">\(excluded == 0 ? "" : "<span title=\"\(reasons)\">\(language.count(excluded))</span>\(reasonNote(reasons))" as Markup)</td>\
                <td class="number">\(metric.open == 0 ? "" : language.count(metric.open))</td></tr>

                """
        }
        return """
            <section><h2>\(language("Chỉ số", "Metrics"))</h2><div class="wide"><table class="metrics">
            <thead><tr>\(heads.map { "<th scope=\"col\">\($0)</th>" as Markup })</tr></thead>
            <tbody>\(rows)</tbody></table></div>\(result.isFinal ? "" : "<p class=\"note\">\(language("Ngày chưa hết: các tỷ lệ trên số vé đã lấy là tạm tính.", "The day is not over: shares over issued tickets are provisional."))</p>" as Markup)</section>

            """
    }

    private func linked(_ metric: Metric, _ text: String?) -> Markup {
        text.map { context.why(office, result.day, metric.id, "\($0)") } ?? ""
    }

    /// What people said of stretches of this day: it stands before the numbers it excuses.
    func annotationTable() -> Markup {
        let notes = AnnotationNote.notes(on: [result])
        if notes.isEmpty { return "" }
        let heads = [
            language("Từ – đến", "From – until"), language("Quầy", "Counter"), language("Ghi chú", "Annotation"),
            language("Người ghi", "By"), language("Lượt liên quan", "Visits touched"), language("Ghi lúc", "Written"),
        ]
        var rows: Markup = ""
        for note in notes {
            let annotation = note.annotation
            let counter = annotation.counter.map { language.counter($0) } ?? language("tất cả", "all")
            let written =
                language.date(facts.clock.day(of: annotation.written)) + " "
                + language.time(annotation.written, facts.clock)
            rows += """
                <tr><th scope="row">\(language.time(annotation.from, facts.clock))–\(language.time(annotation.until, facts.clock))</th><td>\(counter)</td>\
                <td>\(annotation.text)</td><td>\(annotation.by ?? "–")</td><td>\(language.count(note.visits))</td><td>\(written)</td></tr>

                """
        }
        return """
            <section class="annotations"><h2>\(language("Ghi chú của cán bộ", "Annotations by staff"))</h2><div class="wide"><table>
            <thead><tr>\(heads.map { "<th scope=\"col\">\($0)</th>" as Markup })</tr></thead><tbody>\(rows)</tbody></table></div>
            <p class="note">\(language("Ghi chú giải thích số liệu, không thay đổi con số nào.", "Annotations excuse numbers; they change none."))</p></section>

            """
    }

    /// Shares of counter time have no sample that could be small.
    private func isSampled(_ metric: Metric) -> Bool {
        !["occupancy", "utilisation", "attended", "attended.invisible", "coverage.camera", "meeting.overlap"].contains(
            metric.id)
    }

    private func reasonNote(_ reasons: String) -> Markup { "<br><small>\(reasons)</small>" }

    private func value(_ metric: Metric) -> String {
        let none = language("không có", "no data")
        switch metric.unit {
        case .milliseconds: return (metric.mean ?? metric.value).map(language.duration) ?? none
        case .share: return metric.value.map(language.share) ?? none
        case .count: return language.count(metric.n)
        }
    }

    private func ratio(_ metric: Metric) -> String {
        guard let numerator = metric.numerator, let denominator = metric.denominator, denominator > 0 else { return "" }
        // Shares of time are milliseconds over milliseconds.
        let isTime = !isSampled(metric)
        let first = isTime || metric.unit == .milliseconds ? language.duration(numerator) : language.count(numerator)
        let second = isTime ? language.duration(denominator) : language.count(denominator)
        return first + " / " + second
    }

    func counterTable() -> Markup {
        if result.counterTimes.isEmpty { return "" }
        let heads = [
            language("Quầy", "Counter"), language("Dịch vụ", "Services"), language("Lượt", "Visits"),
            language("Mở", "Open"),
            language("Có khách", "Occupied"), language("Bận", "Busy"), language("Có cán bộ", "Attended"),
            language("Camera phủ", "Covered"),
        ]
        func share(_ metric: String, _ part: Int64, _ whole: Int64) -> Markup {
            guard whole > 0 else { return "–" }
            return context.why(office, result.day, metric, "\(language.share(Double(part) / Double(whole)))")
        }
        var rows: Markup = ""
        for times in result.counterTimes {
            let legs = result.visits.reduce(0) { sum, visit in
                sum + visit.legs.filter { $0.counter == times.counter && ($0.called != nil || $0.started != nil) }.count
            }
            rows += """
                <tr><th scope="row">\(language.counter(times.counter))</th><td>\(facts.services(of: times.counter, language))</td><td class="number">\(legs)</td>\
                <td class="number">\(language.duration(times.open))</td><td class="number">\(language.duration(times.occupied))</td><td class="number">\(share("occupancy", times.occupied, times.open))</td>\
                <td class="number">\(share("attended", times.attended, times.visible))</td><td class="number">\(share("coverage.camera", times.covered, times.scheduled))</td></tr>

                """
        }
        return """
            <section><h2>\(language("Quầy", "Counters"))</h2><div class="wide"><table class="counters">
            <thead><tr>\(heads.map { "<th scope=\"col\">\($0)</th>" as Markup })</tr></thead><tbody>\(rows)</tbody></table></div></section>

            """
    }

    func visitTable() -> Markup {
        let visits = result.visits
        if visits.isEmpty { return "" }
        let pages = (visits.count + DayPage.visitsPerPage - 1) / DayPage.visitsPerPage
        let page = min(max(visitsPage, 1), pages)
        let shown = visits.dropFirst((page - 1) * DayPage.visitsPerPage).prefix(DayPage.visitsPerPage)
        let heads = [
            language("Số", "Ticket"), language("Dịch vụ", "Service"), language("Quầy", "Counter"),
            language("Lấy số", "Issued"),
            language("Gọi", "Called"), language("Bắt đầu", "Started"), language("Xong", "Finished"),
            language("Chờ", "Wait"),
            language("vì", "because"), language("Phục vụ", "Service time"), language("Kết cục", "Outcome"),
        ]
        var rows: Markup = ""
        for visit in shown { rows += row(visit) }
        return """
            <section id="visits"><h2>\(language("Lượt", "Visits")) <small>\(language.count(visits.count))</small></h2>\(pager(page, of: pages))
            <div class="wide"><table class="visits"><thead><tr>\(heads.map { "<th scope=\"col\">\($0)</th>" as Markup })</tr></thead>
            <tbody>\(rows)</tbody></table></div>\(pager(page, of: pages))</section>

            """
    }

    private func row(_ visit: Visit) -> Markup {
        let first = visit.legs.first
        func time(_ instant: Instant?) -> String { instant.map { language.time($0, facts.clock, seconds: true) } ?? "" }
        let service = (first?.service).map { id in result.site.service(id).map { language.name($0.name) } ?? id } ?? ""
        let counters = visit.legs.compactMap(\.counter).map { $0.hasPrefix("q") ? String($0.dropFirst()) : $0 }.joined(
            separator: " → ")
        let causes = visit.causes
        // The cause that took most of the wait; the first of equals in the order of the stack.
        let main = QueueArea.stack.max { causes[$0] < causes[$1] }
        let because: Markup =
            main.map {
                causes[$0] > 0
                    ? "<svg class=\"dw swatch\" width=\"11\" height=\"11\" role=\"img\"><title>\(language.cause($0))</title><rect class=\"\($0.rawValue) key\" width=\"11\" height=\"11\"/></svg>"
                    : ""
            }
            ?? ""
        let flags = visit.flags.map { language.flag($0) }.joined(separator: ", ")
        return """
            <tr\(visit.isSuspect ? " class=\"suspect\"" as Markup : "")><th scope="row">\(visit.ticket)\(visit.ordinal > 1 ? "·\(visit.ordinal)" as Markup : "")</th><td>\(service)</td><td>\(counters)</td>\
            <td>\(time(visit.issued))</td><td>\(time(first?.called))</td><td>\(time(first?.started))</td><td>\(time(visit.finished))</td>\
            <td class="number\(visit.wait > 900_000 ? " long" as Markup : "")">\(language.duration(visit.wait))</td><td>\(because)</td>\
            <td class="number">\(visit.service > 0 ? language.duration(visit.service) : "")</td><td>\(language.outcome(visit.outcome))\(flags.isEmpty ? "" : " <small>\(flags)</small>" as Markup)\(excused(visit))</td></tr>

            """
    }

    /// That an annotation touches the visit, and which.
    private func excused(_ visit: Visit) -> Markup {
        let texts = result.annotations.filter { !$0.touch(visit, site: result.site, asOf: result.asOf).isEmpty }
            .map(\.text)
        if texts.isEmpty { return "" }
        return
            " <small class=\"mark\" title=\"\(texts.joined(separator: "; "))\">\(language("có ghi chú", "annotated"))</small>"
    }

    private func pager(_ page: Int, of pages: Int) -> Markup {
        if pages <= 1 { return "" }
        let links = (1...min(pages, 60)).map { number -> Markup in
            if number == page { return "<span aria-current=\"page\">\(number)</span> " }
            let link = context.link(
                context.dayPath(office, result.day), number == 1 ? [] : [("visits", String(number))])
            return "<a href=\"\(link)#visits\">\(number)</a> "
        }
        return "<p class=\"pager\">\(language("Trang", "Page")): \(links)</p>"
    }
}
