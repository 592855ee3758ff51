import Testing

@testable import Wire

struct ProtocolsH323Tests {
    @Test func `a real release is read from its bytes: call, type, and the body's choice`() throws {
        let bytes = hex(
            """
            0300002e 08 02 8001 5a 7e 0022 05 25c0060008914a000458081100 24ab157276fa1810 9a58001321f0699002800100
            """)
        var conversation = Conversation(Q931Decoder())
        conversation.feed(bytes)
        let message = try #require(conversation.messages.first)
        #expect(
            Heard(message).fields == [
                "message-type=0x5a", "message=RELEASE COMPLETE", "call-reference=1", "from-caller=false",
            ])
        let inner = try #require(Protocols.expand(message).first)
        #expect(inner.protocolName == .h225)
        #expect(Heard(inner).fields == ["message-body=5", "message=releaseComplete"])
    }

    @Test func `neither who calls nor who is called nor what is displayed is kept`() throws {
        // A real set-up: display "m.jemec"; numbers in elements 6C and 70.
        let bytes = hex("03000023 08 02 77f4 05 04 03 8090a5 28 08 6d2e6a656d656300 6c 04 01803137 70 03 c13932")
        var conversation = Conversation(Q931Decoder())
        conversation.feed(bytes)
        #expect(
            conversation.heard.map(\.fields) == [
                ["message-type=0x05", "message=SETUP", "call-reference=30708", "from-caller=true"]
            ])
    }

    @Test func `a call's messages come back as they were encoded, however they are cut`() {
        let packets: [[UInt8]] = [
            Q931.encode(type: 0x05, callReference: 30_708, userUser: H225.encodeBody("setup")),
            Q931.encode(
                type: 0x02, callReference: 30_708, fromCaller: false, userUser: H225.encodeBody("callProceeding")),
            Q931.encode(type: 0x03, callReference: 30_708, fromCaller: false, userUser: H225.encodeBody("progress")),
            Q931.encode(type: 0x6E, callReference: 30_708, fromCaller: false, userUser: H225.encodeBody("notify")),
            Q931.encode(type: 0x5A, callReference: 30_708, cause: 17),
        ]
        let messages = DecoderVerifier.verify(Q931Decoder.init, packets, count: 5)
        #expect(messages.map { $0.text("message-type") } == ["0x05", "0x02", "0x03", "0x6e", "0x5a"])
        #expect(
            messages.flatMap { Protocols.expand($0) }.map { $0.text("message") } == [
                "setup", "callProceeding", "progress", "notify",
            ])
        #expect(messages.last?.integer("cause") == 17)
        #expect(messages.last?.text("cause-name") == "user busy")
    }

    @Test func `a keep-alive is passed over, and after a gap the next message is found`() {
        let setup = Q931.encode(type: 0x05, callReference: 1)
        var conversation = Conversation(Q931Decoder())
        conversation.feed([3, 0, 0, 4] + setup)
        #expect(conversation.messages.count == 1)
        var decoder = Q931Decoder()
        #expect(decoder.resynchronise(([3, 9, 3, 0, 7] + setup).span.bytes) == 5)
        #expect(decoder.resynchronise(hex("03000000").span.bytes) == nil)
    }

    @Test func `H-323 is found on a port that was agreed on, and RDP's TPKT is not taken for it`() {
        let setup = Q931.encode(type: 0x05, callReference: 1)
        #expect(Protocols.streamProtocol(.unknown, setup.span.bytes) == .chosen(.q931))
        #expect(Protocols.streamProtocol(.unknown, hex("0300002b 26e00000 00000043").span.bytes) == .none)
        #expect(Protocols.streamProtocol(.unknown, Array(setup.prefix(5)).span.bytes) == .needMore(atLeast: 9))
    }

    static let broken: [(String, [UInt8])] = [
        ("another-version", hex("04000008 08020001 05")), ("reserved-not-zero", hex("03010009 08020001 05")),
        ("length-of-three", hex("03000003 08020001 05")), ("another-discriminator", hex("03000009 09020001 05")),
        ("call-reference-longer-than-packet", hex("03000007 080f00")), ("no-message-type", hex("03000008 08020001")),
    ]

    @Test(arguments: broken) func `a broken packet is refused`(name: String, bytes: [UInt8]) {
        var conversation = Conversation(Q931Decoder())
        conversation.feed(bytes)
        #expect(conversation.error != nil, "\(name)")
    }

    @Test func `an element that is longer than the packet leaves the message's type`() throws {
        var conversation = Conversation(Q931Decoder())
        conversation.feed(hex("0300000c 08020001 05 7e ffff"))
        #expect(conversation.messages.first?.text("message-type") == "0x05")
        #expect(conversation.messages.first?.has("malformed") == true)
    }

    @Test(arguments: [
        (hex("00800000"), 0, "gatekeeperRequest"), (hex("0c000000"), 3, "registrationRequest"),
        (hex("24000000"), 9, "admissionRequest"), (hex("3c000000"), 15, "disengageRequest"),
        (hex("54000000"), 21, "infoRequest"), (hex("80000000"), 25, "requestInProgress"),
        (hex("87000000"), 32, "admissionConfirmSequence"),
    ]) func `a gatekeeper's messages are named by their choice`(bytes: [UInt8], index: Int, name: String) throws {
        let message = try #require(try datagram(H225RASDecoder(), bytes))
        #expect(Heard(message).fields == ["ras=\(index)", "message=\(name)"])
    }

    @Test func `choices that there are not are refused`() {
        for bytes in [hex("7c000000"), hex("c0000000"), hex("88000000"), hex("0c")] {
            #expect((try? datagram(H225RASDecoder(), bytes)) == nil)
        }
        var message = Message(.q931, copying: hex("0700").span.bytes)
        message.setBody(in: 0..<2)
        #expect(H225.messages(in: message).isEmpty)
    }
}
