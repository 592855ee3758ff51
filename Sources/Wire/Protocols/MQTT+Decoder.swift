/// One direction of an MQTT connection.
///
/// What the packets look like depends on the version, which only CONNECT says. The broker's direction hears it from
/// the client's (`heard`); a connection that was joined in the middle counts as 3.1.1 until a packet says otherwise.
public struct MQTTDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .mqtt }
    public static var fields: [FieldName] { MQTT.fields }

    private var version: MQTT.Version?
    /// MQTT 5 topic aliases of this direction (section 3.3.2.3.4). Only looked up, never iterated.
    private var aliases: [Int: String] = [:]
    /// Bytes of a long packet that are still to be stepped over.
    private var skipping = 0

    static let aliasLimit = 256
    static let aliasedTopicLimit = 1_024
    /// A long packet's topic and properties must fit in here.
    static let headLimit = 128 * 1_024
    static let listLimit = 256

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        if skipping > 0 {
            let step = min(skipping, bytes.byteCount)
            skipping -= step
            return .skip(step)
        }
        guard let header = try MQTT.Header(bytes) else { return .needMore(atLeast: bytes.byteCount + 1) }
        if header.end - header.start > MQTT.packetLimit { return try long(bytes, header) }
        guard header.end <= bytes.byteCount else { return .needMore(atLeast: header.end) }

        var message = Message(.mqtt, copying: bytes.extracting(0..<header.end))
        message.add(MQTT.Field.type, word: header.type.word)
        var reader = ByteReader(from: header.start, to: header.end)
        try read(bytes, header, &reader, &message)
        if header.type == .publish {
            message.add(MQTT.Field.payloadLength, integer: reader.remaining)
            message.setBody(in: reader.index..<reader.end)
            if MQTT.isWord(bytes, reader.index..<reader.end) {
                message.add(MQTT.Field.payload, in: reader.index..<reader.end)
            }
        }
        return .message(message, consumed: header.end)
    }

    public mutating func heard(_ message: borrowing Message) {
        guard message.protocolName == .mqtt, message.has(MQTT.Field.version),
            let level = message.integer(MQTT.Field.version)
        else { return }
        version = MQTT.Version(rawValue: UInt8(truncatingIfNeeded: level)) ?? version
        if message.equals(MQTT.Field.type, "CONNECT") { aliases = [:] }
    }

    /// A packet that is not kept whole: its fields, and then its payload is stepped over.
    private mutating func long(_ bytes: borrowing RawSpan, _ header: MQTT.Header) throws(ParseError) -> DecodeStep {
        let head = min(header.end, header.start + Self.headLimit)
        guard bytes.byteCount >= head else { return .needMore(atLeast: head) }
        var message = Message(.mqtt)
        var reader = ByteReader(from: header.start, to: head)
        if header.type == .publish {
            message = Message(.mqtt, copying: bytes.extracting(0..<header.start + Self.headLimit))
            message.add(MQTT.Field.type, word: header.type.word)
            try read(bytes, header, &reader, &message)
            message.add(MQTT.Field.payloadLength, integer: header.end - reader.index)
        } else {
            message.add(MQTT.Field.type, word: header.type.word)
        }
        message.add(MQTT.Field.cut, boolean: true)
        skipping = header.end - head
        return .message(message, consumed: head)
    }

    /// Two packets in a row, or one that ends where the bytes end, are taken for a packet's start; and so is a PUBLISH
    /// at the very front that goes on past the bytes at hand, for packets begin where segments begin.
    public mutating func resynchronise(_ bytes: borrowing RawSpan) -> Int? {
        skipping = 0
        for index in 0..<bytes.byteCount where isStart(bytes, index) { return index }
        return nil
    }

    private func isStart(_ bytes: borrowing RawSpan, _ index: Int) -> Bool {
        guard let header = try? MQTT.Header(bytes, at: index) else { return false }
        if header.end > bytes.byteCount {
            guard index == 0, header.type == .publish else { return false }
        } else if header.end < bytes.byteCount, (try? MQTT.Header(bytes, at: header.end)) == nil {
            return false
        }
        guard header.type == .publish else { return true }
        let length = Int(bytes.octet(header.start)) << 8 | Int(bytes.octet(header.start + 1))
        let topic = header.start + 2..<header.start + 2 + length
        return length > 0 && topic.upperBound <= min(header.end, bytes.byteCount)
            && bytes.skip(from: topic.lowerBound, to: topic.upperBound, while: { $0 >= 32 }) == topic.upperBound
    }
}

// MARK: Packets

