/// STUN: that a client looks for a way through a NAT, as meeting programs do. Only the kind of message is read, so that
/// such traffic has a name.
///
/// Reference: RFC 8489 sections 5 and 14 (the magic cookie is required, so RFC 3489's messages are none), RFC 8656
/// (TURN's methods).
public enum STUN {
    public enum Field {
        /// The 14 bits as they stand: `0x0001` is a binding request.
        public static let type: FieldName = "type"
        /// `binding`, `allocate`, `refresh`, `send`, `data`, `create-permission`, `channel-bind`, or a number.
        public static let method: FieldName = "method"
        /// `request`, `indication`, `success` or `error`.
        public static let messageClass: FieldName = "class"
    }

    public static let fields: [FieldName] = [Field.type, Field.method, Field.messageClass]

    static let cookie: UInt32 = 0x2112_A442
    static let headLength = 20

    /// The type's bits hold the method's, with the class's two between them (section 5).
    static func method(of type: Int) -> Int { type & 0xF | (type & 0xE0) >> 1 | (type & 0x3E00) >> 2 }

    static func methodName(_ method: Int) -> String {
        switch method {
        case 1: "binding"
        case 3: "allocate"
        case 4: "refresh"
        case 6: "send"
        case 7: "data"
        case 8: "create-permission"
        case 9: "channel-bind"
        default: String(method)
        }
    }

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        guard let type = message.text(Field.type) else { return [] }
        return [("type", type)]
    }

    /// Methods that IETF review gives out (section 18.2); others with the cookie are somebody's own protocol.
    static let methodLimit = 0x0FF

    /// Whether a datagram is one: two zero bits, the cookie, a method that there may be, a length that it holds.
    /// Attributes are padded to words (section 14), but there are clients that do not.
    static func begins(_ bytes: borrowing RawSpan) -> Bool {
        guard bytes.byteCount >= headLength, bytes.octet(0) < 0x40, bytes.big32(unchecked: 4) == cookie,
            method(of: Int(bytes.big16(unchecked: 0))) <= methodLimit
        else { return false }
        let end = headLength + Int(bytes.big16(unchecked: 2))
        return end == bytes.byteCount || end < bytes.byteCount && end % 4 == 0
    }

    /// A message without attributes.
    public static func encode(type: UInt16, transactionId: [UInt8] = [UInt8](repeating: 0, count: 12)) -> [UInt8] {
        let id = transactionId.prefix(12) + [UInt8](repeating: 0, count: max(0, 12 - transactionId.count))
        return [UInt8(type >> 8) & 0x3F, UInt8(type & 255), 0, 0, 0x21, 0x12, 0xA4, 0x42] + id
    }
}

/// One STUN message per datagram.
public struct STUNDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .stun }
    public static var fields: [FieldName] { STUN.fields }

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        guard STUN.begins(bytes) else { throw ParseError(.application, .malformed) }
        let type = Int(bytes.big16(unchecked: 0))
        var message = Message(.stun)
        let digits = String(type, radix: 16)
        message.add(STUN.Field.type, text: "0x" + String(repeating: "0", count: 4 - digits.count) + digits)
        message.add(STUN.Field.method, text: STUN.methodName(STUN.method(of: type)))
        let number = (type & 0x10) >> 4 | (type & 0x100) >> 7
        message.add(STUN.Field.messageClass, text: ["request", "indication", "success", "error"][number])
        return .message(message, consumed: bytes.byteCount)
    }
}
