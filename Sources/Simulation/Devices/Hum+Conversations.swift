internal import Domain
internal import Wire

/// Conversations of others: PCs at work, and strangers that speak like our devices.
extension Hum {
    private mutating func conversation(_ client: Host, _ server: Host, port: UInt16) -> TCPConversation {
        TCPConversation(
            stage.tap, client: client, server: server, port: port, segment: 1_460, noise: nil, seed: draw())
    }

    /// A TLS 1.2 session: hellos in clear, the rest opaque records.
    mutating func secure(_ at: Int64) {
        let client = anyComputer()
        let talk = conversation(client, stage.network.outside, port: 443)
        talk.open(at: at)
        talk.send(fromClient: true, clientHello(), completing: at + 9_000_000)
        talk.send(fromClient: false, serverHello(), completing: at + 31_000_000)
        var time = at + 60_000_000
        for _ in 0..<integer(1...4) {
            talk.send(fromClient: true, record(integer(60...400)), completing: time)
            talk.send(fromClient: false, record(integer(200...2_600)), completing: time + 24_000_000)
            time += 80_000_000
        }
        talk.close(at: time + 90_000_000)
    }

    private mutating func record(_ count: Int) -> [UInt8] {
        var out: [UInt8] = [23, 3, 3]
        out.append16(count)
        return out + opaque(count)
    }

    private mutating func clientHello() -> [UInt8] {
        let name = Array("dichvucong.gov.vn".utf8)
        var list: [UInt8] = [0]
        list.append16(name.count)
        list += name
        var extensions: [UInt8] = [0, 0]
        extensions.append16(list.count + 2)
        extensions.append16(list.count)
        extensions += list
        extensions += [0, 10, 0, 4, 0, 2, 0, 23]
        var body: [UInt8] = [3, 3] + opaque(32) + [0, 0, 4, 0xC0, 0x2F, 0xC0, 0x30, 1, 0]
        body.append16(extensions.count)
        body += extensions
        return handshake(1, body)
    }

    private mutating func serverHello() -> [UInt8] {
        handshake(2, [3, 3] + opaque(32) + [0, 0xC0, 0x2F, 0])
    }

    private func handshake(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [22, 3, 3]
        out.append16(body.count + 4)
        out += [type, 0]
        out.append16(body.count)
        return out + body
    }

    /// SMB2 negotiation ([MS-SMB2] 2.2.3), and an end.
    mutating func share(_ at: Int64) {
        let talk = conversation(anyComputer(), stage.network.server, port: 445)
        talk.open(at: at)
        var message: [UInt8] = [0xFE, 0x53, 0x4D, 0x42, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]
        message += [UInt8](repeating: 0, count: 48)
        message +=
            [36, 0, 1, 0, 1, 0, 0, 0, 0x7F, 0, 0, 0] + opaque(16) + [UInt8](repeating: 0, count: 8) + [0x02, 0x02]
        talk.send(
            fromClient: true, [0, 0, 0, UInt8(truncatingIfNeeded: message.count)] + message, completing: at + 3_000_000)
        talk.close(at: at + 40_000_000)
    }

    /// A page from the intranet server.
    mutating func browse(_ at: Int64) {
        let talk = conversation(anyComputer(), stage.network.server, port: 80)
        talk.open(at: at)
        talk.send(
            fromClient: true,
            HTTP1.encodeRequest(
                method: "GET", target: "/noi-bo/thong-bao", headers: [("Host", "intranet.example"), ("Accept", "*/*")]),
            completing: at + 2_000_000)
        let page = Array("<html><body>Thông báo: họp giao ban 8 giờ.</body></html>".utf8)
        talk.send(
            fromClient: false,
            HTTP1.encodeResponse(status: 200, headers: [("Content-Type", "text/html; charset=utf-8")], body: page),
            completing: at + 9_000_000)
        talk.close(at: at + 60_000_000)
    }

