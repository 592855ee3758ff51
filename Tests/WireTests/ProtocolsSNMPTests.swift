import Testing

@testable import Wire

struct ProtocolsSNMPTests {
    private func decode(_ bytes: [UInt8]) throws -> Message {
        try #require(try datagram(SNMPDecoder(), bytes))
    }

    @Test func `a linkDown of net-snmp is read from its bytes, without its community`() throws {
        let message = try decode(
            hex(
                """
                3056 020101 0406 7075626c6963 a749 02044f8e03be 020100 020100 303b
                300f 0608 2b06010201010300 4303 032da9
                3017 060a 2b060106030101040100 0609 2b0601060301010503
                300f 060a 2b060102010202010102 0201 02
                """))
        #expect(
            Heard(message).fields == [
                "version=2c", "pdu=trap-v2", "request-id=1334707134", "error-status=0", "error-index=0",
                "uptime=208297", "trap=1.3.6.1.6.3.1.1.5.3", "trap-name=linkDown", "varbinds=3",
                "varbind.1.3.6.1.2.1.1.3.0=208297", "varbind.1.3.6.1.6.3.1.1.4.1.0=1.3.6.1.6.3.1.1.5.3",
                "varbind.1.3.6.1.2.1.2.2.1.1.2=2",
            ])
        #expect(!"\(message)".contains("public"))
    }

    @Test func `a v1 trap of net-snmp is called as v2 would call it`() throws {
        let message = try decode(
            hex(
                """
                3044 020100 0406 7075626c6963 a437 0609 2b0601040182b17d01 4004 c000020a 020106 020103 4303 032daa
                3019 3017 060b 2b0601040182b17d010100 0408 4844442066756c6c
                """))
        #expect(
            Heard(message).fields == [
                "version=1", "pdu=trap-v1", "trap=1.3.6.1.4.1.39165.1.0.3", "trap-name=enterpriseSpecific",
                "generic-trap=6", "specific-trap=3", "enterprise=1.3.6.1.4.1.39165.1", "agent-address=192.0.2.10",
                "uptime=208298", "varbinds=1", "varbind.1.3.6.1.4.1.39165.1.1.0=HDD full",
            ])
    }

    @Test(arguments: [
        (0, "1.3.6.1.6.3.1.1.5.1", "coldStart"), (1, "1.3.6.1.6.3.1.1.5.2", "warmStart"),
        (2, "1.3.6.1.6.3.1.1.5.3", "linkDown"), (3, "1.3.6.1.6.3.1.1.5.4", "linkUp"),
        (4, "1.3.6.1.6.3.1.1.5.5", "authenticationFailure"),
    ]) func `both versions have one name for one thing`(generic: Int64, oid: String, name: String) throws {
        let old = try decode(
            SNMP.encodeTrapV1(
                community: "c", enterprise: "1.3.6.1.4.1.9.1", agent: 0x0A00_0001, generic: generic, uptime: 1))
        let new = try decode(SNMP.encodeTrap(community: "c", trap: oid, uptime: 1))
        for message in [old, new] {
            #expect(message.text("trap") == oid)
            #expect(message.text("trap-name") == name)
        }
    }

    @Test func `every PDU and every kind of value comes back as it was encoded`() throws {
        let names = ["get", "getnext", "response", "set", nil, "getbulk", "inform", nil, "report"]
        let variables: [SNMP.Variable] = [
            .init("1.3.6.1.2.1.1.5.0", .octets(Array("switch-1".utf8))), .init("1.3.6.1.2.1.2.2.1.8.2", .integer(-2)),
            .init("1.3.6.1.2.1.1.2.0", .oid("1.3.6.1.4.1.4294967295.1")),
            .init("1.3.6.1.2.1.4.20.1.1.10.0.0.1", .address(0x0A00_0001)), .init("1.3.6.1.2.1.1.1.0", .null),
            .init("1.3.6.1.2.1.2.2.1.10.1", .counter(tag: 1, 4_294_967_295)),
            .init("1.3.6.1.2.1.31.1.1.1.6.1", .counter(tag: 6, .max)),
            .init("1.3.6.1.2.1.2.2.1.6.2", .octets([0, 0x1B, 0x54, 0, 0, 1])),
        ]
        for (number, name) in names.enumerated() {
            guard let name else { continue }
            let message = try decode(
                SNMP.encodePDU(UInt8(number), community: "c", requestId: 7, errorStatus: 2, variables: variables))
            #expect(message.text("pdu") == name)
            #expect(message.integer("request-id") == 7)
            #expect(message.integer("error-status") == (name == "getbulk" ? nil : 2))
            #expect(message.text("varbind.1.3.6.1.2.1.1.5.0") == "switch-1")
            #expect(message["varbind.1.3.6.1.2.1.2.2.1.8.2"] == .integer(-2))
            #expect(message.text("varbind.1.3.6.1.2.1.1.2.0") == "1.3.6.1.4.1.4294967295.1")
            #expect(message.text("varbind.1.3.6.1.2.1.4.20.1.1.10.0.0.1") == "10.0.0.1")
            #expect(message.text("varbind.1.3.6.1.2.1.1.1.0") == "")
            #expect(message["varbind.1.3.6.1.2.1.2.2.1.10.1"] == .integer(4_294_967_295))
            #expect(message.text("varbind.1.3.6.1.2.1.31.1.1.1.6.1") == "18446744073709551615")
            #expect(message.text("varbind.1.3.6.1.2.1.2.2.1.6.2") == "00:1b:54:00:00:01")
            #expect(!message.has("malformed"))
        }
    }

    @Test func `of v3 the engine, the flags and a PDU in clear are told, and no user and no variable`() throws {
        // A router's report that an engine is unknown (usmStatsUnknownEngineIDs), from its bytes.
        let report = """
            3066 020103 3010 0204 6c9af56e 0202 05dc 040100 020103 041d
            301b 040c 800000090300aabbcc000100 02010c 020202cd 0400 0400 0400
            3030 040c 800000090300aabbcc000100 0400 a81e 0203 055888 020100 020100
            3011 300f 060a 2b060106030f01010400 4101 01
            """
        #expect(
            Heard(try decode(hex(report))).fields == [
                "version=3", "authenticated=false", "encrypted=false", "reportable=false",
                "engine-id=800000090300aabbcc000100", "engine-boots=12", "engine-time=717", "pdu=report",
            ])
        // What is wrong with the engine's boots does not hide the PDU, which stands beside it.
        #expect(
            Heard(try decode(hex(report.replacing("02010c", with: "05010c")))).fields == [
                "version=3", "authenticated=false", "encrypted=false", "reportable=false", "pdu=report",
                "malformed=true",
            ])
        let header = element(0x30, [2, 1, 1, 2, 2, 5, 0xDC, 4, 1, 7, 2, 1, 3])
        let engine: [UInt8] = [4, 5, 0x80, 0, 0, 9, 3]
        let security = element(0x30, engine + [2, 1, 12, 2, 1, 9] + element(4, Array("operator".utf8)) + [4, 0, 4, 0])
        let encrypted = try decode(
            element(0x30, [2, 1, 3] + header + element(4, security) + element(4, [1, 2, 3])))
        #expect(
            Heard(encrypted).fields == [
                "version=3", "authenticated=true", "encrypted=true", "reportable=true", "engine-id=8000000903",
                "engine-boots=12", "engine-time=9",
            ])
        #expect(!"\(encrypted)".contains("operator"))
    }

    private func element(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] { [tag, UInt8(contents.count)] + contents }

    /// Each is named for its fault; what is right before it is still told.
    static let broken: [(String, [UInt8], version: String?, pdu: String?)] = [
        ("no-sequence", [0x31, 3, 2, 1, 0], nil, nil), ("version-7", [0x30, 3, 2, 1, 7], nil, nil),
        ("indefinite-length", [0x30, 0x80, 2, 1, 0, 0, 0], nil, nil),
        ("length-of-five-octets", [0x30, 0x85, 1, 0, 0, 0, 0, 2, 1, 0], nil, nil),
        ("version-of-nine-octets", [0x30, 11, 2, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0], nil, nil),
        ("no-community", [0x30, 3, 2, 1, 0], "1", nil),
        ("community-longer-than-message", [0x30, 7, 2, 1, 1, 4, 9, 97, 98], "2c", nil),
        ("unknown-pdu", [0x30, 9, 2, 1, 1, 4, 0, 0xAF, 2, 5, 0], "2c", nil),
        ("pdu-tag-without-end", [0x30, 9, 2, 1, 1, 4, 0, 0xBF, 0x81, 0x81, 0x81], "2c", nil),
        ("pdu-longer-than-message", [0x30, 9, 2, 1, 1, 4, 0, 0xA0, 99, 2, 1], "2c", "get"),
        (
            "oid-without-end",
            [0x30, 24, 2, 1, 1, 4, 0, 0xA0, 17, 2, 1, 1, 2, 1, 0, 2, 1, 0, 0x30, 6, 0x30, 4, 6, 2, 0x2B, 0x86], "2c",
            "get"
        ),
        (
            "oid-arc-beyond-32-bits",
            [0x30, 29, 2, 1, 1, 4, 0, 0xA0, 22, 2, 1, 1, 2, 1, 0, 2, 1, 0, 0x30, 11, 0x30, 9, 6, 7]
                + [0x2B, 0x90, 0x80, 0x80, 0x80, 0x80, 0, 5, 0], "2c", "get"
        ),
    ]

    @Test(arguments: broken) func `a broken message is refused, or says that it is broken`(
        name: String, bytes: [UInt8], version: String?, pdu: String?
    ) throws {
        let message = try? datagram(SNMPDecoder(), bytes)
        #expect(message?.text("version") == version, "\(name)")
        #expect(message?.text("pdu") == pdu, "\(name)")
        if let message {
            #expect(message.has("malformed"), "\(name)")
            #expect(!message.fields.contains { $0.name.rawValue.hasPrefix("varbind.") }, "\(name)")
        }
    }

    @Test func `variables beyond the bound are counted and not kept`() throws {
        let variables = (0..<SNMP.varbindLimit + 5).map { SNMP.Variable("1.3.6.1.4.1.\($0)", .integer(1)) }
        let message = try decode(SNMP.encodePDU(2, community: "", variables: variables))
        #expect(message.integer("varbinds") == Int64(SNMP.varbindLimit + 5))
        #expect(message.fields.count { $0.name.rawValue.hasPrefix("varbind.") } == SNMP.varbindLimit)
    }
}
