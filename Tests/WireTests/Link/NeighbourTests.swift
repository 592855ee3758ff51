import Testing

@testable import Wire

/// What is said below IP: ARP, LLDP, CDP, and who sent a frame.
struct NeighbourTests {
    static let switchMAC = MACAddress(0x0018_BA98_688F)
    static let group = MACAddress(0x0180_C200_000E)

    static func frame(_ type: [UInt8], _ payload: [UInt8], tags: [UInt16] = []) -> [UInt8] {
        group.bytes + switchMAC.bytes + tags.flatMap { [0x81, 0] + Wires.big($0) } + type + payload
    }

    @Test func `a hardware address is read and written in the usual forms`() {
        for text in ["00:18:ba:98:68:8f", "00-18-BA-98-68-8F", "0018.ba98.688f", "0018BA98688f"] {
            #expect(MACAddress(text) == Self.switchMAC, "\(text)")
        }
        for text in ["", "00:18:ba:98:68", "00:18-ba:98:68:8f", "0018:ba98:688f", "00:18:ba:98:68:8g", "192.168.10.20"]
        {
            #expect(MACAddress(text) == nil, "\(text)")
        }
        #expect("\(Self.switchMAC)" == "00:18:ba:98:68:8f")
        #expect(Self.group.isGroup && !Self.switchMAC.isGroup)
        #expect(MemoryLayout<MACAddress?>.size == 7)
    }

    @Test func `a switch's word reaches the sink with hardware addresses as endpoints`() throws {
        var listener = Listener()
        let said = LLDP.encode(chassis: Self.switchMAC, port: "Fa0/13", name: "S2", description: "IOS")
        listener.hear(Self.frame([0x88, 0xCC], said, tags: [7]))
        let heard = try #require(listener.heard.first)
        #expect(heard.transport == .link && heard.vlan == 7)
        #expect(heard.source == Endpoint(Self.switchMAC) && heard.sourceMAC == Self.switchMAC)
        #expect(heard.target.description == "01:80:c2:00:00:0e")
        #expect(heard.message.text("chassis-id") == "00:18:ba:98:68:8f")
        #expect(heard.message.text("port-id") == "Fa0/13" && heard.message.text("system-name") == "S2")
        #expect(heard.message.integer("ttl") == 120 && !heard.message.has("malformed"))
        #expect(heard.line.contains(#""source":"00:18:ba:98:68:8f","destination":"01:80:c2:00:00:0e","vlan":7"#))
        #expect(listener.counters.messageFrames == 1 && listener.counters.vlans.map(\.id) == [7])
    }

    @Test func `CDP is found behind its own SNAP header only`() throws {
        var listener = Listener()
        let said = CDP.encode(device: "S1", port: "Gi0/1", platform: "cisco WS-C3560")
        let snap: [UInt8] = [0xAA, 0xAA, 3, 0, 0, 12, 0x20, 0]
        listener.hear(Self.frame(Wires.big(UInt16(said.count + 8)), snap + said))
        var vtp = snap
        vtp[6...7] = [0x20, 0x03]
        listener.hear(Self.frame(Wires.big(UInt16(said.count + 8)), vtp + said))
        #expect(listener.heard.count == 1 && listener.counters.otherFrames == 1)
        let message = try #require(listener.heard.first?.message)
        #expect(message.text("device-id") == "S1" && message.text("port-id") == "Gi0/1")
        #expect(message.text("platform") == "cisco WS-C3560" && !message.has("malformed"))
    }

    @Test func `ARP tells who is there, even in a probe's answer`() throws {
        var listener = Listener()
        let kiosk: (mac: MACAddress, address: UInt32) = (MACAddress(0x0200_0000_0001), 0xC0A8_0A14)
        let asked = ARP.encode(isReply: false, sender: kiosk, target: (MACAddress(0), 0xC0A8_0A01))
        let told = ARP.encode(isReply: false, sender: kiosk, target: (MACAddress(0), kiosk.address))
        let probe = ARP.encode(isReply: false, sender: (kiosk.mac, 0), target: (MACAddress(0), kiosk.address))
        let padding = [UInt8](repeating: 0, count: 18)
        #expect(listener.hear(Self.frame([8, 6], asked + padding)) == IPAddress("192.168.10.20"))
        #expect(listener.hear(Self.frame([8, 6], told)) == IPAddress("192.168.10.20"))
        #expect(listener.hear(Self.frame([8, 6], probe)) == nil)
        #expect(listener.heard.map { $0.message.has("announcement") } == [false, true, false])
        #expect(listener.heard[0].message.text("target-ip") == "192.168.10.1")
        #expect(!listener.heard[0].message.has("target-mac"))
        // Other hardware or protocols are not read, but counted.
        listener.hear(Self.frame([8, 6], [0, 6] + asked.dropFirst(2)))
        #expect(listener.counters.undecodableFrames == 1 && listener.counters.errors(.application, .unsupported) == 1)
    }

    @Test func `the sender of every frame is known, whatever it holds`() {
        var dissector = Dissector()
        func sender(_ frame: [UInt8], _ link: LinkType = .ethernet) -> FrameSender {
            dissector.dissect(frame.span.bytes, Wires.header(link: link)) { _ in }
        }
        let packet = Wires.ipv4(Wires.kiosk.address, Wires.server.address, 1, [0])
        let mac = MACAddress(0x0200_0000_0002)
        #expect(sender(Wires.ethernet(tags: [3], packet)) == FrameSender(address: Wires.kiosk.address, mac: mac))
        #expect(sender(Wires.ethernet(0x888E, [])) == FrameSender(address: nil, mac: mac))
        let cooked: [UInt8] = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0, 8, 0]
        #expect(sender(cooked + packet, .linuxCooked).mac == mac)
        let cooked2: [UInt8] = [8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0]
        #expect(sender(cooked2 + packet, .linuxCooked2).mac == mac)
        #expect(sender(packet, .raw) == FrameSender(address: Wires.kiosk.address, mac: nil))
    }

    @Test func `damaged neighbours are told as far as they go`() {
        let said = LLDP.encode(chassis: Self.switchMAC, port: "Fa0/13", name: "S2")
        let names = CDP.encode(device: "S1", port: "Gi0/1", platform: "cisco")
        for count in 0...said.count {
            let cut = Array(said.prefix(count))
            let message = try? LLDP.message(cut.span.bytes)
            #expect((message == nil) == (count < 2))
            // 22 bytes are the three blocks that every frame must have; the end's mark is not asked for.
            if let message { #expect(message.has("malformed") == !([22, 23, 26, 27, 28].contains(count)), "\(count)") }
        }
        for count in 4...names.count {
            let cut = Array(names.prefix(count))
            let message = try? CDP.message(cut.span.bytes)
            #expect(message?.integer("ttl") == 180)
        }
        // What does not begin as LLDP must is not believed.
        let message = try? LLDP.message(Array(said.dropFirst(9)).span.bytes)
        #expect(message?.has("malformed") == true && message?.has("port-id") == false)
    }
}
