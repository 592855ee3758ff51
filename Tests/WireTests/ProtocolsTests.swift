import Testing

@testable import Wire

struct ProtocolsTests {
    private func stream(_ portClass: PortClass, _ text: String) -> Protocols.StreamChoice {
        Protocols.streamProtocol(portClass, Array(text.utf8).span.bytes)
    }

    private func datagramName(_ portClass: PortClass, _ text: String) -> ProtocolName? {
        Protocols.datagramProtocol(portClass, Array(text.utf8).span.bytes)
    }

    @Test func `a port of ours names the protocol and somebody else's port is noise`() {
        let table = PortTable()
        #expect(table.datagram(source: 40_000, target: 514) == .syslog)
        #expect(table.datagram(source: 514, target: 40_000) == .syslog)
        #expect(table.datagram(source: 40_000, target: 53) == .noise)
        #expect(table.datagram(source: 53, target: 5060) == .sip)
        #expect(table.stream(source: 1883, target: 40_000) == .mqtt)
        #expect(table.stream(source: 443, target: 40_000) == .noise)
        #expect(table.stream(source: 40_000, target: 8_554) == PortClass(.rtsp))
        #expect(table.datagram(source: 3_702, target: 53_211) == PortClass(.wsDiscovery))
        #expect(table.datagram(source: 40_000, target: 9_875) == PortClass(.sdp))
        #expect(table.stream(source: 40_000, target: 40_001) == .unknown)
        // Both directions of a stream are of one class.
        #expect(table.stream(source: 8090, target: 80) == table.stream(source: 80, target: 8090))
        #expect(table.stream(source: 5060, target: 1883) == .mqtt)
    }

    @Test func `where ports lie the first bytes tell`() {
        #expect(stream(.unknown, "POST /onvif/notify HTTP/1.1\r\n") == .chosen(.http))
        #expect(stream(.unknown, "HTTP/1.1 200 OK\r\n") == .chosen(.http))
        #expect(stream(.unknown, "OPTIONS sip:a@b SIP/2.0\r\n") == .chosen(.sip))
        #expect(stream(.unknown, "OPTIONS * HTTP/1.1\r\n") == .chosen(.http))
        #expect(stream(.unknown, "SIP/2.0 200 OK\r\n") == .chosen(.sip))
        #expect(stream(.unknown, "DESCRIBE rtsp://cam/1 RTSP/1.0\r\n") == .chosen(.rtsp))
        #expect(stream(.unknown, "RTSP/1.0 200 OK\r\n") == .chosen(.rtsp))
        #expect(stream(.unknown, "<134>1 - - qms") == .chosen(.syslog))
        #expect(stream(.unknown, "57 <134>1 - - qms") == .chosen(.syslog))
        #expect(stream(.unknown, "\u{10}\u{12}\u{0}\u{4}MQTT\u{4}\u{2}\u{0}<") == .chosen(.mqtt))
        #expect(stream(.unknown, "\u{10}\u{14}\u{0}\u{6}MQIsdp\u{3}\u{2}\u{0}<") == .chosen(.mqtt))
        #expect(datagramName(.unknown, "<13>x") == .syslog)
        #expect(datagramName(.unknown, "INVITE sip:a@b SIP/2.0\r\n") == .sip)
        #expect(datagramName(.sip, "anything") == .sip)
        // A clear start beats the port.
        #expect(stream(.sip, "GET / HTTP/1.1\r\n") == .chosen(.http))
        #expect(stream(.http, "\u{3}\u{0}rubbish") == .chosen(.http))
    }

    @Test func `strangers' traffic is not guessed at`() {
        for text in [
            "\u{16}\u{3}\u{1}", "SSH-2.0-OpenSSH_9.2\r\n", "220 mail ESMTP\r\n", "DESCRIBE rtsp://x ICAP/1.0\r\n",
            "<html><body>",
            "<999>x", "EHLO x\r\n", "12 apples\r\n", "1234567 <13>x", "\u{10}\u{5}\u{0}\u{4}XXXX12345", "hello",
            "PRI * HTTP/2.0\r\n", "",
        ] {
            if case .chosen(let name) = stream(.unknown, text) { Issue.record("\(text) taken for \(name)") }
            #expect(datagramName(.unknown, text) == nil, "\(text)")
            #expect(datagramName(.noise, text) == nil)
        }
        #expect(stream(.noise, "GET / HTTP/1.1\r\n") == .none)
        #expect(datagramName(.noise, "<13>x") == nil)
    }

