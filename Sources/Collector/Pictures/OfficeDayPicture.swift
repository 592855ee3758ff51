public import Domain

/// The office day as one picture: how many people waited and why, what each counter did, what its camera saw beneath it,
/// when the room was in a meeting, when nobody listened, and what the figures rest on. One time axis for all of it.
///
/// The same result gives the same bytes. Everything written by others (names, numbers, reasons) is escaped.
public enum OfficeDayPicture {
    /// A picture that stands alone, with its style: `day --output svg` and the download link.
    public static func svg(_ result: OfficeDayResult, language: Language) -> String {
        svg(DayFacts(result), language: language, embedded: false).text
    }

    /// The same picture for a terminal, `width` columns wide (40 … 400), in Unicode blocks; with `colour`, the same
    /// colours as ANSI sequences.
    public static func text(_ result: OfficeDayResult, width: Int, colour: Bool, language: Language) -> String {
        TerminalDrawing(DayFacts(result), width: width, colour: colour, language: language).text
    }

    /// Bytes of a picture that stands alone.
    static let sizeLimit = 120_000

    /// Embedded: for a page that brings the style in its own sheet. Above `limit` bytes the picture is drawn again without
    /// the tooltips of short spans, and at last without any.
    static func svg(
        _ facts: DayFacts, language: Language, embedded: Bool, limit: Int = OfficeDayPicture.sizeLimit
    ) -> Markup {
        var picture = Markup()
        for shortest in [0, 4, Double.infinity] {
            let drawing = OfficeDayDrawing(facts, language: language, embedded: embedded, shortestTooltip: shortest)
            picture = drawing.draw()
            if picture.text.utf8.count <= limit { break }
        }
        return picture
    }
}

/// Places everything from top to bottom; each part is drawn by an extension of its own.
struct OfficeDayDrawing {
    let facts: DayFacts
    let language: Language
    let embedded: Bool
    /// Spans narrower than this have no tooltip of their own.
    let shortestTooltip: Double
    let axis: TimeAxis
    let marks: [MomentMark]
    let area: QueueArea

    static let width = 1_240.0
    static let left = 24.0
    static let plotLeft = 172.0
    static let plotRight = 972.0
    static let sideLeft = 994.0
    static let right = 1_216.0

    let chartHeight = 172.0
    let chartTop: Double
    var chartBottom: Double { chartTop + chartHeight }
    var lanesTop: Double { chartBottom + 44 }
    /// Many counters stand closer together.
    let pitch: Double
    let meetingPitch = 36.0
    var meetingsTop: Double { lanesTop + Double(facts.result.timeline.counters.count) * pitch }
    var lanesBottom: Double { meetingsTop + Double(facts.result.timeline.meetings.count) * meetingPitch }

    init(_ facts: DayFacts, language: Language, embedded: Bool, shortestTooltip: Double) {
        self.facts = facts
        self.language = language
        self.embedded = embedded
        self.shortestTooltip = shortestTooltip
        axis = TimeAxis(
            window: TimeAxis.window(of: facts.result), left: OfficeDayDrawing.plotLeft,
            right: OfficeDayDrawing.plotRight)
        marks = MomentMark.placed(Moment.worthAQuestion(in: facts.result), on: axis, language)
        area = QueueArea(facts.result)
        chartTop = 160 + Double((marks.map(\.row).max() ?? -1) + 1) * 17 + (marks.isEmpty ? 0 : 6)
        let counters = facts.result.timeline.counters.count
        pitch = counters <= 5 ? 46 : counters <= 9 ? 40 : 36
    }

