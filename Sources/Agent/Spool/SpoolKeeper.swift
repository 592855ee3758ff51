public import Domain
import Records

/// The one owner of a spool: gathers what several feeds append into group commits, and hands portions to the uplink.
public actor SpoolKeeper {
    private let spool: Spool
    /// A commit waits this long for company, or until so many records wait.
    private let window: Duration
    private let groupRecords: Int
    private var waiters: [CheckedContinuation<SpoolError?, Never>] = []
    private var flush: Task<Void, Never>?
    private let signal: AsyncStream<Void>.Continuation
    /// Yields when something new is durable, and when somebody asks the uplink to look again.
    public nonisolated let news: AsyncStream<Void>
    /// What the uplink says about itself, for whoever waits for it.
    public private(set) var uplink = UplinkReport()

    public init(_ spool: sending Spool, window: Duration = .milliseconds(20), groupRecords: Int = 500) {
        self.spool = spool
        self.window = window
        self.groupRecords = groupRecords
        (news, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Appends and returns when all of it is on stable storage, at most one window and one synchronisation later.
    /// Throws what the commit threw; the records still wait and are tried again with the next commit.
    @discardableResult
    public func append(_ entries: [Spool.Entry]) async throws(SpoolError) -> [Spool.Appended] {
        var out: [Spool.Appended] = []
        for entry in entries { out.append(try spool.append(entry)) }
        if spool.pendingCount >= groupRecords {
            flushNow()
            if let failure = lastFailure, spool.pendingCount > 0 { throw failure }
            return out
        }
        guard spool.pendingCount > 0 else { return out }
        if flush == nil {
            flush = Task { [window] in
                try? await Task.sleep(for: window)
                self.flushNow()
            }
        }
        let failure = await withCheckedContinuation { waiters.append($0) }
        if let failure { throw failure }
        return out
    }

    /// Notes by which profiles the devices are heard that nobody has verified.
    public func hear(byUnverified profiles: [String]) { spool.hear(byUnverified: profiles) }

    /// Makes everything appended durable now.
    public func commit() throws(SpoolError) {
        flushNow()
        if let failure = lastFailure { throw failure }
    }

    private var lastFailure: SpoolError?

    private func flushNow() {
        flush?.cancel()
        flush = nil
        let before = spool.durable
        lastFailure = nil
        do {
            try spool.commit()
        } catch {
            lastFailure = error
        }
        let woken = waiters
        waiters = []
        for waiter in woken { waiter.resume(returning: lastFailure) }
        if spool.durable > before { signal.yield() }
    }

    /// The next portion to send, marked as dispatched before it is handed out.
    public func nextPortion(records: Int, bytes: Int) throws(SpoolError) -> Spool.Portion? {
        guard let portion = try spool.read(after: spool.acknowledged, records: records, bytes: bytes) else {
            return nil
        }
        spool.markDispatched(portion)
        return portion
    }

    public func acknowledge(through number: UInt64) throws(SpoolError) {
        try spool.acknowledge(through: number)
    }

    /// Commits, seals, and lets go of the folder's files.
    public func close() throws(SpoolError) {
        flushNow()
        signal.finish()
        try spool.close()
    }

    public func note(_ report: UplinkReport) { uplink = report }

    /// Lets the uplink look again at once.
    public func nudge() { signal.yield() }

    public var agent: String { spool.agent }
    public var epoch: Epoch { spool.epoch }
    public var durable: UInt64 { spool.durable }
    public var acknowledged: UInt64 { spool.acknowledged }
    public var lastRecorded: Instant? { spool.lastRecorded }
    public var counters: SpoolCounters { spool.counters }
    public var lastError: String? { spool.lastError }
    public func lastPosition(_ feed: String) -> UInt64? { spool.lastPosition(feed) }
    public func hasRoom(for bytes: Int) -> Bool { spool.hasRoom(for: bytes) }
    public var isDrained: Bool { spool.acknowledged >= spool.durable && spool.pendingCount == 0 }
}
