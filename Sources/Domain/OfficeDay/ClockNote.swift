/// What a device's clock was worth from a moment on, as an agent told it (DOMAIN.md §4).
public struct ClockNote: Hashable, Sendable {
    public var device: String
    public var from: Instant
    /// `DeviceClock.State` by name.
    public var state: String
    /// Observed − stamped, and its growth per day, in milliseconds.
    public var offset: Int64?
    public var drift: Int64?
    /// Known since an earlier day and told again at midnight.
    public var isRestated: Bool

    public init(device: String, from: Instant, state: String, offset: Int64?, drift: Int64?, isRestated: Bool) {
        self.device = device
        self.from = from
        self.state = state
        self.offset = offset
        self.drift = drift
        self.isRestated = isRestated
    }

    /// A clock that is wrong by less than this, in milliseconds, and steadily so, asks nobody to act: every figure bears
    /// our own time, and people read a device's clock by the minute.
    public static let harmlessOffset: UInt64 = 60_000

    /// Whether somebody should look at that clock.
    public var isFault: Bool {
        switch DeviceClock.State(rawValue: state) {
        case .some(.trusted), .some(.none): false
        case .some(.skewed): (offset?.magnitude ?? .max) >= Self.harmlessOffset
        default: true
        }
    }
}

extension OfficeDay {
    /// Changes that one day keeps.
    static let clockNoteLimit = 1_000

    mutating func noteClock(_ state: String, offset: Int64?, drift: Int64?, _ fact: Fact) {
        guard clockNotes.count < Self.clockNoteLimit else { return }
        clockNotes.append(
            ClockNote(
                device: name(ofDevice: fact.device), from: fact.at, state: state, offset: offset, drift: drift,
                isRestated: fact.isRestated))
    }
}
