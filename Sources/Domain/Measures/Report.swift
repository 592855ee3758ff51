/// What a supervisor reads: metrics over a period and a scope, with groups (DOMAIN.md §A).
public struct Report: Hashable, Sendable {
    /// What the groups are.
    public enum Grouping: String, Hashable, Sendable, CaseIterable {
        case office, counter, service, hour, cause
        /// How dossiers came in.
        case channel
    }

    public struct Group: Hashable, Sendable {
        public var key: String
        public var metrics: [Metric]

        public init(key: String, metrics: [Metric]) {
            self.key = key
            self.metrics = metrics
        }
    }

    /// Inclusive.
    public var from: LocalDay
    /// Exclusive.
    public var to: LocalDay
    public var asOf: Instant
    /// The office's id, or `all`.
    public var scope: String
    /// For writing `asOf`.
    public var clock: OfficeClock
    public var metrics: [Metric]
    public var groups: [Group]
    /// What people said of stretches of the period, with what it touches.
    public var annotations: [AnnotationNote] = []
    /// What the figures rest on and nobody has verified.
    public var unverified = UnverifiedProfiles([])

    public init(
        from: LocalDay, to: LocalDay, asOf: Instant, scope: String, clock: OfficeClock, metrics: [Metric],
        groups: [Group]
    ) {
        self.from = from
        self.to = to
        self.asOf = asOf
        self.scope = scope
        self.clock = clock
        self.metrics = metrics
        self.groups = groups
    }

    /// One JSON object as DOMAIN.md §A says, and `annotations` and `unverified` (profiles) where there are any; absent
    /// is no data.
    public var json: String {
        var out = "{\"from\":\"\(from)\",\"to\":\"\(to)\",\"asOf\":\"\(clock.text(asOf))\",\"scope\":"
        out += jsonString(scope) + ",\"metrics\":[" + metrics.map(\.json).joined(separator: ",") + "],\"groups\":["
        out += groups.map { group in
            "{\"key\":" + jsonString(group.key) + ",\"metrics\":["
                + group.metrics.map(\.json).joined(separator: ",") + "]}"
        }.joined(separator: ",")
        if !annotations.isEmpty {
            out += "],\"annotations\":[" + annotations.map { $0.json }.joined(separator: ",")
        }
        if !unverified.ids.isEmpty {
            out += "],\"unverified\":[" + unverified.ids.map(jsonString).joined(separator: ",")
        }
        return out + "]}"
    }
}

extension Metric {
    /// `{id, n, numerator, denominator, value, excluded, open, mean, p50, …}`: durations integer milliseconds, shares
    /// 0…1, absent values left out.
    public var json: String {
        var parts = ["\"id\":" + jsonString(id), "\"n\":\(n)"]
        func add(_ key: String, _ value: Int64?) {
            if let value { parts.append("\"\(key)\":\(value)") }
        }
        func add(_ key: String, share: Double?) {
            if let share { parts.append("\"\(key)\":\(share)") }
        }
        add("numerator", numerator)
        add("denominator", denominator)
        if let value {
            if unit == .share { add("value", share: value) } else { add("value", Int64(value.rounded())) }
        }
        let reasons = excluded.map { jsonString($0.reason) + ":\($0.count)" }.joined(separator: ",")
        parts.append("\"excluded\":{" + reasons + "}")
        parts.append("\"open\":\(open)")
        if let mean { add("mean", Int64(mean.rounded())) }
        add("p50", p50)
        add("p90", p90)
        add("p95", p95)
        add("p99", p99)
        add("max", max)
        func add(_ key: String, _ interval: Interval?, asShare: Bool) {
            guard let interval else { return }
            if asShare {
                parts.append("\"\(key)\":[\(interval.low),\(interval.high)]")
            } else {
                parts.append("\"\(key)\":[\(Int64(interval.low)),\(Int64(interval.high))]")
            }
        }
        add("interval", interval, asShare: true)
        add("p50Interval", p50Interval, asShare: false)
        add("p90Interval", p90Interval, asShare: false)
        if let bounds { parts.append("\"bounds\":[\(bounds.low),\(bounds.high.map(String.init) ?? "null")]") }
        add("over15min", share: over15min)
        add("over30min", share: over30min)
        return "{" + parts.joined(separator: ",") + "}"
    }
}
