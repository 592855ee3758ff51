/// SSDP: UPnP devices that announce themselves, and those who look for them.
///
/// Reference: UPnP Device Architecture 2.0, sections 1.2 and 1.3: HTTP/1.1 heads in datagrams to 239.255.255.250 and
/// ff0x::c, port 1900; answers to a search come to its source port.
public enum SSDP {
    public enum Field {
        /// `NOTIFY` or `M-SEARCH`; other methods as they stand.
        public static let method: FieldName = "method"
        /// Of a response.
        public static let status: FieldName = "status"
        /// What is announced, and how: `ssdp:alive`, `ssdp:byebye`, `ssdp:update`.
        public static let notificationType: FieldName = "nt"
        public static let notificationSubtype: FieldName = "nts"
        /// What is searched for.
        public static let searchTarget: FieldName = "st"
        /// The unique name of who announces.
        public static let uniqueName: FieldName = "usn"
        public static let location: FieldName = "location"
        public static let server: FieldName = "server"
        /// Seconds.
        public static let maxAge: FieldName = "max-age"
        public static let userAgent: FieldName = "user-agent"
    }

    public static let fields: [FieldName] = [
        Field.method, Field.status, Field.notificationType, Field.notificationSubtype, Field.searchTarget,
        Field.uniqueName, Field.location, Field.server, Field.maxAge, Field.userAgent,
    ]

    /// Header lines of a datagram that are looked at.
    public static let lineLimit = 64

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        if let method = message.text(Field.method) { return [("request", method)] }
        if let status = message.text(Field.status) { return [("status", status)] }
        return []
    }

    /// An announcement; `ssdp:byebye` when the device leaves.
    public static func encodeNotify(type: String, name: String, location: String, server: String, leaves: Bool = false)
        -> [UInt8]
    {
        let lines =
            leaves
            ? ["NTS: ssdp:byebye"]
            : ["CACHE-CONTROL: max-age=1800", "LOCATION: \(location)", "NTS: ssdp:alive", "SERVER: \(server)"]
        let head = ["NOTIFY * HTTP/1.1", "HOST: 239.255.255.250:1900", "NT: \(type)", "USN: \(name)"] + lines
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    public static func encodeSearch(target: String) -> [UInt8] {
        let head = [
            "M-SEARCH * HTTP/1.1", "HOST: 239.255.255.250:1900", "MAN: \"ssdp:discover\"", "MX: 1", "ST: \(target)",
        ]
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }
}

/// One SSDP message per datagram.
public struct SSDPDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .ssdp }
    public static var fields: [FieldName] { SSDP.fields }

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        var message = Message(.ssdp, copying: bytes)
        var line = Self.line(bytes, from: 0)
        try start(bytes, line.text, &message)
        for _ in 0..<SSDP.lineLimit {
            guard line.next < bytes.byteCount else { break }
            line = Self.line(bytes, from: line.next)
            if line.text.isEmpty { break }
            guard let colon = bytes.firstIndex(of: 58, from: line.text.lowerBound, to: line.text.upperBound) else {
                continue
            }
            let name = bytes.trimmed(line.text.lowerBound..<colon)
            let value = bytes.trimmed(colon + 1..<line.text.upperBound)
            if bytes.matches("cache-control", in: name) {
                if let age = Self.maxAge(bytes, value) { message.add(SSDP.Field.maxAge, integer: age) }
            } else if let field = Self.field(bytes, name) {
                message.add(field, in: value)
            }
        }
        return .message(message, consumed: bytes.byteCount)
    }

    private static func line(_ bytes: borrowing RawSpan, from start: Int) -> (text: Range<Int>, next: Int) {
        let end = bytes.firstIndex(of: 10, from: start) ?? bytes.byteCount
        return (bytes.trimmed(start..<end), end + 1)
    }

    /// `METHOD * HTTP/1.1` or `HTTP/1.1 200 OK`. Behind the two methods that there are, nothing else is asked for.
    private func start(
        _ bytes: borrowing RawSpan, _ line: Range<Int>, _ message: inout Message
    ) throws(ParseError) {
        if bytes.holds("HTTP/1.", at: line.lowerBound) {
            let status = line.lowerBound + 9..<line.lowerBound + 12
            guard status.upperBound <= line.upperBound, let code = bytes.decimal(status) else {
                throw ParseError(.application, .malformed, offset: line.lowerBound)
            }
            message.add(SSDP.Field.status, integer: code)
            return
        }
        for method in ["NOTIFY ", "M-SEARCH "] as [StaticString] where bytes.holds(method, at: line.lowerBound) {
            let count = method.utf8CodeUnitCount - 1
            message.add(SSDP.Field.method, in: line.lowerBound..<line.lowerBound + count)
            return
        }
        let end = bytes.skip(from: line.lowerBound, to: line.upperBound) { $0.isTokenByte }
        guard bytes.octet(line.lowerBound).isLetter, bytes.octet(end) == 32, line.count >= 9,
            bytes.holds("HTTP/1.", at: line.upperBound - 8)
        else { throw ParseError(.application, .malformed, offset: end) }
        message.add(SSDP.Field.method, in: line.lowerBound..<end)
    }

    private static func field(_ bytes: borrowing RawSpan, _ name: Range<Int>) -> FieldName? {
        if bytes.matches("nt", in: name) { return SSDP.Field.notificationType }
        if bytes.matches("nts", in: name) { return SSDP.Field.notificationSubtype }
        if bytes.matches("st", in: name) { return SSDP.Field.searchTarget }
        if bytes.matches("usn", in: name) { return SSDP.Field.uniqueName }
        if bytes.matches("location", in: name) { return SSDP.Field.location }
        if bytes.matches("server", in: name) { return SSDP.Field.server }
        if bytes.matches("user-agent", in: name) { return SSDP.Field.userAgent }
        return nil
    }

    private static func maxAge(_ bytes: borrowing RawSpan, _ value: Range<Int>) -> Int? {
        guard let sign = bytes.firstIndex(of: UInt8(ascii: "="), from: value.lowerBound, to: value.upperBound),
            bytes.matches("max-age", in: bytes.trimmed(value.lowerBound..<sign))
        else { return nil }
        let digits = bytes.trimmed(sign + 1..<value.upperBound)
        return bytes.decimal(
            digits.lowerBound..<bytes.skip(from: digits.lowerBound, to: digits.upperBound) { $0.isDigit })
    }
}
