/// What became of the events of an office-day. Each is in exactly one place, so that what goes in comes out:
/// everything that was handed over (copies of one event count once) is `total`.
public struct EventFates: Hashable, Sendable {
    /// Had a row in a table: a state, a counter, a measure changed or was confirmed.
    public var applied = 0
    /// Led to the state that held already.
    public var repeated = 0
    /// A state told again; sets what is known of a device, is never a change.
    public var restated = 0
    /// Evidence of life.
    public var heard = 0
    /// Of a kind, or about a device, that the office-day does not compute with.
    public var noted = 0
    /// Did not fit: no row, an unknown number or counter, a bound. Counted by reason in `anomalies`.
    public var unfit = 0
    /// A second witness of an event that counts once.
    public var witnessed = 0
    /// Of another office or another day.
    public var otherDay = 0
    /// In the log of the day and no event of it: dossiers and annotations.
    public var aside = 0

    public init() {}

    /// Events that the fold took in, second witnesses and strangers not counted.
    public var taken: Int { applied + repeated + restated + heard + noted + unfit }
    public var total: Int { taken + witnessed + otherDay + aside }

    subscript(_ fate: Fate) -> Int {
        get {
            switch fate {
            case .applied: applied
            case .repeated: repeated
            case .restated: restated
            case .heard: heard
            case .noted: noted
            case .unfit: unfit
            case .witnessed: witnessed
            case .otherDay: otherDay
            }
        }
        set {
            switch fate {
            case .applied: applied = newValue
            case .repeated: repeated = newValue
            case .restated: restated = newValue
            case .heard: heard = newValue
            case .noted: noted = newValue
            case .unfit: unfit = newValue
            case .witnessed: witnessed = newValue
            case .otherDay: otherDay = newValue
            }
        }
    }

    enum Fate: Sendable {
        case applied, repeated, restated, heard, noted, unfit, witnessed, otherDay
    }
}

/// Why an event did not fit, or only in part; `rawValue` is the reason in `OfficeDayResult.anomalies`.
enum Misfit: String, Sendable, CaseIterable {
    case badRating, badSnapshot, otherDay
    case repeated = "repeat"
    case tooManyAnnotations, tooManyCalls, tooManyFacts, tooManyQueues, tooManyTickets, unexpected, unknownCounter,
        unknownTicket
}

/// Counts by reason.
struct MisfitCounts: Sendable {
    private var counts = Array(repeating: 0, count: Misfit.allCases.count)

    mutating func add(_ misfit: Misfit) {
        // Rare enough for a search.
        if let index = Misfit.allCases.firstIndex(of: misfit) { counts[index] += 1 }
    }

    /// Sorted by reason; what did not happen is left out.
    var anomalies: [OfficeDayResult.Anomaly] {
        zip(Misfit.allCases, counts).filter { $0.1 > 0 }
            .map { OfficeDayResult.Anomaly(reason: $0.0.rawValue, count: $0.1) }
            .sorted { $0.reason < $1.reason }
    }
}
