/// Puts one direction of a TCP stream in order, within bounds. It knows places, not messages.
///
/// What came first stays: bytes delivered or pending are never replaced by a retransmission that differs.
struct StreamAssembler: Sendable {
    struct Limits: Hashable, Sendable {
        /// Bytes that wait behind a hole, before the hole is declared lost.
        var pendingBytes = 262_144
        var pendingPieces = 256
    }

    struct Piece: Sendable {
        var sequence: SequenceNumber
        var bytes: [UInt8]
        /// When the piece came: the time of its messages if the hole before it is never filled.
        var time: Timestamp
    }

    /// What to do with a segment.
    enum Placement {
        /// Its bytes from `offset` on come next; then ask `nextPending`.
        case inOrder(offset: Int)
        /// Kept, or known already.
        case nothing
    }

    /// What was delivered lately, to tell a retransmission that says something else.
    private struct Trace {
        var sequence = SequenceNumber(0)
        var count = 0
        var digest: UInt64 = 0
    }

    /// The next byte that is missing; `nil` before the first segment.
    private(set) var next: SequenceNumber?
    /// The first byte's place.
    private(set) var start = SequenceNumber(0)
    /// Where the sender said it ends.
    private(set) var end: SequenceNumber?
    private(set) var pending: [Piece] = []
    private(set) var pendingBytes = 0
    var pendingCount: Int { pending.count }
    private var traces: [Trace] = []
    private var traceIndex = 0

    var isComplete: Bool {
        guard let next, let end else { return false }
        return next.distance(from: end) >= 0
    }

    /// Starts (again) at `first`.
    mutating func begin(at first: SequenceNumber) {
        next = first
        start = first
        end = nil
        pending.removeAll()
        pendingBytes = 0
        traces.removeAll()
    }

    mutating func finish(at last: SequenceNumber) {
        if end == nil { end = last }
    }

    /// Places a segment. `begin` was called before.
    mutating func place(
        _ sequence: SequenceNumber, _ bytes: RawSpan, at time: Timestamp, _ counters: inout DissectionCounters
    ) -> Placement {
        guard let next else { return .nothing }
        let ahead = sequence.distance(from: next)
        if ahead > 0 {
            counters.outOfOrder += 1
            keep(sequence, bytes, at: time, &counters)
            return .nothing
        }
        let known = min(-ahead, bytes.byteCount)
        if known > 0 {
            counters.retransmissions += 1
            counters.duplicateBytes += UInt64(known)
            if conflicts(sequence, bytes) { counters.conflicts += 1 }
        }
        return known < bytes.byteCount ? .inOrder(offset: known) : .nothing
    }

    /// The caller has taken `bytes` at the next place.
    mutating func advance(over bytes: RawSpan) {
        guard let next else { return }
        remember(Trace(sequence: next, count: bytes.byteCount, digest: Self.digest(bytes)))
        self.next = next.advanced(by: bytes.byteCount)
    }

    /// Bytes that were sent but not captured, or never came.
    mutating func pass(over count: Int) {
        next = next?.advanced(by: count)
    }

    /// Takes the pending piece that comes next, without the bytes that are known by now.
    mutating func nextPending(_ counters: inout DissectionCounters) -> Piece? {
        while let next, var piece = pending.first {
            let ahead = piece.sequence.distance(from: next)
            guard ahead <= 0 else { return nil }
            pending.removeFirst()
            pendingBytes -= piece.bytes.count
            let known = min(-ahead, piece.bytes.count)
            counters.duplicateBytes += UInt64(known)
            if known == piece.bytes.count { continue }
            if known > 0 {
                piece.bytes.removeFirst(known)
                piece.sequence = next
            }
            return piece
        }
        return nil
    }

    /// Bytes missing before the first pending piece.
    var hole: Int? {
        guard let next, let first = pending.first else { return nil }
        return first.sequence.distance(from: next)
    }

