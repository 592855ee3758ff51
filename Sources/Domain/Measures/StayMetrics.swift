/// The metrics that are made of stays. For each time metric, every stay is in exactly one place: counted in `n`,
/// excluded for one reason, or open. (n + Σ excluded + open = stays; tests hold it to that.)
struct StayMetrics: Sendable {
    /// The limit of the service levels, milliseconds.
    let limit: Int64

    private var stays = 0
    private var open = 0
    private var issued = 0
    private var times: [Measure: Tally] = [:]
    private var shares: [ShareMeasure: ShareTally] = [:]
    private var causes = WaitCauses()

    enum Measure: String, CaseIterable {
        case waitFirst = "wait.first"
        case waitLast = "wait.last"
        case waitTotal = "wait.total"
        case walk, service, calling, hold, sojourn
    }

    private struct Tally {
        var values = Distribution()
        var excluded: [String: Int] = [:]
        var open = 0
    }

    private struct ShareTally {
        var hits = 0
        var all = 0
        var undecided = 0
        var excluded: [String: Int] = [:]
    }

    enum Place: Hashable, Sendable {
        case counted(Int64)
        case excluded(String)
        case open
    }

    init(limit: Int64 = ServiceLevel.defaultLimit) {
        self.limit = limit
        for measure in Measure.allCases { times[measure] = Tally() }
        for share in ShareMeasure.allCases { shares[share] = ShareTally() }
    }

    /// `day` tells office-days apart, which come one after the other; `isFinal`: the office-day is over.
    mutating func add(_ stay: Stay, day: Int, isFinal: Bool) {
        stays += 1
        if stay.end == .open { open += 1 }
        if stay.isIssued { issued += 1 }
        causes = causes + stay.causes
        for measure in Measure.allCases {
            switch Self.place(of: stay, in: measure) {
            case .counted(let value): times[measure]?.values.add(value, day: day)
            case .excluded(let reason): times[measure]?.excluded[reason, default: 0] += 1
            case .open: times[measure]?.open += 1
            }
        }
        for share in ShareMeasure.allCases {
            switch share.place(of: stay, isFinal: isFinal, limit: limit) {
            case .hit:
                shares[share]?.hits += 1
                shares[share]?.all += 1
            case .miss: shares[share]?.all += 1
            case .undecided:
                shares[share]?.all += 1
                shares[share]?.undecided += 1
            case .excluded(let reason): shares[share]?.excluded[reason, default: 0] += 1
            case .apart: break
            }
        }
    }

    static func place(of stay: Stay, in measure: Measure) -> Place {
        if let reason = stay.suspect { return .excluded(reason) }
        switch measure {
        case .waitFirst, .waitLast:
            if !stay.isIssued { return .excluded("missingIssue") }
            if stay.isCalled {
                return .counted(measure == .waitFirst ? stay.waitFirst : stay.waitLast ?? stay.waitFirst)
            }
            return stay.end == .left ? .excluded("leftUncalled") : .open
        case .waitTotal:
            if stay.end == .open { return .open }
            return stay.isIssued ? .counted(stay.wait) : .excluded("missingIssue")
        case .walk:
            if let walk = stay.walk { return .counted(walk) }
            if !stay.isStarted {
                switch stay.end {
                case .open: return .open
                case .noShow: return .excluded("noShow")
                case .left: return .excluded("left")
                case .served, .transferred: return .excluded("notStarted")
                }
            }
            if stay.hasInferredStart { return .excluded("inferredStart") }
            return .excluded(stay.hasMissingCall ? "missingCall" : "heldBeforeStart")
        case .service:
            switch stay.end {
            case .open: return .open
            case .noShow: return .excluded("noShow")
            case .left: return .excluded("left")
            case .transferred: return stay.isStarted ? .counted(stay.service) : .excluded("notStarted")
            case .served: return stay.isFinishKnown ? .counted(stay.service) : .excluded("finishUnknown")
            }
        case .calling:
            if stay.end == .open { return .open }
            return stay.isCalled ? .counted(stay.calling) : .excluded("neverCalled")
        case .hold:
            return stay.end == .open ? .open : .counted(stay.hold)
        case .sojourn:
            if stay.end == .open { return .open }
            if !stay.isIssued { return .excluded("missingIssue") }
            return stay.isFinishKnown ? .counted(stay.sojourn) : .excluded("finishUnknown")
        }
    }

    /// `unitName`: `visits` for an office, `legs` for a counter or service.
    func metrics(countedAs unitName: String) -> [Metric] {
        var out: [Metric] = []
        var count = Metric(id: unitName, n: stays, unit: .count)
        count.value = Double(stays)
        count.open = open
        out.append(count)
        for measure in Measure.allCases {
            guard let tally = times[measure] else { continue }
            var metric = Metric(id: measure.rawValue, n: 0, unit: .milliseconds)
            tally.values.fill(&metric)
            metric.open = tally.open
            metric.excluded = Metric.Excluded.list(tally.excluded)
            out.append(metric)
        }
        if let first = times[.waitFirst] {
            var asa = Metric(id: "asa", n: first.values.n, unit: .milliseconds)
            if first.values.n > 0 {
                asa.numerator = first.values.sum
                asa.denominator = Int64(first.values.n)
                asa.value = Double(first.values.sum) / Double(first.values.n)
            }
            asa.open = first.open
            asa.excluded = Metric.Excluded.list(first.excluded)
            out.append(asa)
        }
        return out + ShareMeasure.allCases.map(share) + causeMetrics
    }

    /// The waiting split by cause: each a share of all waiting.
    var causeMetrics: [Metric] {
        WaitCause.allCases.map { cause in
            var metric = Metric(id: "wait." + cause.rawValue, n: stays, unit: .share)
            metric.numerator = causes[cause]
            metric.denominator = causes.total
            metric.value = causes.total > 0 ? Double(causes[cause]) / Double(causes.total) : nil
            return metric
        }
    }

    private func share(_ share: ShareMeasure) -> Metric {
        let tally = shares[share] ?? ShareTally()
        var metric = Metric(share: share.id(limit), tally.hits, of: tally.all)
        metric.open = tally.undecided
        metric.excluded = Metric.Excluded.list(tally.excluded)
        return metric
    }
}

extension Metric {
    /// A share of counted things, with Wilson's interval.
    init(share id: String, _ numerator: Int, of denominator: Int) {
        self.init(id: id, n: denominator, unit: .share)
        self.numerator = Int64(numerator)
        self.denominator = Int64(denominator)
        value = denominator > 0 ? Double(numerator) / Double(denominator) : nil
        interval = Interval.wilson(Int64(numerator), of: Int64(denominator))
    }
}

extension Metric.Excluded {
    static func list(_ counts: [String: Int]) -> [Metric.Excluded] {
        counts.map { Metric.Excluded(reason: $0.key, count: $0.value) }.sorted { $0.reason < $1.reason }
    }
}
