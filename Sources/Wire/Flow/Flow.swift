/// One TCP conversation: two directions whose decoders belong together.
struct Flow: Sendable {
    /// The conversation without its direction.
    struct Key: Equatable, Sendable {
        var low: Endpoint
        var high: Endpoint

        static func == (a: Key, b: Key) -> Bool {
            a.low.port == b.low.port && a.high.port == b.high.port && a.low.address == b.low.address
                && a.high.address == b.high.address
        }
    }

    /// Who says something to whom, and what a message needs to know of it.
    struct Talk {
        var source: Endpoint
        var target: Endpoint
        var vlan: UInt16?
        var innerVLAN: UInt16?
        var at: Timestamp
        var hardware: HardwareBits

        /// The same moment, from the other side.
        var reply: Talk {
            Talk(
                source: target, target: source, vlan: vlan, innerVLAN: innerVLAN, at: at, hardware: hardware.reply)
        }
    }

    private enum Choice {
        case open(PortClass)
        case chosen(ProtocolName)
        case ignored
    }

    let key: Key
    let vlan: UInt16?
    let innerVLAN: UInt16?
    /// Found by its bytes and not by its ports.
    let isSniffed: Bool
    var lastSeen: Timestamp
    /// Neighbours in the table's order of last use; negative for none.
    var newer = -1
    var older = -1

    /// From `key.low` to `key.high`, and back.
    /// From `key.low` to `key.high`, as it was seen last.
    private var hardware = HardwareBits()
    private var forward = StreamDirection()
    private var backward = StreamDirection()
    private var choice: Choice

    init(key: Key, vlan: UInt16?, innerVLAN: UInt16?, portClass: PortClass, at time: Timestamp) {
        self.key = key
        self.vlan = vlan
        self.innerVLAN = innerVLAN
        isSniffed = portClass == .unknown
        lastSeen = time
        choice = .open(portClass)
    }

    /// Kept up to date by the verbs: asking must not copy the flow out of its table.
    private(set) var heldBytes = 0
    private(set) var isFinished = false
    /// On a strange port, and nothing of ours.
    private(set) var isDisowned = false
    var unfinishedBytes: Int { forward.unfinishedBytes + backward.unfinishedBytes }

    /// A handshake that is not this conversation's: the ports are used again.
    /// Not a question of its own value alone: `mutating` has it asked in place (MEASURED: a copy of a flow is ten
    /// reference counts, 3 % of everything).
    mutating func isOver(by segment: TCPView, isForward: Bool) -> Bool {
        guard segment.flags.contains(.synchronise) else { return false }
        let (next, start) =
            isForward
            ? (forward.assembler.next, forward.assembler.start) : (backward.assembler.next, backward.assembler.start)
        return next != nil && (isFinished || start != segment.sequence.advanced(by: 1))
    }

    /// Takes one segment of the conversation, and gives the messages that it completes.
    mutating func accept(
        _ segment: TCPView, isForward: Bool, _ talk: Talk, limits: StreamAssembler.Limits,
        _ counters: inout DissectionCounters, _ sink: (consuming HeardMessage) -> Void
    ) {
        lastSeen = max(lastSeen, talk.at)
        if isForward {
            hardware = talk.hardware
            Self.accept(segment, &forward, &backward, &choice, talk, limits, &counters, sink)
        } else {
            hardware = talk.hardware.reply
            Self.accept(segment, &backward, &forward, &choice, talk, limits, &counters, sink)
        }
        note()
    }

    private mutating func note() {
        heldBytes = forward.heldBytes + backward.heldBytes
        isFinished = forward.isFinished && backward.isFinished
        if isSniffed, case .ignored = choice { isDisowned = true }
    }

    /// Ends both directions: what waits behind a hole is delivered, and what a decoder takes for whole at the end.
    /// - Parameter isEvicted: the conversation goes on without us, so what is unfinished is not at its end.
    mutating func finish(
        isEvicted: Bool = false, _ counters: inout DissectionCounters, _ sink: (consuming HeardMessage) -> Void
    ) {
        let there = Talk(
            source: key.low, target: key.high, vlan: vlan, innerVLAN: innerVLAN, at: lastSeen,
            hardware: hardware)
        Self.finish(&forward, &backward, &choice, there, isClosed: false, isEvicted: isEvicted, &counters, sink)
        Self.finish(&backward, &forward, &choice, there.reply, isClosed: false, isEvicted: isEvicted, &counters, sink)
        note()
    }
}

