/// One SNMP message per datagram (RFC 3417 section 3.1).
public struct SNMPDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .snmp }
    public static var fields: [FieldName] { SNMP.fields }

    public init() {}

    /// A message whose version can be read is a message: what is damaged behind it is said by `malformed`.
    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        var outer = BERReader(0..<bytes.byteCount)
        let tag = try outer.tag(bytes)
        guard tag == .sequence else { throw ParseError(.application, .malformed) }
        let length = try outer.length(bytes)
        let start = outer.reader.index
        let available = bytes.byteCount - start
        var inner = BERReader(start..<start + min(length, available))
        let version = try inner.integer(bytes)
        var message = Message(.snmp)
        switch version {
        case 0: message.add(SNMP.Field.version, text: "1")
        case 1: message.add(SNMP.Field.version, text: "2c")
        case 3: message.add(SNMP.Field.version, text: "3")
        default: throw ParseError(.application, .unsupported, offset: start)
        }
        do throws(ParseError) {
            if version == 3 {
                try userBased(bytes, &inner, &message)
            } else {
                _ = try inner.contents(bytes, of: .octets)
                try pdu(bytes, &inner, &message)
            }
            if length > available {
                throw ParseError(.application, .truncated, offset: start, needed: length, available: available)
            }
        } catch {
            message.add(SNMP.Field.malformed, boolean: true)
        }
        return .message(message, consumed: bytes.byteCount)
    }

    /// RFC 3412 section 6: HeaderData, security parameters in an OCTET STRING of their own, scoped PDU.
    private func userBased(
        _ bytes: borrowing RawSpan, _ inner: inout BERReader, _ message: inout Message
    ) throws(ParseError) {
        var header = BERReader(try inner.contents(bytes, of: .sequence))
        _ = try header.integer(bytes)
        _ = try header.integer(bytes)
        let flags = try header.contents(bytes, of: .octets)
        let flag = bytes.octet(flags.lowerBound)
        let model = try header.integer(bytes)
        let isEncrypted = !flags.isEmpty && flag & 2 != 0
        message.add(SNMP.Field.authenticated, boolean: !flags.isEmpty && flag & 1 != 0)
        message.add(SNMP.Field.encrypted, boolean: isEncrypted)
        message.add(SNMP.Field.reportable, boolean: !flags.isEmpty && flag & 4 != 0)
        let parameters = try inner.contents(bytes, of: .octets)
        var damage: ParseError?
        if model == 3 {
            do throws(ParseError) {
                try security(bytes, parameters, &message)
            } catch {
                // They stand in a string of their own, so the PDU can be found all the same.
                damage = error
            }
        }
        if !isEncrypted { try scopedPDU(bytes, &inner, &message) }
        if let damage { throw damage }
    }

    /// RFC 3414 section 2.4, as far as it says who speaks.
    private func security(
        _ bytes: borrowing RawSpan, _ parameters: Range<Int>, _ message: inout Message
    ) throws(ParseError) {
        var wrapper = BERReader(parameters)
        var security = BERReader(try wrapper.contents(bytes, of: .sequence))
        let engine = try security.contents(bytes, of: .octets)
        // RFC 3411 section 5: 5 to 32 octets; none while the engine is being discovered.
        guard engine.count <= 32 else {
            throw ParseError(.application, .tooLarge, offset: engine.lowerBound, needed: engine.count)
        }
        let boots = try security.integer(bytes)
        let time = try security.integer(bytes)
        if !engine.isEmpty { message.add(SNMP.Field.engineId, text: bytes.hexadecimal(engine)) }
        message.add(SNMP.Field.engineBoots, integer: boots)
        message.add(SNMP.Field.engineTime, integer: time)
    }

    private func scopedPDU(
        _ bytes: borrowing RawSpan, _ inner: inout BERReader, _ message: inout Message
    ) throws(ParseError) {
        var scoped = BERReader(try inner.contents(bytes, of: .sequence))
        _ = try scoped.contents(bytes, of: .octets)
        _ = try scoped.contents(bytes, of: .octets)
        let start = scoped.reader.index
        message.add(SNMP.Field.pdu, text: try Self.pduName(try scoped.tag(bytes), at: start))
    }

    private static func pduName(_ tag: BERReader.Tag, at offset: Int) throws(ParseError) -> String {
        guard tag == .context(tag.number), SNMP.pduNames.indices.contains(tag.number) else {
            throw ParseError(.application, .malformed, offset: offset)
        }
        return SNMP.pduNames[tag.number]
    }

    private func pdu(
        _ bytes: borrowing RawSpan, _ inner: inout BERReader, _ message: inout Message
    ) throws(ParseError) {
        let start = inner.reader.index
        let tag = try inner.tag(bytes)
        message.add(SNMP.Field.pdu, text: try Self.pduName(tag, at: start))
        let length = try inner.length(bytes)
        var body = BERReader(try inner.reader.range(length))
        var variables: Variables
        if tag.number == 4 {
            variables = try trap(bytes, &body, &message)
        } else {
            message.add(SNMP.Field.requestId, integer: try body.integer(bytes))
            let first = try body.integer(bytes)
            let second = try body.integer(bytes)
            if tag.number != 5 {
                message.add(SNMP.Field.errorStatus, integer: first)
                message.add(SNMP.Field.errorIndex, integer: second)
            }
            variables = try Variables(bytes, try body.contents(bytes, of: .sequence))
            if tag.number == 6 || tag.number == 7 {
                if let uptime = variables.uptime { message.add(SNMP.Field.uptime, integer: uptime) }
                if let trap = variables.trap {
                    message.add(SNMP.Field.trap, text: trap)
                    message.add(SNMP.Field.trapName, text: SNMP.trapName(of: trap))
                }
            }
        }
        message.add(SNMP.Field.varbindCount, integer: variables.count)
        for (name, value) in variables.values { message.add(name, value) }
    }

    /// RFC 1157 section 4.1.6.
    private func trap(
        _ bytes: borrowing RawSpan, _ body: inout BERReader, _ message: inout Message
    ) throws(ParseError) -> Variables {
        let enterprise = try BERReader.oid(bytes, try body.contents(bytes, of: .oid))
        let agent = try body.contents(bytes, of: .application(0))
        let generic = try body.integer(bytes)
        let specific = try body.integer(bytes)
        let ticks = try BERReader.unsigned(bytes, try body.contents(bytes, of: .application(3)))
        let variables = try Variables(bytes, try body.contents(bytes, of: .sequence))
        let trap =
            switch generic {
            case 0...5: "\(SNMP.snmpTraps)\(generic + 1)"
            default: "\(enterprise).0.\(specific)"
            }
        message.add(SNMP.Field.trap, text: trap)
        message.add(SNMP.Field.trapName, text: SNMP.trapName(of: trap))
        message.add(SNMP.Field.genericTrap, integer: generic)
        message.add(SNMP.Field.specificTrap, integer: specific)
        message.add(SNMP.Field.enterprise, text: enterprise)
        if agent.count == 4 { message.add(SNMP.Field.agentAddress, text: bytes.dottedAddress(agent)) }
        message.add(SNMP.Field.uptime, integer: ticks)
        return variables
    }
}

