public import Domain
import Records

extension Spool {
    /// A file found at the start, before its records are read.
    private struct Found {
        var name: String
        var index: UInt64
        var header: SegmentHeader?
        var isQuarantined: Bool
        var first: UInt64?
    }

    /// Opens the spool in a folder, whatever state the folder is in: cuts an unfinished write, quarantines damaged files
    /// (`*.bad`, still read where they hold), gives no number twice, and puts an `agent.gap` record for every loss that
    /// has none yet among the records that wait for the first commit.
    ///
    /// Throws when the folder belongs to another agent, or cannot be read or written at all.
    public convenience init(
        disk: any SpoolDisk, agent: String, limits: Limits = Limits(), now: Instant, newEpoch: Epoch = .random(),
        gapRecord: @escaping (Gap) -> [UInt8]? = { _ in nil }
    ) throws(SpoolError) {
        var found: [Found] = []
        var saved: SpoolState?
        var hadState = false
        do {
            for name in try disk.names() {
                if name.hasSuffix(".tmp") {
                    try? disk.remove(name)
                } else if name == SpoolState.name {
                    hadState = true
                    saved = SpoolState(Self.readAll(disk, name))
                } else if let (index, isBad) = SegmentFile.index(of: name) {
                    let head = try? disk.read(name, from: 0, count: 524_288)
                    let header = head.flatMap { SegmentHeader.read($0[...])?.header }
                    found.append(
                        Found(
                            name: name, index: header?.index ?? index, header: header, isQuarantined: isBad,
                            first: header?.first))
                }
            }
        } catch {
            throw .disk(error)
        }
        found.sort { ($0.index, $0.isQuarantined ? 1 : 0, $0.name) < ($1.index, $1.isQuarantined ? 1 : 0, $1.name) }
        let owner = saved?.agent ?? found.lazy.compactMap(\.header).first?.agent
        if let owner, owner != agent {
            throw .foreign("the spool belongs to agent '\(owner)', not '\(agent)': give another --spool or --agent")
        }
        let epoch = saved?.epoch ?? found.lazy.compactMap(\.header).first?.epoch ?? newEpoch
        let state =
            saved
            ?? SpoolState(
                agent: agent, epoch: epoch, dispatchedHash: Chain(agent: agent, epoch: epoch).hash)
        self.init(disk: disk, limits: limits, state: state, gapRecord: gapRecord)
        recover(found, isStateLost: saved == nil && (hadState || !found.isEmpty), now: now)
        do {
            try disk.replace(SpoolState.name, with: self.state.encoded())
            free()
        } catch {
            // On a full disk an old spool still observes and sends; a new one must not lose its epoch.
            if saved == nil { throw error.isFull ? .full(error) : .disk(error) }
            failed(error)
        }
        makeBallast()
    }

    private func recover(_ candidates: [Found], isStateLost: Bool, now: Instant) {
        var found = candidates
        setAsideForeign(&found)
        // What the files prove to have been durable: headers do it for the files before them; only the last file, and
        // any without a header, must be read for it.
        var proven = max(state.durable, state.dispatched, state.acknowledged)
        for index in found.indices {
            if let header = found[index].header { proven = max(proven, header.first - 1) }
            if found[index].header == nil || index == found.count - 1 {
                let scan = SegmentScan(Self.readAll(disk, found[index].name))
                proven = max(proven, scan.durable)
                if found[index].first == nil { found[index].first = scan.entries.first?.sequence }
            }
        }
        if isStateLost {
            state.acknowledged = found.first?.first.map { $0 - 1 } ?? 0
            state.dispatched = state.acknowledged
            if let header = found.first?.header { state.dispatchedHash = header.previousHash }
        }
        var salvage = Salvage(reached: state.acknowledged, proven: proven)
        for mark in state.feeds { remember(mark) }
        for (position, candidate) in found.enumerated() {
            let next = found[(position + 1)...].first { $0.first != nil }
            take(candidate, next: next, into: &salvage)
        }
        settleNumbers(salvage, isStateLost: isStateLost, now: now)
    }

    /// What recovery knows so far, file after file.
    private struct Salvage {
        /// The last number found, or passed over.
        var reached: UInt64
        let proven: UInt64
        /// After a hole among records that were never promised, nothing unpromised is taken.
        var isTorn = false
        var hash: [UInt8]?
        var at: Instant?
        /// Missing numbers between records, with the moments around them.
        var holes: [(range: ClosedRange<UInt64>, from: Instant?, until: Instant?)] = []
        var cutBytes = 0
    }

