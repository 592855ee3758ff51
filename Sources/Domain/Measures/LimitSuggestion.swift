/// What the data say about the longest believable service of a service. Data only propose: the site file sets `maxService`.
///
/// A ticket that somebody forgot to end counts as hours of service, so the limit must not follow the largest values: with
/// fewer than two hundred services the 99.5th percentile *is* the largest one. It is therefore held between two fences
/// that half of the data could not move: with S = 1.4826 × MAD (the median absolute deviation, which estimates a standard
/// deviation), at least half a minute,
///
///     limit = p99.5 (nearest rank), not below median + 3 S, not above median + 12 S, rounded up to whole minutes.
///
/// Services are right-skewed: the upper fence lies beyond the 99.9th percentile of lognormal times with σ ≤ 0.7.
public struct LimitSuggestion: Hashable, Sendable {
    /// Services of fewer are not enough data.
    public static let minimum = 50
    public static let rule =
        "nearest-rank p99.5, not below median + 3 S and not above median + 12 S, S = 1.4826 x MAD (at least 30 s), "
        + "rounded up to whole minutes; at least \(minimum) ended services"

    public var service: String
    /// Ended services with a known start and end, suspects included: a limit that left them out would never rise.
    public var n: Int
    public var median: Int64?
    public var deviation: Int64?
    public var p995: Int64?
    public var longest: Int64?
    /// Milliseconds; `nil`: not enough data.
    public var limit: Int64?
    /// How many of the n are longer than the limit.
    public var beyond: Int?

    public init(service: String, durations: [Int64]) {
        self.service = service
        n = durations.count
        let sorted = durations.map { max(0, $0) }.sorted()
        guard let middle = Distribution.nearestRank(sorted, perMille: 500),
            let high = Distribution.nearestRank(sorted, perMille: 995)
        else { return }
        let deviations = sorted.map { abs($0 - middle) }.sorted()
        let mad = Distribution.nearestRank(deviations, perMille: 500) ?? 0
        median = middle
        deviation = mad
        p995 = high
        longest = sorted.last
        guard n >= Self.minimum else { return }
        let spread = max(30_000, Int64((1.4826 * Double(mad)).rounded()))
        let held = min(max(high, middle + 3 * spread), middle + 12 * spread)
        let minutes = min(1_440, max(1, (held + 59_999) / 60_000))
        limit = minutes * 60_000
        beyond = sorted.count { $0 > minutes * 60_000 }
    }

    /// The services of a set of office-days, by service id.
    public static func make(of days: [OfficeDayResult]) -> [LimitSuggestion] {
        var durations: [String: [Int64]] = [:]
        for day in days {
            for service in day.site.services { durations[service.id, default: []] += [] }
            for visit in day.visits {
                for (index, leg) in visit.legs.enumerated() {
                    guard let service = leg.service else { continue }
                    let isLast = index == visit.legs.count - 1
                    // A start that was inferred and an end that nobody knows make no duration. An end by the next call does:
                    // it is how such an office ends its services.
                    guard leg.started != nil, !isLast || (visit.outcome == .served && visit.finished != nil),
                        !(isLast && visit.flags.contains(.inferredStart))
                    else { continue }
                    durations[service, default: []].append(leg.serving)
                }
            }
        }
        return durations.keys.sorted().map { LimitSuggestion(service: $0, durations: durations[$0] ?? []) }
    }
}
