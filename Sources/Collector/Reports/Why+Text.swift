import Domain

extension Why {
    /// For a terminal: the definition first, then the value with what it rests on, then every part of it.
    func text(_ language: Language, colour: Bool) -> String {
        let words = language.metric(metric.id)
        let parts = language.parts(of: metric.id)
        func bold(_ text: String) -> String { colour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
        var lines = [
            bold("\(metric.id)  \(words.name)"),
            "\(printable(day.site.office.id)) \(day.day), as of \(clock.text(asOf))", "",
            "definition   \(words.definition)", "source       \(parts.source)", "value        \(valueText)",
        ]
        if let ratio = ratioText {
            lines.append("             \(ratio)")
            lines.append("numerator    \(parts.numerator)")
            lines.append("denominator  \(parts.denominator)")
        }
        lines.append("n            \(metric.n)" + (metric.isSmall && metric.n > 0 ? " (fewer than 20)" : ""))
        let ranks = explanation.items.filter { !$0.marks.isEmpty }.map { item in
            item.marks.map { "\($0) = \(durationText(item.value ?? 0))" }.joined(separator: ", ")
                + " is \(printable(item.subject))"
        }
        if !ranks.isEmpty { lines.append("ranks        " + ranks.joined(separator: "; ")) }
        for group in explanation.excluded {
            lines.append("excluded     \(group.items.count) \(group.reason): " + subjects(group.items))
        }
        if explanation.excluded.isEmpty { lines.append("excluded     none") }
        lines.append("open         " + (explanation.open.isEmpty ? "none" : subjects(explanation.open)))
        let unverified = UnverifiedProfiles(day.site)
        if !unverified.ids.isEmpty { lines.append("caution      " + printable(language.unverified(unverified))) }
        for note in notes {
            let from = OfficeClock.timeText(Int(clock.timeOfDay(note.annotation.from)))
            let until = OfficeClock.timeText(Int(clock.timeOfDay(note.annotation.until)))
            lines.append(
                "annotation   \(from)-\(until) " + printable(note.annotation.text)
                    + (note.annotation.by.map { " (\(printable($0)))" } ?? "")
                    + ", \(note.visits) visits, \(note.annotation.id)"
            )
        }
        var out = lines.joined(separator: "\n") + "\n"
        if !explanation.items.isEmpty { out += "\n" + shown.text(colour: colour) }
        return out
    }

    private func subjects(_ items: [Explanation.Item]) -> String {
        let names = items.prefix(40).map { printable($0.subject) }.joined(separator: " ")
        return items.count > 40 ? names + " and \(items.count - 40) more" : names
    }

    private var valueText: String {
        guard let value = metric.value, value.isFinite else { return "no data" }
        switch metric.unit {
        case .share:
            var text = percentText(value)
            if let interval = metric.interval {
                text += " (95 % interval \(percentText(interval.low)) to \(percentText(interval.high)))"
            }
            return text
        case .milliseconds:
            return durationText(Int64(value.rounded())) + (metric.mean == nil ? "" : " (mean)")
        case .count: return String(Int64(value))
        }
    }

    private var ratioText: String? {
        guard let numerator = metric.numerator, let denominator = metric.denominator else { return nil }
        let first = isTime ? "\(durationText(numerator)) (\(numerator) ms)" : "\(numerator)"
        let second =
            isTime && metric.unit == .share || metric.id == "meeting.overlap"
            ? "\(durationText(denominator)) (\(denominator) ms)" : "\(denominator)"
        return "= \(first) / \(second)"
    }

    /// The parts that are counted, as a person reads them.
    private var shown: Table {
        let isOfDossiers = DossierMetrics.Measure(rawValue: metric.id) != nil
        var columns: [Table.Column] = [
            .init("subject"), .init("at"), .init("service"), .init("counter"), .init("value", numeric: true),
            .init("of", numeric: true), .init("rank"), .init("note"),
        ]
        if isOfDossiers { columns += [.init("due"), .init("returned")] }
        func amount(_ value: Int64?) -> Table.Cell {
            guard let value else { return .text("") }
            return isTime ? .milliseconds(value) : .integer(value)
        }
        let rows: [[Table.Cell]] = explanation.items.map { item in
            let at = item.at.map { OfficeClock.timeText(Int(clock.timeOfDay($0))) }
            let own: [Table.Cell] = [
                .text(item.subject), .text(at ?? ""), .text(item.service ?? ""), .text(item.counter ?? ""),
                amount(item.value), metric.unit == .milliseconds ? .text("") : amount(item.of), .list(item.marks),
                .text(item.note ?? ""),
            ]
            guard isOfDossiers else { return own }
            return own + [item.due, item.returned].map { .text($0.map { clock.text($0) } ?? "–") }
        }
        return Table(columns: columns, rows: rows)
    }
}
