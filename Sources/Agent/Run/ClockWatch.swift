public import Domain

/// Notices steps of the wall clock: between two looks it must have moved as far as a clock that cannot be set.
public struct ClockWatch: Hashable, Sendable {
    /// Smaller differences are drift and scheduling, in milliseconds.
    public static let tolerance: Int64 = 500

    private var wall: Instant
    private var steady: Int64

    /// `steady`: milliseconds of a clock that only goes forward.
    public init(wall: Instant, steady: Int64) {
        self.wall = wall
        self.steady = steady
    }

    /// The step since the last look, in milliseconds; `nil` if there was none.
    public mutating func look(wall: Instant, steady: Int64) -> Int64? {
        let step = (wall - self.wall) - (steady - self.steady)
        self.wall = wall
        self.steady = steady
        return step.magnitude > UInt64(Self.tolerance) ? step : nil
    }
}
