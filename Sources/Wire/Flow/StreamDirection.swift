/// One direction of a flow: bytes put in order, and the decoder that reads them.
struct StreamDirection: Sendable {
    /// Errors in a row after which the direction is taken for something else.
    static let strikeLimit = 64
    /// Bytes that are looked at again, when the place is lost and more comes: a start line is longer seldom. Devices that
    /// send line by line, or byte by byte, cut it anywhere.
    static let tailLimit = 256

    var assembler = StreamAssembler()
    var decoder: (any ProtocolDecoder)?
    /// In order, not yet decoded.
    var buffer: [UInt8] = []
    /// The decoder asked for that many bytes before it looks again.
    var wanted = 1
    /// The place is lost: a message may begin anywhere.
    var isLost = false
    /// The place was lost before the bytes at hand: their first byte may be a message's.
    private var isAfterGap = false
    /// Bytes at the front of those at hand in which no start was seen; a segment begins behind them.
    private var tail = 0
    /// Nothing of ours: bytes are only counted.
    var isIgnored = false
    var isFinished = false
    /// The highest place that the other side said it had.
    var acknowledged: SequenceNumber?
    private var strikes = 0

    /// What a piece costs beside its bytes is counted too: one-byte pieces would hold a hundred times what they say.
    var heldBytes: Int { unfinishedBytes + assembler.pendingCount * 96 }
    /// Payload bytes that are neither decoded nor given up.
    var unfinishedBytes: Int { buffer.count + assembler.pendingBytes }

    mutating func begin(at first: SequenceNumber) {
        assembler.begin(at: first)
        buffer.removeAll()
        wanted = 1
        isLost = false
        isAfterGap = false
        tail = 0
        isFinished = false
        strikes = 0
    }

    /// The bytes in the making are given up: what comes next does not follow them.
    mutating func losePlace(_ counters: inout DissectionCounters) {
        counters.abandonedBytes += UInt64(buffer.count)
        buffer.removeAll()
        wanted = 1
        isLost = true
        isAfterGap = true
        tail = 0
    }

    mutating func ignore(_ counters: inout DissectionCounters) {
        counters.ignoredBytes += UInt64(buffer.count)
        buffer = []
        isIgnored = true
        decoder = nil
    }

    /// Decodes what can be decoded of `bytes`; says how many of them are done with.
    mutating func decode(
        _ bytes: RawSpan, at time: Timestamp, _ counters: inout DissectionCounters,
        _ emit: (Message, inout DissectionCounters) -> Void
    ) -> Int {
        var at = 0
        while at < bytes.byteCount {
            let rest = bytes.from(unchecked: at)
            if isLost {
                let found = nextStart(rest)
                // No start in sight: it may be cut by the end of what is at hand. A byte that failed is no start again.
                let kept = min(isAfterGap ? rest.byteCount : rest.byteCount - 1, Self.tailLimit)
                let passed = found ?? rest.byteCount - kept
                counters.undecodableBytes += UInt64(passed)
                at += passed
                isLost = found == nil
                isAfterGap = found == nil
                tail = isLost ? kept : 0
                if isLost { break }
                continue
            }
            if rest.byteCount < wanted { break }
            do throws(ParseError) {
                guard let step = try decoder?.decode(rest, at: time) else { break }
                switch consume step {
                case .message(let message, let consumed):
                    let taken = min(max(consumed, 1), rest.byteCount)
                    counters.messageBytes += UInt64(taken)
                    at += taken
                    wanted = 1
                    strikes = 0
                    emit(message, &counters)
                case .skip(let count):
                    let taken = min(max(count, 1), rest.byteCount)
                    counters.skippedBytes += UInt64(taken)
                    at += taken
                    wanted = 1
                case .needMore(let count):
                    guard count <= Protocols.streamBufferLimit, rest.byteCount < Protocols.streamBufferLimit else {
                        throw ParseError(
                            .flow, .tooLarge, needed: count, available: Protocols.streamBufferLimit)
                    }
                    wanted = max(count, rest.byteCount + 1)
                }
            } catch {
                counters.count(error)
                wanted = 1
                isLost = true
                isAfterGap = false
                strikes += 1
                if strikes > Self.strikeLimit {
                    counters.ignoredBytes += UInt64(bytes.byteCount - at)
                    isIgnored = true
                    decoder = nil
                    return bytes.byteCount
                }
            }
            if wanted > bytes.byteCount - at { break }
        }
        return at
    }

    /// Where in `bytes` a message may begin: where a segment begins, nearly always, then anywhere. Decoders look from the
    /// second byte on, because the first is where they failed; after a gap nothing has failed yet, so a byte that begins
    /// nothing is put before the first.
    private mutating func nextStart(_ bytes: RawSpan) -> Int? {
        let found: Int?
        if isAfterGap {
            if tail < bytes.byteCount {
                // On a copy: asking changes a decoder, and the answer may be no.
                var other = decoder
                if other?.resynchronise(bytes.from(unchecked: tail)) == 0 {
                    decoder = other
                    return tail
                }
            }
            let shifted = bytes.withUnsafeBytes { [0] + Array($0) }
            found = decoder?.resynchronise(shifted.span.bytes).map { $0 - 1 }
        } else {
            found = decoder?.resynchronise(bytes).map { max($0, 1) }
        }
        guard let found, found >= 0, found < bytes.byteCount else { return nil }
        return found
    }
}
