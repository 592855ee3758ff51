extension HTTP1 {
    static let partLimit = 512

    /// The parts of a whole multipart body, each a message of its own.
    static func parts(of message: borrowing Message) -> [Message] {
        guard let value = message.textBytes(Field.contentType), value.count > 10 else { return [] }
        let type = Array(value)
        guard type.span.bytes.matches("multipart/", in: 0..<10) else { return [] }
        let boundary = Parameters.value(of: "boundary", in: type.span.bytes) ?? ""
        let owner = Parts.Owner(
            method: message.text(Field.requestMethod) ?? message.text(Field.method) ?? "",
            target: message.text(Field.requestTarget) ?? message.text(Field.target) ?? "",
            boundary: Array(boundary.utf8.prefix(Parts.boundaryLimit / 2)))
        let body = message.body
        return parts(of: body.span.bytes, owner)
    }

    static func parts(of bytes: borrowing RawSpan, _ owner: Parts.Owner) -> [Message] {
        var reader = Parts(owner, .length(bytes.byteCount))
        var out: [Message] = []
        var at = 0
        while out.count < partLimit {
            let rest = bytes.extracting(at..<bytes.byteCount)
            guard let step = try? reader.step(rest) else { return out }
            switch step {
            case .message(let part, let consumed):
                out.append(part)
                at = min(bytes.byteCount, at + consumed)
            case .skip(let count): at = min(bytes.byteCount, at + max(1, count))
            case .needMore, .over: return out
            }
        }
        return out
    }

    /// What is inside of an HTTP message: its parts, ONVIF notifications, Hikvision alerts, Dahua events.
    static func expand(_ message: borrowing Message) -> [Message] {
        let body = message.body
        guard body.count >= 8, !message.has(Field.compressed) else { return [] }
        let bytes = body.span.bytes
        let start = bytes.skip(from: bytes.holds("\u{FEFF}", at: 0) ? 3 : 0, to: bytes.byteCount, while: \.isTextBlank)
        switch bytes.octet(start) {
        case UInt8(ascii: "<"):
            return ISAPI.isAlert(bytes) ? ISAPI.alerts(bytes) : ONVIF.messages(in: message)
        case UInt8(ascii: "{"): return ISAPI.isAlertInJSON(bytes) ? ISAPI.alerts(bytes) : []
        case UInt8(ascii: "C"), UInt8(ascii: "H"): return Dahua.messages(bytes)
        case UInt8(ascii: "-") where !message.has(Field.part):
            var out: [Message] = []
            for part in parts(of: message) {
                out.append(part)
                out += expand(part)
            }
            return out
        default: return []
        }
    }
}
