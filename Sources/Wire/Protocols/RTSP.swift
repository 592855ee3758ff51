/// RTSP/1.0 and 2.0, requests and responses over TCP, with interleaved media stepped over.
///
/// Reference: RFC 2326 sections 4 to 10 and 10.12 (interleaving), RFC 7826. A user in a URL never becomes a field, nor
/// do credentials. RTCP inside of the connection is handed on as `rtcp`, an ONVIF metadata document as `onvif`.
public enum RTSP {
    public enum Field {
        public static let method: FieldName = "method"
        /// Without user and password.
        public static let target: FieldName = "target"
        public static let status: FieldName = "status"
        public static let reason: FieldName = "reason"
        public static let cseq: FieldName = "cseq"
        /// In a response: of the request with the same number, where that was heard.
        public static let requestMethod: FieldName = "requestMethod"
        public static let requestTarget: FieldName = "requestTarget"
        public static let session: FieldName = "session"
        /// Ports or channels, as offered or granted.
        public static let transport: FieldName = "transport"
        public static let contentType: FieldName = "content-type"
        /// `User-Agent` of a request, `Server` of a response.
        public static let userAgent: FieldName = "user-agent"
        /// The methods that a server says it has.
        public static let methods: FieldName = "public"
        public static let bodyLength: FieldName = "bodyLength"
    }

    public static let fields: [FieldName] = [
        Field.method, Field.target, Field.status, Field.reason, Field.cseq, Field.requestMethod, Field.requestTarget,
        Field.session, Field.transport, Field.contentType, Field.userAgent, Field.methods, Field.bodyLength,
    ]

    public static let headLimit = 32 * 1_024
    public static let bodyLimit = 64 * 1_024

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        if let method = message.text(Field.method) { return [(kind: "request", value: method)] }
        if let status = message.text(Field.status) { return [(kind: "status", value: status)] }
        return []
    }

    /// The type under which a metadata document that was found in media is delivered.
    static let metadataType = "application/vnd.onvif.metadata"

    /// The session description that answers DESCRIBE or comes with ANNOUNCE, and the notifications in metadata.
    static func expand(_ message: borrowing Message) -> [Message] {
        guard !message.bodyRange.isEmpty else { return [] }
        let body = message.body
        if message.equals(Field.contentType, "application/sdp") {
            return SDP.message(body.span.bytes).map { [$0] } ?? []
        }
        guard message.equals(Field.contentType, metadataType) else { return [] }
        return ONVIF.notifications(body.span.bytes)
    }

    // MARK: Start lines

    enum StartLine {
        case request(method: Range<Int>, target: Range<Int>)
        case response(status: Int, reason: Range<Int>)

        init?(_ bytes: borrowing RawSpan, _ line: Range<Int>) {
            guard !bytes.octet(line.lowerBound - 1).isTextBlank || bytes.octet(line.lowerBound - 1) == 10 else {
                return nil
            }
            if bytes.holds("RTSP/", at: line.lowerBound) {
                let code = line.lowerBound + 9
                guard bytes.octet(code - 4).isDigit, bytes.octet(code - 3) == UInt8(ascii: "."),
                    bytes.octet(code - 2).isDigit, bytes.octet(code - 1) == 32,
                    let status = bytes.decimal(code..<code + 3),
                    (100...999).contains(status), code + 3 >= line.upperBound || bytes.octet(code + 3) == 32
                else { return nil }
                self = .response(
                    status: status, reason: bytes.trimmed(min(code + 3, line.upperBound)..<line.upperBound))
                return
            }
            let method = bytes.skip(from: line.lowerBound, to: line.upperBound) { $0.isTokenByte }
            let version = line.upperBound - 9
            guard method > line.lowerBound, method - line.lowerBound <= 32, bytes.octet(method) == 32,
                version >= method,
                bytes.holds(" RTSP/", at: version), bytes.octet(line.upperBound - 1).isDigit
            else { return nil }
            self = .request(method: line.lowerBound..<method, target: bytes.trimmed(method..<version))
        }
    }

    // MARK: Writing

    public static func encodeRequest(
        method: String, target: String, cseq: Int, headers: [(String, String)] = [], body: [UInt8] = []
    ) -> [UInt8] {
        message("\(method) \(target) RTSP/1.0", cseq, headers, body)
    }

    public static func encodeResponse(
        status: Int, reason: String = "OK", cseq: Int, headers: [(String, String)] = [], body: [UInt8] = []
    ) -> [UInt8] {
        message("RTSP/1.0 \(status) \(reason)", cseq, headers, body)
    }

    /// Media inside of the connection: `$`, the channel, the length (RFC 2326 section 10.12).
    public static func encodeInterleaved(channel: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [36, channel, UInt8(payload.count >> 8 & 255), UInt8(payload.count & 255)] + payload
    }

    private static func message(_ start: String, _ cseq: Int, _ headers: [(String, String)], _ body: [UInt8]) -> [UInt8]
    {
        var lines = [start, "CSeq: \(cseq)"] + headers.map { "\($0.0): \($0.1)" }
        if !body.isEmpty { lines.append("Content-Length: \(body.count)") }
        let head = lines.map { line in
            String(decoding: line.utf8.map { $0 == 13 || $0 == 10 ? 32 : $0 }, as: UTF8.self) + "\r\n"
        }
        return Array(head.joined().utf8) + [13, 10] + body
    }
}
