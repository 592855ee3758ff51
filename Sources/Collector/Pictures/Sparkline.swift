import Domain

/// The queue of a day as a small multiple: the same colours and the same area as in the large picture.
enum Sparkline {
    static func svg(_ result: OfficeDayResult, language: Language) -> Markup {
        let (width, height) = (168.0, 34.0)
        let axis = TimeAxis(window: TimeAxis.window(of: result), left: 0, right: width)
        let area = QueueArea(result)
        let top = Double(max(area.peak, 1))
        let columns = area.means(on: axis, grain: 2)
        var paths: Markup = ""
        for (layer, cause) in QueueArea.stack.enumerated() {
            let path = QueueArea.path(of: layer, in: columns) { height - 1 - $0 / top * (height - 4) }
            if !path.text.isEmpty { paths += "<path class=\"\(flat(cause))\" d=\"\(path)\"/>" }
        }
        let text = language("Nhiều nhất \(area.peak) người chờ", "At most \(area.peak) waiting")
        return """
            <svg class="dw spark" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" role="img" aria-label="\(text)">\
            <title>\(text)</title>\(paths)<path class="base" d="M0 \(height - 0.5)H\(width)"/></svg>
            """
    }

    /// Without textures, which a small picture cannot show.
    private static func flat(_ cause: WaitCause) -> String {
        switch cause {
        case .capacity, .closed: cause.rawValue
        case .idle: "p-idle"
        case .meeting: "p-meeting"
        case .unattended: "p-unattended"
        case .unseen: "p-unseen"
        }
    }
}