    private func take(_ candidate: Found, next: Found?, into salvage: inout Salvage) {
        let bytes = Self.readAll(disk, candidate.name)
        var scan = SegmentScan(bytes)
        for mark in candidate.header?.feeds ?? [] { remember(mark) }
        if let first = next?.first { scan.keep(through: first - 1) }
        let promised = scan.entries.last { $0.sequence <= salvage.proven }?.bytes.upperBound ?? 0
        let cut = scan.flaws.first { $0.lowerBound >= promised }?.lowerBound
        var kept: [SegmentScan.Entry] = []
        for entry in scan.entries {
            guard entry.sequence > salvage.reached else {
                if entry.sequence <= state.acknowledged { kept.append(entry) }
                continue
            }
            if entry.sequence > salvage.proven {
                if let cut, entry.bytes.lowerBound > cut { salvage.isTorn = true }
                if entry.sequence != max(salvage.reached, salvage.proven) + 1 { salvage.isTorn = true }
                if salvage.isTorn { continue }
            }
            if entry.sequence > salvage.reached + 1 {
                salvage.holes.append((salvage.reached + 1...entry.sequence - 1, salvage.at, entry.at))
            }
            salvage.reached = entry.sequence
            salvage.hash = entry.hash
            salvage.at = entry.at
            state.lastRecorded = max(state.lastRecorded ?? entry.at, entry.at)
            if let source = entry.source {
                remember(FeedMark(feed: source.feed, position: source.position, sequence: entry.sequence))
            }
            kept.append(entry)
        }
        scan.entries = kept
        // Up to where the file must be whole: to its last record, and to its end where a successor says it was sealed
        // or where it says so itself. Behind that lies only what was never promised.
        let wholeTo = next?.header?.previousSealed == true ? scan.length : kept.last?.bytes.upperBound ?? 0
        let expected = min(next?.first.map { $0 - 1 } ?? salvage.proven, salvage.proven)
        let damaged = scan.flaws.filter { $0.lowerBound < wholeTo }
        let isShort = salvage.reached < expected || next?.header?.previousSealed == true && !scan.isSealed
        var file = SegmentFile(
            name: candidate.name, index: candidate.index, length: bytes.count, islands: scan.islands,
            isQuarantined: candidate.isQuarantined)
        if !damaged.isEmpty || isShort {
            quarantine(&file, flawBytes: damaged.reduce(0) { $0 + $1.count })
        } else if next == nil, !candidate.isQuarantined {
            let end = kept.isEmpty && scan.header == nil ? 0 : cut ?? bytes.count
            salvage.cutBytes += bytes.count - end
            state.counters.tornBytes += UInt64(bytes.count - end)
            // Also synchronises what a killed process had written without waiting for it.
            do { try disk.cut(candidate.name, to: end) } catch { failed(error) }
            file.length = end
        }
        isLastSealed = scan.isSealed && !file.isQuarantined
        files.append(file)
    }

    private func settleNumbers(_ salvage: Salvage, isStateLost: Bool, now: Instant) {
        var holes = salvage.holes
        var last = max(salvage.reached, salvage.proven)
        // Without the state nobody knows whether records in a cut tail were sent: their numbers are not given again.
        if isStateLost { last += UInt64(salvage.cutBytes / SegmentFrame.overhead) }
        if last > salvage.reached { holes.append((salvage.reached + 1...last, salvage.at, nil)) }
        let hash = last == salvage.reached ? salvage.hash : nil
        let known = hash ?? (last == state.dispatched ? state.dispatchedHash : salvage.hash ?? state.dispatchedHash)
        if let end = Chain(sequence: last, hash: known) { chain = end }
        state.durable = max(state.durable, last)
        state.nextIndex = max(state.nextIndex, (files.map(\.index).max() ?? 0) + 1)
        feeds = durableFeeds
        let before = state.lastRecorded
        for hole in holes {
            for range in Self.subtract(state.lost.map(\.range), from: hole.range) {
                lose(range, from: hole.from ?? before ?? now, until: hole.until ?? now)
            }
        }
    }

