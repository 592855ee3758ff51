/// DHCP for IPv4: which device asks for which address, and by which name.
///
/// Reference: RFC 2131 section 2, RFC 2132 (options), RFC 3396 (long options come in pieces), RFC 4702 (client FQDN).
///
/// A client's hardware address and host name say which device speaks. They are for the devices of a site and for
/// finding new ones; nothing of a visitor's telephone belongs into an event.
public enum DHCP {
    public enum Field {
        /// 1 to 8 and later ones: the option's number; `message` is its name.
        public static let messageType: FieldName = "message-type"
        /// `DISCOVER`, `OFFER`, `REQUEST`, `DECLINE`, `ACK`, `NAK`, `RELEASE` or `INFORM`.
        public static let message: FieldName = "message"
        public static let isReply: FieldName = "reply"
        public static let transactionId: FieldName = "transaction-id"
        public static let clientMAC: FieldName = "client-mac"
        /// The address that the client has, and the one it is given.
        public static let clientAddress: FieldName = "client-address"
        public static let yourAddress: FieldName = "your-address"
        public static let relayAddress: FieldName = "relay-address"
        public static let requestedAddress: FieldName = "requested-address"
        public static let serverAddress: FieldName = "server-address"
        public static let hostName: FieldName = "host-name"
        public static let fullName: FieldName = "fqdn"
        public static let domainName: FieldName = "domain-name"
        public static let vendorClass: FieldName = "vendor-class"
        /// Seconds.
        public static let leaseTime: FieldName = "lease-time"
        /// One per time server that the network names.
        public static let timeServer: FieldName = "time-server"
        /// The options that a client asks for, in its order: a fingerprint of its kind.
        public static let requestedOptions: FieldName = "requested-options"
        /// The options are damaged behind what the other fields say.
        public static let malformed: FieldName = "malformed"
    }

    public static let fields: [FieldName] = [
        Field.messageType, Field.message, Field.isReply, Field.transactionId, Field.clientMAC, Field.clientAddress,
        Field.yourAddress, Field.relayAddress, Field.requestedAddress, Field.serverAddress, Field.hostName,
        Field.fullName, Field.domainName, Field.vendorClass, Field.leaseTime, Field.timeServer,
        Field.requestedOptions, Field.malformed,
    ]

    static let messageNames = ["DISCOVER", "OFFER", "REQUEST", "DECLINE", "ACK", "NAK", "RELEASE", "INFORM"]
    static let cookie: UInt32 = 0x6382_5363
    /// The fixed part, the cookie included.
    static let headLength = 240

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        guard let type = message.text(Field.messageType) else { return [] }
        return [("message-type", type)]
    }

    /// A client's message: DISCOVER is 1, REQUEST 3.
    public static func encodeRequest(
        type: UInt8, transactionId: UInt32, mac: [UInt8], hostName: String? = nil, vendorClass: String? = nil,
        requestedAddress: UInt32? = nil
    ) -> [UInt8] {
        var out: [UInt8] = [1, 1, 6, 0] + big(transactionId) + [UInt8](repeating: 0, count: 20)
        out += mac.prefix(6) + [UInt8](repeating: 0, count: 16 - min(mac.count, 6) + 192) + big(cookie)
        out += [53, 1, type]
        if let requestedAddress { out += [50, 4] + big(requestedAddress) }
        if let hostName { out += option(12, hostName) }
        if let vendorClass { out += option(60, vendorClass) }
        return out + [255]
    }

    private static func option(_ code: UInt8, _ text: String) -> [UInt8] {
        let bytes = Array(text.utf8.prefix(255))
        return [code, UInt8(bytes.count)] + bytes
    }

    private static func big(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }
}

