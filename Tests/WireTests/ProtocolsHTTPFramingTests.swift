import Testing

@testable import Wire

/// Responses whose end nobody can tell, and what may be believed of what follows them (RFC 9112 section 6.3).
struct ProtocolsHTTPFramingTests {
    private enum Turn {
        case asks(String), answers(String)
    }

    /// What the server said, as status and the target that it answers.
    private func talk(_ turns: [Turn]) -> [String] {
        var client = Conversation(HTTPDecoder())
        var server = Conversation(HTTPDecoder())
        for turn in turns {
            switch turn {
            case .asks(let targets):
                let known = client.messages.count
                for target in targets.split(separator: " ") {
                    client.feed(Array("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n".utf8))
                }
                for message in client.messages[known...] { server.decoder.heard(message) }
            case .answers(let text):
                let known = server.messages.count
                server.feed(Array(text.utf8))
                for message in server.messages[known...] { client.decoder.heard(message) }
            }
        }
        #expect(server.error == nil && client.error == nil)
        return server.messages.map { "\($0.integer("status") ?? 0) \($0.text("requestTarget") ?? "-")" }
    }

    static let lengths = [
        "Content-Length: x", "Content-Length: -5", "Content-Length: 5, 6",
        "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 99999999999999999999",
    ]

    private func broken(_ length: String) -> String { "HTTP/1.1 200 Bad\r\n\(length)\r\n\r\n" }
    private func whole(_ status: Int) -> String { "HTTP/1.1 \(status) Good\r\nContent-Length: 2\r\n\r\nok" }

    @Test(arguments: lengths)
    func `nothing is an answer until the next request, and that one's answer is its own`(length: String) {
        let heard = talk([
            .asks("/a"), .answers(broken(length) + "body\r\n" + whole(299)), .answers(whole(298)), .asks("/b"),
            .answers(whole(201)), .asks("/c"), .answers(whole(202)),
        ])
        #expect(heard == ["200 /a", "201 /b", "202 /c"])
    }

    @Test(arguments: lengths)
    func `where requests wait for their answers, none is told whose it is any more`(length: String) {
        let heard = talk([
            .asks("/a /b"), .answers(broken(length) + "body\r\n"), .answers(whole(201)), .asks("/c"),
            .answers(whole(202)), .asks("/d"), .answers(whole(203)),
        ])
        #expect(heard == ["200 /a", "201 -", "202 -", "203 -"])
    }

    @Test func `behind a body without a line end the next request's answer is found`() {
        let bad = broken("Content-Length: x") + "{\"a\": 1}"
        let waiting = talk([
            .asks("/a /b"), .answers(bad), .asks("/c"), .answers(whole(202)), .asks("/d"), .answers(bad), .asks("/e"),
            .answers(whole(203)),
        ])
        #expect(waiting == ["200 /a", "202 -", "200 -", "203 -"])
        let midway = talk([
            .answers(bad), .asks("/b"), .answers(bad), .asks("/c"), .answers(bad), .asks("/d"), .answers(whole(201)),
        ])
        #expect(midway == ["200 -", "200 /b", "200 /c", "201 /d"])
    }

    @Test func `a rest of the body behind the next request makes that one's answer doubtful, not the one after it`() {
        for rest in ["more of it\r\n", "HTTP/1.0 is a protocol\n", "{}\r\nHTTP/1.\r\n", "\u{1}\u{2}\n"] {
            let heard = talk([
                .asks("/a"), .answers(broken("Content-Length: x") + "body"), .asks("/b"), .answers(rest + whole(404)),
                .asks("/c"), .answers(whole(202)),
            ])
            #expect(heard == ["200 /a", "404 -", "202 /c"], "\(rest)")
        }
        // Line ends are no content.
        let heard = talk([
            .asks("/a"), .answers(broken("Content-Length: x")), .asks("/b"), .answers("\r\n" + whole(201)),
        ])
        #expect(heard == ["200 /a", "201 /b"])
    }

    @Test func `where only answers are heard, the next status line is the next answer, however the stream is cut`() {
        let inputs = [
            broken("Content-Length: x"), "HTTP is\r\nHTTP/1.1 x\nHTTP/1.1 2000\n{\n", whole(201), whole(202),
            broken("Content-Length: 1, 2"), "\n", whole(203),
        ].map { Array($0.utf8) }
        let messages = DecoderVerifier.verify(HTTPDecoder.init, inputs, count: 5)
        #expect(messages.map { $0.integer("status") } == [200, 201, 202, 200, 203])
        #expect(messages.map { $0.has("malformed") } == [true, false, false, true, false])
    }

    @Test(arguments: [1, 2])
    func `behind chunks that are none the order of requests that wait is lost too`(waiting: Int) throws {
        var server = HTTPDecoder()
        func ask(_ target: String) {
            var request = Message(.http)
            request.add(HTTP1.Field.method, text: "GET")
            request.add(HTTP1.Field.target, text: target)
            server.heard(request)
        }
        for target in ["/a", "/b"].prefix(waiting) { ask(target) }
        let bytes = Array(("HTTP/1.1 200 Bad\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + whole(201)).utf8)
        #expect(throws: ParseError.self) { try server.decode(bytes.span.bytes, at: Timestamp(seconds: 0)) }
        let rest = Array(bytes.dropFirst(bytes.count - whole(201).utf8.count))
        #expect(server.resynchronise(rest.span.bytes) == 0)
        ask("/c")
        guard case .message(let message, _) = try server.decode(rest.span.bytes, at: Timestamp(seconds: 0)) else {
            Issue.record("no answer")
            return
        }
        #expect(message.text("requestTarget") == (waiting == 1 ? "/c" : nil))
    }

    @Test func `a request that waits is not forgotten over an answer to another, whatever its own framing`() {
        // The one that answers HEAD has no body, bad length or not.
        var server = Conversation(HTTPDecoder())
        var client = Conversation(HTTPDecoder())
        client.feed(Array("HEAD /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n".utf8))
        for message in client.messages { server.decoder.heard(message) }
        server.feed(Array((broken("Content-Length: x") + whole(201)).utf8))
        #expect(server.messages.map { $0.text("requestTarget") } == ["/a", "/b"])
    }
}
