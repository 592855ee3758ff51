extension Report {
    /// The metrics of office-days, as a whole and by group. `from` is inclusive, `to` exclusive; visits belong to the
    /// day, and by hour to the hour, in which their ticket was issued.
    /// - Parameters:
    ///   - dossiers: those received in the period; `nil` where dossiers are not asked for.
    ///   - dossiersAsOf: when they were looked at, later than the period: they live for weeks.
    ///   - serviceLevel: X of the service levels, milliseconds.
    public static func make(
        days: [OfficeDayResult], from: LocalDay, to: LocalDay, asOf: Instant, scope: String, clock: OfficeClock,
        by grouping: Grouping, dossiers: [Dossier]? = nil, dossiersAsOf: Instant? = nil,
        serviceLevel: Int64 = ServiceLevel.defaultLimit
    ) -> Report {
        let none = StayMetrics(limit: serviceLevel)
        var whole = none
        var groups: [String: StayMetrics] = [:]
        for (index, day) in days.enumerated() {
            for visit in day.visits {
                let stay = Stay(visit)
                whole.add(stay, day: index, isFinal: day.isFinal)
                switch grouping {
                case .office:
                    groups[day.site.office.id, default: none].add(stay, day: index, isFinal: day.isFinal)
                case .hour:
                    let key = hourKey(visit, day.site.office.clock)
                    groups[key, default: none].add(stay, day: index, isFinal: day.isFinal)
                case .counter, .service:
                    for (position, leg) in visit.legs.enumerated() {
                        let key = (grouping == .counter ? leg.counter : leg.service) ?? ""
                        groups[key, default: none].add(
                            Stay(leg, at: position, of: visit), day: index, isFinal: day.isFinal)
                    }
                case .cause, .channel: break
                }
            }
        }
        var report = Report(
            from: from, to: to, asOf: asOf, scope: scope, clock: clock,
            metrics: whole.metrics(countedAs: "visits") + timeMetrics(days, counter: nil) + officeMetrics(days)
                + SnapshotMetrics(days).metrics,
            groups: [])
        switch grouping {
        case .cause: report.groups = causeGroups(whole)
        case .channel: break
        case .office, .counter, .service, .hour: report.groups = self.groups(groups, grouping, days, none)
        }
        report.unverified = UnverifiedProfiles(days.map(\.site))
        report.annotations = AnnotationNote.notes(on: days)
        if let dossiers { report.add(dossiers, asOf: dossiersAsOf ?? asOf, by: grouping) }
        return report
    }

    /// Dossiers are counted for the whole, and by office, service and channel.
    private mutating func add(_ dossiers: [Dossier], asOf: Instant, by grouping: Grouping) {
        metrics += DossierMetrics.metrics(dossiers, asOf: asOf)
        let key: (Dossier) -> String
        switch grouping {
        case .office: key = { $0.office }
        case .service: key = { $0.service ?? "" }
        case .channel: key = { $0.channel ?? "" }
        case .counter, .hour, .cause: return
        }
        var parts: [String: [Dossier]] = [:]
        for dossier in dossiers { parts[key(dossier), default: []].append(dossier) }
        for name in parts.keys.sorted() {
            let own = DossierMetrics.metrics(parts[name] ?? [], asOf: asOf)
            if let index = groups.firstIndex(where: { $0.key == name }) {
                groups[index].metrics += own
            } else {
                groups.append(Group(key: name, metrics: own))
            }
        }
        groups.sort { $0.key < $1.key }
    }

    private static func groups(
        _ groups: [String: StayMetrics], _ grouping: Grouping, _ days: [OfficeDayResult], _ none: StayMetrics
    ) -> [Group] {
        var keys = Set(groups.keys)
        // A counter that called nobody and an office without visits are lines too: their absence would flatter.
        if grouping == .counter { keys.formUnion(days.flatMap { $0.site.counters.map(\.id) }) }
        if grouping == .service { keys.formUnion(days.flatMap { $0.site.services.map(\.id) }) }
        if grouping == .office { keys.formUnion(days.map(\.site.office.id)) }
        return keys.sorted().map { key in
            let stays = groups[key] ?? none
            switch grouping {
            case .counter:
                return Group(key: key, metrics: stays.metrics(countedAs: "legs") + timeMetrics(days, counter: key))
            case .service:
                return Group(
                    key: key, metrics: stays.metrics(countedAs: "legs") + SnapshotMetrics(days, service: key).metrics)
            case .office:
                let own = days.filter { $0.site.office.id == key }
                return Group(
                    key: key,
                    metrics: stays.metrics(countedAs: "visits") + timeMetrics(own, counter: nil)
                        + officeMetrics(own) + SnapshotMetrics(own).metrics)
            case .hour, .cause, .channel:
                return Group(key: key, metrics: stays.metrics(countedAs: "visits"))
            }
        }
    }

    private static func causeGroups(_ whole: StayMetrics) -> [Group] {
        zip(WaitCause.allCases, whole.causeMetrics).map { Group(key: $0.rawValue, metrics: [$1]) }
    }

    private static func hourKey(_ visit: Visit, _ clock: OfficeClock) -> String {
        guard let from = visit.issued ?? visit.legs.first?.from else { return "" }
        return padded(Int(clock.timeOfDay(from) / 3_600_000), 2) + ":00"
    }

    /// Shares of counter time: of one counter, or of all together.
    private static func timeMetrics(_ days: [OfficeDayResult], counter: String?) -> [Metric] {
        let times = days.flatMap { day in day.counterTimes.filter { counter == nil || $0.counter == counter } }
        func sum(_ path: KeyPath<OfficeDayResult.CounterTimes, Int64>) -> Int64 {
            times.reduce(0) { $0 + $1[keyPath: path] }
        }
        func share(_ id: String, _ numerator: Int64, _ denominator: Int64) -> Metric {
            var metric = Metric(id: id, n: times.count, unit: .share)
            metric.numerator = numerator
            metric.denominator = denominator
            metric.value = denominator > 0 ? Double(numerator) / Double(denominator) : nil
            return metric
        }
        let scheduled = sum(\.scheduled)
        let visible = sum(\.visible)
        return [
            share("occupancy", sum(\.occupied), sum(\.open)),
            share("utilisation", sum(\.serving), scheduled),
            share("attended", sum(\.attended), visible),
            share("attended.invisible", scheduled - visible, scheduled),
            share("coverage.camera", sum(\.covered), scheduled),
        ]
    }

    private static func officeMetrics(_ days: [OfficeDayResult]) -> [Metric] {
        var overlap = Metric(id: "meeting.overlap", n: days.count, unit: .milliseconds)
        let milliseconds = days.reduce(0) { $0 + $1.officeTimes.meetingOverlap }
        if !days.isEmpty { overlap.value = Double(milliseconds) }
        overlap.numerator = milliseconds
        overlap.denominator = days.reduce(0) { $0 + $1.officeTimes.waiting }
        let score = days.reduce(0) { $0 + $1.officeTimes.score }
        let scale = days.reduce(0) { $0 + $1.officeTimes.scale }
        var satisfaction = Metric(
            id: "satisfaction", n: days.reduce(0) { $0 + $1.officeTimes.ratings }, unit: .share)
        satisfaction.numerator = score
        satisfaction.denominator = scale
        satisfaction.value = scale > 0 ? Double(score) / Double(scale) : nil
        return [overlap, satisfaction]
    }
}
