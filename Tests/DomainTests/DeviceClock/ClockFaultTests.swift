import Domain
import Testing

/// Clocks as real queue servers have them, polled: each fault is found, with its interval, and nothing else is.
struct ClockFaultTests {
    /// 2026-11-10 07:30 in Hanoi.
    static let start = Instant(milliseconds: 1_794_270_600_000)
    static let office = OfficeClock(offsetSeconds: 7 * 3_600)
    static let minute: Int64 = 60_000
    static let hour: Int64 = 3_600_000

    struct Poll {
        /// Milliseconds between reports, how many, and the grids of the two clocks.
        var every: Int64 = 300_000
        var count: Int64 = 120
        var stampedGrid: Int64 = 60_000
        var observedGrid: Int64 = 60_000
        var from = ClockFaultTests.start
        /// When in its minute a poll comes: any time, the same in every run.
        var scatter: Int64 = 60_000
    }

    /// `told`: what the clock shows at a true moment, given the milliseconds since the start.
    static func run(_ poll: Poll = Poll(), told: (Instant, Int64) -> Instant?) -> DeviceClock {
        var clock = DeviceClock(clock: office)
        var random = UInt64(7)
        for index in 0..<poll.count {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let noise = Int64(random >> 33) % max(poll.scatter, 1)
            let truth = poll.from + index * poll.every + noise
            let stamped = told(truth, truth - poll.from)
            _ = clock.place(
                observed: floor(truth, poll.observedGrid), stamped: stamped.map { floor($0, poll.stampedGrid) })
        }
        return clock
    }

    static func floor(_ instant: Instant, _ grid: Int64) -> Instant {
        Instant(milliseconds: instant.milliseconds / grid * grid)
    }

    private func states(_ clock: DeviceClock) -> [DeviceClock.State] { clock.stretches.map(\.state) }

    static let grids: [(stamped: Int64, observed: Int64)] = [(60_000, 60_000), (60_000, 1), (1_000, 1), (1, 1)]

    @Test(arguments: grids)
    func `a right clock is trusted, whatever the grids`(grid: (stamped: Int64, observed: Int64)) {
        let clock = Self.run(Poll(stampedGrid: grid.stamped, observedGrid: grid.observed)) { truth, _ in truth }
        #expect(states(clock) == [.trusted])
        #expect(clock.stretches[0].offset.magnitude < 10_000 && clock.lateCount == 0)
    }

    @Test(arguments: grids, [Int64(-240_000), -70_000, 75_000, 204_000])
    func `a constant error is skew, told to a few seconds`(grid: (stamped: Int64, observed: Int64), skew: Int64) {
        let clock = Self.run(Poll(stampedGrid: grid.stamped, observedGrid: grid.observed)) { truth, _ in truth - skew }
        #expect(states(clock) == [.skewed])
        #expect((clock.stretches[0].offset - Double(skew)).magnitude < 10_000)
        #expect(clock.stretches[0].reports == 120 && clock.lateCount == 0)
    }

    @Test(arguments: grids, [Int64(60_000), -60_000, 25_000])
    func `a clock that runs fast or slow drifts, with its rate`(grid: (stamped: Int64, observed: Int64), perHour: Int64)
    {
        let clock = Self.run(Poll(stampedGrid: grid.stamped, observedGrid: grid.observed)) { truth, passed in
            truth - passed * perHour / Self.hour
        }
        #expect(states(clock) == [.drifting])
        let rate = clock.stretches[0].drift / 24
        #expect((rate - Double(perHour)).magnitude < 0.1 * Double(perHour.magnitude), "\(rate) per hour")
    }

    @Test func `a step is no drift`() {
        for step in [Int64(4_000), -3_000] {
            let clock = Self.run(Poll(stampedGrid: 1, observedGrid: 1)) { truth, passed in
                passed < 5 * Self.hour ? truth : truth + step
            }
            #expect(!states(clock).contains(.drifting))
        }
    }

    @Test(arguments: [Int64(7), -4, 60, -60, 1_000])
    func `a clock that is set to another time jumped then, and there`(minutes: Int64) throws {
        let noon = Self.start + 4 * Self.hour
        let clock = Self.run { truth, _ in truth < noon ? truth : truth + minutes * Self.minute }
        try #require(states(clock) == [.trusted, .jumped])
        let (before, after) = (clock.stretches[0], clock.stretches[1])
        #expect(before.to < noon && noon - before.to <= 6 * Self.minute)
        #expect(after.from >= noon - Self.minute && after.from - noon <= 6 * Self.minute)
        #expect((after.offset + Double(minutes * Self.minute)).magnitude < 10_000)
    }

    @Test func `a clock that was set right again is trusted again`() {
        let clock = Self.run { truth, passed in
            (3 * Self.hour..<5 * Self.hour).contains(passed) ? truth + 12 * Self.minute : truth
        }
        #expect(states(clock) == [.trusted, .jumped, .trusted])
    }

