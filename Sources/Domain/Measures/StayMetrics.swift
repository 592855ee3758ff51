/// The metrics that are made of stays. For each time metric, every stay is in exactly one place: counted in `n`,
/// excluded for one reason, or open. (n + Σ excluded + open = stays; tests hold it to that.)
struct StayMetrics: Sendable {
    /// The limit of the service levels shown by default: QĐ 468's 15 minutes.
    static let serviceLevelLimit: Int64 = 900_000

    private var stays = 0
    private var open = 0
    private var byOutcome: [String: Int] = [:]
    private var times: [Measure: Tally] = [:]
    private var issued = 0
    private var called = 0
    private var noShows = 0
    private var abandoned = 0
    private var waitingNow = 0
    private var answeredInTime = 0
    private var abandonedInTime = 0
    private var answeredTotal = 0
    private var causes = WaitCauses()
    private var offices = Set<Int>()

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

    private enum Place {
        case counted(Int64)
        case excluded(String)
        case open
    }

    init() {
        for measure in Measure.allCases { times[measure] = Tally() }
    }

    /// `day` tells office-days apart; `isFinal`: the office-day is over.
    mutating func add(_ stay: Stay, day: Int, isFinal: Bool) {
        offices.insert(day)
        stays += 1
        if stay.end == .open { open += 1 }
        causes = causes + stay.causes
        for measure in Measure.allCases {
            switch Self.place(of: stay, in: measure) {
            case .counted(let value): times[measure]?.values.add(value)
            case .excluded(let reason): times[measure]?.excluded[reason, default: 0] += 1
            case .open: times[measure]?.open += 1
            }
        }
        if stay.isCalled {
            called += 1
            if stay.end == .noShow { noShows += 1 }
        }
        guard stay.isIssued else { return }
        issued += 1
        let isInTime = stay.waitFirst <= Self.serviceLevelLimit
        if stay.isCalled {
            answeredTotal += 1
            if isInTime { answeredInTime += 1 }
        } else if stay.end == .left || (stay.isWaiting && isFinal) {
            abandoned += 1
            if stay.wait <= Self.serviceLevelLimit { abandonedInTime += 1 }
        } else {
            waitingNow += 1
        }
    }

    private static func place(of stay: Stay, in measure: Measure) -> Place {
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
            tally.values.fill(&metric, isOneDay: offices.count <= 1)
            metric.open = tally.open
            metric.excluded = tally.excluded.map { Metric.Excluded(reason: $0.key, count: $0.value) }
                .sorted { $0.reason < $1.reason }
            out.append(metric)
        }
        if let first = times[.waitFirst] {
            var asa = Metric(id: "asa", n: first.values.n, unit: .milliseconds)
            if first.values.n > 0 {
                asa.numerator = first.values.sum
                asa.denominator = Int64(first.values.n)
                asa.value = Double(first.values.sum) / Double(first.values.n)
            }
            out.append(asa)
        }
        let outside = stays - issued
        out.append(share("abandonment", abandoned, of: issued, missingIssue: outside))
        out.append(share("noShow", noShows, of: called, missingIssue: 0))
        out.append(share("serviceLevel.negative.15m", answeredInTime, of: issued, missingIssue: outside))
        out.append(
            share("serviceLevel.ignored.15m", answeredInTime, of: issued - abandonedInTime, missingIssue: outside))
        out.append(
            share("serviceLevel.positive.15m", answeredInTime + abandonedInTime, of: issued, missingIssue: outside))
        return out + causeMetrics
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

    private func share(_ id: String, _ numerator: Int, of denominator: Int, missingIssue: Int) -> Metric {
        var metric = Metric(id: id, n: max(0, denominator), unit: .share)
        metric.numerator = Int64(numerator)
        metric.denominator = Int64(max(0, denominator))
        metric.value = denominator > 0 ? Double(numerator) / Double(denominator) : nil
        metric.interval = Interval.wilson(Int64(numerator), of: Int64(max(0, denominator)))
        metric.open = id == "noShow" ? 0 : waitingNow
        if missingIssue > 0 { metric.excluded = [Metric.Excluded(reason: "missingIssue", count: missingIssue)] }
        return metric
    }
}
