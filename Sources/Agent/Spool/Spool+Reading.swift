public import Domain
public import Records

extension Spool {
    /// Consecutive records on their way out, and what was lost just before them.
    public struct Portion: Hashable, Sendable {
        public var first: UInt64
        public var records: [[UInt8]]
        /// h of `first - 1`.
        public var previousHash: [UInt8]
        /// The chain through the last record.
        public var chain: Chain
        /// Numbers after the one asked for that can never be read.
        public var lost: [Batch.Lost]
        var feeds: [FeedMark]

        public var last: UInt64 { chain.sequence }
    }

    /// The durable records after a number, as many as fit (at least one), or `nil` if there is none. A damaged place met
    /// on the way is quarantined and stepped over; its numbers appear as `lost`.
    public func read(after number: UInt64, records: Int, bytes: Int) throws(SpoolError) -> Portion? {
        // Each round that does not return has quarantined a file, so the rounds end.
        for _ in 0...files.count {
            let start = max(number, state.acknowledged) + 1
            guard let (index, island) = place(of: start) else { return nil }
            let target = max(start, island.first)
            let result: Portion?
            do {
                result = try walk(index, island, from: target, records: records, bytes: bytes)
            } catch {
                failed(error)
                result = nil
            }
            if var portion = result {
                if target > start { portion.lost = [Batch.Lost(start...target - 1, reason: reason(of: start))] }
                return portion
            }
            readCursor = nil
            if index == files.count - 1 { seal() }
            heal(index, suspicious: true)
        }
        return nil
    }

    private func place(of number: UInt64) -> (Int, SegmentFile.Island)? {
        for (index, file) in files.enumerated() where file.last ?? 0 >= number {
            if let island = file.islands.first(where: { $0.last >= number }) { return (index, island) }
        }
        return nil
    }

    private func reason(of number: UInt64) -> String {
        (state.lost + unnamedLosses).first { $0.range.contains(number) }?.reason ?? "lost"
    }

    /// Reads along an island. `nil`: a damaged place before the first record that was asked for.
    private func walk(
        _ index: Int, _ island: SegmentFile.Island, from target: UInt64, records: Int, bytes: Int
    ) throws(DiskError) -> Portion? {
        let file = files[index]
        var offset = island.bytes.lowerBound
        if let cursor = readCursor, cursor.name == file.name, cursor.sequence <= target,
            island.bytes.contains(cursor.offset)
        {
            offset = cursor.offset
        }
        var portion: Portion?
        var size = 0
        var wanted = bytes + 65_536
        var buffer: ArraySlice<UInt8> = []
        while offset < island.bytes.upperBound {
            if let mark = SegmentMark.read(buffer) {
                _ = mark
                buffer = buffer.dropFirst(SegmentMark.length)
                offset += SegmentMark.length
                continue
            }
            guard let (frame, length) = SegmentFrame.read(buffer) else {
                // The buffer may end inside a record; only the whole rest of the island can prove damage.
                let rest = island.bytes.upperBound - offset
                if buffer.count >= rest { return portion }
                let more = try disk.read(file.name, from: offset, count: min(rest, wanted))
                if more.count <= buffer.count { return portion }
                buffer = more[...]
                wanted = wanted &* 2
                continue
            }
            if frame.sequence >= target {
                if portion == nil {
                    guard frame.sequence == target, let chain = Chain(sequence: target - 1, hash: frame.previousHash)
                    else { return nil }
                    portion = Portion(
                        first: target, records: [], previousHash: frame.previousHash, chain: chain, lost: [], feeds: [])
                }
                let count = portion?.records.count ?? 0
                if count > 0, count >= records || size + frame.payload.count > bytes { break }
                portion?.records.append(frame.payload)
                portion?.chain.append(frame.payload)
                if let source = frame.source {
                    portion?.feeds.append(
                        FeedMark(feed: source.feed, position: source.position, sequence: frame.sequence))
                }
                size += frame.payload.count
            }
            buffer = buffer.dropFirst(length)
            offset += length
        }
        if let portion { readCursor = (file.name, portion.last + 1, offset) }
        return portion
    }

    /// Says, durably, that these records are about to be sent: their numbers and positions are never given again,
    /// whatever happens to the files. A disk that cannot take the note does not stop the sending.
    public func markDispatched(_ portion: Portion) {
        guard portion.last > state.dispatched else { return }
        state.dispatched = portion.last
        state.dispatchedHash = portion.chain.hash
        merge(portion.feeds)
        saveState()
    }

