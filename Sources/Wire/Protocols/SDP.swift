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
    }

    public static let fields: [FieldName] = [
        Field.media, Field.type, Field.port, Field.direction, Field.codec, Field.connection, Field.version,
    ]

    public static let lineLimit = 1_024
    public static let mediaLimit = 64

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        message.fields.filter { $0.name == Field.media }.map { (kind: "media", value: $0.value.text) }
    }

    /// The description that is all of `bytes`; `nil` where there is none: it has at least a version line or a medium.
    public static func message(_ bytes: borrowing RawSpan) -> Message? {
        var reading = Reading(message: Message(.sdp, copying: bytes))
        var index = 0
        var lines = 0
        while index < bytes.byteCount, lines < lineLimit {
            let stop = bytes.firstIndex(of: 10, from: index) ?? bytes.byteCount
            if bytes.octet(index + 1) == UInt8(ascii: "="), index + 2 < stop {
                reading.take(bytes.octet(index), bytes, bytes.trimmed(index + 2..<stop))
            }
            index = stop + 1
            lines += 1
        }
        reading.endMedia()
        return reading.isDescription ? reading.message : nil
    }

    private struct Reading {
        var message: Message
        private(set) var isDescription = false
        private var session: Range<Int>?
        private var current: Range<Int>?
        private var media = 0
        private var codecs = 0
        private var hasConnection = false
        private var hasVersion = false

        init(message: Message) {
            self.message = message
        }

        mutating func take(_ type: UInt8, _ bytes: borrowing RawSpan, _ value: Range<Int>) {
            switch type {
            case UInt8(ascii: "v"): isDescription = true
            case UInt8(ascii: "m") where !value.isEmpty && media < mediaLimit:
                endMedia()
                isDescription = true
                media += 1
                current = nil
                SDP.addMedia(bytes, value, &message)
            case UInt8(ascii: "c") where !hasConnection:
                hasConnection = true
                // "IN IP4 192.0.2.1/127".
                let address = SDP.word(2, bytes, value)
                let end = bytes.skip(from: address.lowerBound, to: address.upperBound) { $0 != UInt8(ascii: "/") }
                if end > address.lowerBound { message.add(Field.connection, in: address.lowerBound..<end) }
            case UInt8(ascii: "o") where !hasVersion:
                hasVersion = true
                let version = SDP.word(2, bytes, value)
                if !version.isEmpty { message.add(Field.version, in: version) }
            case UInt8(ascii: "a"): attribute(bytes, value)
            default: break
            }
        }

        private mutating func attribute(_ bytes: borrowing RawSpan, _ value: Range<Int>) {
            if SDP.isDirection(bytes, value) {
                if media == 0 { session = session ?? value } else { current = current ?? value }
            } else if codecs < mediaLimit, bytes.holds("rtpmap:", at: value.lowerBound) {
                let codec = SDP.word(1, bytes, value)
                guard !codec.isEmpty else { return }
                codecs += 1
                message.add(Field.codec, in: codec)
            }
        }

        mutating func endMedia() {
            guard media > 0 else { return }
            if let range = current ?? session {
                message.add(Field.direction, in: range)
            } else {
                message.add(Field.direction, text: "sendrecv")
            }
        }
    }

    /// The word after `count` others; empty where there are fewer.
    private static func word(_ count: Int, _ bytes: borrowing RawSpan, _ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        for _ in 0..<count {
            start = bytes.skip(from: start, to: range.upperBound) { $0 != 32 }
            start = bytes.skip(from: start, to: range.upperBound) { $0 == 32 }
        }
        return start..<bytes.skip(from: start, to: range.upperBound) { $0 != 32 }
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
        if value.count != 8 { return false }
        return bytes.matches("sendrecv", in: value) || bytes.matches("sendonly", in: value)
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
