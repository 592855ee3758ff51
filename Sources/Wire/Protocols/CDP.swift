/// CDP: what Cisco's switches, telephones and access points say of themselves to their neighbour.
///
/// Reference: Cisco, "Cisco Discovery Protocol Packet Formats" (LAN Switching documentation); behind LLC/SNAP with
/// OUI 00-00-0C and type 0x2000. A frame whose blocks are damaged gives what stood before the damage, and `malformed`.
public enum CDP {
    public enum Field {
        public static let version: FieldName = "version"
        /// Seconds.
        public static let ttl: FieldName = "ttl"
        public static let deviceId: FieldName = "device-id"
        /// IPv4 and IPv6 addresses of the port, once each.
        public static let address: FieldName = "address"
        public static let portId: FieldName = "port-id"
        public static let platform: FieldName = "platform"
        /// The version of its software, usually several lines.
        public static let software: FieldName = "software"
        /// `router`, `bridge`, `switch`, `host`, `telephone` …, once each.
        public static let capability: FieldName = "capability"
        /// The untagged VLAN of the port.
        public static let vlan: FieldName = "vlan"
        /// The VLAN that a telephone shall use.
        public static let voiceVlan: FieldName = "voice-vlan"
        public static let domain: FieldName = "domain"
        public static let fullDuplex: FieldName = "full-duplex"
        /// Milliwatts.
        public static let power: FieldName = "power"
        public static let managementAddress: FieldName = "management-address"
        public static let systemName: FieldName = "system-name"
        public static let malformed: FieldName = "malformed"
    }

    public static let fields: [FieldName] = [
        Field.version, Field.ttl, Field.deviceId, Field.address, Field.portId, Field.platform, Field.software,
        Field.capability, Field.vlan, Field.voiceVlan, Field.domain, Field.fullDuplex, Field.power,
        Field.managementAddress, Field.systemName, Field.malformed,
    ]

    /// Blocks of one frame, and addresses of one block.
    static let blockLimit = 128
    static let addressLimit = 16

