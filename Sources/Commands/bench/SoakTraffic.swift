import Wire

/// What a listener must not keep for ever: conversations that begin and never end, bytes that never come, pieces of
/// packets whose rest is lost, calls that nobody hangs up. Each is of a host of its own.
extension Traffic {
    /// One of them, the `number`th since the soak began.
    mutating func neverEnd(_ number: Int) throws {
        let host = IPAddress(v4: 0x0A3C_0000 + UInt32(number % 65_000))
        let port = UInt16(20_000 + number / 65_000 * 977 % 40_000)
        switch number % 8 {
        case 0: try begin(host, port, 8_080, Self.unfinishedRequest)
        case 1: try begin(host, port, 1_883, [0x30, 0x80, 0x40, 0, 4] + Array("a/b/".utf8) + filler(1_200))
        case 2: try begin(host, port, 5_060, Array("INVITE sip:desk@10.20.10.1 SIP/2.0\r\nCall-ID: \(number)\r\n".utf8))
        case 3: try begin(host, port, 514, Array("<134>Nov 10 07:31:02 host\(number) app: no end of line".utf8))
        case 4:
            // On a port of nobody's, found by its bytes.
            try begin(host, port, 30_000, Array("OPTIONS sip:10.20.10.1 SIP/2.0\r\nCall-ID: \(number)\r\n".utf8))
        case 5:
            // A segment is lost, and the rest waits for it.
            let sequence = UInt32(truncatingIfNeeded: number &* 7_919)
            try frame(host, Self.server, 6, tcp(port, 8_080, sequence, 0, 0x02, []))
            try frame(
                host, Self.server, 6, tcp(port, 8_080, sequence &+ 1_461, 1, 0x18, filler(1_200)[...]))
        case 6: try piece(host, number)
        default: try call(host, number)
        }
    }

    private static let unfinishedRequest = Array(
        "POST /events HTTP/1.1\r\nHost: 10.20.10.1\r\nContent-Length: 200000\r\n\r\n".utf8)

    private func filler(_ count: Int) -> [UInt8] { [UInt8](repeating: UInt8(ascii: "x"), count: count) }

    /// A handshake, the first bytes, and then silence.
    private mutating func begin(_ host: IPAddress, _ port: UInt16, _ service: UInt16, _ bytes: [UInt8]) throws {
        let sequence = UInt32(next(1 << 30))
        try frame(host, Self.server, 6, tcp(port, service, sequence, 0, 0x02, []))
        try frame(Self.server, host, 6, tcp(service, port, 1, sequence &+ 1, 0x12, []))
        try frame(host, Self.server, 6, tcp(port, service, sequence &+ 1, 2, 0x18, bytes[...]))
        if service == 8_080 {
            // A body that goes on for a while, and stops before it is whole.
            for part in 0..<4 {
                let place = sequence &+ 1 &+ UInt32(bytes.count + part * 1_400)
                try frame(host, Self.server, 6, tcp(port, service, place, 2, 0x18, filler(1_400)[...]))
            }
        }
    }

    /// The first piece of a datagram that goes on.
    private mutating func piece(_ host: IPAddress, _ number: Int) throws {
        let payload = udp(514, 514, filler(1_192)[...])
        let header =
            [0x45, 0] + big(UInt16(20 + payload.count)) + big(UInt16(truncatingIfNeeded: number)) + [
                0x20, 0, 64, 17, 0, 0,
            ]
            + big32(UInt32(truncatingIfNeeded: host.low)) + big32(UInt32(truncatingIfNeeded: Self.server.low))
        try write([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0] + header + payload)
    }

    /// A meeting system takes a call that nobody ends, and a stranger's phone asks for one.
    private mutating func call(_ host: IPAddress, _ number: Int) throws {
        let room = BenchSite.address(3, number % BenchSite.meetingCount)
        let transaction = SIP.Transaction(
            from: SIP.Party(user: "desk", host: "\(room)", tag: "f\(number)"),
            to: SIP.Party(user: "expert", host: "10.20.10.1", tag: "t\(number)"), callId: "open-\(number)@\(room)",
            cseq: 1, method: "INVITE", via: "\(room):5060", branch: "z9hG4bK\(number)")
        try frame(room, Self.server, 17, udp(5_060, 5_060, SIP.encodeRequest(transaction)[...]))
        let answer = SIP.encodeResponse(transaction, status: 200, reason: "OK", contentType: nil, body: [])
        try frame(Self.server, room, 17, udp(5_060, 5_060, answer[...]))
        try frame(host, Self.server, 17, udp(5_060, 5_060, SIP.encodeRequest(transaction)[...]))
    }
}
