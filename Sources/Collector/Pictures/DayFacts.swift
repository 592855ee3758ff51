import Domain

/// An office-day with its metrics, and the sentences that pages, pictures and terminal share.
struct DayFacts: Sendable {
    var result: OfficeDayResult
    var metrics: [Metric]

    var clock: OfficeClock { result.site.office.clock }
    var causes: WaitCauses { result.visits.reduce(WaitCauses()) { $0 + $1.causes } }

    func metric(_ id: String) -> Metric? { metrics.first { $0.id == id } }

    /// One number of the head: what, how much, and what it rests on.
    struct Figure: Hashable, Sendable {
        var label: String
        var value: String
        var note: String
        /// True for what needs a person now.
        var isBad = false
    }

    func figures(_ language: Language) -> [Figure] {
        var figures: [Figure] = []
        let served = result.visits.filter { $0.outcome == .served }.count
        figures.append(
            Figure(
                label: language("Lượt", "Visits"), value: language.count(result.visits.count),
                note: language("\(language.count(served)) đã phục vụ", "\(language.count(served)) served")))
        if !result.isFinal {
            let oldest = result.oldestWaitingSince.map { language.duration(result.asOf - $0) }
            figures.append(
                Figure(
                    label: language("Đang chờ", "Waiting now"), value: language.count(result.waitingNow),
                    note: oldest.map { language("lâu nhất \($0)", "longest \($0)") } ?? language("không ai", "nobody")))
        }
        if let wait = metric("wait.first") {
            figures += waitFigures(wait, language)
        }
        if let abandonment = metric("abandonment") { figures.append(abandonmentFigure(abandonment, language)) }
        if let coverage = metric("coverage.camera") {
            figures.append(
                Figure(
                    label: language("Camera phủ", "Camera coverage"),
                    value: coverage.value.map(language.share) ?? language("không có", "no data"),
                    note: language("của giờ mở cửa", "of opening hours")))
        }
        if result.isFinal, let service = metric("service") {
            figures.append(
                Figure(
                    label: language("Phục vụ trung bình", "Mean service"),
                    value: service.mean.map(language.duration) ?? language("không có", "no data"),
                    note: sample(service, language)))
        }
        return figures
    }

    private func waitFigures(_ wait: Metric, _ language: Language) -> [Figure] {
        let none = language("không có", "no data")
        let limit = language("15 ph", "15 min")
        // QĐ 468/QĐ-TTg (2021) for 2025: a mean of fifteen minutes at most.
        let meets = wait.mean.map { $0 <= 900_000 }
        let check = meets.map { $0 ? "✓" : "✗" } ?? ""
        let mean = Figure(
            label: language("Chờ trung bình", "Mean wait"), value: wait.mean.map(language.duration) ?? none,
            note: meets == nil
                ? sample(wait, language)
                : language("QĐ 468: ≤ \(limit) \(check)", "QĐ 468: ≤ \(limit) \(check)")
                    + (wait.isSmall ? " · n = \(wait.n)" : ""),
            isBad: meets == false)
        let above = wait.over15min.map { Int(($0 * Double(wait.n)).rounded()) }
        let tail = Figure(
            label: language("Chờ, p90", "Wait, p90"), value: wait.p90.map { language.duration($0) } ?? none,
            note: above.map {
                language("\(language.count($0)) lượt > \(limit)", "\(language.count($0)) visits > \(limit)")
            } ?? sample(wait, language))
        return [mean, tail]
    }

    private func abandonmentFigure(_ metric: Metric, _ language: Language) -> Figure {
        var note = sample(metric, language)
        if let numerator = metric.numerator, let denominator = metric.denominator {
            note = language.count(numerator) + " / " + language.count(denominator)
        }
        if !result.isFinal { note += language(" · tạm tính", " · so far") }
        return Figure(
            label: language("Bỏ về", "Abandoned"),
            value: metric.value.map(language.share) ?? language("không có", "no data"), note: note)
    }

    func sample(_ metric: Metric, _ language: Language) -> String {
        "n = " + language.count(metric.n) + (metric.isSmall ? language(" · ít dữ liệu", " · small n") : "")
    }

    /// `Thứ Ba 10/11/2026 · mở cửa 07:30–11:30, 13:00–17:00 · 4 quầy`
    func subtitle(_ language: Language) -> String {
        let counters = result.site.counters.count
        let hours = language("mở cửa ", "open ") + language.hours(result.timeline.hours, on: result.day, clock)
        var opening = [hours]
        if let special = result.site.calendar[result.day] {
            let words = language.calendar(special)
            opening = result.timeline.hours.isEmpty ? [words] : [hours, words]
        }
        return
            ([language.weekday(result.day) + " " + language.date(result.day)] + opening + [
                language("\(counters) quầy", counters == 1 ? "1 counter" : "\(counters) counters")
            ]).joined(separator: " · ")
    }