extension MQTTDecoder {
    private mutating func read(
        _ bytes: borrowing RawSpan, _ header: MQTT.Header, _ reader: inout ByteReader, _ message: inout Message
    ) throws(ParseError) {
        switch header.type {
        case .connect: try connect(bytes, &reader, &message)
        case .connack:
            // Three bytes at least say MQTT 5: the property length is there (section 3.2.2.3).
            if version == nil { version = reader.remaining > 2 ? .v5 : .v311 }
            if let version { message.add(MQTT.Field.version, integer: version.rawValue) }
            message.add(MQTT.Field.sessionPresent, boolean: try reader.byte(bytes) & 1 != 0)
            message.add(MQTT.Field.reasonCode, integer: try reader.byte(bytes))
            try properties(bytes, &reader, &message)
        case .publish: try publish(bytes, header, &reader, &message)
        case .puback, .pubrec, .pubrel, .pubcomp:
            message.add(MQTT.Field.packetId, integer: try reader.uint16(bytes))
            if reader.remaining > 0 { message.add(MQTT.Field.reasonCode, integer: try reader.byte(bytes)) }
            if reader.remaining > 0 { try properties(bytes, &reader, &message) }
        case .subscribe, .unsubscribe:
            message.add(MQTT.Field.packetId, integer: try reader.uint16(bytes))
            try properties(bytes, &reader, &message)
            var count = 0
            while reader.remaining > 0 {
                let filter = try text(bytes, &reader)
                count += 1
                if count <= Self.listLimit { message.add(MQTT.Field.filter, in: filter) }
                if header.type == .subscribe {
                    let options = try reader.byte(bytes)
                    if count == 1 { message.add(MQTT.Field.qos, integer: options & 3) }
                }
            }
            guard count > 0 else { throw ParseError(.application, .malformed, offset: reader.index) }
        case .suback, .unsuback:
            message.add(MQTT.Field.packetId, integer: try reader.uint16(bytes))
            if version == .v5 { try properties(bytes, &reader, &message) }
            var count = 0
            while reader.remaining > 0 {
                let code = try reader.byte(bytes)
                count += 1
                if count <= Self.listLimit { message.add(MQTT.Field.reasonCode, integer: code) }
            }
        case .pingreq, .pingresp: break
        case .disconnect, .auth:
            if reader.remaining > 0 { message.add(MQTT.Field.reasonCode, integer: try reader.byte(bytes)) }
            if reader.remaining > 0 { try properties(bytes, &reader, &message) }
        }
    }

    /// Section 3.1.
    private mutating func connect(
        _ bytes: borrowing RawSpan, _ reader: inout ByteReader, _ message: inout Message
    ) throws(ParseError) {
        let name = try text(bytes, &reader)
        let level = try reader.byte(bytes) & 127  // A bridge sets the top bit.
        guard
            bytes.holds("MQTT", at: name.lowerBound) && name.count == 4
                || bytes.holds("MQIsdp", at: name.lowerBound) && name.count == 6,
            let version = MQTT.Version(rawValue: level)
        else { throw ParseError(.application, .malformed, offset: name.lowerBound) }
        self.version = version
        aliases = [:]
        message.add(MQTT.Field.version, integer: level)
        let flags = try reader.byte(bytes)
        message.add(MQTT.Field.cleanStart, boolean: flags & 2 != 0)
        message.add(MQTT.Field.keepAlive, integer: try reader.uint16(bytes))
        try properties(bytes, &reader, &message)
        message.add(MQTT.Field.clientId, in: try text(bytes, &reader))
        if flags & 4 != 0 {
            if version == .v5 {
                var ignored = Message(.mqtt)
                try properties(bytes, &reader, &ignored)
            }
            message.add(MQTT.Field.willTopic, in: try text(bytes, &reader))
            message.add(MQTT.Field.willQos, integer: flags >> 3 & 3)
            message.add(MQTT.Field.willRetain, boolean: flags & 32 != 0)
            _ = try reader.range(try reader.uint16(bytes))
        }
        // User name and password, in this order: both are stepped over.
        if flags & 128 != 0 { _ = try reader.range(try reader.uint16(bytes)) }
        if flags & 64 != 0 { _ = try reader.range(try reader.uint16(bytes)) }
    }

    /// Section 3.3.
    private mutating func publish(
        _ bytes: borrowing RawSpan, _ header: MQTT.Header, _ reader: inout ByteReader, _ message: inout Message
    ) throws(ParseError) {
        let topic = try text(bytes, &reader)
        for index in topic where bytes.octet(index) == 35 || bytes.octet(index) == 43 {
            throw ParseError(.application, .malformed, offset: index)  // "#" and "+" are for filters.
        }
        let qos = header.flags >> 1 & 3
        let id = qos > 0 ? try reader.uint16(bytes) : nil
        var alias: Int?
        // Fields that rules look at first come first.
        if version == .v5 {
            var later = Message(.mqtt, copying: bytes.extracting(0..<min(reader.end, bytes.byteCount)))
            try properties(bytes, &reader, &later)
            alias = later.integer(MQTT.Field.topicAlias).map(Int.init)
            addTopic(bytes, topic, alias: alias, &message)
            for (name, value) in later.fields { message.add(name, value) }
        } else {
            addTopic(bytes, topic, alias: nil, &message)
        }
        message.add(MQTT.Field.qos, integer: qos)
        message.add(MQTT.Field.retain, boolean: header.flags & 1 != 0)
        message.add(MQTT.Field.dup, boolean: header.flags & 8 != 0)
        if let id { message.add(MQTT.Field.packetId, integer: id) }
    }

