extension MQTT {
    /// What a broker publishes when a client vanishes (MQTT 3.1.1 section 3.1.2.5).
    public struct Will: Hashable, Sendable {
        public var topic: String
        public var payload: [UInt8]
        public var qos: UInt8
        public var retain: Bool

        public init(topic: String, payload: [UInt8], qos: UInt8 = 0, retain: Bool = false) {
            self.topic = topic
            self.payload = payload
            self.qos = min(qos, 2)
            self.retain = retain
        }
    }

    public static func encodeConnect(
        clientId: String, keepAlive: UInt16 = 60, cleanStart: Bool = true, version: Version = .v311,
        will: Will? = nil, username: String? = nil, password: String? = nil
    ) -> [UInt8] {
        var flags: UInt8 = cleanStart ? 2 : 0
        if let will { flags |= 4 | will.qos << 3 | (will.retain ? 32 : 0) }
        if username != nil { flags |= 128 }
        if password != nil { flags |= 64 }
        var rest = text(version == .v31 ? "MQIsdp" : "MQTT") + [version.rawValue, flags] + uint16(keepAlive)
        if version == .v5 { rest.append(0) }
        rest += text(clientId)
        if let will {
            if version == .v5 { rest.append(0) }
            rest += text(will.topic) + binary(will.payload)
        }
        if let username { rest += text(username) }
        if let password { rest += text(password) }
        return packet(.connect, rest)
    }

    public static func encodeConnack(
        reasonCode: UInt8 = 0, sessionPresent: Bool = false, version: Version = .v311
    ) -> [UInt8] {
        packet(.connack, [sessionPresent ? 1 : 0, reasonCode] + (version == .v5 ? [0] : []))
    }

    /// `packetId` is written only with a quality of service of 1 or 2. `topicAlias` needs MQTT 5.
    public static func encodePublish(
        topic: String, payload: [UInt8], qos: UInt8 = 0, packetId: UInt16 = 1, retain: Bool = false,
        dup: Bool = false, version: Version = .v311, topicAlias: UInt16? = nil, user: [(String, String)] = []
    ) -> [UInt8] {
        let qos = min(qos, 2)
        var rest = text(topic)
        if qos > 0 { rest += uint16(packetId) }
        if version == .v5 {
            var properties: [UInt8] = []
            if let topicAlias { properties += [35] + uint16(topicAlias) }
            for (key, value) in user { properties += [38] + text(key) + text(value) }
            rest += varint(properties.count) + properties
        }
        return packet(.publish, flags: (dup ? 8 : 0) | qos << 1 | (retain ? 1 : 0), rest + payload)
    }

    public static func encodePuback(packetId: UInt16) -> [UInt8] { packet(.puback, uint16(packetId)) }
    public static func encodePubrec(packetId: UInt16) -> [UInt8] { packet(.pubrec, uint16(packetId)) }
    public static func encodePubrel(packetId: UInt16) -> [UInt8] { packet(.pubrel, flags: 2, uint16(packetId)) }
    public static func encodePubcomp(packetId: UInt16) -> [UInt8] { packet(.pubcomp, uint16(packetId)) }

    public static func encodeSubscribe(
        packetId: UInt16, filters: [String], qos: UInt8 = 0, version: Version = .v311
    ) -> [UInt8] {
        var rest = uint16(packetId) + (version == .v5 ? [0] : [])
        for filter in filters { rest += text(filter) + [min(qos, 2)] }
        return packet(.subscribe, flags: 2, rest)
    }

    public static func encodeSuback(
        packetId: UInt16, reasonCodes: [UInt8], version: Version = .v311
    ) -> [UInt8] {
        packet(.suback, uint16(packetId) + (version == .v5 ? [0] : []) + reasonCodes)
    }

    public static func encodeUnsubscribe(
        packetId: UInt16, filters: [String], version: Version = .v311
    ) -> [UInt8] {
        var rest = uint16(packetId) + (version == .v5 ? [0] : [])
        for filter in filters { rest += text(filter) }
        return packet(.unsubscribe, flags: 2, rest)
    }

    public static func encodeUnsuback(
        packetId: UInt16, reasonCodes: [UInt8] = [], version: Version = .v311
    ) -> [UInt8] {
        packet(.unsuback, uint16(packetId) + (version == .v5 ? [0] + reasonCodes : []))
    }

    public static func encodePingreq() -> [UInt8] { packet(.pingreq, []) }
    public static func encodePingresp() -> [UInt8] { packet(.pingresp, []) }

    public static func encodeDisconnect(reasonCode: UInt8 = 0, version: Version = .v311) -> [UInt8] {
        packet(.disconnect, version == .v5 && reasonCode != 0 ? [reasonCode] : [])
    }

    // MARK: Pieces

    private static func packet(_ type: PacketType, flags: UInt8 = 0, _ rest: [UInt8]) -> [UInt8] {
        [type.rawValue << 4 | flags] + varint(rest.count) + rest
    }

    /// Seven bits a byte; values past the format's bound (268,435,455) are clamped to it.
    private static func varint(_ value: Int) -> [UInt8] {
        var rest = min(max(value, 0), 268_435_455)
        var out: [UInt8] = []
        repeat {
            let byte = UInt8(rest & 127)
            rest >>= 7
            out.append(rest > 0 ? byte | 128 : byte)
        } while rest > 0
        return out
    }

    private static func uint16(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }

    /// At most 65,535 bytes, the format's bound.
    private static func binary(_ bytes: [UInt8]) -> [UInt8] {
        let kept = bytes.prefix(65_535)
        return uint16(UInt16(kept.count)) + kept
    }

    private static func text(_ text: String) -> [UInt8] { binary(Array(text.utf8)) }
}
