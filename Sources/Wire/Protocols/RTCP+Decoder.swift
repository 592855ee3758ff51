/// The packets of a compound RTCP datagram, one message each.
public struct RTCPDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .rtcp }
    public static var fields: [FieldName] { RTCP.fields }

    /// Whether the datagram's end was looked at yet.
    private var isChecked = false

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        var header = ByteReader(from: 0, to: bytes.byteCount)
        let first = try header.byte(bytes)
        let type = try header.byte(bytes)
        guard first >> 6 == 2, let name = RTCP.name(type) else { throw ParseError(.application, .malformed) }
        let words = try header.uint16(bytes)
        let range = try header.range(4 * words)
        var message = Message(.rtcp)
        message.add(RTCP.Field.type, text: name)
        var reader = ByteReader(from: range.lowerBound, to: range.upperBound)
        // An SDES packet without chunks and a goodbye of nobody have no source.
        if reader.remaining >= 4, type != 202 || first & 31 > 0 {
            message.add(RTCP.Field.ssrc, integer: try reader.uint32(bytes))
        }
        if !isChecked {
            isChecked = true
            if !RTCP.isWhole(bytes), RTCP.begins(bytes) {
                message.add(RTCP.Field.encrypted, boolean: true)
                return .message(message, consumed: bytes.byteCount)
            }
        }
        switch type {
        case 200: try sender(bytes, blocks: Int(first & 31), &reader, &message)
        case 201: try blocks(bytes, Int(first & 31), &reader, &message)
        case 207: try extended(bytes, &reader, &message)
        default: break
        }
        return .message(message, consumed: range.upperBound)
    }

    private func sender(
        _ bytes: borrowing RawSpan, blocks count: Int, _ reader: inout ByteReader, _ message: inout Message
    ) throws(ParseError) {
        _ = try reader.range(8)
        message.add(RTCP.Field.rtpTime, integer: try reader.uint32(bytes))
        message.add(RTCP.Field.packetsSent, integer: try reader.uint32(bytes))
        message.add(RTCP.Field.bytesSent, integer: try reader.uint32(bytes))
        try blocks(bytes, count, &reader, &message)
    }

    /// At most 31, the format's bound (RFC 3550 section 6.4.1).
    private func blocks(
        _ bytes: borrowing RawSpan, _ count: Int, _ reader: inout ByteReader, _ message: inout Message
    ) throws(ParseError) {
        for number in 0..<count {
            let source = try reader.uint32(bytes)
            let fraction = try reader.byte(bytes)
            let high = try reader.byte(bytes)
            // A signed number of 24 bits.
            let lost = Int(high) << 16 | (try reader.uint16(bytes))
            let highest = try reader.uint32(bytes)
            let jitter = try reader.uint32(bytes)
            _ = try reader.range(8)
            message.add(RTCP.Field.source, integer: source)
            message.add(RTCP.Field.fractionLost, integer: fraction)
            message.add(RTCP.Field.packetsLost, integer: lost >= 1 << 23 ? lost - (1 << 24) : lost)
            message.add(RTCP.Field.highestSequence, integer: highest)
            message.add(RTCP.Field.jitter, integer: jitter)
            if number == 0 { message.add(RTCP.Field.loss, decimal: Double(fraction) / 256) }
        }
    }

    /// RFC 3611 section 3: blocks of a type, a byte of its own and a length in words. Those not known are passed over.
    private func extended(
        _ bytes: borrowing RawSpan, _ reader: inout ByteReader, _ message: inout Message
    ) throws(ParseError) {
        while reader.remaining >= 4 {
            let type = try reader.byte(bytes)
            let flags = try reader.byte(bytes)
            let range = try reader.range(4 * (try reader.uint16(bytes)))
            var block = ByteReader(from: range.lowerBound, to: range.upperBound)
            switch type {
            case 6 where range.count == 36: try statistics(bytes, flags, &block, &message)
            case 7 where range.count == 32: try metrics(bytes, &block, &message)
            default: break
            }
        }
    }

    /// Section 4.6. The flags say which of the figures mean anything.
    private func statistics(
        _ bytes: borrowing RawSpan, _ flags: UInt8, _ block: inout ByteReader, _ message: inout Message
    ) throws(ParseError) {
        message.add(RTCP.Field.source, integer: try block.uint32(bytes))
        _ = try block.range(4)
        let lost = try block.uint32(bytes)
        let duplicates = try block.uint32(bytes)
        _ = try block.range(8)
        let meanJitter = try block.uint32(bytes)
        if flags & 0x80 != 0 { message.add(RTCP.Field.packetsLost, integer: lost) }
        if flags & 0x40 != 0 { message.add(RTCP.Field.duplicates, integer: duplicates) }
        if flags & 0x20 != 0 { message.add(RTCP.Field.meanJitter, integer: meanJitter) }
    }

    /// Section 4.7.
    private func metrics(
        _ bytes: borrowing RawSpan, _ block: inout ByteReader, _ message: inout Message
    ) throws(ParseError) {
        message.add(RTCP.Field.source, integer: try block.uint32(bytes))
        message.add(RTCP.Field.loss, decimal: Double(try block.byte(bytes)) / 256)
        message.add(RTCP.Field.discarded, decimal: Double(try block.byte(bytes)) / 256)
        _ = try block.range(6)
        message.add(RTCP.Field.roundTrip, integer: try block.uint16(bytes))
        message.add(RTCP.Field.endSystemDelay, integer: try block.uint16(bytes))
        _ = try block.range(4)
        let rFactor = try block.byte(bytes)
        _ = try block.byte(bytes)
        let listening = try block.byte(bytes)
        let conversational = try block.byte(bytes)
        _ = try block.range(2)
        let buffer = try block.uint16(bytes)
        if rFactor <= 100 { message.add(RTCP.Field.rFactor, integer: rFactor) }
        if (10...50).contains(listening) { message.add(RTCP.Field.mosListening, decimal: Double(listening) / 10) }
        if (10...50).contains(conversational) {
            message.add(RTCP.Field.mosConversational, decimal: Double(conversational) / 10)
        }
        message.add(RTCP.Field.jitterBuffer, integer: buffer)
    }
}
