/// HTTP/1.1 and 1.0, requests and responses.
///
/// Reference: RFC 9112 (message syntax), RFC 9110 (semantics). Header fields become `header.<lower-case name>`, except
/// those that hold a secret: they never leave the decoder. Parameters of the target and of a posted form become
/// `query.<name>` and `form.<name>`, unescaped, `redacted` where the name is a secret's.
///
/// Bodies in parts: each part of a `multipart` body is a message of its own, behind the message itself; of a response
/// that never ends, as soon as the part is there (``HTTP1/Field/part``).
public enum HTTP1 {
    public enum Field {
        public static let method: FieldName = "method"
        /// The request target up to its `?`.
        public static let target: FieldName = "target"
        /// What follows the `?`; the word `redacted` if it seems to hold a password or token.
        public static let query: FieldName = "query"
        public static let status: FieldName = "status"
        public static let reason: FieldName = "reason"
        /// In a response: of the request that it answers, where that was heard.
        public static let requestMethod: FieldName = "requestMethod"
        public static let requestTarget: FieldName = "requestTarget"
        /// Bytes of the body, decoded; for a body that is not kept what its header announced, if it did.
        public static let bodyLength: FieldName = "bodyLength"
        /// True where the body is longer than is kept, or has no end: the body is empty then.
        public static let cut: FieldName = "cut"
        public static let contentType: FieldName = "header.content-type"
        public static let contentLength: FieldName = "header.content-length"
        public static let host: FieldName = "header.host"
        /// True where the body is compressed: it is kept as it came, and not inflated.
        public static let compressed: FieldName = "compressed"
        /// Which part of a body in parts this message is, from 1; its headers are the part's own. It is about the
        /// request in `requestMethod` and `requestTarget`, and no request or response itself.
        public static let part: FieldName = "part"
        /// What a form, or a server-sent event, calls the part.
        public static let name: FieldName = "name"
        public static let filename: FieldName = "filename"
        /// The `id` of a server-sent event.
        public static let eventID: FieldName = "eventId"
        /// True where a part ended before its content did: the body is what there is of it.
        public static let torn: FieldName = "torn"
        /// True where the length of the body is no number, is told twice differently, or is more than came before the
        /// connection ended, or where chunks had no end by then: the head alone is the message, the body is dropped
        /// (RFC 9112 sections 6.3 and 8) but for those of its parts that are whole.
        public static let malformed: FieldName = "malformed"
    }

    public static let fields: [FieldName] = [
        Field.method, Field.target, Field.query, Field.status, Field.reason, Field.requestMethod,
        Field.requestTarget, Field.bodyLength, Field.cut, Field.compressed, Field.part, Field.name, Field.filename,
        Field.eventID, Field.torn, Field.malformed, "header.*", "query.*", "form.*",
    ]

    /// Bytes of a start line with its header fields; a longer one is refused.
    public static let headLimit = 64 * 1_024
    /// Bytes of a body that are kept; a longer one is stepped over and counted.
    public static let bodyLimit = 240 * 1_024
    static let headerLimit = 128

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        // A part is not a message on the wire.
        if message.has(Field.part) { return [] }
        var rows: [(kind: String, value: String)] = []
        if let method = message.text(Field.method) { rows.append((kind: "request", value: method)) }
        if let status = message.text(Field.status) { rows.append((kind: "status", value: status)) }
        if let type = message.text(Field.contentType) { rows.append((kind: "content-type", value: type)) }
        return rows
    }
}
