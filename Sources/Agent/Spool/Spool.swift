public import Domain
import Records

/// The agent's memory between hearing a fact and the collector's receipt: append-only segment files with a checksum per
/// record and a hash chain over all of them. Agent.docc says how a record lives here and what is promised.
///
/// Not thread-safe: `SpoolKeeper` owns one and serialises. Every method that touches the disk says what a failure leaves.
public final class Spool {
    /// Bounds, all in bytes unless said otherwise. What happens at each is counted.
    public struct Limits: Hashable, Sendable {
        /// A new file is begun when a record does not fit into this.
        public var segment: Int
        /// All files together. What finds no room is dropped, counted, and named by an `agent.gap` record later: the
        /// oldest facts are kept.
        public var total: Int
        /// Records that wait for a commit.
        public var pending: Int
        /// Feeds whose positions are remembered.
        public var feeds: Int
        /// Kept aside so that freeing works on a full disk.
        public var ballast: Int
        /// Quarantined files that are kept as evidence after their records were acknowledged.
        public var quarantinedFiles: Int

        public init(
            segment: Int = 1_048_576, total: Int = 268_435_456, pending: Int = 4_194_304, feeds: Int = 1_024,
            ballast: Int = 1_048_576, quarantinedFiles: Int = 16
        ) {
            self.segment = segment
            self.total = total
            self.pending = pending
            self.feeds = feeds
            self.ballast = ballast
            self.quarantinedFiles = quarantinedFiles
        }
    }

    /// A record on its way in.
    public struct Entry: Hashable, Sendable {
        public var payload: [UInt8]
        public var source: SourcePosition?
        public var at: Instant
        /// Evidence of life and samples give way before facts do: they are dropped from 80 % full on.
        public var isMinor: Bool

        public init(_ payload: [UInt8], source: SourcePosition? = nil, at: Instant, isMinor: Bool = false) {
            self.payload = payload
            self.source = source
            self.at = at
            self.isMinor = isMinor
        }
    }

    public enum Appended: Hashable, Sendable {
        /// Waits for the next commit.
        case pending
        /// Its position is not beyond what the spool has of its feed.
        case known
        /// No room; counted, and part of a gap that will be named.
        case dropped
    }

    /// A time for which facts are missing, and why: becomes an `agent.gap` record.
    public struct Gap: Hashable, Sendable {
        public var from: Instant
        public var until: Instant
        public var reason: String
    }

    public let disk: any SpoolDisk
    public let limits: Limits
    /// Makes the record that names a gap; the spool itself does not know what its records mean.
    let gapRecord: (Gap) -> [UInt8]?

    var state: SpoolState
    /// In the order of their records.
    var files: [SegmentFile] = []
    /// Whether the last of `files` may be appended to.
    var isOpen = false
    var isLastSealed = true
    /// The chain through the newest durable record.
    var chain: Chain
    var pending: [Entry] = []
    var pendingBytes = 0
    /// The positions of everything appended, durable or not; by feed.
    var feeds: [String: FeedMark] = [:]
    /// The positions of everything durable: what `lastPosition` tells.
    var durableFeeds: [String: FeedMark] = [:]
    /// Where `read` stopped, so that the next one need not walk a file from its start.
    var readCursor: (name: String, sequence: UInt64, offset: Int)?
    var isFull = false
    var drops: (count: UInt64, from: Instant, until: Instant)?
    /// Losses found, whose gap records are not durable yet.
    var unnamedLosses: [Batch.Lost] = []

    init(disk: any SpoolDisk, limits: Limits, state: SpoolState, gapRecord: @escaping (Gap) -> [UInt8]?) {
        self.disk = disk
        self.limits = limits
        self.state = state
        self.gapRecord = gapRecord
        chain = Chain(agent: state.agent, epoch: state.epoch)
    }

    // MARK: Appending

    /// Takes a record; `commit` makes it durable. Throws only for a record that can never be stored.
    public func append(_ entry: Entry) throws(SpoolError) -> Appended {
        guard entry.payload.count <= RecordLimits.recordBytes, entry.source?.feed.utf8.count ?? 0 <= 256 else {
            throw .tooLarge(entry.payload.count)
        }
        if let source = entry.source, let mark = feeds[source.feed], source.position <= mark.position { return .known }
        let size = cost(of: entry)
        let used = usedBytes + pendingBytes
        if isFull, used <= limits.total / 10 * 9 { isFull = false }
        if used + size > limits.total - reserve { isFull = true }
        if isFull || pendingBytes + size > limits.pending || entry.isMinor && used > limits.total / 10 * 8 {
            drop(entry)
            return .dropped
        }
        enqueue(entry, size: size)
        return .pending
    }

