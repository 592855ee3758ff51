import Testing

@testable import Wire

struct ProtocolsONVIFTests {
    private func expand(_ body: [UInt8]) throws -> [Message] {
        var conversation = Conversation(HTTPDecoder())
        conversation.feed(HTTP1.encodeRequest(method: "POST", target: "/onvif/notify", body: body))
        return Protocols.expand(try #require(conversation.messages.first))
    }

    @Test func `each notification of a Notify is a message, and what was encoded comes back`() throws {
        let notifications = [
            ONVIF.Notification(
                topic: "tns1:RuleEngine/CountAggregation/OccupancyCounter",
                utcTime: ONVIF.utcTime(Timestamp(milliseconds: 1_794_270_662_104)), operation: "Changed",
                source: [.init("VideoSource", "1"), .init("Rule", "q1 <&\"'> \u{1F464}")],
                key: [.init("ObjectId", "7")],
                data: [.init("Count", "2")]),
            ONVIF.Notification(
                topic: "tns1:Device/Trigger", utcTime: "2026-11-10T00:31:02Z", data: [.init("a\tb", "x\ny")]),
        ]
        for body in [ONVIF.encodeNotify(notifications), ONVIF.encodePullMessagesResponse(notifications)] {
            let messages = try expand(body)
            #expect(
                messages.map { Heard($0).fields } == [
                    [
                        "topic=tns1:RuleEngine/CountAggregation/OccupancyCounter", "utcTime=2026-11-10T00:31:02.104Z",
                        "operation=Changed", "source.VideoSource=1", "source.Rule=q1 <&\"'> \u{1F464}",
                        "key.ObjectId=7",
                        "data.Count=2",
                    ], ["topic=tns1:Device/Trigger", "utcTime=2026-11-10T00:31:02Z", "data.a\tb=x\ny"],
                ])
        }
    }

    @Test func `blanks around topics, other prefixes and CDATA do no harm`() throws {
        let messages = ONVIF.notifications(
            Array(
                """
                \u{FEFF} <?xml version="1.0"?><!-- <NotificationMessage> --><Envelope><Body><Notify><NotificationMessage>
                <Topic>
                  tns1:A/B </Topic><Message><Message UtcTime=' t ' ><Source/><Data>
                <SimpleItem Value = "1" Name='n'></SimpleItem></Data></Message></Message></NotificationMessage>
                <x:NotificationMessage><x:Topic><![CDATA[tns1:C]]></x:Topic></x:NotificationMessage>
                """.utf8
            ).span.bytes)
        #expect(messages.map { Heard($0).fields } == [["topic=tns1:A/B", "utcTime=t", "data.n=1"], ["topic=tns1:C"]])
    }

    static let broken: [(String, String, Int)] = [
        (
            "document-type",
            "<!DOCTYPE x [<!ENTITY a 'b'>]><NotificationMessage><Topic>t</Topic></NotificationMessage>", 0
        ),
        ("page-in-html", "<html><body>404<br></body></html>", 0), ("not-xml", "NotificationMessage", 0),
        (
            "torn-second",
            "<N><NotificationMessage><Topic>a</Topic></NotificationMessage><NotificationMessage><Topic>b</To", 1
        ),
        ("close-tags-crossed", "<N><NotificationMessage><Topic>a</NotificationMessage></Topic></N>", 1),
        ("no-topic", "<N><NotificationMessage><Message UtcTime='x'/></NotificationMessage></N>", 0),
        (
            "endless-depth",
            String(repeating: "<a>", count: 5_000) + "<NotificationMessage><Topic>a</Topic></NotificationMessage>", 0
        ),
        ("quote-left-open", "<N><NotificationMessage a='><Topic>a</Topic></NotificationMessage></N>", 0),
    ]

    @Test(arguments: broken) func `broken bodies give what came before the fault`(
        name: String, text: String, count: Int
    ) {
        #expect(ONVIF.notifications(Array(text.utf8).span.bytes).count == count, "\(name)")
    }

    /// Recorded bodies of real cameras, decoded independently (`shared/messages/expected.tsv`).
    @Test(.enabled(if: !SharedFiles.missing), arguments: ["onvif", "axis"])
    func `recorded bodies decode as the independent decoder says`(folder: String) throws {
        let rows = try SharedFiles.expected().filter { $0[0].hasPrefix(folder + "/") && !$0[0].hasSuffix(".json") }
        #expect(rows.count > 20)
        var expected: [String: [String]] = [:]
        for row in rows {
            let text = row[1] == "notification" ? row[2...].joined(separator: "\t") : nil
            expected[row[0], default: []] += text.map { [$0] } ?? []
        }
        for (path, wanted) in expected.sorted(by: { $0.key < $1.key }) {
            let body = try SharedFiles.bytes("messages/\(path)")
            let found = ONVIF.notifications(body.span.bytes).map { message in
                func items(_ kind: String) -> String {
                    message.fields.filter { $0.name.rawValue.hasPrefix(kind + ".") }
                        .map { "\($0.name.rawValue.dropFirst(kind.utf8.count + 1))=\($0.value.text)" }.joined(
                            separator: ";")
                }
                return [
                    message.text("topic") ?? "", message.text("utcTime") ?? "", message.text("operation") ?? "",
                    items("source"), items("data"),
                ].joined(separator: "\t")
            }
            #expect(found.sorted() == wanted.sorted(), "\(path)")
        }
    }
}