    @Test func `a start that came cut is waited for, within bounds`() {
        for text in [
            "GET / HTTP/1.1\r\n", "INVITE sip:a@b SIP/2.0\r\n", "<134>1 x", "57 <134>1 x",
            "\u{10}\u{12}\u{0}\u{4}MQTT\u{4}\u{2}\u{0}<",
        ] {
            let bytes = Array(text.utf8)
            let whole = Protocols.streamProtocol(.unknown, bytes.span.bytes)
            for count in 1..<bytes.count {
                let front = Array(bytes.prefix(count))
                switch Protocols.streamProtocol(.unknown, front.span.bytes) {
                case .needMore(let atLeast): #expect(atLeast > count)
                case let early: #expect(early == whole, "\(count) bytes of \(text)")
                }
            }
        }
        let endless = "GET " + String(repeating: "a", count: Sniff.lineLimit)
        #expect(stream(.unknown, endless) == .none)
    }

    @Test func `every protocol names its fields, and its decoders say the same`() {
        for name in ProtocolName.allCases {
            let fields = Protocols.fields(of: name)
            #expect(!fields.isEmpty)
            #expect(Set(fields).count == fields.count)
            if let decoder = Protocols.streamDecoder(name) {
                #expect(type(of: decoder).name == name)
                #expect(type(of: decoder).fields == fields)
            }
            if let decoder = Protocols.datagramDecoder(name) {
                #expect(type(of: decoder).name == name)
                #expect(type(of: decoder).fields == fields)
            }
        }
    }

    /// A profile is checked against the lists: a decoder that makes other fields would make rules that can't be written.
    @Test func `decoders make no fields that they do not name`() {
        for (name, bytes) in MalformedTests.streams {
            guard var decoder = Protocols.streamDecoder(name) else { continue }
            var at = 0
            while at < bytes.count,
                case .some(let step) = try? decoder.decode(
                    Array(bytes[at...]).span.bytes, at: Timestamp(nanoseconds: 0))
            {
                switch step {
                case .message(let message, let consumed):
                    for inner in [message] + Protocols.expand(message) { Self.check(inner) }
                    at += consumed
                case .skip(let count): at += count
                case .needMore: at = bytes.count
                }
            }
        }
    }

    @Test func `what has no wire of its own is carried by something that has`() {
        for name in ProtocolName.allCases where !name.isOfFiles && name != .framed {
            let carrier = Protocols.carrier(of: name)
            #expect(
                Protocols.streamDecoder(carrier) != nil || Protocols.datagramDecoder(carrier) != nil, "\(name.rawValue)"
            )
        }
    }

    private static func check(_ message: Message) {
        let known = Protocols.fields(of: message.protocolName).map(\.rawValue)
        for (field, _) in message.fields {
            let found = known.contains {
                $0 == field.rawValue || $0.hasSuffix(".*") && field.rawValue.hasPrefix($0.dropLast())
            }
            #expect(found, "\(message.protocolName.rawValue).\(field)")
        }
    }

    @Test func `secrets are known by the protocol's list and by their names, and lines hide them`() {
        #expect(Protocols.isSecret("alert.AccessControllerEvent.cardNo", of: .isapi))
        #expect(Protocols.isSecret("data.CardNo", of: .dahua))
        #expect(Protocols.isSecret("json.user.Password", of: .mqtt))
        #expect(Protocols.isSecret("header.proxy-authorization", of: .http))
        #expect(!Protocols.isSecret("eventType", of: .isapi))
        #expect(!Protocols.isSecret("json.tokens.count", of: .http))
        for name in ProtocolName.allCases {
            for secret in Protocols.secretFields(of: name) where !secret.rawValue.contains(".") {
                #expect(Protocols.fields(of: name).contains(secret), "\(name.rawValue).\(secret)")
            }
        }
        var message = Message(.http)
        message.add("status", integer: 200)
        message.add("json.token", text: "t0p")
        let at = Timestamp(nanoseconds: 0)
        let end = Endpoint(IPAddress(v4: 1), port: 80)
        let heard = HeardMessage(message, at: at, source: end, target: end, transport: .tcp)
        #expect(heard.line.contains(#""json.token":"redacted""#))
        #expect(heard.line(showingSecrets: true).contains(#""json.token":"t0p""#))
    }
}
