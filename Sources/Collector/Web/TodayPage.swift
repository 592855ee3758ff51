import Domain

/// Today: offices as rows, worst first, and the days before.
struct TodayPage: Sendable {
    /// One office with its day; `result` is `nil` where no site file is valid today.
    struct Row: Sendable {
        var summary: OfficeSummary
        var day: LocalDay
        var result: OfficeDayResult?
        /// Earlier days with data, newest first.
        var earlier: [OfficeDayResult]
        /// Days too many to fold for a list; only linked.
        var older: [LocalDay]

        var name: LocalizedName { summary.site?.office.name ?? LocalizedName(vi: summary.id, en: summary.id) }
        var hasData: Bool { (result?.eventCount ?? 0) > 0 }
        var oldestWait: Int64 { result.flatMap { day in day.oldestWaitingSince.map { day.asOf - $0 } } ?? 0 }
    }

    var rows: [Row]
    var incidents: [Incident]
    var agents: [AgentSummary]
    var context: PageContext

    private var language: Language { context.language }

    /// The longest wait first, then the longest queue; offices that said nothing today come last.
    static func precedes(_ a: Row, _ b: Row) -> Bool {
        if a.hasData != b.hasData { return a.hasData }
        if a.oldestWait != b.oldestWait { return a.oldestWait > b.oldestWait }
        let (first, second) = (a.result?.waitingNow ?? 0, b.result?.waitingNow ?? 0)
        if first != second { return first > second }
        return a.summary.id < b.summary.id
    }

    func html() -> Markup {
        let sorted = rows.sorted(by: TodayPage.precedes)
        let title = language("Hôm nay", "Today")
        var main: Markup = "<h1>\(title)\(heading(sorted))</h1>\n"
        main += incidentList()
        if sorted.isEmpty {
            main += """
                <p class="empty">\(language("Chưa văn phòng nào gửi dữ liệu. Tác nhân gửi về đây bằng:", "No office has sent anything yet. Agents send here with:"))</p>
                <pre>deskwatch-agent run --site site.yaml --to http://…</pre>

                """
        } else {
            main += offices(sorted)
            for row in sorted { main += earlierDays(row) }
        }
        main += agentTable()
        return Page.shell(title: title, isLive: true, context: context, main: main)
    }

    private func heading(_ rows: [Row]) -> Markup {
        guard let row = rows.first else { return "" }
        let clock = row.summary.clock
        let day = clock.day(of: context.now)
        return """
             <small>\(language.weekday(day)) \(language.date(day)), <time datetime="\(clock.text(context.now))">\(language.time(context.now, clock, seconds: true))</time></small>
            """
    }

    private func offices(_ rows: [Row]) -> Markup {
        let heads = [
            language("Văn phòng", "Office"), language("Đang chờ", "Waiting now"),
            language("Chờ lâu nhất", "Longest wait"),
            language("Quầy mở", "Counters open"), language("Camera", "Cameras"), language("Tin gần nhất", "Last word"),
            language("Lượt", "Visits"), language("Chờ trung bình", "Mean wait"),
            language("Ngày tới lúc này", "The day so far"),
        ]
        var out: Markup = """
            <table class="offices">
            <caption class="unseen-text">\(language("Các văn phòng hôm nay, nơi chờ lâu nhất trước", "Offices today, longest wait first"))</caption>
            <thead><tr>\(heads.map { "<th scope=\"col\">\($0)</th>" as Markup })</tr></thead>
            <tbody>

            """
        for row in rows { out += office(row, heads) }
        return out + "</tbody></table>\n"
    }

