/// What the snapshots of one queue tell of a day: for ticket machines that show how many wait and whom they serve, and
/// never say who came (DOMAIN.md §5). Everything here is inferred and kept apart from what was measured.
///
/// Calls are read off the number shown, on two conditions that snapshots cannot prove: numbers of one series are given
/// out one by one, and called in that order. A number passed over counts as called. Where the display itself breaks the
/// second condition, or shows other queues' numbers too, only what is certain is left as a lower bound.
public struct SnapshotQueue: Hashable, Sendable {
    /// A number with what it is at least and at most; `high` is `nil` where nothing bounds it.
    public struct Inferred: Hashable, Sendable {
        public var value: Int64
        public var low: Int64
        public var high: Int64?

        public init(value: Int64, low: Int64, high: Int64?) {
            self.value = value
            self.low = low
            self.high = high
        }
    }

    public var device: String
    public var service: String?
    /// How many snapshots, and when the first and the last of them were taken.
    public var snapshots: Int
    public var first: Instant
    public var last: Instant
    /// The most people seen waiting, and when first.
    public var maxWaiting: Int64
    public var maxWaitingAt: Instant
    /// From the first snapshot to the last. `nil`: no number was ever shown.
    public var calls: Inferred?
    /// Change of the count plus calls; who left uncalled came too, so nothing bounds it from above.
    public var arrivals: Inferred?
    /// Person-milliseconds of waiting in the observed time.
    public var waited: Inferred
    /// Milliseconds of waiting for each call, by Little's law over the observed time: exact within its bounds where the
    /// queue was empty at the first and the last snapshot. `nil`: no call was seen.
    public var wait: Inferred?
    /// The calls that `waited` is divided by: those of the observed time. `nil` with `wait`.
    public var waitedFor: Inferred?
    /// The number jumped back or further than is believable: numbering began anew, or another series.
    public var resets: Int
    /// A somewhat smaller number than before: called out of turn, or again.
    public var outOfOrder: Int
    /// Milliseconds of opening hours, up to `asOf`: all, those between snapshots no further apart than evidence lasts,
    /// and the longest stretch without one.
    public var scheduled: Int64
    public var observed: Int64
    public var longestGap: Int64
    /// The waiting count of the first and the last snapshot.
    public var waitingAtFirst: Int64
    public var waitingAtLast: Int64
}

/// A number as a display shows it: the letters of its series and its place in it.
struct ShownNumber: Hashable, Sendable {
    var series: String
    var value: Int64

    /// `A023` → (`A`, 23); `nil` without digits at the end. Digits beyond nine belong to no counter of tickets.
    init?(_ said: String) {
        let normal = Ticket.normalise(said)
        let digits = normal.utf8.reversed().prefix { (0x30...0x39).contains($0) }.count
        guard (1...9).contains(digits), let value = Int64(normal.suffix(digits)) else { return nil }
        series = String(normal.dropLast(digits))
        self.value = value
    }
}
