import Domain

/// A number with everything behind it: its definition, what is counted, what is not and why, and every ticket of it.
public struct WhyQuery: Query {
    public let name = "why"
    public let summary =
        "What a number means and is made of: its definition, exclusions by reason, and each ticket behind it."
    public let parameters = ["metric", "office", "date", "serviceLevel", "asOf"]
    public let outputs: [Output] = [.table, .json, .csv]

    public init() {}

    public func answer(_ arguments: Arguments, from days: OfficeDays) async throws -> Answer {
        guard let id = arguments["metric"] else { throw QueryError.usage("which metric?") }
        guard arguments["office"] != nil else { throw QueryError.usage("which office?") }
        guard let office = try await days.offices(arguments).first else { throw QueryError.unknown("no office") }
        let asOf = try arguments.instant("asOf")
        let day = try arguments.day("date") ?? office.clock.day(of: asOf ?? days.now())
        let why = try await Why.make(
            id, office: office.id, day: day, asOf: asOf, serviceLevel: arguments.serviceLevel(), from: days)
        guard let why else {
            throw QueryError.unknown("no data: no site file of \(printable(office.id)) is valid on \(day)")
        }
        let note = why.explanation.metric.n == 0 && why.day.eventCount == 0 ? "no data on \(day)" : nil
        switch arguments.output {
        case .json: return Answer(why.json, .json, note: note)
        case .csv: return Answer(why.table(of: Why.Part.allCases).csv, .csv, note: note)
        default:
            let language: Language = arguments["lang"] == "vi" ? .vi : .en
            return Answer(why.text(language, colour: arguments.colour), .table, note: note)
        }
    }
}

/// An explanation in its day: what the command prints and the page shows.
struct Why: Sendable {
    enum Part: String, CaseIterable, Sendable { case counted, excluded, open }

    var explanation: Explanation
    var day: OfficeDayResult
    /// What was known then: the day's end or now for visits, now for dossiers, which outlive the day.
    var asOf: Instant
    /// What people said of stretches with something of this number in them.
    var notes: [AnnotationNote]

    var metric: Metric { explanation.metric }
    var clock: OfficeClock { day.site.office.clock }

    /// `nil`: there is no such office, or no site file for the day.
    /// - Throws: `QueryError.usage` for a metric that the day's report does not have, with near words.
    static func make(
        _ id: String, office: String, day: LocalDay, asOf: Instant?, serviceLevel: Int64,
        from source: any OfficeDaySource
    ) async throws -> Why? {
        guard let result = try await source.result(office: office, day: day, asOf: asOf) else { return nil }
        let moment = asOf ?? source.now()
        let clock = result.site.office.clock
        let dossiers = try await source.dossiers(office: office, asOf: asOf).filter {
            $0.counted.map { clock.day(of: $0) == day } ?? false
        }
        let ratings = id == "satisfaction" ? try await source.ratings(office: office, day: day) : []
        let explanation = Explanation.make(
            id, of: result, dossiers: dossiers, asOf: moment, ratings: ratings, serviceLevel: serviceLevel)
        guard var explanation else {
            throw QueryError.usage(printable(Words.unknown("metric", id, known: known(result, serviceLevel))))
        }
        if result.fates.total == 0, dossiers.isEmpty {
            // A day of which nothing was heard has no data; a schedule alone is none.
            let nothing = Report.make(
                days: [], from: day, to: day + 1, asOf: result.asOf, scope: office, clock: clock, by: .channel,
                dossiers: [], serviceLevel: serviceLevel)
            let metric = nothing.metrics.first { $0.id == explanation.metric.id } ?? Metric(id: id, n: 0, unit: .count)
            explanation = Explanation(empty: metric)
        }
        let notes = AnnotationNote.notes(on: [result]).filter { $0.touches(explanation.metric.id) }
        let isOfDossiers = DossierMetrics.Measure(rawValue: explanation.metric.id) != nil
        return Why(
            explanation: explanation, day: result, asOf: isOfDossiers ? moment : result.asOf, notes: notes)
    }

    /// Every metric that a day's report has, in its order.
    static func known(_ day: OfficeDayResult, _ serviceLevel: Int64) -> [String] {
        Report.make(
            days: [day], from: day.day, to: day.day + 1, asOf: day.asOf, scope: day.site.office.id,
            clock: day.site.office.clock, by: .channel, dossiers: [], serviceLevel: serviceLevel
        ).metrics.map(\.id)
    }

