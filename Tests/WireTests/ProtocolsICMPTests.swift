import Testing

@testable import Wire

struct ProtocolsICMPTests {
    static let host = IPAddress(v4: 0xC0A8_0A01)
    static let device = IPAddress(v4: 0xC0A8_0A14)

    private static func decode(_ bytes: [UInt8], isV6: Bool = false) -> Message? {
        var decoder = ICMPDecoder(isV6: isV6)
        guard
            case .message(let message, let consumed) = try? decoder.decode(bytes.span.bytes, at: Timestamp(seconds: 0)),
            consumed == bytes.count
        else { return nil }
        return message
    }

    @Test func `an echo decodes to what was encoded`() {
        for isV6 in [false, true] {
            for isReply in [false, true] {
                let bytes = ICMP.encodeEcho(
                    isReply: isReply, identifier: 0x1234, sequence: 7, payload: [1, 2, 3], isV6: isV6)
                let message = Self.decode(bytes, isV6: isV6)
                #expect(message?.text("type") == (isReply ? "echo-reply" : "echo-request"))
                #expect(message?.integer("identifier") == 0x1234 && message?.integer("sequence") == 7)
                #expect(message?.integer("payload-length") == 3 && message?.has("code") == false)
            }
        }
        // RFC 1071: with its checksum in place an ICMP message adds up to all ones.
        let bytes = ICMP.encodeEcho(isReply: false, identifier: 1, sequence: 1, payload: [9, 9, 9])
        var sum = 0
        for (index, byte) in bytes.enumerated() { sum += index % 2 == 0 ? Int(byte) << 8 : Int(byte) }
        #expect((sum & 0xFFFF) + (sum >> 16) == 0xFFFF)
    }

    @Test func `an error names what did not arrive`() {
        let lost = Wires.ipv4(Self.host, Self.device, 17, Wires.udp(5_060, 5_061, [1, 2, 3, 4]))
        // The quotation is the header and 8 bytes (RFC 792).
        let message = Self.decode(
            ICMP.encodeUnreachable(code: 3, quoted: Array(lost.prefix(28))))
        #expect(message?.text("type") == "unreachable" && message?.text("code") == "port")
        #expect(message?.text("quoted-protocol") == "udp" && message?.text("quoted-destination") == "192.168.10.20")
        #expect(message?.integer("quoted-source-port") == 5_060)
        #expect(message?.integer("quoted-destination-port") == 5_061)
        let bare = Self.decode(ICMP.encodeUnreachable(code: 13, quoted: [0x45, 0]))
        #expect(bare?.text("code") == "prohibited" && bare?.has("quoted-protocol") == false)
        #expect(Self.decode([8, 0, 0]) == nil)
    }

    @Test func `a reply says how long it took, a request how many before it were in vain`() {
        var memory = EchoMemory()
        func echo(_ isReply: Bool, _ sequence: UInt16, _ milliseconds: Int64) -> Message? {
            let bytes = ICMP.encodeEcho(isReply: isReply, identifier: 1, sequence: sequence)
            guard var message = Self.decode(bytes) else { return nil }
            memory.pair(
                &message, from: isReply ? Self.device : Self.host, to: isReply ? Self.host : Self.device,
                at: Timestamp(milliseconds: milliseconds))
            return message
        }
        #expect(echo(false, 1, 0)?.integer("unanswered") == 0)
        #expect(echo(true, 1, 12)?["rtt"] == .decimal(12))
        for index in 0..<20 {
            #expect(echo(false, UInt16(2 + index), Int64(1_000 * (index + 1)))?.integer("unanswered") == Int64(index))
        }
        // The same request again, and one that follows at once, are not in vain yet.
        #expect(echo(false, 21, 20_001)?.integer("unanswered") == 19)
        #expect(echo(false, 22, 20_002)?.integer("unanswered") == 19)
        #expect(echo(true, 22, 20_010)?["rtt"] == .decimal(8))
        #expect(echo(false, 23, 21_000)?.integer("unanswered") == 0)
        #expect(echo(true, 99, 21_001)?.has("rtt") == false)
    }

