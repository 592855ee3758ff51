/// ARP for IPv4 over Ethernet: who has which address.
///
/// Reference: RFC 826; RFC 5227 for probes and announcements. Every packet is evidence of its sender.
public enum ARP {
    public enum Field {
        /// `request`, `reply`, or the number of another operation.
        public static let operation: FieldName = "operation"
        public static let senderMAC: FieldName = "sender-mac"
        /// `0.0.0.0` in a probe.
        public static let senderAddress: FieldName = "sender-ip"
        /// Absent from a request, which asks for it.
        public static let targetMAC: FieldName = "target-mac"
        public static let targetAddress: FieldName = "target-ip"
        /// True if the sender tells its own address unasked (RFC 5227 section 3), as devices do when they start.
        public static let announcement: FieldName = "announcement"
    }

    public static let fields: [FieldName] = [
        Field.operation, Field.senderMAC, Field.senderAddress, Field.targetMAC, Field.targetAddress,
        Field.announcement,
    ]

    /// Bytes of a packet for IPv4 over Ethernet.
    static let length = 28

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        [("packets", "total"), ("operation", message.text(Field.operation) ?? "")]
    }

    /// Whether the packet is for IPv4 over Ethernet, and whole.
    private static func isIPv4(_ bytes: borrowing RawSpan) -> Bool {
        bytes.byteCount >= length && bytes.big32(unchecked: 0) == 0x0001_0800
            && bytes.big16(unchecked: 4) == 0x0604
    }

    /// The address that the sender says is its own: evidence of it.
    static func sender(_ bytes: borrowing RawSpan) -> IPAddress? {
        guard isIPv4(bytes) else { return nil }
        let address = bytes.big32(unchecked: 14)
        return address == 0 ? nil : IPAddress(v4: address)
    }

    static func message(_ bytes: borrowing RawSpan) throws(ParseError) -> Message {
        guard bytes.byteCount >= 8 else {
            throw ParseError(.application, .truncated, needed: length, available: bytes.byteCount)
        }
        guard bytes.big32(unchecked: 0) == 0x0001_0800, bytes.big16(unchecked: 4) == 0x0604 else {
            throw ParseError(.application, .unsupported, available: Int(bytes.big16(unchecked: 2)))
        }
        guard bytes.byteCount >= length else {
            throw ParseError(.application, .truncated, needed: length, available: bytes.byteCount)
        }
        let operation = bytes.big16(unchecked: 6)
        let sender = bytes.big32(unchecked: 14)
        let target = bytes.big32(unchecked: 24)
        var message = Message(.arp)
        switch operation {
        case 1: message.add(Field.operation, text: "request")
        case 2: message.add(Field.operation, text: "reply")
        default: message.add(Field.operation, text: "\(operation)")
        }
        message.add(Field.senderMAC, text: bytes.mac(unchecked: 8).description)
        message.add(Field.senderAddress, text: IPAddress(v4: sender).description)
        let targetMAC = bytes.mac(unchecked: 18)
        if operation != 1, !targetMAC.isZero { message.add(Field.targetMAC, text: targetMAC.description) }
        message.add(Field.targetAddress, text: IPAddress(v4: target).description)
        if sender == target, sender != 0 { message.add(Field.announcement, boolean: true) }
        return message
    }

    /// A packet, without its Ethernet header.
    public static func encode(
        isReply: Bool, sender: (mac: MACAddress, address: UInt32), target: (mac: MACAddress, address: UInt32)
    ) -> [UInt8] {
        func bytes(_ value: UInt32) -> [UInt8] {
            (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * $0)) }
        }
        let header: [UInt8] = [0, 1, 8, 0, 6, 4, 0, isReply ? 2 : 1]
        return header + sender.mac.bytes + bytes(sender.address) + target.mac.bytes + bytes(target.address)
    }
}

/// One ARP packet per frame; what is behind it is the frame's padding.
public struct ARPDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .arp }
    public static var fields: [FieldName] { ARP.fields }

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        .message(try ARP.message(bytes), consumed: max(bytes.byteCount, 1))
    }
}
