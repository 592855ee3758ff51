/// WebSocket: what is said on an HTTP connection after it was upgraded. Text messages, and the close.
///
/// Reference: RFC 6455 section 5; RFC 7692 for what is compressed (named as such, not inflated). Fragments are put
/// together, masks taken off; binary messages and pings are stepped over. A text that begins with the packet numbers of
/// Socket.IO (`42["event",…]`) has its JSON for a body.
public enum WebSocket {
    public enum Field {
        /// `text` or `close`.
        public static let type: FieldName = "type"
        /// The target of the request that was upgraded, without its query.
        public static let requestTarget: FieldName = "requestTarget"
        /// The status of a close (section 7.4).
        public static let code: FieldName = "code"
        /// Digits before the JSON of Engine.IO and Socket.IO: `42` is an event, `2` a ping.
        public static let packet: FieldName = "packet"
        public static let bodyLength: FieldName = "bodyLength"
        /// True where the text is longer than is kept: the body is empty then.
        public static let cut: FieldName = "cut"
        /// True where the text is compressed: there is no body then.
        public static let compressed: FieldName = "compressed"
    }

    public static let fields: [FieldName] = [
        Field.type, Field.requestTarget, Field.code, Field.packet, Field.bodyLength, Field.cut, Field.compressed,
    ]

    public enum Opcode: UInt8, Sendable {
        case continuation, text, binary
        case close = 8
        case ping, pong
    }

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        guard let type = message.text(Field.type) else { return [] }
        return [(kind: "type", value: type)]
    }

    /// One frame; masked with `mask`, as clients must (section 5.3).
    public static func encode(
        as opcode: Opcode = .text, _ payload: [UInt8], isFinal: Bool = true, mask: [UInt8]? = nil
    ) -> [UInt8] {
        var out = [opcode.rawValue | (isFinal ? 0x80 : 0)]
        let masked: UInt8 = mask == nil ? 0 : 0x80
        switch payload.count {
        case ..<126: out.append(masked | UInt8(payload.count))
        case ..<65_536: out += [masked | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default:
            out.append(masked | 127)
            for shift in stride(from: 56, through: 0, by: -8) { out.append(UInt8(payload.count >> shift & 255)) }
        }
        guard let mask, mask.count == 4 else { return out + payload }
        return out + mask + payload.enumerated().map { $0.element ^ mask[$0.offset & 3] }
    }
}
