import Domain
public import Records

/// Takes batches in. A receipt is given after the commit that holds the records is on stable storage; batches that wait
/// together share one commit.
public actor Ingest {
    private struct Waiting {
        var batch: PreparedBatch
        var answer: CheckedContinuation<BatchOutcome, any Error>
    }

    private let store: Store
    private let limits: IngestLimits
    private let counters: Counters
    private let now: @Sendable () -> Instant
    private let touched: @Sendable ([BatchOutcome.Touched]) async -> Void
    private var waiting: [Waiting] = []
    private var isCommitting = false
    /// Set when the disk failed: a retried fsync lies, so nothing more is acknowledged until a restart has looked.
    private(set) var failure: String?

    init(
        store: Store, limits: IngestLimits = IngestLimits(), counters: Counters, now: @escaping @Sendable () -> Instant,
        touched: @escaping @Sendable ([BatchOutcome.Touched]) async -> Void
    ) {
        self.store = store
        self.limits = limits
        self.counters = counters
        self.now = now
        self.touched = touched
    }

    /// The body of `POST /api/v1/ingest`. Throws `IngestError`; whatever is thrown, nothing was acknowledged.
    public nonisolated func accept(_ body: [UInt8]) async throws -> Receipt {
        do {
            guard body.count <= limits.requestBytes else { throw IngestError.tooLarge(limit: limits.requestBytes) }
            let batch: Batch
            do throws(RecordError) {
                batch = try Batch(decoding: body)
            } catch {
                throw IngestError.refused(reason: error.reason.rawValue, detail: error.detail)
            }
            let prepared = PreparedBatch(batch)
            counters.add {
                $0.batches += 1
                $0.bytes += body.count
                $0.records += batch.records.count
            }
            let outcome: BatchOutcome
            do {
                outcome = try await commit(prepared)
            } catch {
                counters.add { $0.refusedRecords += batch.records.count }
                throw error
            }
            counters.add {
                $0.stored += outcome.stored
                $0.duplicates += outcome.duplicates
                $0.conflicts += outcome.conflicts
                $0.refusedRecords +=
                    batch.records.count - outcome.stored - outcome.duplicates - outcome.conflicts
                $0.undecodable += outcome.undecodable
                $0.chainBreaks += outcome.chainBreaks
            }
            guard !outcome.isRefused else {
                throw IngestError.refused(
                    reason: RecordError.Reason.brokenChain.rawValue,
                    detail: "records \(batch.first)-\(batch.last) do not lead from the batch's first hash to its last")
            }
            if !outcome.touched.isEmpty { await touched(outcome.touched) }
            return Receipt(
                agent: batch.agent, epoch: batch.epoch, acknowledgedThrough: outcome.through, hash: outcome.chain,
                received: now(), problem: outcome.problem)
        } catch let error as IngestError {
            throw counted(error)
        }
    }

    /// Counts a refusal; also for what never became a body.
    nonisolated func counted(_ error: IngestError) -> IngestError {
        counters.add { $0.rejected[error.reason, default: 0] += 1 }
        return error
    }

    private func commit(_ batch: PreparedBatch) async throws -> BatchOutcome {
        if let failure { throw IngestError.unavailable(reason: "storeFailed", detail: failure) }
        guard waiting.count < limits.waiting else {
            throw IngestError.unavailable(reason: "busy", detail: "\(waiting.count) batches wait for the disk")
        }
        return try await withCheckedThrowingContinuation { answer in
            waiting.append(Waiting(batch: batch, answer: answer))
            guard !isCommitting else { return }
            isCommitting = true
            Task { await self.commitWaiting() }
        }
    }

    private func commitWaiting() async {
        while !waiting.isEmpty {
            let group = Array(waiting.prefix(limits.group))
            waiting.removeFirst(group.count)
            let clock = ContinuousClock()
            let start = clock.now
            do {
                let outcomes = try await store.append(group.map(\.batch), at: now(), limits: limits)
                let duration = start.duration(to: clock.now)
                counters.add {
                    $0.commits += 1
                    $0.commitSeconds += duration / .seconds(1)
                }
                for (one, outcome) in zip(group, outcomes) {
                    if let outcome {
                        one.answer.resume(returning: outcome)
                    } else {
                        one.answer.resume(
                            throwing: IngestError.refused(
                                reason: "tooManySpools", detail: "this collector knows \(limits.spools) spools"))
                    }
                }
            } catch {
                let refusal = sorted(error)
                for one in group { one.answer.resume(throwing: refusal) }
            }
        }
        isCommitting = false
    }

    private func sorted(_ error: any Error) -> IngestError {
        switch error {
        case StoreError.full(let text): return .unavailable(reason: "diskFull", detail: text)
        case StoreError.failed(let text):
            failure = text
            return .unavailable(reason: "storeFailed", detail: text)
        default: return .unavailable(reason: "store", detail: "\(error)")
        }
    }
}
