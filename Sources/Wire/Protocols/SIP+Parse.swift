extension SIP {
    /// Where a head ends, and what its `Content-Length` says.
    struct Head {
        /// One past the empty line.
        var end: Int
        var contentLength: Int?
        /// It says no number of bytes: a datagram's end tells where the body ends all the same, a stream is lost.
        var hasBadLength = false
    }

    /// Reads the start line and the headers of `bytes[..<end]` into `message`, whose bytes are the same.
    static func read(
        _ bytes: borrowing RawSpan, to end: Int, into message: inout Message
    ) throws(ParseError) -> Head {
        let lineEnd = bytes.firstIndex(of: 10, from: 0, to: end) ?? end
        switch try StartLine(bytes, bytes.trimmed(0..<lineEnd)) {
        case .request(let method, let uri):
            message.add(Field.method, in: method)
            if let host = host(bytes, uri) { message.add(Field.uriHost, in: host) }
        case .response(let status, let reason):
            message.add(Field.status, integer: status)
            message.add(Field.reason, in: reason)
        }

        var head = Head(end: end, contentLength: nil)
        var seen: UInt16 = 0
        var index = lineEnd + 1
        while index < end {
            if bytes.octet(index) == 10 || bytes.octet(index) == 13 && bytes.octet(index + 1) == 10 {
                head.end = min(end, bytes.octet(index) == 10 ? index + 1 : index + 2)
                break
            }
            let (stop, next, isFolded) = TextHead.line(bytes, from: index, to: end)
            defer { index = next }
            guard let colon = bytes.firstIndex(of: UInt8(ascii: ":"), from: index, to: stop),
                let header = Header(bytes, bytes.trimmed(index..<colon))
            else { continue }
            // The first of its name counts: none of those we read may come twice.
            let bit = UInt16(1) << header.rawValue
            guard seen & bit == 0 else { continue }
            seen |= bit
            add(header, bytes, bytes.trimmed(colon + 1..<stop), isFolded: isFolded, &head, &message)
        }
        return head
    }

    private static func add(
        _ header: Header, _ bytes: borrowing RawSpan, _ value: Range<Int>, isFolded: Bool, _ head: inout Head,
        _ message: inout Message
    ) {
        switch header {
        case .callId: TextHead.add(Field.callId, bytes, value, isFolded: isFolded, to: &message)
        case .cseq:
            let digits = bytes.skip(from: value.lowerBound, to: value.upperBound) { $0.isDigit }
            // Up to 2³¹ − 1 (section 8.1.1.5); zeros in front do not count.
            guard let number = number(bytes, value.lowerBound..<digits), number < 1 << 31 else { return }
            message.add(Field.cseq, integer: number)
            let method = bytes.trimmed(digits..<value.upperBound)
            if !method.isEmpty { message.add(Field.cseqMethod, in: method) }
        case .from: address(bytes, value, tag: Field.fromTag, host: Field.fromHost, &message)
        case .to: address(bytes, value, tag: Field.toTag, host: Field.toHost, &message)
        case .contentType:
            let end = bytes.firstIndex(of: UInt8(ascii: ";"), from: value.lowerBound, to: value.upperBound)
            let type = bytes.trimmed(value.lowerBound..<(end ?? value.upperBound))
            if bytes.skip(from: type.lowerBound, to: type.upperBound, while: { !$0.isUppercase }) == type.upperBound {
                TextHead.add(Field.contentType, bytes, type, to: &message)
            } else {
                message.add(Field.contentType, text: bytes.text(type).lowercased())
            }
        case .contentLength:
            guard let length = bytes.decimal(value) else {
                head.hasBadLength = true
                return
            }
            head.contentLength = length
            message.add(Field.contentLength, integer: length)
        case .userAgent, .server:
            if !message.has(Field.userAgent) {
                TextHead.add(Field.userAgent, bytes, value, isFolded: isFolded, to: &message)
            }
        case .event: TextHead.add(Field.event, bytes, value, isFolded: isFolded, to: &message)
        case .expires:
            if let seconds = bytes.decimal(value) { message.add(Field.expires, integer: seconds) }
        case .reason:
            TextHead.add(Field.cause, bytes, value, to: &message)
            let end = bytes.firstIndex(of: UInt8(ascii: ";"), from: value.lowerBound, to: value.upperBound)
            guard let end, bytes.matches("q.850", in: bytes.trimmed(value.lowerBound..<end)),
                let code = parameter("cause", bytes, end..<value.upperBound).flatMap({ bytes.decimal($0) })
            else { return }
            message.add(Field.causeCode, integer: code)
        case .warning:
            // Code and agent; the text behind them may quote an address (RFC 3261 section 20.43).
            let quote = bytes.firstIndex(of: UInt8(ascii: "\""), from: value.lowerBound, to: value.upperBound)
            let head = bytes.trimmed(value.lowerBound..<(quote ?? value.upperBound))
            TextHead.add(Field.warning, bytes, head, to: &message)
        case .subscriptionState: TextHead.add(Field.subscriptionState, bytes, value, to: &message)
        }
    }

    /// The number of decimal digits; `nil` if there are none or it is larger than any of SIP's.
    private static func number(_ bytes: borrowing RawSpan, _ digits: Range<Int>) -> Int? {
        if digits.isEmpty { return nil }
        var value = 0
        for index in digits {
            value = value &* 10 &+ Int(bytes.octet(index) &- 48)
            if value > Int(UInt32.max) { return nil }
        }
        return value
    }

    /// `"Name" <sip:user@host>;tag=x` or `sip:user@host;tag=x` (section 20.10): the tag, and the host alone.
    private static func address(
        _ bytes: borrowing RawSpan, _ value: Range<Int>, tag: FieldName, host hostField: FieldName,
        _ message: inout Message
    ) {
        var open: Int?
        var quoted = false
        var index = value.lowerBound
        while index < value.upperBound {
            switch bytes.octet(index) {
            case UInt8(ascii: "\\") where quoted: index += 1
            case UInt8(ascii: "\""): quoted.toggle()
            case UInt8(ascii: "<") where !quoted: open = open ?? index
            default: break
            }
            if open != nil { break }
            index += 1
        }
        let uri: Range<Int>
        let parameters: Int
        if let open {
            let close = bytes.firstIndex(of: UInt8(ascii: ">"), from: open, to: value.upperBound) ?? value.upperBound
            uri = open + 1..<max(open + 1, close)
            parameters = close
        } else {
            parameters =
                bytes.firstIndex(of: UInt8(ascii: ";"), from: value.lowerBound, to: value.upperBound)
                ?? value.upperBound
            uri = value.lowerBound..<parameters
        }
        if let found = parameter("tag", bytes, parameters..<value.upperBound) { message.add(tag, in: found) }
        if let host = host(bytes, bytes.trimmed(uri)) { message.add(hostField, in: host) }
    }

    /// The value of `;name=value` in `range`.
    private static func parameter(
        _ name: StaticString, _ bytes: borrowing RawSpan, _ range: Range<Int>
    ) -> Range<Int>? {
        var index = range.lowerBound
        while let start = bytes.firstIndex(of: UInt8(ascii: ";"), from: index, to: range.upperBound) {
            let end = bytes.firstIndex(of: UInt8(ascii: ";"), from: start + 1, to: range.upperBound) ?? range.upperBound
            let parameter = bytes.trimmed(start + 1..<end)
            if let equals = bytes.firstIndex(
                of: UInt8(ascii: "="), from: parameter.lowerBound, to: parameter.upperBound),
                bytes.matches(name, in: bytes.trimmed(parameter.lowerBound..<equals))
            {
                return bytes.trimmed(equals + 1..<parameter.upperBound)
            }
            index = end
        }
        return nil
    }

    /// The host of a `sip:` or `sips:` URI, without user, port, parameters and headers (section 19.1.1).
    private static func host(_ bytes: borrowing RawSpan, _ uri: Range<Int>) -> Range<Int>? {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":"), from: uri.lowerBound, to: uri.upperBound),
            bytes.matches("sip", in: uri.lowerBound..<colon) || bytes.matches("sips", in: uri.lowerBound..<colon)
        else { return nil }
        var start = colon + 1
        // A user may hold ";" and "?", so the last "@" before the headers parts it from the host.
        var index = start
        while let at = bytes.firstIndex(of: UInt8(ascii: "@"), from: index, to: uri.upperBound) {
            start = at + 1
            index = start
        }
        let bracketed = bytes.octet(start) == UInt8(ascii: "[")
        let end = bytes.skip(from: start, to: uri.upperBound) {
            bracketed
                ? $0 != UInt8(ascii: "]")
                : $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "?") && $0 > 32
        }
        let range = bracketed ? start..<min(end + 1, uri.upperBound) : start..<end
        return range.isEmpty ? nil : range
    }

    /// The media and the direction of a session description (RFC 8866 sections 5.14 and 6.7).
    static func describe(_ bytes: borrowing RawSpan, _ body: Range<Int>, _ message: inout Message) {
        var index = body.lowerBound
        var lines = 0
        var directed = false
        while index < body.upperBound, lines < 512 {
            let stop = bytes.firstIndex(of: 10, from: index, to: body.upperBound) ?? body.upperBound
            if bytes.holds("m=", at: index) {
                let end = bytes.skip(from: index + 2, to: stop) { $0 > 32 }
                message.add(Field.media, in: index + 2..<end)
            } else if !directed, bytes.holds("a=", at: index) {
                let value = bytes.trimmed(index + 2..<max(index + 2, stop))
                if bytes.matches("sendrecv", in: value) || bytes.matches("sendonly", in: value)
                    || bytes.matches("recvonly", in: value) || bytes.matches("inactive", in: value)
                {
                    message.add(Field.direction, in: value)
                    directed = true
                }
            }
            index = stop + 1
            lines += 1
        }
    }

    /// Finishes a message whose body is `body`.
    static func close(_ bytes: borrowing RawSpan, _ body: Range<Int>, _ message: inout Message) {
        guard !body.isEmpty else { return }
        message.setBody(in: body)
        if message.equals(Field.contentType, "application/sdp") { describe(bytes, body, &message) }
    }
}
