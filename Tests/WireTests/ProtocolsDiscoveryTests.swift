import Testing

@testable import Wire

struct ProtocolsDiscoveryTests {
    // MARK: mDNS

    @Test func `an announcement gives service, instance, host, port, address and text`() throws {
        let bytes = MDNS.encodeAnnouncement(
            instance: "Front desk 1.5", service: "_ipp._tcp.local", host: "printer.local", port: 631,
            text: ["Note=Quầy 1", "flag", "=bad"], address: 0xC000_0205)
        let message = try #require(try datagram(MDNSDecoder(), bytes))
        #expect(
            Heard(message).fields == [
                "type=response", "questions=0", "records=4", "service=_ipp._tcp.local",
                "instance=Front desk 1.5._ipp._tcp.local", "host=printer.local", "port=631", "txt.note=Quầy 1",
                "txt.flag=", "address-name=printer.local", "address=192.0.2.5", "goodbye=false",
            ])
        let left = MDNS.encodeAnnouncement(
            instance: "a", service: "_ipp._tcp.local", host: "b.local", port: 1, lifetime: 0)
        #expect(try datagram(MDNSDecoder(), left)?.text("goodbye") == "true")
    }

    @Test func `a question and a compressed answer are read from their bytes`() throws {
        // RFC 1035 section 4.1.4: the answer's owner points to the question's name, its data to the name's end.
        let bytes = hex(
            """
            0000 0000 0001 0001 0000 0000 08 5f7365727669636573 07 5f646e732d7364 04 5f756470 05 6c6f63616c 00 000c 0001
            """)
        // "services" with its underscore has nine letters: the length byte says eight, so what follows is torn.
        #expect(try datagram(MDNSDecoder(), bytes)?.has("malformed") == true)
        let query = MDNS.encodeQuery("_ipp._tcp.local")
        #expect(
            Heard(try #require(try datagram(MDNSDecoder(), query))).fields == [
                "type=query", "questions=1", "records=0", "question=_ipp._tcp.local", "question-type=PTR",
            ])
        let answer = hex(
            """
            0000 8400 0000 0002 0000 0000
            04 5f697070 04 5f746370 05 6c6f63616c 00 000c 0001 00000078 0004 01 61 c00c
            c027 001c 8001 00000078 0010 fe80000000000000 0000000000000001
            """)
        #expect(
            Heard(try #require(try datagram(MDNSDecoder(), answer))).fields == [
                "type=response", "questions=0", "records=2", "service=_ipp._tcp.local", "instance=a._ipp._tcp.local",
                "address-name=a._ipp._tcp.local", "address=fe80::1", "goodbye=false",
            ])
    }

    /// Each is named for its fault.
    static let brokenNames: [(String, [UInt8])] = [
        ("pointer-to-itself", hex("c000")), ("pointer-forward", hex("c004 0000 0161 00")),
        ("pointer-cut", hex("c0")), ("two-pointers-at-each-other", hex("c002 c000")), ("label-of-64", hex("40")),
        ("label-longer-than-bytes", hex("05 6162")), ("no-end", hex("01 61")), ("empty", []),
        ("too-long", (0..<6).flatMap { _ in [50] + [UInt8](repeating: 97, count: 50) } + [0]),
    ]

    @Test(arguments: brokenNames) func `a broken name is refused`(name: String, bytes: [UInt8]) {
        var reader = ByteReader(from: 0, to: bytes.count)
        #expect(throws: ParseError.self, "\(name)") { try DNSName.read(bytes.span.bytes, &reader) }
    }

    @Test func `a name that points back through many names ends at the bound`() {
        // Each name is one letter and a pointer to the name before it.
        var bytes: [UInt8] = [0]
        var last = 0
        for _ in 0..<400 {
            let start = bytes.count
            bytes += [1, 97, 0xC0 | UInt8(last >> 8), UInt8(last & 255)]
            last = start
        }
        var reader = ByteReader(from: last, to: bytes.count)
        #expect(throws: ParseError.self) { try DNSName.read(bytes.span.bytes, &reader) }
        var short = ByteReader(from: 1 + 4 * 99, to: bytes.count)
        #expect((try? DNSName.read(bytes.span.bytes, &short))?.count == 199)
    }

    @Test func `counts beyond the bytes are told as malformed`() throws {
        let message = try #require(try datagram(MDNSDecoder(), hex("0000 8400 ffff ffff ffff ffff")))
        #expect(message.text("type") == "response")
        #expect(message.has("malformed"))
        #expect((try? datagram(MDNSDecoder(), hex("0000 8400 0000 0000 0000"))) == nil)
    }

    // MARK: SSDP

    @Test func `announcements, searches and answers are read, names in any case`() throws {
        let alive = SSDP.encodeNotify(
            type: "upnp:rootdevice", name: "uuid:1::upnp:rootdevice", location: "http://192.0.2.7/d.xml",
            server: "OS/1 UPnP/1.1 Cam/2")
        #expect(
            Heard(try #require(try datagram(SSDPDecoder(), alive))).fields == [
                "method=NOTIFY", "nt=upnp:rootdevice", "usn=uuid:1::upnp:rootdevice", "max-age=1800",
                "location=http://192.0.2.7/d.xml", "nts=ssdp:alive", "server=OS/1 UPnP/1.1 Cam/2",
            ])
        let answer = "HTTP/1.1 200 OK\nst:ssdp:all\nCache-Control: MAX-AGE = 60\nlocation: x\n\n"
        #expect(
            Heard(try #require(try datagram(SSDPDecoder(), Array(answer.utf8)))).fields == [
                "status=200", "st=ssdp:all", "max-age=60", "location=x",
            ])
        let search = try #require(try datagram(SSDPDecoder(), SSDP.encodeSearch(target: "ssdp:all")))
        #expect(SSDP.summary(of: search).map(\.value) == ["M-SEARCH"])
        #expect(search.text("st") == "ssdp:all")
    }

    @Test(arguments: [
        "", "NOTIFY", "SUBSCRIBE * HTTP/2.0\r\n", " * HTTP/1.1\r\n", "HTTP/1.1 2x0 OK\r\n", "HTTP/1.1\r\n",
    ])
    func `what is no start line is refused`(text: String) {
        #expect((try? datagram(SSDPDecoder(), Array(text.utf8))) == nil)
    }

    // MARK: DHCP

    @Test func `a request says which device asks, and an overloaded answer is read to its end`() throws {
        let bytes = DHCP.encodeRequest(
            type: 3, transactionId: 0xCAFE, mac: [0, 0x1B, 0x54, 1, 2, 3], hostName: "cam-1",
            vendorClass: "dhcpcd-5.5.6", requestedAddress: 0xC0A8_0A1F)
        #expect(
            Heard(try #require(try datagram(DHCPDecoder(), bytes))).fields == [
                "message-type=3", "message=REQUEST", "reply=false", "transaction-id=0000cafe",
                "client-mac=00:1b:54:01:02:03", "requested-address=192.168.10.31", "host-name=cam-1",
                "vendor-class=dhcpcd-5.5.6",
            ])
        var reply = [UInt8](repeating: 0, count: 240)
        reply.replaceSubrange(0..<4, with: [2, 1, 6, 0])
        reply.replaceSubrange(16..<20, with: [192, 168, 10, 31])
        // The server name holds options, and the file the message's type.
        reply.replaceSubrange(44..<50, with: [42, 4, 192, 168, 10, 1])
        reply.replaceSubrange(108..<112, with: [53, 1, 5, 255])
        reply.replaceSubrange(236..<240, with: [0x63, 0x82, 0x53, 0x63])
        reply += [52, 1, 3, 0, 51, 4, 0, 0, 0x0E, 0x10, 81, 8, 4, 0, 0, 3, 112, 99, 49, 0]
        #expect(
            Heard(try #require(try datagram(DHCPDecoder(), reply))).fields == [
                "message-type=5", "message=ACK", "reply=true", "transaction-id=00000000",
                "client-mac=00:00:00:00:00:00", "your-address=192.168.10.31", "lease-time=3600", "fqdn=pc1",
                "time-server=192.168.10.1",
            ])
    }

    @Test func `broken DHCP is refused, or says that it is broken`() throws {
        let whole = DHCP.encodeRequest(type: 1, transactionId: 1, mac: [1, 2, 3, 4, 5, 6], hostName: "a")
        #expect((try? datagram(DHCPDecoder(), Array(whole.prefix(239)))) == nil)
        var other = whole
        other[236] = 0
        #expect((try? datagram(DHCPDecoder(), other)) == nil)
        other = whole
        other[0] = 3
        #expect(try datagram(DHCPDecoder(), other)?.has("malformed") == true)
        let torn = try #require(try datagram(DHCPDecoder(), whole.dropLast() + [60, 200, 97]))
        #expect(torn.text("message-type") == "1")
        #expect(torn.has("malformed"))
        #expect(!torn.has("vendor-class"))
        // A host name with control characters is no name.
        let odd = try #require(try datagram(DHCPDecoder(), Array(whole.dropLast(2)) + [7, 255]))
        #expect(!odd.has("host-name"))
    }

    // MARK: NTP

    private func ntp(_ bytes: [UInt8], at milliseconds: Int64) throws -> Message? {
        var decoder = NTPDecoder()
        let time = Timestamp(milliseconds: milliseconds)
        guard case .message(let message, _) = try decoder.decode(bytes.span.bytes, at: time) else { return nil }
        return message
    }

    @Test func `a server's answer says whom it follows and how far the clocks are apart`() throws {
        let base: Int64 = 1_794_000_000_000
        // Asked at 0, received 500 ms later by a clock that is 400 ms ahead, answered after 10 ms, here at 210.
        let answer = NTP.encode(
            mode: 4, stratum: 2, referenceId: 0xC0A8_0A01, origin: Timestamp(milliseconds: base),
            receive: Timestamp(milliseconds: base + 500), transmit: Timestamp(milliseconds: base + 510))
        let message = try #require(try ntp(answer, at: base + 210))
        #expect(message.text("mode") == "server")
        #expect(message.integer("stratum") == 2)
        #expect(message.text("reference-id") == "192.168.10.1")
        #expect(message.text("unsynchronised") == "false")
        #expect(message.text("transmit-time") == Timestamp(milliseconds: base + 510).rfc3339.prefix(23) + "000000Z")
        func near(_ name: FieldName, _ value: Double) -> Bool {
            guard case .decimal(let given) = message[name] else { return false }
            return abs(given - value) < 0.001
        }
        #expect(near("offset-ms", 400))
        #expect(near("server-delay-ms", 10))
        #expect(near("clock-difference-ms", 300))
    }

    @Test func `clocks of its own, refusals, clients and other modes`() throws {
        let time = Timestamp(seconds: 1_794_000_000)
        func text(_ bytes: [UInt8], _ name: FieldName) throws -> String? {
            try ntp(bytes, at: time.milliseconds)?.text(name)
        }
        #expect(
            try text(NTP.encode(mode: 4, stratum: 1, referenceId: 0x4750_5300, transmit: time), "reference-id") == "GPS"
        )
        let refusal = NTP.encode(mode: 4, stratum: 0, referenceId: 0x5241_5445, transmit: time)
        #expect(try text(refusal, "reference-id") == "RATE")
        #expect(try text(refusal, "unsynchronised") == "true")
        // A client that sends a random number for its time says nothing of its clock.
        let client = NTP.encode(mode: 3, transmit: Timestamp(seconds: 1_000))
        #expect(try text(client, "mode") == "client")
        #expect(try text(client, "clock-difference-ms") == nil)
        #expect(try text([0x16, 1, 0, 0], "mode") == "control")
        #expect((try? ntp(Array(client.prefix(47)), at: 0)) == nil)
        #expect((try? ntp([0x38] + client.dropFirst(), at: 0)) == nil)
    }

    @Test func `an era is the one that is nearest, and no time traps`() {
        // 2036-02-07T06:28:16Z is the second era's zero.
        let late = Timestamp(seconds: 2_085_978_500)
        #expect(NTP.timestamp(4 << 32, near: late) == Timestamp(seconds: 2_085_978_500))
        #expect(NTP.timestamp(0, near: late) == nil)
        for time in [Int64.min, -1, 0, .max] {
            for raw in [UInt64(1), 1 << 32, 1 << 63, .max] {
                _ = NTP.timestamp(raw, near: Timestamp(nanoseconds: time))
                let bytes = [0x24, 2, 6, 0xEC] + [UInt8](repeating: 0xFF, count: 44)
                var decoder = NTPDecoder()
                _ = try? decoder.decode(bytes.span.bytes, at: Timestamp(nanoseconds: time))
            }
        }
    }

    // MARK: STUN

    @Test func `a binding request is named, and what has no cookie is none`() throws {
        // RFC 5769 section 2.1, its head and one attribute.
        let bytes = hex("0001 0008 2112a442 b7e7a701bc34d686fa87dfae 8022 0004 74657374")
        #expect(
            Heard(try #require(try datagram(STUNDecoder(), bytes))).fields == [
                "type=0x0001", "method=binding", "class=request",
            ])
        #expect(Sniff.datagram(bytes.span.bytes) == .stun)
        for (type, method, kind) in [
            (0x0101, "binding", "success"), (0x0113, "allocate", "error"), (0x0016, "send", "indication"),
            (0x0009, "channel-bind", "request"), (0x0080, "64", "request"),
        ] {
            let message = try #require(try datagram(STUNDecoder(), STUN.encode(type: UInt16(type))))
            #expect(message.text("method") == method)
            #expect(message.text("class") == kind)
        }
        for (index, value) in [(4, 0x22), (0, 0x40), (0, 0x08), (3, 0x0C)] {
            var other = bytes
            other[index] = UInt8(value)
            #expect((try? datagram(STUNDecoder(), other)) == nil)
            #expect(Sniff.datagram(other.span.bytes) == nil)
        }
    }
}
