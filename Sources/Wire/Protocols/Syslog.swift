/// Syslog: RFC 5424, the older BSD form that RFC 3164 describes, and what real senders make of both.
///
/// Reference: RFC 5424 section 6, RFC 3164 section 4; where senders differ from both, rsyslog's parser is followed.
/// A message without a priority is `user.notice` (RFC 3164 section 4.3.3).
public enum Syslog {
    public enum Field {
        /// `<PRI>`: facility × 8 + severity.
        public static let pri: FieldName = "pri"
        public static let facility: FieldName = "facility"
        public static let severity: FieldName = "severity"
        /// 1 for RFC 5424; absent in the older form.
        public static let version: FieldName = "version"
        /// As the sender wrote it; absent if it is nil.
        public static let timestamp: FieldName = "timestamp"
        public static let hostname: FieldName = "hostname"
        /// APP-NAME, or the program's part of the tag.
        public static let app: FieldName = "app"
        public static let procid: FieldName = "procid"
        public static let msgid: FieldName = "msgid"
        /// `program[pid]` of the older form, without its colon.
        public static let tag: FieldName = "tag"
        /// The message proper, which is the body too.
        public static let text: FieldName = "text"
        /// True where a priority was not told but assumed.
        public static let assumed: FieldName = "assumed"
    }

    public static let fields: [FieldName] = [
        Field.pri, Field.facility, Field.severity, Field.version, Field.timestamp, Field.hostname, Field.app,
        Field.procid, Field.msgid, Field.tag, Field.text, Field.assumed, "sd.*",
    ]

    /// RFC 5424 table 1, in the short names of `syslog.conf`.
    public enum Facility: UInt8, Sendable, CaseIterable {
        case kern, user, mail, daemon, auth, syslog, lpr, news, uucp, cron, authpriv, ftp
        case ntp, audit, alert, clock, local0, local1, local2, local3, local4, local5, local6, local7

        public var name: String { "\(word)" }

        var word: StaticString {
            switch self {
            case .kern: "kern"
            case .user: "user"
            case .mail: "mail"
            case .daemon: "daemon"
            case .auth: "auth"
            case .syslog: "syslog"
            case .lpr: "lpr"
            case .news: "news"
            case .uucp: "uucp"
            case .cron: "cron"
            case .authpriv: "authpriv"
            case .ftp: "ftp"
            case .ntp: "ntp"
            case .audit: "audit"
            case .alert: "alert"
            case .clock: "clock"
            case .local0: "local0"
            case .local1: "local1"
            case .local2: "local2"
            case .local3: "local3"
            case .local4: "local4"
            case .local5: "local5"
            case .local6: "local6"
            case .local7: "local7"
            }
        }
    }

    /// RFC 5424 table 2.
    public enum Severity: UInt8, Sendable, CaseIterable {
        case emerg, alert, crit, err, warning, notice, info, debug

        public var name: String { "\(word)" }

        var word: StaticString {
            switch self {
            case .emerg: "emerg"
            case .alert: "alert"
            case .crit: "crit"
            case .err: "err"
            case .warning: "warning"
            case .notice: "notice"
            case .info: "info"
            case .debug: "debug"
            }
        }
    }

