import Domain
import Wire

/// A day's capture from a seed: 80 % is nobody's word, the rest is syslog, SIP, MQTT and ONVIF over HTTP of the
/// office's devices; one frame in ten is VLAN-tagged, one in twelve IPv6.
struct Traffic {
    /// What the capture holds: what a decoder must find.
    struct Contents {
        var packets = 0
        var bytes = 0
        var syslog: UInt64 = 0
        var sip: UInt64 = 0
        var mqtt: UInt64 = 0
        var onvif: UInt64 = 0
        var tagged = 0
        var v6 = 0
    }

    private(set) var contents = Contents()
    private var random: UInt64
    private let output: CaptureWriter
    private let packetCount: Int
    private var time: Int64
    private let step: Int64
    private var tickets: [TicketLife]
    private var boards: [TicketLife]
    private var publishers: [Stream]
    private var cameras: [Stream]
    private var calls: [Int]
    private let noise: [UInt8]

    /// A ticket system's round: issue, call, serve, finish.
    private struct TicketLife {
        var number = 0
        var stage = 0
        static let actions = ["issued", "called", "serving", "served"]
    }

    /// One direction's place in a TCP conversation, and the other's.
    private struct Stream {
        var own: UInt32
        var peer: UInt32
        var isOpen = false
    }

    static let server = IPAddress(v4: 0x0A14_0A01)
    static let server6 = IPAddress(v6High: 0xFD00_0020_0000_0000, low: 0xA01)

