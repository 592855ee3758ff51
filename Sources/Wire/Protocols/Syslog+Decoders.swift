/// Syslog over UDP: one message per datagram (RFC 5426 section 3.1).
public struct SyslogDatagramDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .syslog }
    public static var fields: [FieldName] { Syslog.fields }

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        return .message(try Syslog.message(bytes), consumed: bytes.byteCount)
    }
}

/// Syslog over TCP: octet counting and line framing, both of which may come on one connection (RFC 6587 section 3.4).
public struct SyslogStreamDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .syslog }
    public static var fields: [FieldName] { Syslog.fields }

    /// How far the line at the front was searched for its end: bytes that trickle in are looked at once.
    private var searched = 0

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        let first = bytes.octet(0)
        if first.isTextBlank || first == 0 {
            return .skip(bytes.skip(from: 0, to: bytes.byteCount) { $0.isTextBlank || $0 == 0 })
        }
        if first.isDigit { return try counted(bytes) }
        guard first == UInt8(ascii: "<") || first.isLetter else { throw ParseError(.application, .malformed) }
        guard let end = bytes.firstIndex(of: 10, from: searched) else {
            guard bytes.byteCount <= Syslog.lengthLimit else {
                searched = 0
                throw ParseError(.application, .tooLarge, needed: bytes.byteCount, available: Syslog.lengthLimit)
            }
            searched = bytes.byteCount
            return .needMore(atLeast: bytes.byteCount + 1)
        }
        searched = 0
        guard end <= Syslog.lengthLimit else {
            throw ParseError(.application, .tooLarge, needed: end, available: Syslog.lengthLimit)
        }
        return .message(try Syslog.message(bytes.extracting(0..<end)), consumed: end + 1)
    }

    private func counted(_ bytes: borrowing RawSpan) throws(ParseError) -> DecodeStep {
        let digits = bytes.skip(from: 0, to: 7) { $0.isDigit }
        if digits == bytes.byteCount, digits < 7 { return .needMore(atLeast: digits + 1) }
        guard bytes.octet(digits) == 32, let length = bytes.decimal(0..<digits), length > 0 else {
            throw ParseError(.application, .malformed, offset: digits)
        }
        guard length <= Syslog.lengthLimit else {
            throw ParseError(.application, .tooLarge, needed: length, available: Syslog.lengthLimit)
        }
        let end = digits + 1 + length
        // What follows a count is a message, so a wrong count shows before its bytes are waited for.
        guard bytes.byteCount > digits + 1 else { return .needMore(atLeast: digits + 2) }
        guard bytes.octet(digits + 1) == UInt8(ascii: "<") else {
            throw ParseError(.application, .malformed, offset: digits + 1)
        }
        guard bytes.byteCount >= end else { return .needMore(atLeast: end) }
        return .message(try Syslog.message(bytes.extracting(digits + 1..<end)), consumed: end)
    }

    /// The last line of a connection may lack its line end.
    public mutating func finish(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> Message? {
        searched = 0
        guard bytes.octet(0) == UInt8(ascii: "<"), bytes.byteCount <= Syslog.lengthLimit else { return nil }
        return try Syslog.message(bytes)
    }

    /// The first `<PRI>` after a line end or a count.
    public mutating func resynchronise(_ bytes: borrowing RawSpan) -> Int? {
        searched = 0
        var from = 0
        while let open = bytes.firstIndex(of: UInt8(ascii: "<"), from: from) {
            from = open + 1
            let digits = bytes.skip(from: open + 1, to: open + 4) { $0.isDigit }
            guard digits > open + 1, bytes.octet(digits) == UInt8(ascii: ">") else { continue }
            if open == 0 || bytes.octet(open - 1) == 10 { return open }
            guard bytes.octet(open - 1) == 32 else { continue }
            var start = open - 1
            while start > 0, open - start < 7, bytes.octet(start - 1).isDigit { start -= 1 }
            if start < open - 1 { return start }
        }
        return nil
    }
}