    static let capabilities = [
        "router", "transparent-bridge", "source-route-bridge", "switch", "host", "igmp", "repeater", "telephone",
        "remote", "cvta", "two-port-relay",
    ]

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        var rows = [(kind: "frames", value: "total")]
        for (kind, name) in [
            ("device-id", Field.deviceId), ("platform", Field.platform), ("port-id", Field.portId),
        ] {
            if let value = message.text(name) { rows.append((kind, value)) }
        }
        return rows
    }

    static func message(_ bytes: borrowing RawSpan) throws(ParseError) -> Message {
        guard bytes.byteCount >= 4 else {
            throw ParseError(.application, .truncated, needed: 4, available: bytes.byteCount)
        }
        guard (1...2).contains(bytes.octet(0)) else {
            throw ParseError(.application, .unsupported, available: Int(bytes.octet(0)))
        }
        var message = Message(.cdp, copying: bytes)
        message.add(Field.version, integer: bytes.octet(0))
        message.add(Field.ttl, integer: bytes.octet(1))
        var at = 4
        var isSound = true
        for _ in 0..<blockLimit where bytes.byteCount - at >= 4 {
            let type = bytes.big16(unchecked: at)
            let length = Int(bytes.big16(unchecked: at + 2))
            // Padding behind the last block.
            if type == 0, length == 0 { break }
            guard length >= 4, length <= bytes.byteCount - at else {
                isSound = false
                break
            }
            if !add(type, bytes, at + 4..<at + length, &message) { isSound = false }
            at += length
        }
        if !isSound { message.add(Field.malformed, boolean: true) }
        return message
    }

    /// One block's value; `false` if it cannot be what it says.
    private static func add(
        _ type: UInt16, _ bytes: borrowing RawSpan, _ range: Range<Int>, _ message: inout Message
    ) -> Bool {
        let start = range.lowerBound
        switch type {
        case 0x0001: message.add(Field.deviceId, in: text(bytes, range))
        case 0x0002: return addresses(Field.address, bytes, range, &message)
        case 0x0003: message.add(Field.portId, in: text(bytes, range))
        case 0x0004:
            guard range.count >= 4 else { return false }
            let bits = bytes.big32(unchecked: start)
            for (bit, word) in capabilities.enumerated() where bits >> UInt32(bit) & 1 == 1 {
                message.add(Field.capability, text: word)
            }
        case 0x0005: message.add(Field.software, in: text(bytes, range))
        case 0x0006: message.add(Field.platform, in: text(bytes, range))
        case 0x0009: message.add(Field.domain, in: text(bytes, range))
        case 0x000A:
            guard range.count >= 2 else { return false }
            message.add(Field.vlan, integer: bytes.big16(unchecked: start))
        case 0x000B:
            guard range.count >= 1 else { return false }
            message.add(Field.fullDuplex, boolean: bytes.octet(start) != 0)
        case 0x000E:
            guard range.count >= 3 else { return range.count > 0 }
            message.add(Field.voiceVlan, integer: bytes.big16(unchecked: start + 1))
        case 0x0010:
            guard range.count >= 2 else { return false }
            message.add(Field.power, integer: bytes.big16(unchecked: start))
        case 0x0014: message.add(Field.systemName, in: text(bytes, range))
        case 0x0016: return addresses(Field.managementAddress, bytes, range, &message)
        default: break
        }
        return true
    }

    /// Without the zero bytes that some senders end it with.
    private static func text(_ bytes: borrowing RawSpan, _ range: Range<Int>) -> Range<Int> {
        var end = range.upperBound
        while end > range.lowerBound, bytes.octet(end - 1) == 0 { end -= 1 }
        return range.lowerBound..<end
    }

    /// A count, then for each a protocol (type, length, bytes) and an address (length, bytes).
    private static func addresses(
        _ name: FieldName, _ bytes: borrowing RawSpan, _ range: Range<Int>, _ message: inout Message
    ) -> Bool {
        var reader = ByteReader(from: range.lowerBound, to: range.upperBound)
        do throws(ParseError) {
            let count = try reader.uint32(bytes)
            for _ in 0..<min(count, addressLimit) {
                _ = try reader.byte(bytes)
                let kind = try reader.range(Int(try reader.byte(bytes)))
                let address = try reader.range(try reader.uint16(bytes))
                if address.count == 4, kind.count == 1, bytes.octet(kind.lowerBound) == 0xCC {
                    message.add(name, text: IPAddress(v4: bytes.big32(unchecked: address.lowerBound)).description)
                } else if address.count == 16 {
                    let high = bytes.big64(unchecked: address.lowerBound)
                    let low = bytes.big64(unchecked: address.lowerBound + 8)
                    message.add(name, text: IPAddress(v6High: high, low: low).description)
                }
            }
            return true
        } catch {
            return false
        }
    }
}

extension CDP {
    /// The frame's payload behind LLC/SNAP, checksum included.
    public static func encode(device: String, port: String, platform: String, ttl: UInt8 = 180) -> [UInt8] {
        func block(_ type: UInt8, _ text: String) -> [UInt8] {
            let value = Array(text.utf8.prefix(1_000))
            return [0, type, UInt8((value.count + 4) >> 8), UInt8((value.count + 4) & 255)] + value
        }
        var out: [UInt8] = [2, ttl, 0, 0] + block(1, device) + block(3, port) + block(6, platform)
        // RFC 1071; an odd last byte is the low byte of its word here, unlike in IP.
        var sum: UInt32 = 0
        for index in stride(from: 0, to: out.count, by: 2) {
            sum += index + 1 < out.count ? UInt32(out[index]) << 8 | UInt32(out[index + 1]) : UInt32(out[index])
        }
        while sum > 0xFFFF { sum = sum >> 16 + sum & 0xFFFF }
        let check = ~UInt16(truncatingIfNeeded: sum)
        out[2] = UInt8(check >> 8)
        out[3] = UInt8(check & 255)
        return out
    }
}

/// One message per frame.
public struct CDPDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .cdp }
    public static var fields: [FieldName] { CDP.fields }

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        .message(try CDP.message(bytes), consumed: max(bytes.byteCount, 1))
    }
}
