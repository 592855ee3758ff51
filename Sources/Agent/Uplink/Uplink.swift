public import Records

/// Decides when to send what, and what an answer means. Told the time, keeps no clock and no connection: `UplinkService`
/// is the shell around it, and the simulator another.
public struct Uplink: Sendable {
    public struct Limits: Hashable, Sendable {
        public var records: Int
        public var bytes: Int
        /// Pauses after failures, in milliseconds: drawn from 0 … shortest × 2ⁿ, never beyond the longest.
        public var shortestPause: Int64
        public var longestPause: Int64
        /// A `Retry-After` is honoured up to here.
        public var longestRetryAfter: Int64

        public init(
            records: Int = RecordLimits.batchRecords, bytes: Int = RecordLimits.batchBytes, shortestPause: Int64 = 500,
            longestPause: Int64 = 300_000, longestRetryAfter: Int64 = 3_600_000
        ) {
            self.records = records
            self.bytes = bytes
            self.shortestPause = shortestPause
            self.longestPause = longestPause
            self.longestRetryAfter = longestRetryAfter
        }
    }

    public enum Action: Hashable, Sendable {
        /// Read up to so much and send it.
        case send(records: Int, bytes: Int)
        /// Look again after so many milliseconds.
        case wait(milliseconds: Int64)
        /// Nothing to send: look again when something is durable.
        case idle
    }

    public enum Failure: Hashable, Sendable {
        /// No answer: refused, reset, timed out.
        case unreachable(String)
        /// 429 and 5xx, with the header's milliseconds if it was there.
        case busy(status: Int, retryAfter: Int64?)
        /// 413: a smaller batch may pass.
        case tooLarge
        /// Any other status: sending the same again soon will not help. The records stay; nothing is thrown away because
        /// a proxy, a wrong URL or a newer collector said no.
        case refused(status: Int, String)
        /// An answer that is not a receipt for what was sent.
        case garbled(String)
    }

    public enum Meaning: Hashable, Sendable {
        /// The receiver has everything up to here.
        case acknowledged(through: UInt64)
        /// The receiver has less than it once confirmed (its store was replaced): what was freed in between is declared
        /// lost with the next batch.
        case regressed(Batch.Lost)
        /// Nothing new; the reason is in `problem`, and a pause follows.
        case stuck
    }

    public let limits: Limits
    private var attempts = 0
    private var notBefore: Int64?
    private var records: Int
    /// What went wrong last; `nil` after a success.
    public private(set) var problem: String?

    public init(limits: Limits = Limits()) {
        self.limits = limits
        records = limits.records
    }

    /// `pending`: durable records without a receipt. `now`: milliseconds of any clock that only goes forward.
    public func next(pending: UInt64, now: Int64) -> Action {
        guard pending > 0 else { return .idle }
        if let notBefore, now < notBefore { return .wait(milliseconds: notBefore - now) }
        return .send(records: records, bytes: limits.bytes)
    }

    /// `chance` is a random number, uniform over all values: the full jitter that keeps a thousand agents from knocking
    /// at once.
    public mutating func failed(_ failure: Failure, now: Int64, chance: UInt64) {
        attempts = min(attempts + 1, 62)
        let ceiling = min(limits.longestPause, limits.shortestPause << min(attempts, 24))
        var pause = Int64(chance % UInt64(max(1, ceiling)))
        switch failure {
        case .unreachable(let reason): problem = reason
        case .busy(let status, let retryAfter):
            problem = "the collector answered \(status)"
            if let retryAfter { pause = min(max(0, retryAfter), limits.longestRetryAfter) + pause / 4 }
        case .tooLarge:
            problem = "the collector answered 413: batch too large"
            if records > 1 {
                records = max(1, records / 2)
                pause = 0
            }
        case .refused(let status, let text):
            problem = "the collector answered \(status)\(text.isEmpty ? "" : ": " + text)"
            // Half the longest pause at least: a permanent answer is not asked for twice a second.
            pause = limits.longestPause / 2 + pause / 2
            if attempts <= 3 { pause = Int64(chance % UInt64(max(1, limits.shortestPause << attempts))) }
        case .garbled(let reason): problem = "not a receipt: " + reason
        }
        notBefore = now + pause
    }

    /// What a receipt for `portion` means. `acknowledged`: what the spool already had confirmed.
    public mutating func answered(
        _ receipt: Receipt, to portion: Spool.Portion, acknowledged: UInt64, now: Int64, chance: UInt64
    ) -> Meaning {
        let through = receipt.acknowledgedThrough
        if through == portion.last, receipt.hash != portion.chain.hash {
            failed(.garbled("the collector has other records under these numbers"), now: now, chance: chance)
            return .stuck
        }
        if through < acknowledged {
            let lost = Batch.Lost(through + 1...acknowledged, reason: "confirmed earlier, then freed here")
            if let problem = receipt.problem { self.problem = problem }
            failed(.garbled("the collector has less than it confirmed"), now: now, chance: chance)
            return .regressed(lost)
        }
        if through == acknowledged {
            failed(.garbled(receipt.problem ?? "nothing was taken"), now: now, chance: chance)
            return .stuck
        }
        attempts = 0
        notBefore = nil
        problem = receipt.problem
        records = min(limits.records, max(records, 1) * 2)
        return .acknowledged(through: through)
    }
}
