extension HTTP1 {
    /// A request with its head and body. `Content-Length` is added when there is a body or the method usually has one,
    /// unless a `Transfer-Encoding` is among `headers`. Line ends inside of names and values become blanks.
    public static func encodeRequest(
        method: String, target: String, headers: [(String, String)] = [], body: [UInt8] = []
    ) -> [UInt8] {
        let takesBody = !body.isEmpty || method == "POST" || method == "PUT" || method == "PATCH"
        return message("\(line(method)) \(line(target)) HTTP/1.1", headers, body, length: takesBody)
    }

    /// A response with its head and body; `Content-Length` as for requests, and never with 1xx, 204 and 304.
    public static func encodeResponse(
        status: Int, reason: String? = nil, headers: [(String, String)] = [], body: [UInt8] = []
    ) -> [UInt8] {
        let bodiless = (100..<200).contains(status) || status == 204 || status == 304
        let phrase = reason ?? (status == 200 ? "OK" : status == 204 ? "No Content" : "Status")
        return message("HTTP/1.1 \(status) \(line(phrase))", headers, bodiless ? [] : body, length: !bodiless)
    }

    /// A body as chunks of at most `size` bytes, with the last chunk (RFC 9112 section 7.1).
    public static func encodeChunks(_ body: [UInt8], size: Int) -> [UInt8] {
        var out: [UInt8] = []
        var index = 0
        while index < body.count {
            let end = min(body.count, index + max(1, size))
            out += Array(String(end - index, radix: 16).utf8) + [13, 10] + body[index..<end] + [13, 10]
            index = end
        }
        return out + Array("0\r\n\r\n".utf8)
    }

    private static func message(
        _ start: String, _ headers: [(String, String)], _ body: [UInt8], length: Bool
    ) -> [UInt8] {
        var out = Array(start.utf8) + [13, 10]
        var framed = !length
        for (name, value) in headers {
            out += Array("\(line(name)): \(line(value))\r\n".utf8)
            let lower = name.lowercased()
            if lower == "content-length" || lower == "transfer-encoding" { framed = true }
        }
        if !framed { out += Array("Content-Length: \(body.count)\r\n".utf8) }
        return out + [13, 10] + body
    }

    private static func line(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 13 || $0 == 10 }) else { return text }
        return String(decoding: text.utf8.map { $0 == 13 || $0 == 10 ? 32 : $0 }, as: UTF8.self)
    }
}
