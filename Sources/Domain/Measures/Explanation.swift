/// A number with everything behind it: who is counted and with how much, who is not and why, what is not decided yet.
/// What `why` prints; the metric is the report's own, and its parts are placed by the same rules.
public struct Explanation: Hashable, Sendable {
    /// A ticket, a counter, a dossier: one thing that a number is made of.
    public struct Item: Hashable, Sendable {
        /// `A001`, `A001·2` for a number used again, `q1`, a dossier's code.
        public var subject: String
        public var service: String?
        public var counter: String?
        /// When it began: a ticket's issue or call, a dossier's receipt.
        public var at: Instant?
        /// Into the numerator: milliseconds, or 1.
        public var value: Int64?
        /// Into the denominator: milliseconds, or 1.
        public var of: Int64?
        /// Of a dossier: the due time that counts, and when it was returned.
        public var due: Instant?
        public var returned: Instant?
        /// `p50`, `p90`, `p95`, `p99`, `max`: this one is that rank.
        public var marks: [String] = []
        /// Why it is where it is, where that is not plain: `suspect: overlap`.
        public var note: String?

        public init(
            _ subject: String, service: String? = nil, counter: String? = nil, at: Instant? = nil, value: Int64? = nil,
            of: Int64? = nil, note: String? = nil
        ) {
            self.subject = subject
            self.service = service
            self.counter = counter
            self.at = at
            self.value = value
            self.of = of
            self.note = note
        }
    }

    public struct Excluded: Hashable, Sendable {
        public var reason: String
        public var items: [Item]
    }

    public var metric: Metric
    /// What is counted; time metrics by value, so that a rank can be read off, all else in the order of the day.
    public var items: [Item]
    /// By reason.
    public var excluded: [Excluded]
    public var open: [Item]

    /// A number that nothing is behind: a day of which nothing was heard.
    public init(empty metric: Metric) {
        self.metric = metric
        items = []
        excluded = []
        open = []
    }

    init(metric: Metric, items: [Item], excluded: [Excluded], open: [Item]) {
        self.metric = metric
        self.items = items
        self.excluded = excluded
        self.open = open
    }

    /// Explains a metric of an office-day. `nil`: the day's report has no metric of that id.
    /// - Parameters:
    ///   - id: as reports have it; a service level may name any limit.
    ///   - dossiers: those received on the day.
    ///   - ratings: the day's feedback events.
    public static func make(
        _ id: String, of day: OfficeDayResult, dossiers: [Dossier], asOf: Instant, ratings: [DomainEvent] = [],
        serviceLevel: Int64 = ServiceLevel.defaultLimit
    ) -> Explanation? {
        var id = id
        var limit = serviceLevel
        if let (kind, own) = ServiceLevel.parse(id) {
            limit = own ?? serviceLevel
            id = kind.id(limit)
        }
        let report = Report.make(
            days: [day], from: day.day, to: day.day + 1, asOf: day.asOf, scope: day.site.office.id,
            clock: day.site.office.clock, by: .channel, dossiers: dossiers, dossiersAsOf: asOf,
            serviceLevel: limit)
        guard let metric = report.metrics.first(where: { $0.id == id }) else { return nil }
        var maker = Maker(metric: metric)
        if let measure = StayMetrics.Measure(rawValue: id == "asa" ? StayMetrics.Measure.waitFirst.rawValue : id) {
            maker.time(day) { StayMetrics.place(of: $0, in: measure) }
        } else if let share = ShareMeasure.allCases.first(where: { $0.id(limit) == id }) {
            maker.share(day) { share.place(of: $0, isFinal: day.isFinal, limit: limit) }
        } else if let measure = DossierMetrics.Measure(rawValue: id) {
            maker.dossiers(dossiers) { DossierMetrics.place(of: $0, in: measure, asOf: asOf) }
        } else if let cause = WaitCause.allCases.first(where: { "wait." + $0.rawValue == id }) {
            maker.visits(day) { ($0.causes[cause], $0.causes.total) }
        } else if id == "visits" {
            maker.visits(day) { _ in (1, nil) }
        } else if id == "satisfaction" {
            maker.ratings(ratings)
        } else {
            maker.counters(day)
        }
        return maker.explanation
    }
}

/// Puts the things of a day where they belong.
private struct Maker {
    var explanation: Explanation
    private var excluded: [String: [Explanation.Item]] = [:]

    init(metric: Metric) {
        explanation = Explanation(metric: metric, items: [], excluded: [], open: [])
    }

    private func item(_ visit: Visit) -> Explanation.Item {
        let first = visit.legs.first
        var item = Explanation.Item(
            visit.ticket + (visit.ordinal > 1 ? "·\(visit.ordinal)" : ""), service: first?.service,
            counter: visit.legs.compactMap(\.counter).last, at: visit.issued ?? first?.called ?? first?.from)
        if visit.isSuspect { item.note = "suspect" }
        return item
    }

