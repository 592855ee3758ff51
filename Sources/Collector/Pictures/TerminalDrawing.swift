import Domain

/// The picture in Unicode blocks. Every state has a sign of its own, so that it reads without colour too; names are
/// stripped of control characters, because a terminal obeys them.
struct TerminalDrawing {
    let facts: DayFacts
    let language: Language
    let colour: Bool
    let width: Int
    let axis: TimeAxis
    let labelWidth = 10
    var columns: Int { width - labelWidth }

    init(_ facts: DayFacts, width: Int, colour: Bool, language: Language) {
        self.facts = facts
        self.language = language
        self.colour = colour
        self.width = min(max(width, 40), 400)
        axis = TimeAxis(
            window: TimeAxis.window(of: facts.result), left: 0, right: Double(self.width - labelWidth))
    }

    var text: String {
        var lines = head()
        lines.append("")
        lines.append(paint(language("Đang chờ, theo lý do", "Waiting, by cause"), .strong))
        lines += queue()
        lines.append(ticks())
        for lane in facts.result.timeline.counters { lines += counter(lane) }
        for lane in facts.result.timeline.meetings { lines.append(meeting(lane)) }
        if !facts.result.timeline.gaps.isEmpty { lines.append(gaps()) }
        lines.append("")
        lines += legend()
        lines.append("")
        lines += waitingSplit()
        lines += moments()
        lines.append("")
        lines += wrapped(facts.honesty(language).map(clean), separator: " · ").map { paint($0, .faint) }
        return lines.map(trimmed).joined(separator: "\n") + "\n"
    }

    // MARK: Signs

    static func sign(_ cause: WaitCause) -> Character {
        switch cause {
        case .capacity: "█"
        case .idle: "○"
        case .meeting: "M"
        case .unattended: "!"
        case .unseen: "?"
        case .closed: "░"
        }
    }

    static func sign(_ state: Timeline.CounterState) -> Character {
        switch state {
        case .serving: "█"
        case .called: "▒"
        case .open: "·"
        case .paused: "p"
        case .closed: " "
        }
    }

    static func sign(_ state: Timeline.CameraState) -> Character {
        switch state {
        case .present: "▀"
        case .empty: "_"
        case .dark: "x"
        case .unknown: "?"
        }
    }

    enum Paint {
        case capacity, idle, meeting, unattended, unseen, closed, serving, called, open, dark, faint, strong, bad

        init(_ cause: WaitCause) {
            switch cause {
            case .capacity: self = .capacity
            case .idle: self = .idle
            case .meeting: self = .meeting
            case .unattended: self = .unattended
            case .unseen: self = .unseen
            case .closed: self = .closed
            }
        }

        /// Select Graphic Rendition (ECMA-48 §8.3.117), in the colours of the picture; readable on black and on white.
        var sequence: String {
            switch self {
            case .capacity: "38;2;45;140;205"
            case .idle: "38;2;230;159;0"
            case .meeting: "38;2;184;84;168"
            case .unattended: "38;2;213;94;0"
            case .unseen: "38;2;138;143;152"
            case .closed: "38;2;150;158;168"
            case .serving: "38;2;0;158;115"
            case .called: "38;2;95;185;158"
            case .open: "38;2;130;150;142"
            case .dark: "38;2;213;94;0"
            case .faint: "2"
            case .strong: "1"
            case .bad: "1;38;2;214;69;55"
            }
        }
    }

    func paint(_ text: String, _ paint: Paint) -> String {
        colour && !text.isEmpty ? "\u{1B}[" + paint.sequence + "m" + text + "\u{1B}[0m" : text
    }

    /// Cells with equal paint share one sequence.
    private func painted(_ cells: [(sign: Character, paint: Paint?)]) -> String {
        var out = ""
        var run = ""
        var current: Paint?
        for cell in cells {
            if cell.paint != current {
                out += current.map { paint(run, $0) } ?? run
                run = ""
                current = cell.paint
            }
            run.append(cell.sign)
        }
        return out + (current.map { paint(run, $0) } ?? run)
    }

    // MARK: Parts

    private func head() -> [String] {
        var lines = wrapped([language.name(facts.result.site.office.name)], separator: "").map { paint($0, .strong) }
        lines += wrapped(
            facts.subtitle(language).split(separator: " · ").map(String.init) + [facts.status(language)],
            separator: " · "
        ).map { paint($0, .faint) }
        lines.append("")
        // As many figures side by side as the width has room for.
        let figures = facts.figures(language)
        let wanted = max(1, min(figures.count, width / 19))
        let rows = (figures.count + wanted - 1) / wanted
        let perRow = max(1, (figures.count + rows - 1) / max(1, rows))
        for start in stride(from: 0, to: figures.count, by: perRow) {
            let row = figures[start..<min(start + perRow, figures.count)]
            let cell = width / perRow
            lines.append(row.map { paint(pad(plain($0.label), cell), .faint) }.joined())
            lines.append(row.map { paint(pad(plain($0.value), cell), $0.isBad ? .bad : .strong) }.joined())
            lines.append(row.map { paint(pad(plain($0.note), cell), .faint) }.joined())
        }
        return lines
    }