    private func office(_ row: Row, _ heads: [String]) -> Markup {
        let name = language.name(row.name)
        guard let result = row.result, row.hasData else {
            let latest = row.earlier.first?.day
            let link: Markup =
                latest.map {
                    """
                     <a href="\(context.link(context.dayPath(row.summary.id, $0)))">\(language("Ngày gần nhất", "Latest day")): \(language.date($0))</a>
                    """
                } ?? ""
            let holiday = row.summary.site?.calendar[row.day].map { language.calendar($0) + ". " } ?? ""
            let reason =
                row.summary.site == nil
                ? language("Chưa có tệp mô tả văn phòng.", "No site file yet.")
                : holiday + language("Hôm nay chưa có dữ liệu.", "No data today.")
            return """
                <tr class="quiet"><th scope="row">\(name)</th><td colspan="8">\(reason)\(link)</td></tr>

                """
        }
        let facts = DayFacts(result)
        let lanes = result.timeline.counters
        let open = lanes.filter { lane in
            // What is known last of each counter.
            lane.spans.last.map { $0.state != .closed && $0.state != .paused } ?? false
        }.count
        let withCamera = lanes.filter { !$0.camera.isEmpty }
        let dark = withCamera.filter { $0.camera.last?.state == .dark }.count
        let unknown = withCamera.filter { $0.camera.last?.state == .unknown }.count
        var camera = withCamera.isEmpty ? "–" : "\(withCamera.count - dark - unknown)/\(withCamera.count)"
        if dark > 0 { camera += language(", \(dark) mất hình", ", \(dark) dark") }
        if unknown > 0 { camera += language(", \(unknown) không rõ", ", \(unknown) unknown") }
        let silence = result.lastHeard.map { context.now - $0 }
        let isStale = (silence ?? .max) > OfficeDay.evidenceLifetime
        let wait = facts.metric("wait.first")
        let mean = wait?.mean.map(language.duration) ?? language("không có", "no data")
        let small: Markup = wait?.isSmall == true && wait?.mean != nil ? small(wait?.n ?? 0) : ""
        func why(_ metric: String, _ text: Markup) -> Markup { context.why(row.summary.id, row.day, metric, text) }
        let cells: [(text: Markup, style: String)] = [
            ("\(result.waitingNow)", "number"),
            (
                "\(result.oldestWaitingSince.map { language.duration(result.asOf - $0) } ?? "–")",
                row.oldestWait > 900_000 ? "number bad" : "number"
            ),
            ("\(open)/\(lanes.count)", "number"), ("\(camera)", dark > 0 ? "number bad" : "number"),
            ("\(silence.map(language.age) ?? "–")", isStale ? "number stale" : "number"),
            (why("visits", "\(language.count(result.visits.count))"), "number"),
            (wait?.mean == nil ? "\(mean)" : why("wait.first", "\(mean)") + small, "number"),
            (Sparkline.svg(result, language: language), "spark"),
        ]
        var out: Markup = """
            <tr><th scope="row"><a href="\(context.link(context.dayPath(row.summary.id, row.day)))">\(name)</a></th>
            """
        for (head, cell) in zip(heads.dropFirst(), cells) {
            out += "<td class=\"\(cell.style)\" data-label=\"\(head)\">\(cell.text)</td>"
        }
        return out + "</tr>\n"
    }

    private func small(_ n: Int) -> Markup {
        " <small class=\"mark\" title=\"\(language("ít dữ liệu", "small n"))\">n = \(n)</small>"
    }

    private func earlierDays(_ row: Row) -> Markup {
        if row.earlier.isEmpty && row.older.isEmpty { return "" }
        let heads = [
            language("Ngày", "Day"), language("Lượt", "Visits"), language("Chờ trung bình", "Mean wait"), "p90",
            language("Bỏ về", "Abandoned"), language("Hàng chờ trong ngày", "The queue that day"),
        ]
        var out: Markup = """
            <section><h2>\(language.name(row.name)): \(language("những ngày trước", "earlier days"))</h2>
            <table class="days"><thead><tr>\(heads.map { "<th scope=\"col\">\($0)</th>" as Markup })</tr></thead><tbody>

            """
        for result in row.earlier {
            let facts = DayFacts(result)
            let wait = facts.metric("wait.first")
            let none = language("không có", "no data")
            func why(_ metric: String, _ text: String?) -> Markup {
                text.map { context.why(row.summary.id, result.day, metric, "\($0)") } ?? "\(none)"
            }
            let cells: [Markup] = [
                why("visits", language.count(result.visits.count)),
                "\(why("wait.first", wait?.mean.map(language.duration)))\(wait?.isSmall == true && wait?.mean != nil ? small(wait?.n ?? 0) : "")",
                why("wait.first", wait?.p90.map { language.duration($0) }),
                why("abandonment", facts.metric("abandonment")?.value.map(language.share)),
            ]
            out += """
                <tr><th scope="row"><a href="\(context.link(context.dayPath(row.summary.id, result.day)))">\(language.weekday(result.day)) \(language.date(result.day))</a></th>
                """
            for (head, cell) in zip(heads.dropFirst(), cells) {
                out += "<td class=\"number\" data-label=\"\(head)\">\(cell)</td>"
            }
            out +=
                "<td class=\"spark\" data-label=\"\(heads[5])\">\(Sparkline.svg(result, language: language))</td></tr>\n"
        }
        out += "</tbody></table>\n"
        if !row.older.isEmpty {
            let links = row.older.map {
                "<a href=\"\(context.link(context.dayPath(row.summary.id, $0)))\">\(language.date($0))</a> " as Markup
            }
            out += "<p class=\"older\">\(language("Trước nữa", "Before that")): \(links)</p>\n"
        }
        return out + "</section>\n"
    }

