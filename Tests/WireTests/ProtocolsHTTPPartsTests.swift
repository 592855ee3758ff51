import Testing

@testable import Wire

/// Bodies in parts: endless responses give each part as it comes, whole ones behind their message.
struct ProtocolsHTTPPartsTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static let replace =
        "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=myboundary\r\n\r\n"
    private static let mixed = "HTTP/1.1 200 OK\r\nContent-Type: multipart/mixed; boundary=\"boundary\"\r\n\r\n"
    private static let chunkedHead =
        "HTTP/1.1 200 OK\r\nContent-Type: multipart/mixed; boundary=boundary\r\nTransfer-Encoding: chunked\r\n\r\n"

    private static let alert = ISAPI.Alert(
        eventType: "VMD", isActive: true, dateTime: "2026-11-10T07:31:02+07:00", description: "Motion alarm")

    private func bodies(_ messages: [Message]) -> [String] {
        messages.map { String(decoding: $0.body, as: UTF8.self) }
    }

    @Test func `each part is a message as soon as its length is there, before the response ends`() {
        let parts = [
            "--myboundary\r\nContent-Type: text/plain\r\nContent-Length: 39\r\n\r\nCode=VideoMotion;action=Start;index=0\r\n",
            "\r\n\r\n--myboundary\r\nContent-Type: text/plain\r\nContent-Length:9\r\n\r\nHeartbeat\r\n\r\n",
        ]
        let inputs = ([Self.replace] + parts).map(bytes)
        let messages = DecoderVerifier.verify(HTTPDecoder.init, inputs, count: 3)
        #expect(Heard(messages[0]).fields.contains("cut=true"))
        #expect(
            Heard(messages[1]).fields == [
                "part=1", "header.content-type=text/plain", "header.content-length=39", "bodyLength=37",
            ])
        #expect(bodies(messages)[1...] == ["Code=VideoMotion;action=Start;index=0", "Heartbeat"])
        #expect(HTTP1.summary(of: messages[1]).isEmpty)
        // The part is there with its own last byte, not with the next delimiter.
        var conversation = Conversation(HTTPDecoder())
        conversation.feed(bytes(Self.replace + parts[0]))
        #expect(conversation.messages.count == 2)
    }

    @Test func `wrong and missing lengths do no harm to content that shows its end`() {
        let alert = String(decoding: ISAPI.encode(Self.alert), as: UTF8.self)
        for length in ["", "Content-Length: 10\r\n", "Content-Length: 99999\r\n"] {
            let part = "--boundary\r\nContent-Type: application/xml; charset=\"UTF-8\"\r\n\(length)\r\n\(alert)\r\n"
            let json =
                "--boundary\r\nContent-Type: application/json\r\n\(length)\r\n{\"eventType\":\"VMD\",\"x\":\"}\\\"}\"}\r\n"
            let line = "--boundary\r\n\(length)\r\nCode=A;action=Start;data={\r\n \"a\":\"{;\"\r\n}\r\n"
            let messages = DecoderVerifier.verify(
                HTTPDecoder.init, [Self.mixed, part, json, line].map(bytes), count: 4)
            #expect(
                bodies(messages)[1...] == [
                    alert.trimmingSuffix("\r\n"), #"{"eventType":"VMD","x":"}\"}"}"#,
                    "Code=A;action=Start;data={\r\n \"a\":\"{;\"\r\n}",
                ])
            #expect(!messages.contains { $0.has("torn") })
        }
    }

    @Test func `a heartbeat between parts, a head without an empty line, and a torn event are not lost`() {
        let input = [
            Self.replace,
            "--myboundary\r\nContent-Type: text/plain\r\nContent-Length: 39\r\n\r\nCode=A;action=Start\r\n",
            "\r\nHeartbeat\r\nCode=A;action=Stop\r\n", "--myboundary\nCode=B;action=Pulse\n",
            "--myboundary\n\nCode=C;action=Start;data={\n \"torn\": 1,\n", "--myboundary\n\nHeartbeat\n",
            "--myboundary--\n",
            "epilogue\n",
        ].map(bytes)
        let messages = DecoderVerifier.verify(HTTPDecoder.init, input, count: 7)
        #expect(
            bodies(messages)[1...] == [
                "Code=A;action=Start", "Heartbeat", "Code=A;action=Stop", "Code=B;action=Pulse",
                "Code=C;action=Start;data={\n \"torn\": 1,", "Heartbeat",
            ])
        #expect(messages.map { $0.has("torn") } == [false, false, false, false, false, true, false])
    }

    @Test(arguments: [1, 7, 60, 4_000]) func `chunks may cut parts anywhere`(size: Int) {
        var stream: [UInt8] = []
        for index in 0..<3 {
            var alert = Self.alert
            alert.activePostCount = index
            stream += ISAPI.encodePart(alert)
        }
        stream += bytes(
            "--boundary\r\nContent-Type: image/jpeg\r\nContent-Length: 9\r\n\r\n\u{0}--bound\n\r\n--boundary\r\n\r\nlast\r\n--boundary--\r\n"
        )
        let chunks = HTTP1.encodeChunks(stream, size: size)
        let next = bytes("HTTP/1.1 204 No Content\r\n\r\n")
        let messages = DecoderVerifier.verify(HTTPDecoder.init, [bytes(Self.chunkedHead) + chunks, next], count: 7)
        #expect(
            messages[1...3].map { ISAPI.alerts($0.body.span.bytes).first?.text("activePostCount") } == ["0", "1", "2"])
        #expect(messages[4].has("cut"))
        #expect(messages[4].body.isEmpty)
        #expect(bodies(messages)[5] == "last")
        #expect(messages[6].integer("status") == 204)
    }

    @Test func `media is stepped over, with and without a length, and holds nothing`() {
        var conversation = Conversation(HTTPDecoder())
        conversation.feed(bytes(Self.replace))
        let jpeg = [UInt8](repeating: 10, count: 50_000)
        for length in ["Content-Length: 50000\r\n", ""] {
            for _ in 0..<20 {
                conversation.feed(bytes("--myboundary\r\nContent-Type: image/jpeg\r\n\(length)\r\n"))
                for start in stride(from: 0, to: jpeg.count, by: 1_460) {
                    conversation.feed(jpeg[start..<min(start + 1_460, jpeg.count)])
                    #expect(conversation.buffer.count < 64)
                }
                conversation.feed(bytes("\r\n"))
            }
        }
        #expect(conversation.error == nil)
        #expect(conversation.messages.count == 41)
        #expect(conversation.messages.allSatisfy { $0.body.isEmpty })
    }

    @Test func `a part longer than is kept is given up and the next one is read`() {
        for body in [
            String(repeating: "x", count: HTTP1.bodyLimit + 9), "<a>" + String(repeating: "y ", count: HTTP1.bodyLimit),
        ] {
            var conversation = Conversation(HTTPDecoder())
            let all = bytes(Self.mixed + "--boundary\r\n\r\n\(body)\r\n--boundary\r\n\r\nHeartbeat\r\n")
            for start in stride(from: 0, to: all.count, by: 1_460) {
                conversation.feed(all[start..<min(start + 1_460, all.count)])
                #expect(conversation.buffer.count <= Protocols.streamBufferLimit)
            }
            #expect(conversation.error == nil)
            #expect(conversation.messages.map { $0.has("cut") } == [true, true, false])
            #expect(bodies(conversation.messages).last == "Heartbeat")
        }
    }

    @Test func `bytes that trickle in are looked at once`() {
        var conversation = Conversation(HTTPDecoder())
        conversation.feed(bytes(Self.mixed + "--boundary\r\nContent-Type: text/xml\r\n\r\n<a>"))
        let clock = ContinuousClock()
        let duration = clock.measure {
            for _ in 0..<2_000 { conversation.feed(bytes(String(repeating: "z", count: 100))) }
        }
        conversation.feed(bytes("</a>"))
        #expect(conversation.messages.count == 2)
        // The verifier itself copies its buffer each time; a scan from the start each time would take minutes.
        #expect(duration < .seconds(20))
    }

    @Test func `the last part of a closed connection is kept as far as it came`() {
        let inputs = [
            Self.mixed, "--boundary\r\nContent-Type: text/plain\r\nContent-Length: 999\r\n\r\nCode=A;action=Start",
        ].map(bytes)
        let messages = DecoderVerifier.verify(HTTPDecoder.init, inputs, count: 2, closing: true)
        #expect(bodies(messages).last == "Code=A;action=Start")
    }

    @Test func `after a gap the next delimiter is found, in chunks and without`() {
        for head in [Self.mixed, Self.chunkedHead] {
            var decoder = HTTPDecoder()
            guard
                case .message(_, let consumed)? = try? decoder.decode(
                    bytes(head).span.bytes, at: Timestamp(nanoseconds: 0))
            else {
                Issue.record("no head")
                continue
            }
            #expect(consumed == head.utf8.count)
            let part = ISAPI.encodePart(Self.alert)
            let chunk = bytes("\(String(part.count, radix: 16))\r\n") + part + [13, 10]
            let rest = bytes("</lost>\r\n") + (head == Self.mixed ? part : chunk)
            #expect(decoder.resynchronise(rest.span.bytes) == 9)
            var conversation = Conversation(decoder)
            conversation.feed(rest[9...])
            #expect(conversation.error == nil)
            #expect(conversation.messages.map { ISAPI.alerts($0.body.span.bytes).count } == [1])
        }
    }

    @Test func `posted forms and other whole bodies give their parts behind the message`() {
        let body = """
            --x\r\nContent-Disposition: form-data; name="event"; filename="a \\"b\\".xml"\r\nContent-Type: text/xml\r\n\r
            <EventNotificationAlert><eventType>diskerror</eventType><eventState>active</eventState></EventNotificationAlert>\r
            --x\r\nContent-Disposition: form-data; name=picture\r\nContent-Type: image/jpeg\r\n\r\n\u{1}\u{2}\r\n--x--\r\n
            """
        let request = HTTP1.encodeRequest(
            method: "POST", target: "/alarm", headers: [("Content-Type", "multipart/form-data; boundary=x")],
            body: bytes(body))
        let message = DecoderVerifier.verify(HTTPDecoder.init, [request], count: 1)[0]
        let inside = Protocols.expand(message)
        #expect(inside.map(\.protocolName) == [.http, .isapi, .http])
        #expect(inside[0].text("requestTarget") == "/alarm")
        #expect(inside.map { $0.text("name") } == ["event", nil, "picture"])
        #expect(inside[0].text("filename") == #"a "b".xml"#)
        #expect(inside[1].text("eventType") == "diskerror")
        #expect(inside[2].body.isEmpty)
    }

    @Test func `server-sent events are messages`() {
        let input = [
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", ": hello\n\n",
            "event: ticket\nid: 7\ndata: {\"n\":\ndata: \"A007\"}\n\n", "data:bare\r\n\r\n", "retry: 10\n\n",
        ].map(bytes)
        let messages = DecoderVerifier.verify(HTTPDecoder.init, input, count: 3)
        #expect(bodies(messages)[1...] == ["{\"n\":\n\"A007\"}", "bare"])
        #expect(messages[1].text("name") == "ticket")
        #expect(messages[1].text("eventId") == "7")
    }

    @Test func `each line of text in an endless part is told with its own end`() {
        let inputs = [
            Self.replace,
            "--myboundary\r\nContent-Type: text/plain\r\n\r\nChannel.0.EventType.MotionDetection=True\r\n",
            "SystemEvent.SDFail=True\r\n", "Heart=1\r\n", "--myboundary\r\nContent-Type: text/plain\r\n",
            "Content-Length: 19\r\n\r\nAlarmInput.1=False\n", "--myboundary\r\nContent-Type: text/plain\r\n",
            "Content-Length: 18\r\n\r\nCall.State=Ringing", "--myboundary--\r\n",
        ].map(bytes)
        let messages = DecoderVerifier.verify(HTTPDecoder.init, inputs, count: 6)
        #expect(
            bodies(messages)[1...] == [
                "Channel.0.EventType.MotionDetection=True", "SystemEvent.SDFail=True", "Heart=1",
                "AlarmInput.1=False\n",
                "Call.State=Ringing",
            ])
        var conversation = Conversation(HTTPDecoder())
        for (index, input) in inputs.enumerated() {
            conversation.feed(input)
            #expect(conversation.messages.count == [1, 2, 3, 4, 4, 5, 5, 6, 6][index])
        }
        // What announces its length has it, many lines or none, and a brace in it is one.
        let long = "Events[0].Code=VideoMotion\r\nCode=VideoMotion\r\nmotion {zone 1\r\n"
        let part = "--myboundary\r\nContent-Type: text/plain\r\nContent-Length: \(long.utf8.count)\r\n\r\n\(long)\r\n"
        let told = DecoderVerifier.verify(HTTPDecoder.init, [Self.replace, part, part].map(bytes), count: 3)
        #expect(bodies(told)[1...] == [long, long] && !told.contains { $0.has("torn") })
        let brace = DecoderVerifier.verify(
            HTTPDecoder.init,
            [Self.replace, "--myboundary\r\nContent-Type: text/plain\r\n\r\nmotion {zone 1\r\n", "x \"y\r\n"].map(
                bytes),
            count: 3)
        #expect(bodies(brace)[1...] == ["motion {zone 1", "x \"y"] && !brace.contains { $0.has("torn") })
        // Where a body has an end, its parts may have many lines.
        let form = "POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 50\r\n\r\n"
        let whole = bytes(form + "--b\r\nContent-Type: text/plain\r\n\r\none\r\ntwo\r\n--b--\r\n")
        var parts = Conversation(HTTPDecoder())
        parts.feed(whole)
        #expect(parts.messages.flatMap(HTTP1.expand).map { String(decoding: $0.body, as: UTF8.self) } == ["one\r\ntwo"])
    }

    /// Found by fuzzing: whole, the stream ended at once for chunks that are none further behind; cut before them, the
    /// part was told.
    @Test func `what stands before a broken chunk is told however the stream is cut`() {
        let part = "--boundary\r\n\r\nCode=A;action=Start\r\n"
        for broken in ["xyz\r\n", "5\r\nabcdefgh", String(repeating: "1", count: HTTP1.ChunkScan.lineLimit + 1)] {
            let good = bytes(Self.chunkedHead) + HTTP1.encodeChunks(bytes(part), size: 100).dropLast(5)
            let input = good + bytes(broken)
            for cut in stride(from: 1, through: input.count, by: input.count / 100) {
                var conversation = Conversation(HTTPDecoder())
                conversation.feed(input[..<cut])
                if conversation.error == nil { conversation.feed(input[cut...]) }
                #expect(conversation.error?.reason == .malformed)
                #expect(bodies(conversation.messages) == ["", "Code=A;action=Start"], "cut at \(cut)")
            }
        }
    }

    static let broken: [(String, String, Int)] = [
        ("preamble-and-nothing", "rubbish\r\nmore\r\n", 1),
        ("delimiter-of-another", "--other\r\n\r\nCode=A;action=B\r\n", 1),
        (
            "endless-head",
            "--myboundary\r\nX: " + String(repeating: "a", count: 40_000) + "\r\n--myboundary\r\n\r\nHeartbeat\r\n", 2
        ),
        ("delimiters-only", String(repeating: "--myboundary\r\n", count: 50), 1),
        ("empty-parts", String(repeating: "--myboundary\r\nA: b\r\n\r\n", count: 3), 3),
        ("negative-length", "--myboundary\r\nContent-Length: -5\r\n\r\nHeartbeat\r\n", 2),
        ("length-overflow", "--myboundary\r\nContent-Length: 99999999999999999999\r\n\r\nHeartbeat\r\n", 2),
        ("binary", "\u{0}\u{1}\u{2}--\n", 1),
    ]

    @Test(arguments: broken) func `broken streams of parts are gone through to the next part`(
        name: String, text: String, count: Int
    ) {
        var conversation = Conversation(HTTPDecoder())
        conversation.feed(bytes(Self.replace + text))
        #expect(conversation.error == nil, "\(name)")
        #expect(conversation.messages.count == count, "\(name)")
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
