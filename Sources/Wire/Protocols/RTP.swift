/// RTP headers: who sends, and whether anything is missing. No media is looked at.
///
/// Reference: RFC 3550 section 5.1. Any datagram may look like RTP, so this is never guessed: only ports that a session
/// description announced are worth decoding. `AnnouncedMedia` knows them, `RTPReception` makes
/// loss and jitter of what the headers say, and one report ends each source.
public enum RTP {
    public enum Field {
        public static let payloadType: FieldName = "payload-type"
        public static let sequence: FieldName = "sequence"
        public static let timestamp: FieldName = "timestamp"
        public static let ssrc: FieldName = "ssrc"
        public static let marker: FieldName = "marker"
        public static let payloadLength: FieldName = "payload-length"
        /// Of the report that ends a source, which has none of the above but `ssrc`: packets that came and that should
        /// have come, those that did not (negative where some came twice), their share from 0 to 1; milliseconds
        /// from the first packet to the last; interarrival jitter in milliseconds, where the clock is known; how often
        /// the source began again, where it did.
        public static let received: FieldName = "received"
        public static let expected: FieldName = "expected"
        public static let packetsLost: FieldName = "packets-lost"
        public static let loss: FieldName = "loss"
        public static let duration: FieldName = "duration-ms"
        public static let jitter: FieldName = "jitter-ms"
        public static let restarts: FieldName = "restarts"
    }

    public static let fields: [FieldName] = [
        Field.payloadType, Field.sequence, Field.timestamp, Field.ssrc, Field.marker, Field.payloadLength,
        Field.received, Field.expected, Field.packetsLost, Field.loss, Field.duration, Field.jitter,
        Field.restarts,
    ]

    /// What a receiver would say of a source that has ended (RFC 3550 section 6.4.1): one message per source.
    static func report(ssrc: UInt32, _ reception: RTPReception, milliseconds: Int64) -> Message {
        var message = Message(.rtp)
        message.add(Field.ssrc, integer: ssrc)
        message.add(Field.received, integer: reception.received)
        message.add(Field.expected, integer: reception.expected)
        message.add(Field.packetsLost, integer: reception.lost)
        let lost = Double(max(0, reception.lost))
        message.add(Field.loss, decimal: (lost / Double(max(1, reception.expected)) * 10_000).rounded() / 10_000)
        message.add(Field.duration, integer: milliseconds)
        if let jitter = reception.jitterMilliseconds {
            message.add(Field.jitter, decimal: (jitter * 1_000).rounded() / 1_000)
        }
        if reception.restarts > 0 { message.add(Field.restarts, integer: reception.restarts) }
        return message
    }

    /// `0x42afe59b/0`: the source in hexadecimal digits and the payload type.
    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        guard let ssrc = message.integer(Field.ssrc), let type = message.integer(Field.payloadType) else { return [] }
        let digits = String(UInt32(truncatingIfNeeded: ssrc), radix: 16)
        return [("ssrc/pt", "0x\(String(repeating: "0", count: 8 - digits.count))\(digits)/\(type)")]
    }

    /// One packet, for the simulated endpoint's noise.
    public static func encode(
        payloadType: UInt8, sequence: UInt16, timestamp: UInt32, ssrc: UInt32, marker: Bool = false, payload: [UInt8]
    ) -> [UInt8] {
        var out: [UInt8] = [0x80, (marker ? 0x80 : 0) | payloadType & 0x7F]
        out += [UInt8(sequence >> 8), UInt8(sequence & 255)]
        for word in [timestamp, ssrc] {
            for shift: UInt32 in [24, 16, 8, 0] { out.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        return out + payload
    }
}

/// One RTP packet per datagram.
public struct RTPDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .rtp }
    public static var fields: [FieldName] { RTP.fields }

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        var reader = ByteReader(from: 0, to: bytes.byteCount)
        let first = try reader.byte(bytes)
        guard first >> 6 == 2 else { throw ParseError(.application, .malformed) }
        let second = try reader.byte(bytes)
        let sequence = try reader.uint16(bytes)
        let timestamp = try reader.uint32(bytes)
        let ssrc = try reader.uint32(bytes)
        _ = try reader.range(4 * Int(first & 15))
        if first & 16 != 0 {
            _ = try reader.uint16(bytes)
            _ = try reader.range(4 * (try reader.uint16(bytes)))
        }
        let padding = first & 32 != 0 ? Int(bytes.octet(bytes.byteCount - 1)) : 0
        guard reader.remaining >= padding else {
            throw ParseError(
                .application, .truncated, offset: reader.index, needed: padding, available: reader.remaining)
        }
        var message = Message(.rtp)
        message.add(RTP.Field.payloadType, integer: second & 0x7F)
        message.add(RTP.Field.sequence, integer: sequence)
        message.add(RTP.Field.timestamp, integer: timestamp)
        message.add(RTP.Field.ssrc, integer: ssrc)
        message.add(RTP.Field.marker, boolean: second & 0x80 != 0)
        message.add(RTP.Field.payloadLength, integer: reader.remaining - padding)
        return .message(message, consumed: bytes.byteCount)
    }
}
