internal import Domain
internal import Wire

/// Both directions of a sample's conversation, decoded as the dissector would.
struct SampleConversation {
    struct Failure: Error {
        var message: String
    }

    private let wire: ProtocolName
    private let transport: HeardMessage.Transport
    private let layout: FrameLayout?
    private var streams: [Stream] = [Stream(), Stream()]
    /// Which of its echoes are answered.
    private var echoes = EchoMemory()
    /// Bytes of the last block that stand in no frame.
    private(set) var passedOver = 0
    private var isDatagram: Bool { transport == .udp || transport == .ip }

    private struct Stream {
        var decoder: (any ProtocolDecoder)?
        var rest: [UInt8] = []
        /// Where the rest begins.
        var restLine = 0
    }

    init(profile: DeviceProfile, sample: DeviceFolder.Sample) {
        let name = sample.protocolName ?? profile.protocolName
        wire = Protocols.carrier(of: name)
        layout = wire == .framed ? profile.frame : nil
        let isDatagram = layout != nil || Protocols.datagramDecoder(wire) != nil
        transport = wire == .icmp ? .ip : sample.transport ?? (isDatagram ? .udp : .tcp)
    }

    var hasRest: Bool { streams.contains { !$0.rest.isEmpty } }

    /// What is wrong at the end, if anything, and at which line it begins.
    var rest: (line: Int, message: String)? {
        guard let stream = streams.filter({ !$0.rest.isEmpty }).min(by: { $0.restLine < $1.restLine }) else {
            return nil
        }
        return (stream.restLine, "the last \(stream.rest.count) bytes, from here on, are no whole message")
    }

    private var port: UInt16 {
        switch wire {
        case .syslog: 514
        case .mqtt: 1_883
        case .sip: 5_060
        default: 8_090
        }
    }

    mutating func hear(_ block: SampleText.Block) throws(Failure) -> [HeardMessage] {
        let side = block.isToDevice ? 1 : 0
        if streams[side].rest.isEmpty, let fault = HeadLines.fault(in: block, of: wire) {
            throw Failure(message: fault)
        }
        // Both sides of a stream are followed from its beginning: each knows what the other said.
        for side in streams.indices where streams[side].decoder == nil || isDatagram {
            let plain = isDatagram ? Protocols.datagramDecoder(wire) : Protocols.streamDecoder(wire)
            streams[side].decoder = layout.map { FramedDecoder($0) } ?? plain
        }
        guard var decoder = streams[side].decoder else {
            throw Failure(message: "\(wire.rawValue) does not come over \(transport.rawValue)")
        }
        passedOver = 0
        var buffer = streams[side].rest + block.bytes
        var messages: [Message] = []
        reading: while !buffer.isEmpty {
            do throws(ParseError) {
                switch try decoder.decode(buffer.span.bytes, at: block.at) {
                case .message(let message, let consumed):
                    messages.append(message)
                    buffer.removeFirst(min(max(1, consumed), buffer.count))
                case .skip(let count):
                    if wire == .framed { passedOver += min(max(1, count), buffer.count) }
                    buffer.removeFirst(min(max(1, count), buffer.count))
                case .needMore:
                    if isDatagram {
                        throw ParseError(.application, .truncated, needed: buffer.count + 1, available: buffer.count)
                    }
                    break reading
                }
            } catch {
                var framed = layout.map { FramedDecoder($0) }
                let fault = framed?.fault(buffer.span.bytes) ?? "\(error.reason.rawValue) at byte \(error.offset)"
                throw Failure(message: "no \(wire.rawValue) message: " + fault + advice(block, messages.count, side))
            }
        }
        // What is left of more than this block began before it.
        if streams[side].rest.isEmpty || buffer.count <= block.bytes.count { streams[side].restLine = block.line }
        streams[side].rest = buffer
        streams[side].decoder = decoder
        for message in messages { streams[1 - side].decoder?.heard(message) }
        if wire == .icmp {
            for index in messages.indices {
                echoes.pair(
                    &messages[index], from: block.isToDevice ? other.address : device.address,
                    to: block.isToDevice ? device.address : other.address, at: block.at)
            }
        }
        return heard(messages, block.at, isToDevice: block.isToDevice)
    }

    private var device: Endpoint { Endpoint(DeviceFolder.deviceAddress, port: wire == .sip ? 5_060 : 40_000) }
    private var other: Endpoint { Endpoint(DeviceFolder.otherAddress, port: port) }

    private func heard(_ messages: [Message], _ at: Timestamp, isToDevice: Bool) -> [HeardMessage] {
        messages.flatMap { [$0] + Protocols.expand($0) }.map {
            HeardMessage(
                $0, at: at, source: isToDevice ? other : device, target: isToDevice ? device : other,
                transport: transport)
        }
    }

    /// What people most often forget where the bytes of a block are no message.
    private func advice(_ block: SampleText.Block, _ read: Int, _ side: Int) -> String {
        let rest = streams[side].rest.count
        if rest > 0 {
            return ", after the \(rest) bytes from line \(streams[side].restLine) on that are no whole message: "
                + "is its length right?"
        }
        switch wire {
        case .mqtt where block.form == .text: return "; is 'publish TOPIC' missing after the time?"
        case .http, .sip, .rtsp:
            return read > 0 ? "; what stands before it is a whole message: write 'Content-Length: *'" : ""
        default: return ""
        }
    }

    /// What only the end of the connection ends: a message that has no length.
    struct Ending {
        var line: Int
        var isToDevice: Bool
        var heard: [HeardMessage]
    }

    /// Nothing more comes after the last block; what is a message then is no rest any more.
    mutating func end(at last: Timestamp) -> [Ending] {
        var out: [Ending] = []
        for side in streams.indices where !isDatagram && !streams[side].rest.isEmpty {
            let rest = streams[side].rest
            // As for a capture that ends: what announced more than came stays a fault.
            guard let message = try? streams[side].decoder?.finish(rest.span.bytes, at: last), !message.has("torn")
            else {
                continue
            }
            streams[side].rest = []
            out.append(
                Ending(
                    line: streams[side].restLine, isToDevice: side == 1,
                    heard: heard([message], last, isToDevice: side == 1)))
        }
        return out
    }
}
