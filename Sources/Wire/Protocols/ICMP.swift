/// ICMP of IPv4 and IPv6: who answers, and what a network says of packets that did not arrive.
///
/// Reference: RFC 792, RFC 1122 section 3.2.2, RFC 1812 section 5.2.7 for IPv4; RFC 4443 and RFC 4861 for IPv6. Of a quoted packet
/// (which is cut, so nothing of it is checked but its headers) only its ends become fields: what it said was heard when
/// it was sent. `EchoMemory` makes `rtt` and `unanswered` of requests and replies.
public enum ICMP {
    public enum Field {
        /// `echo-request`, `echo-reply`, `unreachable`, `time-exceeded`, `parameter-problem`, `packet-too-big`,
        /// `redirect`, `source-quench`, `neighbour-solicitation` and the like; the number of any other.
        public static let type: FieldName = "type"
        /// Of `unreachable` and `time-exceeded` by name (`port`, `host`, `prohibited`, `transit`); else its number, where
        /// it is not 0.
        public static let code: FieldName = "code"
        /// Of an echo: whose, and which one of them.
        public static let identifier: FieldName = "identifier"
        public static let sequence: FieldName = "sequence"
        /// Bytes behind an echo's header, as the IP header tells it: also where the capture kept fewer of them.
        public static let payloadLength: FieldName = "payload-length"
        /// The largest packet that would pass (`packet-too-big`, and `unreachable` with code `fragmentation-needed`).
        public static let mtu: FieldName = "mtu"
        /// The ends of the packet that an error is about: `tcp`, `udp`, `icmp` or a number; ports where it has them.
        public static let quotedProtocol: FieldName = "quoted-protocol"
        public static let quotedSource: FieldName = "quoted-source"
        public static let quotedDestination: FieldName = "quoted-destination"
        public static let quotedSourcePort: FieldName = "quoted-source-port"
        public static let quotedDestinationPort: FieldName = "quoted-destination-port"
        /// Of a reply whose request was heard: milliseconds between them.
        public static let rtt: FieldName = "rtt"
        /// Of a request: how many requests of the same two hosts before it, in a row, got no reply.
        public static let unanswered: FieldName = "unanswered"
    }

