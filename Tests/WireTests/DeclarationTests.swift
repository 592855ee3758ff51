import Testing

@testable import Wire

/// Ports that a site declares, and ports that lie.
struct DeclarationTests {
    static let device = IPAddress(v4: 0xC0A8_0A14)
    static let other = IPAddress(v4: 0xC0A8_0A15)
    static let server = IPAddress(v4: 0xC0A8_0A01)

    static func datagram(_ source: Endpoint, _ target: Endpoint, _ text: String) -> [UInt8] {
        Wires.ethernet(
            Wires.ipv4(source.address, target.address, 17, Wires.udp(source.port, target.port, Array(text.utf8))))
    }

    private func listener(_ declared: [Declaration]) -> Listener {
        var listener = Listener()
        listener.dissector = Dissector(declared: declared)
        return listener
    }

    @Test func `a declared port is read in both directions, and no other device's`() {
        var ours = listener([Declaration(Self.device, port: 40_514, .udp, .syslog)])
        let there = Endpoint(Self.device, port: 40_514)
        let here = Endpoint(Self.server, port: 9)
        // Without a priority nothing but the declaration says that it is syslog.
        ours.hear(Self.datagram(there, here, "ticket A001"))
        ours.hear(Self.datagram(here, there, "ticket A002"))
        ours.hear(Self.datagram(Endpoint(Self.other, port: 40_514), here, "ticket A003"))
        #expect(ours.texts == ["ticket A001", "ticket A002"])
        #expect(ours.counters.otherDatagrams == 1)
        var plain = Listener()
        plain.hear(Self.datagram(there, here, "ticket A001"))
        #expect(plain.heard.isEmpty)
    }

    @Test func `a declaration is of one transport, and beats the port's own meaning`() {
        var ours = listener([
            Declaration(Self.device, port: 53, .udp, .syslog), Declaration(Self.device, port: 5_060, .udp, .syslog),
            Declaration(Self.device, port: 8_123, .tcp, .syslog),
        ])
        let here = Endpoint(Self.server, port: 40_000)
        ours.hear(Self.datagram(here, Endpoint(Self.device, port: 53), "one"))
        ours.hear(Self.datagram(here, Endpoint(Self.device, port: 5_060), "two"))
        ours.hear(Self.datagram(here, Endpoint(Self.device, port: 8_123), "three"))
        #expect(ours.texts == ["one", "two"])
        // The stream is known from its middle on, which a strange port's never is.
        let speech = Speech(
            ["four", "five", "six"], source: here, target: Endpoint(Self.device, port: 8_123))
        for segment in speech.segments(of: 20).dropFirst() { ours.hear(segment) }
        #expect(ours.texts.prefix(2) == ["one", "two"] && ours.texts.suffix(2) == ["five", "six"])
    }

    @Test func `declarations are bounded, and of two for one place the first counts`() {
        let many = (0..<Dissector.declarationLimit + 5).map {
            Declaration(IPAddress(v4: UInt32($0)), port: 1_000, .udp, .syslog)
        }
        #expect(Dissector(declared: many).declarationCount == Dissector.declarationLimit)
        let twice = [
            Declaration(Self.device, port: 7_777, .udp, .syslog), Declaration(Self.device, port: 7_777, .udp, .sip),
        ]
        var ours = listener(twice)
        ours.hear(Self.datagram(Endpoint(Self.device, port: 7_777), Endpoint(Self.server, port: 1), "x"))
        #expect(ours.heard.map(\.message.protocolName) == [.syslog])
    }

    @Test func `where ports lie the first bytes tell, over both transports`() {
        var listener = Listener()
        let invite = "INVITE sip:a@b SIP/2.0\r\nCall-ID: x@y\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
        let here = Endpoint(Self.server, port: 40_000)
        listener.hear(Self.datagram(here, Endpoint(Self.device, port: 5_080), invite))
        listener.hear(Self.datagram(here, Endpoint(Self.device, port: 5_140), "<13>1 - - qms - - - udp"))
        let connect = MQTT.encodeConnect(clientId: "kiosk") + MQTT.encodePublish(topic: "a/b", payload: [1])
        for (index, (port, bytes)) in [
            (5_080, Array(invite.utf8)), (18_831, connect), (5_140, Array("<13>1 - - qms - - - tcp\n".utf8)),
        ].enumerated() {
            listener.hear(
                Wires.Segment(
                    source: Endpoint(Self.server, port: 50_000 + UInt16(index)),
                    target: Endpoint(Self.device, port: UInt16(port)), sequence: 1, payload: bytes))
        }
        #expect(listener.heard.map(\.message.protocolName) == [.sip, .syslog, .sip, .mqtt, .mqtt, .syslog])
    }

    @Test func `a frame inside of VXLAN is heard, and its tag with it`() {
        let inner = Wires.ethernet(
            tags: [12], Wires.ipv4(Self.device, Self.server, 17, Wires.udp(600, 514, Wires.syslog("inside"))))
        let outer = Wires.ipv4(
            Self.other, Self.server, 17, Wires.udp(50_000, 4_789, [8, 0, 0, 0, 0, 0, 42, 0] + inner))
        var listener = Listener()
        #expect(listener.hear(Wires.ethernet(outer)) == Self.device)
        #expect(listener.texts == ["inside"] && listener.heard.first?.vlan == 12)
        #expect(listener.counters.tunnelled == 1 && listener.counters.datagrams == 1)
        // Something else on that port is a datagram like any other.
        listener.hear(Wires.ethernet(Wires.ipv4(Self.other, Self.server, 17, Wires.udp(50_000, 4_789, [1, 2, 3]))))
        #expect(listener.counters.otherDatagrams == 1)
    }

    @Test func `what an error quotes was heard when it was said, and is not heard again`() {
        let said = Wires.ipv4(Self.device, Self.server, 17, Wires.udp(600, 514, Wires.syslog("once")))
        var listener = Listener()
        listener.hear(Wires.ethernet(said))
        // Port unreachable (RFC 792), with all or with the first eight bytes of the datagram.
        for count in [said.count, 28] {
            let error = [3, 3, 0, 0, 0, 0, 0, 0] + Array(said.prefix(count))
            #expect(listener.hear(Wires.ethernet(Wires.ipv4(Self.server, Self.device, 1, error))) == Self.server)
        }
        #expect(listener.texts.filter { $0 != "?" } == ["once"])
        #expect(listener.heard.map(\.message.protocolName) == [.syslog, .icmp, .icmp])
        #expect(listener.counters.messagePackets == 2 && listener.counters.errors(.network) == 0)
    }
}