    @Test func `a reply to anybody ends the row, and a flood is not in vain yet`() {
        var memory = EchoMemory()
        func echo(_ isReply: Bool, _ asker: UInt32, _ sequence: UInt16, _ milliseconds: Int64) -> Message? {
            let bytes = ICMP.encodeEcho(isReply: isReply, identifier: 1, sequence: sequence)
            guard var message = Self.decode(bytes) else { return nil }
            let asker = IPAddress(v4: asker)
            memory.pair(
                &message, from: isReply ? Self.device : asker, to: isReply ? asker : Self.device,
                at: Timestamp(milliseconds: milliseconds))
            return message
        }
        for second in 0..<4 {
            #expect(echo(false, 1, 1, Int64(second) * 1_000)?.integer("unanswered") == Int64(second))
        }
        #expect(echo(false, 2, 1, 4_000)?.integer("unanswered") == 4)
        #expect(echo(true, 2, 9, 4_010)?.has("rtt") == false)
        #expect(echo(false, 1, 2, 5_000)?.integer("unanswered") == 0)
        #expect(echo(true, 2, 1, 5_001)?["rtt"] == .decimal(1_001))
        for index in 0..<40 {
            #expect(echo(false, 1, UInt16(100 + index), 6_000 + Int64(index))?.integer("unanswered") == 0)
        }
    }

    @Test func `pairs of hosts are bounded`() {
        var memory = EchoMemory(limit: 2)
        let bytes = ICMP.encodeEcho(isReply: false, identifier: 1, sequence: 1)
        for address in 1...5 as ClosedRange<UInt32> {
            guard var message = Self.decode(bytes) else { continue }
            memory.pair(
                &message, from: Self.host, to: IPAddress(v4: address), at: Timestamp(seconds: Int64(address)))
        }
        #expect(memory.evicted == 3)
    }

    @Test func `an echo is heard from its packet, of both versions`() {
        var listener = Listener()
        listener.hear(
            Wires.ethernet(
                Wires.ipv4(Self.host, Self.device, 1, ICMP.encodeEcho(isReply: false, identifier: 1, sequence: 1))))
        #expect(listener.heard.first?.message.protocolName == .icmp && listener.heard.first?.transport == .ip)
        #expect(listener.counters.messagePackets == 1)
        listener.hear(Wires.ethernet(Wires.ipv4(Self.host, Self.device, 1, [8])))
        #expect(listener.counters.undecodablePackets == 1)
    }

    @Test func `what the capture cut off an echo is in its length all the same`() {
        let echo = ICMP.encodeEcho(
            isReply: true, identifier: 1, sequence: 1, payload: [UInt8](repeating: 7, count: 1_000))
        for cut in [0, 1, 900, 1_000] {
            var listener = Listener()
            listener.hear(Array(Wires.ethernet(Wires.ipv4(Self.host, Self.device, 1, echo)).dropLast(cut)))
            #expect(listener.heard.first?.message.integer("payload-length") == 1_000, "\(cut)")
        }
        var listener = Listener()
        let six = (IPAddress(v6High: 0x2001_0DB8 << 32, low: 1), IPAddress(v6High: 0x2001_0DB8 << 32, low: 2))
        let echo6 = ICMP.encodeEcho(
            isReply: false, identifier: 1, sequence: 1, payload: [UInt8](repeating: 7, count: 1_000), isV6: true)
        listener.hear(Array(Wires.ethernet(0x86DD, Wires.ipv6(six.0, six.1, 58, echo6)).dropLast(980)))
        #expect(listener.heard.first?.message.integer("payload-length") == 1_000)
        // Padding of the frame is none of the packet's.
        listener.hear(Wires.ethernet(Wires.ipv4(Self.host, Self.device, 1, Array(echo.prefix(8)))) + [0, 0, 0, 0])
        #expect(listener.heard.last?.message.integer("payload-length") == 0)
    }
}