    private mutating func addTopic(
        _ bytes: borrowing RawSpan, _ topic: Range<Int>, alias: Int?, _ message: inout Message
    ) {
        if !topic.isEmpty {
            message.add(MQTT.Field.topic, in: topic)
            if let alias, topic.count <= Self.aliasedTopicLimit,
                aliases.count < Self.aliasLimit || aliases[alias] != nil
            {
                aliases[alias] = bytes.text(topic)
            }
        } else if let alias, let known = aliases[alias] {
            message.add(MQTT.Field.topic, text: known)
        }
    }

    /// A length and that many bytes of UTF-8 without NUL (section 1.5.4).
    private func text(_ bytes: borrowing RawSpan, _ reader: inout ByteReader) throws(ParseError) -> Range<Int> {
        let range = try reader.range(try reader.uint16(bytes))
        if let nul = bytes.firstIndex(of: 0, from: range.lowerBound, to: range.upperBound) {
            throw ParseError(.application, .malformed, offset: nul)
        }
        return range
    }
}

// MARK: MQTT 5 properties

extension MQTTDecoder {
    private enum Kind { case byte, uint16, uint32, varint, text, binary, pair }

    /// Section 2.2.2.2. Names as the standard's, in camel case.
    private static func property(_ id: Int) -> (name: FieldName, kind: Kind)? {
        switch id {
        case 1: ("property.payloadFormat", .byte)
        case 2: ("property.messageExpiry", .uint32)
        case 3: ("property.contentType", .text)
        case 8: ("property.responseTopic", .text)
        case 9: ("property.correlationData", .binary)
        case 11: ("property.subscriptionIdentifier", .varint)
        case 17: ("property.sessionExpiry", .uint32)
        case 18: ("property.assignedClientId", .text)
        case 19: ("property.serverKeepAlive", .uint16)
        case 21: ("property.authenticationMethod", .text)
        case 22: ("property.authenticationData", .binary)
        case 23: ("property.requestProblemInformation", .byte)
        case 24: ("property.willDelay", .uint32)
        case 25: ("property.requestResponseInformation", .byte)
        case 26: ("property.responseInformation", .text)
        case 28: ("property.serverReference", .text)
        case 31: ("property.reasonString", .text)
        case 33: ("property.receiveMaximum", .uint16)
        case 34: ("property.topicAliasMaximum", .uint16)
        case 35: (MQTT.Field.topicAlias, .uint16)
        case 36: ("property.maximumQos", .byte)
        case 37: ("property.retainAvailable", .byte)
        case 38: ("user.*", .pair)
        case 39: ("property.maximumPacketSize", .uint32)
        case 40: ("property.wildcardSubscriptionAvailable", .byte)
        case 41: ("property.subscriptionIdentifierAvailable", .byte)
        case 42: ("property.sharedSubscriptionAvailable", .byte)
        default: nil
        }
    }

    private static func varint(_ bytes: borrowing RawSpan, _ reader: inout ByteReader) throws(ParseError) -> Int {
        var value = 0
        for shift in [0, 7, 14, 21] {
            let byte = try reader.byte(bytes)
            value |= Int(byte & 127) << shift
            if byte & 128 == 0 { return value }
        }
        throw ParseError(.application, .malformed, offset: reader.index)
    }

    /// Reads the property list if the version has one. Binary values are stepped over: no profile needs them, and
    /// one of them is a secret.
    private func properties(
        _ bytes: borrowing RawSpan, _ reader: inout ByteReader, _ message: inout Message
    ) throws(ParseError) {
        guard version == .v5 else { return }
        let length = try Self.varint(bytes, &reader)
        let range = try reader.range(length)
        var inner = ByteReader(from: range.lowerBound, to: range.upperBound)
        var count = 0
        while inner.remaining > 0 {
            let start = inner.index
            guard let (name, kind) = Self.property(try Self.varint(bytes, &inner)) else {
                throw ParseError(.application, .malformed, offset: start)
            }
            count += 1
            let kept = count <= Self.listLimit
            switch kind {
            case .byte:
                let value = try inner.byte(bytes)
                if kept { message.add(name, integer: value) }
            case .uint16:
                let value = try inner.uint16(bytes)
                if kept { message.add(name, integer: value) }
            case .uint32:
                let value = try inner.uint32(bytes)
                if kept { message.add(name, integer: value) }
            case .varint:
                let value = try Self.varint(bytes, &inner)
                if kept { message.add(name, integer: value) }
            case .text:
                let value = try text(bytes, &inner)
                if kept { message.add(name, in: value) }
            case .binary:
                _ = try inner.range(try inner.uint16(bytes))
            case .pair:
                let key = try text(bytes, &inner)
                let value = try text(bytes, &inner)
                if kept { message.add(FieldName("user.\(bytes.text(key))"), in: value) }
            }
        }
    }
}
