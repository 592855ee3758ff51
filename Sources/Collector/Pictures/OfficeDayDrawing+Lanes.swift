import Domain

/// Spans that are too narrow to see, joined: each run of them becomes one span of its most important state.
struct LanePart<State: Hashable & Sendable>: Hashable, Sendable {
    var from: Instant
    var until: Instant
    var state: State
    /// `nil` where spans were joined.
    var label: String?
    var isJoined: Bool

    /// `weight`: how much a millisecond of a state counts when spans share a place; what needs a person weighs more.
    static func parts(
        of spans: [Timeline.Span<State>], on axis: TimeAxis, narrowest: Double, weight: (State) -> Int64
    ) -> [LanePart] {
        let least = Int64(narrowest / axis.pixelsPerMillisecond)
        var parts: [LanePart] = []
        var run: [Timeline.Span<State>] = []
        func flush() {
            guard let first = run.first, let last = run.last else { return }
            // The first of equals wins, so that the same spans always give the same picture.
            var best = (state: first.state, weight: Int64(-1))
            for span in run {
                let total = run.filter { $0.state == span.state }.reduce(Int64(0)) { $0 + ($1.until - $1.from) }
                let weighed = total.multipliedReportingOverflow(by: weight(span.state)).partialValue
                if weighed > best.weight { best = (span.state, weighed) }
            }
            parts.append(
                LanePart(
                    from: first.from, until: last.until, state: best.state,
                    label: run.count == 1 ? first.label : nil, isJoined: run.count > 1))
            run = []
        }
        for span in spans where span.until > axis.window.lowerBound && span.from < axis.window.upperBound {
            if span.until - span.from >= least {
                flush()
                parts.append(
                    LanePart(from: span.from, until: span.until, state: span.state, label: span.label, isJoined: false))
                continue
            }
            if let first = run.first, span.until - first.from > least || run.last.map({ $0.until < span.from }) == true
            {
                flush()
            }
            run.append(span)
        }
        flush()
        return parts
    }
}

extension OfficeDayDrawing {
    private var barHeight: Double { pitch >= 44 ? 20 : pitch >= 38 ? 17 : 13 }

    func counterLanes() -> Markup {
        var out: Markup = ""
        for (index, lane) in facts.result.timeline.counters.enumerated() {
            let top = lanesTop + Double(index) * pitch
            out += counterLane(lane, top: top)
        }
        return out
    }

    private func counterLane(_ lane: Timeline.CounterLane, top: Double) -> Markup {
        let name = language.counter(lane.counter)
        let services = facts.services(of: lane.counter, language)
        let room = axis.left - OfficeDayDrawing.left - 12
        let middle = top + barHeight / 2
        var out: Markup = """
            <g><text class="b" x="\(OfficeDayDrawing.left)" y="\(top + 11)">\(TextMeasure.fitted(name, width: room, size: 13, bold: true))</text>\
            <text class="s n" x="\(OfficeDayDrawing.left)" y="\(top + (pitch < 40 ? 24 : 26))">\(tooltip(services))\
            \(TextMeasure.fitted(services, width: room, size: 12))</text>\
            <text class="s n" x="\(OfficeDayDrawing.sideLeft)" y="\(middle + 4)">\
            \(TextMeasure.fitted(facts.counterSummary(lane, language), width: 216, size: 12))</text></g>
            <path class="base" d="M\(axis.left) \(middle)H\(axis.right)"/>

            """
        let parts = LanePart.parts(of: lane.spans, on: axis, narrowest: 0.7) { state in
            switch state {
            case .serving: 3
            case .called: 2
            case .paused: 2
            case .open, .closed: 1
            }
        }
        for state in [Timeline.CounterState.open, .paused, .called, .serving] {
            let members = parts.filter { $0.state == state }
            // What is called stands lower than what is served, so that the two differ without colour.
            let inset = state == .called ? barHeight * 0.4 : 0
            out += spans(members, class: state.rawValue, top: top + inset, height: barHeight - inset) { part in
                if let ticket = part.label { return ticket }
                return language.counterState(part.state)
            }
        }
        out += cameraLane(lane.camera, top: top + barHeight + 2)
        return out
    }

    private func cameraLane(_ camera: [Timeline.Span<Timeline.CameraState>], top: Double) -> Markup {
        let parts = LanePart.parts(of: camera, on: axis, narrowest: 0.7) { state in
            switch state {
            case .dark: 4
            case .empty, .unknown: 2
            case .present: 1
            }
        }
        var out: Markup = ""
        for state in Timeline.CameraState.allCases {
            let (y, height): (Double, Double) =
                switch state {
                case .present: (top, 5)
                case .empty: (top, 5)
                case .dark: (top - 1, 8)
                case .unknown: (top + 1.5, 2)
                }
            out += spans(parts.filter { $0.state == state }, class: "camera-" + state.rawValue, top: y, height: height)
            {
                language.cameraState($0.state)
            }
        }
        return out
    }

