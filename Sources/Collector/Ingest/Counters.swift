import Synchronization

/// What came in and what became of it, since the process started. Each arrow has one: records = stored + duplicates +
/// conflicts + records of refused batches.
public final class Counters: Sendable {
    public struct Values: Hashable, Sendable {
        public var batches = 0
        public var bytes = 0
        public var records = 0
        public var stored = 0
        public var duplicates = 0
        public var conflicts = 0
        /// Records in batches that were not what the agent hashed, and not stored.
        public var refusedRecords = 0
        public var undecodable = 0
        public var chainBreaks = 0
        /// Requests that were not taken, by reason.
        public var rejected: [String: Int] = [:]
        public var commits = 0
        public var commitSeconds = 0.0
        public var folds = 0
        public var refolds = 0
        public var foldSeconds = 0.0
        public var answers = 0
        public var refusedAnswers = 0
    }

    private let values = Mutex(Values())

    public init() {}

    public var now: Values { values.withLock { $0 } }

    func add(_ change: (inout Values) -> Void) { values.withLock { change(&$0) } }
}
