import Testing

@testable import Wire

struct ProtocolsRTPTests {
    @Test func `an RTP header is read, extension and padding included`() throws {
        let plain = RTP.encode(
            payloadType: 8, sequence: 65_535, timestamp: 1 << 31, ssrc: 7, marker: true, payload: [1, 2])
        let message = try #require(try datagram(RTPDecoder(), plain))
        #expect(
            Heard(message).fields == [
                "payload-type=8", "sequence=65535", "timestamp=2147483648", "ssrc=7", "marker=true", "payload-length=2",
            ])
        let full: [UInt8] = [0xB1, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xBE, 0xDE, 0, 1, 9, 9, 9, 9, 5, 0, 2]
        #expect(try #require(try datagram(RTPDecoder(), full)).integer("payload-length") == 1)
    }

    @Test func `each packet of an RTCP datagram is a message`() {
        let report = RTCP.encodeReceiverReport(ssrc: 1, about: 2, fractionLost: 3, packetsLost: 0xFF_FFFF, jitter: 9)
        var conversation = Conversation(RTCPDecoder())
        conversation.feed(report + [0x81, 203, 0, 1, 0, 0, 0, 1])
        #expect(
            conversation.heard.map(\.fields) == [
                [
                    "type=RR", "ssrc=1", "source=2", "fraction-lost=3", "packets-lost=-1", "highest-sequence=0",
                    "jitter=9", "loss=0.01171875",
                ], ["type=BYE", "ssrc=1"],
            ])
    }

    @Test func `a compound of a sender's report and a description keeps the figures and drops the name`() {
        // RFC 3550 section 6.4.1 and 6.5: one block; CNAME "amy@192.0.2.1".
        let bytes = hex(
            """
            81 c8 000c 0000002a 11111111 22222222 00000320 00000064 00003e80
            0000002b 40 000005 00010203 00000011 00000000 00000000
            81 ca 0005 0000002a 01 0d 616d79403139322e302e322e31 00
            """)
        var conversation = Conversation(RTCPDecoder())
        conversation.feed(bytes)
        #expect(
            conversation.heard.map(\.fields) == [
                [
                    "type=SR", "ssrc=42", "rtp-time=800", "packets-sent=100", "bytes-sent=16000", "source=43",
                    "fraction-lost=64", "packets-lost=5", "highest-sequence=66051", "jitter=17", "loss=0.25",
                ], ["type=SDES", "ssrc=42"],
            ])
        #expect(!"\(conversation.messages)".contains("amy"))
    }

    @Test func `VoIP metrics of an extended report say loss, delay and scores`() throws {
        let bytes = RTCP.encodeVoIPMetrics(
            ssrc: 1, about: 2, lossRate: 26, discardRate: 13, roundTrip: 180, rFactor: 77, mosListening: 38,
            mosConversational: 35, jitterBuffer: 60)
        let message = try #require(try datagram(RTCPDecoder(), bytes))
        #expect(
            Heard(message).fields == [
                "type=XR", "ssrc=1", "source=2", "loss=0.1015625", "discarded=0.05078125", "round-trip-ms=180",
                "end-system-delay-ms=0", "r-factor=77", "mos-lq=3.8", "mos-cq=3.5", "jitter-buffer-ms=60",
            ])
        // 127 is unavailable (RFC 3611 section 4.7.5).
        let silent = try #require(try datagram(RTCPDecoder(), RTCP.encodeVoIPMetrics(ssrc: 1, about: 2, lossRate: 0)))
        #expect(!silent.has("r-factor") && !silent.has("mos-lq") && !silent.has("mos-cq"))
    }

    @Test func `a statistics summary says what its flags say`() throws {
        let block = hex("06 e0 0009 00000002 00010064 00000007 00000003 00000001 00000009 00000004 00000002 00000000")
        let bytes = hex("80 cf 000b 00000001") + block
        let message = try #require(try datagram(RTCPDecoder(), bytes))
        #expect(
            Heard(message).fields == [
                "type=XR", "ssrc=1", "source=2", "packets-lost=7", "duplicates=3", "mean-jitter=4",
            ])
    }

    @Test func `of an encrypted compound only what is in clear is read`() {
        // SRTCP of a meeting program: report, 16 bytes, E flag and index (RFC 3711 section 3.4).
        let bytes = hex("80c90001 000003eb 82d0e512dcc3c29b83771c4ed842bfb6 8000000f")
        var conversation = Conversation(RTCPDecoder())
        conversation.feed(bytes)
        #expect(conversation.heard.map(\.fields) == [["type=RR", "ssrc=1003", "encrypted=true"]])
        #expect(Sniff.datagram(bytes.span.bytes) == .rtcp)
    }

    @Test func `RTCP is found where ports say nothing, and what only looks like it is not`() {
        let sender = RTCP.encodeSenderReport(ssrc: 1, rtpTime: 2, packets: 3, bytes: 4, about: 5)
        #expect(Sniff.datagram(sender.span.bytes) == .rtcp)
        #expect(Sniff.datagram(RTCP.encodeGoodbye(ssrc: 1).span.bytes) == .rtcp)
        #expect(Sniff.datagram(hex("81ce0002 00000001 00000002").span.bytes) == .rtcp)
        // SRTCP of a telephone: seven words, the index, a key identifier, ten bytes of tag.
        let sealed = hex("80c80006 000003e8 43a46c41f4d10cb0edc6251e38479e5a39a621f0 80000000 06 01e7823e0d9a87cc553f")
        #expect(Sniff.datagram(sealed.span.bytes) == nil)
        // An RTP packet of payload type 72 with its marker bit; a report whose length is not its blocks'; a cut one.
        for bytes in [hex("80c80012 00000001 00000002 0000"), hex("81c90001 00000001"), Array(sender.prefix(20))] {
            #expect(Sniff.datagram(bytes.span.bytes) == nil)
        }
    }

    @Test(arguments: [
        ("version-0", [0, 8, 0, 1]), ("torn", [0x80, 8, 0, 1, 0]),
        ("more-sources-than-bytes", [0x8F, 8] + [UInt8](repeating: 0, count: 12)),
        ("padding-longer-than-packet", [0xA0, 8] + [UInt8](repeating: 255, count: 12)),
    ]) func `what is no RTP is refused`(name: String, bytes: [UInt8]) {
        #expect((try? datagram(RTPDecoder(), bytes)) == nil, "\(name)")
        #expect((try? datagram(RTCPDecoder(), bytes)) == nil, "\(name)")
    }
}
