extension HTTP1 {
    /// How the end of a body is found (RFC 9112 section 6.3).
    enum Framing: Hashable {
        case none
        case length(Int)
        case chunked
        case untilClose
        /// Nobody can say where the body ends: it is dropped, and what follows it is not believed.
        case unknown
        /// What follows is another protocol.
        case tunnel
    }

    /// What a head says about its message: read before the body is whole, so without a copy.
    struct Head {
        /// One past the empty line.
        let end: Int
        let isRequest: Bool
        /// 0 for a request.
        let status: Int
        private let line: Range<Int>
        private let isConnect: Bool
        private var length: Int?
        private var chunked = false
        private var otherCoding = false
        /// The head does not say where its body ends, or says it twice differently (RFC 9112 section 6.3).
        private var hasBadLength = false
        /// A blank before a colon or before the first header: servers differ in what they take it for, and must refuse
        /// it in a request (RFC 9112 sections 2.2 and 5.1).
        private var hasBadName = false
        /// The value of `Content-Type`.
        private(set) var type = 0..<0
        /// A body that is not meant to end: multipart replacement and server-sent events.
        private(set) var isEndless = false
        private(set) var isEvents = false
        /// `multipart/mixed`: endless too, where it has no length (Hikvision's alert stream).
        private(set) var isMixed = false
        private(set) var isForm = false
        private(set) var isCompressed = false
        /// `Upgrade: websocket`.
        private(set) var isWebSocket = false
        /// `Expect: 100-continue`.
        private(set) var asksLeave = false

        init(_ bytes: borrowing RawSpan, to end: Int) throws(ParseError) {
            self.end = end
            let lineEnd = bytes.firstIndex(of: 10, from: 0, to: end) ?? end
            line = bytes.trimmed(0..<lineEnd)
            guard Self.isStart(bytes, line) else { throw ParseError(.application, .malformed) }
            isRequest = !bytes.holds("HTTP/1.", at: line.lowerBound)
            status = isRequest ? 0 : bytes.decimal(line.lowerBound + 9..<line.lowerBound + 12) ?? 0
            isConnect = bytes.holds("CONNECT ", at: line.lowerBound)

            var index = lineEnd + 1
            hasBadName = index < end && (bytes.octet(index) == 32 || bytes.octet(index) == 9)
            while index < end {
                let (stop, next) = TextHead.field(bytes, from: index, to: end)
                if let colon = bytes.firstIndex(of: UInt8(ascii: ":"), from: index, to: stop) {
                    let name = bytes.trimmed(index..<colon)
                    if name.upperBound != colon { hasBadName = true }
                    note(bytes, name: name, value: bytes.trimmed(colon + 1..<stop))
                }
                index = next
            }
        }

        private mutating func note(_ bytes: borrowing RawSpan, name: Range<Int>, value: Range<Int>) {
            switch name.count {
            case 6 where bytes.matches("expect", in: name):
                asksLeave = bytes.matches("100-continue", in: value)
            case 12 where bytes.matches("content-type", in: name):
                let end = bytes.skip(from: value.lowerBound, to: value.upperBound) { $0 != UInt8(ascii: ";") }
                let name = bytes.trimmed(value.lowerBound..<end)
                type = value
                isEvents = bytes.matches("text/event-stream", in: name)
                isEndless = isEvents || bytes.matches("multipart/x-mixed-replace", in: name)
                isMixed = bytes.matches("multipart/mixed", in: name)
                isForm = bytes.matches("application/x-www-form-urlencoded", in: name)
            case 7 where bytes.matches("upgrade", in: name):
                isWebSocket = bytes.matches("websocket", in: value)
            case 16 where bytes.matches("content-encoding", in: name):
                if !value.isEmpty, !bytes.matches("identity", in: value) { isCompressed = true }
            case 14 where bytes.matches("content-length", in: name):
                if value.count <= 9, let number = bytes.decimal(value), length == nil || length == number {
                    length = number
                    return
                }
                // "5, 5" is allowed if all are the same.
                for word in bytes.text(value).split(separator: ",", omittingEmptySubsequences: false) {
                    let digits = word.drop { $0 == " " }
                    guard !digits.isEmpty, digits.utf8.allSatisfy(\.isDigit), digits.utf8.count <= 18,
                        let number = Int(digits), length == nil || length == number
                    else {
                        hasBadLength = true
                        return
                    }
                    length = number
                }
            case 17 where bytes.matches("transfer-encoding", in: name):
                var last = value.lowerBound
                while let comma = bytes.firstIndex(of: UInt8(ascii: ","), from: last, to: value.upperBound) {
                    last = comma + 1
                }
                let coding = bytes.trimmed(last..<value.upperBound)
                chunked = coding.count == 7 && bytes.matches("chunked", in: coding)
                otherCoding = !chunked && !value.isEmpty
                if value.count > 7 { isCompressed = true }
            default: break
            }
        }