// The two directions are passed as themselves and their peer, so that one code serves both.
extension Flow {
    private static func accept(
        _ segment: TCPView, _ own: inout StreamDirection, _ peer: inout StreamDirection, _ choice: inout Choice,
        _ talk: Talk, _ limits: StreamAssembler.Limits, _ counters: inout DissectionCounters,
        _ sink: (consuming HeardMessage) -> Void
    ) {
        var sequence = segment.sequence
        let reply = talk.reply
        if segment.flags.contains(.synchronise) {
            sequence = sequence.advanced(by: 1)
            if own.assembler.next == nil { own.begin(at: sequence) }
        }
        if segment.flags.contains(.acknowledge) {
            peer.acknowledged = segment.acknowledgement
            skipLost(&peer, &own, &choice, reply, &counters, sink)
        }
        let bytes = segment.payload
        counters.streamBytes += UInt64(bytes.byteCount)
        if own.isFinished {
            counters.duplicateBytes += UInt64(bytes.byteCount)
            return
        }
        if segment.payloadLength > 0 {
            if own.assembler.next == nil {
                counters.flowsMidstream += peer.assembler.next == nil ? 1 : 0
                own.begin(at: sequence)
            }
            take(sequence, bytes, segment.payloadLength, &own, &peer, &choice, talk, limits, &counters, sink)
        }
        if segment.flags.contains(.finish), own.assembler.next != nil {
            own.assembler.finish(at: sequence.advanced(by: segment.payloadLength))
        }
        if own.assembler.isComplete { finish(&own, &peer, &choice, talk, &counters, sink) }
        if segment.flags.contains(.reset), plausible(segment, own) {
            finish(&own, &peer, &choice, talk, &counters, sink)
            finish(&peer, &own, &choice, reply, &counters, sink)
        }
    }

    /// A reset far from the stream's place is somebody else's (RFC 5961 section 3).
    private static func plausible(_ segment: TCPView, _ own: StreamDirection) -> Bool {
        guard let next = own.assembler.next else { return true }
        return abs(segment.sequence.distance(from: next)) <= 1 << 20
    }

    private static func take(
        _ sequence: SequenceNumber, _ bytes: RawSpan, _ wireLength: Int, _ own: inout StreamDirection,
        _ peer: inout StreamDirection, _ choice: inout Choice, _ talk: Talk, _ limits: StreamAssembler.Limits,
        _ counters: inout DissectionCounters, _ sink: (consuming HeardMessage) -> Void
    ) {
        switch own.assembler.place(sequence, bytes, at: talk.at, &counters) {
        case .inOrder(let offset):
            let fresh = bytes.from(unchecked: offset)
            own.assembler.advance(over: fresh)
            feed(fresh, &own, &peer, &choice, talk, &counters, sink)
            let cut = wireLength - bytes.byteCount
            if cut > 0 {
                // The capture's snap length cut the segment: these bytes never come.
                counters.gaps += 1
                counters.gapBytes += UInt64(cut)
                own.losePlace(&counters)
                own.assembler.pass(over: cut)
            }
            feedPending(&own, &peer, &choice, talk, ownTime: false, &counters, sink)
        case .nothing:
            skipLost(&own, &peer, &choice, talk, &counters, sink)
            while own.assembler.isFull(limits) {
                skipHole(&own, &peer, &choice, talk, &counters, sink)
            }
        }
    }

    /// Gives up a hole that the other side says it has received: the capture lost it, nobody will send it again.
    private static func skipLost(
        _ own: inout StreamDirection, _ peer: inout StreamDirection, _ choice: inout Choice, _ talk: Talk,
        _ counters: inout DissectionCounters, _ sink: (consuming HeardMessage) -> Void
    ) {
        while let hole = own.assembler.hole, let next = own.assembler.next, let acknowledged = own.acknowledged,
            acknowledged.distance(from: next) >= hole
        {
            skipHole(&own, &peer, &choice, talk, &counters, sink)
        }
    }

    private static func skipHole(
        _ own: inout StreamDirection, _ peer: inout StreamDirection, _ choice: inout Choice, _ talk: Talk,
        _ counters: inout DissectionCounters, _ sink: (consuming HeardMessage) -> Void
    ) {
        guard let hole = own.assembler.hole else { return }
        if hole > 0 {
            counters.gaps += 1
            counters.gapBytes += UInt64(hole)
            own.losePlace(&counters)
            own.assembler.pass(over: hole)
        }
        feedPending(&own, &peer, &choice, talk, ownTime: true, &counters, sink)
    }

    /// - Parameter ownTime: whether the pieces' messages were whole when the pieces came, or only now.
    private static func feedPending(
        _ own: inout StreamDirection, _ peer: inout StreamDirection, _ choice: inout Choice, _ talk: Talk,
        ownTime: Bool, _ counters: inout DissectionCounters, _ sink: (consuming HeardMessage) -> Void
    ) {
        var talk = talk
        while let piece = own.assembler.nextPending(&counters) {
            if ownTime { talk.at = piece.time }
            let bytes = piece.bytes.span.bytes
            own.assembler.advance(over: bytes)
            feed(bytes, &own, &peer, &choice, talk, &counters, sink)
        }
    }

