public import Domain

/// The agent's own time: the wall clock between whose readings a clock that nobody sets keeps time.
///
/// When the wall clock is set by a little (an NTP correction, a hand), what was measured and what will be measured must
/// still belong together: a ticket issued before the step and called after it waited as long as it waited. So time goes
/// on as before the step until the local day is over, and the step is told as an event. A step of more than
/// `holdLimit` means that the time before it was wrong altogether; then the new time is taken at once.
public struct SteadyTime: Hashable, Sendable {
    /// Smaller differences are drift and scheduling, in milliseconds.
    public static let tolerance: Int64 = 500
    /// Larger steps are taken at once, in milliseconds.
    public static let holdLimit: Int64 = 900_000

    private let clock: OfficeClock
    private var wall: Instant
    private var steady: Int64
    /// Wall minus our time: the steps that are held back.
    private(set) var held: Int64 = 0
    private var heldBefore: Int64 = 0

    /// `steady`: milliseconds of a clock that only goes forward, also while the machine sleeps.
    public init(wall: Instant, steady: Int64, clock: OfficeClock) {
        self.clock = clock
        self.wall = wall
        self.steady = steady
    }

    /// Compares both clocks; the step since the last look in milliseconds, `nil` if there was none.
    public mutating func look(wall: Instant, steady: Int64) -> Int64? {
        let step = (wall - self.wall) - (steady - self.steady)
        let before = now
        self.wall = wall
        self.steady = steady
        let isStep = step.magnitude > UInt64(Self.tolerance)
        if isStep {
            heldBefore = held
            held = step.magnitude <= UInt64(Self.holdLimit) ? held &+ step : 0
        }
        if held != 0, clock.day(of: now) > clock.day(of: before) {
            // A new office-day stands alone: from here on the wall clock is right.
            heldBefore = held
            held = 0
        }
        return isStep ? step : nil
    }

    /// The time at the last look.
    public var now: Instant { wall - held }

    /// When something happened that the kernel stamped with the wall clock: stamped before the last step or after it,
    /// whichever is nearer to now.
    public func time(ofWall stamped: Instant) -> Instant {
        let (after, before) = (stamped - held, stamped - heldBefore)
        return (after - now).magnitude <= (before - now).magnitude ? after : before
    }
}
