import Testing

@testable import Wire

struct RTPReceptionTests {
    /// Packets of 20 ms at 8 kHz, each late by its own milliseconds.
    private func reception(_ packets: [(sequence: Int, late: Int)]) -> RTPReception {
        var reception = RTPReception(clockRate: 8_000)
        for (sequence, late) in packets {
            let at = Timestamp(milliseconds: Int64(1_700_000_000_000 + sequence * 20 + late))
            reception.add(
                sequence: UInt16(truncatingIfNeeded: sequence), timestamp: UInt32(truncatingIfNeeded: sequence * 160),
                at: at)
        }
        return reception
    }

    @Test func `nothing lost and nothing late is nothing`() {
        let reception = reception((65_500..<65_700).map { ($0, 0) })
        #expect(reception.received == 200)
        #expect(reception.expected == 200)
        #expect(reception.lost == 0)
        #expect(reception.jitterMilliseconds == 0)
    }

    @Test func `what is missing across the number's end is lost, late ones are not, duplicates count against it`() {
        let sequence = Array(65_530..<65_540) + Array(65_543..<65_550)
        #expect(reception(sequence.map { ($0, 0) }).lost == 3)
        #expect(reception((sequence + [65_541]).map { ($0, 0) }).lost == 2)
        #expect(reception([(1, 0), (2, 0), (2, 0)]).lost == -1)
        #expect(RTPReception(clockRate: 8_000).expected == 0)
    }

    @Test func `jitter is the smoothed difference of RFC 3550 appendix A-8`() {
        // Every second packet is 10 ms late: each difference is 80 ticks. In sixteenths: j += 80 - (j + 8) / 16.
        var scaled = 0
        for _ in 1..<100 { scaled += 80 - ((scaled + 8) >> 4) }
        let reception = reception((0..<100).map { ($0, $0 % 2 * 10) })
        #expect(reception.jitterTicks == scaled >> 4)
        #expect(abs(reception.jitterMilliseconds - Double(scaled) / 128) < 1e-9)
    }

    @Test func `a source that restarts is counted anew, and one stray packet is not a restart`() {
        #expect(reception([(10, 0), (11, 0), (40_000, 0), (12, 0)]).received == 3)
        let restarted = reception([(10, 0), (11, 0), (40_000, 0), (40_001, 0), (40_003, 0)])
        #expect(restarted.received == 2)
        #expect(restarted.lost == 1)
    }

    @Test func `no number traps`() {
        for rate in [Int.min, 0, 1, 8_000, Int.max] {
            var reception = RTPReception(clockRate: rate)
            for time in [Int64.min, -1, 0, 1, Int64.max] {
                for value in [UInt32.min, 1 << 31, .max] {
                    reception.add(
                        sequence: UInt16(truncatingIfNeeded: value), timestamp: value, at: Timestamp(nanoseconds: time))
                }
            }
            #expect(reception.jitterMilliseconds >= 0)
        }
    }
}
