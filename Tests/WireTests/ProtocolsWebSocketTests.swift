import Testing

@testable import Wire

struct ProtocolsWebSocketTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static let upgrade = Array(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n".utf8)
    private static let request = Array("GET /live?x=1 HTTP/1.1\r\nUpgrade: websocket\r\n\r\n".utf8)

    /// The server's and the client's side after an upgrade.
    private func upgraded() -> (client: Conversation<HTTPDecoder>, server: Conversation<HTTPDecoder>) {
        var client = Conversation(HTTPDecoder())
        var server = Conversation(HTTPDecoder())
        client.feed(Self.request)
        for message in client.messages { server.decoder.heard(message) }
        server.feed(Self.upgrade)
        for message in server.messages { client.decoder.heard(message) }
        return (client, server)
    }

    @Test func `text frames of both sides are messages, masks are taken off, binary and pings are passed over`() {
        var (client, server) = upgraded()
        client.feed(WebSocket.encode(bytes(#"{"a":1}"#), mask: [1, 2, 3, 250]))
        client.feed(WebSocket.encode(as: .ping, bytes("p"), mask: [9, 9, 9, 9]))
        server.feed(WebSocket.encode(as: .binary, [UInt8](repeating: 0x81, count: 70_000)))
        server.feed(WebSocket.encode(as: .pong, bytes("p")))
        server.feed(WebSocket.encode(bytes(String(repeating: "ü", count: 100))))
        server.feed(WebSocket.encode(as: .close, [3, 232]))
        server.feed([0xFF, 0xFF, 0xFF])
        #expect(client.error == nil)
        #expect(server.error == nil)
        #expect(client.messages.map(\.protocolName) == [.http, .websocket])
        #expect(Heard(client.messages[1]).fields == ["type=text", "requestTarget=/live", "bodyLength=7"])
        #expect(client.messages[1].body.elementsEqual(#"{"a":1}"#.utf8))
        #expect(server.messages.map { $0.text("type") } == [nil, "text", "close"])
        #expect(server.messages[1].integer("bodyLength") == 200)
        #expect(server.messages[2].integer("code") == 1_000)
        #expect(server.buffer.isEmpty)
    }

    @Test func `fragments are put together, and control frames may stand between them`() {
        let inputs = [
            Self.upgrade, WebSocket.encode(bytes("ab"), isFinal: false), WebSocket.encode(as: .ping, []),
            WebSocket.encode(as: .continuation, bytes("cd"), isFinal: false, mask: [1, 2, 3, 4]),
            WebSocket.encode(as: .continuation, bytes("ef")), WebSocket.encode(bytes("next")),
            WebSocket.encode(as: .binary, bytes("x"), isFinal: false), WebSocket.encode(as: .continuation, bytes("y")),
            WebSocket.encode([]),
        ]
        let messages = DecoderVerifier.verify(HTTPDecoder.init, inputs, count: 4)
        #expect(messages[1...].map { String(decoding: $0.body, as: UTF8.self) } == ["abcdef", "next", ""])
    }

    @Test func `texts longer than are kept and compressed ones say so`() {
        let long = [UInt8](repeating: 120, count: HTTP1.bodyLimit + 1)
        var compressed = WebSocket.encode(bytes("zz"))
        compressed[0] |= 0x40
        var (_, server) = upgraded()
        let pieces = [
            WebSocket.encode(long), compressed, WebSocket.encode(bytes("a"), isFinal: false),
            WebSocket.encode(as: .continuation, long, isFinal: false), WebSocket.encode(as: .ping, []),
            WebSocket.encode(as: .continuation, bytes("b")), WebSocket.encode(bytes("ok")),
        ]
        for piece in pieces {
            for start in stride(from: 0, to: piece.count, by: 1_460) {
                server.feed(piece[start..<min(start + 1_460, piece.count)])
                #expect(server.buffer.count <= Protocols.streamBufferLimit)
            }
        }
        #expect(server.error == nil)
        #expect(server.messages.map { $0.has("cut") } == [false, true, false, true, false])
        #expect(server.messages.map { $0.has("compressed") } == [false, false, true, false, false])
        #expect(server.messages.last?.body.elementsEqual("ok".utf8) == true)
    }

    @Test func `packets of Socket.IO have their JSON for a body`() throws {
        for (text, packet, body) in [
            (#"42["citizen_invited",{"n":"A012"}]"#, "42", #"["citizen_invited",{"n":"A012"}]"#),
            (#"42/sb-1,["x"]"#, "42", #"["x"]"#), ("2", "2", "2"), ("3probe", nil, "3probe"),
            (#"{"t":1}"#, nil, #"{"t":1}"#),
            ("", nil, ""),
        ] as [(String, String?, String)] {
            var (_, server) = upgraded()
            server.feed(WebSocket.encode(bytes(text)))
            let message = try #require(server.messages.last)
            #expect(message.text("packet") == packet, "\(text)")
            #expect(String(decoding: message.body, as: UTF8.self) == body)
        }
    }

    static let broken: [(String, [UInt8])] = [
        ("reserved-bits", [0xB1, 0]), ("reserved-opcode", [0x83, 0]), ("ping-in-fragments", [0x09, 0]),
        ("long-ping", [0x89, 126, 1, 0]),
        ("length-of-2-to-the-63", [0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255]),
        ("text-inside-of-a-text", [0x01, 1, 97, 0x81, 1, 98]),
    ]

    @Test(arguments: broken) func `what is no frame ends the reading`(name: String, frame: [UInt8]) {
        var (_, server) = upgraded()
        server.feed(frame)
        #expect(server.error != nil, "\(name)")
        var decoder = server.decoder
        #expect(decoder.resynchronise(bytes("\u{1}{}HTTP/1.1 200 OK\r\n\r\n").span.bytes) == nil)
    }

    @Test func `ten thousand tiny fragments need no deep stack`() {
        var (_, server) = upgraded()
        server.feed(WebSocket.encode(bytes("a"), isFinal: false))
        var many: [UInt8] = []
        for _ in 0..<50_000 { many += WebSocket.encode(as: .continuation, [], isFinal: false) }
        server.feed(many)
        server.feed(WebSocket.encode(as: .continuation, bytes("z")))
        #expect(server.messages.last?.body.elementsEqual("az".utf8) == true)
    }
}
