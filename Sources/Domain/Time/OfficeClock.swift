/// Local time of an office: its offsets from UTC, resolved by the shell from the timezone's name. The core knows no
/// calendar of its own; most offices have one offset, those with summer time a list.
public struct OfficeClock: Hashable, Sendable {
    public struct Change: Hashable, Sendable {
        /// From this moment on …
        public var from: Instant
        /// … local time is UTC plus so many seconds (−64,800 … 64,800).
        public var offsetSeconds: Int

        public init(from: Instant, offsetSeconds: Int) {
            self.from = from
            self.offsetSeconds = min(max(offsetSeconds, -64_800), 64_800)
        }
    }

    /// Sorted by `from`; the first one also holds for all time before it.
    public let changes: [Change]

    public init(offsetSeconds: Int) {
        changes = [Change(from: .distantPast, offsetSeconds: offsetSeconds)]
    }

    /// An empty list means UTC.
    public init(changes: [Change]) {
        self.changes =
            changes.isEmpty
            ? [Change(from: .distantPast, offsetSeconds: 0)] : changes.sorted { $0.from < $1.from }
    }

    public func offsetSeconds(at instant: Instant) -> Int {
        // The last change that has come; most offices have one offset and are done here.
        var low = 0
        var high = changes.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if changes[middle].from <= instant { low = middle } else { high = middle }
        }
        return low < changes.count ? changes[low].offsetSeconds : 0
    }

    public func day(of instant: Instant) -> LocalDay {
        let local = instant.milliseconds &+ Int64(offsetSeconds(at: instant)) * 1_000
        return LocalDay(number: Int(local.flooredDivision(by: 86_400_000)))
    }

    /// Milliseconds since local midnight.
    public func timeOfDay(_ instant: Instant) -> Int64 {
        let local = instant.milliseconds &+ Int64(offsetSeconds(at: instant)) * 1_000
        return local - local.flooredDivision(by: 86_400_000) * 86_400_000
    }

    /// The moment at which the local clock shows that time of that day; with a skipped hour, the moment after it.
    public func instant(_ day: LocalDay, milliseconds: Int64) -> Instant {
        let wanted = Int64(day.number) * 86_400_000 + milliseconds
        var instant = Instant(milliseconds: wanted - Int64(changes.first?.offsetSeconds ?? 0) * 1_000)
        for _ in 0..<2 {
            instant = Instant(milliseconds: wanted - Int64(offsetSeconds(at: instant)) * 1_000)
        }
        return instant
    }

    public func start(of day: LocalDay) -> Instant { instant(day, milliseconds: 0) }

    /// RFC 3339 with milliseconds and the office's offset: `2026-11-10T07:31:02.104+07:00`.
    public func text(_ instant: Instant) -> String {
        let offset = offsetSeconds(at: instant)
        let local = instant.milliseconds &+ Int64(offset) * 1_000
        let dayNumber = local.flooredDivision(by: 86_400_000)
        let time = Int(local - dayNumber * 86_400_000)
        let minutes = abs(offset) / 60
        return LocalDay(number: Int(dayNumber)).description + "T" + OfficeClock.timeText(time) + "."
            + padded(time % 1_000, 3) + (offset < 0 ? "-" : "+") + padded(minutes / 60, 2) + ":"
            + padded(minutes % 60, 2)
    }

    /// `07:31:02` from milliseconds since midnight.
    public static func timeText(_ milliseconds: Int) -> String {
        padded(milliseconds / 3_600_000, 2) + ":" + padded(milliseconds / 60_000 % 60, 2) + ":"
            + padded(milliseconds / 1_000 % 60, 2)
    }
}

extension Int64 {
    /// Division that rounds toward minus infinity.
    func flooredDivision(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
