import Testing

@testable import Wire

struct ProtocolsSIPTests {
    private func decode(_ text: String) throws -> Message {
        try #require(try datagram(SIPDatagramDecoder(), Array(text.utf8)))
    }

    @Test func `a request gives its method, dialog and media, and never a user`() throws {
        let message = try decode(
            "INVITE sip:bob@biloxi.example.com SIP/2.0\r\nVia: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776\r\n"
                + "Max-Forwards: 70\r\nTo: \"B; <x>\\\" ob\" <sip:bob@biloxi.com>\r\n"
                + "From: Alice <sip:alice@atlanta.com:5070>;x=1;tag=1928301774\r\nCall-ID: a84b4c76e66710@pc33.atlanta.com\r\n"
                + "CSeq: 314159 INVITE\r\nUser-Agent: Room Kit\r\nContent-Type: Application/SDP; x=y\r\nContent-Length: 45\r\n\r\n"
                + "v=0\r\nm=audio 1 RTP/AVP 8\r\na=sendonly\r\nm=video 2\r\ntrailing")
        #expect(
            Heard(message).fields
                == [
                    "method=INVITE", "uri-host=biloxi.example.com", "to-host=biloxi.com",
                    "from-tag=1928301774",
                    "from-host=atlanta.com", "call-id=a84b4c76e66710@pc33.atlanta.com", "cseq=314159",
                    "cseq-method=INVITE", "user-agent=Room Kit", "content-type=application/sdp", "content-length=45",
                    "media=audio", "direction=sendonly", "media=video",
                ])
        #expect(message.body.count == 45)
    }

    @Test func `compact names, folded lines and blanks before colons are understood`() throws {
        let message = try decode(
            "SIP/2.0 200 OK\r\nv: SIP/2.0/UDP h\r\nf : <sip:a@h1>\r\n ;tag=one\r\nt:sip:b@[::1]:5060;tag=two\r\n"
                + "i:\r\n  call@host\r\nCSEQ:\t7\r\n\tBYE\r\nl: 0\r\n\r\n")
        #expect(message.integer("status") == 200)
        #expect(message.text("reason") == "OK")
        #expect(message.text("from-tag") == "one")
        #expect(message.text("from-host") == "h1")
        #expect(message.text("to-tag") == "two")
        #expect(message.text("to-host") == "[::1]")
        #expect(message.text("call-id") == "call@host")
        #expect(message.integer("cseq") == 7)
        #expect(message.text("cseq-method") == "BYE")
        #expect(SIP.summary(of: message).map(\.kind) == ["status", "call-id"])
    }

    @Test func `keep-alives are no messages`() throws {
        for text in ["\r\n\r\n", "\r\n", "\0\0\0\0"] {
            #expect(try datagram(SIPDatagramDecoder(), Array(text.utf8)) == nil)
        }
    }

    private static let bye = SIP.Transaction(
        from: SIP.Party(user: "room1", host: "10.0.0.8", port: 5060, tag: "f1"),
        to: SIP.Party(user: "doctor", host: "10.0.0.9", tag: "t1"), callId: "abc@10.0.0.8", cseq: 2, method: "BYE",
        via: "10.0.0.8:5060", branch: "z9hG4bK1")

    @Test func `over TCP messages are framed by their length, keep-alives between them`() {
        var invite = Self.bye
        invite.method = "INVITE"
        invite.to.tag = nil
        let sdp = SIP.encodeSDP(address: "10.0.0.8", audioPort: 4000, videoPort: 4002, direction: "inactive")
        let inputs = [
            SIP.encodeRequest(invite, contact: invite.from, contentType: "application/sdp", body: sdp),
            Array("\r\n\r\n".utf8), SIP.encodeResponse(invite, status: 180, reason: "Ringing"), Array("\r\n".utf8),
            SIP.encodeRequest(Self.bye, headers: [("Reason", "Q.850;cause=16")]),
        ]
        let messages = DecoderVerifier.verify(SIPStreamDecoder.init, inputs, count: 3)
        #expect(messages[0].all("media") == ["audio", "video"])
        #expect(messages[0].text("direction") == "inactive")
        #expect(Array(messages[0].body) == sdp)
        #expect(messages[1].integer("status") == 180)
        #expect(messages[2].text("cause") == "Q.850;cause=16")
        #expect(messages.allSatisfy { $0.text("call-id") == "abc@10.0.0.8" })
    }

    @Test func `what is encoded decodes to the same`() throws {
        let request = try #require(try datagram(SIPDatagramDecoder(), SIP.encodeRequest(Self.bye)))
        #expect(
            Heard(request).fields == [
                "method=BYE", "uri-host=10.0.0.9", "from-tag=f1", "from-host=10.0.0.8", "to-tag=t1",
                "to-host=10.0.0.9",
                "call-id=abc@10.0.0.8", "cseq=2", "cseq-method=BYE", "content-length=0",
            ])
        let response = try #require(
            try datagram(SIPDatagramDecoder(), SIP.encodeResponse(Self.bye, status: 200, reason: "OK\r\nX: y")))
        #expect(response.text("reason") == "OK  X: y")
        #expect(!response.has("x"))
    }

    static let broken: [(String, String)] = [
        ("other-version", "INVITE sip:a@b SIP/7.0\r\n\r\n"), ("no-uri", "INVITE SIP/2.0\r\n\r\n"),
        ("status-of-two-digits", "SIP/2.0 20 OK\r\n\r\n"), ("status-out-of-range", "SIP/2.0 999 OK\r\n\r\n"),
        ("http", "GET / HTTP/1.1\r\n\r\n"), ("method-with-blank", " INVITE"), ("binary", "\u{1}\u{2}\u{3}"),
        ("nul-in-the-start-line", "SIP/2.0 401 Unauthori\u{0}\r\n\r\n"),
        ("stun-like", "\u{0}\u{1}\u{0}\u{8}!\u{12}"),
    ]

    @Test(arguments: broken) func `a broken message is refused`(name: String, text: String) {
        var conversation = Conversation(SIPDatagramDecoder())
        conversation.feed(Array(text.utf8))
        #expect(conversation.error != nil, "\(name)")
    }

    @Test func `a length that is none loses a stream but not a datagram`() throws {
        let text = "BYE sip:a@b SIP/2.0\r\nContent-Length: -9\r\nCall-ID: x\r\n\r\nrest"
        let message = try decode(text)
        #expect(message.text("call-id") == "x")
        #expect(!message.has("content-length"))
        #expect(message.body.elementsEqual("rest".utf8))
        var conversation = Conversation(SIPStreamDecoder())
        conversation.feed(Array(text.utf8))
        #expect(conversation.error?.reason == .malformed)
    }

    @Test func `streams are bounded and resynchronise at a start line`() {
        var endless = Conversation(SIPStreamDecoder())
        endless.feed(Array("BYE sip:a@b SIP/2.0\r\nX: ".utf8) + [UInt8](repeating: 97, count: 70_000))
        #expect(endless.error?.reason == .tooLarge)
        var long = Conversation(SIPStreamDecoder())
        long.feed(Array("BYE sip:a@b SIP/2.0\r\nl: 999999\r\n\r\n".utf8))
        #expect(long.error?.reason == .tooLarge)
        var decoder = SIPStreamDecoder()
        #expect(decoder.resynchronise(Array("torn: x\r\n\r\nBYE sip:a@b SIP/2.0\r\n\r\n".utf8).span.bytes) == 11)
        #expect(decoder.resynchronise(Array("SIP/2.0 200 OK\r\n\r\n".utf8).span.bytes) == 0)
    }

    /// RFC 4475 and others' broken messages (`shared/messages/sip`): none traps; those whose start line can be trusted
    /// give a message.
    @Test(.enabled(if: !SharedFiles.missing)) func `torture messages give a message or an error, never more`() throws {
        var refused: [String] = []
        for name in try SharedFiles.names("sip") {
            let bytes = try SharedFiles.bytes("messages/sip/\(name)")
            do {
                let message = try datagram(SIPDatagramDecoder(), bytes)
                #expect(message?.has("method") == true || message?.has("status") == true, "\(name)")
            } catch {
                refused.append(name)
            }
            var conversation = Conversation(SIPStreamDecoder())
            conversation.feed(bytes)
            conversation.close()
        }
        // A status of ten digits, no version, and version 7.0.
        #expect(
            refused == [
                "resip_bigcode.dat", "resip_test.dat", "rfc4475_invalid_badvers.dat", "rfc4475_invalid_bigcode.dat",
            ])
    }
}
