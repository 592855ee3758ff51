/// An annotation beside the numbers it excuses: how many visits it touches, and which metrics count them.
public struct AnnotationNote: Hashable, Sendable {
    public var annotation: Annotation
    /// For writing its moments.
    public var clock: OfficeClock
    /// Visits that waited or were served within it.
    public var visits: Int
    /// Ids of metrics with something of that stretch in them, in the order of reports.
    public var metrics: [String]

    /// Of office-days: by office, then by beginning.
    public static func notes(on days: [OfficeDayResult]) -> [AnnotationNote] {
        days.flatMap { day in day.annotations.map { AnnotationNote($0, on: day) } }
            .sorted {
                ($0.annotation.office, $0.annotation.from, $0.annotation.id)
                    < ($1.annotation.office, $1.annotation.from, $1.annotation.id)
            }
    }

    /// Whether a metric has something of the stretch in it; service levels of every limit are meant by `serviceLevel`.
    public func touches(_ id: String) -> Bool {
        metrics.contains(id) || (id.hasPrefix("serviceLevel.") && metrics.contains("serviceLevel"))
    }

    init(_ annotation: Annotation, on day: OfficeDayResult) {
        self.annotation = annotation
        clock = day.site.office.clock
        var touched: Annotation.Touch = []
        var count = 0
        for visit in day.visits {
            let touch = annotation.touch(visit, site: day.site, asOf: day.asOf)
            if !touch.isEmpty { count += 1 }
            touched.formUnion(touch)
        }
        visits = count
        var ids: [String] = []
        if touched.contains(.waiting) { ids += ["wait.first", "wait.last", "wait.total"] }
        if touched.contains(.service) { ids += ["calling", "service"] }
        if !touched.isEmpty { ids.append("sojourn") }
        if touched.contains(.waiting) {
            ids += ["asa", "abandonment", "serviceLevel"] + WaitCause.allCases.map { "wait." + $0.rawValue }
        }
        let isOpen = day.timeline.hours.contains { $0.lowerBound < annotation.until && annotation.from < $0.upperBound }
        if isOpen {
            ids += ["occupancy", "utilisation", "attended", "attended.invisible", "coverage.camera"]
        }
        if touched.contains(.waiting) { ids.append("meeting.overlap") }
        metrics = ids
    }

    /// `{id, office, counter, from, until, text, by, written, visits, metrics}`, absent values left out.
    public var json: String {
        var out = "{\"id\":" + jsonString(annotation.id) + ",\"office\":" + jsonString(annotation.office)
        if let counter = annotation.counter { out += ",\"counter\":" + jsonString(counter) }
        out += ",\"from\":\"\(clock.text(annotation.from))\",\"until\":\"\(clock.text(annotation.until))\""
        out += ",\"text\":" + jsonString(annotation.text)
        if let by = annotation.by { out += ",\"by\":" + jsonString(by) }
        out += ",\"written\":\"\(clock.text(annotation.written))\",\"visits\":\(visits),\"metrics\":["
        return out + metrics.map(jsonString).joined(separator: ",") + "]}"
    }
}
