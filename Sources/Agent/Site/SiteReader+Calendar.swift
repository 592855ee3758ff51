internal import Domain
internal import Yams

/// The days on which an office keeps other hours than its week says.
extension SiteReader {
    /// `holidays: vn` is what an office in Vietnam has without saying so: it is closed on those days by law, and if the
    /// site file said nothing, eleven days a year of scheduled time with nobody there would stand in its figures. An
    /// office that works on one of them says so in `open`; `holidays: none` turns the table off.
    mutating func calendar(_ top: YAMLFields, week: WeeklyHours, timezone: String?) -> OfficeCalendar {
        var table: String? = timezone == "Asia/Ho_Chi_Minh" ? VietnameseHolidays.name : nil
        if let text = top.text("holidays", &problems) {
            switch text {
            case VietnameseHolidays.name: table = text
            case "none": table = nil
            default:
                problems.note(
                    top["holidays"], Words.unknown("holidays", text, known: [VietnameseHolidays.name, "none"]))
            }
        }
        var days = table == nil ? [] : VietnameseHolidays.days(week: week)
        var lines: [LocalDay: Int] = [:]
        for node in top.strictList("closed", &problems).prefix(Self.listLimit) {
            if let day = closedDay(node, &lines) { days.append(day) }
        }
        for node in top.strictList("open", &problems).prefix(Self.listLimit) {
            if let day = openDay(node, &lines) { days.append(day) }
        }
        return OfficeCalendar(holidays: table, days)
    }

    /// `2026-03-05`, or `{ date: 2026-03-05, name: … }`.
    private mutating func closedDay(_ node: Node, _ lines: inout [LocalDay: Int]) -> OfficeCalendar.Day? {
        let unnamed = LocalizedName(vi: "Nghỉ", en: "Closed")
        if case .scalar(let scalar) = node {
            guard let day = date(scalar.string, node, &lines) else { return nil }
            return OfficeCalendar.Day(day: day, kind: .closed, name: unnamed)
        }
        let fields = YAMLFields(node, "a closed day", known: ["date", "name"], &problems)
        guard case .mapping = node, let text = fields.needed("date", of: "a closed day", &problems),
            let day = date(text, fields["date"], &lines)
        else { return nil }
        return OfficeCalendar.Day(day: day, kind: .closed, name: fields.name("name", &problems) ?? unnamed)
    }

    /// `{ date: 2026-03-07, hours: ["08:00-11:30"] }`.
    private mutating func openDay(_ node: Node, _ lines: inout [LocalDay: Int]) -> OfficeCalendar.Day? {
        let fields = YAMLFields(node, "an open day", known: ["date", "hours", "name"], &problems)
        guard case .mapping = node, let text = fields.needed("date", of: "an open day", &problems),
            let day = date(text, fields["date"], &lines)
        else { return nil }
        guard let hours = fields["hours"] else {
            problems.note(node, "an open day needs 'hours'")
            return nil
        }
        let before = problems.problems.count
        let intervals = intervals(hours)
        if intervals.isEmpty {
            // Hours that could not be read have been told.
            guard problems.problems.count == before else { return nil }
            problems.note(hours, "an open day needs hours; a day without any belongs in 'closed'")
            return nil
        }
        return OfficeCalendar.Day(
            day: day, kind: .open, name: fields.name("name", &problems) ?? LocalizedName(vi: "Mở cửa", en: "Open"),
            hours: intervals)
    }

    /// Each date stands once, in one of the two lists.
    private mutating func date(_ text: String, _ node: Node?, _ lines: inout [LocalDay: Int]) -> LocalDay? {
        guard let day = LocalDay(text) else {
            problems.note(node, "'\(Words.shown(text))' is no day; write it as 2026-01-31")
            return nil
        }
        if let line = lines[day] {
            problems.note(node, "\(day) has its entry already (line \(line))")
            return nil
        }
        lines[day] = node?.line ?? 0
        return day
    }
}
