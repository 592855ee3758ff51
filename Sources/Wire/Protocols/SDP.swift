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
        /// One per `a=rtpmap:`, with its number: `8 PCMA/8000`.
        public static let format: FieldName = "format"
        /// Where RTP is to be sent, `192.0.2.1:40376`: one per medium that uses RTP and is not refused, after its formats.
        public static let endpoint: FieldName = "endpoint"
        /// Where its RTCP is to be sent: the next port, unless `a=rtcp:` (RFC 3605) says another; none where it is sent
        /// with the RTP (`a=rtcp-mux`, RFC 5761).
        public static let controlEndpoint: FieldName = "rtcp-endpoint"
        /// Version of the description (`o=`): it grows when a session changes.
        public static let version: FieldName = "version"
    }

    public static let fields: [FieldName] = [
        Field.media, Field.type, Field.port, Field.direction, Field.codec, Field.connection, Field.version,
        Field.format, Field.endpoint, Field.controlEndpoint,
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
        /// What tells where the current medium goes: the session's and the medium's own address, its port and RTCP's.
        private var sessionAddress: IPAddress?
        private var mediumAddress: IPAddress?
        private var mediumPort: UInt16?
        private var controlPort: UInt16?
        private var controlAddress: IPAddress?
        private var isMultiplexed = false

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
                mediumAddress = nil
                controlPort = nil
                controlAddress = nil
                isMultiplexed = false
                let port = SDP.addMedia(bytes, value, &message)
                // "RTP/AVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVPF".
                let transport = SDP.word(2, bytes, value).lowerBound
                mediumPort =
                    bytes.holds("RTP/", at: transport) || bytes.holds("UDP/TLS/RTP/", at: transport) ? port : nil
            case UInt8(ascii: "c"):
                // "IN IP4 192.0.2.1/127".
                let address = SDP.word(2, bytes, value)
                let end = bytes.skip(from: address.lowerBound, to: address.upperBound) { $0 != UInt8(ascii: "/") }
                guard end > address.lowerBound else { return }
                if !hasConnection { message.add(Field.connection, in: address.lowerBound..<end) }
                hasConnection = true
                let told = SDP.address(bytes, address.lowerBound..<end)
                if media == 0 { sessionAddress = told } else { mediumAddress = mediumAddress ?? told }
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
                if media > 0 { message.add(Field.format, in: value.lowerBound + 7..<codec.upperBound) }
            } else if value.count == 8, bytes.holds("rtcp-mux", at: value.lowerBound) {
                isMultiplexed = true
            } else if bytes.holds("rtcp:", at: value.lowerBound) {
                // "53020 IN IP4 126.16.64.4", or the port alone.
                let port = SDP.word(0, bytes, value.lowerBound + 5..<value.upperBound)
                controlPort = bytes.decimal(port).flatMap { UInt16(exactly: $0) }
                let address = SDP.word(3, bytes, value)
                if !address.isEmpty { controlAddress = SDP.address(bytes, address) }
            }
        }

        mutating func endMedia() {
            guard media > 0 else { return }
            if let range = current ?? session {
                message.add(Field.direction, in: range)
            } else {
                message.add(Field.direction, text: "sendrecv")
            }
            addEndpoints()
        }

        private mutating func addEndpoints() {
            // Port 0 refuses a medium (RFC 3264 section 6).
            guard let address = mediumAddress ?? sessionAddress, let port = mediumPort, port > 0 else { return }
            message.add(Field.endpoint, Endpoint(address, port: port))
            guard !isMultiplexed, let control = controlPort ?? (port < .max ? port + 1 : nil), control > 0 else {
                return
            }
            message.add(Field.controlEndpoint, Endpoint(controlAddress ?? address, port: control))
        }
    }

    /// `nil` for a name, and for what only fills the line: `0.0.0.0` is a call on hold.
    private static func address(_ bytes: borrowing RawSpan, _ range: Range<Int>) -> IPAddress? {
        guard let address = IPAddress(bytes, in: range) else { return nil }
        return address == IPAddress(v4: 0) || address == .unspecified ? nil : address
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

    private static func addMedia(
        _ bytes: borrowing RawSpan, _ value: Range<Int>, _ message: inout Message
    ) -> UInt16? {
        message.add(Field.media, in: value)
        let type = bytes.skip(from: value.lowerBound, to: value.upperBound) { $0 > 32 }
        message.add(Field.type, in: value.lowerBound..<type)
        let start = bytes.skip(from: type, to: value.upperBound) { $0 == 32 }
        // "49170/2": a number of ports may follow.
        let end = bytes.skip(from: start, to: value.upperBound) { $0.isDigit }
        guard let port = bytes.decimal(start..<end), let port = UInt16(exactly: port) else { return nil }
        message.add(Field.port, integer: port)
        return port
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
