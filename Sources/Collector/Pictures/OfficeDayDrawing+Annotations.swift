import Domain

extension OfficeDayDrawing {
    /// What people said of stretches of the day: a band over the chart and the lanes it is about, with its words in the row
    /// between them; where there is no room, the tooltip and the lines at the foot have them.
    func annotations() -> Markup {
        var out: Markup = ""
        var occupied = -Double.infinity
        for note in AnnotationNote.notes(on: [facts.result]) {
            let annotation = note.annotation
            guard annotation.until > axis.window.lowerBound, annotation.from < axis.window.upperBound else { continue }
            let (from, until) = (axis.x(annotation.from), axis.x(annotation.until))
            let lane = facts.result.timeline.counters.firstIndex { $0.counter == annotation.counter }
            let top = lane.map { lanesTop + Double($0) * pitch - 4 } ?? chartTop
            let bottom = lane == nil ? lanesBottom : top + pitch - 2
            let words = language.annotation(note)
            out += """
                <g>\(tooltip(words + " · " + spanText(annotation.from, annotation.until)))\
                <rect class="note" x="\(from)" y="\(top)" width="\(max(until - from, 2))" height="\(bottom - top)"/>
                """
            let room = OfficeDayDrawing.plotRight - from
            let text = TextMeasure.fitted(annotation.text, width: min(max(room - 8, 0), 240), size: 11)
            let width = TextMeasure.width(text, size: 11) + 8
            if from > occupied, room > 40 {
                occupied = from + width
                out += """
                    <rect class="tag" x="\(from)" y="\(chartBottom + 23)" width="\(width)" height="16" rx="2"/>\
                    <text class="f" x="\(from + 4)" y="\(chartBottom + 35)">\(text)</text>
                    """
            }
            out += "</g>\n"
        }
        return out
    }
}
