import Testing

@testable import Wire

/// Valid messages of the binary and discovery protocols, damaged at random from a seed: nothing traps, hangs or grows.
struct MalformedBinaryTests {
    static let streams: [(ProtocolName, [UInt8])] = [
        (
            .q931,
            Q931.encode(type: 5, callReference: 9, userUser: H225.encodeBody("setup"))
                + Q931.encode(type: 0x5A, callReference: 9, cause: 16, userUser: H225.encodeBody("status"))
        ),
        (
            .escpos,
            ESCPOS.encodeTicket(heading: "Một cửa", number: "A007", lines: ["Hộ tịch", "2 người"])
                + hex("1d763000 0100 0400 ffffffff 1b2a21 0200 ffffffffffff 1b6104 1d6b04 4100 1d284c 0200 3032")
                + hex("100404 1b2603 4142 01ffffff 00 1c7101 0100 0100 0102030405060708 1b44 0810 00 1d5600")
        ), (.pjl, PJL.encodeJob(language: "PCL") + hex("1b45")),
    ]

    static let datagrams: [(ProtocolName, [UInt8])] = [
        (
            .snmp,
            SNMP.encodeTrap(
                community: "c", trap: "1.3.6.1.6.3.1.1.5.3", uptime: 9,
                variables: [
                    .init("1.3.6.1.4.1.9.1", .octets([1, 2])), .init("1.3.6.1.4.1.9.2", .counter(tag: 6, .max)),
                ])
        ),
        (
            .snmp,
            SNMP.encodeTrapV1(
                community: "c", enterprise: "1.3.6.1.4.1.9", agent: 1, generic: 6, specific: 2, uptime: 3,
                variables: [.init("1.3.6.1", .null)])
        ),
        (.mdns, MDNS.encodeQuery("_ipp._tcp.local")),
        (
            .mdns,
            MDNS.encodeAnnouncement(
                instance: "a", service: "_ipp._tcp.local", host: "h.local", port: 1, text: ["k=v"], address: 1)
        ), (.ssdp, SSDP.encodeNotify(type: "a", name: "b", location: "c", server: "d")),
        (.ssdp, SSDP.encodeSearch(target: "ssdp:all")),
        (
            .dhcp,
            DHCP.encodeRequest(
                type: 3, transactionId: 1, mac: [1, 2, 3, 4, 5, 6], hostName: "h", vendorClass: "v", requestedAddress: 1
            )
        ),
        (
            .ntp,
            NTP.encode(
                mode: 4, stratum: 1, origin: Timestamp(seconds: 1), receive: Timestamp(seconds: 2),
                transmit: Timestamp(seconds: 3))
        ), (.stun, STUN.encode(type: 0x0101)), (.h225, hex("0c000000")),
        (.rtcp, RTCP.encodeSenderReport(ssrc: 1, rtpTime: 2, packets: 3, bytes: 4, about: 5)),
        (.rtcp, RTCP.encodeVoIPMetrics(ssrc: 1, about: 2, lossRate: 3)),
    ]

    @Test(arguments: 0..<8) func `damaged streams never trap, hang or ask for too much`(seed: UInt64) {
        var dice = MalformedTests.Dice(state: seed)
        for _ in 0..<150 {
            for (name, bytes) in Self.streams { MalformedTests.survive(name, MalformedTests.damaged(bytes, &dice)) }
        }
    }

    @Test(arguments: 0..<4) func `damaged datagrams never trap, whichever decoder they are given to`(seed: UInt64) {
        var dice = MalformedTests.Dice(state: seed &+ 2_000)
        let names = ProtocolName.allCases.filter { Protocols.datagramDecoder($0) != nil }
        #expect(names.count > 8)
        for _ in 0..<150 {
            for (_, bytes) in Self.datagrams {
                let damaged = MalformedTests.damaged(bytes, &dice)
                for name in names {
                    guard let decoder = Protocols.datagramDecoder(name) else { continue }
                    if let message = try? datagram(decoder, damaged) { MalformedTests.look(message) }
                }
                _ = Sniff.stream(damaged.span.bytes)
                _ = Sniff.datagram(damaged.span.bytes)
                _ = Sniff.printJob(damaged.span.bytes)
            }
        }
    }

    @Test func `valid messages decode, and make no fields that their protocols do not name`() {
        for (name, bytes) in Self.streams + Self.datagrams {
            var messages: [Message] = []
            if let decoder = Protocols.streamDecoder(name) {
                var conversation = Erased(decoder)
                messages = conversation.feed(bytes)
            } else if let decoder = Protocols.datagramDecoder(name), let message = try? datagram(decoder, bytes) {
                messages = [message]
            }
            #expect(!messages.isEmpty, "\(name)")
            for message in messages.flatMap({ [$0] + Protocols.expand($0) }) {
                let known = Protocols.fields(of: message.protocolName).map(\.rawValue)
                for (field, _) in message.fields {
                    let found = known.contains {
                        $0 == field.rawValue || $0.hasSuffix(".*") && field.rawValue.hasPrefix($0.dropLast())
                    }
                    #expect(found, "\(message.protocolName).\(field)")
                }
                #expect(!Protocols.summary(of: message).isEmpty || message.has("ras"), "\(message.protocolName)")
            }
        }
    }

    private struct Erased {
        var decoder: any ProtocolDecoder

        init(_ decoder: any ProtocolDecoder) {
            self.decoder = decoder
        }

        mutating func feed(_ bytes: [UInt8]) -> [Message] {
            var messages: [Message] = []
            var rest = bytes
            while !rest.isEmpty, let step = try? decoder.decode(rest.span.bytes, at: Timestamp(nanoseconds: 0)) {
                switch step {
                case .message(let message, let consumed):
                    messages.append(message)
                    rest.removeFirst(consumed)
                case .skip(let count): rest.removeFirst(count)
                case .needMore: return messages
                }
            }
            return messages
        }
    }
}
