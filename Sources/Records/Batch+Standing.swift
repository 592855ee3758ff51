extension Batch {
    /// How a batch stands to what a receiver already has of its epoch.
    public enum Standing: Hashable, Sendable {
        /// `records[from...]` are new and the chain holds; after them the receiver's chain is `chain`.
        case next(from: Int, chain: Chain)
        /// Everything in it is already there (compare digests to be sure that it is the same).
        case past
        /// Numbers before it are missing and not declared lost.
        case ahead(missing: ClosedRange<UInt64>)
        /// The records do not lead from what the receiver has to what the batch claims: other bytes under old numbers.
        case broken
    }

    /// The one rule of ingest, shared by the collector and the simulator. `known` is the receiver's chain for this
    /// (agent, epoch); for an epoch it never saw, `Chain(agent:epoch:)`.
    ///
    /// Where numbers just before the batch were declared lost, the chain is taken up at the batch's `previousHash`: the
    /// digests of the lost records are gone, and the receiver shows that.
    public func standing(after known: Chain) -> Standing {
        guard isChained() else { return .broken }
        guard first <= known.sequence &+ 1 else {
            let missing = (known.sequence + 1)...(first - 1)
            guard let gap = uncovered(missing) else { return records.isEmpty ? .past : joined(at: 0) }
            return .ahead(missing: gap)
        }
        guard last > known.sequence else { return .past }
        guard var chain = Chain(sequence: first - 1, hash: previousHash) else { return .broken }
        for (index, record) in records.enumerated() {
            if chain.sequence == known.sequence {
                return chain.hash == known.hash ? joined(at: index) : .broken
            }
            chain.append(record)
        }
        return .broken
    }

    private func joined(at index: Int) -> Standing {
        Chain(sequence: last, hash: hash).map { .next(from: index, chain: $0) } ?? .broken
    }

    /// The first part of `range` that no loss declares; `nil` if all of it is declared.
    private func uncovered(_ range: ClosedRange<UInt64>) -> ClosedRange<UInt64>? {
        var next = range.lowerBound
        for lost in self.lost where lost.range.upperBound >= next {
            if lost.range.lowerBound > next { return next...min(lost.range.lowerBound - 1, range.upperBound) }
            if lost.range.upperBound >= range.upperBound { return nil }
            next = lost.range.upperBound + 1
        }
        return next...range.upperBound
    }
}