    public static let fields: [FieldName] = [
        Field.type, Field.code, Field.identifier, Field.sequence, Field.payloadLength, Field.mtu,
        Field.quotedProtocol, Field.quotedSource, Field.quotedDestination, Field.quotedSourcePort,
        Field.quotedDestinationPort, Field.rtt, Field.unanswered,
    ]

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        guard let type = message.text(Field.type) else { return [] }
        return [("type", type)]
    }

    private static func typeName(_ type: UInt8, isV6: Bool) -> String? {
        switch (isV6, type) {
        case (false, 0), (true, 129): "echo-reply"
        case (false, 8), (true, 128): "echo-request"
        case (false, 3), (true, 1): "unreachable"
        case (false, 11), (true, 3): "time-exceeded"
        case (false, 12), (true, 4): "parameter-problem"
        case (true, 2): "packet-too-big"
        case (false, 4): "source-quench"
        case (false, 5), (true, 137): "redirect"
        case (false, 9), (true, 134): "router-advertisement"
        case (false, 10), (true, 133): "router-solicitation"
        case (false, 13): "timestamp-request"
        case (false, 14): "timestamp-reply"
        case (true, 130): "listener-query"
        case (true, 131), (true, 143): "listener-report"
        case (true, 132): "listener-done"
        case (true, 135): "neighbour-solicitation"
        case (true, 136): "neighbour-advertisement"
        default: nil
        }
    }

    private static let unreachableV4 = [
        "network", "host", "protocol", "port", "fragmentation-needed", "source-route", "network-unknown",
        "host-unknown", "host-isolated", "network-prohibited", "host-prohibited", "network-service", "host-service",
        "prohibited", "precedence", "precedence-cutoff",
    ]
    private static let unreachableV6 = [
        "network", "prohibited", "beyond-scope", "host", "port", "source-policy", "rejected", "source-route",
    ]
    private static let exceeded = ["transit", "reassembly"]

    private static func codeName(_ type: String, _ code: UInt8, isV6: Bool) -> String? {
        let names: [String]
        switch type {
        case "unreachable": names = isV6 ? unreachableV6 : unreachableV4
        case "time-exceeded": names = exceeded
        default: return code == 0 ? nil : String(code)
        }
        return names.indices.contains(Int(code)) ? names[Int(code)] : String(code)
    }

    /// - Parameter length: bytes of the message on the wire, of which `bytes` are what the capture kept.
    static func message(_ bytes: borrowing RawSpan, length: Int, isV6: Bool) throws(ParseError) -> Message {
        guard bytes.byteCount >= 8 else {
            throw ParseError(.application, .truncated, needed: 8, available: bytes.byteCount)
        }
        let number = bytes.octet(0)
        let code = bytes.octet(1)
        var message = Message(.icmp)
        let type = typeName(number, isV6: isV6) ?? String(number)
        message.add(Field.type, text: type)
        if let name = codeName(type, code, isV6: isV6) { message.add(Field.code, text: name) }
        switch type {
        case "echo-request", "echo-reply":
            message.add(Field.identifier, integer: bytes.big16(unchecked: 4))
            message.add(Field.sequence, integer: bytes.big16(unchecked: 6))
            message.add(Field.payloadLength, integer: max(length, bytes.byteCount) - 8)
        case "unreachable", "time-exceeded", "parameter-problem", "packet-too-big", "source-quench":
            if type == "packet-too-big" { message.add(Field.mtu, integer: bytes.big32(unchecked: 4)) }
            if type == "unreachable", !isV6, code == 4 { message.add(Field.mtu, integer: bytes.big16(unchecked: 6)) }
            quote(bytes.extracting(8..<bytes.byteCount), &message)
        case "redirect" where !isV6:
            quote(bytes.extracting(8..<bytes.byteCount), &message)
        default: break
        }
        return message
    }

    /// The headers of the packet that did not arrive. A quotation that is no packet says nothing.
    private static func quote(_ bytes: RawSpan, _ message: inout Message) {
        do throws(ParseError) {
            let packet = bytes.octet(0) >> 4 == 6 ? try IPView(v6: bytes) : try IPView(v4: bytes)
            switch packet.protocolNumber {
            case 6: message.add(Field.quotedProtocol, text: "tcp")
            case 17: message.add(Field.quotedProtocol, text: "udp")
            case 1, 58: message.add(Field.quotedProtocol, text: "icmp")
            default: message.add(Field.quotedProtocol, text: String(packet.protocolNumber))
            }
            message.add(Field.quotedSource, text: packet.source.description)
            message.add(Field.quotedDestination, text: packet.target.description)
            let hasPorts = packet.protocolNumber == 6 || packet.protocolNumber == 17
            // Later pieces have no ports.
            guard hasPorts, (packet.fragment?.offset ?? 0) == 0, packet.payload.byteCount >= 4 else { return }
            message.add(Field.quotedSourcePort, integer: packet.payload.big16(unchecked: 0))
            message.add(Field.quotedDestinationPort, integer: packet.payload.big16(unchecked: 2))
        } catch {
            return
        }
    }

    /// An IPv4 echo with its checksum (RFC 1071), or an IPv6 one, whose checksum needs the addresses and is left 0.
    public static func encodeEcho(
        isReply: Bool, identifier: UInt16, sequence: UInt16, payload: [UInt8] = [], isV6: Bool = false
    ) -> [UInt8] {
        let type: UInt8
        switch (isV6, isReply) {
        case (false, false): type = 8
        case (false, true): type = 0
        case (true, false): type = 128
        case (true, true): type = 129
        }
        var out: [UInt8] = [type, 0, 0, 0]
        for value in [identifier, sequence] { out += [UInt8(value >> 8), UInt8(value & 255)] }
        out += payload
        if isV6 { return out }
        let sum = checksum(out)
        out[2] = UInt8(sum >> 8)
        out[3] = UInt8(sum & 255)
        return out
    }

    /// What a host or router answers to a packet that it can't deliver: `quoted` is that packet from its IP header on.
    /// `code` is RFC 792's: 3 for a closed port.
    public static func encodeUnreachable(code: UInt8, quoted: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [3, code, 0, 0, 0, 0, 0, 0] + quoted
        let sum = checksum(out)
        out[2] = UInt8(sum >> 8)
        out[3] = UInt8(sum & 255)
        return out
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for (index, byte) in bytes.enumerated() {
            sum &+= index % 2 == 0 ? UInt32(byte) << 8 : UInt32(byte)
            sum = (sum & 0xFFFF) &+ (sum >> 16)
        }
        return ~UInt16(truncatingIfNeeded: sum)
    }
}

/// One ICMP message per packet: of IPv4 unless told otherwise, since the numbers of the two are not the same.
public struct ICMPDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .icmp }
    public static var fields: [FieldName] { ICMP.fields }

    private let isV6: Bool

    public init(isV6: Bool = false) {
        self.isV6 = isV6
    }

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        .message(try ICMP.message(bytes, length: bytes.byteCount, isV6: isV6), consumed: max(bytes.byteCount, 1))
    }
}
