import Domain
import Testing

struct DeviceClockTests {
    static let start: Int64 = 1_794_270_600_000

    static func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: start + milliseconds) }

    /// Messages every 10 s whose stamps are off by `skew`.
    static func settled(skew: Int64, grid: Int64 = 1, count: Int64 = 10) -> DeviceClock {
        var clock = DeviceClock()
        for index in 0..<count {
            let observed = at(index * 10_007)
            let stamped = (observed.milliseconds - skew) / grid * grid
            _ = clock.place(observed: observed, stamped: Instant(milliseconds: stamped))
        }
        return clock
    }

    @Test func `without stamps there is no trust, and the agent's clock counts`() {
        var clock = DeviceClock()
        let placement = clock.place(observed: Self.at(0), stamped: nil)
        #expect(placement.at == Self.at(0) && placement.flags.isEmpty)
        #expect(clock.state == .none)
    }

    @Test(arguments: [
        (Int64(0), DeviceClock.State.trusted), (1_900, .trusted), (-1_900, .trusted), (90_000, .skewed),
        (-31_536_000_000, .dead),
    ])
    func `a skewed clock is known as such, and at stays observed`(skew: Int64, state: DeviceClock.State) {
        var clock = Self.settled(skew: skew)
        #expect(clock.state == state)
        #expect(clock.baseline == skew)
        for index in Int64(20)..<80 {
            let observed = Self.at(index * 10_007)
            let placement = clock.place(observed: observed, stamped: observed - skew)
            #expect(placement.at == observed && placement.flags.isEmpty)
        }
    }

    @Test func `a clock that tells whole minutes is not skewed by its rounding`() {
        let clock = Self.settled(skew: 0, grid: 60_000, count: 60)
        #expect(clock.resolution == 60_000)
        #expect(clock.state == .trusted)
        #expect(clock.lateCount == 0)
    }

    @Test(arguments: [Int64(0), 240_000, -240_000])
    func `a burst of messages that were held back happened when they were stamped`(skew: Int64) {
        var clock = Self.settled(skew: skew)
        // Ten minutes without a network, then everything at once.
        let delivery = Self.at(10 * 10_007 + 600_000)
        for happened in stride(from: Int64(120_000), through: 640_000, by: 52_000) {
            let placement = clock.place(observed: delivery, stamped: Self.at(happened) - skew)
            #expect(placement.at == Self.at(happened))
            #expect(placement.flags == .late)
        }
        #expect(clock.baseline == skew)
        let next = clock.place(observed: delivery + 1_000, stamped: delivery + 1_000 - skew)
        #expect(next.at == delivery + 1_000 && next.flags.isEmpty)
    }

    @Test func `five seconds are the network's, more is late`() {
        var clock = Self.settled(skew: 0)
        let observed = Self.at(200_000)
        #expect(clock.place(observed: observed, stamped: observed - 5_001).flags.isEmpty)
        #expect(clock.place(observed: observed + 10_000, stamped: observed + 10_000 - 5_003).flags == .late)
    }

    @Test func `a clock that was set back is not lateness, then or later`() {
        var clock = Self.settled(skew: 0)
        for index in Int64(11)..<200 {
            let observed = Self.at(index * 60_000)
            let placement = clock.place(observed: observed, stamped: observed - 3_600_000)
            #expect(placement.at == observed && placement.flags.isEmpty)
        }
        #expect(clock.baseline == 3_600_000)
        #expect(clock.state == .jumped)
    }

    @Test func `a clock that stops is not lateness either`() {
        var clock = Self.settled(skew: 0)
        let stopped = Self.at(9 * 10_007)
        for index in Int64(11)..<100 {
            let observed = Self.at(index * 60_000)
            #expect(clock.place(observed: observed, stamped: stopped).at == observed)
        }
    }

    @Test func `stamps beyond any calendar are no stamps`() {
        var clock = DeviceClock()
        for milliseconds in [Int64.min, Int64.max, -62_135_596_800_000] {
            let placement = clock.place(observed: Self.at(0), stamped: Instant(milliseconds: milliseconds))
            #expect(placement.at == Self.at(0))
        }
        #expect(clock.state == .none)
    }
}
