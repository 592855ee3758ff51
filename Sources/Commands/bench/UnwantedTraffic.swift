import Wire

/// Messages that are whole and legal, and that no device's rules should want: what else goes over an office's network.
enum Unwanted: String, CaseIterable {
    case syslog, sip, mqtt, http, onvif

    /// The protocol whose rules are asked.
    var protocolName: ProtocolName {
        switch self {
        case .syslog: .syslog
        case .sip: .sip
        case .mqtt: .mqtt
        case .http: .http
        case .onvif: .onvif
        }
    }

    fileprivate var isStream: Bool { self != .syslog && self != .sip }
    fileprivate var port: UInt16 {
        switch self {
        case .syslog: 514
        case .sip: 5_060
        case .mqtt: 1_883
        case .http, .onvif: 8_090
        }
    }

    fileprivate func bytes(_ number: Int, _ host: IPAddress) -> [UInt8] {
        switch self {
        case .syslog:
            return Syslog.encode(
                facility: .daemon, severity: .notice,
                timestamp: Syslog.timestamp(Timestamp(seconds: 1_794_000_000), offsetMinutes: 420),
                hostname: "pc-\(number)",
                app: "systemd", msgid: "UNIT", text: "unit-\(number).timer: job finished, result=done")
        case .sip:
            let transaction = SIP.Transaction(
                from: SIP.Party(user: "a", host: "\(host)", tag: "t\(number)"),
                to: SIP.Party(user: "b", host: "10.20.10.1"),
                callId: "\(number)@\(host)", cseq: 7, method: "OPTIONS", via: "\(host):5060",
                branch: "z9hG4bK\(number)")
            return SIP.encodeRequest(transaction)
        case .mqtt:
            let payload = "{\"temperature\":21.5,\"unit\":\"C\",\"number\":\(number)}"
            return MQTT.encodePublish(
                topic: "building/floor-2/room-\(number % 50)/climate", payload: Array(payload.utf8))
        case .http:
            return HTTP1.encodeRequest(
                method: "GET", target: "/assets/app-\(number % 90).js",
                headers: [("Host", "10.20.10.1"), ("User-Agent", "Mozilla/5.0"), ("Accept", "*/*")])
        case .onvif:
            let notification = ONVIF.Notification(
                topic: "tns1:Device/Trigger/DigitalInput", utcTime: ONVIF.utcTime(Timestamp(seconds: 1_794_000_000)),
                operation: "Changed", source: [ONVIF.Notification.Item("InputToken", "\(number % 4)")],
                data: [ONVIF.Notification.Item("LogicalState", number % 2 == 0 ? "true" : "false")])
            return HTTP1.encodeRequest(
                method: "POST", target: "/onvif/notify", headers: [("Host", "10.20.10.1:8090")],
                body: ONVIF.encodeNotify([notification]))
        }
    }
}

extension Traffic {
    /// `count` messages of one kind, said by the hosts in turn.
    mutating func say(_ kind: Unwanted, by hosts: [IPAddress], count: Int) throws {
        var sequences = [UInt32](repeating: 1, count: hosts.count)
        for number in 0..<count {
            let place = number % hosts.count
            let host = hosts[place]
            guard kind.isStream else {
                let payload = kind.bytes(number, host)
                try frame(host, Self.server, 17, udp(kind == .sip ? 5_060 : 40_000, kind.port, payload[...]))
                continue
            }
            if sequences[place] == 1 {
                try frame(host, Self.server, 6, tcp(41_000, kind.port, 0, 0, 0x02, []))
                if kind == .mqtt {
                    let connect = MQTT.encodeConnect(clientId: "\(place)")
                    try frame(host, Self.server, 6, tcp(41_000, kind.port, 1, 0, 0x18, connect[...]))
                    sequences[place] &+= UInt32(connect.count)
                }
            }
            let payload = kind.bytes(number, host)
            try frame(host, Self.server, 6, tcp(41_000, kind.port, sequences[place], 0, 0x18, payload[...]))
            sequences[place] &+= UInt32(payload.count)
        }
        try finish()
    }
}