    /// Spans with a tooltip one by one, the others as one path.
    private func spans<State>(
        _ parts: [LanePart<State>], class style: String, top: Double, height: Double, label: (LanePart<State>) -> String
    ) -> Markup {
        var silent = ""
        var told: Markup = ""
        for part in parts {
            let (from, until) = (axis.x(part.from), axis.x(part.until))
            let width = max(until - from, 0.6)
            let box =
                "M" + Markup.coordinate(from) + " " + Markup.coordinate(top) + "h" + Markup.coordinate(width) + "v"
                + Markup.coordinate(height) + "h" + Markup.coordinate(-width) + "z"
            if part.isJoined || width < shortestTooltip {
                silent += box
            } else {
                told +=
                    "<path d=\"\(Markup(trusted: box))\">\(tooltip(label(part) + " · " + spanText(part.from, part.until)))</path>"
            }
        }
        if silent.isEmpty, told.text.isEmpty { return "" }
        if !silent.isEmpty { told += "<path d=\"\(Markup(trusted: silent))\"/>" }
        return "<g class=\"\(style)\">\(told)</g>\n"
    }

    func meetingLanes() -> Markup {
        var out: Markup = ""
        for (index, lane) in facts.result.timeline.meetings.enumerated() {
            let top = meetingsTop + Double(index) * meetingPitch + 2
            let room = axis.left - OfficeDayDrawing.left - 12
            let total = lane.calls.reduce(Int64(0)) { $0 + ($1.upperBound - $1.lowerBound) }
            let counters = facts.result.site.counters.filter { $0.meetings.contains(lane.device) }.map {
                language.counter($0.id)
            }
            let place = counters.isEmpty ? language("phòng chung", "shared room") : counters.joined(separator: ", ")
            out += """
                <text class="b" x="\(OfficeDayDrawing.left)" y="\(top + 11)">\(language("Họp trực tuyến", "Video meeting"))</text>\
                <text class="s n" x="\(OfficeDayDrawing.left)" y="\(top + 25)">\
                \(TextMeasure.fitted(lane.device + " · " + place, width: room, size: 12))</text>\
                <text class="s n" x="\(OfficeDayDrawing.sideLeft)" y="\(top + 13)">\
                \(TextMeasure.fitted(total == 0 ? language("không họp", "no calls") : language("họp \(language.duration(total))", "\(language.duration(total)) in calls"), width: 216, size: 12))</text>
                <path class="base" d="M\(axis.left) \(top + 8)H\(axis.right)"/>

                """
            for call in lane.calls
            where call.upperBound > axis.window.lowerBound && call.lowerBound < axis.window.upperBound {
                let (from, until) = (axis.x(call.lowerBound), axis.x(call.upperBound))
                let text = language.duration(call.upperBound - call.lowerBound)
                out += """
                    <g>\(tooltip(language("họp trực tuyến", "in a video meeting") + " · " + spanText(call.lowerBound, call.upperBound)))\
                    <rect class="meeting" x="\(from)" y="\(top)" width="\(max(until - from, 1))" height="16" rx="1.5"/>
                    """
                if until - from > TextMeasure.width(text, size: 12) + 14 {
                    out +=
                        "<text class=\"n on\" x=\"\((from + until) / 2)\" y=\"\(top + 12.5)\" text-anchor=\"middle\">\(text)</text>"
                }
                out += "</g>\n"
            }
        }
        return out
    }

    func legendRows(top: Double) -> (markup: Markup, bottom: Double) {
        var entries: [(style: String, height: Double, text: String)] = []
        entries += [Timeline.CounterState.serving, .called, .open, .paused].map {
            ($0.rawValue, $0 == .called ? 7 : 12, language.counterState($0))
        }
        entries += Timeline.CameraState.allCases.map {
            ("camera-" + $0.rawValue, $0 == .dark ? 8 : $0 == .unknown ? 2 : 5, language.cameraState($0))
        }
        entries.append(("off edge", 12, language("ngoài giờ", "outside hours")))
        if !facts.result.timeline.gaps.isEmpty { entries.append(("gap", 12, language("không nghe", "not listening"))) }
        var x = OfficeDayDrawing.left
        var y = top
        var out: Markup = "<g class=\"f\">"
        for entry in entries {
            let width = 22 + TextMeasure.width(entry.text, size: 11.5) + 13
            if x + width > OfficeDayDrawing.right + 13 {
                x = OfficeDayDrawing.left
                y += 19
            }
            out += """
                <rect class="\(entry.style)" x="\(x)" y="\(y - entry.height / 2 - 4)" width="16" height="\(entry.height)"/>\
                <text x="\(x + 22)" y="\(y)">\(entry.text)</text>
                """
            x += width
        }
        return (out + "</g>\n", y)
    }
}
