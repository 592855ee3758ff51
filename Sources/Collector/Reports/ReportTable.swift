import Domain

/// A report as rows: one per metric and group.
enum ReportTable {
    /// Everything a metric carries, for a spreadsheet: durations in milliseconds, shares 0…1, no data empty.
    static func csv(_ report: Report) -> Table {
        let columns: [Table.Column] = [
            .init("group"), .init("metric"), .init("n", numeric: true), .init("numerator", numeric: true),
            .init("denominator", numeric: true), .init("value", numeric: true), .init("excluded"),
            .init("open", numeric: true), .init("mean", numeric: true), .init("p50", numeric: true),
            .init("p90", numeric: true), .init("p95", numeric: true), .init("p99", numeric: true),
            .init("max", numeric: true), .init("over15min", numeric: true), .init("over30min", numeric: true),
            .init("annotations"),
        ]
        var rows: [[Table.Cell]] = []
        func add(_ group: String, _ metrics: [Metric]) {
            for metric in metrics {
                let excluded = metric.excluded.map { "\($0.reason):\($0.count)" }.joined(separator: "+")
                let excused = report.annotations.filter { $0.touches(metric.id) }.map(\.annotation.id)
                    .joined(separator: "+")
                rows.append([
                    .text(group), .text(metric.id), .integer(Int64(metric.n)), integer(metric.numerator),
                    integer(metric.denominator), value(metric), excluded.isEmpty ? .none : .text(excluded),
                    .integer(Int64(metric.open)), metric.mean.map { .milliseconds(whole($0)) } ?? .none,
                    duration(metric.p50), duration(metric.p90), duration(metric.p95), duration(metric.p99),
                    duration(metric.max), share(metric.over15min), share(metric.over30min),
                    excused.isEmpty ? .none : .text(excused),
                ])
            }
        }
        add("", report.metrics)
        for group in report.groups { add(group.key, group.metrics) }
        return Table(columns: columns, rows: rows)
    }

    /// For a terminal: the whole first, then each group; what is small is marked, what is not known says so.
    static func text(_ report: Report, _ days: [OfficeDayResult], colour: Bool) -> String {
        let last = report.to + -1
        let period = report.from == last ? "\(report.from)" : "\(report.from) to \(last)"
        var out = "\(printable(report.scope))  \(period)  as of \(report.clock.text(report.asOf))\n"
        guard !days.isEmpty || report.metrics.contains(where: { $0.id.hasPrefix("onTime.") && $0.n > 0 }) else {
            return out + "no data\n"
        }
        let events = days.reduce(0) { $0 + $1.eventCount }
        let witnessed = days.reduce(0) { $0 + $1.witnessedCount }
        out += "\(days.count) office-day\(days.count == 1 ? "" : "s"), \(events) events"
        if witnessed > 0 { out += ", \(witnessed) of them heard twice" }
        let anomalies = days.flatMap(\.anomalies).reduce(into: [String: Int]()) {
            $0[$1.reason, default: 0] += $1.count
        }
        let odd = anomalies.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        if !odd.isEmpty { out += "; odd: " + odd.joined(separator: ", ") }
        out += "\n\n" + table(report.metrics, group: nil).text(colour: colour)
        for group in report.groups {
            let key = group.key.isEmpty ? "(none)" : printable(group.key)
            out += "\n" + (colour ? "\u{1B}[1m\(key)\u{1B}[0m" : key) + "\n"
            out += table(group.metrics, group: group.key).text(colour: colour)
        }
        if (report.metrics + report.groups.flatMap(\.metrics)).contains(where: { $0.isSmall && hasData($0) }) {
            out += "\n* fewer than 20\n"
        }
        if !report.unverified.ids.isEmpty { out += "\n" + printable(Language.en.unverified(report.unverified)) + "\n" }
        if !report.annotations.isEmpty {
            out += "\nannotations: they excuse numbers and change none\n" + annotations(report.annotations).text()
        }
        return out
    }

