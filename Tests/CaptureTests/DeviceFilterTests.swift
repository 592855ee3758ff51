import Capture
import Foundation
import Testing
import Wire

/// Filters as the site file asks for them, run by libpcap over made frames and over the shared captures.
struct DeviceFilterTests {
    static let kiosk = "192.0.2.77"
    static let other = "192.0.2.78"
    static let server = "198.51.100.1"
    static let mac = MACAddress(0x0200_0000_0042)

    private func accepts(
        _ filter: CaptureFilter, _ frame: [UInt8], link: LinkType = .ethernet
    ) throws -> Bool {
        try Compiled(filter.expression(link: link), link: link).accepts(frame)
    }

    private func device(_ text: String, _ ports: [UInt16] = []) throws -> CaptureFilter.Device {
        CaptureFilter.Device(try #require(IPAddress(text)), ports: ports)
    }

    @Test(arguments: [[], [7], [7, 8]] as [[UInt16]])
    func `only the declared ports of a device pass, and its later fragments`(tags: [UInt16]) throws {
        let filter = CaptureFilter(devices: [try device(Self.kiosk, [514, 5_060])])
        func passes(_ packet: [UInt8]) throws -> Bool {
            try accepts(filter, Frames.ethernet(0x0800, tags: tags, packet))
        }
        #expect(try passes(Frames.ipv4(Self.kiosk, Self.server, Frames.udp(40_000, 514, "x"))))
        #expect(try passes(Frames.ipv4(Self.server, Self.kiosk, Frames.udp(5_060, 40_000, "x"))))
        #expect(try !passes(Frames.ipv4(Self.kiosk, Self.server, Frames.udp(40_000, 443, "x"))))
        #expect(try !passes(Frames.ipv4(Self.other, Self.server, Frames.udp(40_000, 514, "x"))))
        let piece = [UInt8](repeating: 1, count: 64)
        #expect(try passes(Frames.ipv4(Self.kiosk, Self.server, flags: 185, piece)))
        #expect(try !passes(Frames.ipv4(Self.other, Self.server, flags: 185, piece)))
    }

    @Test(arguments: [[], [7], [7, 8]] as [[UInt16]])
    func `the same for IPv6, where fragments have a header of their own`(tags: [UInt16]) throws {
        let filter = CaptureFilter(devices: [try device("2001:db8::5", [514])])
        func passes(_ packet: [UInt8]) throws -> Bool {
            try accepts(filter, Frames.ethernet(0x86DD, tags: tags, packet))
        }
        let whole = Frames.ipv6("2001:db8::5", "2001:db8::1", Frames.udp(40_000, 514, "x"))
        #expect(try passes(whole))
        #expect(try !passes(Frames.ipv6("2001:db8::5", "2001:db8::1", Frames.udp(40_000, 443, "x"))))
        #expect(try !passes(Frames.ipv6("2001:db8::6", "2001:db8::1", Frames.udp(40_000, 514, "x"))))
        var piece = Frames.ipv6(
            "2001:db8::5", "2001:db8::1", [17, 0, 0, 8, 0, 0, 0, 1] + [UInt8](repeating: 1, count: 24))
        piece[6] = 44
        #expect(try passes(piece))
    }

    @Test(arguments: [[], [7], [7, 8]] as [[UInt16]])
    func `echoes of a device and errors to it pass, whatever its ports, and a stranger's do not`(
        tags: [UInt16]
    ) throws {
        let filter = CaptureFilter(devices: [try device(Self.kiosk, [514]), try device("2001:db8::5", [514])])
        func passes(_ type: UInt16, _ packet: [UInt8]) throws -> Bool {
            try accepts(filter, Frames.ethernet(type, tags: tags, packet))
        }
        func four(_ source: String, _ target: String, _ message: [UInt8]) -> [UInt8] {
            Frames.ipv4(source, target, protocolNumber: 1, message)
        }
        func six(_ source: String, _ target: String) -> [UInt8] {
            let echo = ICMP.encodeEcho(isReply: true, identifier: 1, sequence: 1, isV6: true)
            return Frames.ipv6(source, target, next: 58, echo)
        }
        let echo = ICMP.encodeEcho(isReply: false, identifier: 1, sequence: 1)
        let error = ICMP.encodeUnreachable(
            code: 3, quoted: Frames.ipv4(Self.kiosk, Self.server, Frames.udp(514, 514, "x")))
        #expect(try passes(0x0800, four(Self.server, Self.kiosk, echo)))
        #expect(try passes(0x0800, four(Self.kiosk, Self.server, echo)))
        #expect(try passes(0x0800, four("192.0.2.254", Self.kiosk, error)))
        #expect(try !passes(0x0800, four(Self.server, Self.other, echo)))
        #expect(try passes(0x86DD, six("2001:db8::5", "2001:db8::1")))
        #expect(try !passes(0x86DD, six("2001:db8::6", "2001:db8::1")))
    }

    @Test(arguments: [[], [7], [7, 8]] as [[UInt16]])
    func `media of a device passes where it is wanted, and only then`(tags: [UInt16]) throws {
        for (isWanted, address) in [(true, Self.kiosk), (false, Self.kiosk), (true, "2001:db8::5")] {
            var wanted = try device(address, [5_060])
            wanted.hasMedia = isWanted
            let filter = CaptureFilter(devices: [wanted])
            let isSix = address.contains(":")
            func passes(_ source: UInt16, _ target: UInt16, isOurs: Bool = true, isTCP: Bool = false) throws -> Bool {
                let payload = Frames.udp(source, target, "0123456789012345")
                let number: UInt8 = isTCP ? 6 : 17
                let packet =
                    isSix
                    ? Frames.ipv6(isOurs ? address : "2001:db8::7", "2001:db8::1", next: number, payload)
                    : Frames.ipv4(isOurs ? address : Self.other, Self.server, protocolNumber: number, payload)
                return try accepts(filter, Frames.ethernet(isSix ? 0x86DD : 0x0800, tags: tags, packet))
            }
            #expect(try passes(40_000, 5_060))
            #expect(try passes(18_150, 63_184) == isWanted)
            #expect(try passes(1_025, 1_024) == isWanted)
            #expect(try !passes(40_000, 53) && !passes(123, 40_000))
            #expect(try !passes(18_150, 63_184, isOurs: false) && !passes(18_150, 63_184, isTCP: true))
        }
    }

    /// A call between a phone and its exchange: of it nothing may be lost between the kernel and the dissector.
    @Test(.enabled(if: SharedCaptures.isPresent, SharedCaptures.absent))
    func `of a recorded call all media passes with the port of its signalling alone`() throws {
        let path = SharedCaptures.folder.appendingPathComponent(
            "markofu+pcaps/HoneyNet__0410__Forensic_challenge_4.pcap"
        ).path
        for (hasMedia, expected) in [(true, 1_302 + 1_811), (false, 0)] {
            var phone = try device("172.25.105.40", [5_060])
            phone.hasMedia = hasMedia
            let filter = try Compiled(CaptureFilter(devices: [phone]).expression(), link: .ethernet)
            var dissector = Dissector()
            var media = 0
            var file = try CaptureFile(path: path)
            while try file.next({ header, bytes in
                guard filter.accepts(bytes) else { return }
                dissector.dissect(bytes, header) { heard in
                    if heard.message.protocolName == .rtp, heard.message.has(RTP.Field.sequence) { media += 1 }
                }
            }) {}
            // What tshark 4.0 counts of its two streams.
            #expect(media == expected)
        }
    }

    @Test func `a device known by its hardware address passes, whatever it says`() throws {
        let filter = CaptureFilter(devices: [CaptureFilter.Device(Self.mac)])
        let peer: [UInt8] = [2, 0, 0, 0, 0, 9]
        let packet = Frames.ipv4(Self.kiosk, Self.server, Frames.udp(1, 2, "x"))
        for header in [[8, 0], [0x81, 0, 0, 7, 8, 0], [0x88, 0xA8, 0, 9, 0x81, 0, 0, 7, 8, 0]] as [[UInt8]] {
            #expect(try accepts(filter, peer + Self.mac.bytes + header + packet))
            #expect(try accepts(filter, Self.mac.bytes + peer + header + packet))
            #expect(try !accepts(filter, peer + peer + header + packet))
        }
        #expect(try accepts(filter, peer + Self.mac.bytes + [0x88, 0x8E, 1, 0]))
        let cooked: [UInt8] = [0, 0, 0, 1, 0, 6] + Self.mac.bytes + [0, 0, 8, 0] + packet
        #expect(try accepts(filter, cooked, link: .linuxCooked))
        #expect(try !accepts(filter, Frames.cooked(0x0800, packet), link: .linuxCooked))
        let cooked2: [UInt8] = [8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6] + Self.mac.bytes + [0, 0] + packet
        #expect(try accepts(filter, cooked2, link: .linuxCooked2))
        #expect(try !accepts(filter, Frames.cooked2(0x0800, packet), link: .linuxCooked2))
    }

    @Test func `a declared address passes in ARP too, and a stranger's does not`() throws {
        let filter = CaptureFilter(devices: [try device(Self.kiosk, [514])])
        for (address, isOurs) in [(Self.kiosk, true), (Self.other, false)] {
            guard let sender = IPAddress(address) else { continue }
            let packet = ARP.encode(
                isReply: false, sender: (Self.mac, UInt32(truncatingIfNeeded: sender.low)),
                target: (MACAddress(0), 0xC000_0201))
            #expect(try accepts(filter, Frames.ethernet(0x0806, packet)) == isOurs)
            #expect(try accepts(filter, Frames.ethernet(0x0806, tags: [7], packet)) == isOurs)
        }
    }

    @Test(arguments: CaptureFilter.discoveryPorts)
    func `discovery passes when it is wanted, and only then`(port: UInt16) throws {
        var filter = CaptureFilter(devices: [try device(Self.kiosk)])
        for (type, packet) in [
            (UInt16(0x0800), Frames.ipv4(Self.other, "239.255.255.250", Frames.udp(40_000, port, "x"))),
            (0x0800, Frames.ipv4(Self.other, Self.server, Frames.udp(port, 40_000, "x"))),
            (0x86DD, Frames.ipv6("2001:db8::6", "ff02::c", Frames.udp(40_000, port, "x"))),
        ] {
            for tags in [[], [7]] as [[UInt16]] {
                filter.hasDiscovery = true
                #expect(try accepts(filter, Frames.ethernet(type, tags: tags, packet)))
                filter.hasDiscovery = false
                #expect(try !accepts(filter, Frames.ethernet(type, tags: tags, packet)))
            }
        }
    }

    @Test func `neighbours pass when discovery is wanted, and only then`() throws {
        var filter = CaptureFilter(devices: [try device(Self.kiosk)])
        let lldp = Frames.ethernet(0x88CC, LLDP.encode(chassis: Self.mac, port: "1"))
        let said = CDP.encode(device: "S1", port: "1", platform: "x")
        let snap: [UInt8] = [0, UInt8(said.count + 8), 0xAA, 0xAA, 3, 0, 0, 12, 0x20, 0]
        let cdp = [1, 0, 0x0C, 0xCC, 0xCC, 0xCC] + Self.mac.bytes + snap + said
        for frame in [lldp, cdp] {
            filter.hasDiscovery = true
            #expect(try accepts(filter, frame))
            filter.hasDiscovery = false
            #expect(try !accepts(filter, frame))
            // No devices: everything that we read.
            #expect(try accepts(CaptureFilter(devices: []), frame))
        }
    }

    @Test(arguments: [LinkType.linuxCooked, .linuxCooked2, .raw, .ipv4, .ipv6, .null, .loopback, .ppp])
    func `every wish compiles on every link type, as far as it can be told there`(link: LinkType) throws {
        let filter = CaptureFilter(
            devices: [try device(Self.kiosk, [514]), try device("2001:db8::5"), CaptureFilter.Device(Self.mac)],
            hasDiscovery: true)
        let compiled = try Compiled(filter.expression(link: link), link: link)
        #expect((1...CaptureFilter.instructionLimit).contains(compiled.length))
    }

    @Test func `more lists of ports than can be told apart let the devices pass whole`() throws {
        let devices = (0..<20).map {
            CaptureFilter.Device(IPAddress(v4: 0x0A00_0000 + UInt32($0)), ports: [UInt16(1_000 + $0)])
        }
        for count in [16, 17] {
            let filter = CaptureFilter(devices: Array(devices.prefix(count)))
            let packet = Frames.ipv4("10.0.0.7", Self.server, Frames.udp(1_000, 9, "x"))
            #expect(try accepts(filter, Frames.ethernet(0x0800, packet)) == (count > 16))
            let declared = Frames.ipv4("10.0.0.7", Self.server, Frames.udp(1_007, 9, "x"))
            #expect(try accepts(filter, Frames.ethernet(0x0800, tags: [3], declared)))
        }
    }

    @Test func `two hundred devices with their ports fit the kernel, tagged arms included`() throws {
        let devices = (0..<CaptureFilter.deviceLimit).map {
            CaptureFilter.Device(
                IPAddress(v4: 0x0A00_0000 + UInt32($0)), ports: [514, 1_883, 5_060], hasMedia: $0 % 2 == 0)
        }
        let filter = CaptureFilter(devices: devices, hasDiscovery: true)
        let packet = Frames.ipv4("10.0.0.7", Self.server, Frames.udp(514, 514, "x"))
        #expect(try accepts(filter, Frames.ethernet(0x0800, tags: [9], packet)))
        let compiled = try Compiled(filter.expression(), link: .ethernet)
        #expect(compiled.length <= CaptureFilter.instructionLimit, "\(compiled.length)")
    }

    /// The views are the judge: the first sender of a capture is declared, and of all frames whose addresses the filter
    /// can see (no tunnels, no PPPoE, two tags at most) exactly its own pass.
    @Test(.enabled(if: SharedCaptures.isPresent, SharedCaptures.absent))
    func `of every real capture exactly the declared device's frames pass`() throws {
        var judged = 0
        for entry in SharedCaptures.entries {
            var device: IPAddress?
            var filter: Compiled?
            do {
                var file = try CaptureFile(path: entry.file)
                while try file.next({ header, bytes in
                    guard header.link == .ethernet, let (source, target) = Self.ends(copy bytes) else { return }
                    if device == nil {
                        device = source
                        let wanted = CaptureFilter(devices: [CaptureFilter.Device(source)])
                        filter = try? Compiled(wanted.expression(), link: .ethernet)
                    }
                    judged += 1
                    let isOurs = source == device || target == device
                    #expect(filter?.accepts(bytes) == isOurs, "\(entry.path) frame \(header.number)")
                }) {}
            } catch is ParseError {
                // Damaged: its frames before the damage were judged.
            }
        }
        #expect(judged > 10_000)
    }

    private static func ends(_ bytes: RawSpan) -> (IPAddress, IPAddress)? {
        do throws(ParseError) {
            let link = try LinkView(bytes, link: .ethernet)
            let isBare = link.payload.byteCount == bytes.byteCount - 14 - 4 * link.tagCount
            guard isBare, link.tagCount <= 2, link.content == .ipv4 || link.content == .ipv6 else { return nil }
            let packet = link.content == .ipv4 ? try IPView(v4: link.payload) : try IPView(v6: link.payload)
            return (packet.source, packet.target)
        } catch {
            return nil
        }
    }
}
