/// LLDP: what a switch, telephone or camera says of itself to its neighbour.
///
/// Reference: IEEE 802.1AB-2016 section 8; annexes D (802.1) and E (802.3) in part; ANSI/TIA-1057 (LLDP-MED) for the
/// inventory; RFC 8520 section 13 for the MUD address. A frame whose TLVs are damaged gives what stood before the
/// damage, and `malformed`.
public enum LLDP {
    public enum Field {
        /// As text: `08:00:27:1f:08:22` for a hardware address, the address for a network address.
        public static let chassisId: FieldName = "chassis-id"
        /// `component`, `interface-alias`, `port-component`, `mac`, `address`, `interface-name`, `local`.
        public static let chassisType: FieldName = "chassis-type"
        public static let portId: FieldName = "port-id"
        /// `interface-alias`, `port-component`, `mac`, `address`, `interface-name`, `agent-circuit`, `local`.
        public static let portType: FieldName = "port-type"
        /// Seconds; 0: the sender goes.
        public static let ttl: FieldName = "ttl"
        public static let portDescription: FieldName = "port-description"
        public static let systemName: FieldName = "system-name"
        public static let systemDescription: FieldName = "system-description"
        /// What the system can do and what of it is on: `bridge`, `router`, `telephone` …, once each.
        public static let capability: FieldName = "capability"
        public static let enabled: FieldName = "enabled"
        public static let managementAddress: FieldName = "management-address"
        /// The untagged VLAN of the port (IEEE 802.1 subtype 1).
        public static let vlan: FieldName = "vlan"
        /// LLDP-MED inventory.
        public static let hardware: FieldName = "hardware"
        public static let firmware: FieldName = "firmware"
        public static let software: FieldName = "software"
        public static let serial: FieldName = "serial"
        public static let manufacturer: FieldName = "manufacturer"
        public static let model: FieldName = "model"
        public static let asset: FieldName = "asset"
        /// Where the manufacturer says what the device may do.
        public static let mud: FieldName = "mud"
        /// True if the frame's TLVs don't follow the standard: fields after the damage are missing.
        public static let malformed: FieldName = "malformed"
    }

    public static let fields: [FieldName] = [
        Field.chassisId, Field.chassisType, Field.portId, Field.portType, Field.ttl, Field.portDescription,
        Field.systemName, Field.systemDescription, Field.capability, Field.enabled, Field.managementAddress,
        Field.vlan, Field.hardware, Field.firmware, Field.software, Field.serial, Field.manufacturer, Field.model,
        Field.asset, Field.mud, Field.malformed,
    ]

    /// TLVs of one frame; an Ethernet frame has room for 750 empty ones.
    static let blockLimit = 256

    static let chassisTypes = [
        "component", "interface-alias", "port-component", "mac", "address", "interface-name", "local",
    ]
    static let portTypes = [
        "interface-alias", "port-component", "mac", "address", "interface-name", "agent-circuit", "local",
    ]
    static let capabilities = [
        "other", "repeater", "bridge", "wlan", "router", "telephone", "docsis", "station", "c-vlan", "s-vlan",
        "relay",
    ]

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        var rows = [(kind: "frames", value: "total")]
        if message.equals(Field.chassisType, "mac"), let value = message.text(Field.chassisId) {
            rows.append(("chassis-mac", value))
        }
        if let value = message.text(Field.portId), let type = message.text(Field.portType),
            type != "mac", type != "address"
        {
            rows.append(("port-id", value))
        }
        if let value = message.text(Field.systemName) { rows.append(("system-name", value)) }
        return rows
    }

    static func message(_ bytes: borrowing RawSpan) throws(ParseError) -> Message {
        guard bytes.byteCount >= 2 else {
            throw ParseError(.application, .truncated, needed: 2, available: bytes.byteCount)
        }
        var message = Message(.lldp, copying: bytes)
        var reader = ByteReader(from: 0, to: bytes.byteCount)
        var isSound = true
        for number in 0..<blockLimit {
            guard reader.remaining >= 2, let header = try? reader.uint16(bytes) else { break }
            let type = header >> 9
            if type == 0 { break }
            guard let range = try? reader.range(header & 0x1FF) else {
                isSound = false
                break
            }
            // Chassis, port and time to live come first, in this order, once each (section 8.2). A frame that does
            // not begin so is something else's, and what its other blocks say is not believed.
            if number < 3, type != number + 1 {
                isSound = false
                break
            }
            if number >= 3, (1...3).contains(type) {
                isSound = false
                continue
            }
            if !add(type, bytes, range, &message) { isSound = false }
        }
        if !isSound || !message.has(Field.ttl) { message.add(Field.malformed, boolean: true) }
        return message
    }
}

// MARK: Blocks