    /// A bound is reached: the hole must be declared lost.
    func isFull(_ limits: Limits) -> Bool {
        pendingBytes > limits.pendingBytes || pending.count > limits.pendingPieces
    }

    // MARK: Pending pieces

    /// Keeps what is new in `bytes`, in order and without overlap.
    private mutating func keep(
        _ sequence: SequenceNumber, _ bytes: RawSpan, at time: Timestamp, _ counters: inout DissectionCounters
    ) {
        var from = 0
        let count = bytes.byteCount
        // Most pieces come after all others.
        var index = 0
        if let last = pending.last, sequence.distance(from: last.sequence) >= last.bytes.count {
            index = pending.count
        }
        while from < count {
            let place = sequence.advanced(by: from)
            while index < pending.count,
                pending[index].sequence.advanced(by: pending[index].bytes.count).distance(from: place) <= 0
            {
                index += 1
            }
            let wall = index < pending.count ? pending[index].sequence.distance(from: place) : count - from
            if wall > 0 {
                let to = min(from + wall, count)
                let fresh = bytes.extracting(unchecked: from..<to).withUnsafeBytes { Array($0) }
                pending.insert(Piece(sequence: place, bytes: fresh, time: time), at: index)
                pendingBytes += fresh.count
                from = to
            } else {
                let piece = pending[index]
                let known = min(piece.bytes.count + wall, count - from)
                let again = bytes.extracting(unchecked: from..<(from + known))
                let same = again.withUnsafeBytes { $0.elementsEqual(piece.bytes[(-wall)..<(-wall + known)]) }
                if !same { counters.conflicts += 1 }
                counters.retransmissions += 1
                counters.duplicateBytes += UInt64(known)
                from += known
            }
        }
    }

    // MARK: Traces

    private static let traceLimit = 8

    private mutating func remember(_ trace: Trace) {
        if traces.count < Self.traceLimit {
            traces.append(trace)
        } else {
            traces[traceIndex] = trace
            traceIndex = (traceIndex + 1) % Self.traceLimit
        }
    }

    /// Only a segment cut at the same places is compared: senders repeat what they sent.
    private func conflicts(_ sequence: SequenceNumber, _ bytes: RawSpan) -> Bool {
        for trace in traces where trace.sequence == sequence && trace.count == bytes.byteCount {
            return trace.digest != Self.digest(bytes)
        }
        return false
    }

    /// FNV-1a over words instead of bytes: it tells bytes apart, and costs a tenth.
    private static func digest(_ bytes: RawSpan) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var at = 0
        let count = bytes.byteCount
        // Four lanes, so that one multiplication need not wait for the other.
        if count >= 64 {
            var (a, b, c, d) = (hash, hash ^ 1, hash ^ 2, hash ^ 3)
            while count &- at >= 32 {
                a = (a ^ bytes.big64(unchecked: at)) &* 0x0000_0100_0000_01B3
                b = (b ^ bytes.big64(unchecked: at &+ 8)) &* 0x0000_0100_0000_01B3
                c = (c ^ bytes.big64(unchecked: at &+ 16)) &* 0x0000_0100_0000_01B3
                d = (d ^ bytes.big64(unchecked: at &+ 24)) &* 0x0000_0100_0000_01B3
                (a, b, c, d) = (a ^ a >> 29, b ^ b >> 29, c ^ c >> 29, d ^ d >> 29)
                at &+= 32
            }
            a = (a ^ b) &* 0x0000_0100_0000_01B3
            a = (a ^ c) &* 0x0000_0100_0000_01B3
            a = (a ^ d) &* 0x0000_0100_0000_01B3
            hash = a
        }
        while count &- at >= 8 {
            hash = (hash ^ bytes.big64(unchecked: at)) &* 0x0000_0100_0000_01B3
            hash ^= hash >> 29
            at &+= 8
        }
        while at < count {
            hash = (hash ^ UInt64(bytes.big8(unchecked: at))) &* 0x0000_0100_0000_01B3
            at &+= 1
        }
        return hash
    }
}