    /// A message longer than this is refused on a stream; a datagram cannot be.
    public static let lengthLimit = 65_536
    static let structuredDataLimit = 64

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        var rows = [(kind: "messages", value: "total")]
        if !message.has(Field.assumed), let facility = message.text(Field.facility),
            let severity = message.text(Field.severity)
        {
            rows.append((kind: "facility.severity", value: "\(facility).\(severity)"))
        }
        return rows
    }

    /// One message that is all of `bytes`.
    static func message(_ bytes: borrowing RawSpan) throws(ParseError) -> Message {
        var end = bytes.byteCount
        while end > 0, bytes.octet(end - 1).isTextBlank || bytes.octet(end - 1) == 0 { end -= 1 }
        guard end > 0 else { throw ParseError(.application, .malformed) }

        let (priority, start) = try Self.priority(bytes, to: end)
        var message = Message(.syslog, copying: bytes)
        let told = priority ?? 13
        message.add(Field.pri, integer: told)
        if let facility = Facility(rawValue: UInt8(truncatingIfNeeded: told >> 3)) {
            message.add(Field.facility, word: facility.word)
        }
        if let severity = Severity(rawValue: UInt8(truncatingIfNeeded: told & 7)) {
            message.add(Field.severity, word: severity.word)
        }
        if priority == nil { message.add(Field.assumed, boolean: true) }

        // "VERSION SP" right after the priority: RFC 5424 section 6.2.2.
        if priority != nil, bytes.octet(start).isDigit, bytes.octet(start) != 48 {
            let digits = bytes.skip(from: start, to: min(end, start + 3)) { $0.isDigit }
            if digits < end, bytes.octet(digits) == 32, let version = bytes.decimal(start..<digits),
                structured(bytes, from: digits + 1, to: end, version: version, &message)
            {
                return message
            }
        }
        traditional(bytes, from: start, to: end, &message)
        return message
    }

    /// The priority, and where the rest begins; `nil` and 0 if the message has none.
    private static func priority(_ bytes: borrowing RawSpan, to end: Int) throws(ParseError) -> (Int?, Int) {
        if bytes.octet(0) == UInt8(ascii: "<") {
            let digits = bytes.skip(from: 1, to: min(end, 4)) { $0.isDigit }
            if bytes.octet(digits) == UInt8(ascii: ">"), let value = bytes.decimal(1..<digits), value <= 191 {
                return (value, digits + 1)
            }
        }
        // Without a priority anything might be syslog; a control byte near the front says that this is not.
        for index in 0..<min(end, 32) where bytes.octet(index) < 32 && bytes.octet(index) != 9 {
            throw ParseError(.application, .malformed, offset: index)
        }
        return (nil, 0)
    }

    /// Adds `range` unless it is empty or the nil value `-` (RFC 5424 section 6).
    private static func add(
        _ name: FieldName, _ bytes: borrowing RawSpan, _ range: Range<Int>, to message: inout Message
    ) {
        if range.isEmpty || range.count == 1 && bytes.octet(range.lowerBound) == UInt8(ascii: "-") { return }
        message.add(name, in: range)
    }

    private static func finish(_ range: Range<Int>, _ message: inout Message) {
        message.add(Field.text, in: range)
        message.setBody(in: range)
    }
}

// MARK: RFC 5424

extension Syslog {
    /// `TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP SD [SP MSG]`. `false` and nothing added if it is not.
    private static func structured(
        _ bytes: borrowing RawSpan, from start: Int, to end: Int, version: Int, _ message: inout Message
    ) -> Bool {
        // A message may end right after its version.
        var index = min(start, end)
        func word(_ bytes: borrowing RawSpan) -> Range<Int> {
            let stop = bytes.firstIndex(of: 32, from: index, to: end) ?? end
            defer { index = min(stop + 1, end) }
            return index..<stop
        }
        let timestamp = word(bytes)
        guard
            bytes.octet(timestamp.lowerBound) == UInt8(ascii: "-") && timestamp.count == 1
                || bytes.octet(timestamp.lowerBound).isDigit && timestamp.count >= 19
        else { return false }
        let hostname = word(bytes)
        let app = word(bytes)
        let procid = word(bytes)
        let msgid = word(bytes)
        guard !msgid.isEmpty else { return false }

        message.add(Field.version, integer: version)
        add(Field.timestamp, bytes, timestamp, to: &message)
        add(Field.hostname, bytes, hostname, to: &message)
        add(Field.app, bytes, app, to: &message)
        add(Field.procid, bytes, procid, to: &message)
        add(Field.msgid, bytes, msgid, to: &message)
        index = elements(bytes, from: index, to: end, &message)

        if bytes.octet(index) == 32, index < end { index += 1 }
        // MSG-UTF8 begins with a byte order mark (section 6.4).
        if index + 3 <= end, bytes.holds("\u{FEFF}", at: index) { index += 3 }
        finish(index..<end, &message)
        return true
    }