        func framing(answering method: String?) -> Framing {
            if isRequest {
                // A coding that is not the last chunked has no end that a server could find.
                if hasBadName || hasBadLength && !chunked || otherCoding { return .unknown }
                if chunked { return .chunked }
                guard let length, length > 0 else { return .none }
                return .length(length)
            }
            if status == 101 || method == "CONNECT" && (200..<300).contains(status) { return .tunnel }
            if status < 200 || status == 204 || status == 304 || method == "HEAD" { return .none }
            if chunked { return .chunked }
            if otherCoding { return .untilClose }
            if hasBadLength { return .unknown }
            guard let length else { return .untilClose }
            return length > 0 ? .length(length) : .none
        }

        // MARK: Start lines

        static let lineLimit = 16 * 1_024

        /// Refuses bytes that can't begin a message before their line is whole.
        static func checkStart(_ bytes: borrowing RawSpan) throws(ParseError) {
            // No blanks before it, whether the line is whole or not.
            guard !bytes.octet(0).isTextBlank else { throw ParseError(.application, .malformed) }
            if let end = bytes.firstIndex(of: 10, from: 0, to: lineLimit) {
                guard isStart(bytes, bytes.trimmed(0..<end)) else { throw ParseError(.application, .malformed) }
                return
            }
            guard bytes.byteCount < lineLimit else {
                throw ParseError(.application, .tooLarge, needed: bytes.byteCount, available: lineLimit)
            }
            let word = bytes.skip(from: 0, to: bytes.byteCount) { $0.isTokenByte || $0 == UInt8(ascii: "/") }
            guard word <= 24, word == bytes.byteCount || bytes.octet(word) == 32 else {
                throw ParseError(.application, .malformed, offset: word)
            }
        }

        static func isStart(_ bytes: borrowing RawSpan, _ line: Range<Int>) -> Bool {
            let start = line.lowerBound
            if bytes.holds("HTTP/1.", at: start) {
                // "HTTP/1.1 200 OK", "HTTP/1.0 200".
                guard bytes.octet(start + 7).isDigit, bytes.octet(start + 8) == 32,
                    let status = bytes.decimal(start + 9..<start + 12)
                else { return false }
                return (100...999).contains(status) && (line.count == 12 || bytes.octet(start + 12) == 32)
            }
            // Methods are in capitals, all of them that ever were: what is glued to one is the rest of a body.
            let method = bytes.skip(from: start, to: line.upperBound) { $0.isTokenByte && ($0 < 97 || $0 > 122) }
            return method > start && method - start <= 24 && bytes.octet(method) == 32
                && line.count >= method - start + 11
                && bytes.holds(" HTTP/1.", at: line.upperBound - 9) && bytes.octet(line.upperBound - 1).isDigit
        }

        /// Where the next message begins: at a line's start, or where a response stands right behind a picture. Behind
        /// text it is a quotation more likely than an answer.
        static func next(_ bytes: borrowing RawSpan) -> Int? {
            let line = TextHead.next(bytes) { bytes, line in isStart(bytes, line) }
            var from = 0
            while let at = bytes.firstIndex(of: UInt8(ascii: "H"), from: from, to: line ?? .max) {
                from = at + 1
                if at > 0, bytes.octet(at - 1) < 32 || bytes.octet(at - 1) > 126, bytes.holds("HTTP/1.", at: at),
                    let end = bytes.firstIndex(of: 10, from: at, to: at + lineLimit),
                    isStart(bytes, bytes.trimmed(at..<end))
                {
                    return at
                }
            }
            return line
        }

        /// Whether the bytes begin with a response's start line: `nil` while too few of them are there to tell.
        static func startsWithStatus(_ bytes: borrowing RawSpan) -> Bool? {
            let word: StaticString = "HTTP/1."
            let known = word.withUTF8Buffer { name in
                (0..<min(name.count, bytes.byteCount)).allSatisfy { bytes.octet($0) == name[$0] }
            }
            guard known else { return false }
            if bytes.byteCount < 13 { return bytes.firstIndex(of: 10, from: 0) == nil ? nil : false }
            let end = bytes.octet(12)
            guard bytes.octet(7).isDigit, bytes.octet(8) == 32, let status = bytes.decimal(9..<12) else { return false }
            return (100...999).contains(status) && (end == 32 || end == 13 || end == 10)
        }

        static func isRequest(_ bytes: borrowing RawSpan, at start: Int, within length: Int) -> Bool {
            guard let end = bytes.firstIndex(of: 10, from: start, to: start + min(length, lineLimit)) else {
                return false
            }
            return !bytes.holds("HTTP/", at: start) && isStart(bytes, bytes.trimmed(start..<end))
        }

        // MARK: Fields

