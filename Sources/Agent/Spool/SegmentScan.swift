import Domain
import Records

/// What a segment file holds, damaged or not. Reads every byte, believes only checksums, and finds the next record
/// after a damaged place.
struct SegmentScan {
    /// A record that holds, without its payload.
    struct Entry: Hashable {
        var sequence: UInt64
        var durable: UInt64
        var at: Instant
        var source: SourcePosition?
        var previousHash: [UInt8]
        /// h of this record, from its own bytes.
        var hash: [UInt8]
        var bytes: Range<Int>
    }

    var header: SegmentHeader?
    /// In file order, numbers ascending.
    var entries: [Entry] = []
    /// Places that are neither header, record nor mark. In file order, not overlapping.
    var flaws: [Range<Int>] = []
    var isSealed = false
    /// The highest number that the file itself proves to have been on stable storage.
    var durable: UInt64 = 0
    var length: Int

    init(_ bytes: [UInt8]) {
        length = bytes.count
        var offset = 0
        if let (header, count) = SegmentHeader.read(bytes[...]) {
            self.header = header
            durable = header.first &- 1
            offset = count
        }
        // Work spent on looking for records in rubbish is bounded: a megabyte of magics must not cost a megabyte each.
        var effort = 0
        var rubbish: Int?
        while offset < bytes.count {
            var step = 0
            if bytes[offset] == 0xff || rubbish == nil {
                let rest = bytes[offset...]
                if let (frame, count) = SegmentFrame.read(rest), accept(frame, offset..<offset + count) {
                    step = count
                } else if let mark = SegmentMark.read(rest) {
                    durable = max(durable, mark.durable)
                    isSealed = mark.isSeal
                    step = SegmentMark.length
                } else if rest.starts(with: SegmentFrame.magic) {
                    effort += rest.count
                }
            }
            if step > 0 {
                if let start = rubbish { flaws.append(start..<offset) }
                rubbish = nil
                offset += step
            } else {
                if rubbish == nil { rubbish = offset }
                offset += effort > bytes.count &* 64 ? bytes.count - offset : 1
            }
        }
        if let start = rubbish { flaws.append(start..<bytes.count) }
        if flaws.last?.upperBound == bytes.count { isSealed = false }
        dropForged()
    }

    private mutating func accept(_ frame: SegmentFrame, _ range: Range<Int>) -> Bool {
        guard frame.sequence > entries.last?.sequence ?? 0, frame.sequence < UInt64(Int64.max),
            var chain = Chain(sequence: frame.sequence - 1, hash: frame.previousHash)
        else { return false }
        chain.append(frame.payload)
        durable = max(durable, frame.durable)
        entries.append(
            Entry(
                sequence: frame.sequence, durable: frame.durable, at: frame.at, source: frame.source,
                previousHash: frame.previousHash, hash: chain.hash, bytes: range))
        return true
    }

    /// A record whose bytes do not lead to what its successor says about them was changed together with its checksum:
    /// no fault of a disk does that. It is treated as damaged.
    private mutating func dropForged() {
        for index in entries.indices.reversed() where index + 1 < entries.count {
            let next = entries[index + 1]
            guard entries[index].sequence + 1 == next.sequence, entries[index].hash != next.previousHash else {
                continue
            }
            flaws.append(entries[index].bytes)
            entries.remove(at: index)
        }
        flaws.sort { $0.lowerBound < $1.lowerBound }
    }

    /// Takes records out that a later file has again, or that were never promised.
    mutating func keep(through last: UInt64) {
        entries.removeAll { $0.sequence > last }
    }

    /// The records as runs of consecutive numbers without a flaw between them: what a reader may walk without looking
    /// for damage.
    var islands: [SegmentFile.Island] {
        var out: [SegmentFile.Island] = []
        var flaw = flaws[...]
        for entry in entries {
            var isWhole = true
            while let next = flaw.first, next.lowerBound < entry.bytes.lowerBound {
                isWhole = false
                flaw = flaw.dropFirst()
            }
            if isWhole, let last = out.last, last.last + 1 == entry.sequence {
                out[out.count - 1].last = entry.sequence
                out[out.count - 1].bytes = last.bytes.lowerBound..<entry.bytes.upperBound
            } else {
                out.append(SegmentFile.Island(first: entry.sequence, last: entry.sequence, bytes: entry.bytes))
            }
        }
        return out
    }
}

/// A segment file as the open spool knows it.
struct SegmentFile: Hashable {
    /// Records with consecutive numbers. Marks and damaged places may lie between them.
    struct Island: Hashable {
        var first: UInt64
        var last: UInt64
        var bytes: Range<Int>
    }

    var name: String
    var index: UInt64
    /// Bytes in the file, the header and the marks included.
    var length: Int
    var islands: [Island]
    var isQuarantined = false

    var first: UInt64? { islands.first?.first }
    var last: UInt64? { islands.last?.last }

    static func name(_ index: UInt64) -> String {
        let hex = String(index, radix: 16)
        return String(repeating: "0", count: max(0, 16 - hex.utf8.count)) + hex + ".seg"
    }

    /// The index in a name; `nil` for files that are not segments.
    static func index(of name: String) -> (index: UInt64, isQuarantined: Bool)? {
        let isBad = name.hasSuffix(".seg.bad")
        guard isBad || name.hasSuffix(".seg") else { return nil }
        let hex = name.dropLast(isBad ? 8 : 4)
        guard hex.utf8.count == 16, let index = UInt64(hex, radix: 16) else { return nil }
        return (index, isBad)
    }
}
