/// What metrics count: a whole visit for an office, one leg for a counter or a service (DOMAIN.md §5).
struct Stay: Sendable {
    enum End: Sendable {
        case served, noShow, left, open
        /// The leg was closed by a transfer: its service ended, the visit went on.
        case transferred
    }

    var end: End
    var isIssued: Bool
    var isCalled: Bool
    var isFinishKnown: Bool
    var hasInferredStart: Bool
    var hasMissingCall: Bool
    /// The first suspect reason in alphabetical order; such stays leave time statistics.
    var suspect: String?
    var waitFirst: Int64
    var waitLast: Int64?
    var wait: Int64
    var walk: Int64?
    var isStarted: Bool
    var service: Int64
    var calling: Int64
    var hold: Int64
    var causes: WaitCauses
    /// Still waiting, never called: abandoned once the day is over.
    var isWaiting: Bool

    var sojourn: Int64 { wait + calling + service + hold }

    init(_ visit: Visit) {
        let first = visit.legs.first
        end =
            switch visit.outcome {
            case .served: .served
            case .noShow: .noShow
            case .left: .left
            case .open: .open
            }
        isIssued = visit.issued != nil
        isCalled = visit.legs.contains { $0.called != nil }
        isFinishKnown = visit.finished != nil
        hasInferredStart = visit.flags.contains(.inferredStart)
        hasMissingCall = visit.flags.contains(.missingCall)
        suspect = Self.suspectReason(visit)
        waitFirst = first?.waitToFirstCall ?? 0
        let called = visit.legs.compactMap(Self.waitUntilLastCall)
        waitLast = called.isEmpty ? nil : called.reduce(0, +)
        wait = visit.wait
        walk = first?.walk
        isStarted = visit.legs.contains { $0.started != nil }
        service = visit.service
        calling = visit.calling
        hold = visit.hold
        causes = visit.causes
        isWaiting = visit.outcome == .open && !isCalled
    }

    init(_ leg: Leg, at index: Int, of visit: Visit) {
        let isLast = index == visit.legs.count - 1
        let whole = Stay(visit)
        end = isLast ? whole.end : .transferred
        isIssued = index > 0 || visit.issued != nil
        isCalled = leg.called != nil
        isFinishKnown = !isLast || visit.finished != nil
        hasInferredStart = isLast && whole.hasInferredStart
        hasMissingCall = leg.called != nil && leg.called == leg.started && visit.flags.contains(.missingCall)
        suspect = whole.suspect
        waitFirst = leg.waitToFirstCall
        waitLast = Self.waitUntilLastCall(leg)
        wait = leg.wait
        walk = leg.walk
        isStarted = leg.started != nil
        service = leg.serving
        calling = leg.calling
        hold = leg.hold
        causes = leg.causes
        isWaiting = isLast && visit.outcome == .open && leg.called == nil
    }

    private static func waitUntilLastCall(_ leg: Leg) -> Int64? {
        leg.called == nil ? nil : leg.waitToLastCall
    }

    private static func suspectReason(_ visit: Visit) -> String? {
        guard visit.isSuspect else { return nil }
        let reasons = visit.flags.filter { $0 == .maxService || $0 == .overlap || $0 == .unexpected }
        return reasons.map(\.rawValue).min() ?? VisitFlag.suspect.rawValue
    }
}