    private mutating func finish() {
        explanation.excluded = excluded.sorted { $0.key < $1.key }.map {
            Explanation.Excluded(reason: $0.key, items: $0.value)
        }
    }

    mutating func time(_ day: OfficeDayResult, _ place: (Stay) -> StayMetrics.Place) {
        for visit in day.visits {
            var item = item(visit)
            switch place(Stay(visit)) {
            case .counted(let value):
                item.value = value
                item.of = 1
                explanation.items.append(item)
            case .excluded(let reason): excluded[reason, default: []].append(item)
            case .open: explanation.open.append(item)
            }
        }
        rank()
        finish()
    }

    /// Sorts by value and marks the nearest ranks.
    private mutating func rank() {
        let order = explanation.items.enumerated().sorted {
            let (a, b) = ($0.element.value ?? 0, $1.element.value ?? 0)
            return a != b ? a < b : $0.offset < $1.offset
        }
        explanation.items = order.map(\.element)
        guard explanation.metric.unit == .milliseconds, explanation.metric.id != "asa" else { return }
        let count = explanation.items.count
        for (mark, perMille) in [("p50", 500), ("p90", 900), ("p95", 950), ("p99", 990), ("max", 1_000)] {
            let rank = Distribution.rank(perMille: perMille, of: count)
            if rank > 0 { explanation.items[rank - 1].marks.append(mark) }
        }
    }

    mutating func share(_ day: OfficeDayResult, _ place: (Stay) -> ShareMeasure.Place) {
        for visit in day.visits {
            var item = item(visit)
            item.of = 1
            item.value = 0
            switch place(Stay(visit)) {
            case .hit:
                item.value = 1
                explanation.items.append(item)
            case .miss: explanation.items.append(item)
            case .undecided:
                explanation.items.append(item)
                explanation.open.append(item)
            case .excluded(let reason):
                item.of = nil
                item.value = nil
                excluded[reason, default: []].append(item)
            case .apart: break
            }
        }
        finish()
    }

    mutating func visits(_ day: OfficeDayResult, _ parts: (Visit) -> (Int64, Int64?)) {
        for visit in day.visits {
            var item = item(visit)
            (item.value, item.of) = parts(visit)
            explanation.items.append(item)
            if explanation.metric.id == "visits", visit.outcome == .open { explanation.open.append(item) }
        }
    }

    mutating func dossiers(_ dossiers: [Dossier], _ place: (Dossier) -> DossierMetrics.Place) {
        for dossier in dossiers {
            var item = Explanation.Item(
                dossier.code + (dossier.ordinal > 1 ? "·\(dossier.ordinal)" : ""), service: dossier.service,
                at: dossier.counted)
            item.due = dossier.due
            item.returned = dossier.returned
            if dossier.isDueMoved { item.note = "dueMoved" }
            switch place(dossier) {
            case .hit:
                item.value = 1
                item.of = 1
                explanation.items.append(item)
            case .miss:
                item.value = 0
                item.of = 1
                explanation.items.append(item)
            case .open:
                if explanation.metric.id == DossierMetrics.Measure.received.rawValue {
                    item.value = 0
                    item.of = 1
                    explanation.items.append(item)
                }
                explanation.open.append(item)
            case .excluded(let reason): excluded[reason, default: []].append(item)
            case .counted(let value):
                item.value = value
                item.of = 1
                explanation.items.append(item)
            }
        }
        if explanation.metric.unit == .milliseconds { rank() }
        finish()
    }

    mutating func ratings(_ events: [DomainEvent]) {
        for event in events {
            guard case .feedbackRated(let score, let scale) = event.kind else { continue }
            explanation.items.append(
                Explanation.Item(
                    event.device, counter: event.counter, at: event.at, value: score, of: scale,
                    note: (1...1_000).contains(scale) && (0...scale).contains(score) ? nil : "badRating"))
        }
    }

    /// Shares of counter time: each counter's part. Meetings: each call of a mapped system.
    mutating func counters(_ day: OfficeDayResult) {
        let id = explanation.metric.id
        if id == "meeting.overlap" {
            for lane in day.timeline.meetings {
                for call in lane.calls {
                    explanation.items.append(
                        Explanation.Item(
                            lane.device, at: call.lowerBound, value: call.upperBound - call.lowerBound,
                            note: "in a call; counts while somebody waited"))
                }
            }
            return
        }
        for times in day.counterTimes {
            let parts: (Int64, Int64)? =
                switch id {
                case "occupancy": (times.occupied, times.open)
                case "utilisation": (times.serving, times.scheduled)
                case "attended": (times.attended, times.visible)
                case "attended.invisible": (times.scheduled - times.visible, times.scheduled)
                case "coverage.camera": (times.covered, times.scheduled)
                default: nil
                }
            guard let parts else { continue }
            explanation.items.append(
                Explanation.Item(times.counter, counter: times.counter, value: parts.0, of: parts.1))
        }
    }
}
