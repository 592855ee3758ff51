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
                ["type=RR", "ssrc=1", "fraction-lost=3", "packets-lost=-1", "jitter=9"], ["type=BYE", "ssrc=1"],
            ])
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
