/// SNMP: what network devices tell a manager by themselves (traps) and when asked.
///
/// Reference: RFC 1157 (v1), RFC 3416 (PDUs of v2c and v3), RFC 3412 section 6 and RFC 3414 section 2.4 (v3's
/// headers), RFC 3584 section 3.1 (what a v1 trap is called in v2's words).
///
/// Of v3 the engine, the flags and, where nothing is encrypted, the kind of PDU are read, and no variable. A community
/// is a password: it is stepped over, and neither it nor v3's user name ever becomes a field.
public enum SNMP {
    public enum Field {
        /// `1`, `2c` or `3`.
        public static let version: FieldName = "version"
        /// `get`, `getnext`, `response`, `set`, `trap-v1`, `getbulk`, `inform`, `trap-v2` or `report`.
        public static let pdu: FieldName = "pdu"
        public static let requestId: FieldName = "request-id"
        /// 0 is no error (RFC 3416 section 3). In a `getbulk` these two are other numbers and not given.
        public static let errorStatus: FieldName = "error-status"
        public static let errorIndex: FieldName = "error-index"
        /// The object identifier that names what happened; a v1 trap's by the rule of RFC 3584 section 3.1.
        public static let trap: FieldName = "trap"
        /// `coldStart`, `warmStart`, `linkDown`, `linkUp`, `authenticationFailure`, `egpNeighborLoss` or
        /// `enterpriseSpecific`.
        public static let trapName: FieldName = "trap-name"
        /// A v1 trap's own numbers.
        public static let genericTrap: FieldName = "generic-trap"
        public static let specificTrap: FieldName = "specific-trap"
        public static let enterprise: FieldName = "enterprise"
        public static let agentAddress: FieldName = "agent-address"
        /// Hundredths of a second since the agent started.
        public static let uptime: FieldName = "uptime"
        public static let varbindCount: FieldName = "varbinds"
        /// v3: hexadecimal digits.
        public static let engineId: FieldName = "engine-id"
        public static let engineBoots: FieldName = "engine-boots"
        public static let engineTime: FieldName = "engine-time"
        public static let authenticated: FieldName = "authenticated"
        public static let encrypted: FieldName = "encrypted"
        public static let reportable: FieldName = "reportable"
        /// The message is damaged behind what the other fields say; its variables are then left out.
        public static let malformed: FieldName = "malformed"
    }

    /// `varbind.<oid>`: a variable's value, in the order of the message.
    static let varbindPrefix = "varbind."

    public static let fields: [FieldName] = [
        Field.version, Field.pdu, Field.requestId, Field.errorStatus, Field.errorIndex, Field.trap, Field.trapName,
        Field.genericTrap, Field.specificTrap, Field.enterprise, Field.agentAddress, Field.uptime,
        Field.varbindCount, Field.engineId, Field.engineBoots, Field.engineTime, Field.authenticated,
        Field.encrypted, Field.reportable, Field.malformed, "varbind.*",
    ]

    /// Variables of one message that become fields; all are counted.
    public static let varbindLimit = 128
    /// Bytes of a value that become text.
    public static let valueLimit = 512

    /// By the number of the PDU's context tag (RFC 3416 section 3; 4 is RFC 1157's).
    static let pduNames = [
        "get", "getnext", "response", "set", "trap-v1", "getbulk", "inform", "trap-v2", "report",
    ]
    /// RFC 1157 section 4.1.6; `coldStart` to `egpNeighborLoss` are also the last arcs 1 to 6 of `snmpTraps`.
    static let trapNames = [
        "coldStart", "warmStart", "linkDown", "linkUp", "authenticationFailure", "egpNeighborLoss",
        "enterpriseSpecific",
    ]
    static let snmpTraps = "1.3.6.1.6.3.1.1.5."
    static let sysUpTime = "1.3.6.1.2.1.1.3.0"
    static let snmpTrapOID = "1.3.6.1.6.3.1.1.4.1.0"

    static func trapName(of oid: String) -> String {
        guard oid.hasPrefix(snmpTraps), let last = Int(oid.dropFirst(snmpTraps.count)),
            trapNames.dropLast().indices.contains(last - 1)
        else { return "enterpriseSpecific" }
        return trapNames[last - 1]
    }

    /// tshark has one count of versions for v1 and v2c; v3's is another field of its, which has no row.
    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        var rows: [(kind: String, value: String)] = []
        if let version = message.text(Field.version), version != "3" { rows.append(("version", version)) }
        if let pdu = message.text(Field.pdu) { rows.append(("pdu", pdu)) }
        return rows
    }
}
