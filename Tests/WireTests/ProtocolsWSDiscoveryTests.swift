import Testing

@testable import Wire

struct ProtocolsWSDiscoveryTests {
    private func message(_ bytes: [UInt8]) throws -> Message { try #require(try datagram(WSDiscoveryDecoder(), bytes)) }

    @Test func `what is encoded decodes to the same, and scopes are taken apart`() throws {
        let camera = WSDiscovery.Endpoint(
            address: "urn:uuid:fa4113a5", types: "dn:NetworkVideoTransmitter tds:Device",
            scopes:
                " onvif://www.onvif.org/name/Lobby%20cam onvif://www.onvif.org/hardware/P3265 http:123 onvif://www.onvif.org/location/ ",
            xAddrs: "http://10.0.0.9/onvif/device_service")
        let bytes = WSDiscovery.encode(
            action: "ProbeMatches", messageID: "urn:uuid:1", relatesTo: "urn:uuid:2", instanceID: 7, messageNumber: 3,
            endpoints: [camera])
        let message = try message(bytes)
        #expect(
            Heard(message).fields == [
                "action=ProbeMatches", "messageId=urn:uuid:1", "relatesTo=urn:uuid:2", "instanceId=7",
                "messageNumber=3",
                "address=urn:uuid:fa4113a5", "types=dn:NetworkVideoTransmitter tds:Device",
                "scopes=onvif://www.onvif.org/name/Lobby%20cam onvif://www.onvif.org/hardware/P3265 http:123 onvif://www.onvif.org/location/",
                "scope.name=Lobby cam", "scope.hardware=P3265", "xAddrs=http://10.0.0.9/onvif/device_service",
                "metadataVersion=1",
            ])
        #expect(
            WSDiscovery.summary(of: message).map { "\($0.kind) \($0.value)" } == [
                "datagrams udp/3702", "action ProbeMatches",
            ])
    }

    @Test func `two endpoints in one answer come in their order, and an unbound prefix does no harm`() throws {
        let text = """
            <?xml version="1.0"?><SOAP-ENV:Envelope><SOAP-ENV:Header><wsa:Action SOAP-ENV:mustUnderstand="true">
            http://schemas.xmlsoap.org/ws/2005/04/discovery/Hello </wsa:Action></SOAP-ENV:Header><SOAP-ENV:Body>
            <d:ProbeMatch><wsa:EndpointReference><wsa:Address>a</wsa:Address></wsa:EndpointReference></d:ProbeMatch>
            <d:ProbeMatch><wsa:EndpointReference><wsa:Address>b</wsa:Address></wsa:EndpointReference></d:ProbeMatch>
            </SOAP-ENV:Body></SOAP-ENV:Envelope>
            """
        let message = try message(Array(text.utf8))
        #expect(message.all("address") == ["a", "b"])
        #expect(message.text("action") == "Hello")
        #expect(!message.has("malformed"))
    }

    static let broken: [(String, String, Bool)] = [
        ("not-xml", "M-SEARCH * HTTP/1.1\r\n", false), ("empty", " ", false),
        ("document-type", "<!DOCTYPE a><Envelope/>", false),
        ("another-root", "<Probe><Types>inquiry</Types></Probe>", false),
        ("torn", "<Envelope><Header><Action>x/Hello</Action", true),
        ("crossed", "<Envelope><a><Action>x/Bye</a></Action></Envelope>", true),
        ("deep", "<Envelope>" + String(repeating: "<a>", count: 4_000), true),
        ("many", "<Envelope>" + String(repeating: "<RelatesTo>a</RelatesTo>", count: 4_000), true),
    ]

    @Test(arguments: broken) func `a broken envelope gives what can be read, and anything else is refused`(
        name: String, text: String, isRead: Bool
    ) {
        let found = try? datagram(WSDiscoveryDecoder(), Array(text.utf8))
        #expect((found != nil) == isRead, "\(name)")
        #expect((found?.fieldCount ?? 0) <= 300)
    }

    @Test(.enabled(if: !SharedFiles.missing)) func `recorded envelopes are read, well-formed or not`() throws {
        let actions = [
            "axis_p3265_probematches.xml": "", "hik_dfi6256te_probematches.xml": "", "ms_debug_hello.xml": "Hello",
            "pywsd_bye.xml": "Bye", "pywsd_hello.xml": "Hello", "pywsd_probe.xml": "Probe",
            "pywsd_probematches.xml": "ProbeMatches",
        ]
        for name in try SharedFiles.names("wsdiscovery") {
            guard let wanted = actions[name] else { continue }
            let message = try message(try SharedFiles.bytes("messages/wsdiscovery/\(name)"))
            // Two were published without their SOAP header.
            #expect(message.text("action") ?? "" == wanted, "\(name)")
            #expect(message.has("address") == (name != "pywsd_probe.xml"), "\(name)")
            #expect(message.has("types") == (name != "pywsd_bye.xml"), "\(name)")
            if name.hasSuffix("probematches.xml") {
                #expect(message.has("xAddrs"), "\(name)")
                #expect(message.has("scope.hardware"), "\(name)")
            }
        }
    }
}
