import Testing

@testable import Wire

struct ProtocolsRTSPTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static let describe = RTSP.encodeRequest(
        method: "DESCRIBE", target: "rtsp://admin:pass@10.0.0.9:554/live?a=1", cseq: 2,
        headers: [
            ("Accept", "application/sdp"), ("Authorization", "Digest username=\"a\", response=\"r\""),
            ("User-Agent", "NVR"),
        ])
    private static let answer = RTSP.encodeResponse(
        status: 200, cseq: 2, headers: [("Content-Type", "Application/SDP; x=1"), ("Server", "Cam/1")],
        body: SDP.encode(address: "10.0.0.9", media: [("video 0 RTP/AVP 96", "H264/90000")]))

    @Test func `requests and responses are told apart, credentials stay behind`() {
        let setup = RTSP.encodeRequest(
            method: "SETUP", target: "*", cseq: 3,
            headers: [("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1"), ("Session", "abc;timeout=60")])
        let messages = DecoderVerifier.verify(RTSPDecoder.init, [Self.describe, Self.answer, setup], count: 3)
        #expect(
            messages.map { Heard($0).fields } == [
                ["method=DESCRIBE", "target=rtsp://10.0.0.9:554/live?a=1", "cseq=2", "user-agent=NVR"],
                [
                    "status=200", "reason=OK", "cseq=2", "content-type=application/sdp", "user-agent=Cam/1",
                    "bodyLength=\(messages[1].body.count)",
                ],
                ["method=SETUP", "target=*", "cseq=3", "transport=RTP/AVP/TCP;unicast;interleaved=0-1", "session=abc"],
            ])
        #expect(messages.flatMap { Protocols.expand($0) }.map { $0.all("media") } == [["video 0 RTP/AVP 96"]])
        #expect(messages.flatMap { RTSP.summary(of: $0).map(\.value) } == ["DESCRIBE", "200", "SETUP"])
    }

    @Test func `a response knows the request with its number`() {
        var client = Conversation(RTSPDecoder())
        client.feed(Self.describe + RTSP.encodeRequest(method: "OPTIONS", target: "*", cseq: 3))
        var server = Conversation(RTSPDecoder())
        for message in client.messages { server.decoder.heard(message) }
        server.feed(
            RTSP.encodeResponse(status: 200, cseq: 3)
                + RTSP.encodeResponse(status: 401, reason: "Unauthorized", cseq: 2))
        server.feed(RTSP.encodeResponse(status: 200, cseq: 9))
        #expect(server.messages.map { $0.text("requestMethod") } == ["OPTIONS", "DESCRIBE", nil])
        #expect(server.messages[1].text("requestTarget") == "rtsp://10.0.0.9:554/live?a=1")
    }

    @Test func `interleaved media is stepped over byte by byte, and reports in it are handed on`() {
        let rtp: [UInt8] = [0x80, 96, 0, 1] + [UInt8](repeating: 36, count: 1_200)
        // A receiver report with one block, then a goodbye (RFC 3550 sections 6.4.2 and 6.6).
        let reports: [UInt8] = [0x81, 201, 0, 7] + [UInt8](repeating: 1, count: 28) + [0x81, 203, 0, 1, 0, 0, 0, 7]
        let inputs = [
            RTSP.encodeInterleaved(channel: 0, rtp), RTSP.encodeInterleaved(channel: 1, reports),
            RTSP.encodeInterleaved(channel: 0, []),
            RTSP.encodeInterleaved(channel: 1, [9]), RTSP.encodeResponse(status: 200, cseq: 4),
            RTSP.encodeInterleaved(channel: 0, rtp),
        ]
        var whole = Conversation(RTSPDecoder())
        whole.feed(inputs.joined())
        DecoderVerifier.verify(RTSPDecoder.init, inputs, whole.heard)
        #expect(whole.messages.filter { $0.protocolName == .rtcp }.count >= 1)
        #expect(whole.messages.last?.integer("status") == 200)
        #expect(whole.buffer.isEmpty)
    }

    /// Found by fuzzing: an empty frame after the beginning of a document borrowed the marker from what came behind it.
    @Test func `an empty interleaved frame ends no document`() {
        let bytes: [UInt8] = [
            0x24, 0x00, 0x00, 0x14, 0x88, 0x61, 0x96, 0xD9, 0x9E, 0xE4, 0x61, 0x61, 0x61, 0x61, 0x96, 0x61, 0x3C, 0x3F,
            0x78, 0x6D, 0x6C, 0x88, 0x61, 0x61, 0x24, 0x00, 0x00, 0x00, 0x00, 0xEF,
        ]
        DecoderVerifier.verify(RTSPDecoder.init, [bytes], count: 0)
    }

    @Test func `media holds nothing while it passes`() {
        var conversation = Conversation(RTSPDecoder())
        let frame = RTSP.encodeInterleaved(channel: 0, [0x80, 96] + [UInt8](repeating: 7, count: 60_000))
        for _ in 0..<5 {
            for start in stride(from: 0, to: frame.count, by: 1_460) {
                conversation.feed(frame[start..<min(start + 1_460, frame.count)])
                #expect(conversation.buffer.count < 64)
            }
        }
        #expect(conversation.error == nil)
    }

    @Test func `a metadata document in one packet or several gives its notifications`() {
        let document = bytes(
            "<?xml version=\"1.0\"?><tt:MetadataStream xmlns:tt=\"u\"><tt:Event><wsnt:NotificationMessage><wsnt:Topic>tns1:A/B</wsnt:Topic>"
                + "<wsnt:Message><tt:Message UtcTime=\"t\" PropertyOperation=\"Changed\"><tt:Data><tt:SimpleItem Name=\"State\" Value=\"1\"/>"
                + "</tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage></tt:Event></tt:MetadataStream>")
        func packet(_ piece: ArraySlice<UInt8>, isLast: Bool) -> [UInt8] {
            RTSP.encodeInterleaved(channel: 0, [0x80, isLast ? 0xE2 : 0x62] + [UInt8](repeating: 0, count: 10) + piece)
        }
        let video = RTSP.encodeInterleaved(channel: 2, [0x80, 96] + [UInt8](repeating: 1, count: 50))
        let whole = DecoderVerifier.verify(RTSPDecoder.init, [packet(document[...], isLast: true)], count: 1)
        let pieces = DecoderVerifier.verify(
            RTSPDecoder.init,
            [
                packet(document[..<100], isLast: false), video, packet(document[100..<150], isLast: false),
                packet(document[150...], isLast: true),
            ],
            count: 1)
        for message in [whole[0], pieces[0]] {
            let inside = Protocols.expand(message)
            #expect(
                inside.map { Heard($0).fields } == [
                    ["topic=tns1:A/B", "utcTime=t", "operation=Changed", "data.State=1"]
                ])
        }
        // Without its end it is stepped over.
        let torn = packet(document[..<100], isLast: false) + RTSP.encodeResponse(status: 200, cseq: 1)
        #expect(DecoderVerifier.verify(RTSPDecoder.init, [torn], count: 1)[0].integer("status") == 200)
    }

    static let broken: [(String, String)] = [
        ("http", "GET / HTTP/1.1\r\n\r\n"), ("binary", "\u{1}\u{2}"),
        ("status-of-two-digits", "RTSP/1.0 20 OK\r\n\r\n"),
        ("no-version", "OPTIONS *\r\n\r\n"), ("bad-length", "RTSP/1.0 200 OK\r\nContent-Length: x\r\n\r\n"),
        // Found by the fuzzer: whole it was a response, cut before its line end it was refused.
        ("control-byte-in-the-version", "RTSP/1\u{1D}0 200 OK\r\n\r\n"),
        ("blank-first", "\tOPTIONS * RTSP/1.0\r\n\r\n"),
        ("method-too-long", String(repeating: "A", count: 60)),
        ("endless-head", "OPTIONS * RTSP/1.0\r\nX: " + String(repeating: "a", count: 40_000)),
    ]

    @Test(arguments: broken) func `a broken message is refused`(name: String, text: String) {
        var conversation = Conversation(RTSPDecoder())
        conversation.feed(bytes(text))
        #expect(conversation.error != nil, "\(name)")
    }

    @Test func `a long body is stepped over, and after a gap the next message or frame is found`() {
        var conversation = Conversation(RTSPDecoder())
        let body = [UInt8](repeating: 120, count: RTSP.bodyLimit + 1)
        let all =
            RTSP.encodeResponse(status: 200, cseq: 1, body: body)
            + RTSP.encodeResponse(status: 404, reason: "No", cseq: 2)
        for start in stride(from: 0, to: all.count, by: 1_460) {
            conversation.feed(all[start..<min(start + 1_460, all.count)])
            #expect(conversation.buffer.count <= 64_000)
        }
        #expect(conversation.messages.map { $0.integer("status") } == [200, 404])
        var decoder = RTSPDecoder()
        #expect(decoder.resynchronise(bytes("video\r\nRTSP/1.0 200 OK\r\n\r\n").span.bytes) == 7)
        let frames = RTSP.encodeInterleaved(channel: 0, [0x80, 96, 1, 2, 3, 4])
        #expect(decoder.resynchronise((bytes("xx$") + frames + frames).span.bytes) == 3)
        #expect(decoder.resynchronise(bytes("nothing").span.bytes) == nil)
    }

    @Test(.enabled(if: !SharedFiles.missing)) func `recorded messages are read`() throws {
        var found: [String] = []
        for name in try SharedFiles.names("rtsp") {
            var conversation = Conversation(RTSPDecoder())
            conversation.feed(try SharedFiles.bytes("messages/rtsp/\(name)"))
            // One was published with a title and addresses shortened: its length counts more than it has.
            while !conversation.buffer.isEmpty { conversation.feed([10]) }
            #expect(conversation.error == nil, "\(name)")
            found += conversation.messages.flatMap { RTSP.summary(of: $0).map(\.value) }
        }
        #expect(found.count >= 8)
        #expect(Set(found).isSuperset(of: ["OPTIONS", "DESCRIBE", "TEARDOWN", "200"]))
    }
}