    private static func feed(
        _ bytes: RawSpan, _ own: inout StreamDirection, _ peer: inout StreamDirection, _ choice: inout Choice,
        _ talk: Talk, _ counters: inout DissectionCounters, _ sink: (consuming HeardMessage) -> Void
    ) {
        if own.isIgnored {
            counters.ignoredBytes += UInt64(bytes.byteCount)
            return
        }
        if case .chosen = choice, own.buffer.isEmpty {
            let done = decode(bytes, &own, &peer, talk, &counters, sink)
            if done < bytes.byteCount {
                bytes.from(unchecked: done).withUnsafeBytes { own.buffer.append(contentsOf: $0) }
            }
            return
        }
        bytes.withUnsafeBytes { own.buffer.append(contentsOf: $0) }
        if case .open(let portClass) = choice {
            choose(portClass, &own, &peer, &choice, talk, &counters, sink)
        }
        if case .chosen = choice { decodeBuffer(&own, &peer, talk, &counters, sink) }
    }

    /// Decides what the conversation is by the first bytes of whoever speaks first.
    private static func choose(
        _ portClass: PortClass, _ own: inout StreamDirection, _ peer: inout StreamDirection, _ choice: inout Choice,
        _ talk: Talk, _ counters: inout DissectionCounters, _ sink: (consuming HeardMessage) -> Void
    ) {
        switch Protocols.streamProtocol(portClass, own.buffer.span.bytes) {
        case .chosen(let name):
            choice = .chosen(name)
            own.decoder = Protocols.streamDecoder(name)
            peer.decoder = Protocols.streamDecoder(name)
            guard own.decoder != nil, peer.decoder != nil else { fallthrough }
            let reply = talk.reply
            decodeBuffer(&peer, &own, reply, &counters, sink)
        case .none:
            choice = .ignored
            own.ignore(&counters)
            peer.ignore(&counters)
        case .needMore(let count):
            if count <= Protocols.streamBufferLimit, own.buffer.count < Protocols.streamBufferLimit { return }
            choice = .ignored
            own.ignore(&counters)
            peer.ignore(&counters)
        }
    }

    private static func decodeBuffer(
        _ own: inout StreamDirection, _ peer: inout StreamDirection, _ talk: Talk,
        _ counters: inout DissectionCounters, _ sink: (consuming HeardMessage) -> Void
    ) {
        guard !own.buffer.isEmpty, own.buffer.count >= own.wanted || own.isLost else { return }
        var held: [UInt8] = []
        swap(&held, &own.buffer)
        let done = decode(held.span.bytes, &own, &peer, talk, &counters, sink)
        held.removeFirst(done)
        swap(&held, &own.buffer)
    }

    private static func decode(
        _ bytes: RawSpan, _ own: inout StreamDirection, _ peer: inout StreamDirection, _ talk: Talk,
        _ counters: inout DissectionCounters, _ sink: (consuming HeardMessage) -> Void
    ) -> Int {
        own.decode(bytes, at: talk.at, &counters) { message, counters in
            emit(message, &peer, talk, &counters, sink)
        }
    }

    private static func emit(
        _ message: Message, _ peer: inout StreamDirection, _ talk: Talk, _ counters: inout DissectionCounters,
        _ sink: (consuming HeardMessage) -> Void
    ) {
        peer.decoder?.heard(message)
        let circumstances = Delivery.Circumstances(
            at: talk.at, source: talk.source, target: talk.target, transport: .tcp, vlan: talk.vlan,
            innerVLAN: talk.innerVLAN, hardware: talk.hardware)
        Delivery.deliver(message, circumstances, &counters, sink)
    }

    private static func finish(
        _ own: inout StreamDirection, _ peer: inout StreamDirection, _ choice: inout Choice, _ talk: Talk,
        isClosed: Bool = true, isEvicted: Bool = false, _ counters: inout DissectionCounters,
        _ sink: (consuming HeardMessage) -> Void
    ) {
        if own.isFinished { return }
        while own.assembler.hole != nil {
            skipHole(&own, &peer, &choice, talk, &counters, sink)
        }
        own.isFinished = true
        guard !own.buffer.isEmpty else { return }
        var held: [UInt8] = []
        swap(&held, &own.buffer)
        if isClosed { own.decoder?.closed() }
        do throws(ParseError) {
            if !own.isLost, !isEvicted, let message = try own.decoder?.finish(held.span.bytes, at: talk.at) {
                counters.messageBytes += UInt64(held.count)
                emit(message, &peer, talk, &counters, sink)
            } else {
                counters.abandonedBytes += UInt64(held.count)
            }
        } catch {
            counters.count(error)
            counters.abandonedBytes += UInt64(held.count)
        }
    }
}
