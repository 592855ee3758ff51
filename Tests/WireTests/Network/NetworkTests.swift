import Testing
import Wire

struct NetworkTests {
    static let source = IPAddress(v4: 0xC000_0201)
    static let target = IPAddress(v4: 0xC000_0202)
    static let source6 = IPAddress(v6High: 0x2001_0DB8_0000_0000, low: 5)
    static let target6 = IPAddress(v6High: 0x2001_0DB8_0000_0000, low: 6)
    static let datagram = Wires.udp(600, 514, Wires.syslog(String(repeating: "0123456789", count: 30)))

    /// The datagram in pieces of `size` bytes, a multiple of eight.
    static func pieces(_ size: Int, identification: UInt16 = 9) -> [[UInt8]] {
        stride(from: 0, to: datagram.count, by: size).map { at in
            let end = min(at + size, datagram.count)
            let flags = UInt16(at / 8) | (end < datagram.count ? 0x2000 : 0)
            return Wires.ethernet(
                Wires.ipv4(
                    source, target, 17, identification: identification, flags: flags, Array(datagram[at..<end])))
        }
    }

    static func pieces6(_ size: Int) -> [[UInt8]] {
        stride(from: 0, to: datagram.count, by: size).map { at in
            let end = min(at + size, datagram.count)
            let field = UInt16(at) | (end < datagram.count ? 1 : 0)
            let header: [UInt8] = [17, 0] + Wires.big(field) + Wires.big(UInt32(0xABCD))
            return Wires.ethernet(0x86DD, Wires.ipv6(source6, target6, 44, header + datagram[at..<end]))
        }
    }

    @Test func `options and extension headers are passed over`() {
        var listener = Listener()
        listener.hear(Wires.ethernet(Wires.ipv4(Self.source, Self.target, 17, options: [1, 1, 1, 0], Self.datagram)))
        let headers: [UInt8] = [60, 0, 1, 4, 0, 0, 0, 0, 17, 1] + [UInt8](repeating: 0, count: 14)
        listener.hear(Wires.ethernet(0x86DD, Wires.ipv6(Self.source6, Self.target6, 0, headers + Self.datagram)))
        #expect(listener.heard.count == 2)
        #expect(listener.heard.last?.source.address == Self.source6)
    }

    @Test(arguments: 0..<60)
    func `fragments in any order make the datagram`(seed: Int) {
        var dice = Dice(state: UInt64(seed))
        var pieces = seed % 2 == 0 ? Self.pieces(8 * (1 + dice.below(12))) : Self.pieces6(8 * (1 + dice.below(12)))
        for index in pieces.indices { pieces.swapAt(index, index + dice.below(pieces.count - index)) }
        // A repetition is said again, whole, or after the datagram: it must not make another.
        pieces.insert(pieces[0], at: 1 + dice.below(pieces.count - 1))
        var listener = Listener()
        for piece in pieces { listener.hear(piece) }
        #expect(listener.heard.count == 1)
        #expect(listener.counters.reassembled == 1)
        listener.finish()
        let counts = listener.counters
        #expect(counts.fragments == counts.fragmentsUsed + counts.fragmentsLost)
    }

    @Test func `where fragments differ the first one stays`() {
        var pieces = Self.pieces(64)
        var forged = pieces[1]
        for index in 40..<forged.count { forged[index] = 0x58 }
        pieces.insert(forged, at: 2)
        var listener = Listener()
        for piece in pieces { listener.hear(piece) }
        #expect(listener.texts == [String(repeating: "0123456789", count: 30)])
        #expect(listener.counters.fragmentOverlaps == 1)
    }

    @Test func `fragments that wait too long or are too many are given up and counted`() {
        var limits = Dissector.Limits()
        limits.fragmentedPayloads = 4
        var listener = Listener(limits: limits)
        for identification in 1...10 {
            listener.hear(Self.pieces(64, identification: UInt16(identification))[0], at: 0)
        }
        #expect(listener.dissector.heldFragments == 4)
        #expect(listener.counters.fragmentsLost == 6)
        for piece in Self.pieces(64).dropFirst() { listener.hear(piece, at: 31_000) }
        #expect(listener.heard.isEmpty)
        #expect(listener.counters.fragmentsLost == 10)
    }

    @Test func `a lone fragment tells its sender`() {
        var listener = Listener()
        #expect(listener.hear(Self.pieces(64)[2]) == Self.source)
    }

    @Test func `tunnels are followed, but not forever`() {
        let inner = Wires.ipv4(Self.source, Self.target, 17, Self.datagram)
        let outer = IPAddress(v4: 1)
        var listener = Listener()
        #expect(listener.hear(Wires.ethernet(Wires.ipv4(outer, outer, 4, inner))) == Self.source)
        listener.hear(Wires.ethernet(Wires.ipv4(outer, outer, 47, [0, 0, 8, 0] + inner)))
        listener.hear(Wires.ethernet(Wires.ipv4(outer, outer, 47, [0x30, 0, 8, 0, 0, 0, 0, 1, 0, 0, 0, 2] + inner)))
        listener.hear(
            Wires.ethernet(
                Wires.ipv4(
                    outer, outer, 47, [0x10, 0, 0x88, 0xBE, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0] + Wires.ethernet(inner))
            ))
        listener.hear(
            Wires.ethernet(Wires.ipv4(outer, outer, 41, Wires.ipv6(Self.source6, Self.target6, 17, Self.datagram))))
        #expect(listener.heard.count == 5)
        var deep = inner
        for _ in 0..<20 { deep = Wires.ipv4(outer, outer, 4, deep) }
        listener.hear(Wires.ethernet(deep))
        #expect(listener.heard.count == 5)
        #expect(listener.counters.errors(.transport, .tooLarge) == 1)
    }

    @Test func `lengths that lie are counted`() {
        var listener = Listener()
        var short = Self.datagram
        short[4] = 0
        short[5] = 7
        var long = Self.datagram
        long[4] = 0xFF
        for bytes in [short, long] { listener.hear(Wires.ethernet(Wires.ipv4(Self.source, Self.target, 17, bytes))) }
        var packet = Wires.ipv4(Self.source, Self.target, 17, Self.datagram)
        packet[0] = 0x44
        listener.hear(Wires.ethernet(packet))
        #expect(listener.counters.errors(.transport, .malformed) == 1)
        #expect(listener.counters.errors(.transport, .truncated) == 1)
        #expect(listener.counters.errors(.network, .malformed) == 1)
        #expect(listener.heard.isEmpty)
    }
}
