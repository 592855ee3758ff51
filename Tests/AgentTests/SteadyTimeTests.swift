import Agent
import Domain
import Testing

struct SteadyTimeTests {
    /// 2026-11-10 08:00 in Hanoi.
    static let start = Instant(milliseconds: 1_794_272_400_000)
    static let clock = OfficeClock(offsetSeconds: 7 * 3_600)

    static func time() -> SteadyTime { SteadyTime(wall: start, steady: 1_000, clock: clock) }

    @Test func `a clock that nobody sets tells its own time`() {
        var time = Self.time()
        for second in Int64(1)..<100 {
            #expect(time.look(wall: Self.start + second * 1_000, steady: 1_000 + second * 1_000) == nil)
            #expect(time.now == Self.start + second * 1_000)
        }
    }

    @Test(arguments: [Int64(-700), 90_000, -600_000, 900_000])
    func `a step is told, and time goes on as before it`(step: Int64) {
        var time = Self.time()
        #expect(time.look(wall: Self.start + 10_000 + step, steady: 11_000) == step)
        #expect(time.now == Self.start + 10_000)
        #expect(time.look(wall: Self.start + 20_000 + step, steady: 21_000) == nil)
        #expect(time.now == Self.start + 20_000)
        // What the kernel stamped on either side of the step falls into its place.
        #expect(time.time(ofWall: Self.start + 19_900 + step) == Self.start + 19_900)
        #expect(time.time(ofWall: Self.start + 19_950) == Self.start + 19_950)
    }

    @Test func `two steps are held together, and the next day is right`() throws {
        var time = Self.time()
        #expect(time.look(wall: Self.start + 70_000, steady: 11_000) == 60_000)
        #expect(time.look(wall: Self.start + 50_000, steady: 21_000) == -30_000)
        #expect(time.now == Self.start + 20_000)
        let midnight = Self.clock.start(of: Self.clock.day(of: Self.start) + 1)
        let passed = midnight - Self.start
        _ = time.look(wall: midnight + 31_000, steady: 1_000 + passed + 1_000)
        #expect(time.now == midnight + 31_000)
    }

    @Test func `a step of hours means that the time before was wrong`() {
        var time = Self.time()
        #expect(time.look(wall: Self.start + 7_210_000, steady: 11_000) == 7_200_000)
        #expect(time.now == Self.start + 7_210_000)
    }

    @Test func `scheduling is no step`() {
        var time = Self.time()
        #expect(time.look(wall: Self.start + 10_499, steady: 11_000) == nil)
    }
}
