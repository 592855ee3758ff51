/// SIP/2.0, over UDP and TCP.
///
/// Reference: RFC 3261 sections 7, 18.3 and 20; RFC 4475 for what broken senders send. Users, numbers and display
/// names never become fields: of every address only its host does.
public enum SIP {
    public enum Field {
        public static let method: FieldName = "method"
        public static let status: FieldName = "status"
        public static let reason: FieldName = "reason"
        public static let uriHost: FieldName = "uri-host"
        public static let callId: FieldName = "call-id"
        public static let cseq: FieldName = "cseq"
        public static let cseqMethod: FieldName = "cseq-method"
        public static let fromTag: FieldName = "from-tag"
        public static let fromHost: FieldName = "from-host"
        public static let toTag: FieldName = "to-tag"
        public static let toHost: FieldName = "to-host"
        /// `User-Agent` of a request, `Server` of a response.
        public static let userAgent: FieldName = "user-agent"
        public static let event: FieldName = "event"
        public static let subscriptionState: FieldName = "subscription-state"
        /// The media type in lower case, without parameters.
        public static let contentType: FieldName = "content-type"
        public static let contentLength: FieldName = "content-length"
        /// Seconds.
        public static let expires: FieldName = "expires"
        /// The `Reason` header: `Q.850;cause=16;text="…"`.
        public static let cause: FieldName = "cause"
        /// The Q.850 cause in the `Reason` header: 16 is a normal clearing, 17 busy (RFC 3326).
        public static let causeCode: FieldName = "cause-code"
        public static let warning: FieldName = "warning"
        /// One per `m=` line of a session description: `audio`, `video`, `application`.
        public static let media: FieldName = "media"
        /// The first `a=sendrecv`, `sendonly`, `recvonly` or `inactive`: a call on hold says `sendonly` or `inactive`.
        public static let direction: FieldName = "direction"
    }

    public static let fields: [FieldName] = [
        Field.method, Field.status, Field.reason, Field.uriHost, Field.callId, Field.cseq, Field.cseqMethod,
        Field.fromTag, Field.fromHost, Field.toTag, Field.toHost, Field.userAgent, Field.event,
        Field.subscriptionState, Field.contentType, Field.contentLength, Field.expires, Field.cause,
        Field.causeCode, Field.warning, Field.media, Field.direction,
    ]

    public static let headLimit = 64 * 1_024
    public static let bodyLimit = 64 * 1_024

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        var rows: [(kind: String, value: String)] = []
        if let method = message.text(Field.method) { rows.append((kind: "request", value: method)) }
        if let status = message.text(Field.status) { rows.append((kind: "status", value: status)) }
        if let call = message.text(Field.callId) { rows.append((kind: "call-id", value: call)) }
        return rows
    }

    /// The headers we read, by their full and compact names (RFC 3261 section 7.3.3, RFC 6665 section 8.2.1).
    enum Header: UInt8, CaseIterable {
        case callId, cseq, from, to, contentType, contentLength, userAgent, server, event, expires, reason, warning
        case subscriptionState

        init?(_ bytes: borrowing RawSpan, _ name: Range<Int>) {
            switch name.count {
            case 1:
                switch bytes.octet(name.lowerBound) | 32 {
                case UInt8(ascii: "i"): self = .callId
                case UInt8(ascii: "f"): self = .from
                case UInt8(ascii: "t"): self = .to
                case UInt8(ascii: "c"): self = .contentType
                case UInt8(ascii: "l"): self = .contentLength
                case UInt8(ascii: "o"): self = .event
                default: return nil
                }
            case 2 where bytes.matches("to", in: name): self = .to
            case 4 where bytes.matches("cseq", in: name): self = .cseq
            case 4 where bytes.matches("from", in: name): self = .from
            case 5 where bytes.matches("event", in: name): self = .event
            case 6 where bytes.matches("server", in: name): self = .server
            case 6 where bytes.matches("reason", in: name): self = .reason
            case 7 where bytes.matches("call-id", in: name): self = .callId
            case 7 where bytes.matches("expires", in: name): self = .expires
            case 7 where bytes.matches("warning", in: name): self = .warning
            case 10 where bytes.matches("user-agent", in: name): self = .userAgent
            case 12 where bytes.matches("content-type", in: name): self = .contentType
            case 14 where bytes.matches("content-length", in: name): self = .contentLength
            case 18 where bytes.matches("subscription-state", in: name): self = .subscriptionState
            default: return nil
            }
        }
    }

    /// The start line, checked: a request or a response of SIP/2.0.
    enum StartLine {
        case request(method: Range<Int>, uri: Range<Int>)
        case response(status: Int, reason: Range<Int>)

        init(_ bytes: borrowing RawSpan, _ line: Range<Int>) throws(ParseError) {
            let text = bytes.skip(from: line.lowerBound, to: line.upperBound) { $0 >= 32 || $0 == 9 }
            guard text == line.upperBound else { throw ParseError(.application, .malformed, offset: text) }
            if bytes.holds("SIP/2.0 ", at: line.lowerBound) {
                let code = line.lowerBound + 8
                guard let status = bytes.decimal(code..<code + 3), (100...699).contains(status),
                    code + 3 >= line.upperBound || bytes.octet(code + 3) == 32
                else { throw ParseError(.application, .malformed, offset: code) }
                self = .response(status: status, reason: min(code + 4, line.upperBound)..<line.upperBound)
                return
            }
            let method = bytes.skip(from: line.lowerBound, to: line.upperBound) { $0.isTokenByte }
            let version = line.upperBound - 8
            guard method > line.lowerBound, method - line.lowerBound <= 32, bytes.octet(method) == 32,
                version > method, bytes.holds(" SIP/2.0", at: version)
            else { throw ParseError(.application, .malformed, offset: method) }
            self = .request(method: line.lowerBound..<method, uri: bytes.trimmed(method..<version))
        }
    }
}
