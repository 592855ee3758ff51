import Testing

@testable import Wire

struct ProtocolsISAPITests {
    private func alerts(_ text: String) -> [Message] { ISAPI.alerts(Array(text.utf8).span.bytes) }

    @Test func `an alert gives what happened, where and since when, and all its leaves`() throws {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <h:EventNotificationAlert version="2.0" xmlns:h="http://www.isapi.org/ver20/XMLSchema">
            <h:ipAddress>192.168.1.64</h:ipAddress><channelID>1</channelID><dynChannelID>3</dynChannelID>
            <dateTime>2016-12-24T18:59:49-8:00</dateTime><activePostCount>2</activePostCount>
            <eventType>fielddetection</eventType><eventState>active</eventState><eventDescription>a &amp; b</eventDescription>
            <DetectionRegionList><DetectionRegionEntry><regionID>4</regionID><detectionTarget>human</detectionTarget>
            </DetectionRegionEntry></DetectionRegionList></h:EventNotificationAlert>
            """
        let message = try #require(alerts(text).first)
        #expect(message.protocolName == .isapi)
        for (name, value) in [
            ("eventType", "fielddetection"), ("eventState", "active"), ("eventDescription", "a & b"), ("channel", "3"),
            ("dateTime", "2016-12-24T18:59:49-8:00"), ("activePostCount", "2"), ("target", "human"), ("region", "4"),
            ("ipAddress", "192.168.1.64"), ("alert.DetectionRegionList.DetectionRegionEntry.regionID", "4"),
        ] {
            #expect(message.text(FieldName(name)) == value, "\(name)")
        }
        #expect(!message.has("heartbeat"))
        #expect(!message.has("malformed"))
        var flat = message
        try XMLFields.flatten(&flat)
        #expect(flat.text("xml.eventType") == "fielddetection")
    }

    @Test func `heartbeats are told from a loss of video`() {
        for (state, count, type, isHeartbeat) in [
            ("inactive", "<activePostCount>0</activePostCount>", "videoloss", true),
            ("inactive", "", "videoloss", true),
            ("inactive", "<activePostCount>3</activePostCount>", "videoloss", false),
            ("active", "", "videoloss", false),
            ("active", "", "heartBeat", true), ("inactive", "", "VMD", false),
        ] {
            let message = alerts(
                "<EventNotificationAlert><eventType>\(type)</eventType><eventState>\(state)</eventState>\(count)</EventNotificationAlert>"
            ).first
            #expect(message?.has("heartbeat") == isHeartbeat, "\(type) \(state) \(count)")
        }
    }

    @Test func `alerts in JSON, of access controllers too`() throws {
        let vmd = try #require(
            alerts(#"{"eventType":"VMD","eventState":"active","channelID":"2","activePostCount":3}"#).first)
        #expect(vmd.text("channel") == "2")
        #expect(vmd.integer("activePostCount") == 3)
        let door = try #require(
            alerts(#"{"dateTime":"t","AccessControllerEvent":{"employeeNoString":"7","eventState":"active"}}"#).first)
        #expect(door.text("eventType") == "AccessControllerEvent")
        #expect(door.text("eventState") == "active")
        #expect(Protocols.isSecret("alert.AccessControllerEvent.employeeNoString", of: .isapi))
        #expect(door.has("alert.AccessControllerEvent.employeeNoString"))
        let wrapped = alerts(#"{"EventNotificationAlert":{"eventType":"IO","eventState":"active"}}"#).first
        #expect(wrapped?.text("eventType") == "IO")
        #expect(wrapped?.has("alert.eventType") == true)
    }

    @Test func `two alerts in one body are two, though the first is not well-formed`() {
        let messages = alerts(
            "<EventNotificationAlert><eventType>a</eventType><eventDescription>x<eventDescription></EventNotificationAlert>\n"
                + "<EventNotificationAlert><eventType>b</eventType><eventState>active</eventState></EventNotificationAlert>"
        )
        #expect(messages.map { $0.text("eventType") } == ["a", "b"])
        #expect(messages.map { $0.has("malformed") } == [true, false])
    }

    static let broken: [(String, String, Int)] = [
        ("another-document", "<Status><eventType>x</eventType></Status>", 0), ("empty", "", 0),
        ("no-type", "<EventNotificationAlert><eventState>active</eventState></EventNotificationAlert>", 0),
        ("document-type", "<!DOCTYPE x><EventNotificationAlert><eventType>x</eventType></EventNotificationAlert>", 1),
        ("torn-tag", "<EventNotificationAlert><eventType>x</eventType><eventSt", 1),
        // Half a word is another word.
        ("torn-value", "<EventNotificationAlert><eventType>x", 0), ("only-name", "<EventNotificationAlert", 0),
        ("close-only", "</EventNotificationAlert>", 0), ("json-torn", #"{"eventType":"x","eventState":"#, 0),
        ("json-other", #"{"eventName":"x"}"#, 0),
        ("many", String(repeating: "<EventNotificationAlert><eventType>x</eventType>", count: 500), ISAPI.alertLimit),
    ]

    @Test(arguments: broken) func `broken alerts give what can be read`(name: String, text: String, count: Int) {
        #expect(alerts(text).count == count, "\(name)")
    }

    @Test func `what is encoded comes back out of an alert stream`() {
        let alerts = [
            ISAPI.Alert.heartbeat(dateTime: "2026-11-10T07:31:00+07:00"),
            ISAPI.Alert(
                eventType: "VMD", isActive: true, dateTime: "2026-11-10T07:31:02+07:00", channel: 2, description: "<&>",
                macAddress: "a4:4c:62:22:4a:9a", more: [("detectionTarget", "human")]),
        ]
        let head = Array("HTTP/1.1 200 OK\r\nContent-Type: multipart/mixed; boundary=boundary\r\n\r\n".utf8)
        let messages = DecoderVerifier.verify(HTTPDecoder.init, [head] + alerts.map { ISAPI.encodePart($0) }, count: 3)
        let inside = messages.flatMap { Protocols.expand($0) }
        #expect(inside.map { $0.has("heartbeat") } == [true, false])
        #expect(inside.last?.text("eventDescription") == "<&>")
        #expect(inside.last?.text("channel") == "2")
        #expect(inside.last?.text("target") == "human")
        #expect(inside.last.map { ISAPI.summary(of: $0).map(\.value) } == ["VMD"])
    }
}