    func draw() -> Markup {
        let legend = legendRows(top: lanesBottom + 44)
        let foot = footLines(top: legend.bottom + 10)
        let height = foot.bottom + 10
        var out: Markup = """
            <svg xmlns="http://www.w3.org/2000/svg" class="dw" viewBox="0 0 \(OfficeDayDrawing.width) \(height)" \
            width="\(OfficeDayDrawing.width)" height="\(height)" role="img" aria-labelledby="dw-t dw-d" xml:lang="\(language.rawValue)">
            <title id="dw-t">\(title), \(facts.subtitle(language))</title>
            <desc id="dw-d">\(summary)</desc>

            """
        if !embedded { out += "<style>\(Markup(trusted: PictureStyle.standalone))</style>\n" }
        out += PictureStyle.patterns
        out += "<rect class=\"paper\" width=\"\(OfficeDayDrawing.width)\" height=\"\(height)\"/>\n"
        out += head()
        out += hours()
        out += timeGrid()
        out += chart()
        out += waitingSplit()
        out += counterLanes()
        out += meetingLanes()
        out += gaps()
        out += annotations()
        out += present()
        out += momentMarks()
        out += legend.markup
        out += foot.markup
        return out + "</svg>\n"
    }

    var title: String { language.name(facts.result.site.office.name) }

    /// What a screen reader says of the picture; the page has a table beside it.
    var summary: String {
        var parts = facts.figures(language).map { "\($0.label): \($0.value) (\($0.note))" }
        let causes = facts.causes
        parts += QueueArea.stack.filter { causes[$0] > 0 }.map {
            "\(language.cause($0)): \(language.duration(causes[$0]))"
        }
        parts += marks.map(\.text)
        return parts.joined(separator: ". ")
    }

    func tooltip(_ text: String) -> Markup { "<title>\(text)</title>" }

    func timeText(_ instant: Instant) -> String { language.time(instant, facts.clock, seconds: true) }

    /// `09:12:03–09:20:11 · 8 ph 08 s`
    func spanText(_ from: Instant, _ until: Instant) -> String {
        timeText(from) + "–" + timeText(until) + " · " + language.duration(until - from)
    }
}

extension OfficeDayDrawing {
    private func head() -> Markup {
        let status = facts.status(language)
        let statusWidth = TextMeasure.width(status, size: 13)
        let titleWidth = OfficeDayDrawing.right - OfficeDayDrawing.left - statusWidth - 40
        var out: Markup = """
            <text class="h" x="\(OfficeDayDrawing.left)" y="40">\(TextMeasure.fitted(title, width: titleWidth, size: 22, bold: true))\
            </text>
            <text class="\(facts.result.isFinal ? "s" : "b")" x="\(OfficeDayDrawing.right)" y="38" text-anchor="end">\(status)</text>
            <text class="s" x="\(OfficeDayDrawing.left)" y="62">\(TextMeasure.fitted(subtitle, width: 1_180, size: 13))</text>

            """
        let figures = facts.figures(language)
        let pitch = (OfficeDayDrawing.right - OfficeDayDrawing.left) / Double(max(figures.count, 6))
        for (index, figure) in figures.enumerated() {
            let x = OfficeDayDrawing.left + Double(index) * pitch
            out += """
                <text class="s n" x="\(x)" y="94">\(TextMeasure.fitted(figure.label, width: pitch - 10, size: 12))</text>\
                <text class="\(figure.isBad ? "k bad" : "k")" x="\(x)" y="118">\(TextMeasure.fitted(figure.value, width: pitch - 10, size: 20, bold: true))</text>\
                <text class="s n" x="\(x)" y="136">\(TextMeasure.fitted(figure.note, width: pitch - 10, size: 12))</text>

                """
        }
        return out
    }

    private var subtitle: String {
        let range = facts.result.timeline.range
        guard axis.window.lowerBound > range.lowerBound + 60_000 || axis.window.upperBound < range.upperBound - 60_000
        else {
            return facts.subtitle(language)
        }
        let shown = timeText(axis.window.lowerBound) + "–" + timeText(axis.window.upperBound)
        return facts.subtitle(language) + language(" · phóng to \(shown)", " · showing \(shown)")
    }