    /// The stack: in each cell the cause that holds most of it; the top of a column as high as eighths of a cell tell.
    private func queue() -> [String] {
        let area = QueueArea(facts.result)
        let rows = 6
        let ticks = peopleTicks(peak: area.peak, atMost: 3)
        let top = Double(max(ticks.last ?? 1, 1))
        let cells = area.means(on: axis, grain: 1)
        var lines: [String] = []
        for row in (0..<rows).reversed() {
            let low = top * Double(row) / Double(rows)
            let high = top * Double(row + 1) / Double(rows)
            let tick = ticks.first { Double($0) > low + 1e-9 && Double($0) <= high + 1e-9 }
            let label = tick.map { padLeft(String($0), labelWidth - 1) + " " }
            lines.append(
                (label ?? pad("", labelWidth))
                    + painted(cells.prefix(columns).map { cell(of: $0.heights, low: low, high: high) }))
        }
        return lines
    }

    private func cell(of heights: [Double], low: Double, high: Double) -> (sign: Character, paint: Paint?) {
        var base = 0.0
        var best: (cause: WaitCause, part: Double)?
        var filled = 0.0
        for (layer, cause) in QueueArea.stack.enumerated() where heights.indices.contains(layer) {
            let part = min(base + heights[layer], high) - max(base, low)
            if part > 0 {
                filled += part
                if part > best?.part ?? 0 { best = (cause, part) }
            }
            base += heights[layer]
        }
        guard let best else { return (" ", nil) }
        let eighths = Int((filled / (high - low) * 8).rounded())
        // A little at the foot is still somebody; a little higher up is not worth a cell.
        if eighths == 0 { return low == 0 ? ("▁", Paint(best.cause)) : (" ", nil) }
        if best.cause == .capacity {
            let blocks: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
            return (blocks[min(max(eighths, 0), 8)], .capacity)
        }
        return eighths >= 3 || low == 0 ? (TerminalDrawing.sign(best.cause), Paint(best.cause)) : (" ", nil)
    }

    private func ticks() -> String {
        let ticks = axis.ticks(facts.clock, spacing: 10)
        var line = Array(repeating: Character(" "), count: columns)
        for tick in ticks.at {
            let text = Array(language.time(tick, facts.clock, seconds: ticks.seconds))
            let place = Int(axis.x(tick))
            guard place >= 0, place + text.count + 1 <= columns else { continue }
            line[place] = "┬"
            for (offset, character) in text.enumerated() { line[place + 1 + offset] = character }
        }
        return pad("", labelWidth) + paint(String(line), .faint)
    }

    /// The state that holds most of each column, weighed as `weight` says; `nil` where there is none.
    private func states<State>(_ spans: [Timeline.Span<State>], weight: (State) -> Double) -> [State?] {
        var best = [(state: State, part: Double)?](repeating: nil, count: columns)
        var totals = [[State: Double]](repeating: [:], count: columns)
        for span in spans where span.until > axis.window.lowerBound && span.from < axis.window.upperBound {
            let (from, until) = (axis.x(span.from), axis.x(span.until))
            var column = max(0, Int(from))
            while column < columns, Double(column) < until {
                let part = (min(Double(column + 1), until) - max(Double(column), from)) * weight(span.state)
                let total = (totals[column][span.state] ?? 0) + part
                totals[column][span.state] = total
                if total > best[column]?.part ?? 0 { best[column] = (span.state, total) }
                column += 1
            }
        }
        return best.map { $0?.state }
    }

    private func counter(_ lane: Timeline.CounterLane) -> [String] {
        let spans = states(lane.spans) { $0 == .paused ? 2 : $0 == .called ? 1.3 : 1 }
        let cells = spans.map { state -> (sign: Character, paint: Paint?) in
            guard let state else { return (" ", nil) }
            let paint: Paint? =
                switch state {
                case .serving: .serving
                case .called: .called
                case .open, .paused: .open
                case .closed: nil
                }
            return (TerminalDrawing.sign(state), paint)
        }
        var lines = [pad(clean(language.counter(lane.counter)), labelWidth) + painted(cells)]
        if !lane.camera.isEmpty {
            let camera = states(lane.camera) { $0 == .dark ? 3 : 1 }.map { state -> (sign: Character, paint: Paint?) in
                guard let state else { return (" ", nil) }
                return (TerminalDrawing.sign(state), state == .dark ? .dark : state == .present ? nil : .faint)
            }
            lines.append(paint(pad("  camera", labelWidth), .faint) + painted(camera))
        }
        return lines
    }

