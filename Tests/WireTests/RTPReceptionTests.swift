import Testing

@testable import Wire

struct RTPReceptionTests {
    /// Packets of 20 ms at 8 kHz, each late by its own milliseconds.
    private func reception(_ packets: [(sequence: Int, late: Int)]) -> RTPReception {
        var reception = RTPReception()
        for (sequence, late) in packets {
            let at = Timestamp(milliseconds: Int64(1_700_000_000_000 + sequence * 20 + late))
            reception.add(
                sequence: UInt16(truncatingIfNeeded: sequence), timestamp: UInt32(truncatingIfNeeded: sequence * 160),
                at: at, clockRate: 8_000)
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
        #expect(RTPReception().expected == 0)
    }

    @Test func `jitter is the smoothed difference of RFC 3550 appendix A-8`() {
        // Every second packet is 10 ms late: each difference is 80 ticks. In sixteenths: j += 80 - (j + 8) / 16.
        var scaled = 0
        for _ in 1..<100 { scaled += 80 - ((scaled + 8) >> 4) }
        let reception = reception((0..<100).map { ($0, $0 % 2 * 10) })
        #expect(reception.jitterTicks == scaled >> 4)
        #expect(abs((reception.jitterMilliseconds ?? 0) - Double(scaled) / 128) < 1e-9)
    }

    @Test func `a source that restarts goes on, nothing of the jump is lost, and one stray packet is not a restart`() {
        let stray = reception([(10, 0), (11, 0), (40_000, 0), (12, 0)])
        #expect(stray.received == 3 && stray.lost == 0 && stray.restarts == 0)
        for jump in [40_000, 30_000, 5_000, 65_400] {
            let packets = [10, 11, 13, jump, jump + 1, jump + 3].map { ($0, 0) }
            let restarted = reception(packets)
            #expect(restarted.received == 6 && restarted.expected == 8 && restarted.lost == 2, "\(jump)")
            #expect(restarted.restarts == 1)
        }
        let twice = reception([1, 2, 20_000, 20_001, 50_000, 50_001, 1, 2].map { ($0, 0) })
        #expect(twice.received == 8 && twice.lost == 0 && twice.restarts == 3)
    }

    @Test func `a jump of the timestamps with a restart, or of a stray packet, is no jitter`() {
        var reception = RTPReception()
        func add(_ sequence: UInt16, _ timestamp: UInt32, _ milliseconds: Int64) {
            reception.add(
                sequence: sequence, timestamp: timestamp, at: Timestamp(milliseconds: milliseconds), clockRate: 8_000)
        }
        for index in 0..<10 { add(UInt16(index), UInt32(index * 160), Int64(index * 20)) }
        add(30_000, 2_000_000_000, 200)
        for index in 10..<20 { add(UInt16(index), UInt32(index * 160), Int64(index * 20)) }
        for index in 0..<10 {
            add(UInt16(50_000 + index), UInt32(3_000_000_000 + index * 160), Int64(400 + index * 20))
        }
        #expect(reception.jitterMilliseconds == 0 && reception.restarts == 1 && reception.received == 30)
    }

    @Test func `no number traps`() {
        for rate in [Int.min, 0, 1, 8_000, Int.max] {
            var reception = RTPReception()
            for time in [Int64.min, -1, 0, 1, Int64.max] {
                for value in [UInt32.min, 1 << 31, .max] {
                    reception.add(
                        sequence: UInt16(truncatingIfNeeded: value), timestamp: value, at: Timestamp(nanoseconds: time),
                        clockRate: rate)
                }
            }
            #expect(reception.jitterMilliseconds.map { $0 >= 0 } == true)
        }
    }
}
