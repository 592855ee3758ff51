import Testing

@testable import Wire

/// Real messages against an independent decoding of them (`shared/messages/expected.tsv`).
@Suite(.enabled(if: !SharedFiles.missing)) struct RecordedMessagesTests {
    private func rows(_ folder: String) throws -> [String: [[String]]] {
        var out: [String: [[String]]] = [:]
        for row in try SharedFiles.expected() where row[0].hasPrefix(folder + "/") {
            out[row[0], default: []].append(row)
        }
        return out
    }

    /// What an endless response with the file for its body gives.
    private func stream(_ body: [UInt8], type: String) -> [Message] {
        var conversation = Conversation(HTTPDecoder())
        conversation.feed("HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\n\r\n".utf8)
        conversation.feed(body)
        conversation.close()
        #expect(conversation.error == nil)
        return conversation.messages.flatMap { Protocols.expand($0) }
    }

    @Test func `Dahua's events, in a stream and by themselves`() throws {
        let rows = try rows("dahua")
        #expect(rows.count >= 8)
        for (path, wanted) in rows.sorted(by: { $0.key < $1.key }) {
            let body = try SharedFiles.bytes("messages/\(path)")
            var ways = [stream(body, type: "multipart/x-mixed-replace; boundary=myboundary")]
            if !body.starts(with: "--".utf8) { ways = [] }
            ways.append(Dahua.messages(body.span.bytes))
            for messages in ways {
                let found = messages.filter { $0.has("code") }.map { message in
                    [message.text("code"), message.text("action"), "index=" + (message.text("index") ?? "")].map {
                        $0 ?? ""
                    }
                    .joined(separator: " ")
                }
                #expect(
                    found.sorted() == wanted.map { [$0[2], $0[4], $0[5]].joined(separator: " ") }.sorted(), "\(path)")
            }
        }
    }

    @Test func `Hikvision's alerts`() throws {
        let rows = try rows("hikvision").filter { $0.value.contains { $0[1] == "alert" } }
        #expect(rows.count >= 8)
        for (path, wanted) in rows.sorted(by: { $0.key < $1.key }) {
            let request = HTTP1.encodeRequest(
                method: "POST", target: "/alarm", headers: [("Content-Type", "application/xml")],
                body: try SharedFiles.bytes("messages/\(path)"))
            var conversation = Conversation(HTTPDecoder())
            conversation.feed(request)
            let found = conversation.messages.flatMap { Protocols.expand($0) }.map { message in
                [
                    message.text("eventType"), message.text("dateTime"), message.text("eventState"),
                    "channel=" + (message.text("channel") ?? ""),
                    "activePostCount=\(message.text("activePostCount") ?? "");target=\(message.text("target") ?? "")",
                ].map { $0 ?? "" }
            }
            #expect(found == wanted.map { Array($0[2...6]) }, "\(path)")
        }
        let twice = try SharedFiles.bytes("messages/hikvision/videoloss_two_alerts_unclosed_description.xml")
        let two = ISAPI.alerts(twice.span.bytes)
        #expect(two.map { $0.text("channel") } == ["1", "2"])
        #expect(two.allSatisfy { $0.has("heartbeat") && $0.has("malformed") })
        let parts = stream(
            try SharedFiles.bytes("messages/hikvision/alertstream_multipart_diskerror.txt"),
            type: "multipart/mixed; boundary=boundary")
        #expect(parts.map { $0.text("eventType") } == ["diskerror"])
        #expect(parts.first?.text("disk") == "1")
        for (name, type) in [("vmd_alert_json.json", "VMD"), ("accesscontroller.json", "AccessControllerEvent")] {
            let bytes = try SharedFiles.bytes("messages/hikvision/\(name)")
            let alerts = ISAPI.alerts(bytes.span.bytes)
            #expect(alerts.map { $0.text("eventType") } == [type])
        }
    }

    /// Feedback, notifications and envelopes need no protocol of their own: HTTP, and fields of the body. Each leaf that
    /// the independent decoding names is a field that ends with its name.
    @Test(arguments: ["cisco", "poly", "wsdiscovery"]) func `documents give their leaves as fields`(folder: String)
        throws
    {
        let rows = try rows(folder).filter { $0.value.contains { $0[1] == "document" } }
        #expect(rows.count >= 4)
        for (path, wanted) in rows.sorted(by: { $0.key < $1.key }) {
            let body = try SharedFiles.bytes("messages/\(path)")
            var message = Message(.http, copying: body.span.bytes)
            message.setBody(in: 0..<body.count)
            try XMLFields.flatten(&message)
            #expect(message.text("xml.root") == wanted[0][2], "\(path)")
            let said = Set(
                message.fields.map { field -> String in
                    let name = field.name.rawValue.split(separator: ".").last ?? ""
                    return "\(name)=\(field.value.text.split(whereSeparator: \.isWhitespace).joined(separator: " "))"
                })
            for pair in wanted[0][6].split(separator: ";") where pair.contains("=") {
                let text = pair.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                #expect(said.contains(text) || wanted[0][6].hasSuffix(pair), "\(path): \(text)")
            }
        }
    }

    @Test func `Yealink's action URLs and Qmatic's webhooks are HTTP`() throws {
        var conversation = Conversation(HTTPDecoder())
        conversation.feed(try SharedFiles.bytes("messages/yealink/action_url_requests.http"))
        #expect(conversation.messages.map { $0.text("query.event") } == ["incoming", "connected", "hangup"])
        #expect(conversation.messages.first?.text("query.callerID") == "sip:200@pbx")
        var hook = Conversation(HTTPDecoder())
        // As published it announces one byte more than it has.
        hook.feed(try SharedFiles.bytes("messages/queue/qmatic_webhook_post.http"))
        hook.feed([10])
        var message = try #require(hook.messages.first)
        try JSONFields.flatten(&message)
        #expect(message.text("json.eventName") == "USER_SESSION_START")
    }

    /// RFC 4475: messages that are hard to read, valid or not. None is lost that has a start line of SIP/2.0, and of each
    /// the call is known.
    @Test func `SIP's torture messages`() throws {
        let refused: Set<String> = [
            // Status 4294967301, SIP/7.0, and a request line without a version.
            "resip_bigcode.dat", "rfc4475_invalid_bigcode.dat", "rfc4475_invalid_badvers.dat", "resip_test.dat",
        ]
        // Call-ID is missing on purpose.
        let anonymous: Set<String> = ["rfc4475_invalid_insuf.dat"]
        let names = try SharedFiles.names("sip")
        #expect(names.count >= 35)
        for name in names {
            let bytes = try SharedFiles.bytes("messages/sip/\(name)")
            let message = try? datagram(SIPDatagramDecoder(), bytes)
            #expect((message == nil) == refused.contains(name), "\(name)")
            guard let message, !anonymous.contains(name) else { continue }
            #expect(message.text("call-id")?.isEmpty == false, "\(name)")
            #expect(message.has("from-host"), "\(name)")
            for field in message.fields where field.name != "call-id" && field.name != "reason" {
                #expect(!field.value.text.contains("@"), "\(name): \(field.name)=\(field.value.text)")
            }
        }
    }
}