    private func merge(_ marks: [FeedMark]) {
        var byFeed: [String: FeedMark] = [:]
        for mark in state.feeds + marks where mark.position >= byFeed[mark.feed]?.position ?? 0 {
            byFeed[mark.feed] = mark
        }
        state.feeds = byFeed.values.sorted { ($0.sequence, $0.feed) < ($1.sequence, $1.feed) }.suffix(limits.feeds)
    }

    /// The receiver has everything up to here: files that hold nothing else are freed.
    public func acknowledge(through number: UInt64) throws(SpoolError) {
        guard number > state.acknowledged else { return }
        // Not only what is noted as dispatched: the note may have failed when the disk did.
        guard number <= chain.sequence else {
            throw .impossibleReceipt(through: number, durable: chain.sequence)
        }
        state.acknowledged = number
        if number > state.dispatched {
            state.dispatched = number
            state.dispatchedHash = hash(of: number) ?? state.dispatchedHash
        }
        state.lost.removeAll { $0.range.upperBound <= number }
        let failure = saveState()
        if failure == nil {
            free()
        } else if failure?.isFull == true {
            // Even the ballast was not enough: room first, then the note. A crash in between would only declare lost
            // what the receiver has.
            free()
            saveState()
        }
    }

    private func hash(of number: UInt64) -> [UInt8]? {
        if number == chain.sequence { return chain.hash }
        guard let next = try? read(after: number, records: 1, bytes: 1), next.first == number + 1 else { return nil }
        return next.previousHash
    }

    func free() {
        var kept: [SegmentFile] = []
        var evidence = files.filter { $0.isQuarantined && $0.last ?? 0 <= state.acknowledged }.count
        for (index, file) in files.enumerated() {
            let isDone = file.last ?? 0 <= state.acknowledged && !(isOpen && index == files.count - 1)
            let isEvidence = file.isQuarantined && evidence <= limits.quarantinedFiles && !isFull
            if file.isQuarantined, isDone, !isEvidence { evidence -= 1 }
            guard isDone, !isEvidence else {
                kept.append(file)
                continue
            }
            do {
                try disk.remove(file.name)
            } catch {
                failed(error)
                kept.append(file)
            }
        }
        if kept.count < files.count {
            files = kept
            readCursor = nil
            makeBallast()
        }
    }

    // MARK: What is known

    /// The farthest position of a feed among the durable records, freed ones included; `nil` for a feed never heard.
    public func lastPosition(_ feed: String) -> UInt64? { durableFeeds[feed]?.position }

    /// The number of the newest durable record; 0 before the first.
    public var durable: UInt64 { chain.sequence }
    public var acknowledged: UInt64 { state.acknowledged }
    public var dispatched: UInt64 { state.dispatched }
    public var agent: String { state.agent }
    public var epoch: Epoch { state.epoch }
    public var counters: SpoolCounters { state.counters }
    public var lastError: String? { state.lastError }
    /// When the newest durable record was heard.
    public var lastRecorded: Instant? { state.lastRecorded }
    /// Notes by which profiles the devices are heard that nobody has verified, for whoever asks for the spool's status.
    public func hear(byUnverified profiles: [String]) {
        guard profiles != state.unverified else { return }
        state.unverified = profiles
        saveState()
    }

    public var pendingCount: Int { pending.count }
    /// Whether a record of that size would find room.
    public func hasRoom(for bytes: Int) -> Bool {
        let used = usedBytes + pendingBytes
        return used + bytes <= limits.total / 10 * 9 && pendingBytes + bytes <= limits.pending
    }

    // MARK: State

    /// `nil` when the note is on the disk.
    @discardableResult
    func saveState() -> DiskError? {
        do {
            try saveStateOnce()
            return nil
        } catch {
            failed(error)
            // Again, in a new temporary file: that is not the retried synchronisation that lies.
            if error.isFull { try? disk.remove("ballast") }
            do {
                try saveStateOnce()
                return nil
            } catch {
                failed(error)
                return error
            }
        }
    }

    private func saveStateOnce() throws(DiskError) { try disk.replace(SpoolState.name, with: state.encoded()) }

    func makeBallast() {
        guard limits.ballast > 0, (try? disk.size(of: "ballast")) == nil else { return }
        do {
            try disk.replace("ballast", with: [UInt8](repeating: 0, count: limits.ballast))
        } catch {
            failed(error)
        }
    }
}
