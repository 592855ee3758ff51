/// One direction of a flow: bytes put in order, and the decoder that reads them.
struct StreamDirection: Sendable {
    /// Errors in a row after which the direction is taken for something else.
    static let strikeLimit = 64

    var assembler = StreamAssembler()
    var decoder: (any ProtocolDecoder)?
    /// In order, not yet decoded.
    var buffer: [UInt8] = []
    /// The decoder asked for that many bytes before it looks again.
    var wanted = 1
    /// The place is lost: a message may begin anywhere.
    var isLost = false
    /// Nothing of ours: bytes are only counted.
    var isIgnored = false
    var isFinished = false
    /// The highest place that the other side said it had.
    var acknowledged: SequenceNumber?
    private var strikes = 0

    var heldBytes: Int { buffer.count + assembler.pendingBytes }

    mutating func begin(at first: SequenceNumber) {
        assembler.begin(at: first)
        buffer.removeAll()
        wanted = 1
        isLost = false
        isFinished = false
        strikes = 0
    }

    /// The bytes in the making are given up.
    mutating func losePlace(_ counters: inout DissectionCounters) {
        counters.abandonedBytes += UInt64(buffer.count)
        buffer.removeAll()
        wanted = 1
        isLost = true
    }

    mutating func ignore(_ counters: inout DissectionCounters) {
        counters.ignoredBytes += UInt64(buffer.count)
        buffer = []
        isIgnored = true
        decoder = nil
    }

    /// Decodes what can be decoded of `bytes`; says how many of them are done with.
    mutating func decode(
        _ bytes: RawSpan, at time: Timestamp, _ counters: inout DissectionCounters, _ emit: (Message) -> Void
    ) -> Int {
        var at = 0
        while at < bytes.byteCount {
            let rest = bytes.from(unchecked: at)
            if isLost {
                // No start in sight: messages begin where segments begin, nearly always, so nothing is kept.
                let found = min(decoder?.resynchronise(rest) ?? rest.byteCount, rest.byteCount)
                counters.undecodableBytes += UInt64(max(found, 0))
                at += max(found, 0)
                if at < bytes.byteCount { isLost = false }
                continue
            }
            if rest.byteCount < wanted { break }
            do throws(ParseError) {
                guard let step = try decoder?.decode(rest, at: time) else { break }
                switch step {
                case .message(let message, let consumed):
                    let taken = min(max(consumed, 1), rest.byteCount)
                    counters.messageBytes += UInt64(taken)
                    at += taken
                    wanted = 1
                    strikes = 0
                    emit(message)
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
                counters.undecodableBytes += 1
                at += 1
                wanted = 1
                isLost = true
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
}