    /// `-` or `[id name="value" …]…`; the index after it. Senders leave blanks around `=`; those are allowed.
    private static func elements(
        _ bytes: borrowing RawSpan, from start: Int, to end: Int, _ message: inout Message
    ) -> Int {
        if bytes.octet(start) == UInt8(ascii: "-") { return start + 1 }
        var index = start
        var count = 0
        while index < end, bytes.octet(index) == UInt8(ascii: "[") {
            let idStart = index + 1
            index = bytes.skip(from: idStart, to: end) { $0 > 32 && $0 != UInt8(ascii: "]") }
            let id = idStart..<index
            while true {
                index = bytes.skip(from: index, to: end) { $0 == 32 }
                if index >= end { return end }
                if bytes.octet(index) == UInt8(ascii: "]") { break }
                let nameStart = index
                index = bytes.skip(from: index, to: end) {
                    $0 > 32 && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "]")
                }
                let name = nameStart..<index
                index = bytes.skip(from: index, to: end) { $0 == 32 || $0 == UInt8(ascii: "=") }
                guard bytes.octet(index) == UInt8(ascii: "\""), index < end else {
                    // Not a parameter: leave the element at its bracket.
                    index = bytes.firstIndex(of: UInt8(ascii: "]"), from: index, to: end) ?? end
                    continue
                }
                let valueStart = index + 1
                var escaped = false
                index = valueStart
                while index < end, bytes.octet(index) != UInt8(ascii: "\"") {
                    if bytes.octet(index) == UInt8(ascii: "\\"), index + 1 < end {
                        escaped = true
                        index += 1
                    }
                    index += 1
                }
                let value = valueStart..<min(index, end)
                index = min(index + 1, end)
                count += 1
                guard count <= structuredDataLimit else { continue }
                let field = FieldName("sd.\(bytes.text(id)).\(bytes.text(name))")
                if escaped {
                    message.add(field, text: unescaped(bytes.text(value)))
                } else {
                    message.add(field, in: value)
                }
            }
            index += 1
        }
        return index
    }

    /// Section 6.3.3: only `"`, `\` and `]` are escaped; a backslash before anything else stands for itself.
    private static func unescaped(_ text: String) -> String {
        var out = ""
        var backslash = false
        for character in text.unicodeScalars {
            if backslash {
                if character != "\"", character != "\\", character != "]" { out.unicodeScalars.append("\\") }
                out.unicodeScalars.append(character)
                backslash = false
            } else if character == "\\" {
                backslash = true
            } else {
                out.unicodeScalars.append(character)
            }
        }
        return out
    }
}

// MARK: RFC 3164

extension Syslog {
    /// `TIMESTAMP SP HOSTNAME SP TAG[PID]: MSG`, every part of which may be missing.
    private static func traditional(
        _ bytes: borrowing RawSpan, from start: Int, to end: Int, _ message: inout Message
    ) {
        var index = bytes.skip(from: start, to: end) { $0 == 32 }
        index = routerPrefix(bytes, from: index, to: end, &message)
        if let stamp = stamp(bytes, from: index, to: end) {
            message.add(Field.timestamp, in: index..<stamp)
            index = zone(bytes, from: stamp, to: end)
            // Cisco routers put a colon after it.
            if bytes.octet(index) == UInt8(ascii: ":") { index += 1 }
            index = min(index + 1, end)
            // AIX relays: "Message forwarded from host: tag: text".
            if bytes.holds("Message forwarded from ", at: index) {
                let name = index + 23
                let stop = bytes.skip(from: name, to: end) { $0 > 32 && $0 != UInt8(ascii: ":") }
                add(Field.hostname, bytes, name..<stop, to: &message)
                index = tag(
                    bytes, from: bytes.skip(from: stop, to: end) { $0 == 58 || $0 == 32 }, to: end, required: false,
                    &message)
                if bytes.octet(index) == 32, index < end { index += 1 }
                return finish(min(index, end)..<end, &message)
            }
            let host = bytes.skip(from: index, to: end) { $0 > 32 && $0 != UInt8(ascii: "[") }
            // A first word that ends in a colon or goes on with a bracket is the tag of a sender that names no host.
            if host > index, host == end || bytes.octet(host) == 32,
                bytes.octet(host - 1) != UInt8(ascii: ":") || host == end
            {
                add(Field.hostname, bytes, index..<host, to: &message)
                index = min(host + 1, end)
                // Cisco firewalls: "host : %ASA-6-302013: text".
                if bytes.octet(index) == UInt8(ascii: ":"), bytes.octet(index + 1) == 32 { index = min(index + 2, end) }
            }
            index = tag(bytes, from: index, to: end, required: false, &message)
        } else {
            // "program[pid]: text" without a time; any other text is all message.
            index = tag(bytes, from: index, to: end, required: true, &message)
        }
        if bytes.octet(index) == 32, index < end { index += 1 }
        if index + 3 <= end, bytes.holds("\u{FEFF}", at: index) { index += 3 }
        finish(min(index, end)..<end, &message)
    }

