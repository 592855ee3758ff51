/// Why bytes are not a record, a batch or a receipt. Permanent: the same bytes will never decode.
public struct RecordError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// Not protobuf, or not this message.
        case malformed
        /// Longer or more numerous than the bounds in `RecordLimits`.
        case tooLarge
        /// A value outside of what the domain allows: a moment outside the years 1 to 9999, hours that overlap.
        case outOfRange
        /// The chain of hashes does not hold.
        case brokenChain
    }

    public var reason: Reason
    /// What was wrong, for a person.
    public var detail: String

    public init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }

    public var description: String { "\(reason.rawValue): \(detail)" }
}

/// Bounds on both sides of the wire. What is larger is refused, and the refusal is counted.
public enum RecordLimits {
    /// A record: an event is a few hundred bytes, a site revision carries its file.
    public static let recordBytes = 1_048_576
    /// A batch as the agent makes it; one record larger than this travels alone.
    public static let batchBytes = 262_144
    public static let batchRecords = 500
    /// What a collector need accept: a batch of one largest record, with room for its frame.
    public static let requestBytes = 2_097_152
}
