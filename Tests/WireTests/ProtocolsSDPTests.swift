import Testing

@testable import Wire

struct ProtocolsSDPTests {
    private func describe(_ text: String) -> Message? { SDP.message(Array(text.utf8).span.bytes) }

    private static let hold = """
        v=0\r\no=alice 53655765 2353687637 IN IP4 192.0.2.1\r\ns=Secret talk\r\nc=IN IP4 192.0.2.1/127\r\nt=0 0\r\na=inactive\r
        k=clear:key\r\nm=audio 49170/2 RTP/AVP 8 18\r\na=rtpmap:8 PCMA/8000\r\na=crypto:1 AES inline:k\r\na=sendonly\r
        m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n
        """

    @Test func `media, ports, codecs and each medium's direction, and nobody's name or key`() throws {
        let message = try #require(describe(Self.hold))
        #expect(
            Heard(message).fields == [
                "version=2353687637", "connection=192.0.2.1", "media=audio 49170/2 RTP/AVP 8 18", "type=audio",
                "port=49170",
                "codec=PCMA/8000", "format=8 PCMA/8000", "direction=sendonly", "endpoint=192.0.2.1:49170",
                "rtcp-endpoint=192.0.2.1:49171", "media=video 0 RTP/AVP 96", "type=video", "port=0",
                "codec=H264/90000", "format=96 H264/90000", "direction=inactive",
            ])
        #expect(SDP.summary(of: message).map(\.value) == ["audio 49170/2 RTP/AVP 8 18", "video 0 RTP/AVP 96"])
    }

    @Test func `it comes behind the SIP message that carries it, also among other parts`() throws {
        let transaction = SIP.Transaction(
            from: .init(user: "a", host: "h"), to: .init(user: "b", host: "i"), callId: "c", cseq: 1, method: "INVITE",
            via: "h:5060", branch: "z9hG4bK1")
        let parts = Array(
            "--x\r\nContent-Type: application/sdp\r\n\r\n\(Self.hold)--x\r\nContent-Type: text/plain\r\n\r\nhi\r\n--x--\r\n"
                .utf8)
        for (type, body) in [("application/sdp", Array(Self.hold.utf8)), ("multipart/mixed;boundary=x", parts)] {
            let bytes = SIP.encodeRequest(transaction, contentType: type, body: body)
            let sip = try #require(try datagram(SIPDatagramDecoder(), bytes))
            let inside = Protocols.expand(sip)
            #expect(inside.map(\.protocolName) == [.sdp], "\(type)")
            #expect(inside.first?.all("type") == ["audio", "video"], "\(type)")
        }
    }

    static let broken: [(String, String, Int)] = [
        ("empty", "", 0), ("text", "hello\r\nworld", 0), ("media-empty", "v=0\r\nm=\r\n", 0),
        ("media-short", "v=0\nm=audio\n", 1), ("port-overflow", "v=0\nm=audio 99999999999 RTP/AVP 0\n", 1),
        ("lf-only", "v=0\nm=audio 1 RTP/AVP 0", 1),
        ("endless", String(repeating: "m=audio 1\n", count: 5_000), SDP.mediaLimit),
        ("blank-lines", "\r\n\r\nv=0\r\n\r\nm=a 1\r\n", 1), ("equals-only", "=\n==\nm", 0),
    ]

    @Test(arguments: broken) func `broken descriptions give what can be read`(name: String, text: String, count: Int) {
        #expect((describe(text)?.all("media") ?? []).count == count, "\(name)")
    }

    @Test func `what is encoded decodes to the same`() throws {
        let bytes = SDP.encode(
            address: "2001:db8::1",
            media: [("audio 6000 RTP/AVP 0", "PCMU/8000"), ("application 0 RTP/AVP 107", "vnd.onvif.metadata/90000")],
            direction: "recvonly", version: 7)
        let decoded = SDP.message(bytes.span.bytes)
        let message = try #require(decoded)
        #expect(message.all("media") == ["audio 6000 RTP/AVP 0", "application 0 RTP/AVP 107"])
        #expect(message.all("codec") == ["PCMU/8000", "vnd.onvif.metadata/90000"])
        #expect(message.all("direction") == ["recvonly", "recvonly"])
        #expect(message.text("connection") == "2001:db8::1")
        #expect(message.text("version") == "7")
    }

    @Test func `announcements are descriptions behind a header`() throws {
        let sdp = Array("v=0\r\nm=video 1234/1 udp 33\r\n".utf8)
        let header: [UInt8] = [0x20, 1, 0x12, 0x34, 10, 0, 0, 1, 1, 2, 3, 4]
        let message = try #require(try datagram(SAPDecoder(), header + Array("application/sdp\u{0}".utf8) + sdp))
        #expect(message.all("media") == ["video 1234/1 udp 33"])
        let v6: [UInt8] = [0x30, 0, 0, 0] + [UInt8](repeating: 1, count: 16)
        #expect(try datagram(SAPDecoder(), v6 + sdp)?.text("type") == "video")
        #expect(try datagram(SAPDecoder(), [0x24, 0, 0, 0, 1, 2, 3, 4] + Array("v=0".utf8)) == nil)
        for broken in [
            [0x20], [0x20, 255, 0, 0, 0, 0, 0, 0], [0x40, 0, 0, 0, 0, 0, 0, 0], [0x21, 0, 0, 0, 0, 0, 0, 0] + sdp,
            header,
        ] as [[UInt8]] {
            #expect((try? datagram(SAPDecoder(), broken)) == nil)
        }
    }
}