    func items(_ part: Part) -> [(reason: String?, item: Explanation.Item)] {
        switch part {
        case .counted: explanation.items.map { (nil, $0) }
        case .excluded: explanation.excluded.flatMap { group in group.items.map { (group.reason, $0) } }
        case .open: explanation.open.map { (nil, $0) }
        }
    }

    /// Whether its parts are durations (a mean, a share of time) or counts.
    var isTime: Bool {
        metric.unit == .milliseconds || metric.id.hasPrefix("wait.") || Why.timeShares.contains(metric.id)
    }

    static let timeShares = ["occupancy", "utilisation", "attended", "attended.invisible", "coverage.camera"]

    /// One row per ticket, counter or dossier.
    func table(of parts: [Part]) -> Table {
        let columns: [Table.Column] = [
            .init("part"), .init("reason"), .init("subject"), .init("service"), .init("counter"), .init("at"),
            .init("value", numeric: true), .init("of", numeric: true), .init("rank"), .init("note"),
            .init("due"), .init("returned"),
        ]
        func text(_ text: String?) -> Table.Cell { text.map { .text($0) } ?? .none }
        let rows: [[Table.Cell]] = parts.flatMap { part in
            items(part).map { reason, item in
                [
                    .text(part.rawValue), text(reason), .text(item.subject), text(item.service), text(item.counter),
                    text(item.at.map { clock.text($0) }), item.value.map { .integer($0) } ?? .none,
                    item.of.map { .integer($0) } ?? .none, item.marks.isEmpty ? .none : .list(item.marks),
                    text(item.note), text(item.due.map { clock.text($0) }), text(item.returned.map { clock.text($0) }),
                ]
            }
        }
        return Table(columns: columns, rows: rows)
    }

    var json: String {
        func item(_ item: Explanation.Item) -> String {
            var parts = ["\"subject\":" + jsonString(item.subject)]
            if let service = item.service { parts.append("\"service\":" + jsonString(service)) }
            if let counter = item.counter { parts.append("\"counter\":" + jsonString(counter)) }
            if let at = item.at { parts.append("\"at\":\"" + clock.text(at) + "\"") }
            if let value = item.value { parts.append("\"value\":\(value)") }
            if let of = item.of { parts.append("\"of\":\(of)") }
            if !item.marks.isEmpty {
                parts.append("\"rank\":[" + item.marks.map(jsonString).joined(separator: ",") + "]")
            }
            if let note = item.note { parts.append("\"note\":" + jsonString(note)) }
            if let due = item.due { parts.append("\"due\":\"" + clock.text(due) + "\"") }
            if let returned = item.returned { parts.append("\"returned\":\"" + clock.text(returned) + "\"") }
            return "{" + parts.joined(separator: ",") + "}"
        }
        func list(_ items: [Explanation.Item]) -> String { "[" + items.map(item).joined(separator: ",") + "]" }
        func both(_ text: (Language) -> String) -> String {
            "{\"vi\":" + jsonString(text(.vi)) + ",\"en\":" + jsonString(text(.en)) + "}"
        }
        let id = metric.id
        let definition = [
            "\"id\":" + jsonString(id), "\"name\":" + both { $0.metric(id).name },
            "\"text\":" + both { $0.metric(id).definition }, "\"numerator\":" + both { $0.parts(of: id).numerator },
            "\"denominator\":" + both { $0.parts(of: id).denominator },
            "\"source\":" + jsonString(Language.en.parts(of: id).source),
        ]
        let excluded = explanation.excluded.map {
            "{\"reason\":" + jsonString($0.reason) + ",\"items\":" + list($0.items) + "}"
        }
        let profiles = UnverifiedProfiles(day.site).ids
        let unverified =
            profiles.isEmpty ? "" : ",\"unverified\":[" + profiles.map(jsonString).joined(separator: ",") + "]"
        return "{\"office\":" + jsonString(day.site.office.id) + ",\"day\":\"\(day.day)\",\"asOf\":\""
            + clock.text(asOf)
            + "\",\"metric\":" + metric.json + ",\"definition\":{" + definition.joined(separator: ",") + "},\"items\":"
            + list(explanation.items) + ",\"excluded\":[" + excluded.joined(separator: ",") + "],\"open\":"
            + list(explanation.open) + unverified + ",\"annotations\":[" + notes.map(\.json).joined(separator: ",")
            + "]}\n"
    }
}
