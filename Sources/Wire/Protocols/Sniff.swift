/// What bytes are, by their first ones, where ports say nothing. It says yes only to starts that nothing else has:
/// guessing on strangers' traffic would invent messages.
enum Sniff {
    /// A start line longer than this is none.
    static let lineLimit = 2_048

    static func datagram(_ bytes: borrowing RawSpan) -> ProtocolName? {
        switch bytes.octet(0) {
        case UInt8(ascii: "<"): priority(bytes, at: 0) == .yes ? .syslog : nil
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): startLine(bytes) == .chosen(.sip) ? .sip : nil
        case 0..<0x04: STUN.begins(bytes) ? .stun : nil
        case 0x80...0x9F: RTCP.begins(bytes) ? .rtcp : nil
        default: nil
        }
    }

    static func stream(_ bytes: borrowing RawSpan) -> Protocols.StreamChoice {
        let first = bytes.octet(0)
        switch first {
        case 0x10: return connect(bytes)
        case 3: return callSignalling(bytes)
        case UInt8(ascii: "<"): return choice(priority(bytes, at: 0), bytes.byteCount)
        case UInt8(ascii: "1")...UInt8(ascii: "9"):
            // Octet counting, RFC 6587 section 3.4.1: "LEN SP <PRI>".
            let end = bytes.skip(from: 0, to: 6) { $0.isDigit }
            if end == bytes.byteCount, end < 6 { return .needMore(atLeast: end + 1) }
            guard end <= 5, bytes.octet(end) == 32 else { return .none }
            return choice(priority(bytes, at: end + 1), bytes.byteCount)
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): return startLine(bytes)
        default: return .none
        }
    }

    /// Whether bytes that `stream` needs more of are worth waiting for on a port of which nothing is known: they begin
    /// with what only our protocols begin with, as far as they go. Capitals alone may be anybody's.
    static func isBegun(_ bytes: borrowing RawSpan) -> Bool {
        switch bytes.octet(0) {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"):
            let end = bytes.skip(from: 0, to: 24) { $0 != 32 }
            let isWhole = end < bytes.byteCount
            for text in starts where bytes.begin(text, end) {
                if !isWhole || text.utf8CodeUnitCount == end { return true }
            }
            return false
        // A length and its blank, the least that octet counting has of its own.
        case UInt8(ascii: "1")...UInt8(ascii: "9"): return bytes.skip(from: 0, to: 6) { $0.isDigit } < bytes.byteCount
        case UInt8(ascii: "<"): return bytes.byteCount > 1
        case 0x10: return bytes.byteCount > 3
        default: return bytes.byteCount > 1
        }
    }

    /// Methods of HTTP (RFC 9110 section 9), RTSP (RFC 2326 section 10) and SIP (RFC 3261, 3262, 3311, 3428, 3515, 3903,
    /// 6086, 6665), and versions, which begin an answer.
    private static let starts: [StaticString] = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "NOTIFY", "SUBSCRIBE",
        "HTTP/1.1",
        "HTTP/1.0", "DESCRIBE", "ANNOUNCE", "SETUP", "PLAY", "PAUSE", "TEARDOWN", "RECORD", "REDIRECT", "RTSP/1.0",
        "RTSP/2.0", "INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "INFO", "MESSAGE", "PRACK", "UPDATE", "REFER",
        "PUBLISH",
        "SIP/2.0",
    ]

    /// What a printer's port is sent: a request (monitoring software likes port 9100 too), a document in a language of
    /// its own, or else a ticket.
    static func printJob(_ bytes: borrowing RawSpan) -> Protocols.StreamChoice {
        if bytes.octet(0).isUppercase {
            let request = startLine(bytes)
            return request == .none ? .chosen(.escpos) : request
        }
        return switch PJL.start(bytes) {
        case .yes: .chosen(.pjl)
        case .no: .chosen(.escpos)
        case .unclear: .needMore(atLeast: bytes.byteCount + 1)
        }
    }

    /// TPKT, then Q.931 with a call reference of two octets and a message that we know: H.323 on a port that was
    /// agreed on.
    private static func callSignalling(_ bytes: borrowing RawSpan) -> Protocols.StreamChoice {
        guard bytes.octet(1) == 0 || bytes.byteCount < 2 else { return .none }
        guard bytes.byteCount >= 9 else { return .needMore(atLeast: 9) }
        guard bytes.big16(unchecked: 2) >= 9, bytes.holds("\u{8}\u{2}", at: 4),
            Q931.messageName(bytes.octet(8)) != nil
        else { return .none }
        return .chosen(.q931)
    }

    private enum Verdict { case yes, no, unclear }

    private static func choice(_ verdict: Verdict, _ count: Int) -> Protocols.StreamChoice {
        switch verdict {
        case .yes: .chosen(.syslog)
        case .no: .none
        case .unclear: .needMore(atLeast: count + 1)
        }
    }

    /// `<PRI>` with PRI up to 191 and something printable after it.
    private static func priority(_ bytes: borrowing RawSpan, at start: Int) -> Verdict {
        guard start < bytes.byteCount else { return .unclear }
        guard bytes.octet(start) == UInt8(ascii: "<") else { return .no }
        let end = bytes.skip(from: start + 1, to: start + 4) { $0.isDigit }
        if end == bytes.byteCount { return .unclear }
        guard bytes.octet(end) == UInt8(ascii: ">"), let value = bytes.decimal(start + 1..<end), value <= 191
        else { return .no }
        if end + 1 == bytes.byteCount { return .unclear }
        let next = bytes.octet(end + 1)
        return next >= 32 && next != 127 ? .yes : .no
    }

    /// MQTT CONNECT: remaining length, then the protocol name (MQTT 3.1.1 section 3.1.2.1; 3.1 said `MQIsdp`).
    private static func connect(_ bytes: borrowing RawSpan) -> Protocols.StreamChoice {
        var index = 1
        while index < 5, bytes.octet(index) & 0x80 != 0 { index += 1 }
        let name = index + 1
        guard bytes.byteCount >= name + 8 else { return .needMore(atLeast: name + 8) }
        let known = bytes.holds("\u{0}\u{4}MQTT", at: name) || bytes.holds("\u{0}\u{6}MQIsdp", at: name)
        return index < 5 && known ? .chosen(.mqtt) : .none
    }

    /// `METHOD target HTTP/1.x`, `HTTP/1.x status`, and the same with `SIP/2.0` and `RTSP/1.0`.
    private static func startLine(_ bytes: borrowing RawSpan) -> Protocols.StreamChoice {
        if bytes.holds("HTTP/1.", at: 0) { return .chosen(.http) }
        if bytes.holds("SIP/2.0 ", at: 0) { return .chosen(.sip) }
        if bytes.holds("RTSP/1.0 ", at: 0) || bytes.holds("RTSP/2.0 ", at: 0) { return .chosen(.rtsp) }
        let method = bytes.skip(from: 0, to: 24) { $0.isUppercase || $0 == 47 || $0 == 45 || $0 == 46 || $0.isDigit }
        if method == bytes.byteCount, method < 24 { return .needMore(atLeast: method + 1) }
        guard method < 24, bytes.octet(method) == 32 else { return .none }
        guard let end = bytes.firstIndex(of: 10, from: method, to: lineLimit) else {
            return bytes.byteCount < lineLimit ? .needMore(atLeast: bytes.byteCount + 1) : .none
        }
        let line = bytes.trimmed(0..<end)
        if bytes.holds(" HTTP/1.", at: line.upperBound - 9) { return .chosen(.http) }
        if bytes.holds(" SIP/2.0", at: line.upperBound - 8) { return .chosen(.sip) }
        if bytes.holds(" RTSP/", at: line.upperBound - 9) { return .chosen(.rtsp) }
        return .none
    }
}