    /// Time in which the office was closed, tinted.
    private func hours() -> Markup {
        var out: Markup = ""
        var from = axis.window.lowerBound
        for interval in facts.result.timeline.hours + [axis.window.upperBound..<axis.window.upperBound] {
            let until = min(interval.lowerBound, axis.window.upperBound)
            if until > from {
                out += """
                    <rect class="off" x="\(axis.x(from))" y="\(chartTop)" width="\(axis.x(until) - axis.x(from))" height="\(lanesBottom - chartTop)">\
                    \(tooltip(language("ngoài giờ mở cửa", "outside opening hours")))</rect>

                    """
            }
            from = max(from, interval.upperBound)
        }
        return out
    }

    private func timeGrid() -> Markup {
        let ticks = axis.ticks(facts.clock, spacing: 66)
        var lines = ""
        var labels: Markup = ""
        for tick in ticks.at {
            let x = axis.x(tick)
            lines +=
                "M" + Markup.coordinate(x) + " " + Markup.coordinate(chartTop) + "V" + Markup.coordinate(lanesBottom)
            let text = language.time(tick, facts.clock, seconds: ticks.seconds)
            labels += "<text x=\"\(x)\" y=\"\(chartBottom + 17)\">\(text)</text>"
            labels += "<text x=\"\(x)\" y=\"\(lanesBottom + 17)\">\(text)</text>"
        }
        return """
            <path class="grid" d="\(Markup(trusted: lines))"/>
            <g class="s n" text-anchor="middle">\(labels)</g>

            """
    }

    private func chart() -> Markup {
        let ticks = peopleTicks(peak: area.peak, atMost: 5)
        let top = Double(max(ticks.last ?? 1, 1))
        func y(_ people: Double) -> Double { chartBottom - people / top * chartHeight }
        var out: Markup = """
            <text class="b" x="\(OfficeDayDrawing.left)" y="\(chartTop + 12)">\(language("Đang chờ", "Waiting"))</text>
            <text class="s n" x="\(OfficeDayDrawing.left)" y="\(chartTop + 29)">\(language("người, theo lý do", "people, by cause"))</text>
            <g class="s n" text-anchor="end">
            """
        var lines = ""
        for tick in ticks {
            let height = y(Double(tick))
            lines +=
                "M" + Markup.coordinate(axis.left) + " " + Markup.coordinate(height) + "H"
                + Markup.coordinate(axis.right)
            out += "<text x=\"\(axis.left - 8)\" y=\"\(height + 4)\">\(tick)</text>"
        }
        out += "</g>\n<path class=\"grid\" d=\"\(Markup(trusted: lines))\"/>\n"
        let columns = area.columns(on: axis, grain: 1)
        for (layer, cause) in QueueArea.stack.enumerated() {
            let path = QueueArea.path(of: layer, in: columns, y: y)
            if path.text.isEmpty { continue }
            let total = language.duration(facts.causes[cause])
            out += """
                <path class="\(cause.rawValue)" d="\(path)">\(tooltip("\(language.cause(cause)) · \(total)"))</path>

                """
        }
        if facts.result.visits.isEmpty {
            out += """
                <text class="s" x="\((axis.left + axis.right) / 2)" y="\((chartTop + chartBottom) / 2)" text-anchor="middle">\
                \(language("Chưa có lượt nào", "No visits yet"))</text>

                """
        }
        return out
    }

