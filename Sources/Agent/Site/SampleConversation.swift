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

    /// Whether the lines are the head of a message whose lines must end in CR LF, and do not: it would never end.
    private func lacksLineEnds(_ block: SampleText.Block) -> Bool {
        guard block.form == .text, [.http, .sip, .rtsp].contains(wire), streams[block.isToDevice ? 1 : 0].rest.isEmpty
        else { return false }
        let line = String(decoding: block.bytes.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
        let words = line.split(separator: " ")
        return [words.first, words.last].contains { word in
            ["HTTP/1.", "SIP/2.", "RTSP/1."].contains { word?.hasPrefix($0) == true }
        }
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
        let device = Endpoint(DeviceFolder.deviceAddress, port: wire == .sip ? 5_060 : 40_000)
        let other = Endpoint(DeviceFolder.otherAddress, port: port)
        let side = block.isToDevice ? 1 : 0
        if lacksLineEnds(block) {
            throw Failure(
                message:
                    "the lines of \(wire.rawValue) end in CR LF, and a blank one ends the head: write 'crlf' after "
                    + "the time")
        }
        // Both sides of a stream are followed from its beginning: each knows what the other said.
        for side in streams.indices where streams[side].decoder == nil || isDatagram {
            let plain = isDatagram ? Protocols.datagramDecoder(wire) : Protocols.streamDecoder(wire)
            streams[side].decoder = layout.map { FramedDecoder($0) } ?? plain
        }
        guard var decoder = streams[side].decoder else {
            throw Failure(message: "\(wire.rawValue) does not come over \(transport.rawValue)")
        }
        var buffer = streams[side].rest + block.bytes
        var messages: [Message] = []
        reading: while !buffer.isEmpty {
            do throws(ParseError) {
                switch try decoder.decode(buffer.span.bytes, at: block.at) {
                case .message(let message, let consumed):
                    messages.append(message)
                    buffer.removeFirst(min(max(1, consumed), buffer.count))
                case .skip(let count):
                    buffer.removeFirst(min(max(1, count), buffer.count))
                case .needMore:
                    if isDatagram {
                        throw ParseError(.application, .truncated, needed: buffer.count + 1, available: buffer.count)
                    }
                    break reading
                }
            } catch {
                var framed = layout.map { FramedDecoder($0) }
                let fault = framed?.fault(buffer.span.bytes)
                throw Failure(
                    message: "no \(wire.rawValue) message: "
                        + (fault ?? "\(error.reason.rawValue) at byte \(error.offset)"))
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
        return messages.flatMap { [$0] + Protocols.expand($0) }.map {
            HeardMessage(
                $0, at: block.at, source: block.isToDevice ? other : device, target: block.isToDevice ? device : other,
                transport: transport)
        }
    }
}
