/// Multicast DNS: devices that say what they are called and which services they offer.
///
/// Reference: RFC 6762 (multicast DNS), RFC 6763 (service discovery), RFC 1035 section 4 (message format, name
/// compression), RFC 2782 (SRV), RFC 3596 (AAAA).
public enum MDNS {
    public enum Field {
        /// `query` or `response`.
        public static let type: FieldName = "type"
        public static let questionCount: FieldName = "questions"
        /// Answer, authority and additional records.
        public static let recordCount: FieldName = "records"
        /// One each per question: the name, and the record type as `PTR`, `A`, `ANY` or a number.
        public static let question: FieldName = "question"
        public static let questionType: FieldName = "question-type"
        /// One each per PTR record of a response: `_ipp._tcp.local` and `Front desk._ipp._tcp.local`.
        public static let service: FieldName = "service"
        public static let instance: FieldName = "instance"
        /// One each per SRV record: the host's name and the port of the service.
        public static let host: FieldName = "host"
        public static let port: FieldName = "port"
        /// One each per A and AAAA record: the owner's name, and its address.
        public static let addressName: FieldName = "address-name"
        public static let address: FieldName = "address"
        /// True if a record says that it is no longer (a time to live of 0, RFC 6762 section 10.1).
        public static let goodbye: FieldName = "goodbye"
        /// The records are damaged behind what the other fields say.
        public static let malformed: FieldName = "malformed"
    }

    /// `txt.<key>`: the pairs of TXT records, keys in lower case (RFC 6763 section 6.4).
    static let textPrefix = "txt."

    public static let fields: [FieldName] = [
        Field.type, Field.questionCount, Field.recordCount, Field.question, Field.questionType, Field.service,
        Field.instance, Field.host, Field.port, Field.addressName, Field.address, Field.goodbye, Field.malformed,
        "txt.*",
    ]

    /// Questions, records and text pairs that become fields.
    public static let recordLimit = 256

    static func typeName(_ type: Int) -> String {
        switch type {
        case 1: "A"
        case 5: "CNAME"
        case 12: "PTR"
        case 13: "HINFO"
        case 16: "TXT"
        case 28: "AAAA"
        case 33: "SRV"
        case 47: "NSEC"
        case 255: "ANY"
        default: String(type)
        }
    }

    /// tshark has no value for these: a query is a query.
    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        guard let type = message.text(Field.type) else { return [] }
        return [(type, "")]
    }
}

/// One mDNS message per datagram.
public struct MDNSDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .mdns }
    public static var fields: [FieldName] { MDNS.fields }

    public init() {}

    /// A message whose header can be read is a message: what is damaged behind it is said by `malformed`.
    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        var reader = ByteReader(from: 0, to: bytes.byteCount)
        _ = try reader.uint16(bytes)
        let flags = try reader.uint16(bytes)
        let questions = try reader.uint16(bytes)
        let records = try reader.uint16(bytes) + (try reader.uint16(bytes)) + (try reader.uint16(bytes))
        let isResponse = flags & 0x8000 != 0
        var message = Message(.mdns)
        message.add(MDNS.Field.type, text: isResponse ? "response" : "query")
        message.add(MDNS.Field.questionCount, integer: questions)
        message.add(MDNS.Field.recordCount, integer: records)
        var kept = 0
        var isGoodbye = false
        do throws(ParseError) {
            for _ in 0..<min(questions, MDNS.recordLimit) {
                let name = try DNSName.read(bytes, &reader)
                let type = try reader.uint16(bytes)
                _ = try reader.uint16(bytes)
                message.add(MDNS.Field.question, text: name)
                message.add(MDNS.Field.questionType, text: MDNS.typeName(type))
            }
            guard questions <= MDNS.recordLimit else { throw ParseError(.application, .tooLarge, needed: questions) }
            for _ in 0..<min(records, MDNS.recordLimit) {
                try record(bytes, &reader, isResponse: isResponse, &kept, &isGoodbye, &message)
            }
            guard records <= MDNS.recordLimit else { throw ParseError(.application, .tooLarge, needed: records) }
        } catch {
            message.add(MDNS.Field.malformed, boolean: true)
        }
        if isResponse { message.add(MDNS.Field.goodbye, boolean: isGoodbye) }
        return .message(message, consumed: bytes.byteCount)
    }

    private func record(
        _ bytes: borrowing RawSpan, _ reader: inout ByteReader, isResponse: Bool, _ kept: inout Int,
        _ isGoodbye: inout Bool, _ message: inout Message
    ) throws(ParseError) {
        let name = try DNSName.read(bytes, &reader)
        let type = try reader.uint16(bytes)
        _ = try reader.uint16(bytes)
        let lifetime = try reader.uint32(bytes)
        let data = try reader.range(try reader.uint16(bytes))
        // Known answers and probes (sections 7.1, 8.2) of a query are not said by who they belong to.
        guard isResponse else { return }
        if lifetime == 0 { isGoodbye = true }
        var inner = ByteReader(from: data.lowerBound, to: data.upperBound)
        switch type {
        case 12:
            message.add(MDNS.Field.service, text: name)
            message.add(MDNS.Field.instance, text: try DNSName.read(bytes, &inner))
        case 33:
            _ = try inner.range(4)
            let port = try inner.uint16(bytes)
            message.add(MDNS.Field.host, text: try DNSName.read(bytes, &inner))
            message.add(MDNS.Field.port, integer: port)
        case 1 where data.count == 4:
            message.add(MDNS.Field.addressName, text: name)
            message.add(MDNS.Field.address, text: bytes.dottedAddress(data))
        case 28 where data.count == 16:
            message.add(MDNS.Field.addressName, text: name)
            let address = IPAddress(
                v6High: bytes.big64(unchecked: data.lowerBound), low: bytes.big64(unchecked: data.lowerBound + 8))
            message.add(MDNS.Field.address, text: "\(address)")
        case 16: try pairs(bytes, &inner, &kept, &message)
        default: break
        }
    }

    /// RFC 6763 section 6: strings of a length byte each, `key=value`. A value that is no text is left out.
    private func pairs(
        _ bytes: borrowing RawSpan, _ inner: inout ByteReader, _ kept: inout Int, _ message: inout Message
    ) throws(ParseError) {
        while inner.remaining > 0 {
            let pair = try inner.range(Int(try inner.byte(bytes)))
            let sign = bytes.firstIndex(of: UInt8(ascii: "="), from: pair.lowerBound, to: pair.upperBound)
            let key = pair.lowerBound..<(sign ?? pair.upperBound)
            let value = min((sign ?? pair.upperBound) + 1, pair.upperBound)..<pair.upperBound
            guard !key.isEmpty, bytes.isPlainText(key), bytes.isPlainText(value), kept < MDNS.recordLimit else {
                continue
            }
            kept += 1
            message.add(FieldName(MDNS.textPrefix + bytes.text(key).lowercased()), text: bytes.text(value))
        }
    }
}

