import Testing
import Wire

struct LinkTests {
    static let source = IPAddress(v4: 0xC000_0201)
    static let target = IPAddress(v4: 0xC000_0202)
    static let packet = Wires.ipv4(source, target, 17, Wires.udp(600, 514, Wires.syslog("hello")))

    /// Each link header in front of the same packet.
    static let frames: [(link: LinkType, bytes: [UInt8], vlan: UInt16?)] = [
        (.ethernet, Wires.ethernet(packet), nil),
        (.ethernet, Wires.ethernet(tags: [0x2007], packet), 7),
        (.ethernet, Wires.ethernet(tags: [7, 8, 9, 10, 11, 12, 13, 14], packet), 7),
        (.ethernet, Wires.ethernet(0x88A8, [0, 100, 0x81, 0, 0, 7, 8, 0] + packet), 100),
        (.ethernet, Wires.ethernet(UInt16(8 + packet.count), [0xAA, 0xAA, 3, 0, 0, 0, 8, 0] + packet), nil),
        (
            .ethernet,
            Wires.ethernet(0x8864, [0x11, 0, 0, 1] + Wires.big(UInt16(packet.count + 2)) + [0, 0x21] + packet), nil
        ),
        (.ethernet, Wires.ethernet(0x8847, [0, 1, 0, 64, 0, 2, 1, 64] + packet), nil),
        (.linuxCooked, [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0] + packet, nil),
        (.linuxCooked2, [8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0] + packet, nil),
        (.linuxCooked, [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x81, 0, 0, 9, 8, 0] + packet, 9),
        (.null, [2, 0, 0, 0] + packet, nil), (.null, [0, 0, 0, 2] + packet, nil),
        (.loopback, [0, 0, 0, 2] + packet, nil),
        (.raw, packet, nil), (.ipv4, packet, nil), (.ppp, [0xFF, 3, 0, 0x21] + packet, nil),
        (.ppp, [0x21] + packet, nil),
        (.cisco, [0x0F, 0, 8, 0] + packet, nil), (.frameRelay, [0x18, 0x41, 3, 0xCC] + packet, nil),
    ]

    @Test func `every link header leads to the same message`() {
        for (link, bytes, vlan) in Self.frames {
            var listener = Listener()
            let from = listener.hear(bytes, link: link)
            #expect(listener.texts == ["hello"], "link \(link.rawValue): \(bytes.prefix(24))")
            #expect(from == Self.source)
            #expect(listener.heard.first?.vlan == vlan)
        }
    }

    @Test func `a frame cut anywhere is counted and never traps`() {
        for (link, bytes, _) in Self.frames {
            var listener = Listener()
            for count in 0..<bytes.count { listener.hear(Array(bytes.prefix(count)), link: link) }
            let counts = listener.counters
            #expect(counts.frames == counts.errors(.link) + counts.otherFrames + counts.packets)
        }
    }

    @Test func `more tags than eight are refused`() {
        var listener = Listener()
        listener.hear(Wires.ethernet(tags: Array(1...9), Self.packet))
        #expect(listener.counters.errors(.link, .tooLarge) == 1)
        #expect(listener.heard.isEmpty)
    }

    @Test func `padding after the packet is not payload`() {
        var listener = Listener()
        listener.hear(Wires.ethernet(Self.packet + [UInt8](repeating: 0x58, count: 30)))
        #expect(listener.texts == ["hello"])
    }
}
