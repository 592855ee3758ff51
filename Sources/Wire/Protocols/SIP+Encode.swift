extension SIP {
    /// One side of a dialog, as `From`, `To` and `Contact` name it.
    public struct Party: Hashable, Sendable {
        public var user: String
        public var host: String
        public var port: UInt16?
        public var tag: String?

        public init(user: String, host: String, port: UInt16? = nil, tag: String? = nil) {
            self.user = user
            self.host = host
            self.port = port
            self.tag = tag
        }

        /// `sip:user@host:port`.
        public var uri: String { "sip:\(user.isEmpty ? "" : user + "@")\(host)\(port.map { ":\($0)" } ?? "")" }
        var header: String { "<\(uri)>\(tag.map { ";tag=\($0)" } ?? "")" }
    }

    /// What every message of a transaction repeats (RFC 3261 section 8.1.1).
    public struct Transaction: Hashable, Sendable {
        public var from: Party
        public var to: Party
        public var callId: String
        public var cseq: UInt32
        /// The method of the request, also in its responses' `CSeq`.
        public var method: String
        /// `host:port` of the sender of the request, and the branch, which begins with `z9hG4bK`.
        public var via: String
        public var branch: String
        /// `UDP` or `TCP`.
        public var transport: String

        public init(
            from: Party, to: Party, callId: String, cseq: UInt32, method: String, via: String, branch: String,
            transport: String = "UDP"
        ) {
            self.from = from
            self.to = to
            self.callId = callId
            self.cseq = cseq
            self.method = method
            self.via = via
            self.branch = branch
            self.transport = transport
        }
    }

    /// A request to `uri` (by default the other party's); `Content-Length` is always written.
    public static func encodeRequest(
        _ transaction: Transaction, uri: String? = nil, contact: Party? = nil, headers: [(String, String)] = [],
        contentType: String? = nil, body: [UInt8] = []
    ) -> [UInt8] {
        let target = uri ?? Party(user: transaction.to.user, host: transaction.to.host, port: transaction.to.port).uri
        return message(
            "\(transaction.method) \(target) SIP/2.0", transaction,
            [("Max-Forwards", "70")] + contactHeader(contact) + headers, contentType: contentType, body: body)
    }

    /// A response to the transaction's request; the `To` tag is the transaction's.
    public static func encodeResponse(
        _ transaction: Transaction, status: Int, reason: String, contact: Party? = nil,
        headers: [(String, String)] = [], contentType: String? = nil, body: [UInt8] = []
    ) -> [UInt8] {
        message(
            "SIP/2.0 \(status) \(reason)", transaction, contactHeader(contact) + headers, contentType: contentType,
            body: body)
    }

    /// A session description (RFC 8866) with an audio stream and, if its port is given, a video one.
    public static func encodeSDP(
        address: String, audioPort: UInt16, videoPort: UInt16? = nil, sessionId: UInt64 = 1,
        direction: String = "sendrecv"
    ) -> [UInt8] {
        let family = address.contains(":") ? "IP6" : "IP4"
        var lines = [
            "v=0", "o=- \(sessionId) 1 IN \(family) \(address)", "s=-", "c=IN \(family) \(address)", "t=0 0",
            "m=audio \(audioPort) RTP/AVP 8", "a=rtpmap:8 PCMA/8000", "a=\(direction)",
        ]
        if let videoPort {
            lines += ["m=video \(videoPort) RTP/AVP 96", "a=rtpmap:96 H264/90000", "a=\(direction)"]
        }
        return Array(lines.map { $0 + "\r\n" }.joined().utf8)
    }

    private static func contactHeader(_ contact: Party?) -> [(String, String)] {
        contact.map { [("Contact", "<\($0.uri)>")] } ?? []
    }

    private static func message(
        _ start: String, _ transaction: Transaction, _ headers: [(String, String)], contentType: String?,
        body: [UInt8]
    ) -> [UInt8] {
        var lines = [
            start,
            "Via: SIP/2.0/\(transaction.transport) \(transaction.via);branch=\(transaction.branch)",
            "From: \(transaction.from.header)",
            "To: \(transaction.to.header)",
            "Call-ID: \(transaction.callId)",
            "CSeq: \(transaction.cseq) \(transaction.method)",
        ]
        lines += headers.map { "\($0.0): \($0.1)" }
        if let contentType { lines.append("Content-Type: \(contentType)") }
        lines.append("Content-Length: \(body.count)")
        // A line end inside of a value would begin another header.
        let head = lines.map { line in
            String(decoding: line.utf8.map { $0 == 13 || $0 == 10 ? 32 : $0 }, as: UTF8.self) + "\r\n"
        }
        return Array(head.joined().utf8) + [13, 10] + body
    }
}