    /// One of our own devices reads its clock page, or fetches something: not an event.
    mutating func housekeeping(_ at: Int64) {
        guard let host = anyDevice(at) else { return }
        let talk = conversation(host, stage.network.server, port: 80)
        talk.open(at: at)
        talk.send(
            fromClient: true,
            HTTP1.encodeRequest(method: "GET", target: "/firmware/latest", headers: [("Host", "updates.example")]),
            completing: at + 2_000_000)
        talk.send(
            fromClient: false,
            HTTP1.encodeResponse(
                status: 200, headers: [("Content-Type", "application/json")], body: Array(#"{"version":"4.2.0"}"#.utf8)),
            completing: at + 8_000_000)
        talk.close(at: at + 50_000_000)
    }

    // MARK: Strangers

    private func clockText(_ at: Int64) -> String {
        stage.scenario.site.office.clock.text(Instant(milliseconds: at / 1_000_000))
    }

    mutating func strangerTicket(_ at: Int64) {
        let host = stranger()
        let number = "A\(100 + integer(0...899))"
        let line = Syslog.encode(
            facility: .local0, severity: .info, timestamp: clockText(at), hostname: "kiosk", app: "qms",
            msgid: "TICKET", text: "action=issued ticket=\(number) service=ho-tich channel=kiosk priority=0")
        stage.tap.udp(from: host, port: 514, to: .group(stage.network.everybody), port: 514, line, at: at)
    }

    mutating func strangerMQTT(_ at: Int64) {
        let host = stranger()
        let talk = conversation(host, stage.network.broker, port: 1_883)
        talk.open(at: at)
        talk.send(fromClient: true, MQTT.encodeConnect(clientId: "other-\(integer(1...9))"), completing: at + 2_000_000)
        talk.send(fromClient: false, MQTT.encodeConnack(), completing: at + 3_000_000)
        let payload = #"{"number":"D001","counter":"4","time":"\#(clockText(at))"}"#
        talk.send(
            fromClient: true, MQTT.encodePublish(topic: "queue/elsewhere/ticket/called", payload: Array(payload.utf8)),
            completing: at + 5_000_000)
        talk.send(fromClient: true, MQTT.encodeDisconnect(), completing: at + 9_000_000)
        talk.close(at: at + 12_000_000)
    }

    mutating func strangerCamera(_ at: Int64) {
        let host = stranger()
        let talk = conversation(host, stage.network.recorder, port: 8_090)
        talk.open(at: at)
        let notification = ONVIF.Notification(
            topic: "tns1:RuleEngine/CountAggregation/OccupancyCounter",
            utcTime: ONVIF.utcTime(Timestamp(nanoseconds: at)), operation: "Changed",
            source: [.init("VideoSource", "vs-0"), .init("Rule", "rule-1")], data: [.init("Count", "3")])
        talk.send(
            fromClient: true,
            Speech.notify(
                [notification], to: Endpoint(stage.network.recorder.address, port: 8_090), isLast: true),
            completing: at + 3_000_000)
        talk.send(fromClient: false, Speech.accepted(isLast: true), completing: at + 4_000_000)
        talk.close(at: at + 6_000_000)
    }

    mutating func strangerCall(_ at: Int64) {
        let host = stranger()
        let flow = CallFlow(
            local: Endpoint(host.address, port: 5_060), remote: Endpoint(stage.network.far.address, port: 5_060),
            id: "\(FNV1a.text("\(at)".utf8))@elsewhere.example", isOutgoing: true, user: "phone")
        let far = stage.network.far
        let steps: [(bytes: [UInt8], isLocal: Bool, after: Int64)] = [
            (flow.invite(), true, 0), (flow.provisional(180, "Ringing"), false, 150_000_000),
            (flow.accept(), false, 900_000_000), (flow.acknowledge(), true, 920_000_000),
            (flow.bye(fromLocal: true), true, 1_500_000_000), (flow.byeAnswer(toLocal: true), false, 1_520_000_000),
        ]
        for step in steps {
            let (from, to) = step.isLocal ? (host, far) : (far, host)
            stage.tap.udp(from: from, port: 5_060, to: .host(to), port: 5_060, step.bytes, at: at + step.after)
        }
    }
}
