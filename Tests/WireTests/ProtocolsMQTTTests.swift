import Testing

@testable import Wire

struct ProtocolsMQTTTests {
    private func decode(_ bytes: [UInt8], after connect: [UInt8]? = nil) throws -> Message {
        var conversation = Conversation(MQTTDecoder())
        if let connect { conversation.feed(connect) }
        conversation.feed(bytes)
        if let error = conversation.error { throw error }
        return try #require(conversation.messages.last)
    }

    @Test func `a 3-1-1 connect is read from its bytes, without its user name and password`() throws {
        // MQTT 3.1.1 section 3.1: flags user, password, will QoS 1, will, clean session.
        let bytes: [UInt8] = [
            0x10, 0x23, 0, 4, 0x4D, 0x51, 0x54, 0x54, 4, 0xCE, 0, 60,  //
            0, 3, 0x64, 0x65, 0x76, 0, 2, 0x77, 0x74, 0, 1, 0x21, 0, 4, 0x75, 0x73, 0x65, 0x72, 0, 6, 0x73, 0x65, 0x63,
            0x72,
            0x65, 0x74,
        ]
        let message = try decode([0x10, UInt8(bytes.count - 2)] + bytes.dropFirst(2))
        #expect(
            Heard(message).fields == [
                "type=CONNECT", "version=4", "cleanStart=true", "keepAlive=60", "clientId=dev", "willTopic=wt",
                "willQos=1",
                "willRetain=false",
            ])
    }

    @Test func `every packet type of 3-1-1 decodes to what was encoded, however it is cut`() {
        let will = MQTT.Will(topic: "w", payload: [1, 2], qos: 1, retain: true)
        let packets: [[UInt8]] = [
            MQTT.encodeConnect(clientId: "c1", will: will, username: "u", password: "p"), MQTT.encodeConnack(),
            MQTT.encodePublish(topic: "a/b", payload: Array("x".utf8)),
            MQTT.encodePublish(topic: "a/c", payload: [], qos: 1, packetId: 7, retain: true),
            MQTT.encodePublish(topic: "a/d", payload: [9], qos: 2, packetId: 8, dup: true),
            MQTT.encodePuback(packetId: 7),
            MQTT.encodePubrec(packetId: 8), MQTT.encodePubrel(packetId: 8), MQTT.encodePubcomp(packetId: 8),
            MQTT.encodeSubscribe(packetId: 9, filters: ["a/#", "b/+"], qos: 1),
            MQTT.encodeSuback(packetId: 9, reasonCodes: [1, 128]),
            MQTT.encodeUnsubscribe(packetId: 10, filters: ["a/#"]),
            MQTT.encodeUnsuback(packetId: 10), MQTT.encodePingreq(), MQTT.encodePingresp(), MQTT.encodeDisconnect(),
        ]
        let messages = DecoderVerifier.verify(MQTTDecoder.init, packets, count: packets.count)
        #expect(
            messages.compactMap { $0.text("type") } == [
                "CONNECT", "CONNACK", "PUBLISH", "PUBLISH", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP",
                "SUBSCRIBE",
                "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT",
            ])
        #expect(
            Heard(messages[3]).fields == [
                "type=PUBLISH", "topic=a/c", "qos=1", "retain=true", "dup=false", "packetId=7", "payloadLength=0",
            ])
        #expect(
            Heard(messages[4]).fields == [
                "type=PUBLISH", "topic=a/d", "qos=2", "retain=false", "dup=true", "packetId=8", "payloadLength=1",
            ])
        #expect(Array(messages[4].body) == [9])
        #expect(messages[9].all("filter") == ["a/#", "b/+"])
        #expect(messages[10].all("reasonCode") == ["1", "128"])
    }

    @Test func `MQTT 5 has properties, and an alias stands for the topic it was given with`() {
        let packets: [[UInt8]] = [
            MQTT.encodeConnect(clientId: "c5", version: .v5),
            MQTT.encodePublish(topic: "long/topic", payload: [1], version: .v5, topicAlias: 3, user: [("unit", "q1")]),
            MQTT.encodePublish(topic: "", payload: [2], version: .v5, topicAlias: 3),
            MQTT.encodePublish(topic: "", payload: [3], version: .v5, topicAlias: 4),
            MQTT.encodeSubscribe(packetId: 2, filters: ["x"], version: .v5), [0x40, 4, 0, 2, 16, 0],
            [0xE0, 2, 0x8B, 0], [0xF0, 2, 0x18, 0],
        ]
        let messages = DecoderVerifier.verify(MQTTDecoder.init, packets, count: packets.count)
        #expect(messages[1].text("topic") == "long/topic")
        #expect(messages[1].text("user.unit") == "q1")
        #expect(messages[1].integer("topicAlias") == 3)
        #expect(messages[2].text("topic") == "long/topic")
        #expect(!messages[3].has("topic"))
        #expect(messages[5].integer("reasonCode") == 16)
        #expect(messages[6].integer("reasonCode") == 139)
        #expect(messages[7].text("type") == "AUTH")
    }

    @Test func `the broker's direction learns the version from the client's connect`() throws {
        let connect = try decode(MQTT.encodeConnect(clientId: "c", version: .v5))
        let publish = MQTT.encodePublish(topic: "t", payload: [7], version: .v5)
        var broker = MQTTDecoder()
        broker.heard(connect)
        guard case .message(let learnt, _) = try broker.decode(publish.span.bytes, at: Timestamp(nanoseconds: 0)) else {
            Issue.record("no message")
            return
        }
        #expect(Array(learnt.body) == [7])
        // Joined in the middle it counts as 3.1.1: the empty property list looks like payload.
        #expect(Array(try decode(publish).body) == [0, 7])
        // A CONNACK longer than two bytes is MQTT 5, and says so to the client's direction.
        let connack = try decode(MQTT.encodeConnack(version: .v5))
        #expect(connack.integer("version") == 5)
        #expect(try decode(MQTT.encodeConnack()).integer("version") == 4)
    }

    @Test func `MQTT 3-1 is read by its old name`() throws {
        let message = try decode(MQTT.encodeConnect(clientId: "old", version: .v31))
        #expect(message.integer("version") == 3)
        #expect(message.text("clientId") == "old")
    }

    @Test func `a packet longer than is kept gives its topic, and the stream goes on behind it`() {
        let packets = [
            MQTT.encodePublish(topic: "big", payload: [UInt8](repeating: 5, count: MQTT.packetLimit + 10)),
            MQTT.encodePingreq(),
        ]
        var conversation = Conversation(MQTTDecoder())
        for packet in packets { conversation.feed(packet) }
        #expect(conversation.messages.map { $0.text("type") } == ["PUBLISH", "PINGREQ"])
        #expect(conversation.messages.first?.text("topic") == "big")
        #expect(conversation.messages.first?.integer("payloadLength") == Int64(MQTT.packetLimit + 10))
        #expect(conversation.messages.first?.body.isEmpty == true)
    }

    @Test func `remaining length takes one to four bytes`() {
        for count in [0, 1, 100, 127, 128, 16_383, 16_384, 200_000] {
            let packet = MQTT.encodePublish(topic: "t", payload: [UInt8](repeating: 1, count: count))
            var conversation = Conversation(MQTTDecoder())
            conversation.feed(packet)
            #expect(conversation.messages.first?.body.count == count)
            #expect(conversation.buffer.isEmpty)
        }
    }

    static let broken: [(String, [UInt8])] = [
        ("type-zero", [0x00, 0x00]), ("publish-qos-3", [0x36, 4, 0, 1, 97, 0]), ("puback-flags", [0x41, 2, 0, 1]),
        ("pingreq-with-body", [0xC0, 1, 0]), ("length-of-five-bytes", [0x30, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
        ("topic-longer-than-packet", [0x30, 4, 0, 9, 97, 98]), ("topic-with-nul", [0x30, 4, 0, 2, 97, 0]),
        ("topic-with-wildcard", [0x30, 4, 0, 2, 97, 0x23]), ("subscribe-without-filter", [0x82, 5, 0, 1, 0, 9, 97]),
        ("connect-of-another-protocol", [0x10, 12, 0, 4, 77, 81, 84, 88, 4, 2, 0, 1, 0, 0]),
        ("connect-of-version-9", [0x10, 12, 0, 4, 77, 81, 84, 84, 9, 2, 0, 1, 0, 0]),
        ("connect-cut-inside", [0x10, 12, 0, 4, 77, 81, 84, 84, 4, 2, 0, 1, 0, 9]),
        ("connack-too-short", [0x20, 1, 0]),
    ]

    @Test(arguments: broken) func `a broken packet is refused`(name: String, bytes: [UInt8]) {
        var conversation = Conversation(MQTTDecoder())
        conversation.feed(bytes)
        #expect(conversation.error != nil, "\(name)")
    }

    @Test func `unknown and torn properties are refused`() {
        for property in [[3, 99, 0, 0], [2, 2, 0], [5, 3, 0, 9, 97, 98]] as [[UInt8]] {
            var conversation = Conversation(MQTTDecoder())
            conversation.feed(MQTT.encodeConnect(clientId: "c", version: .v5))
            conversation.feed([0x30, UInt8(3 + property.count), 0, 1, 97] + property)
            #expect(conversation.error != nil)
        }
    }

    @Test func `after a gap the next packet is found`() {
        var decoder = MQTTDecoder()
        let publish = MQTT.encodePublish(topic: "queue/q/ticket/called", payload: Array("{}".utf8))
        let torn: [UInt8] = [0x61, 0x22, 0x7D]
        #expect(decoder.resynchronise((torn + publish + MQTT.encodePingreq()).span.bytes) == 3)
        #expect(decoder.resynchronise(publish.span.bytes) == 0)
        // The front of a long one, whose rest comes later.
        #expect(decoder.resynchronise(Array(publish.prefix(25)).span.bytes) == 0)
        #expect(decoder.resynchronise(Array("no packet in this text".utf8).span.bytes) == nil)
    }
}