extension LLDP {
    /// One TLV's value; `false` if it cannot be what it says.
    private static func add(
        _ type: Int, _ bytes: borrowing RawSpan, _ range: Range<Int>, _ message: inout Message
    ) -> Bool {
        switch type {
        case 1: return add(Field.chassisId, Field.chassisType, chassisTypes, mac: 4, bytes, range, &message)
        case 2: return add(Field.portId, Field.portType, portTypes, mac: 3, bytes, range, &message)
        case 3:
            guard range.count >= 2 else { return false }
            message.add(Field.ttl, integer: bytes.big16(unchecked: range.lowerBound))
        case 4: add(Field.portDescription, bytes, range, &message)
        case 5: add(Field.systemName, bytes, range, &message)
        case 6: add(Field.systemDescription, bytes, range, &message)
        case 7:
            guard range.count >= 4 else { return false }
            for (offset, name) in [(0, Field.capability), (2, Field.enabled)] {
                let bits = bytes.big16(unchecked: range.lowerBound + offset)
                for (bit, word) in capabilities.enumerated() where bits >> UInt16(bit) & 1 == 1 {
                    message.add(name, text: word)
                }
            }
        case 8:
            guard range.count >= 9 else { return false }
            let length = Int(bytes.octet(range.lowerBound))
            guard length >= 2, range.lowerBound + 1 + length <= range.upperBound else { return false }
            let address = range.lowerBound + 1..<range.lowerBound + 1 + length
            if let text = NetworkAddress.text(bytes, address) { message.add(Field.managementAddress, text: text) }
        case 127: return organisation(bytes, range, &message)
        default: break
        }
        return true
    }

    /// A subtype and an id of that kind.
    private static func add(
        _ name: FieldName, _ typeName: FieldName, _ words: [String], mac: Int, _ bytes: borrowing RawSpan,
        _ range: Range<Int>, _ message: inout Message
    ) -> Bool {
        guard range.count >= 2 else { return false }
        let subtype = Int(bytes.octet(range.lowerBound))
        let value = range.lowerBound + 1..<range.upperBound
        guard words.indices.contains(subtype - 1) else { return false }
        switch subtype {
        case mac:
            guard value.count == 6 else { return false }
            message.add(name, text: bytes.mac(unchecked: value.lowerBound).description)
        case mac + 1:
            guard let text = NetworkAddress.text(bytes, value) else { return false }
            message.add(name, text: text)
        default:
            add(name, bytes, value, &message)
        }
        message.add(typeName, text: words[subtype - 1])
        return true
    }

    /// A text without the zero bytes that some senders end it with; none if it is empty.
    private static func add(
        _ name: FieldName, _ bytes: borrowing RawSpan, _ range: Range<Int>, _ message: inout Message
    ) {
        var end = range.upperBound
        while end > range.lowerBound, bytes.octet(end - 1) == 0 { end -= 1 }
        if end > range.lowerBound { message.add(name, in: range.lowerBound..<end) }
    }

    /// Organisationally specific: three bytes of who, one of what (section 8.6).
    private static func organisation(
        _ bytes: borrowing RawSpan, _ range: Range<Int>, _ message: inout Message
    ) -> Bool {
        guard range.count >= 4 else { return false }
        let kind = bytes.big32(unchecked: range.lowerBound)
        let value = range.lowerBound + 4..<range.upperBound
        switch kind {
        case 0x0080_C201:
            guard value.count >= 2 else { return false }
            message.add(Field.vlan, integer: bytes.big16(unchecked: value.lowerBound) & 0x0FFF)
        case 0x0012_BB05: add(Field.hardware, bytes, value, &message)
        case 0x0012_BB06: add(Field.firmware, bytes, value, &message)
        case 0x0012_BB07: add(Field.software, bytes, value, &message)
        case 0x0012_BB08: add(Field.serial, bytes, value, &message)
        case 0x0012_BB09: add(Field.manufacturer, bytes, value, &message)
        case 0x0012_BB0A: add(Field.model, bytes, value, &message)
        case 0x0012_BB0B: add(Field.asset, bytes, value, &message)
        case 0x0000_5E01: add(Field.mud, bytes, value, &message)
        default: break
        }
        return true
    }
}

/// An address behind its IANA address family number (1 IPv4, 2 IPv6, 6 hardware).
enum NetworkAddress {
    static func text(_ bytes: borrowing RawSpan, _ range: Range<Int>) -> String? {
        guard range.count >= 2, range.lowerBound >= 0, range.upperBound <= bytes.byteCount else { return nil }
        let start = range.lowerBound + 1
        switch (bytes.octet(range.lowerBound), range.count - 1) {
        case (1, 4): return IPAddress(v4: bytes.big32(unchecked: start)).description
        case (2, 16):
            return IPAddress(v6High: bytes.big64(unchecked: start), low: bytes.big64(unchecked: start + 8)).description
        case (6, 6): return bytes.mac(unchecked: start).description
        default: return nil
        }
    }
}

extension LLDP {
    /// The frame's payload, with the usual blocks.
    public static func encode(
        chassis: MACAddress, port: String, ttl: UInt16 = 120, name: String? = nil, description: String? = nil
    ) -> [UInt8] {
        func block(_ type: Int, _ value: [UInt8]) -> [UInt8] {
            let value = value.prefix(511)
            return [UInt8(type << 1 | value.count >> 8), UInt8(value.count & 255)] + value
        }
        var out = block(1, [4] + chassis.bytes) + block(2, [5] + Array(port.utf8))
        out += block(3, [UInt8(ttl >> 8), UInt8(ttl & 255)])
        if let name { out += block(5, Array(name.utf8)) }
        if let description { out += block(6, Array(description.utf8)) }
        return out + [0, 0]
    }
}

/// One message per frame.
public struct LLDPDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .lldp }
    public static var fields: [FieldName] { LLDP.fields }

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        .message(try LLDP.message(bytes), consumed: max(bytes.byteCount, 1))
    }
}