    private func incidentList() -> Markup {
        if incidents.isEmpty { return "" }
        var out: Markup = """
            <section class="incidents"><h2>\(language("Cần người xem", "Needs a person"))</h2><ul>

            """
        for incident in incidents.prefix(8) {
            out += """
                <li><strong>\(language.incident(incident.kind))</strong> \(incident.subject): \(incident.detail)\
                \(incident.count > 1 ? " ×\(incident.count)" as Markup : "") <small>\(language.age(context.now - incident.last))</small></li>

                """
        }
        if incidents.count > 8 {
            out += "<li>\(language("và \(incidents.count - 8) việc khác", "and \(incidents.count - 8) more"))</li>"
        }
        return out + "</ul></section>\n"
    }

    private func agentTable() -> Markup {
        if agents.isEmpty { return "" }
        let heads = [
            language("Tác nhân", "Agent"), language("Bản ghi", "Records"), language("Nhận gần nhất", "Last received"),
            language("Thiếu", "Missing"), language("Đồng hồ lệch", "Clock off by"), language("Văn phòng", "Offices"),
        ]
        var out: Markup = """
            <details id="agents"><summary>\(language("Tác nhân", "Agents")) (\(agents.count))</summary>
            <table class="agents"><thead><tr>\(heads.map { "<th scope=\"col\">\($0)</th>" as Markup })</tr></thead><tbody>

            """
        for agent in agents.prefix(100) {
            let missing = agent.missing.reduce(UInt64(0)) { $0 &+ ($1.upperBound &- $1.lowerBound &+ 1) }
            let cells: [Markup] = [
                "\(language.count(agent.records))", "\(language.age(context.now - agent.lastReceived))",
                missing == 0 ? "0" : "<span class=\"bad\">\(language.count(missing))</span>",
                // The agent's clock minus ours: ahead is positive.
                agent.clockOffset.magnitude > 2_000
                    ? "<span class=\"bad\">\(language.duration(0 &- agent.clockOffset))</span>"
                    : "\(language.duration(0 &- agent.clockOffset))",
                "\(agent.offices.joined(separator: ", "))",
            ]
            out += "<tr><th scope=\"row\">\(agent.agent)</th>"
            for (head, cell) in zip(heads.dropFirst(), cells) {
                out += "<td class=\"number\" data-label=\"\(head)\">\(cell)</td>"
            }
            out += "</tr>\n"
        }
        return out + "</tbody></table></details>\n"
    }
}

extension Language {
    func incident(_ kind: Incident.Kind) -> String {
        switch kind {
        case .tamper: self("Dữ liệu bị sửa", "Tampered record")
        case .chain: self("Đứt chuỗi băm", "Broken hash chain")
        case .gap: self("Thiếu bản ghi", "Missing records")
        case .clock: self("Đồng hồ tác nhân lệch", "Agent clock off")
        case .undecodable: self("Bản ghi không đọc được", "Undecodable record")
        case .siteDisagreement: self("Tệp văn phòng không khớp", "Site files disagree")
        case .noSite: self("Chưa có tệp văn phòng", "No site file")
        case .deviceClock: self("Đồng hồ thiết bị sai", "Device clock wrong")
        case .lostEvents: self("Thiếu sự kiện", "Events lost")
        }
    }
}
