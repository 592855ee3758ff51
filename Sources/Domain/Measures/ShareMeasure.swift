/// The shares that are made of stays, and where each stay stands in each of them.
enum ShareMeasure: Hashable, Sendable, CaseIterable {
    case abandonment, noShow, negative, ignored, positive

    func id(_ limit: Int64) -> String {
        switch self {
        case .abandonment: "abandonment"
        case .noShow: "noShow"
        case .negative: ServiceLevel.negative.id(limit)
        case .ignored: ServiceLevel.ignored.id(limit)
        case .positive: ServiceLevel.positive.id(limit)
        }
    }

    enum Place: Hashable, Sendable {
        /// In the numerator and in the denominator.
        case hit
        /// In the denominator only.
        case miss
        /// In the denominator, not yet decided.
        case undecided
        case excluded(String)
        /// Not what the share is about (a no-show share is about those who were called).
        case apart
    }

    /// - Parameter limit: of the service levels, milliseconds.
    func place(of stay: Stay, isFinal: Bool, limit: Int64) -> Place {
        if self == .noShow {
            guard stay.isCalled else { return .apart }
            return stay.end == .noShow ? .hit : .miss
        }
        guard stay.isIssued else { return .excluded("missingIssue") }
        if stay.isCalled {
            if self == .abandonment { return .miss }
            return stay.waitFirst <= limit ? .hit : .miss
        }
        guard stay.end == .left || (stay.isWaiting && isFinal) else { return .undecided }
        let leftEarly = stay.wait <= limit
        switch self {
        case .abandonment: return .hit
        case .ignored: return leftEarly ? .excluded("abandonedInTime") : .miss
        case .positive: return leftEarly ? .hit : .miss
        case .negative, .noShow: return .miss
        }
    }
}
