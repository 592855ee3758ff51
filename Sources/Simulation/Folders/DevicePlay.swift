internal import Agent
internal import Domain
internal import Wire

/// Puts what a device says on a wire, or into a file.
struct DevicePlay {
    struct Failure: Error {
        var line: Int
        var message: String
    }

    private let speech: DeviceSpeech
    private let profile: DeviceProfile
    private let wire: ProtocolName
    private let transport: DeviceSpeech.Transport
    private let connection: DeviceSpeech.Connection
    private let role: DeviceSpeech.Role
    private let port: UInt16
    private let tap: Tap
    private let device: Host
    private let other: Host

    /// The whole log: a capture, or rows.
    private(set) var bytes: [UInt8] = []

    init(_ day: DeviceDay, _ speech: DeviceSpeech, _ profile: DeviceProfile, seed: UInt64) throws(Failure) {
        self.speech = speech
        self.profile = profile
        wire = Protocols.carrier(of: profile.protocolName)
        tap = Tap(window: 0..<Int64.max)
        transport = speech.transport ?? Self.transport(of: wire)
        connection = speech.connection ?? (wire == .http || wire == .escpos ? .each : .one)
        var address = IPAddress(v4: 0xC0A8_0A14)
        var mac: [UInt8]?
        var ports: [UInt16] = []
        var broker: IPAddress?
        switch DeviceAddress(speech.address) {
        case .ip(let ip, let only): (address, ports) = (ip, only)
        case .mac(let own): mac = own.bytes
        case .topic(_, let at): broker = at
        case .behind, .rows, nil: break
        }
        role = speech.role ?? (ports.isEmpty && wire != .escpos ? .client : .server)
        port = speech.port ?? ports.first ?? Self.port(of: wire)
        device = Host("device", address: address, mac: mac)
        other = Host("other", address: broker ?? IPAddress(v4: 0xC0A8_0A05))
        if profile.protocolName.isOfFiles {
            try rows(day)
        } else {
            try frames(day, seed)
            arp(at: day.end.milliseconds * 1_000_000)
            bytes = tap.capture().bytes
        }
    }

    private static func transport(of wire: ProtocolName) -> DeviceSpeech.Transport {
        switch wire {
        case .lldp, .cdp, .arp: .frame
        case .icmp: .icmp
        case .http, .mqtt, .escpos, .rtsp, .q931: .tcp
        default: Protocols.datagramDecoder(wire) == nil && wire != .framed ? .tcp : .udp
        }
    }

    private static func port(of wire: ProtocolName) -> UInt16 {
        switch wire {
        case .syslog: 514
        case .mqtt: 1_883
        case .sip: 5_060
        case .snmp: 162
        case .escpos: 9_100
        case .rtsp: 554
        case .q931: 1_720
        case .dhcp: 67
        case .mdns: 5_353
        case .ssdp: 1_900
        default: 8_090
        }
    }

    private func said(_ message: DeviceSpeech.Message, _ told: Told) throws(Failure) -> [UInt8] {
        var form = message.form
        if case .publish(_, let isRetained) = form, let topic = message.topic {
            form = .publish(topic: topic.text(told, clock: DeviceDay.clock), isRetained: isRetained)
        }
        let lines = message.lines.map { $0.text(told, clock: DeviceDay.clock) }
        guard let bytes = form.bytes(lines) else {
            throw Failure(line: message.line, message: "what is said here is no \(form.name): \(lines.first ?? "")")
        }
        return bytes
    }

    // MARK: Files

    private mutating func rows(_ day: DeviceDay) throws(Failure) {
        if let header = speech.header { bytes += Array((header + "\n").utf8) }
        for act in day.acts {
            for message in speech.utterances[act.utterance].messages {
                bytes += try said(message, act.told) + [UInt8(ascii: "\n")]
            }
        }
    }

    // MARK: Frames