/// A variable binding list (RFC 3416 section 3), read whole or not at all.
private struct Variables {
    var values: [(name: FieldName, value: FieldValue)] = []
    var count = 0
    var uptime: Int64?
    var trap: String?

    init(_ bytes: borrowing RawSpan, _ range: Range<Int>) throws(ParseError) {
        var list = BERReader(range)
        while !list.isAtEnd {
            var pair = BERReader(try list.contents(bytes, of: .sequence))
            let oid = try BERReader.oid(bytes, try pair.contents(bytes, of: .oid))
            let (tag, contents) = try pair.element(bytes)
            let value = try Self.value(bytes, tag, contents)
            count += 1
            if oid == SNMP.sysUpTime, uptime == nil, case .integer(let ticks) = value { uptime = ticks }
            if oid == SNMP.snmpTrapOID, trap == nil, tag == .oid { trap = value.text }
            if count <= SNMP.varbindLimit { values.append((FieldName(SNMP.varbindPrefix + oid), value)) }
        }
    }

    /// RFC 2578 section 7.1 and RFC 3416's exceptions. A value of another type is its bytes.
    private static func value(
        _ bytes: borrowing RawSpan, _ tag: BERReader.Tag, _ contents: Range<Int>
    ) throws(ParseError) -> FieldValue {
        switch (tag.classAndForm, tag.number) {
        case (0, 2): return .integer(try BERReader.integer(bytes, contents))
        case (0, 5): return .text("")
        case (0, 6): return .text(try BERReader.oid(bytes, contents))
        case (0x40, 0) where contents.count == 4: return .text(bytes.dottedAddress(contents))
        case (0x40, 1), (0x40, 2), (0x40, 3), (0x40, 6):
            let value = try BERReader.unsigned(bytes, contents)
            return value <= UInt64(Int64.max) ? .integer(Int64(value)) : .text(String(value))
        case (0x80, 0): return .text("noSuchObject")
        case (0x80, 1): return .text("noSuchInstance")
        case (0x80, 2): return .text("endOfMibView")
        default:
            let kept = contents.prefix(SNMP.valueLimit)
            return .text(
                bytes.isPlainText(kept) ? bytes.text(bytes.withoutNul(kept)) : bytes.hexadecimal(kept, separator: ":"))
        }
    }
}
