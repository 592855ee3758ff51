extension Syslog {
    /// A structured data element of RFC 5424 section 6.3.
    public struct Element: Hashable, Sendable {
        public var id: String
        public var parameters: [Parameter]

        public struct Parameter: Hashable, Sendable {
            public var name: String
            public var value: String

            public init(_ name: String, _ value: String) {
                self.name = name
                self.value = value
            }
        }

        public init(_ id: String, _ parameters: [Parameter]) {
            self.id = id
            self.parameters = parameters
        }
    }

    /// One RFC 5424 message without framing. `nil` and empty header fields become the nil value; bytes that a header
    /// field may not hold (anything but printable ASCII) become `?`. Fields are cut at the RFC's lengths.
    public static func encode(
        facility: Facility, severity: Severity, timestamp: String? = nil, hostname: String? = nil,
        app: String? = nil, procid: String? = nil, msgid: String? = nil, elements: [Element] = [],
        text: String = "", byteOrderMark: Bool = false
    ) -> [UInt8] {
        var out = Array("<\(facility.rawValue * 8 + severity.rawValue)>1".utf8)
        for (value, limit) in [(timestamp, 40), (hostname, 255), (app, 48), (procid, 128), (msgid, 32)] {
            out.append(32)
            out += word(value, limit: limit)
        }
        out.append(32)
        if elements.isEmpty { out.append(UInt8(ascii: "-")) }
        for element in elements {
            out.append(UInt8(ascii: "["))
            out += name(element.id)
            for parameter in element.parameters {
                out.append(32)
                out += name(parameter.name)
                out += Array("=\"".utf8)
                for byte in parameter.value.utf8 {
                    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "]") {
                        out.append(UInt8(ascii: "\\"))
                    }
                    out.append(byte)
                }
                out.append(UInt8(ascii: "\""))
            }
            out.append(UInt8(ascii: "]"))
        }
        if !text.isEmpty {
            out.append(32)
            if byteOrderMark { out += [0xEF, 0xBB, 0xBF] }
            out += Array(text.utf8)
        }
        return out
    }

    /// One message of the older form: `<PRI>Mmm dd hh:mm:ss host tag: text`.
    public static func encodeTraditional(
        facility: Facility, severity: Severity, timestamp: String, hostname: String, tag: String, text: String
    ) -> [UInt8] {
        Array("<\(facility.rawValue * 8 + severity.rawValue)>\(timestamp) \(hostname) \(tag): \(text)".utf8)
    }

    /// Frames a message for TCP by octet counting (RFC 6587 section 3.4.1).
    public static func frame(_ message: [UInt8]) -> [UInt8] {
        Array("\(message.count) ".utf8) + message
    }

    private static func word(_ text: String?, limit: Int) -> [UInt8] {
        guard let text, !text.isEmpty else { return [UInt8(ascii: "-")] }
        return text.utf8.prefix(limit).map { (33...126).contains($0) ? $0 : UInt8(ascii: "?") }
    }

    /// SD-NAME: a word of at most 32 bytes without `=`, `]` and `"`.
    private static func name(_ text: String) -> [UInt8] {
        word(text, limit: 32).map { [61, 93, 34].contains($0) ? UInt8(ascii: "?") : $0 }
    }

    /// A time as RFC 5424 wants it, with milliseconds: `2026-11-10T07:31:02.104+07:00`.
    public static func timestamp(_ time: Timestamp, offsetMinutes: Int = 0) -> String {
        CivilTime(time, offsetMinutes: offsetMinutes).rfc3339
    }

    /// A time of the older form: `Nov 10 07:31:02`, no year, no zone.
    public static func traditionalTimestamp(_ time: Timestamp, offsetMinutes: Int = 0) -> String {
        CivilTime(time, offsetMinutes: offsetMinutes).traditional
    }
}
