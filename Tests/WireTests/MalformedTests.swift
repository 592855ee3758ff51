import Testing

@testable import Wire

/// Valid messages, damaged at random from a seed: whatever comes out, nothing traps, hangs or grows.
struct MalformedTests {
    /// SplitMix64.
    struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let notify = ONVIF.encodeNotify([
        .init(
            topic: "tns1:A/B", utcTime: "2026-11-10T00:31:02Z", source: [.init("Rule", "q1")],
            data: [.init("Count", "2")])
    ])

    private static let transaction = SIP.Transaction(
        from: SIP.Party(user: "a", host: "h", tag: "t"), to: SIP.Party(user: "b", host: "[::1]"), callId: "c@h",
        cseq: 1,
        method: "INVITE", via: "h:5060", branch: "z9hG4bK1")

    /// One stream per protocol, and for each a way to make its decoder.
    static let streams: [(ProtocolName, [UInt8])] = [
        (
            .syslog,
            Syslog.frame(
                Syslog.encode(
                    facility: .local0, severity: .info, app: "qms", elements: [.init("a", [.init("k", "v]")])],
                    text: "x=1"))
                + Array("<13>Nov  3 01:02:03 host tag[1]: text\n<14>next\n".utf8)
        ),
        (
            .mqtt,
            MQTT.encodeConnect(clientId: "c", version: .v5, will: .init(topic: "w", payload: [1]), username: "u")
                + MQTT.encodePublish(
                    topic: "a/b", payload: Array(#"{"a":1}"#.utf8), qos: 1, version: .v5, topicAlias: 1,
                    user: [("k", "v")])
                + MQTT.encodeSubscribe(packetId: 1, filters: ["a/#"], version: .v5) + MQTT.encodePingreq()
        ),
        (
            .http,
            HTTP1.encodeRequest(method: "POST", target: "/n?x=1", headers: [("Expect", "100-continue")], body: notify)
                + HTTP1.encodeRequest(
                    method: "PUT", target: "/c", headers: [("Transfer-Encoding", "chunked")],
                    body: HTTP1.encodeChunks(notify, size: 100))
                + HTTP1.encodeResponse(status: 200, headers: [("Content-Type", "text/xml")], body: notify)
        ),
        (
            .sip,
            SIP.encodeRequest(
                transaction, contentType: "application/sdp",
                body: SIP.encodeSDP(address: "h", audioPort: 1, videoPort: 2))
                + Array("\r\n\r\n".utf8) + SIP.encodeResponse(transaction, status: 200, reason: "OK")
        ),
        (
            .rtsp,
            RTSP.encodeRequest(method: "OPTIONS", target: "rtsp://u:p@h/x", cseq: 1)
                + RTSP.encodeInterleaved(channel: 1, [0x80, 201, 0, 1, 0, 0, 0, 1])
                + RTSP.encodeInterleaved(
                    channel: 0, [0x80, 0xE0] + [UInt8](repeating: 0, count: 10) + Array("<?xml?><a/>".utf8))
                + RTSP.encodeResponse(
                    status: 200, cseq: 1, headers: [("Content-Type", "application/sdp")],
                    body: SDP.encode(address: "h", media: [("video 0 RTP/AVP 96", "H264/90000")]))
        ),
        (
            .http,
            Array(
                "HTTP/1.1 200 OK\r\nContent-Type: multipart/mixed; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n"
                    .utf8)
                + HTTP1.encodeChunks(
                    ISAPI.encodePart(.heartbeat(dateTime: "t"), boundary: "b")
                        + Dahua.encodePart(
                            Dahua.encode(code: "A", action: "Start", index: 1, json: "{\n\"a\":1}"), boundary: "b")
                        + HTTP1.encodePart([1, 2, 3], type: "image/jpeg", boundary: "b") + Array("--b--\r\n".utf8),
                    size: 90)
                + HTTP1.encodeResponse(
                    status: 200, headers: [("Content-Type", "multipart/form-data; boundary=b")],
                    body: Dahua.encodePart(Array("Heartbeat".utf8), boundary: "b"))
        ),
        (
            .http,
            Array("HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n".utf8)
                + WebSocket.encode(Array("42[1]".utf8), isFinal: false)
                + WebSocket.encode(as: .ping, [1])
                + WebSocket.encode(as: .continuation, Array("x".utf8), mask: [1, 2, 3, 4])
                + WebSocket.encode(as: .binary, [1, 2]) + WebSocket.encode(as: .close, [3, 232])
        ),
    ]

    static func damaged(_ bytes: [UInt8], _ dice: inout Dice) -> [UInt8] {
        var out = bytes
        for _ in 0..<Int.random(in: 1...4, using: &dice) where !out.isEmpty {
            let at = Int.random(in: 0..<out.count, using: &dice)
            switch Int.random(in: 0..<6, using: &dice) {
            case 0: out[at] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
            case 1: out[at] = [0, 10, 13, 32, 34, 60, 62, 127, 128, 255].randomElement(using: &dice) ?? 0
            case 2: out.remove(at: at)
            case 3: out.insert(UInt8.random(in: 0...255, using: &dice), at: at)
            case 4: out.removeLast(out.count - at)
            default:
                let end = min(out.count, at + Int.random(in: 1...64, using: &dice))
                out.insert(contentsOf: out[at..<end], at: at)
            }
        }
        return out
    }

    /// Decodes as the dissector would: after an error one byte on, and again from where a message may begin.
    static func survive(_ name: ProtocolName, _ bytes: [UInt8]) {
        guard var decoder = Protocols.streamDecoder(name), var peer = Protocols.streamDecoder(name) else { return }
        var at = 0
        var steps = 0
        let time = Timestamp(nanoseconds: 0)
        while at < bytes.count {
            steps += 1
            #expect(steps <= 2 * bytes.count + 2)
            if steps > 2 * bytes.count + 2 { return }
            let rest = Array(bytes[at...])
            do throws(ParseError) {
                switch try decoder.decode(rest.span.bytes, at: time) {
                case .message(let message, let consumed):
                    #expect(consumed >= 1 && consumed <= rest.count)
                    at += max(1, consumed)
                    peer.heard(message)
                    look(message)
                case .skip(let count):
                    #expect(count >= 1 && count <= rest.count)
                    at += max(1, count)
                case .needMore(let count):
                    #expect(count > rest.count)
                    #expect(count <= Protocols.streamBufferLimit)
                    if let last = try decoder.finish(rest.span.bytes, at: time) { look(last) }
                    return
                }
            } catch {
                at += 1
                let torn = Array(bytes[min(at, bytes.count)...])
                at += decoder.resynchronise(torn.span.bytes) ?? torn.count
            }
        }
    }

    /// Reads everything that a message offers.
    static func look(_ message: Message) {
        _ = Heard(message)
        _ = Protocols.summary(of: message)
        for inner in Protocols.expand(message) { _ = Heard(inner) }
        for form in 0..<3 {
            var copy = message
            do {
                switch form {
                case 0: try JSONFields.flatten(&copy)
                case 1: try XMLFields.flatten(&copy)
                default: try PairFields.flatten(&copy)
                }
            } catch {
                #expect(copy.fieldCount == message.fieldCount)
            }
        }
    }

    @Test(arguments: 0..<8) func `damaged streams never trap, hang or ask for too much`(seed: UInt64) {
        var dice = Dice(state: seed)
        for _ in 0..<150 {
            for (name, bytes) in Self.streams { Self.survive(name, Self.damaged(bytes, &dice)) }
        }
    }

    @Test(arguments: 0..<4) func `damaged datagrams and bodies never trap`(seed: UInt64) {
        var dice = Dice(state: seed &+ 1_000)
        for _ in 0..<300 {
            for (_, bytes) in Self.streams {
                let damaged = Self.damaged(bytes, &dice)
                for name in [ProtocolName.syslog, .sip, .rtp, .rtcp, .sdp, .wsDiscovery] {
                    guard let decoder = Protocols.datagramDecoder(name) else { continue }
                    if let message = try? datagram(decoder, damaged) { Self.look(message) }
                }
                if let description = SDP.message(damaged.span.bytes) { Self.look(description) }
                if let report = VQReport.message(damaged.span.bytes) { Self.look(report) }
                for event in Dahua.messages(damaged.span.bytes) { Self.look(event) }
                for alert in ISAPI.alerts(damaged.span.bytes) { Self.look(alert) }
                _ = Sniff.stream(damaged.span.bytes)
                _ = Sniff.datagram(damaged.span.bytes)
                var body = Message(.http, copying: damaged.span.bytes)
                body.setBody(in: 0..<damaged.count)
                Self.look(body)
            }
        }
    }
}