/// Names of labels that may point to earlier ones (RFC 1035 section 4.1.4).
enum DNSName {
    /// Octets of a name, section 2.3.4.
    static let lengthLimit = 255

    /// Reads a name and moves `reader` behind it. Every pointer leads to before the place that it was reached from, so
    /// there is no loop to follow, and a name is never longer than `lengthLimit`.
    static func read(_ bytes: borrowing RawSpan, _ reader: inout ByteReader) throws(ParseError) -> String {
        var index = reader.index
        var barrier = reader.index
        var end: Int?
        var length = 0
        var text: [UInt8] = []
        while true {
            guard index < (end == nil ? reader.end : bytes.byteCount) else {
                throw ParseError(.application, .truncated, offset: index, needed: 1)
            }
            let size = Int(bytes.octet(index))
            switch size >> 6 {
            case 0:
                if size == 0 {
                    _ = try reader.range((end ?? index + 1) - reader.index)
                    return text.isEmpty ? "." : String(decoding: text, as: UTF8.self)
                }
                length += size + 1
                guard length < lengthLimit else { throw ParseError(.application, .tooLarge, offset: index) }
                guard index + 1 + size <= bytes.byteCount else {
                    throw ParseError(.application, .truncated, offset: index, needed: size)
                }
                if !text.isEmpty { text.append(UInt8(ascii: ".")) }
                for at in index + 1...index + size { text.append(bytes.octet(at)) }
                index += size + 1
            case 3:
                guard index + 1 < bytes.byteCount else {
                    throw ParseError(.application, .truncated, offset: index, needed: 2)
                }
                let target = (size & 63) << 8 | Int(bytes.octet(index + 1))
                if end == nil { end = index + 2 }
                guard target < barrier else { throw ParseError(.application, .malformed, offset: index) }
                barrier = target
                index = target
            default:
                throw ParseError(.application, .malformed, offset: index)
            }
        }
    }

    /// Without compression; labels are cut at 63 octets.
    static func encode(_ name: String) -> [UInt8] {
        name.split(separator: ".").flatMap { label in
            let bytes = Array(label.utf8.prefix(63))
            return [UInt8(bytes.count)] + bytes
        } + [0]
    }
}

extension MDNS {
    /// A question for a service (RFC 6762 section 18).
    public static func encodeQuery(_ name: String, type: UInt16 = 12) -> [UInt8] {
        [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0] + DNSName.encode(name) + big(type) + [0, 1]
    }

    /// An instance of a service announced: PTR, SRV, TXT and, if given, A, as responders send them
    /// (RFC 6763 section 12.1). A `lifetime` of 0 seconds is a goodbye. `instance` is one label and may hold dots.
    public static func encodeAnnouncement(
        instance: String, service: String, host: String, port: UInt16, text: [String] = [], address: UInt32? = nil,
        lifetime: UInt32 = 120
    ) -> [UInt8] {
        let label = Array(instance.utf8.prefix(63))
        let owner = [UInt8(label.count)] + label + DNSName.encode(service)
        var records = [record(DNSName.encode(service), 12, lifetime, owner)]
        records.append(record(owner, 33, lifetime, [0, 0, 0, 0] + big(port) + DNSName.encode(host)))
        let strings = text.flatMap { pair in
            let bytes = Array(pair.utf8.prefix(255))
            return [UInt8(bytes.count)] + bytes
        }
        records.append(record(owner, 16, lifetime, strings.isEmpty ? [0] : strings))
        if let address {
            records.append(
                record(
                    DNSName.encode(host), 1, lifetime,
                    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: address >> UInt32($0)) }))
        }
        return [0, 0, 0x84, 0, 0, 0] + big(UInt16(records.count)) + [0, 0, 0, 0] + records.joined()
    }

    private static func record(_ owner: [UInt8], _ type: UInt16, _ lifetime: UInt32, _ data: [UInt8]) -> [UInt8] {
        owner + big(type) + [0x80, 1] + big(UInt16(lifetime >> 16)) + big(UInt16(lifetime & 0xFFFF))
            + big(UInt16(clamping: data.count)) + data
    }

    private static func big(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
}