    /// `đang diễn ra, đến 10:42:17` or `đã hết ngày`.
    func status(_ language: Language) -> String {
        if result.isFinal { return language("đã hết ngày", "finished day") }
        let time = language.time(result.asOf, clock, seconds: true)
        return language("đang diễn ra, tính đến \(time)", "in progress, as of \(time)")
    }

    /// The honesty line: what the figures rest on, what was left out and why, what is still open.
    func honesty(_ language: Language) -> [String] {
        var parts: [String] = []
        let visits = language.count(result.visits.count)
        let events = language.count(result.eventCount)
        parts.append(language("\(visits) lượt từ \(events) sự kiện", "\(visits) visits from \(events) events"))
        let witnesses = language.count(result.witnesses)
        var heard = language("\(witnesses) nhân chứng", result.witnesses == 1 ? "1 witness" : "\(witnesses) witnesses")
        if result.witnessedCount > 0 {
            let paired = language.count(result.witnessedCount)
            heard += language(", \(paired) lần nghe trùng", ", \(paired) heard again by another")
        }
        parts.append(heard)
        if let wait = metric("wait.first"), !wait.excluded.isEmpty {
            let total = wait.excluded.reduce(0) { $0 + $1.count }
            let reasons = wait.excluded.map { "\(language.reason($0.reason)) \(language.count($0.count))" }
                .joined(separator: ", ")
            parts.append(
                language(
                    "\(language.count(total)) lượt loại khỏi thời gian chờ (\(reasons))",
                    "\(language.count(total)) left out of waiting times (\(reasons))"))
        }
        let open = result.visits.filter { $0.outcome == .open }.count
        if open > 0 {
            parts.append(
                language(
                    "\(language.count(open)) lượt còn mở",
                    "\(language.count(open)) \(open == 1 ? "visit" : "visits") still open"))
        }
        if !result.anomalies.isEmpty {
            let total = result.anomalies.reduce(0) { $0 + $1.count }
            let reasons = result.anomalies.prefix(4).map { "\(language.reason($0.reason)) \(language.count($0.count))" }
                .joined(separator: ", ")
            parts.append(
                language(
                    "\(language.count(total)) sự kiện không khớp (\(reasons))",
                    "\(language.count(total)) \(total == 1 ? "event does" : "events do") not fit (\(reasons))"))
        }
        if !result.timeline.gaps.isEmpty {
            let length = result.timeline.gaps.reduce(Int64(0)) { $0 + ($1.upperBound - $1.lowerBound) }
            parts.append(
                language("không nghe \(language.duration(length))", "not listening for \(language.duration(length))"))
        }
        let unverified = UnverifiedProfiles(result.site)
        if !unverified.ids.isEmpty { parts.append(language.unverified(unverified)) }
        for note in AnnotationNote.notes(on: [result]) {
            parts.append(language("ghi chú ", "annotated ") + language.annotation(note))
        }
        if result.isFinal {
            parts.append(language("tính đến hết ngày ", "as of the end of ") + language.date(result.day))
        } else {
            parts.append(
                language("tính đến ", "as of ") + language.time(result.asOf, clock, seconds: true) + " "
                    + language.date(clock.day(of: result.asOf)))
        }
        return parts
    }

    /// What a counter did: tickets called to it, and the part of its open time with somebody at it.
    func counterSummary(_ lane: Timeline.CounterLane, _ language: Language) -> String {
        let legs = result.visits.reduce(0) { sum, visit in
            sum + visit.legs.filter { $0.counter == lane.counter && ($0.called != nil || $0.started != nil) }.count
        }
        var text = language("\(language.count(legs)) lượt", legs == 1 ? "1 visit" : "\(language.count(legs)) visits")
        var occupied: Int64 = 0
        var open: Int64 = 0
        for span in lane.spans {
            let length = span.until - span.from
            if span.state == .serving || span.state == .called { occupied += length }
            if span.state != .closed, span.state != .paused { open += length }
        }
        if open > 0 {
            let share = language.share(Double(occupied) / Double(open))
            text += language(" · bận \(share)", " · busy \(share)")
        }
        return text
    }

    /// The services of a counter by name.
    func services(of counter: String, _ language: Language) -> String {
        (result.site.counter(counter)?.services ?? []).map { id in
            result.site.service(id).map { language.name($0.name) } ?? id
        }.joined(separator: ", ")
    }
}
