/// What one collector takes; reaching a bound is counted and answered, never silent.
public struct IngestLimits: Hashable, Sendable {
    /// Bytes of one request.
    public var requestBytes: Int
    /// Spools (agent and epoch) that may be known.
    public var spools: Int
    /// Batches that may wait for the disk; more are told to come back.
    public var waiting: Int
    /// Batches that share one transaction and one fsync.
    public var group: Int

    public init(requestBytes: Int = 4_194_304, spools: Int = 100_000, waiting: Int = 256, group: Int = 64) {
        self.requestBytes = requestBytes
        self.spools = spools
        self.waiting = waiting
        self.group = group
    }
}

/// Why a batch was not taken, sorted by what the agent does about it.
public enum IngestError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The same bytes will never do (HTTP 400).
    case refused(reason: String, detail: String)
    /// More than this collector takes (413).
    case tooLarge(limit: Int)
    /// Come back later (503): too many at once, the disk is full or failed. Nothing was acknowledged.
    case unavailable(reason: String, detail: String)

    /// For a counter: few words, no evidence.
    public var reason: String {
        switch self {
        case .refused(let reason, _), .unavailable(let reason, _): reason
        case .tooLarge: "tooLarge"
        }
    }

    public var description: String {
        switch self {
        case .refused(let reason, let detail), .unavailable(let reason, let detail): "\(reason): \(detail)"
        case .tooLarge(let limit): "tooLarge: at most \(limit) bytes per request"
        }
    }
}
