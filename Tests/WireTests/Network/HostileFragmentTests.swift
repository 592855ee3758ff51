import Testing

@testable import Wire

/// Fragments that attack: tiny, overlapping, lying, too many.
struct HostileFragmentTests {
    static let source = NetworkTests.source
    static let target = NetworkTests.target

    static func piece(
        _ bytes: [UInt8], at offset: Int, more: Bool, identification: UInt16 = 3, source: IPAddress = source
    ) -> [UInt8] {
        let flags = UInt16(offset / 8) | (more ? 0x2000 : 0)
        return Wires.ethernet(Wires.ipv4(source, target, 17, identification: identification, flags: flags, bytes))
    }

    @Test func `the smallest pieces make the datagram too`() {
        var listener = Listener()
        for piece in NetworkTests.pieces(8) { listener.hear(piece) }
        #expect(listener.heard.count == 1 && listener.counters.reassembled == 1)
    }

    @Test func `a payload in more pieces than its bound holds no more memory`() {
        var listener = Listener()
        // 8-byte pieces with a hole after each: never whole, never joined.
        for index in 0..<4_000 {
            listener.hear(Self.piece([UInt8](repeating: 1, count: 8), at: index * 16 % 65_000, more: true))
        }
        #expect(listener.dissector.heldFragments <= 128)
        #expect(listener.counters.errors(.flow, .tooLarge) > 3_000)
        let counts = listener.counters
        #expect(counts.fragments == counts.fragmentsUsed + counts.fragmentsLost + listener.dissector.heldFragments)
    }

    @Test func `a flood of payloads in the making stays within its bound, and a real one still gets through`() {
        var limits = Dissector.Limits()
        limits.fragmentedPayloads = 16
        var listener = Listener(limits: limits)
        for index in 0..<10_000 {
            let forged = IPAddress(v4: UInt32(0x0A00_0000 + index))
            listener.hear(
                Self.piece(
                    [UInt8](repeating: 1, count: 1_400), at: 0, more: true,
                    identification: UInt16(truncatingIfNeeded: index), source: forged), at: 0)
            #expect(listener.dissector.heldFragments <= 16)
        }
        for piece in NetworkTests.pieces(64) { listener.hear(piece, at: 1) }
        #expect(listener.heard.count == 1)
    }

    @Test func `overlaps in every order give the bytes that came first`() {
        // Three pieces over the same middle; which byte wins is decided by who came first, whatever the order.
        let text = Wires.udp(600, 514, Wires.syslog(String(repeating: "a", count: 76)))
        #expect(text.count % 8 == 0)
        func cover(_ range: Range<Int>, _ letter: UInt8) -> [UInt8] {
            range.map { $0 < 40 ? text[$0] : letter }
        }
        let a = (0..<64, UInt8(ascii: "A"))
        let b = (48..<96, UInt8(ascii: "B"))
        let c = (32..<text.count, UInt8(ascii: "C"))
        for order in [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]] {
            var expected = text
            var known = Set<Int>()
            var isWhole = false
            var listener = Listener()
            for (range, letter) in order where !isWhole {
                listener.hear(
                    Self.piece(cover(range, letter), at: range.lowerBound, more: range.upperBound < text.count))
                for index in range where known.insert(index).inserted {
                    expected[index] = cover(range, letter)[index - range.lowerBound]
                }
                isWhole = known.count == text.count
            }
            let said = String(decoding: expected.dropFirst(28), as: UTF8.self)
            #expect(listener.heard.first?.message.text("text") == said)
            #expect(listener.counters.fragmentOverlaps >= 1)
        }
    }

    @Test func `pieces that cannot be are refused`() {
        var listener = Listener()
        // Beyond 64 KiB (the ping of death), not a multiple of eight, empty.
        listener.hear(Self.piece([UInt8](repeating: 1, count: 64), at: 65_528, more: false))
        listener.hear(Self.piece([UInt8](repeating: 1, count: 60), at: 0, more: true))
        listener.hear(Self.piece([], at: 64, more: true))
        #expect(listener.counters.fragmentsLost == 3 && listener.dissector.heldFragments == 0)
        #expect(listener.counters.errors(.flow, .malformed) == 3)
    }

    @Test func `time that goes back or jumps does not keep pieces forever`() {
        var listener = Listener()
        listener.hear(NetworkTests.pieces(64)[0], at: 1_000_000)
        listener.hear(NetworkTests.pieces(64, identification: 10)[0], at: 0)
        listener.hear(NetworkTests.pieces(64, identification: 11)[0], at: .max / 2_000_000)
        #expect(listener.dissector.heldFragments <= 2)
        listener.finish()
        #expect(listener.dissector.heldFragments == 0)
    }
}