    private func drop(_ entry: Entry) {
        state.counters.dropped += 1
        let old = drops
        drops = (
            (old?.count ?? 0) + 1, min(old?.from ?? entry.at, entry.at), max(old?.until ?? entry.at, entry.at)
        )
    }

    private func enqueue(_ entry: Entry, size: Int) {
        pending.append(entry)
        pendingBytes += size
        if let source = entry.source {
            feeds[source.feed] = FeedMark(
                feed: source.feed, position: source.position, sequence: chain.sequence + UInt64(pending.count))
        }
    }

    private func cost(of entry: Entry) -> Int {
        entry.payload.count + (entry.source?.feed.utf8.count ?? 0) + SegmentFrame.overhead + SegmentMark.length
    }

    /// Room that only gap records may use.
    private var reserve: Int { min(65_536, limits.total / 16) }

    /// Appends a record that says what is missing. Uses the reserve.
    func name(_ gap: Gap) {
        guard let payload = gapRecord(gap) else { return }
        let entry = Entry(payload, at: gap.until)
        enqueue(entry, size: cost(of: entry))
    }

    // MARK: Committing

    /// Writes what waits and returns when it is on stable storage. After a throw the records still wait and the next
    /// commit tries again: on a full disk in the same file, after any other failure in a new one, because a
    /// synchronisation that failed once may lie when it is repeated.
    public func commit() throws(SpoolError) {
        if let drops, !isFull, usedBytes + pendingBytes <= limits.total / 10 * 8 {
            self.drops = nil
            name(Gap(from: drops.from, until: drops.until, reason: "spool full, \(drops.count) records dropped"))
        }
        while !pending.isEmpty {
            do {
                try writeGroup()
            } catch {
                failed(error)
                if error.isFull { throw .full(error) }
                // Once more, in a new file; a disk that fails twice is left alone until the next commit.
                do {
                    try writeGroup()
                } catch {
                    failed(error)
                    throw error.isFull ? .full(error) : .disk(error)
                }
            }
        }
        if !unnamedLosses.isEmpty {
            state.lost += unnamedLosses
            unnamedLosses = []
            saveState()
        }
    }

    func failed(_ error: DiskError) {
        state.counters.diskErrors += 1
        state.lastError = error.description
    }

    /// Writes the pending records that fit into one file, synchronises, and counts them as durable.
    private func writeGroup() throws(DiskError) {
        if isOpen, let last = files.last, let entry = pending.first, last.length + cost(of: entry) > limits.segment {
            seal()
        }
        var bytes: [UInt8] = []
        let isNew = !isOpen
        let index = max(state.nextIndex, (files.last?.index ?? 0) + 1)
        if isNew { bytes = header(index: index).encoded() }
        let start = isNew ? 0 : files.last?.length ?? 0
        var grown = chain
        var count = 0
        var ranges: [Range<Int>] = []
        for entry in pending {
            if count > 0, start + bytes.count + cost(of: entry) > limits.segment { break }
            let frame = SegmentFrame(
                sequence: grown.sequence + 1, durable: chain.sequence, at: entry.at, source: entry.source,
                previousHash: grown.hash, payload: entry.payload)
            let from = start + bytes.count
            bytes += frame.encoded()
            ranges.append(from..<start + bytes.count)
            grown.append(entry.payload)
            count += 1
        }
        let name = isNew ? SegmentFile.name(index) : files.last?.name ?? ""
        do {
            if isNew {
                state.nextIndex = index + 1
                try disk.create(name)
            }
            try disk.append(bytes, to: name)
            try disk.synchronise(name)
            if isNew { try disk.synchroniseFolder() }
        } catch {
            if isNew {
                disk.close(name)
                try? disk.remove(name)
            } else {
                recoverOpenFile(after: error)
            }
            throw error
        }
        if isNew {
            files.append(SegmentFile(name: name, index: index, length: 0, islands: []))
            isOpen = true
        }
        settle(count, grown: grown, ranges: ranges, length: start + bytes.count)
    }

