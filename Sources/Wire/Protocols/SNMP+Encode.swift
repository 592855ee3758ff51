extension SNMP {
    /// A variable to encode.
    public struct Variable: Hashable, Sendable {
        public enum Value: Hashable, Sendable {
            case integer(Int64)
            case octets([UInt8])
            case null
            case oid(String)
            case address(UInt32)
            /// Counter32, Gauge32 and TimeTicks, by their application tags 1, 2 and 3, and Counter64, 6.
            case counter(tag: UInt8, UInt64)
        }

        public var oid: String
        public var value: Value

        public init(_ oid: String, _ value: Value) {
            self.oid = oid
            self.value = value
        }
    }

    /// A v1 trap (RFC 1157 section 4.1.6).
    public static func encodeTrapV1(
        community: String, enterprise: String, agent: UInt32, generic: Int64, specific: Int64 = 0, uptime: UInt32,
        variables: [Variable] = []
    ) -> [UInt8] {
        message(
            version: 0, community,
            element(
                0xA4,
                encodeOID(enterprise) + value(.address(agent)) + integer(generic) + integer(specific)
                    + value(.counter(tag: 3, UInt64(uptime))) + list(variables)))
    }

    /// A v2c trap or, if `isInform`, an inform: `sysUpTime.0` and `snmpTrapOID.0` come before the variables
    /// (RFC 3416 section 4.2.6).
    public static func encodeTrap(
        community: String, trap: String, uptime: UInt32, requestId: Int64 = 1, isInform: Bool = false,
        variables: [Variable] = []
    ) -> [UInt8] {
        let head = [
            Variable(sysUpTime, .counter(tag: 3, UInt64(uptime))), Variable(snmpTrapOID, .oid(trap)),
        ]
        return message(version: 1, community, pdu(isInform ? 6 : 7, requestId, 0, 0, head + variables))
    }

    /// Any other PDU by its tag's number: 0 get, 1 getnext, 2 response, 3 set, 5 getbulk, 8 report.
    public static func encodePDU(
        _ number: UInt8, version2: Bool = true, community: String, requestId: Int64 = 1, errorStatus: Int64 = 0,
        errorIndex: Int64 = 0, variables: [Variable]
    ) -> [UInt8] {
        message(
            version: version2 ? 1 : 0, community, pdu(number & 15, requestId, errorStatus, errorIndex, variables))
    }

    // MARK: Pieces

    private static func message(version: Int64, _ community: String, _ pdu: [UInt8]) -> [UInt8] {
        element(0x30, integer(version) + element(4, Array(community.utf8)) + pdu)
    }

    private static func pdu(
        _ number: UInt8, _ requestId: Int64, _ first: Int64, _ second: Int64, _ variables: [Variable]
    ) -> [UInt8] {
        element(0xA0 | number, integer(requestId) + integer(first) + integer(second) + list(variables))
    }

    private static func list(_ variables: [Variable]) -> [UInt8] {
        element(0x30, variables.flatMap { element(0x30, encodeOID($0.oid) + value($0.value)) })
    }

    private static func value(_ value: Variable.Value) -> [UInt8] {
        switch value {
        case .integer(let value): integer(value)
        case .octets(let bytes): element(4, bytes)
        case .null: element(5, [])
        case .oid(let oid): encodeOID(oid)
        case .address(let address): element(0x40, big(UInt64(address)).suffix(4))
        case .counter(let tag, let value): element(0x40 | tag & 31, shortest([0] + big(value)))
        }
    }

    private static func integer(_ value: Int64) -> [UInt8] {
        element(2, shortest(big(UInt64(bitPattern: value))))
    }

    private static func big(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
    }

    /// Two's complement without octets that only repeat the sign.
    private static func shortest(_ bytes: [UInt8]) -> [UInt8] {
        var rest = bytes[...]
        while let first = rest.first, let second = rest.dropFirst().first,
            first == 0 && second < 128 || first == 255 && second >= 128
        {
            rest.removeFirst()
        }
        return Array(rest)
    }

    /// Arcs that are no numbers count as 0.
    private static func encodeOID(_ text: String) -> [UInt8] {
        var arcs = text.split(separator: ".").map { UInt32($0) ?? 0 }
        if arcs.count >= 2 { arcs.replaceSubrange(0..<2, with: [min(arcs[0], 2) * 40 + min(arcs[1], 1_000)]) }
        var out: [UInt8] = []
        for arc in arcs {
            var groups = [UInt8(arc & 127)]
            var rest = arc >> 7
            while rest > 0 {
                groups.append(UInt8(rest & 127) | 128)
                rest >>= 7
            }
            out += groups.reversed()
        }
        return element(6, out)
    }

    private static func element(_ tag: UInt8, _ contents: some Collection<UInt8>) -> [UInt8] {
        let length = contents.count
        if length < 128 { return [tag, UInt8(length)] + contents }
        let octets = Array(big(UInt64(length)).drop { $0 == 0 })
        return [tag, 128 | UInt8(octets.count)] + octets + contents
    }
}
