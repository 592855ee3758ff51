import Testing
import Wire

struct LineTests {
    @Test func `a message is one line of JSON, repeated fields are lists, bodies stay out`() {
        var message = Message(.mqtt, copying: Array("secret body".utf8).span.bytes)
        message.setBody(in: 0..<11)
        message.add("type", text: "SUBSCRIBE")
        message.add("filter", text: "a/\"b\"")
        message.add("filter", text: "c\n\u{1}")
        message.add("qos", integer: 1)
        message.add("retain", boolean: false)
        message.add("x", decimal: 1.5)
        let heard = HeardMessage(
            message, at: Timestamp(nanoseconds: -1), source: Wires.kiosk,
            target: Endpoint(IPAddress(v6High: 1 << 48, low: 2), port: 1883), transport: .tcp, vlan: 7)
        #expect(
            heard.line
                == #"{"time":"1969-12-31T23:59:59.999999999Z","protocol":"mqtt","transport":"tcp","#
                + #""source":"192.0.2.1:40000","destination":"[1::2]:1883","vlan":7,"fields":"#
                + #"{"type":"SUBSCRIBE","filter":["a/\"b\"","c\n\u0001"],"qos":1,"retain":false,"x":1.5}}"#)
    }

    @Test func `times have nine digits`() {
        #expect(Timestamp(seconds: 1_794_270_662, nanoseconds: 104).rfc3339 == "2026-11-10T00:31:02.000000104Z")
        #expect(Timestamp(nanoseconds: 0).rfc3339 == "1970-01-01T00:00:00.000000000Z")
    }

    @Test func `passwords and credentials are never printed`() {
        let secrets: [(port: UInt16, text: String)] = [
            (
                80,
                "GET /a?password=hunter2 HTTP/1.1\r\nHost: x\r\nAuthorization: Basic aHVudGVyMg==\r\nCookie: hunter2\r\n\r\n"
            ),
            (
                5060,
                "REGISTER sip:x SIP/2.0\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:a@x>\r\n"
                    + "Via: SIP/2.0/TCP x\r\nAuthorization: Digest username=\"u\",response=\"hunter2\"\r\nContent-Length: 0\r\n\r\n"
            ),
            (1883, "\u{10}\u{1D}\u{0}\u{4}MQTT\u{4}\u{42}\u{0}\u{3C}\u{0}\u{4}desk\u{0}\u{0}\u{0}\u{7}hunter2"),
        ]
        for (port, text) in secrets {
            var listener = Listener()
            let bytes = Array(text.utf8)
            listener.hear(
                Wires.Segment(
                    source: Wires.kiosk, target: Endpoint(Wires.server.address, port: port), sequence: 1, payload: bytes
                ))
            listener.finish()
            for heard in listener.heard {
                #expect(!heard.line.contains("hunter2") && !heard.line.contains("aHVudGVyMg"), "\(heard.line)")
            }
            if port != 1883 { #expect(listener.heard.count == 1, "port \(port)") }
        }
    }
}