    @Test(arguments: [0, 70_000] as [Int64])
    func `a clock that stands still is frozen from the first repeated stamp to the last`(skew: Int64) throws {
        let (from, until) = (Self.start + 2 * Self.hour, Self.start + 2 * Self.hour + 38 * Self.minute)
        let clock = Self.run { truth, _ in (from..<until).contains(truth) ? from - skew : truth - skew }
        let usual: DeviceClock.State = skew == 0 ? .trusted : .skewed
        try #require(states(clock) == [usual, .frozen, usual])
        let frozen = clock.stretches[1]
        #expect(frozen.from >= from && frozen.from - from <= 11 * Self.minute)
        #expect(frozen.to <= until && until - frozen.to <= 6 * Self.minute)
    }

    @Test func `a quiet device is not frozen: two reports, or ten minutes alone, say nothing`() {
        var clock = Self.run(Poll(count: 10)) { truth, _ in truth }
        let stamp = Self.start + 4 * Self.hour
        _ = clock.place(observed: stamp, stamped: stamp)
        _ = clock.place(observed: stamp + 20 * Self.minute, stamped: stamp)
        #expect(clock.state == .trusted)
    }

    @Test func `years ago and constantly so is dead`() {
        let clock = Self.run { truth, _ in truth - 2_881 * 24 * Self.hour }
        #expect(states(clock) == [.dead])
    }

    @Test func `next year's date in the last days of a year is a wrong year, in summer it is a dead clock`() throws {
        let day = try #require(LocalDay("2026-12-30"))
        let winter = Self.run(Poll(from: Self.office.start(of: day) + 8 * Self.hour)) { truth, _ in
            truth + 365 * 24 * Self.hour
        }
        #expect(states(winter) == [.wrongYear])
        let summer = try #require(LocalDay("2026-06-30"))
        let clock = Self.run(Poll(from: Self.office.start(of: summer))) { truth, _ in truth + 365 * 24 * Self.hour }
        #expect(states(clock) == [.dead])
    }

    @Test func `without stamps, or with two, nothing is said`() {
        #expect(states(Self.run { _, _ in nil }) == [.none])
        #expect(states(Self.run(Poll(count: 2)) { truth, _ in truth }) == [.none])
        #expect(DeviceClock().stretches.isEmpty)
    }

    @Test func `a noisy delivery is neither drift nor jump`() {
        let clock = Self.run(Poll(every: 30_000, count: 2_000, stampedGrid: 1, observedGrid: 1, scatter: 1)) {
            truth, passed in
            // Up to 20 s on the way, never the same.
            truth - (passed / 30_000 * 7_919) % 20_000
        }
        #expect(!states(clock).contains(.drifting) && !states(clock).contains(.jumped))
    }

    @Test func `every change of class is told once`() {
        var clock = DeviceClock(clock: Self.office)
        var told: [DeviceClock.State] = []
        for index in Int64(0)..<100 {
            let truth = Self.start + index * 300_007
            _ = clock.place(observed: truth, stamped: index < 50 ? truth : truth + 3_600_000)
            if let change = clock.takeChange() { told.append(change.state) }
        }
        #expect(told == [.trusted, .jumped])
        #expect(clock.takeChange() == nil)
    }

    @Test func `no stamps, however mad, trap the clock`() {
        var clock = DeviceClock(clock: Self.office)
        var random = UInt64(99)
        for _ in 0..<20_000 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let wide = Int64(bitPattern: random) >> Int64(random % 50)
            let observed = Instant(milliseconds: Self.start.milliseconds &+ wide >> 20)
            _ = clock.place(observed: observed, stamped: Instant(milliseconds: wide))
            _ = clock.takeChange()
        }
        #expect(clock.stretches.count <= DeviceClock.stretchLimit + 1)
        for stretch in clock.stretches { #expect(stretch.offset.isFinite && stretch.drift.isFinite) }
    }

    @Test func `the rows of one poll are one witness: their noise is neither jump nor split`() {
        for skew in [Int64(0), -120_000] {
            var clock = DeviceClock(clock: Self.office)
            var random = UInt64(11)
            for poll in Int64(0)..<120 {
                let truth = Self.start + poll * 300_000 + (poll * 7_919) % 60_000
                for _ in 0..<17 {
                    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    let noise = Int64(random >> 33) % 10_000 - 5_000
                    _ = clock.place(
                        observed: Self.floor(truth + noise, 1_000), stamped: Self.floor(truth - skew, 60_000))
                }
            }
            #expect(states(clock) == [skew == 0 ? .trusted : .skewed])
        }
    }

    @Test func `what only the device saw is placed by what is known of its clock`() {
        var clock = Self.run(Poll(stampedGrid: 1, observedGrid: 1)) { truth, _ in truth + 240_000 }
        let stamp = Self.start + 4 * Self.hour
        #expect((clock.believe(stamped: stamp) - (stamp - 240_000)).magnitude < 10)
        var unknown = DeviceClock()
        #expect(unknown.believe(stamped: stamp) == stamp)
    }
}