    private func meeting(_ lane: Timeline.MeetingLane) -> String {
        row(clean(language("Họp ", "Call ") + lane.device), lane.calls, sign: "M", paint: .meeting)
    }

    private func gaps() -> String {
        row(language("Ko nghe", "Deaf"), facts.result.timeline.gaps, sign: "/", paint: .dark)
    }

    private func row(_ label: String, _ ranges: [Range<Instant>], sign: Character, paint: Paint) -> String {
        var cells = [(sign: Character, paint: Paint?)](repeating: (" ", nil), count: columns)
        for range in ranges where range.upperBound > axis.window.lowerBound && range.lowerBound < axis.window.upperBound
        {
            let from = min(max(0, Int(axis.x(range.lowerBound))), columns - 1)
            let until = max(from, min(Int(axis.x(range.upperBound).rounded(.up)), columns) - 1)
            for column in from...until { cells[column] = (sign, paint) }
        }
        return pad(label, labelWidth) + painted(cells)
    }

    private func legend() -> [String] {
        var entries = [Timeline.CounterState.serving, .called, .open, .paused].map {
            "\(TerminalDrawing.sign($0)) \(language.counterState($0))"
        }
        entries += Timeline.CameraState.allCases.map { "\(TerminalDrawing.sign($0)) \(language.cameraState($0))" }
        return wrapped(entries, separator: "   ").map { paint($0, .faint) }
    }

    /// Where the waiting went, as bars; the six add up to it.
    private func waitingSplit() -> [String] {
        let causes = facts.causes
        let most = max(1, QueueArea.stack.map { causes[$0] }.max() ?? 1)
        let total = plain(language.duration(causes.total))
        let title = language("Thời gian chờ đi đâu: \(total), cộng đủ", "Where the waiting went: \(total), adds up")
        var lines = wrapped([title], separator: "").map { paint($0, .strong) }
        // A narrow terminal gets the numbers, a wide one bars beside them.
        let name = min(24, max(12, width - 23))
        let room = width - name - 26
        for cause in QueueArea.stack {
            let value = plain(language.duration(causes[cause]))
            let share = causes.total > 0 ? Double(causes[cause]) / Double(causes.total) : 0
            var line = paint(String(TerminalDrawing.sign(cause)), Paint(cause)) + " " + pad(language.cause(cause), name)
            line += padLeft(value, 12) + padLeft(plain(language.share(share)), 9)
            if room >= 4, causes[cause] > 0 {
                let length = max(1, Int((Double(causes[cause]) / Double(most) * Double(room)).rounded()))
                line += "  " + paint(String(repeating: TerminalDrawing.sign(cause), count: length), Paint(cause))
            }
            lines.append(line)
        }
        return lines
    }

    private func moments() -> [String] {
        let moments = Moment.worthAQuestion(in: facts.result)
        if moments.isEmpty { return [] }
        return ["", paint(language("Đáng hỏi", "Worth a question"), .strong)]
            + moments.flatMap { moment -> [String] in
                let time = language.time(moment.at, facts.clock, seconds: axis.length < 600_000)
                return wrapped([time + "  " + moment.text(language)], separator: "")
            }
    }

    // MARK: Text

    /// What a terminal must not obey is gone, unbreakable blanks are blanks.
    private func clean(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(400) {
            out.append(scalar == "\u{A0}" || !Markup.isHarmless(scalar) ? " " : scalar)
        }
        return String(out)
    }

    private func plain(_ text: String) -> String { clean(text) }

    /// Exactly `count` columns.
    private func pad(_ text: String, _ count: Int) -> String {
        let length = text.count
        if length > count { return String(text.prefix(max(0, count - 1))) + (count > 0 ? "…" : "") }
        return text + String(repeating: " ", count: count - length)
    }

    private func padLeft(_ text: String, _ count: Int) -> String {
        String(repeating: " ", count: max(0, count - text.count)) + text
    }

    private func wrapped(_ parts: [String], separator: String) -> [String] {
        var lines: [String] = []
        for part in parts.map(clean) {
            if let last = lines.last, last.count + separator.count + part.count <= width {
                lines[lines.count - 1] = last + separator + part
            } else {
                lines.append(part)
            }
        }
        // A part that is wider than the terminal breaks between words.
        return lines.flatMap { line -> [String] in
            var out = [""]
            for word in line.split(separator: " ", omittingEmptySubsequences: false).map({
                pad(String($0), min(width, $0.count))
            }) {
                let last = out[out.count - 1]
                if last.isEmpty {
                    out[out.count - 1] = String(word)
                } else if last.count + 1 + word.count <= width {
                    out[out.count - 1] = last + " " + word
                } else {
                    out.append(String(word))
                }
            }
            return out
        }
    }

    private func trimmed(_ line: String) -> String {
        var line = line[...]
        while line.last == " " { line = line.dropLast() }
        return String(line)
    }
}
