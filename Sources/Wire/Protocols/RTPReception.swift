/// What a receiver would report of one RTP source, computed from the headers that pass by: packets expected and lost,
/// and the jitter. No media is kept; memory is a handful of numbers.
///
/// Reference: RFC 3550 appendix A.1 (sequence numbers), A.3 (loss), A.8 (jitter).
public struct RTPReception: Hashable, Sendable {
    /// Sequence numbers that jump further are a restart of the source (appendix A.1's `MAX_DROPOUT`, `MAX_MISORDER`).
    static let dropoutLimit = 3_000
    static let misorderLimit = 100

    /// Ticks a second of the media's clock.
    public let clockRate: Int
    /// Packets that came, since the source began or began again.
    public private(set) var received = 0
    private var base = 0
    private var highest = 0
    /// What the sequence would be if the last jump was a restart.
    private var suspected: Int?
    /// In sixteenths of a tick, as in appendix A.8.
    private var scaledJitter = 0
    private var lastTransit: Int?

    /// - Parameter clockRate: clamped to 1…1,000,000.
    public init(clockRate: Int) {
        self.clockRate = min(max(clockRate, 1), 1_000_000)
    }

    /// Takes one packet's sequence number and timestamp, and the time it was seen.
    public mutating func add(sequence: UInt16, timestamp: UInt32, at time: Timestamp) {
        place(sequence)
        jitter(timestamp, at: time)
    }

    /// Takes a packet whose timestamp is of no use for the jitter.
    mutating func add(sequence: UInt16) { place(sequence) }

    /// Packets that should have come.
    public var expected: Int { received == 0 ? 0 : highest - base + 1 }
    /// Packets that did not, negative where duplicates came.
    public var lost: Int { expected - received }
    /// Interarrival jitter in ticks of the media's clock.
    public var jitterTicks: Int { scaledJitter >> 4 }
    public var jitterMilliseconds: Double { Double(scaledJitter) / 16 * 1_000 / Double(clockRate) }

    private mutating func restart(at sequence: Int) {
        base = sequence
        highest = sequence
        received = 1
        suspected = nil
        lastTransit = nil
        scaledJitter = 0
    }

    private mutating func place(_ sequence: UInt16) {
        let sequence = Int(sequence)
        guard received > 0 else {
            restart(at: sequence)
            return
        }
        // The distance from the highest one, modulo 2^16.
        let step = (sequence - highest) & 0xFFFF
        switch step {
        case 0..<Self.dropoutLimit:
            highest += step
            received += 1
            suspected = nil
        case ...(0x1_0000 - Self.misorderLimit):
            // Two in a row from far away: the source restarted without saying so.
            if suspected == sequence {
                restart(at: sequence)
            } else {
                suspected = (sequence + 1) & 0xFFFF
            }
        default:
            received += 1
        }
    }

    private mutating func jitter(_ timestamp: UInt32, at time: Timestamp) {
        // Arrival in ticks; seconds and the rest apart, for their product would not fit.
        let seconds = Int(time.nanoseconds / 1_000_000_000)
        let rest = Int(time.nanoseconds % 1_000_000_000)
        let arrival = UInt32(truncatingIfNeeded: seconds &* clockRate &+ rest &* clockRate / 1_000_000_000)
        let transit = Int(Int32(bitPattern: arrival &- timestamp))
        defer { lastTransit = transit }
        guard let lastTransit else { return }
        let difference = abs(Int(Int32(truncatingIfNeeded: transit &- lastTransit)))
        scaledJitter += difference - ((scaledJitter + 8) >> 4)
    }
}
