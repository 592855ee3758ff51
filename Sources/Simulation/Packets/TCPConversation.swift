internal import Wire

/// One TCP connection as it looks on the wire: handshake, segments no longer than the sender's limit,
/// acknowledgements, sometimes segments that overtake each other or come twice, and an orderly end.
final class TCPConversation {
    private struct Side {
        let host: Host
        let port: UInt16
        var sequence: UInt32
        let segment: Int
    }

    private let tap: Tap
    private var client: Side
    private var server: Side
    private var chance: Chance
    private let reordered: Double
    private let retransmitted: Double
    private(set) var isOpen = false
    /// Nanoseconds of the last frame.
    private(set) var last: Int64 = 0

    private static let fin: UInt8 = 0x01
    private static let syn: UInt8 = 0x02
    private static let push: UInt8 = 0x08
    private static let acknowledge: UInt8 = 0x10

    init(
        _ tap: Tap, client: Host, server: Host, port: UInt16, segment: Int, noise: Scenario.Noise?, seed: UInt64
    ) {
        self.tap = tap
        let clientPort = client.nextPort()
        chance = Chance(seed: seed ^ UInt64(clientPort), purpose: client.name + server.name)
        self.client = Side(
            host: client, port: clientPort, sequence: UInt32(truncatingIfNeeded: chance.next()), segment: segment)
        self.server = Side(
            host: server, port: port, sequence: UInt32(truncatingIfNeeded: chance.next()), segment: 1_460)
        reordered = noise?.reordered ?? 0
        retransmitted = noise?.retransmitted ?? 0
    }

    var clientPort: UInt16 { client.port }

    /// SYN at `at`; established some 600 µs later.
    func open(at: Int64) {
        segment(fromClient: true, flags: Self.syn, [], at: at, options: Self.options(client.segment))
        client.sequence &+= 1
        let answer = at + chance.integer(in: 100_000...250_000)
        segment(fromClient: false, flags: Self.syn | Self.acknowledge, [], at: answer, options: Self.options(1_460))
        server.sequence &+= 1
        segment(fromClient: true, flags: Self.acknowledge, [], at: answer + chance.integer(in: 80_000...200_000))
        isOpen = true
    }

    /// Sends `bytes`; the frame that completes them bears `at` exactly.
    func send(fromClient: Bool, _ bytes: [UInt8], completing at: Int64) {
        let limit = fromClient ? client.segment : server.segment
        var parts: [(sequence: UInt32, bytes: [UInt8])] = []
        var offset = 0
        let start = fromClient ? client.sequence : server.sequence
        while offset < bytes.count {
            let end = min(offset + limit, bytes.count)
            parts.append((start &+ UInt32(offset), Array(bytes[offset..<end])))
            offset = end
        }
        let step: Int64 = chance.integer(in: 20_000...70_000)
        var times: [Int64] = []
        for index in 0..<parts.count {
            let stepsLeft = Int64(parts.count - 1 - index)
            times.append(at - stepsLeft * step)
        }
        if parts.count > 1, chance.happens(reordered) {
            // The last two overtake each other; what completes the message still comes at `at`.
            times.swapAt(parts.count - 1, parts.count - 2)
        }
        for (part, time) in zip(parts, times) {
            let isLast = part.sequence == parts.last?.sequence
            segment(
                fromClient: fromClient, flags: Self.acknowledge | (isLast ? Self.push : 0), part.bytes,
                sequence: part.sequence, at: time)
        }
        if fromClient { client.sequence &+= UInt32(bytes.count) } else { server.sequence &+= UInt32(bytes.count) }
        if let again = parts.last, chance.happens(retransmitted) {
            segment(
                fromClient: fromClient, flags: Self.acknowledge | Self.push, again.bytes, sequence: again.sequence,
                at: at + chance.integer(in: 201_000...240_000))
        }
        segment(fromClient: !fromClient, flags: Self.acknowledge, [], at: at + chance.integer(in: 60_000...190_000))
    }

    /// FIN from the client, FIN from the server, and the last acknowledgement.
    func close(at: Int64) {
        guard isOpen else { return }
        isOpen = false
        segment(fromClient: true, flags: Self.fin | Self.acknowledge, [], at: at)
        client.sequence &+= 1
        let answer = at + chance.integer(in: 90_000...300_000)
        segment(fromClient: false, flags: Self.fin | Self.acknowledge, [], at: answer)
        server.sequence &+= 1
        segment(fromClient: true, flags: Self.acknowledge, [], at: answer + chance.integer(in: 60_000...150_000))
    }

    /// The client lost power: it says nothing more, and the server asks a few times in vain.
    func abandon(at: Int64) {
        guard isOpen else { return }
        isOpen = false
        for round in 1...5 {
            segment(
                fromClient: false, flags: Self.acknowledge, [], sequence: server.sequence &- 1,
                at: at + Int64(round) * 75_000_000_000)
        }
    }

    private static func options(_ segment: Int) -> [UInt8] {
        // Maximum segment size, SACK permitted, window scale 7.
        var out: [UInt8] = [2, 4]
        out.append16(segment)
        return out + [1, 1, 4, 2, 1, 3, 3, 7] as [UInt8]
    }

    private func segment(
        fromClient: Bool, flags: UInt8, _ body: [UInt8], sequence: UInt32? = nil, at: Int64, options: [UInt8] = []
    ) {
        let source = fromClient ? client : server
        let target = fromClient ? server : client
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + options.count + body.count)
        bytes.append16(source.port)
        bytes.append16(target.port)
        bytes.append32(sequence ?? source.sequence)
        bytes.append32(flags & Self.acknowledge != 0 ? target.sequence : 0)
        bytes.append(UInt8((20 + options.count) / 4) << 4)
        bytes.append(flags)
        bytes.append16(flags & Self.syn != 0 ? 64_240 : 501)
        bytes.append32(0)
        bytes += options
        bytes += body
        let sum = Tap.checksum(bytes, proto: 6, from: source.host.address, to: target.host.address)
        bytes.set16(sum, at: 16)
        tap.ipv4(from: source.host, to: .host(target.host), proto: 6, bytes, at: at)
        last = max(last, at)
    }
}