    /// Files of another epoch, and copies, are kept under another name and never read.
    private func setAsideForeign(_ found: inout [Found]) {
        var seen: Set<UInt64> = []
        var own: [Found] = []
        for candidate in found {
            let isForeign = candidate.header.map { $0.epoch != state.epoch || $0.agent != state.agent } ?? false
            if !isForeign, seen.insert(candidate.index).inserted {
                own.append(candidate)
                continue
            }
            state.counters.quarantinedFiles += 1
            do { try disk.rename(candidate.name, to: candidate.name + ".foreign") } catch { failed(error) }
        }
        found = own
    }

    private func remember(_ mark: FeedMark) {
        if let old = durableFeeds[mark.feed], old.position >= mark.position { return }
        durableFeeds[mark.feed] = mark
    }

    private func quarantine(_ file: inout SegmentFile, flawBytes: Int) {
        guard !file.isQuarantined else { return }
        file.isQuarantined = true
        state.counters.quarantinedFiles += 1
        state.counters.damagedBytes += UInt64(flawBytes)
        state.lastError = "\(file.name): \(flawBytes) bytes damaged"
        do {
            try disk.rename(file.name, to: file.name + ".bad")
            file.name += ".bad"
            try disk.synchroniseFolder()
        } catch {
            failed(error)
        }
    }

    /// Counts numbers as lost and gives them a gap record.
    private func lose(_ range: ClosedRange<UInt64>, from: Instant, until: Instant) {
        let count = range.upperBound - range.lowerBound + 1
        let reason = "spool damaged, \(count) records lost"
        state.counters.lostRecords += count
        unnamedLosses.append(Batch.Lost(range, reason: reason))
        name(Gap(from: min(from, until), until: max(from, until), reason: reason))
    }

    /// Reads a file again that gave damaged bytes (or whose writing failed), while the spool is open.
    func heal(_ index: Int, suspicious: Bool = false) {
        guard files.indices.contains(index) else { return }
        var file = files[index]
        var scan = SegmentScan(Self.readAll(disk, file.name))
        let old = file.islands
        scan.entries.removeAll { entry in !old.contains { ($0.first...$0.last).contains(entry.sequence) } }
        file.islands = scan.islands
        guard suspicious || file.islands.last?.last != old.last?.last || file.islands.count != old.count else { return }
        files[index].islands = file.islands
        quarantine(&file, flawBytes: scan.flaws.reduce(0) { $0 + $1.count })
        files[index] = file
        let present = file.islands.map { $0.first...$0.last }
        for island in old {
            for range in Self.subtract(present, from: max(island.first, 1)...island.last)
            where range.upperBound > state.acknowledged {
                let from = scan.entries.last { $0.sequence < range.lowerBound }?.at
                let until = scan.entries.first { $0.sequence > range.upperBound }?.at
                let end = until ?? state.lastRecorded ?? from ?? Instant(milliseconds: 0)
                lose(max(range.lowerBound, state.acknowledged + 1)...range.upperBound, from: from ?? end, until: end)
            }
        }
    }

    /// The parts of a range that none of the (sorted) others covers.
    static func subtract(_ others: [ClosedRange<UInt64>], from range: ClosedRange<UInt64>) -> [ClosedRange<UInt64>] {
        var out: [ClosedRange<UInt64>] = []
        var next = range.lowerBound
        for other in others where other.upperBound >= next && other.lowerBound <= range.upperBound {
            if other.lowerBound > next { out.append(next...other.lowerBound - 1) }
            if other.upperBound >= range.upperBound { return out }
            next = other.upperBound + 1
        }
        out.append(next...range.upperBound)
        return out
    }

    /// The whole file; pages that cannot be read are zeros, which no record survives.
    private static func readAll(_ disk: any SpoolDisk, _ name: String) -> [UInt8] {
        guard let size = try? disk.size(of: name), size > 0 else { return [] }
        if let bytes = try? disk.read(name, from: 0, count: size) { return bytes }
        var out: [UInt8] = []
        for offset in stride(from: 0, to: size, by: 4_096) {
            let count = min(4_096, size - offset)
            let page = (try? disk.read(name, from: offset, count: count)) ?? []
            out += page + [UInt8](repeating: 0, count: count - page.count)
        }
        return out
    }
}

extension Epoch {
    /// 128 random bits.
    public static func random() -> Epoch { Epoch(high: .random(in: 0 ... .max), low: .random(in: 0 ... .max)) }
}