    /// Where the waiting went: the six causes, which sum to it.
    private func waitingSplit() -> Markup {
        let causes = facts.causes
        let (left, right) = (OfficeDayDrawing.sideLeft, OfficeDayDrawing.right)
        let most = max(1, QueueArea.stack.map { causes[$0] }.max() ?? 1)
        var out: Markup = """
            <text class="b" x="\(left)" y="\(chartTop + 12)">\(language("Thời gian chờ đi đâu", "Where the waiting went"))</text>
            <text class="s n" x="\(left)" y="\(chartTop + 29)">\
            \(language("\(language.duration(causes.total)), cộng đủ", "\(language.duration(causes.total)), adds up"))</text>

            """
        for (index, cause) in QueueArea.stack.enumerated() {
            let y = chartTop + 54 + Double(index) * 26
            let share = causes.total > 0 ? Double(causes[cause]) / Double(causes.total) : 0
            let width = Double(causes[cause]) / Double(most) * (right - left - 20)
            let value = language.duration(causes[cause])
            let room = right - left - 28 - TextMeasure.width(value, size: 12, bold: true)
            out += """
                <g>\(tooltip("\(language.cause(cause)): \(value), \(language.share(share))"))\
                <rect class="\(cause.rawValue) key" x="\(left)" y="\(y - 11)" width="13" height="17"/>\
                <text class="\(causes[cause] > 0 ? "n" : "s n")" x="\(left + 20)" y="\(y)">\
                \(TextMeasure.fitted(language.cause(cause), width: room, size: 12))</text>\
                <text class="\(causes[cause] > 0 ? "n v" : "s n")" x="\(right)" y="\(y)" text-anchor="end">\(value)</text>\
                \(causes[cause] > 0 ? "<rect class=\"\(cause.rawValue)\" x=\"\(left + 20)\" y=\"\(y + 3)\" width=\"\(max(width, 1))\" height=\"3\"/>" as Markup : "")</g>

                """
        }
        return out
    }

    /// Time for which an agent says that it did not listen, over everything.
    private func gaps() -> Markup {
        var out: Markup = ""
        for gap in facts.result.timeline.gaps
        where gap.upperBound > axis.window.lowerBound && gap.lowerBound < axis.window.upperBound {
            let (from, until) = (axis.x(gap.lowerBound), axis.x(gap.upperBound))
            let text = language("không nghe", "not listening")
            out += """
                <g>\(tooltip(text + " · " + spanText(gap.lowerBound, gap.upperBound)))\
                <rect class="gap" x="\(from)" y="\(chartTop)" width="\(max(until - from, 1.5))" height="\(lanesBottom - chartTop)"/>
                """
            if until - from > TextMeasure.width(text, size: 11) + 8 {
                let middle = (from + until) / 2
                let half = TextMeasure.width(text, size: 11) / 2 + 4
                out += """
                    <rect class="tag" x="\(middle - half)" y="\(chartBottom + 23)" width="\(half * 2)" height="16" rx="2"/>\
                    <text class="f" x="\(middle)" y="\(chartBottom + 35)" text-anchor="middle">\(text)</text>
                    """
            }
            out += "</g>\n"
        }
        return out
    }

    /// The line of now, on a day that is running.
    private func present() -> Markup {
        guard !facts.result.isFinal, axis.contains(facts.result.asOf) else { return "" }
        let x = axis.x(facts.result.asOf)
        return """
            <g>\(tooltip(timeText(facts.result.asOf)))<path class="now" d="M\(x) \(chartTop - 4)V\(lanesBottom)"/></g>

            """
    }

    /// A dotted line at each moment and its words above the chart.
    private func momentMarks() -> Markup {
        var out: Markup = ""
        for mark in marks {
            let y = chartTop - 12 - Double(mark.row) * 17
            out += """
                <g>\(tooltip(mark.text + " · " + spanText(mark.moment.at, mark.moment.until)))\
                <path class="mark" d="M\(mark.x) \(y - 10)V\(lanesBottom)"/>\
                <text class="n halo" x="\(mark.flips ? mark.x - 5 : mark.x + 5)" y="\(y)"\(mark.flips ? " text-anchor=\"end\"" as Markup : "")>\(mark.text)</text></g>

                """
        }
        return out
    }

    private func footLines(top: Double) -> (markup: Markup, bottom: Double) {
        var out: Markup = "<g class=\"f s\">"
        var y = top
        for line in TextMeasure.lines(
            facts.honesty(language), width: OfficeDayDrawing.right - OfficeDayDrawing.left, size: 11.5)
        {
            y += 17
            out += "<text x=\"\(OfficeDayDrawing.left)\" y=\"\(y)\">\(line)</text>"
        }
        return (out + "</g>\n", y)
    }
}
