/// Session descriptions: in SIP bodies, in answers to RTSP's DESCRIBE, and in announcements (SAP).
///
/// Reference: RFC 8866; RFC 2974 for SAP, which is sent to UDP port 9875. Names, addresses of people, keys (`k=`,
/// `a=crypto`) and the session's title never become fields.
public enum SDP {
    public enum Field {
        /// One per `m=` line, as it stands: `audio 40376 RTP/AVP 8 18 4`.
        public static let media: FieldName = "media"
        /// The media's kind: `audio`, `video`, `application`. One per `m=` line, in the same order as those below.
        public static let type: FieldName = "type"
        public static let port: FieldName = "port"
        /// Of the media, or of the session before it: `sendrecv`, `sendonly`, `recvonly`, `inactive`; the default is the
        /// first (section 6.7).
        public static let direction: FieldName = "direction"
        /// One per `a=rtpmap:`, without its number: `PCMA/8000`.
        public static let codec: FieldName = "codec"
        /// The address of the first `c=` line.
        public static let connection: FieldName = "connection"
        /// Version of the description (`o=`): it grows when a session changes.
        public static let version: FieldName = "version"
        /// `a=tool:`, what made the description.
        public static let tool: FieldName = "tool"
    }

    public static let fields: [FieldName] = [
        Field.media, Field.type, Field.port, Field.direction, Field.codec, Field.connection, Field.version, Field.tool,
    ]

    public static let lineLimit = 1_024
    public static let mediaLimit = 64

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        message.fields.filter { $0.name == Field.media }.map { (kind: "media", value: $0.value.text) }
    }

    /// The description that is all of `bytes`; `nil` where there is none: it has at least a version line or a medium.
    public static func message(_ bytes: borrowing RawSpan) -> Message? {
        var message = Message(.sdp, copying: bytes)
        var session: Range<Int>?
        var current: Range<Int>?
        var media = 0
        var codecs = 0
        var isDescription = false
        func endMedia(_ message: inout Message) {
            guard media > 0 else { return }
            if let range = current ?? session {
                message.add(Field.direction, in: range)
            } else {
                message.add(Field.direction, text: "sendrecv")
            }
        }
        var index = 0
        var lines = 0
        while index < bytes.byteCount, lines < lineLimit {
            let stop = bytes.firstIndex(of: 10, from: index) ?? bytes.byteCount
            let value = bytes.trimmed(min(index + 2, stop)..<stop)
            if bytes.octet(index + 1) == UInt8(ascii: "=") {
                switch bytes.octet(index) {
                case UInt8(ascii: "v"): isDescription = true
                case UInt8(ascii: "m") where !value.isEmpty && media < mediaLimit:
                    endMedia(&message)
                    media += 1
                    current = nil
                    addMedia(bytes, value, &message)
                case UInt8(ascii: "c") where !message.has(Field.connection):
                    if let blank = bytes.withUnsafeBytes({ $0[value].lastIndex(of: 32) }) {
                        let address = blank + 1..<value.upperBound
                        let end = bytes.firstIndex(of: UInt8(ascii: "/"), from: blank, to: value.upperBound)
                        message.add(Field.connection, in: address.lowerBound..<(end ?? address.upperBound))
                    }
                case UInt8(ascii: "o") where !message.has(Field.version):
                    let words = bytes.text(value).split(separator: " ")
                    if words.count >= 3 { message.add(Field.version, text: words[2]) }
                case UInt8(ascii: "a"):
                    if isDirection(bytes, value) {
                        if media == 0 { session = session ?? value } else { current = current ?? value }
                    } else if bytes.holds("rtpmap:", at: value.lowerBound), codecs < mediaLimit,
                        let blank = bytes.firstIndex(of: 32, from: value.lowerBound, to: value.upperBound)
                    {
                        codecs += 1
                        message.add(Field.codec, in: bytes.trimmed(blank..<value.upperBound))
                    } else if bytes.holds("tool:", at: value.lowerBound), !message.has(Field.tool) {
                        message.add(Field.tool, in: value.lowerBound + 5..<value.upperBound)
                    }
                default: break
                }
            }
            index = stop + 1
            lines += 1
        }
        endMedia(&message)
        return isDescription || media > 0 ? message : nil
    }

    private static func addMedia(_ bytes: borrowing RawSpan, _ value: Range<Int>, _ message: inout Message) {
        message.add(Field.media, in: value)
        let type = bytes.skip(from: value.lowerBound, to: value.upperBound) { $0 > 32 }
        message.add(Field.type, in: value.lowerBound..<type)
        let start = bytes.skip(from: type, to: value.upperBound) { $0 == 32 }
        // "49170/2": a number of ports may follow.
        let end = bytes.skip(from: start, to: value.upperBound) { $0.isDigit }
        if let port = bytes.decimal(start..<end), port < 65_536 { message.add(Field.port, integer: port) }
    }

    static func isDirection(_ bytes: borrowing RawSpan, _ value: Range<Int>) -> Bool {
        bytes.matches("sendrecv", in: value) || bytes.matches("sendonly", in: value)
            || bytes.matches("recvonly", in: value) || bytes.matches("inactive", in: value)
    }

    /// A description of live media without a user, as a camera would give it to RTSP.
    public static func encode(
        address: String, media: [(line: String, codec: String)], direction: String = "sendrecv", version: Int = 1
    ) -> [UInt8] {
        let family = address.contains(":") ? "IP6" : "IP4"
        var lines = [
            "v=0", "o=- 1 \(version) IN \(family) \(address)", "s=-", "c=IN \(family) \(address)", "t=0 0",
        ]
        for (line, codec) in media {
            let number = line.split(separator: " ").last ?? "0"
            lines += ["m=\(line)", "a=rtpmap:\(number) \(codec)", "a=\(direction)"]
        }
        return Array(lines.map { $0 + "\r\n" }.joined().utf8)
    }
}

/// SAP announcements, each one session description (RFC 2974 section 3).
public struct SAPDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .sdp }
    public static var fields: [FieldName] { SDP.fields }

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount >= 8 else { return .needMore(atLeast: 8) }
        let flags = bytes.octet(0)
        guard flags >> 5 == 1 else { throw ParseError(.application, .malformed) }
        guard flags & 0x03 == 0 else { throw ParseError(.application, .unsupported) }  // Encrypted or compressed.
        // An IPv6 source is 16 bytes long; authentication data counts words.
        var start = 4 + (flags & 0x10 == 0 ? 4 : 16) + 4 * Int(bytes.octet(1))
        guard start < bytes.byteCount else { throw ParseError(.application, .truncated, needed: start) }
        // The payload's type is optional: "application/sdp" and a NUL.
        if !bytes.holds("v=0", at: start) {
            guard let nul = bytes.firstIndex(of: 0, from: start, to: start + 64) else {
                throw ParseError(.application, .malformed, offset: start)
            }
            start = nul + 1
        }
        guard flags & 0x04 == 0 else { return .skip(bytes.byteCount) }  // A deletion repeats only the origin.
        guard let message = SDP.message(bytes.extracting(min(start, bytes.byteCount)..<bytes.byteCount)) else {
            throw ParseError(.application, .malformed, offset: start)
        }
        return .message(message, consumed: bytes.byteCount)
    }
}