    /// - Parameters:
    ///   - start: nanoseconds since 1970; from six in the office's morning if there is none.
    ///   - span: nanoseconds that the frames are spread over.
    init(
        seed: UInt64, packets: Int, from start: Int64? = nil, over span: Int64 = 14 * 3_600 * 1_000_000_000,
        output: CaptureWriter
    ) {
        random = seed
        self.output = output
        packetCount = packets
        time = start ?? Self.morning
        step = span / Int64(max(packets, 1))
        tickets = (0..<BenchSite.counterCount).map { TicketLife(number: $0) }
        boards = (0..<BenchSite.counterCount).map { TicketLife(number: $0) }
        publishers = (0..<BenchSite.publisherCount).map { Stream(own: UInt32($0) << 24, peer: 9) }
        cameras = (0..<BenchSite.cameraCount).map { Stream(own: UInt32($0) << 24, peer: 9) }
        calls = Array(repeating: 0, count: BenchSite.meetingCount)
        var state = seed
        noise = (0..<8_192).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    /// Six o'clock in the office.
    static let morning = (Int64(BenchSite.day.number) * 86_400 - 25_200 + 6 * 3_600) * 1_000_000_000

    mutating func write() throws {
        while !isComplete { try speak() }
        try finish()
    }

    var isComplete: Bool { contents.packets >= packetCount }

    /// One word of somebody: some frames.
    mutating func speak() throws {
        switch next(100) {
        case 0..<7: try syslog()
        case 7..<12: try sip()
        case 12..<17: try mqtt()
        case 17..<18: try onvif()
        default: try other()
        }
    }

    func finish() throws { try output.finish() }

    mutating func next(_ bound: Int) -> Int {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((random >> 33) % UInt64(bound))
    }

    // MARK: What the devices say

    private mutating func syslog() throws {
        let counter = next(tickets.count)
        let kiosk = next(BenchSite.kioskCount)
        let ticket = tickets[counter]
        let action = TicketLife.actions[ticket.stage]
        let place = ticket.stage == 0 ? "service=s\(counter % 6)" : "counter=q\(counter)"
        Self.advance(&tickets[counter])
        contents.syslog += 1
        let message = Syslog.encode(
            facility: .local0, severity: .info, timestamp: Syslog.timestamp(now, offsetMinutes: 420),
            hostname: "kiosk\(kiosk)", app: "qms", msgid: "TICKET",
            text: "action=\(action) ticket=A\(ticket.number) \(place)")
        try datagram(BenchSite.host(0, kiosk), 40_000 + UInt16(kiosk), 514, message)
    }

    private static func advance(_ ticket: inout TicketLife) {
        ticket.stage = (ticket.stage + 1) % TicketLife.actions.count
        if ticket.stage == 0 { ticket.number += BenchSite.counterCount }
    }

    private mutating func sip() throws {
        let index = next(BenchSite.meetingCount)
        let call = calls[index] / 4
        let stage = calls[index] % 4
        calls[index] += 1
        let host = "\(BenchSite.address(3, index))"
        let transaction = SIP.Transaction(
            from: SIP.Party(user: "desk", host: host, tag: "f\(call)"),
            to: SIP.Party(user: "expert", host: "10.20.10.1", tag: stage == 0 ? nil : "t\(call)"),
            callId: "\(index)-\(call)@\(host)", cseq: stage == 3 ? 2 : 1,
            method: ["INVITE", "INVITE", "ACK", "BYE"][stage], via: "\(host):5060",
            branch: "z9hG4bK\(index)x\(call)x\(stage)")
        contents.sip += 1
        if stage == 1 {
            let body = SIP.encodeSDP(address: "10.20.10.1", audioPort: 30_000)
            let answer = SIP.encodeResponse(
                transaction, status: 200, reason: "OK", contentType: "application/sdp", body: body)
            try datagram(
                BenchSite.host(3, index), 5_060, 5_060, answer, isReply: true)
        } else {
            try datagram(BenchSite.host(3, index), 5_060, 5_060, SIP.encodeRequest(transaction))
        }
    }

    private mutating func mqtt() throws {
        let counter = next(boards.count)
        let index = next(publishers.count)
        let address = BenchSite.host(1, index)
        let port = 50_000 + UInt16(index)
        var stream = publishers[index]
        if !stream.isOpen {
            try open(&stream, address, port, 1_883)
            contents.mqtt += 1
            try say(&stream, address, port, 1_883, MQTT.encodeConnect(clientId: "board\(index)"))
        }
        let ticket = boards[counter]
        let action = TicketLife.actions[ticket.stage]
        let place = ticket.stage == 0 ? "\"service\":\"s\(counter % 6)\"" : "\"counter\":\"q\(counter)\""
        Self.advance(&boards[counter])
        let payload =
            "{\"number\":\"B\(ticket.number)\",\(place),\"time\":\"\(Syslog.timestamp(now, offsetMinutes: 420))\"}"
        contents.mqtt += 1
        let message = MQTT.encodePublish(topic: "queue/main/ticket/\(action)", payload: Array(payload.utf8))
        try say(&stream, address, port, 1_883, message)
        publishers[index] = stream
    }

    /// A camera's notification: two or three segments, an acknowledgement, the answer.
    private mutating func onvif() throws {
        let index = next(cameras.count)
        let address = BenchSite.host(2, index)
        let port = 51_000 + UInt16(index)
        var stream = cameras[index]
        if !stream.isOpen { try open(&stream, address, port, 8_090) }
        let notification = ONVIF.Notification(
            topic: "tns1:RuleEngine/CountAggregation/OccupancyCounter", utcTime: ONVIF.utcTime(now),
            operation: "Changed",
            source: [
                ONVIF.Notification.Item("VideoSource", "1"), ONVIF.Notification.Item("Rule", "rule-1"),
            ],
            data: [ONVIF.Notification.Item("Count", "\(next(3))")])
        let request = HTTP1.encodeRequest(
            method: "POST", target: "/onvif/notify",
            headers: [("Host", "10.20.10.1:8090"), ("Content-Type", "application/soap+xml; charset=utf-8")],
            body: ONVIF.encodeNotify([notification]))
        contents.onvif += 1
        var from = 0
        while from < request.count {
            let end = min(from + 1_400, request.count)
            try say(&stream, address, port, 8_090, Array(request[from..<end]))
            from = end
        }
        let answer = HTTP1.encodeResponse(status: 204)
        try segment(address, port, 8_090, &stream, 0x10, [], isReply: true)
        try segment(address, port, 8_090, &stream, 0x18, answer, isReply: true)
        cameras[index] = stream
    }

    // MARK: What others say

    private mutating func other() throws {
        let source = IPAddress(v4: 0x0A1E_0000 + UInt32(next(4_000)))
        let target = IPAddress(v4: 0xC0A8_0000 + UInt32(next(4_000)))
        let length = next(10) < 4 ? 20 + next(80) : 100 + next(700)
        let start = next(noise.count - 800)
        let body = noise[start..<(start + length)]
        let high = 20_000 + UInt16(next(30_000))
        switch next(10) {
        case 0..<5:
            // TLS and the like.
            try frame(
                source, target, 6,
                tcp(high, next(3) == 0 ? 9_443 : 443, UInt32(next(1 << 30)), UInt32(next(1 << 30)), 0x10, body))
        case 5..<7: try frame(source, target, 17, udp(high, 53, body))
        default: try frame(source, target, 17, udp(high, 10_000 + UInt16(next(10_000)), body))
        }
    }

    // MARK: Frames

    private var now: Timestamp { Timestamp(nanoseconds: time) }

    private func peer(of address: IPAddress) -> IPAddress { address.isIPv4 ? Self.server : Self.server6 }

    private mutating func datagram(
        _ host: IPAddress, _ hostPort: UInt16, _ port: UInt16, _ payload: [UInt8], isReply: Bool = false
    ) throws {
        if isReply {
            try frame(peer(of: host), host, 17, udp(port, hostPort, payload[...]))
        } else {
            try frame(host, peer(of: host), 17, udp(hostPort, port, payload[...]))
        }
    }

    private mutating func open(_ stream: inout Stream, _ host: IPAddress, _ hostPort: UInt16, _ port: UInt16) throws {
        stream.isOpen = true
        try segment(host, hostPort, port, &stream, 0x02, [], isReply: false)
        stream.own &+= 1
        try segment(host, hostPort, port, &stream, 0x12, [], isReply: true)
        stream.peer &+= 1
        try segment(host, hostPort, port, &stream, 0x10, [], isReply: false)
    }

    private mutating func say(
        _ stream: inout Stream, _ host: IPAddress, _ hostPort: UInt16, _ port: UInt16, _ bytes: [UInt8]
    ) throws {
        try segment(host, hostPort, port, &stream, 0x18, bytes, isReply: false)
    }

    private mutating func segment(
        _ host: IPAddress, _ hostPort: UInt16, _ port: UInt16, _ stream: inout Stream, _ flags: UInt8,
        _ bytes: [UInt8], isReply: Bool
    ) throws {
        if isReply {
            try frame(peer(of: host), host, 6, tcp(port, hostPort, stream.peer, stream.own, flags, bytes[...]))
            stream.peer &+= UInt32(bytes.count)
        } else {
            try frame(host, peer(of: host), 6, tcp(hostPort, port, stream.own, stream.peer, flags, bytes[...]))
            stream.own &+= UInt32(bytes.count)
        }
    }

    func udp(_ source: UInt16, _ target: UInt16, _ payload: ArraySlice<UInt8>) -> [UInt8] {
        big(source) + big(target) + big(UInt16(8 + payload.count)) + [0, 0] + payload
    }

    func tcp(
        _ source: UInt16, _ target: UInt16, _ sequence: UInt32, _ acknowledgement: UInt32, _ flags: UInt8,
        _ payload: ArraySlice<UInt8>
    ) -> [UInt8] {
        big(source) + big(target) + big32(sequence) + big32(acknowledgement) + [0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0]
            + payload
    }

    mutating func frame(
        _ source: IPAddress, _ target: IPAddress, _ protocolNumber: UInt8, _ payload: [UInt8]
    ) throws {
        var bytes: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]
        bytes.reserveCapacity(payload.count + 64)
        if next(10) == 0 {
            contents.tagged += 1
            bytes += [0x81, 0, 0, 20]
        }
        // Strangers speak IPv6 as often as the devices do.
        let isV6 = !source.isIPv4 || protocolNumber == 17 && target.low >> 16 == 0xC0A8 && next(8) == 0
        if isV6 {
            contents.v6 += 1
            bytes += [0x86, 0xDD, 0x60, 0, 0, 0] + big(UInt16(payload.count)) + [protocolNumber, 64]
            bytes += address(source, isV6: isV6) + address(target, isV6: isV6)
        } else {
            bytes += [8, 0, 0x45, 0] + big(UInt16(20 + payload.count)) + [0, 1, 0x40, 0, 64, protocolNumber, 0, 0]
            bytes += address(source, isV6: isV6) + address(target, isV6: isV6)
        }
        try write(bytes + payload)
    }

    /// A frame as it is, at the next moment.
    mutating func write(_ bytes: [UInt8]) throws {
        time += step
        contents.packets += 1
        contents.bytes += bytes.count
        try output.write(bytes, at: time)
    }

    private func address(_ address: IPAddress, isV6: Bool) -> [UInt8] {
        let words = isV6 ? [address.high | 0xFD00 << 48, address.low] : [address.low << 32]
        let bytes = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) } }
        return Array(bytes.prefix(isV6 ? 16 : 4))
    }

    func big(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
    func big32(_ value: UInt32) -> [UInt8] { big(UInt16(value >> 16)) + big(UInt16(value & 0xFFFF)) }
}