    /// What people said, with what it touches; a terminal has no room for the list of metrics.
    static func annotations(_ notes: [AnnotationNote], withMetrics: Bool = false) -> Table {
        var columns: [Table.Column] = [
            .init("id"), .init("office"), .init("day"), .init("from"), .init("until"), .init("counter"), .init("text"),
            .init("by"), .init("visits", numeric: true),
        ]
        if withMetrics { columns += [.init("metrics"), .init("written")] }
        return Table(
            columns: columns,
            rows: notes.map { note in
                let annotation = note.annotation
                let own: [Table.Cell] = [
                    .text(annotation.id), .text(annotation.office),
                    .text(note.clock.day(of: annotation.from).description),
                    .text(OfficeClock.timeText(Int(note.clock.timeOfDay(annotation.from)))),
                    .text(OfficeClock.timeText(Int(note.clock.timeOfDay(annotation.until)))),
                    annotation.counter.map { .text($0) } ?? .text("all"), .text(annotation.text),
                    annotation.by.map { .text($0) } ?? .text("–"), .integer(Int64(note.visits)),
                ]
                guard withMetrics else { return own }
                return own + [.list(note.metrics), .text(note.clock.text(annotation.written))]
            })
    }

    private static func table(_ metrics: [Metric], group: String?) -> Table {
        let columns: [Table.Column] = [
            .init("metric"), .init("value", "value", numeric: true), .init("p50", numeric: true),
            .init("p90", numeric: true), .init("p95", numeric: true), .init("max", numeric: true),
            .init("over15", ">15 m", numeric: true), .init("over30", ">30 m", numeric: true), .init("n", numeric: true),
            .init("of", "of", numeric: true), .init("open", numeric: true), .init("excluded"),
        ]
        let rows: [[Table.Cell]] = metrics.map { metric in
            let value = value(metric)
            let main = value == .none ? metric.mean.map { .milliseconds(whole($0)) } ?? value : value
            let isDuration = metric.unit == .milliseconds
            func quantile(_ cell: Table.Cell) -> Table.Cell { isDuration && cell != .none ? cell : .text("") }
            let denominator: Table.Cell =
                switch (metric.unit, metric.denominator) {
                case (_, nil): .text("")
                case (_, let value?) where value >= 60_000 && isTime(metric): .text(durationText(value))
                case (_, let value?): .integer(value)
                }
            return [
                .text(metric.id), main, quantile(duration(metric.p50)), quantile(duration(metric.p90)),
                quantile(duration(metric.p95)), quantile(duration(metric.max)), quantile(share(metric.over15min)),
                quantile(share(metric.over30min)),
                .text("\(metric.n)" + (metric.isSmall && hasData(metric) ? "*" : "")),
                denominator, metric.open > 0 ? .integer(Int64(metric.open)) : .text(""),
                .text(metric.excluded.map { "\($0.count) \($0.reason)" }.joined(separator: ", ")),
            ]
        }
        return Table(columns: columns, rows: rows)
    }

    /// Shares of time have milliseconds below the line; shares of visits have visits.
    private static func isTime(_ metric: Metric) -> Bool {
        ["occupancy", "utilisation", "coverage.camera", "meeting.overlap"].contains(metric.id)
            || metric.id.hasPrefix("attended") || metric.id.hasPrefix("wait.")
    }

    private static func hasData(_ metric: Metric) -> Bool { metric.value != nil || metric.mean != nil || metric.n > 0 }

    private static func value(_ metric: Metric) -> Table.Cell {
        guard let value = metric.value, value.isFinite else { return .none }
        switch metric.unit {
        case .share: return .share(value)
        case .milliseconds: return .milliseconds(whole(value))
        case .count: return .integer(whole(value))
        }
    }

    private static func whole(_ value: Double) -> Int64 {
        Int64(exactly: value.rounded()) ?? (value < 0 ? .min : .max)
    }

    private static func integer(_ value: Int64?) -> Table.Cell { value.map { .integer($0) } ?? .none }
    private static func duration(_ value: Int64?) -> Table.Cell { value.map { .milliseconds($0) } ?? .none }
    private static func share(_ value: Double?) -> Table.Cell { value.map { .share($0) } ?? .none }
}
