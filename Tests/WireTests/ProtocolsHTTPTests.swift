import Testing

@testable import Wire

struct ProtocolsHTTPTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// Both directions: requests first, then what the server says to them.
    private func exchange(_ requests: [String], _ responses: [String]) -> [Message] {
        var client = Conversation(HTTPDecoder())
        for request in requests { client.feed(bytes(request)) }
        var server = Conversation(HTTPDecoder())
        for message in client.messages { server.decoder.heard(message) }
        for response in responses { server.feed(bytes(response)) }
        server.close()
        if let error = client.error ?? server.error { Issue.record("\(error)") }
        return server.messages
    }

    @Test func `pipelined requests are told apart, and secrets are no fields`() {
        let inputs = [
            "GET /onvif/event?x=1 HTTP/1.1\r\nHost: cam\r\nAuthorization: Basic c2VjcmV0\r\nCookie: a=b\r\nX-My: 1\r\n\r\n",
            "\r\nPOST /p?password=x HTTP/1.1\r\nContent-Length: 5\r\nX-Auth-Token: t\r\nContent-Type: text/plain\r\n\r\nhello",
            "PUT /q HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n",
            "GET /last HTTP/1.1\r\nFolded: a\r\n  b\r\n\r\n",
        ].map(bytes)
        let messages = DecoderVerifier.verify(HTTPDecoder.init, inputs, count: 4)
        #expect(
            Heard(messages[0]).fields == [
                "method=GET", "target=/onvif/event", "query=x=1", "query.x=1", "header.host=cam", "header.x-my=1",
                "bodyLength=0",
            ])
        #expect(
            Heard(messages[1]).fields == [
                "method=POST", "target=/p", "query=redacted", "query.password=redacted", "header.content-length=5",
                "header.content-type=text/plain",
                "bodyLength=5",
            ])
        #expect(messages[1].body.elementsEqual("hello".utf8))
        #expect(messages[2].body.elementsEqual("abcde".utf8))
        #expect(messages[3].text("header.folded") == "a b")
        #expect(HTTP1.summary(of: messages[1]).map(\.value) == ["POST", "text/plain"])
    }

    @Test func `responses are told apart by length, chunks and status`() {
        let inputs = [
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
            "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
        ].map(bytes)
        let messages = DecoderVerifier.verify(HTTPDecoder.init, inputs, count: 7)
        #expect(messages.compactMap { $0.integer("status") } == [200, 204, 304, 100, 200, 200, 200])
        #expect(messages.map { $0.body.count } == [3, 0, 0, 0, 1, 0, 2])
    }

    @Test func `a body without a length ends with the connection`() {
        let inputs = [bytes("HTTP/1.0 200 OK\r\nServer: old\r\n\r\nall "), bytes("of it")]
        let messages = DecoderVerifier.verify(HTTPDecoder.init, inputs, count: 1, closing: true)
        #expect(messages.first?.body.elementsEqual("all of it".utf8) == true)
    }

    @Test func `targets and forms give their parameters, unescaped, and secrets redacted`() {
        let inputs = [
            "GET /?event=incoming&callerID=sip%3A200%40pbx&flag&=x&pwd=1&bad=%zz+a HTTP/1.1\r\n\r\n",
            "POST /f HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 23\r\n\r\nticket=A+7&token=secret",
        ].map(bytes)
        let messages = DecoderVerifier.verify(HTTPDecoder.init, [inputs[0]], count: 1)
        #expect(
            messages[0].fields.filter { $0.name.rawValue.hasPrefix("query.") }.map { "\($0.name)=\($0.value.text)" }
                == [
                    "query.event=incoming", "query.callerID=sip:200@pbx", "query.flag=", "query.pwd=redacted",
                    "query.bad=%zz a",
                ])
        let form = DecoderVerifier.verify(HTTPDecoder.init, [inputs[1]], count: 1)
        #expect(form[0].text("form.ticket") == "A 7")
        let escaped = DecoderVerifier.verify(
            HTTPDecoder.init, [bytes("GET /x?t%6Fken=hunter2&X_Api_Key=9 HTTP/1.1\r\n\r\n")], count: 1)
        #expect(escaped.map { $0.text("query") } == ["redacted"])
        #expect(escaped[0].fields.allSatisfy { !["hunter2", "9"].contains($0.value.text) })
        #expect(form[0].text("form.token") == "redacted")
        // What signs an address; a button panel's key is no secret.
        for target in ["/x?sig=hunter2&key=5", "/x?key=5&SIG=hunter2", "/x?key=5&s%69g=hunter2"] {
            let signed = DecoderVerifier.verify(HTTPDecoder.init, [bytes("GET \(target) HTTP/1.1\r\n\r\n")], count: 1)
            #expect(signed.map { $0.text("query") } == ["redacted"] && signed[0].text("query.key") == "5")
            #expect(signed[0].fields.allSatisfy { !$0.value.text.contains("hunter2") })
        }
        let design = DecoderVerifier.verify(HTTPDecoder.init, [bytes("GET /x?design=a HTTP/1.1\r\n\r\n")], count: 1)
        #expect(design.map { $0.text("query") } == ["design=a"])
    }

    @Test func `compressed bodies are named as such and not looked into`() {
        let body = String(decoding: ONVIF.encodeNotify([.init(topic: "tns1:A", utcTime: "t")]), as: UTF8.self)
        for head in ["Content-Encoding: gzip", "Content-Encoding: identity"] {
            let text = "HTTP/1.1 200 OK\r\n\(head)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            let message = DecoderVerifier.verify(HTTPDecoder.init, [bytes(text)], count: 1)[0]
            #expect(message.has("compressed") == head.hasSuffix("gzip"))
            #expect(Protocols.expand(message).isEmpty == head.hasSuffix("gzip"))
        }
    }

    @Test func `a response to HEAD has no body, and responses know their requests`() {
        let messages = exchange(
            ["HEAD /a HTTP/1.1\r\n\r\nGET /b?c=1 HTTP/1.1\r\n\r\n"],
            [
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
            ])
        #expect(messages.map { $0.text("requestMethod") } == ["HEAD", nil, "GET"])
        #expect(messages.map { $0.text("requestTarget") } == ["/a", nil, "/b"])
        #expect(messages.map { $0.body.count } == [0, 0, 1])
        // Without the request the next start line gives it away.
        let blind = exchange(
            [], ["HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"])
        #expect(blind.map { $0.integer("status") } == [200, 404])
    }

    @Test func `what follows an upgrade or CONNECT is no HTTP`() {
        let upgraded = exchange(
            ["GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"],
            ["HTTP/1.1 101 Switching Protocols\r\n\r\n\u{1}\u{2}GET / HTTP/1.1\r\n\r\n"])
        #expect(upgraded.count == 1)
        let tunnel = exchange(
            ["CONNECT h:443 HTTP/1.1\r\n\r\n"], ["HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\u{16}\u{3}\u{1}"])
        #expect(tunnel.count == 1)
        var client = Conversation(HTTPDecoder())
        client.feed(bytes("CONNECT h:443 HTTP/1.1\r\n\r\n"))
        for message in tunnel { client.decoder.heard(message) }
        client.feed([0x16, 3, 1, 0, 0])
        #expect(client.error == nil)
        #expect(client.messages.count == 1)
    }

    @Test func `a request that was refused its body is followed by the next`() {
        var client = Conversation(HTTPDecoder())
        client.feed(bytes("POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 60\r\n\r\n"))
        #expect(client.messages.isEmpty)
        var server = Conversation(HTTPDecoder())
        server.feed(bytes("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"))
        for message in server.messages { client.decoder.heard(message) }
        client.feed(bytes("GET /b HTTP/1.1\r\n\r\n"))
        #expect(client.messages.map { $0.text("target") } == ["/a", "/b"])
        // The refusal came before its request was whole: the next response is not taken for that request's.
        for message in client.messages { server.decoder.heard(message) }
        server.feed(bytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
        #expect(server.messages.last?.text("requestTarget") == "/b")
    }

    @Test func `bodies longer than are kept are stepped over and counted`() {
        let big = String(repeating: "x", count: HTTP1.bodyLimit + 1)
        for response in [
            "HTTP/1.1 200 OK\r\nContent-Length: \(big.utf8.count)\r\n\r\n\(big)",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + String(decoding: HTTP1.encodeChunks(bytes(big), size: 60_000), as: UTF8.self),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + String(decoding: HTTP1.encodeChunks(bytes(big), size: 1 << 20), as: UTF8.self),
        ] {
            var conversation = Conversation(HTTPDecoder())
            let all = bytes(response + "HTTP/1.1 204 Next\r\n\r\n")
            for start in stride(from: 0, to: all.count, by: 1_460) {
                conversation.feed(all[start..<min(start + 1_460, all.count)])
                #expect(conversation.buffer.count <= Protocols.streamBufferLimit)
            }
            #expect(conversation.error == nil)
            #expect(conversation.messages.map { $0.integer("status") } == [200, 204])
            #expect(conversation.messages.first?.has("cut") == true)
            #expect(conversation.messages.first?.body.isEmpty == true)
        }
    }

    @Test func `streams without an end give their head at once and hold nothing`() {
        for head in [
            "Content-Type: multipart/x-mixed-replace; boundary=b",
            "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked",
        ] {
            var conversation = Conversation(HTTPDecoder())
            conversation.feed(bytes("HTTP/1.1 200 OK\r\n\(head)\r\n\r\n"))
            #expect(conversation.messages.count == 1)
            for _ in 0..<100 { conversation.feed(bytes("6\r\nabcd\n\n\r\n")) }
            #expect(conversation.error == nil)
            #expect(conversation.messages.count == 1)
            #expect(conversation.buffer.isEmpty)
        }
    }

    static let broken: [(String, String)] = [
        ("binary", "\u{1}\u{2}"), ("no-version", "GET /\r\n\r\n"),
        // Found by the fuzzer: whole it was a request, cut before its line end it was refused.
        ("blank-first", "\tGET / HTTP/1.1\r\n\r\n"), ("other-version", "GET / HTTP/2.0\r\n\r\n"),
        ("status-without-digits", "HTTP/1.1 abc\r\n\r\n"),
        // Found by the fuzzer: whole it was a response, cut before its line end it was refused.
        ("version-no-digit", "HTTP/1.x 200 OK\r\n\r\n"),
        ("method-too-long", String(repeating: "A", count: 40) + " / HTTP/1.1\r\n\r\n"),
        ("chunk-size-no-number", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        ("chunk-size-overflow", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n"),
        ("chunk-without-line-end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n"),
        ("endless-line", String(repeating: "A", count: 20_000)),
        ("endless-head", "GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 70_000)),
    ]

    @Test(arguments: broken) func `a broken message is refused`(name: String, text: String) {
        var conversation = Conversation(HTTPDecoder())
        conversation.feed(bytes(text))
        #expect(conversation.error != nil, "\(name)")
    }

    static let unframed = [
        "Content-Length: -1", "Content-Length: x", "Content-Length:", "Content-Length: 1\r\nContent-Length: 2",
        "Content-Length: 5, 6", "Content-Length: 99999999999999999999", "Transfer-Encoding: chunked, gzip",
        "Content-Length : 35", "Transfer-Encoding\t: chunked", "Transfer-Encoding: xchunked",
        "Transfer-Encoding: gzip, xchunked",
    ]

    @Test func `a blank before the first header of a request hides it, before a colon of a response it is nothing`() {
        var client = Conversation(HTTPDecoder())
        client.feed(bytes("POST /event HTTP/1.1\r\n Content-Length: 5\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n"))
        #expect(client.messages.map { $0.text("target") } == ["/event"])
        #expect(client.messages.first?["malformed"] == .boolean(true))
        var server = Conversation(HTTPDecoder())
        server.feed(bytes("HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nokHTTP/1.1 204 No\r\n\r\n"))
        #expect(server.messages.map { $0.integer("status") } == [200, 204])
        #expect(server.messages.first?.has("malformed") == false)
    }

    @Test(arguments: unframed)
    func `of a request whose end nobody can tell the head is heard, and nothing in its body is a request`(
        header: String
    ) {
        let head = "POST /event HTTP/1.1\r\nHost: h\r\n\(header)\r\n\r\n"
        var client = Conversation(HTTPDecoder())
        client.feed(bytes(head + "GET /smuggled HTTP/1.1\r\n\r\n"))
        let heard = client.messages
        #expect(client.error == nil)
        #expect(heard.map { $0.text("target") } == ["/event"], "\(header)")
        #expect(heard.first?["malformed"] == .boolean(true) && heard.first?.body.isEmpty == true)
        _ = DecoderVerifier.verify(HTTPDecoder.init, [bytes(head)], count: 1)
    }

    @Test func `behind the answer to a request whose end nobody can tell the next request is heard`() throws {
        var client = HTTPDecoder()
        func next(_ text: String) throws -> Message? {
            guard case .message(let message, _) = try client.decode(bytes(text).span.bytes, at: Timestamp(seconds: 0))
            else { return nil }
            return message
        }
        #expect(try next("POST /a HTTP/1.1\r\nContent-Length: x\r\n\r\n")?.text("target") == "/a")
        let smuggled = try next("GET /smuggled HTTP/1.1\r\n\r\n")?.text("target")
        #expect(smuggled == nil)
        for (status, target) in [(100, nil), (200, "/b")] as [(Int, String?)] {
            client.heard(answer(status))
            let heard = try next("GET /b HTTP/1.1\r\n\r\n")?.text("target")
            #expect(heard == target, "\(status)")
        }
        // Only its own answer: one of a request before it says nothing of where it ends.
        #expect(try next("POST /c HTTP/1.1\r\nContent-Length: x\r\n\r\n")?.text("target") == "/c")
        for target in [nil, "/d"] {
            client.heard(answer(200))
            let heard = try next("GET /d HTTP/1.1\r\n\r\n")?.text("target")
            #expect(heard == target)
        }
    }

    private func answer(_ status: Int, closes: Bool = false) -> Message {
        var answer = Message(.http)
        answer.add(HTTP1.Field.status, integer: status)
        if closes { answer.add("header.connection", text: "Close") }
        return answer
    }

    @Test(arguments: [(400, false), (411, false), (413, false), (501, false), (200, true)])
    func `behind a refusal of a request whose end nobody can tell nothing is heard`(status: Int, closes: Bool) throws {
        var client = HTTPDecoder()
        let request = bytes("POST /a HTTP/1.1\r\nContent-Length: x\r\n\r\n")
        _ = try client.decode(request.span.bytes, at: Timestamp(seconds: 0))
        for answer in [answer(status, closes: closes), answer(200)] {
            client.heard(answer)
            let rest = bytes("GET /smuggled HTTP/1.1\r\n\r\n")
            guard case .skip = try client.decode(rest.span.bytes, at: Timestamp(seconds: 0)) else {
                Issue.record("heard behind \(status)")
                return
            }
        }
    }

    @Test func `a body that is shorter than announced when the connection ends leaves its head`() throws {
        var decoder = HTTPDecoder()
        let cut = bytes("POST /event HTTP/1.1\r\nContent-Length: 50\r\n\r\nhalf")
        // A capture that ends in the middle of it says nothing of it.
        let none = try decoder.finish(cut.span.bytes, at: Timestamp(seconds: 0))
        #expect(none == nil)
        decoder.closed()
        let message = try #require(try decoder.finish(cut.span.bytes, at: Timestamp(seconds: 0)))
        #expect(message.text("target") == "/event" && message["malformed"] == .boolean(true) && message.body.isEmpty)
    }

    @Test func `a chunked body that the end of the connection cuts leaves its head`() throws {
        let head = "POST /event HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        for rest in ["", "5", "5\r\nhel", "5\r\nhello\r\n", "5\r\nhello\r\n0\r\nTrailer: x\r\n"] {
            var client = Conversation(HTTPDecoder())
            client.feed(bytes(head + rest))
            // A capture that ends in the middle of it says nothing of it.
            var captured = client
            captured.close()
            #expect(client.messages.isEmpty && captured.messages.isEmpty)
            client.decoder.closed()
            client.close()
            #expect(client.error == nil && client.messages.count == 1, "\(rest)")
            let message = try #require(client.messages.first)
            #expect(message.text("target") == "/event" && message["malformed"] == .boolean(true))
            #expect(message.body.isEmpty && !message.has("bodyLength"))
        }
    }

    @Test func `of parts that the end of the connection cuts those that are whole are heard`() throws {
        let parts =
            "--b\r\nContent-Disposition: form-data; name=\"one\"\r\n\r\nfirst\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"two\"\r\n\r\nhalf"
        let head = "POST /event HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        for text in [
            head + "Content-Length: 500\r\n\r\n" + parts,
            head + "Transfer-Encoding: chunked\r\n\r\n" + "30\r\n"
                + String(decoding: parts.utf8.prefix(48), as: UTF8.self) + "\r\nff\r\n"
                + String(decoding: parts.utf8.dropFirst(48), as: UTF8.self),
        ] {
            var client = Conversation(HTTPDecoder())
            client.feed(bytes(text))
            client.decoder.closed()
            client.close()
            let message = try #require(client.messages.first)
            #expect(message["malformed"] == .boolean(true))
            let found = Protocols.expand(message)
            #expect(found.map { $0.text("name") } == ["one"])
            #expect(found.map { String(decoding: $0.body, as: UTF8.self) } == ["first"])
        }
    }

    @Test func `after a gap the next start line is found`() {
        var decoder = HTTPDecoder()
        #expect(decoder.resynchronise(bytes("jpeg\r\nGET / HTTP/1.1\r\n\r\n").span.bytes) == 6)
        #expect(decoder.resynchronise(bytes("HTTP/1.1 200 OK\r\n\r\n").span.bytes) == 0)
        #expect(decoder.resynchronise(bytes("nothing\r\nof it\r\n").span.bytes) == nil)
        // A picture ends without a line end, and the next response stands behind it.
        let behind = [0xFF, 0xD9] + bytes("HTTP/1.1 206 Partial Content\r\n\r\n")
        #expect(decoder.resynchronise(behind.span.bytes) == 2)
        #expect(decoder.resynchronise(bytes("answers: HTTP/1.1 200 OK\r\n\r\n").span.bytes) == nil)
        #expect(decoder.resynchronise(bytes("x\"GET / HTTP/1.1\" 200 5\r\nHTTPHTTP/1.\r\n").span.bytes) == nil)
    }

    @Test func `what is encoded decodes to the same`() {
        let body = bytes(#"{"a":1}"#)
        let inputs = [
            HTTP1.encodeRequest(
                method: "POST", target: "/x?y=1",
                headers: [("Host", "h\r\nX: y"), ("Content-Type", "application/json")], body: body),
            HTTP1.encodeRequest(method: "GET", target: "/"), HTTP1.encodeRequest(method: "POST", target: "/empty"),
        ]
        let requests = DecoderVerifier.verify(HTTPDecoder.init, inputs, count: 3)
        #expect(requests.map { $0.text("method") } == ["POST", "GET", "POST"])
        #expect(requests[0].text("header.host") == "h  X: y")
        #expect(Array(requests[0].body) == body)
        let responses = DecoderVerifier.verify(
            HTTPDecoder.init,
            [
                HTTP1.encodeResponse(status: 200, headers: [("Server", "s")], body: body),
                HTTP1.encodeResponse(status: 204), HTTP1.encodeResponse(status: 404, reason: "Not Found"),
                HTTP1.encodeResponse(
                    status: 200, headers: [("Transfer-Encoding", "chunked")], body: HTTP1.encodeChunks(body, size: 2)),
            ], count: 4)
        #expect(responses.map { $0.text("reason") } == ["OK", "No Content", "Not Found", "OK"])
        #expect(Array(responses[3].body) == body)
    }
}
