import Testing

@testable import Wire

struct UnclaimedTrafficTests {
    /// A UDP datagram in IPv4 without a link header.
    static func datagram(from: UInt8, _ source: UInt16, to: UInt8, _ target: UInt16, _ payload: [UInt8]) -> [UInt8] {
        let length = 28 + payload.count
        var bytes: [UInt8] = [0x45, 0, UInt8(length >> 8), UInt8(length & 255), 0, 0, 0, 0, 64, 17, 0, 0]
        bytes += [10, 0, 0, from, 10, 0, 0, to]
        bytes += [UInt8(source >> 8), UInt8(source & 255), UInt8(target >> 8), UInt8(target & 255)]
        let size = 8 + payload.count
        return bytes + [UInt8(size >> 8), UInt8(size & 255), 0, 0] + payload
    }

    static func add(_ frames: [[UInt8]], to traffic: inout UnclaimedTraffic) {
        for (index, frame) in frames.enumerated() {
            let header = FrameHeader(
                at: Timestamp(milliseconds: Int64(index)), link: .raw, originalLength: frame.count,
                number: UInt64(index))
            traffic.add(frame.span.bytes, header)
        }
    }

    @Test func `frames are counted by who serves, the busiest first`() {
        var traffic = UnclaimedTraffic()
        Self.add(
            [
                Self.datagram(from: 1, 40_000, to: 9, 5_200, [2, 65]),
                Self.datagram(from: 2, 41_000, to: 9, 5_200, [2, 66]),
                Self.datagram(from: 9, 5_200, to: 1, 40_000, [6]), Self.datagram(from: 1, 40_000, to: 9, 7_000, [1]),
                Self.datagram(from: 1, 40_000, to: 9, 7_001, []),
            ], to: &traffic)
        #expect(
            traffic.rows.map(\.tsv) == ["udp\t10.0.0.9\t5200\t3\t5\t2\t\\x02A", "udp\t10.0.0.9\t7000\t1\t1\t1\t\\x01"])
    }

    @Test func `what a message came of is understood`() {
        var traffic = UnclaimedTraffic()
        Self.add([Self.datagram(from: 1, 40_000, to: 9, 5_200, [2])], to: &traffic)
        traffic.claim(
            HeardMessage(
                Message(.syslog), at: Timestamp(milliseconds: 0),
                source: Endpoint(IPAddress(v4: 0x0A00_0001), port: 40_000),
                target: Endpoint(IPAddress(v4: 0x0A00_0009), port: 5_200), transport: .udp))
        #expect(traffic.rows.isEmpty)
    }

    @Test func `services are bounded, what comes after is counted`() {
        var traffic = UnclaimedTraffic(limit: 10)
        Self.add((0..<20).map { Self.datagram(from: 1, 40_000, to: 9, UInt16(1_000 + $0), [1]) }, to: &traffic)
        #expect(traffic.rows.count == 10 && traffic.overflow == 10)
        Self.add([[0x45], [], [0xFF, 1, 2]], to: &traffic)
        #expect(traffic.rows.count == 10)
    }
}
