/// RTCP headers: reports and goodbyes of a session.
///
/// Reference: RFC 3550 section 6. Like RTP it is only decoded where a session description announced it. Source
/// descriptions hold names of people and are not read.
public enum RTCP {
    public enum Field {
        /// `SR`, `RR`, `SDES`, `BYE`, `APP`, `RTPFB`, `PSFB` or `XR`.
        public static let type: FieldName = "type"
        public static let ssrc: FieldName = "ssrc"
        /// Of the first report block: 256ths lost since the last report, and packets lost in all.
        public static let fractionLost: FieldName = "fraction-lost"
        public static let packetsLost: FieldName = "packets-lost"
        /// In units of the media's clock.
        public static let jitter: FieldName = "jitter"
    }

    public static let fields: [FieldName] = [
        Field.type, Field.ssrc, Field.fractionLost, Field.packetsLost, Field.jitter,
    ]

    private static let names = ["SR", "RR", "SDES", "BYE", "APP", "RTPFB", "PSFB", "XR"]

    static func name(_ type: UInt8) -> String? {
        let index = Int(type) - 200
        return names.indices.contains(index) ? names[index] : nil
    }

    /// A receiver report with one block, for the simulated endpoint's noise.
    public static func encodeReceiverReport(
        ssrc: UInt32, about: UInt32, fractionLost: UInt8 = 0, packetsLost: UInt32 = 0, jitter: UInt32 = 0
    ) -> [UInt8] {
        var out: [UInt8] = [0x81, 201, 0, 7]
        let words = [ssrc, about, UInt32(fractionLost) << 24 | packetsLost & 0xFF_FFFF, 0, jitter, 0, 0]
        for word in words {
            for shift: UInt32 in [24, 16, 8, 0] { out.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        return out
    }
}

/// The packets of a compound RTCP datagram, one message each.
public struct RTCPDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .rtcp }
    public static var fields: [FieldName] { RTCP.fields }

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        var header = ByteReader(from: 0, to: bytes.byteCount)
        let first = try header.byte(bytes)
        let type = try header.byte(bytes)
        guard first >> 6 == 2, let name = RTCP.name(type) else { throw ParseError(.application, .malformed) }
        let range = try header.range(2 + 4 * (Int(bytes.octet(2)) << 8 | Int(bytes.octet(3))))
        var reader = ByteReader(from: range.lowerBound + 2, to: range.upperBound)
        var message = Message(.rtcp)
        message.add(RTCP.Field.type, text: name)
        if reader.remaining >= 4 { message.add(RTCP.Field.ssrc, integer: try reader.uint32(bytes)) }
        if first & 31 > 0, type == 200 || type == 201 {
            // A sender's own figures come before the first block.
            if type == 200 { _ = try reader.range(20) }
            _ = try reader.uint32(bytes)
            message.add(RTCP.Field.fractionLost, integer: try reader.byte(bytes))
            let high = try reader.byte(bytes)
            // A signed number of 24 bits.
            let lost = Int(high) << 16 | (try reader.uint16(bytes))
            message.add(RTCP.Field.packetsLost, integer: lost >= 1 << 23 ? lost - (1 << 24) : lost)
            _ = try reader.uint32(bytes)
            message.add(RTCP.Field.jitter, integer: try reader.uint32(bytes))
        }
        return .message(message, consumed: range.upperBound)
    }
}