    private func frames(_ day: DeviceDay, _ seed: UInt64) throws(Failure) {
        var open: TCPConversation?
        for act in day.acts {
            let messages = speech.utterances[act.utterance].messages
            if transport == .tcp, open == nil {
                let first = act.at.milliseconds + (messages.map(\.after).min() ?? 0)
                open = try begin(at: (first - 100) * 1_000_000, act.told, seed)
            }
            var last: Int64 = 0
            for message in messages {
                let bytes = try said(message, act.told)
                let at = (act.at.milliseconds + message.after) * 1_000_000
                last = max(last, at)
                send(bytes, message.isToDevice, at: at, open)
            }
            guard let conversation = open else { continue }
            if answersItself(messages) {
                last += 12_000_000
                conversation.send(
                    fromClient: false, HTTP1.encodeResponse(status: 200, headers: [("Connection", "close")]),
                    completing: last)
            }
            if connection == .each {
                conversation.close(at: last + 30_000_000)
                open = nil
            }
        }
        open?.close(at: day.end.milliseconds * 1_000_000 - 500_000_000)
    }

    /// Whoever is told by HTTP says that it was.
    private func answersItself(_ messages: [DeviceSpeech.Message]) -> Bool {
        wire == .http && connection == .each && role == .client && messages.allSatisfy { !$0.isToDevice }
    }

    private func begin(at: Int64, _ told: Told, _ seed: UInt64) throws(Failure) -> TCPConversation {
        let isClient = role == .client
        let conversation = TCPConversation(
            tap, client: isClient ? device : other, server: isClient ? other : device, port: port, segment: 1_460,
            noise: nil, seed: seed)
        conversation.open(at: at)
        var moment = at + 10_000_000
        if wire == .mqtt, speech.opening.isEmpty {
            conversation.send(
                fromClient: true, MQTT.encodeConnect(clientId: "device", keepAlive: 60), completing: moment)
            conversation.send(fromClient: false, MQTT.encodeConnack(), completing: moment + 2_000_000)
        }
        for message in speech.opening {
            let bytes = try said(message, told)
            conversation.send(fromClient: message.isToDevice != isClient, bytes, completing: moment)
            moment += 5_000_000
        }
        return conversation
    }

    private func send(_ bytes: [UInt8], _ isToDevice: Bool, at: Int64, _ open: TCPConversation?) {
        let source = isToDevice ? other : device
        let target = isToDevice ? device : other
        switch transport {
        case .tcp:
            open?.send(fromClient: isToDevice != (role == .client), bytes, completing: at)
        case .udp:
            let group = speech.target.flatMap { IPAddress($0) }
            let isServer = isToDevice != (role == .server)
            let far = port == 67 ? 68 : [5_060, 5_353].contains(port) ? port : 40_000
            tap.udp(
                from: source, port: isServer ? port : far, to: group.map { .group($0) } ?? .host(target),
                port: isServer ? far : port, bytes, at: at)
        case .icmp:
            tap.ipv4(from: source, to: .host(target), proto: 1, bytes, at: at)
        case .frame:
            tap.record(Self.frame(wire, from: source.mac, bytes), at: at)
        }
    }

    /// A link-layer protocol's own frame.
    private static func frame(_ wire: ProtocolName, from mac: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        switch wire {
        case .cdp:
            // IEEE 802.3 with LLC and SNAP: the length stands where others have their type.
            let body = [0xAA, 0xAA, 0x03, 0x00, 0x00, 0x0C, 0x20, 0x00] + bytes
            return Tap.ethernet(
                to: [0x01, 0x00, 0x0C, 0xCC, 0xCC, 0xCC], from: mac, vlan: nil, type: UInt16(clamping: body.count))
                + body
        case .lldp:
            return Tap.ethernet(to: [0x01, 0x80, 0xC2, 0x00, 0x00, 0x0E], from: mac, vlan: nil, type: 0x88CC) + bytes
        default:
            return Tap.ethernet(to: Host.broadcastMAC, from: mac, vlan: nil, type: 0x0806) + bytes
        }
    }

    /// Somebody else is still there at the end: time has passed for those who wait for it.
    private func arp(at: Int64) {
        var body: [UInt8] = [0, 1, 8, 0, 6, 4, 0, 1] + other.mac
        body.append32(other.address.low)
        body += [0, 0, 0, 0, 0, 0]
        body.append32(other.address.low)
        tap.record(Tap.ethernet(to: Host.broadcastMAC, from: other.mac, vlan: nil, type: 0x0806) + body, at: at)
    }
}
