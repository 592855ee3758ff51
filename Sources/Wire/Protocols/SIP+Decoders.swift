/// SIP over UDP: one message per datagram, its body what `Content-Length` says or the rest (RFC 3261 section 18.3).
public struct SIPDatagramDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .sip }
    public static var fields: [FieldName] { SIP.fields }

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        // Keep-alives: line ends (RFC 5626 section 4.4.1), and NULs from phones that never read it.
        let start = bytes.skip(from: 0, to: bytes.byteCount) { $0.isTextBlank || $0 == 0 }
        if start == bytes.byteCount { return .skip(start) }
        if start > 0 { return .skip(start) }
        var message = Message(.sip, copying: bytes)
        let head = try SIP.read(bytes, to: bytes.byteCount, into: &message)
        let rest = bytes.byteCount - head.end
        SIP.close(bytes, head.end..<head.end + min(rest, head.contentLength ?? rest), &message)
        // What follows the announced body is padding, not another message.
        return .message(message, consumed: bytes.byteCount)
    }
}

/// SIP over TCP: framed by `Content-Length`, with line ends between messages as keep-alives.
public struct SIPStreamDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .sip }
    public static var fields: [FieldName] { SIP.fields }

    /// How far the head at the front was searched for its empty line.
    private var searched = 0

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        let blanks = bytes.skip(from: 0, to: bytes.byteCount) { $0 == 13 || $0 == 10 }
        if blanks > 0 { return .skip(blanks) }
        guard let end = try TextHead.end(bytes, searched: &searched, limit: SIP.headLimit) else {
            return .needMore(atLeast: bytes.byteCount + 1)
        }
        var framing = Message(.sip)
        let head = try SIP.read(bytes, to: end, into: &framing)
        guard !head.hasBadLength else { throw ParseError(.application, .malformed, offset: end) }
        let length = head.contentLength ?? 0
        guard length <= SIP.bodyLimit else {
            throw ParseError(.application, .tooLarge, offset: end, needed: length, available: SIP.bodyLimit)
        }
        guard bytes.byteCount >= end + length else {
            // The head stays: it is found again at once.
            searched = max(0, end - 4)
            return .needMore(atLeast: end + length)
        }
        searched = 0
        var message = Message(.sip, copying: bytes.extracting(0..<end + length))
        _ = try SIP.read(bytes, to: end, into: &message)
        SIP.close(bytes, end..<end + length, &message)
        return .message(message, consumed: end + length)
    }

    /// The next line that is a start line.
    public mutating func resynchronise(_ bytes: borrowing RawSpan) -> Int? {
        searched = 0
        return TextHead.next(bytes) { bytes, line in (try? SIP.StartLine(bytes, line)) != nil }
    }
}
