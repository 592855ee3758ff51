import Testing

@testable import Wire

/// The binary protocols on their ports, through the whole way of a frame.
struct ProtocolsPortsTests {
    @Test(
        arguments: [
            (161, .snmp), (162, .snmp), (5_353, .mdns), (1_900, .ssdp), (67, .dhcp), (68, .dhcp), (4_011, .dhcp),
            (123, .ntp),
            (3_478, .stun), (1_718, .h225), (1_719, .h225),
        ] as [(UInt16, ProtocolName)])
    func `a datagram's port names its protocol, in both directions, and the same port over TCP does not`(
        port: UInt16, name: ProtocolName
    ) {
        let table = PortTable()
        #expect(table.datagram(source: 40_000, target: port).protocolName == name)
        #expect(table.datagram(source: port, target: 40_000).protocolName == name)
        #expect([.noise, .unknown].contains(table.stream(source: 40_000, target: port)))
    }

    @Test func `datagrams of each protocol are delivered by port or by their first bytes`() {
        let ports: [ProtocolName: UInt16] = [
            .snmp: 162, .mdns: 5_353, .ssdp: 1_900, .dhcp: 67, .ntp: 123, .h225: 1_719,
        ]
        var listener = Listener()
        // An extended report comes behind another; alone it is not found.
        let datagrams = MalformedBinaryTests.datagrams.dropLast()
        for (name, bytes) in datagrams {
            listener.hear(
                Wires.ethernet(
                    Wires.ipv4(
                        Wires.kiosk.address, Wires.server.address, 17, Wires.udp(40_000, ports[name] ?? 40_002, bytes)))
            )
        }
        #expect(listener.heard.map(\.message.protocolName) == datagrams.map(\.0))
        // A client that knocks where TLS may pass.
        listener.hear(
            Wires.ethernet(
                Wires.ipv4(Wires.kiosk.address, Wires.server.address, 17, Wires.udp(40_000, 443, STUN.encode(type: 1))))
        )
        #expect(listener.heard.last?.message.protocolName == .stun)
    }

    /// A conversation between a kiosk and a printer: who says what, in segments of `size`.
    private func converse(_ parts: [(isPrinter: Bool, bytes: [UInt8])], size: Int, closes: Bool = true) -> Listener {
        let kiosk = Wires.kiosk
        let printer = Endpoint(Wires.server.address, port: 9_100)
        var next: [UInt32] = [1_000, 5_000]
        var listener = Listener()
        func send(_ side: Int, _ flags: TCPView.Flags, _ payload: [UInt8] = []) {
            listener.hear(
                Wires.Segment(
                    source: side == 0 ? kiosk : printer, target: side == 0 ? printer : kiosk, sequence: next[side],
                    acknowledgement: next[1 - side], flags: flags, payload: payload))
            next[side] &+= UInt32(payload.count)
        }
        send(0, .synchronise)
        next[0] += 1
        send(1, [.synchronise, .acknowledge])
        next[1] += 1
        for part in parts {
            for from in stride(from: 0, to: part.bytes.count, by: size) {
                send(part.isPrinter ? 1 : 0, .acknowledge, Array(part.bytes[from..<min(from + size, part.bytes.count)]))
            }
        }
        if closes {
            send(0, [.finish, .acknowledge])
            next[0] += 1
            send(1, [.finish, .acknowledge])
        }
        return listener
    }

    @Test(arguments: [1, 5, 1_000]) func `a ticket without a cut is delivered when the connection ends`(size: Int) {
        let ticket = ESCPOS.encodeTicket(heading: "Mời lấy số", number: "B112", lines: ["Hộ tịch"], cuts: false)
        let closed = converse([(false, ticket)], size: size)
        #expect(closed.heard.map { $0.message.text("largest") } == ["B112"])
        #expect(closed.heard.first?.target.port == 9_100)
        #expect(closed.counters.undecodableBytes == 0 && closed.counters.abandonedBytes == 0)
        // While it is open, the job may go on; at the capture's end it is what it is.
        var open = converse([(false, ticket)], size: size, closes: false)
        #expect(open.heard.isEmpty)
        open.finish()
        #expect(open.heard.map { $0.message.text("cut") } == ["false"])
    }

    @Test(arguments: [1, 1_000]) func `the printer's answers are read by what was asked, and its paper is seen`(
        size: Int
    ) {
        let listener = converse(
            [
                (false, hex("100404")), (true, hex("12")), (false, ProtocolsESCPOSTests.ticket), (false, hex("100404")),
                (true, hex("72")),
            ],
            size: size)
        #expect(listener.heard.map { $0.message.text("type") } == ["query", "status", "job", "query", "status"])
        #expect(listener.heard.compactMap { $0.message.text("paper") } == ["ok", "out"])
    }

    @Test func `documents on the same port are counted and not read`() {
        let job = PJL.encodeJob(language: "PCL") + [UInt8](repeating: 0x1B, count: 5_000)
        let listener = converse([(false, job), (true, Array("@PJL USTATUS JOB\r\n".utf8))], size: 500)
        #expect(listener.heard.map(\.message.protocolName) == [.pjl])
        #expect(listener.counters.undecodableBytes == 0)
    }
}
