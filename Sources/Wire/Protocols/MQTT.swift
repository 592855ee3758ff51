/// MQTT 3.1, 3.1.1 and 5.
///
/// Reference: OASIS MQTT 3.1.1 (sections 2 and 3), OASIS MQTT 5.0 (sections 2 and 3), IBM's MQTT V3.1.
/// User names and passwords are stepped over and never become fields.
public enum MQTT {
    /// The protocol level in CONNECT.
    public enum Version: UInt8, Sendable, CaseIterable {
        case v31 = 3
        case v311 = 4
        case v5 = 5
    }

    /// Control packet types (MQTT 5.0 table 2-1).
    public enum PacketType: UInt8, Sendable, CaseIterable {
        case connect = 1
        case connack, publish, puback, pubrec, pubrel, pubcomp, subscribe, suback, unsubscribe, unsuback
        case pingreq, pingresp, disconnect, auth

        /// As the standard writes it: `PUBLISH`.
        public var name: String { "\(word)" }

        var word: StaticString {
            switch self {
            case .connect: "CONNECT"
            case .connack: "CONNACK"
            case .publish: "PUBLISH"
            case .puback: "PUBACK"
            case .pubrec: "PUBREC"
            case .pubrel: "PUBREL"
            case .pubcomp: "PUBCOMP"
            case .subscribe: "SUBSCRIBE"
            case .suback: "SUBACK"
            case .unsubscribe: "UNSUBSCRIBE"
            case .unsuback: "UNSUBACK"
            case .pingreq: "PINGREQ"
            case .pingresp: "PINGRESP"
            case .disconnect: "DISCONNECT"
            case .auth: "AUTH"
            }
        }
    }

    public enum Field {
        public static let type: FieldName = "type"
        /// Protocol level: 3, 4 or 5. In CONNECT, and in CONNACK where it is known.
        public static let version: FieldName = "version"
        public static let clientId: FieldName = "clientId"
        /// Seconds.
        public static let keepAlive: FieldName = "keepAlive"
        public static let cleanStart: FieldName = "cleanStart"
        public static let willTopic: FieldName = "willTopic"
        public static let willQos: FieldName = "willQos"
        public static let willRetain: FieldName = "willRetain"
        public static let sessionPresent: FieldName = "sessionPresent"
        /// CONNACK's return code, and the reason codes of MQTT 5; SUBACK has one per filter.
        public static let reasonCode: FieldName = "reasonCode"
        public static let packetId: FieldName = "packetId"
        /// With MQTT 5 the name that an alias stands for, if it was heard.
        public static let topic: FieldName = "topic"
        public static let topicAlias: FieldName = "topicAlias"
        public static let qos: FieldName = "qos"
        public static let retain: FieldName = "retain"
        public static let dup: FieldName = "dup"
        /// One per topic filter of SUBSCRIBE and UNSUBSCRIBE.
        public static let filter: FieldName = "filter"
        public static let payloadLength: FieldName = "payloadLength"
        /// A payload that is one short word or number: `online`, `2`, `12.5`.
        public static let payload: FieldName = "payload"
        /// True where the packet is longer than is kept: the body is empty then.
        public static let cut: FieldName = "cut"
    }

    public static let fields: [FieldName] = [
        Field.type, Field.version, Field.clientId, Field.keepAlive, Field.cleanStart, Field.willTopic, Field.willQos,
        Field.willRetain, Field.sessionPresent, Field.reasonCode, Field.packetId, Field.topic, Field.topicAlias,
        Field.qos, Field.retain, Field.dup, Field.filter, Field.payloadLength, Field.payload, Field.cut, "property.*",
        "user.*",
    ]

    /// A packet longer than this gives its header's fields, and its payload is skipped.
    public static let packetLimit = 256 * 1_024

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        guard let type = message.text(Field.type) else { return [] }
        var rows = [(kind: "type", value: type)]
        if message.equals(Field.type, "PUBLISH"), let topic = message.text(Field.topic) {
            rows.append((kind: "publish-topic", value: topic))
        }
        return rows
    }

    /// A fixed header: type, flags, and where the rest begins and ends.
    struct Header {
        var type: PacketType
        var flags: UInt8
        var start: Int
        var end: Int

        /// `nil`: not whole yet.
        init?(_ bytes: borrowing RawSpan, at index: Int = 0) throws(ParseError) {
            guard index < bytes.byteCount else { return nil }
            let first = bytes.octet(index)
            guard let type = PacketType(rawValue: first >> 4) else {
                throw ParseError(.application, .malformed, offset: index)
            }
            self.type = type
            flags = first & 15
            guard Self.allows(flags, type) else { throw ParseError(.application, .malformed, offset: index) }
            // Remaining length: seven bits a byte, at most four bytes (section 2.2.3).
            var length = 0
            var position = index + 1
            while true {
                guard position < bytes.byteCount else { return nil }
                let byte = bytes.octet(position)
                length |= Int(byte & 127) << (7 * (position - index - 1))
                position += 1
                if byte & 128 == 0 { break }
                guard position - index < 5 else { throw ParseError(.application, .malformed, offset: position) }
            }
            guard Self.allows(length: length, type) else {
                throw ParseError(.application, .malformed, offset: index + 1, available: length)
            }
            start = position
            end = position + length
        }

        /// Reserved flag bits (section 2.2.2). MQTT 3.1 let PUBREL, SUBSCRIBE and UNSUBSCRIBE be duplicates.
        private static func allows(_ flags: UInt8, _ type: PacketType) -> Bool {
            switch type {
            case .publish: flags & 6 != 6
            case .pubrel, .subscribe, .unsubscribe: flags & 7 == 2
            default: flags == 0
            }
        }

        private static func allows(length: Int, _ type: PacketType) -> Bool {
            switch type {
            case .connect: length >= 10
            case .connack, .publish, .puback, .pubrec, .pubrel, .pubcomp, .unsuback: length >= 2
            case .subscribe, .unsubscribe: length >= 5
            case .suback: length >= 3
            case .pingreq, .pingresp: length == 0
            case .disconnect, .auth: true
            }
        }
    }
}

extension MQTT {
    /// Bytes of a payload that is told as a word.
    static let wordLimit = 32

    /// Letters, digits, `_`, `-`, `.`, `+` and `:` only: states and numbers, and never a sentence or a structure.
    static func isWord(_ bytes: borrowing RawSpan, _ range: Range<Int>) -> Bool {
        guard (1...wordLimit).contains(range.count) else { return false }
        for index in range {
            let byte = bytes.octet(index)
            let isMark = byte == 0x5F || (0x2B...0x2E).contains(byte) && byte != 0x2C || byte == 0x3A
            guard byte.isDigit || byte.isLetter || isMark else { return false }
        }
        return true
    }
}
