public import Domain
import Glibc

extension Instant {
    /// What the machine's clock says. Only the shell asks; what computes is told.
    public static var wallClock: Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
