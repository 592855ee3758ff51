public import Domain
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The one clock of a running agent: `SteadyTime` over the machine's clocks, shared by everything that listens.
public final class AgentTime: Sendable {
    private let time: Mutex<SteadyTime>

    public init(clock: OfficeClock) {
        time = Mutex(
            SteadyTime(wall: Instant(milliseconds: wallClock()), steady: Self.steadyClock(), clock: clock))
    }

    /// What time it is, and the step that the wall clock has made since anybody asked.
    public func look() -> (now: Instant, step: Int64?) {
        time.withLock { time in
            let step = time.look(wall: Instant(milliseconds: wallClock()), steady: Self.steadyClock())
            return (time.now, step)
        }
    }

    /// When something happened that the kernel stamped.
    public func time(ofWall stamped: Instant) -> Instant {
        time.withLock { $0.time(ofWall: stamped) }
    }

    /// Milliseconds of a clock that nobody sets and that runs while the machine sleeps.
    public static func steadyClock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
