/// Puts the pieces of fragmented IP payloads together (RFC 791 section 3.2, RFC 8200 section 4.5), within bounds.
///
/// Where pieces overlap, the bytes that came first stay. At a bound the oldest payload in the making is given up.
struct FragmentTable: Sendable {
    struct Limits: Hashable, Sendable {
        /// Payloads in the making.
        var payloads = 256
        /// Pieces of one payload: 64 KiB in the smallest pieces that real links make.
        var piecesPerPayload = 128
        /// RFC 791 advises 15 s, RFC 8200 60 s, Linux waits 30 s.
        var timeout = Timestamp(seconds: 30)
    }

    enum Outcome {
        /// Kept, and not whole yet.
        case held
        /// Whole: the payload, the protocol of its first piece and how many pieces it took.
        case whole([UInt8], protocolNumber: UInt8, pieces: Int)
        /// Refused; nothing was kept. The error's layer is `.flow`: the packet itself was sound.
        case refused(ParseError)
    }

    private struct Key: Hashable {
        var source: IPAddress
        var target: IPAddress
        var identification: UInt32
        /// IPv4 only: later IPv6 pieces may not say the same.
        var protocolNumber: UInt8
    }

    private struct Piece {
        var offset: Int
        var bytes: [UInt8]
        var end: Int { offset + bytes.count }
    }

    private struct Payload {
        var serial: UInt64
        var protocolNumber: UInt8?
        /// Sorted, not overlapping.
        var pieces: [Piece] = []
        var count = 0
        var total: Int?
    }

    private let limits: Limits
    private var payloads: [Key: Payload] = [:]
    /// Oldest first; those already whole are passed over when they come up.
    private var order: [(key: Key, serial: UInt64, since: Timestamp)] = []
    private var orderStart = 0
    private var serial: UInt64 = 0
    /// Pieces in the table now.
    private(set) var heldPieces: UInt64 = 0

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Keeps or completes. `given` counts the pieces that a bound or the timeout made us give up,
    /// `overlaps` the pieces that said again what another had said.
    mutating func add(
        _ packet: IPView, _ fragment: IPView.Fragment, at time: Timestamp, given: inout UInt64, overlaps: inout UInt64
    ) -> Outcome {
        expire(before: time, given: &given)
        let length = packet.payloadLength
        guard packet.payload.byteCount == length else {
            return .refused(ParseError(.flow, .truncated, needed: length, available: packet.payload.byteCount))
        }
        let end = fragment.offset + length
        guard length > 0, !fragment.hasMore || length % 8 == 0, end <= 65_535 else {
            return .refused(ParseError(.flow, .malformed, offset: fragment.offset, available: length))
        }
        let key = Key(
            source: packet.source, target: packet.target, identification: fragment.identification,
            protocolNumber: packet.source.isIPv4 ? packet.protocolNumber : 0)
        var payload: Payload
        if let known = payloads.removeValue(forKey: key) {
            payload = known
        } else {
            if payloads.count >= limits.payloads { dropOldest(&given) }
            serial &+= 1
            payload = Payload(serial: serial)
            order.append((key, serial, time))
            // Payloads that became whole leave their place in the queue behind; the queue must not grow by them.
            if order.count - orderStart > 2 * payloads.count + 1_024 {
                order = order[orderStart...].filter { payloads[$0.key]?.serial == $0.serial || $0.serial == serial }
                orderStart = 0
            }
        }
        if payload.count >= limits.piecesPerPayload {
            payloads[key] = payload
            return .refused(
                ParseError(.flow, .tooLarge, needed: payload.count + 1, available: limits.piecesPerPayload))
        }
        if !fragment.hasMore, payload.total == nil { payload.total = end }
        if fragment.offset == 0 { payload.protocolNumber = packet.protocolNumber }
        payload.count += 1
        heldPieces += 1
        if Self.insert(packet.payload, at: fragment.offset, into: &payload.pieces) { overlaps += 1 }
        guard let total = payload.total, let protocolNumber = payload.protocolNumber,
            let whole = Self.join(payload.pieces, total: total)
        else {
            payloads[key] = payload
            return .held
        }
        heldPieces -= UInt64(payload.count)
        return .whole(whole, protocolNumber: protocolNumber, pieces: payload.count)
    }

    /// Gives up everything; returns how many pieces that were.
    mutating func removeAll() -> UInt64 {
        defer {
            payloads.removeAll()
            order.removeAll()
            orderStart = 0
            heldPieces = 0
        }
        return heldPieces
    }

    /// Adds what is new in `bytes`; says whether some of it was there already.
    private static func insert(_ bytes: RawSpan, at start: Int, into pieces: inout [Piece]) -> Bool {
        var overlapped = false
        var from = start
        let end = start + bytes.byteCount
        var index = 0
        while from < end {
            while index < pieces.count, pieces[index].end <= from { index += 1 }
            let wall = index < pieces.count ? pieces[index].offset : end
            if wall > from {
                let to = min(wall, end)
                let fresh = bytes.extracting(unchecked: (from - start)..<(to - start))
                pieces.insert(Piece(offset: from, bytes: fresh.withUnsafeBytes { Array($0) }), at: index)
                from = to
            } else {
                overlapped = true
                from = pieces[index].end
            }
        }
        return overlapped
    }

    private static func join(_ pieces: [Piece], total: Int) -> [UInt8]? {
        var reached = 0
        for piece in pieces {
            guard piece.offset == reached else { return nil }
            reached = piece.end
        }
        guard reached >= total else { return nil }
        var whole: [UInt8] = []
        whole.reserveCapacity(reached)
        for piece in pieces { whole += piece.bytes }
        if whole.count > total { whole.removeLast(whole.count - total) }
        return whole
    }

    private mutating func expire(before time: Timestamp, given: inout UInt64) {
        while orderStart < order.count {
            let (waited, overflow) = time.nanoseconds.subtractingReportingOverflow(
                order[orderStart].since.nanoseconds)
            guard overflow || waited > limits.timeout.nanoseconds else { break }
            drop(&given)
        }
    }

    /// Gives up the oldest payload that is still in the making.
    private mutating func dropOldest(_ given: inout UInt64) {
        let before = payloads.count
        while orderStart < order.count, payloads.count == before { drop(&given) }
    }

    /// Takes the head off the queue of ages.
    private mutating func drop(_ given: inout UInt64) {
        let head = order[orderStart]
        orderStart += 1
        if let payload = payloads[head.key], payload.serial == head.serial {
            given += UInt64(payload.count)
            heldPieces -= UInt64(payload.count)
            payloads[head.key] = nil
        }
        if orderStart > 1_024 {
            order.removeFirst(orderStart)
            orderStart = 0
        }
    }
}
