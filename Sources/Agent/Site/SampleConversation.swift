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
    }

    init(profile: DeviceProfile, sample: DeviceFolder.Sample) {
        let name = sample.protocolName ?? profile.protocolName
        wire = Protocols.carrier(of: name)
        layout = wire == .framed ? profile.frame : nil
        let isDatagram = layout != nil || Protocols.datagramDecoder(wire) != nil
        transport = wire == .icmp ? .ip : sample.transport ?? (isDatagram ? .udp : .tcp)
    }

    var hasRest: Bool { streams.contains { !$0.rest.isEmpty } }

    /// What is wrong at the end, if anything.
    var rest: String? {
        let count = streams.reduce(0) { $0 + $1.rest.count }
        return count > 0 ? "the last \(count) bytes are no whole message" : nil
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
