import Testing

@testable import Wire

struct ProtocolsDahuaTests {
    private func events(_ text: String) -> [Message] { Dahua.messages(Array(text.utf8).span.bytes) }

    @Test func `a line gives code, action, index and the leaves of its data`() throws {
        let message = try #require(
            events(
                """
                Code=CrossLineDetection;action=Start;index=15;data={
                   "Name" : "Rule; {1} = \\"x\\"",
                   "Object" : { "ObjectType" : "Human", "BoundingBox" : [ 1, 2 ] },
                   "CardNo" : "77"
                }

                """
            ).first)
        #expect(
            Heard(message).fields == [
                "code=CrossLineDetection", "action=Start", "index=15", #"data.Name=Rule; {1} = "x""#,
                "data.Object.ObjectType=Human", "data.Object.BoundingBox.0=1", "data.Object.BoundingBox.1=2",
                "data.CardNo=77",
            ])
        #expect(Dahua.summary(of: message).map(\.value) == ["CrossLineDetection"])
        #expect(Protocols.isSecret("data.CardNo", of: .dahua))
    }

    @Test func `lines without an index, heartbeats and several events in a text`() {
        let messages = events(
            "Code=DoorBell;action=Start\r\n\r\nHeartbeat\r\nCode=A;action=Stop;index=0\r\nHeartbeats\r\nno Code=B;action=C"
        )
        #expect(
            messages.map { Heard($0).fields } == [
                ["code=DoorBell", "action=Start"], ["heartbeat=true"], ["code=A", "action=Stop", "index=0"],
            ])
    }

    static let torn: [(String, String, [String])] = [
        (
            "data-cut", "Code=A;action=Start;index=0;data={\n \"a\" : [ 1,",
            ["dataText={\n \"a\" : [ 1,", "malformed=true"]
        ),
        ("cut-by-the-next", "Code=A;action=Start;index=0;data={ \"a\" : \n", ["dataText={ \"a\" :", "malformed=true"]),
        ("no-json", "Code=A;action=Start;index=0;data=notjson", ["dataText=notjson"]),
        (
            "string-left-open", "Code=A;action=Start;index=0;data={\"a\":\"x\n}",
            ["dataText={\"a\":\"x\n}", "malformed=true"]
        ),
        ("empty-data", "Code=A;action=Start;index=0;data=", []),
    ]

    @Test(arguments: torn) func `torn data is kept as text`(name: String, text: String, rest: [String]) {
        let next = "\nCode=B;action=Pulse;index=1"
        let messages = events(text + next)
        #expect(messages.count == 2, "\(name)")
        #expect(messages.first.map { Heard($0).fields } == ["code=A", "action=Start", "index=0"] + rest, "\(name)")
        #expect(messages.last?.text("code") == "B")
    }

    @Test func `what is encoded comes back out of an event stream`() {
        let head = Array("HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=myboundary\r\n\r\n".utf8)
        let parts = [
            Dahua.encode(code: "VideoMotion", action: "Start", index: 0, json: "{\n \"Id\" : [ 0 ]\n}"),
            Array("Heartbeat".utf8), Dahua.encode(code: "AlarmLocal", action: "Stop"),
        ].map { Dahua.encodePart($0) }
        let messages = DecoderVerifier.verify(HTTPDecoder.init, [head] + parts, count: 4)
        let inside = messages.flatMap { Protocols.expand($0) }
        #expect(inside.map { $0.text("code") } == ["VideoMotion", nil, "AlarmLocal"])
        #expect(inside[0].integer("data.Id.0") == 0)
        #expect(inside.allSatisfy { $0.protocolName == .dahua })
    }
}
