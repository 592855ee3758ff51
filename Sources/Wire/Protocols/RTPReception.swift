/// What a receiver would report of one RTP source, computed from the headers that pass by: packets expected and lost,
/// and the jitter. No media is kept; memory is a handful of numbers.
///
/// Reference: RFC 3550 appendix A.1 (sequence numbers), A.3 (loss), A.8 (jitter). A source that restarts is counted on:
/// what the jump passed over was never sent, so it is not lost. Jitter is kept by clock rate, since timestamps of
/// different clocks have no difference; that of the clock with the most packets is the source's.
public struct RTPReception: Hashable, Sendable {
    /// Sequence numbers that jump further are a restart of the source (appendix A.1's `MAX_DROPOUT`, `MAX_MISORDER`).
    static let dropoutLimit = 3_000
    static let misorderLimit = 100
    /// Clock rates of one source, at most; packets of any others have no part in the jitter.
    static let clockLimit = 4

    /// The interarrival jitter of one clock.
    private struct Clock: Hashable {
        /// Ticks a second.
        let rate: Int
        /// In sixteenths of a tick, as in appendix A.8.
        var scaledJitter = 0
        var lastTransit: Int?
        var packets = 0
    }

    /// Packets that came, but for strays: those far from all others that none follows.
    public private(set) var received = 0
    /// How often the source began again without saying so.
    public private(set) var restarts = 0
    private var base = 0
    private var highest = 0
    /// Packets that should have come before the last restart.
    private var earlier = 0
    /// What the sequence would be if the last jump was a restart.
    private var suspected: Int?
    private var clocks: [Clock] = []

    public init() {}

    /// Takes one packet's sequence number and timestamp, and the time it was seen.
    /// - Parameter clockRate: ticks a second of its payload type's clock, clamped to 1…1,000,000.
    public mutating func add(sequence: UInt16, timestamp: UInt32, at time: Timestamp, clockRate: Int) {
        if place(sequence) { jitter(timestamp, at: time, rate: min(max(clockRate, 1), 1_000_000)) }
    }

    /// Takes a packet whose timestamp is of no use for the jitter.
    public mutating func add(sequence: UInt16) { _ = place(sequence) }

    /// Packets that should have come.
    public var expected: Int { received == 0 ? 0 : earlier + highest - base + 1 }
    /// Packets that did not, negative where duplicates came.
    public var lost: Int { expected - received }
    /// Interarrival jitter in ticks of the media's clock; 0 where no clock is known.
    public var jitterTicks: Int { (clock?.scaledJitter ?? 0) >> 4 }
    /// `nil` where no clock is known.
    public var jitterMilliseconds: Double? {
        clock.map { Double($0.scaledJitter) / 16 * 1_000 / Double($0.rate) }
    }

    /// The one with the most packets, of equal ones the first.
    private var clock: Clock? {
        var best = clocks.first
        for clock in clocks where clock.packets > best?.packets ?? 0 { best = clock }
        return best
    }

    /// `false` for a packet that may be a stray.
    private mutating func place(_ sequence: UInt16) -> Bool {
        let sequence = Int(sequence)
        guard received > 0 else {
            base = sequence
            highest = sequence
            received = 1
            return true
        }
        // The distance from the highest one, modulo 2^16.
        let step = (sequence - highest) & 0xFFFF
        switch step {
        case 0..<Self.dropoutLimit:
            highest += step
            received += 1
            suspected = nil
        case ...(0x1_0000 - Self.misorderLimit):
            guard suspected == sequence else {
                suspected = (sequence + 1) & 0xFFFF
                return false
            }
            // Two in a row from far away: the source restarted without saying so, one packet ago.
            earlier += highest - base + 1
            base = sequence - 1
            highest = sequence
            received += 2
            restarts += 1
            suspected = nil
            for index in clocks.indices { clocks[index].lastTransit = nil }
        default:
            received += 1
        }
        return true
    }

    private mutating func jitter(_ timestamp: UInt32, at time: Timestamp, rate: Int) {
        var at = 0
        while at < clocks.count, clocks[at].rate != rate { at += 1 }
        if at == clocks.count {
            guard at < Self.clockLimit else { return }
            clocks.append(Clock(rate: rate))
        }
        // Arrival in ticks; seconds and the rest apart, for their product would not fit.
        let seconds = Int(time.nanoseconds / 1_000_000_000)
        let rest = Int(time.nanoseconds % 1_000_000_000)
        let arrival = UInt32(truncatingIfNeeded: seconds &* rate &+ rest &* rate / 1_000_000_000)
        let transit = Int(Int32(bitPattern: arrival &- timestamp))
        let last = clocks[at].lastTransit
        clocks[at].lastTransit = transit
        clocks[at].packets += 1
        guard let last else { return }
        let difference = abs(Int(Int32(truncatingIfNeeded: transit &- last)))
        clocks[at].scaledJitter += difference - ((clocks[at].scaledJitter + 8) >> 4)
    }
}