        /// Adds the start line's and the headers' fields; `bytes` are the message's own.
        func addFields(_ bytes: borrowing RawSpan, to message: inout Message) {
            if isRequest {
                let method = bytes.skip(from: line.lowerBound, to: line.upperBound) { $0 != 32 }
                message.add(Field.method, in: line.lowerBound..<method)
                let target = bytes.trimmed(method..<max(method, line.upperBound - 9))
                let mark = bytes.firstIndex(of: UInt8(ascii: "?"), from: target.lowerBound, to: target.upperBound)
                message.add(Field.target, in: target.lowerBound..<(mark ?? target.upperBound))
                if let mark {
                    let query = mark + 1..<target.upperBound
                    // Names may be escaped, `t%6Fken=`.
                    let plain = Array(URLParameters.unescaped(bytes, query).utf8)
                    if URLParameters.hasSecret(plain.span.bytes) {
                        message.add(Field.query, text: "redacted")
                    } else {
                        message.add(Field.query, in: query)
                    }
                    URLParameters.add("query", bytes, query, to: &message)
                }
            } else {
                message.add(Field.status, integer: status)
                message.add(
                    Field.reason, in: bytes.trimmed(min(line.lowerBound + 12, line.upperBound)..<line.upperBound))
            }
            Self.addHeaders(bytes, from: (bytes.firstIndex(of: 10, from: 0, to: end) ?? end) + 1, to: end, &message)
        }

        static func addHeaders(_ bytes: borrowing RawSpan, from start: Int, to end: Int, _ message: inout Message) {
            var index = start
            var count = 0
            while index < end, count < headerLimit {
                let (stop, next, isFolded) = TextHead.line(bytes, from: index, to: end)
                if let colon = bytes.firstIndex(of: UInt8(ascii: ":"), from: index, to: stop),
                    let name = HeaderNames.field(bytes, bytes.trimmed(index..<colon))
                {
                    TextHead.add(name, bytes, bytes.trimmed(colon + 1..<stop), isFolded: isFolded, to: &message)
                    count += 1
                }
                index = next
            }
        }
    }

    /// Field names of headers: those that are common are made once, since a `String` per header costs more than the
    /// rest of the decoding.
    enum HeaderNames {
        /// `nil` for a header that may hold a secret, and for what is no header name.
        static func field(_ bytes: borrowing RawSpan, _ name: Range<Int>) -> FieldName? {
            if known.indices.contains(name.count) {
                for (text, field) in known[name.count] where bytes.matches(text, in: name) { return field }
            }
            guard (1...64).contains(name.count),
                bytes.skip(from: name.lowerBound, to: name.upperBound, while: \.isTokenByte) == name.upperBound
            else { return nil }
            return isSecret(bytes, in: name) ? nil : FieldName("header.\(bytes.text(name).lowercased())")
        }

        /// Whether a header's name, a query or a parameter's name looks as if a secret were in or behind it.
        static func isSecret(_ bytes: borrowing RawSpan, in range: Range<Int>) -> Bool {
            bytes.containsAny(of: secretWords, in: range)
        }

        private static let secretWords: [StaticString] = [
            "auth", "cookie", "token", "secret", "passw", "pwd", "api-key", "apikey", "api_key", "session",
            "signature",
        ]

        private static let known: [[(StaticString, FieldName)]] = {
            let names: [(StaticString, FieldName)] = [
                ("host", "header.host"), ("accept", "header.accept"), ("accept-encoding", "header.accept-encoding"),
                ("accept-language", "header.accept-language"), ("accept-ranges", "header.accept-ranges"),
                ("age", "header.age"), ("cache-control", "header.cache-control"), ("connection", "header.connection"),
                ("content-disposition", "header.content-disposition"), ("content-encoding", "header.content-encoding"),
                ("content-language", "header.content-language"), ("content-length", Field.contentLength),
                ("content-range", "header.content-range"), ("content-type", Field.contentType),
                ("date", "header.date"), ("etag", "header.etag"), ("expect", "header.expect"),
                ("expires", "header.expires"), ("if-modified-since", "header.if-modified-since"),
                ("if-none-match", "header.if-none-match"), ("keep-alive", "header.keep-alive"),
                ("last-modified", "header.last-modified"), ("location", "header.location"), ("origin", "header.origin"),
                ("pragma", "header.pragma"), ("range", "header.range"), ("referer", "header.referer"),
                ("server", "header.server"), ("soapaction", "header.soapaction"), ("te", "header.te"),
                ("transfer-encoding", "header.transfer-encoding"), ("upgrade", "header.upgrade"),
                ("user-agent", "header.user-agent"), ("vary", "header.vary"), ("via", "header.via"),
                ("x-powered-by", "header.x-powered-by"), ("x-requested-with", "header.x-requested-with"),
            ]
            var table = [[(StaticString, FieldName)]](repeating: [], count: 32)
            for (text, field) in names { table[text.utf8CodeUnitCount].append((text, field)) }
            return table
        }()
    }
}
