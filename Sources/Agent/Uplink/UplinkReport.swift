/// What the uplink says about itself.
public struct UplinkReport: Hashable, Sendable {
    /// What went wrong last; `nil` while all is well.
    public var problem: String?
    public var batches: UInt64 = 0
    public var failures: UInt64 = 0
    /// The collector's clock minus this one's, in milliseconds, as of the last receipt; the true value lies within
    /// half of `roundTrip`.
    public var clockOffset: Int64?
    public var roundTrip: Int64?

    public init() {}
}