    /// The tag up to a colon or blank; `required` asks for the colon. The index after it.
    private static func tag(
        _ bytes: borrowing RawSpan, from start: Int, to end: Int, required: Bool, _ message: inout Message
    ) -> Int {
        let stop = bytes.skip(from: start, to: min(end, start + 256)) { $0 > 32 && $0 != UInt8(ascii: ":") }
        let colon = stop < end && bytes.octet(stop) == UInt8(ascii: ":")
        if stop == start || required && !colon { return start }
        if required, bytes.octet(stop + 1) != 32 { return start }
        message.add(Field.tag, in: start..<stop)
        let bracket = bytes.firstIndex(of: UInt8(ascii: "["), from: start, to: stop) ?? stop
        add(Field.app, bytes, start..<bracket, to: &message)
        if bracket < stop, bytes.octet(stop - 1) == UInt8(ascii: "]") {
            add(Field.procid, bytes, bracket + 1..<stop - 1, to: &message)
        }
        return colon ? stop + 1 : stop
    }

    /// The end of a timestamp that begins at `start`: `Mmm d[d] [yyyy] hh:mm:ss`, or an RFC 3339 one.
    static func stamp(_ bytes: borrowing RawSpan, from start: Int, to end: Int) -> Int? {
        if bytes.octet(start).isDigit {
            let stop = bytes.skip(from: start, to: min(end, start + 40)) { $0 > 32 }
            guard stop - start >= 19, bytes.octet(start + 4) == UInt8(ascii: "-"),
                bytes.octet(start + 7) == UInt8(ascii: "-"), bytes.octet(start + 10) == UInt8(ascii: "T"),
                bytes.octet(start + 13) == UInt8(ascii: ":"), bytes.octet(start + 16) == UInt8(ascii: ":")
            else { return nil }
            return bytes.octet(stop - 1) == UInt8(ascii: ":") ? stop - 1 : stop
        }
        guard isMonth(bytes, at: start), bytes.octet(start + 3) == 32 else { return nil }
        var index = bytes.skip(from: start + 3, to: end) { $0 == 32 }
        let day = bytes.skip(from: index, to: min(end, index + 2)) { $0.isDigit }
        guard day > index, bytes.octet(day) == 32 else { return nil }
        index = day + 1
        if bytes.octet(index + 4) == 32, bytes.decimal(index..<index + 4) != nil { index += 5 }
        guard index + 8 <= end, bytes.octet(index + 2) == UInt8(ascii: ":"),
            bytes.octet(index + 5) == UInt8(ascii: ":"), bytes.decimal(index..<index + 2) != nil,
            bytes.decimal(index + 3..<index + 5) != nil, bytes.decimal(index + 6..<index + 8) != nil
        else { return nil }
        index += 8
        // Fractions of a second, as some appliances add.
        if bytes.octet(index) == UInt8(ascii: "."), bytes.octet(index + 1).isDigit {
            index = bytes.skip(from: index + 1, to: end) { $0.isDigit }
        }
        return index
    }

    private static func isMonth(_ bytes: borrowing RawSpan, at start: Int) -> Bool {
        let letters =
            Int(bytes.octet(start).asciiLowercased) << 16 | Int(bytes.octet(start + 1).asciiLowercased) << 8
            | Int(bytes.octet(start + 2).asciiLowercased)
        switch letters {
        case 0x6A616E, 0x666562, 0x6D6172, 0x617072, 0x6D6179, 0x6A756E, 0x6A756C, 0x617567, 0x736570, 0x6F6374,
            0x6E6F76, 0x646563:
            return true  // jan feb mar apr may jun jul aug sep oct nov dec
        default: return false
        }
    }
}
