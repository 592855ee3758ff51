/// Traffic that no decoder of ours made a message of, by who serves it: what a new device says before anybody has
/// described it.
///
/// Bounded: `limit` services; what comes after is counted in `overflow`.
public struct UnclaimedTraffic: Sendable {
    public struct Service: Hashable, Sendable {
        public var transport: HeardMessage.Transport
        public var endpoint: Endpoint
    }

    public struct Row: Sendable {
        public var service: Service
        public var frames: UInt64
        /// Bytes of payload.
        public var bytes: UInt64
        /// How the first payload begins, at most 24 bytes.
        public var beginning: [UInt8]
        /// Whom it talked to: the number of addresses, at most 256 are told apart.
        public var peers: Int
    }

    private struct Entry {
        var frames: UInt64 = 0
        var bytes: UInt64 = 0
        var beginning: [UInt8] = []
        var peers: Set<IPAddress> = []
    }

    public let limit: Int
    private var entries: [Service: Entry] = [:]
    private var claimed: Set<Service> = []
    /// Frames of services beyond the limit.
    public private(set) var overflow: UInt64 = 0

    public init(limit: Int = 4_096) {
        self.limit = max(limit, 1)
    }

    /// Counts one frame; frames without UDP or TCP payload don't count.
    public mutating func add(_ frame: borrowing RawSpan, _ header: FrameHeader) {
        do throws(ParseError) {
            let link = try LinkView(copy frame, link: header.link)
            guard link.content == .ipv4 || link.content == .ipv6 else { return }
            let packet = link.content == .ipv6 ? try IPView(v6: link.payload) : try IPView(v4: link.payload)
            guard packet.fragment == nil else { return }
            switch packet.protocolNumber {
            case 17:
                let view = try UDPView(packet.payload, packetLength: packet.payloadLength)
                count(.udp, packet, view.sourcePort, view.targetPort, view.payload)
            case 6:
                let view = try TCPView(packet.payload, packetLength: packet.payloadLength)
                count(.tcp, packet, view.sourcePort, view.targetPort, view.payload)
            default: return
            }
        } catch {
            // What is no packet says nothing; the dissector counts it.
        }
    }

    /// A message came of it: the service is one that is understood.
    public mutating func claim(_ heard: HeardMessage) {
        for endpoint in [heard.source, heard.target] {
            if claimed.count < 2 * limit { claimed.insert(Service(transport: heard.transport, endpoint: endpoint)) }
        }
    }

    private mutating func count(
        _ transport: HeardMessage.Transport, _ packet: borrowing IPView, _ sourcePort: UInt16, _ targetPort: UInt16,
        _ payload: RawSpan
    ) {
        guard payload.byteCount > 0 else { return }
        // The lower port is the service: clients pick high ones.
        let isToService = targetPort <= sourcePort
        let endpoint =
            isToService ? Endpoint(packet.target, port: targetPort) : Endpoint(packet.source, port: sourcePort)
        let service = Service(transport: transport, endpoint: endpoint)
        guard entries[service] != nil || entries.count < limit else {
            overflow &+= 1
            return
        }
        let peer = isToService ? packet.source : packet.target
        var entry = entries.removeValue(forKey: service) ?? Entry()
        entry.frames &+= 1
        entry.bytes &+= UInt64(payload.byteCount)
        if entry.peers.count < 256 { entry.peers.insert(peer) }
        if entry.beginning.isEmpty {
            payload.withUnsafeBytes { entry.beginning = Array($0.prefix(24)) }
        }
        entries[service] = entry
    }

    /// Services of which nothing was understood, those with the most frames first.
    public var rows: [Row] {
        entries.filter { !claimed.contains($0.key) }
            .map { service, entry in
                Row(
                    service: service, frames: entry.frames, bytes: entry.bytes, beginning: entry.beginning,
                    peers: entry.peers.count)
            }
            .sorted { a, b in
                a.frames != b.frames
                    ? a.frames > b.frames
                    : (a.service.transport.rawValue, a.service.endpoint) < (
                        b.service.transport.rawValue, b.service.endpoint
                    )
            }
    }
}

extension UnclaimedTraffic.Row {
    /// `transport TAB host TAB port TAB frames TAB bytes TAB peers TAB beginning`: printable bytes as they are, others as
    /// `\x1b`. Eight of them tell a protocol; more might tell a name.
    public var tsv: String { tsv(showing: 8) }

    public func tsv(showing count: Int) -> String {
        let text = beginning.prefix(count).map { byte -> String in
            switch byte {
            case 0x5C: return "\\\\"
            case 0x20...0x7E: return String(UnicodeScalar(byte))
            default: return "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }.joined()
        return [
            service.transport.rawValue, service.endpoint.address.description, String(service.endpoint.port),
            String(frames), String(bytes), String(peers), text,
        ].joined(separator: "\t")
    }
}
