extension SIP {
    /// What is in a body: a session description, a quality report, or both among other parts (RFC 5621).
    static func expand(_ message: borrowing Message) -> [Message] {
        guard !message.bodyRange.isEmpty else { return [] }
        let body = message.body
        if message.equals(Field.contentType, "application/sdp") {
            return SDP.message(body.span.bytes).map { [$0] } ?? []
        }
        guard let type = message.text(Field.contentType) else { return [] }
        if type.hasPrefix("multipart/") {
            return HTTP1.parts(of: body.span.bytes, HTTP1.Parts.Owner()).flatMap { part -> [Message] in
                let words = part.text(HTTP1.Field.contentType)?.split(separator: ";").first
                let text = part.body
                return inside(text.span.bytes, type: words.map { $0.lowercased() } ?? "")
            }
        }
        return inside(body.span.bytes, type: type)
    }

    private static func inside(_ bytes: borrowing RawSpan, type: String) -> [Message] {
        switch type {
        case "application/sdp": SDP.message(bytes).map { [$0] } ?? []
        case "application/vq-rtcpxr": VQReport.message(bytes).map { [$0] } ?? []
        default: []
        }
    }
}