/// One DHCP message per datagram.
public struct DHCPDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .dhcp }
    public static var fields: [FieldName] { DHCP.fields }

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        guard bytes.byteCount >= DHCP.headLength else {
            throw ParseError(
                .application, .truncated, needed: DHCP.headLength, available: bytes.byteCount)
        }
        let operation = bytes.octet(0)
        guard bytes.big32(unchecked: 236) == DHCP.cookie else {
            // BOOTP of RFC 951, or another vendor area.
            throw ParseError(.application, .unsupported, offset: 236)
        }
        var message = Message(.dhcp, copying: bytes)
        var options = Options()
        var isMalformed = operation != 1 && operation != 2
        do throws(ParseError) {
            try options.read(bytes, DHCP.headLength..<bytes.byteCount)
            // The options go on in the file and server name fields (RFC 2132 section 9.3).
            if options.overload & 1 != 0 { try options.read(bytes, 108..<236) }
            if options.overload & 2 != 0 { try options.read(bytes, 44..<108) }
        } catch {
            isMalformed = true
        }
        if let type = options.messageType {
            message.add(DHCP.Field.messageType, integer: type)
            if DHCP.messageNames.indices.contains(Int(type) - 1) {
                message.add(DHCP.Field.message, text: DHCP.messageNames[Int(type) - 1])
            }
        }
        message.add(DHCP.Field.isReply, boolean: operation == 2)
        message.add(DHCP.Field.transactionId, text: bytes.hexadecimal(4..<8))
        // Ethernet; other hardware has other addresses, and none that a site file could name.
        if bytes.octet(1) == 1, bytes.octet(2) == 6 {
            message.add(DHCP.Field.clientMAC, text: bytes.hexadecimal(28..<34, separator: ":"))
        }
        for (name, start) in [
            (DHCP.Field.clientAddress, 12), (DHCP.Field.yourAddress, 16), (DHCP.Field.relayAddress, 24),
        ] where bytes.big32(unchecked: start) != 0 {
            message.add(name, text: bytes.dottedAddress(start..<start + 4))
        }
        options.add(bytes, to: &message)
        if isMalformed { message.add(DHCP.Field.malformed, boolean: true) }
        return .message(message, consumed: bytes.byteCount)
    }
}

/// The options that are read, where they stand. An option in several pieces (RFC 3396) is read by its first.
private struct Options {
    var messageType: UInt8?
    var overload: UInt8 = 0
    private var found: [(name: FieldName, kind: Kind, range: Range<Int>)] = []

    private enum Kind { case text, address, addresses, seconds, list, name }

    private static func known(_ code: UInt8) -> (FieldName, Kind)? {
        switch code {
        case 12: (DHCP.Field.hostName, .text)
        case 15: (DHCP.Field.domainName, .text)
        case 42: (DHCP.Field.timeServer, .addresses)
        case 50: (DHCP.Field.requestedAddress, .address)
        case 51: (DHCP.Field.leaseTime, .seconds)
        case 54: (DHCP.Field.serverAddress, .address)
        case 55: (DHCP.Field.requestedOptions, .list)
        case 60: (DHCP.Field.vendorClass, .text)
        case 81: (DHCP.Field.fullName, .name)
        default: nil
        }
    }

    /// Until the end option, or the end: not every sender writes it.
    mutating func read(_ bytes: borrowing RawSpan, _ range: Range<Int>) throws(ParseError) {
        var reader = ByteReader(from: range.lowerBound, to: range.upperBound)
        while reader.remaining > 0 {
            let code = try reader.byte(bytes)
            if code == 0 { continue }
            if code == 255 { return }
            let length = Int(try reader.byte(bytes))
            let value = try reader.range(length)
            switch code {
            case 52 where value.count == 1: overload = bytes.octet(value.lowerBound)
            case 53 where value.count == 1: messageType = messageType ?? bytes.octet(value.lowerBound)
            default:
                guard let (name, kind) = Self.known(code), !found.contains(where: { $0.name == name }) else { continue }
                found.append((name, kind, value))
            }
        }
    }

    func add(_ bytes: borrowing RawSpan, to message: inout Message) {
        for (name, kind, range) in found {
            switch kind {
            case .text:
                if bytes.isPlainText(range), !range.isEmpty { message.add(name, in: bytes.withoutNul(range)) }
            case .address:
                if range.count == 4 { message.add(name, text: bytes.dottedAddress(range)) }
            case .addresses:
                for start in stride(from: range.lowerBound, to: range.upperBound - 3, by: 4) {
                    message.add(name, text: bytes.dottedAddress(start..<start + 4))
                }
            case .seconds:
                if range.count == 4 { message.add(name, integer: bytes.big32(unchecked: range.lowerBound)) }
            case .list:
                message.add(name, text: range.map { String(bytes.octet($0)) }.joined(separator: ","))
            case .name:
                fullName(bytes, name, range, &message)
            }
        }
    }

    /// Flags and two result codes, then a name as text or, with the E flag, in DNS form (RFC 4702 section 2).
    private func fullName(
        _ bytes: borrowing RawSpan, _ name: FieldName, _ range: Range<Int>, _ message: inout Message
    ) {
        guard range.count > 3 else { return }
        let value = range.lowerBound + 3..<range.upperBound
        if bytes.octet(range.lowerBound) & 4 == 0 {
            if bytes.isPlainText(value) { message.add(name, in: bytes.withoutNul(value)) }
            return
        }
        var labels: [String] = []
        var index = value.lowerBound
        while index < value.upperBound, bytes.octet(index) > 0 {
            let label = index + 1..<min(index + 1 + Int(bytes.octet(index)), value.upperBound)
            guard bytes.isPlainText(label) else { return }
            labels.append(bytes.text(label))
            index = label.upperBound
        }
        if !labels.isEmpty { message.add(name, text: labels.joined(separator: ".")) }
    }
}