    /// The group is durable: moves it from `pending` to the file's account.
    private func settle(_ count: Int, grown: Chain, ranges: [Range<Int>], length: Int) {
        let last = files.count - 1
        var sequence = chain.sequence
        for (entry, range) in zip(pending, ranges) {
            sequence += 1
            if let island = files[last].islands.last, island.last + 1 == sequence {
                files[last].islands[files[last].islands.count - 1].last = sequence
                files[last].islands[files[last].islands.count - 1].bytes = island.bytes.lowerBound..<range.upperBound
            } else {
                files[last].islands.append(SegmentFile.Island(first: sequence, last: sequence, bytes: range))
            }
            if let source = entry.source {
                durableFeeds[source.feed] = FeedMark(feed: source.feed, position: source.position, sequence: sequence)
            }
            state.lastRecorded = max(state.lastRecorded ?? entry.at, entry.at)
            pendingBytes -= cost(of: entry)
        }
        pending.removeFirst(count)
        chain = grown
        files[last].length = length
        state.durable = chain.sequence
        forgetOldFeeds()
        // Not waited for: it only lets a later start tell damage at the very end from a torn write.
        let mark = SegmentMark(durable: chain.sequence, isSeal: false).encoded()
        do {
            try disk.append(mark, to: files[last].name)
            files[last].length += mark.count
        } catch {
            failed(error)
            recoverOpenFile(after: error)
        }
    }

    private func header(index: UInt64) -> SegmentHeader {
        SegmentHeader(
            agent: state.agent, epoch: state.epoch, index: index, first: chain.sequence + 1, previousHash: chain.hash,
            previousSealed: isLastSealed, feeds: durableFeeds.values.sorted { $0.sequence < $1.sequence })
    }

    private func forgetOldFeeds() {
        while durableFeeds.count > limits.feeds {
            guard let oldest = durableFeeds.values.min(by: { ($0.sequence, $0.feed) < ($1.sequence, $1.feed) })
            else { return }
            durableFeeds[oldest.feed] = nil
            feeds[oldest.feed] = nil
            state.counters.forgottenFeeds += 1
        }
    }

    /// A write failed part-way. On a full disk the file is cut back to what was durable and goes on; otherwise it is
    /// abandoned, and what was durable in it is read back and checked.
    private func recoverOpenFile(after error: DiskError) {
        guard isOpen, let last = files.last else { return }
        if error.isFull, error.call == "write", (try? disk.cut(last.name, to: last.length)) != nil { return }
        isOpen = false
        isLastSealed = false
        disk.close(last.name)
        try? disk.cut(last.name, to: last.length)
        heal(files.count - 1)
    }

    /// Ends the open file with a seal, so that any later flaw in it is known to be damage.
    func seal() {
        guard isOpen, let last = files.last else { return }
        isOpen = false
        do {
            let bytes = SegmentMark(durable: chain.sequence, isSeal: true).encoded()
            try disk.append(bytes, to: last.name)
            try disk.synchronise(last.name)
            files[files.count - 1].length += bytes.count
            isLastSealed = true
        } catch {
            failed(error)
            isLastSealed = false
        }
        disk.close(last.name)
    }

    /// Commits, seals and writes the state: the next start finds nothing to mend. The spool is not used afterwards.
    public func close() throws(SpoolError) {
        try commit()
        seal()
        saveState()
    }

    var usedBytes: Int { files.reduce(0) { $0 + $1.length } }
}

/// Why the spool could not do what it was asked.
public enum SpoolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The disk or the quota is full; what waits is kept and tried again.
    case full(DiskError)
    case disk(DiskError)
    case tooLarge(Int)
    /// The folder belongs to another agent's name, or to another process.
    case foreign(String)
    /// A receipt for numbers that were never sent.
    case impossibleReceipt(through: UInt64, durable: UInt64)

    public var description: String {
        switch self {
        case .full(let error): "no room: \(error)"
        case .disk(let error): "\(error)"
        case .tooLarge(let size): "a record of \(size) bytes; at most \(RecordLimits.recordBytes)"
        case .foreign(let reason): reason
        case .impossibleReceipt(let through, let durable):
            "a receipt through \(through), but the newest record is \(durable)"
        }
    }
}
