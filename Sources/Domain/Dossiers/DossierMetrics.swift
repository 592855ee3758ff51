/// The metrics of dossiers (DOMAIN.md §5). A dossier belongs to the period in which it was received, for all three: what
/// was returned is then a part of what was received, and no share can exceed one.
public enum DossierMetrics {
    public enum Measure: String, Hashable, Sendable, CaseIterable {
        /// Returned on or before due / received (law): what is not returned yet is in the denominator, and open.
        case received = "onTime.received"
        /// Returned on or before due / returned.
        case finished = "onTime.finished"
        /// From receipt to return.
        case duration = "dossier.duration"
    }

    enum Place: Hashable, Sendable {
        case hit, miss
        /// Not returned: in the denominator of `received`, outside of the others.
        case open
        case excluded(String)
        case counted(Int64)
    }

    static func place(of dossier: Dossier, in measure: Measure, asOf: Instant) -> Place {
        guard dossier.received != nil else { return .excluded("missingReceipt") }
        let isReturned = dossier.isReturned(asOf: asOf)
        switch measure {
        case .received, .finished:
            guard dossier.due != nil else { return .excluded("noDue") }
            guard isReturned, let isOnTime = dossier.isOnTime else { return .open }
            return isOnTime ? .hit : .miss
        case .duration:
            guard isReturned, let returned = dossier.returned, let received = dossier.received else { return .open }
            return returned < received ? .excluded("returnedBeforeReceipt") : .counted(returned - received)
        }
    }

    /// Quantiles are nearest ranks of raw values: an office's dossiers are folded together, however long they take.
    public static func metrics(_ dossiers: [Dossier], asOf: Instant) -> [Metric] {
        Measure.allCases.map { measure in
            var hits = 0
            var all = 0
            var open = 0
            var excluded: [String: Int] = [:]
            var durations = Distribution()
            for dossier in dossiers {
                switch place(of: dossier, in: measure, asOf: asOf) {
                case .hit:
                    hits += 1
                    all += 1
                case .miss: all += 1
                case .open:
                    open += 1
                    if measure == .received { all += 1 }
                case .excluded(let reason): excluded[reason, default: 0] += 1
                case .counted(let value): durations.add(value, day: 0)
                }
            }
            var metric: Metric
            if measure == .duration {
                metric = Metric(id: measure.rawValue, n: 0, unit: .milliseconds)
                durations.fill(&metric)
                // Limits of minutes say nothing about weeks.
                metric.over15min = nil
                metric.over30min = nil
            } else {
                metric = Metric(share: measure.rawValue, hits, of: all)
            }
            metric.open = open
            metric.excluded = Metric.Excluded.list(excluded)
            return metric
        }
    }
}
