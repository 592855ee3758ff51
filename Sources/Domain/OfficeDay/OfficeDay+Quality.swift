/// A half-hour whose waiting does not add up: events were lost (DOMAIN.md §5, Little's law).
public struct QualityAlarm: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// More waiting than those who were called or left can account for: calls were not heard.
        case waitingUnaccounted
        /// More calls than the waiting can account for: issues were not heard.
        case callsUnaccounted
    }

    public var kind: Kind
    /// Half-open, half an hour of the office's day.
    public var from: Instant
    public var until: Instant
    /// L times the half-hour: person-milliseconds of waiting by the queue's length.
    public var waited: Int64
    /// λW times the half-hour, edges set right: person-milliseconds by those who stopped waiting in it.
    public var expected: Int64
    /// Who stopped waiting in it, numbers never heard being issued included, and the mean wait of those known.
    public var departures: Int
    public var meanWait: Int64
    /// Tickets counted as waiting in it that were overtaken and never called.
    public var unresolved: Int
    /// Calls in it of numbers never heard being issued.
    public var unissued: Int
}

extension OfficeDay {
    static let qualityBin: Int64 = 1_800_000

    /// Little's law over each half-hour, as an identity of a finite period rather than a law of long ones: the area
    /// under the queue's length is the sum of the waits that ended in the period, less what of them lay before it, plus
    /// what those still waiting spent in it. With nothing lost it holds to the millisecond whatever the traffic does, so
    /// a morning rush raises no alarm. Two things break it: who is counted as waiting and never leaves the queue though
    /// later ones are called (a call not heard, or a citizen who went away silently), and who is called without ever
    /// having come (an issue not heard), for whom the mean wait of the others is expected.
    ///
    /// The alarm is raised where the difference exceeds one person on average *and* a fifth of the larger side. One
    /// citizen who walks away is ordinary, and stays below it.
    static func qualityAlarms(
        waits: [WaitInterval], unissued: [Instant], start: Instant, isFinal: Bool
    ) -> [QualityAlarm] {
        struct Bin {
            var waited: Int64 = 0
            var expected: Int64 = 0
            var sumOfWaits: Int64 = 0
            var known = 0
            var unresolved = 0
            var unissued = 0
        }
        // The latest arrival that was called, by clock: who came before it and is still there was overtaken.
        var overtaking: [Int: Instant] = [:]
        for wait in waits where wait.end == .called {
            overtaking[wait.clock] = max(overtaking[wait.clock] ?? wait.from, wait.from)
        }
        var bins: [Bin] = []
        func bin(_ instant: Instant) -> Int {
            let index = max(0, Int((instant - start) / qualityBin))
            while bins.count <= index { bins.append(Bin()) }
            return index
        }
        for wait in waits {
            let isOvertaken = overtaking[wait.clock].map { $0 > wait.from } ?? false
            let isLost: Bool
            switch wait.end {
            case .called, .left, .transferred: isLost = false
            // Its number was given out again while it waited.
            case .replaced: isLost = true
            case .waiting: isLost = isFinal && isOvertaken
            }
            var from = wait.from
            while from < wait.until {
                let index = bin(from)
                let until = min(start + Int64(index + 1) * qualityBin, wait.until)
                bins[index].waited += until - from
                if isLost { bins[index].unresolved += 1 } else { bins[index].expected += until - from }
                from = until
            }
            guard wait.end == .called || wait.end == .left || wait.end == .transferred else { continue }
            let index = bin(wait.until)
            bins[index].known += 1
            bins[index].sumOfWaits += wait.until - wait.from
        }
        for call in unissued { bins[bin(call)].unissued += 1 }
        let known = bins.reduce(0) { $0 + $1.known }
        let all = bins.reduce(0) { $0 + $1.sumOfWaits }
        return bins.enumerated().compactMap { index, bin in
            let mean =
                bin.known > 0 ? bin.sumOfWaits / Int64(bin.known) : known > 0 ? all / Int64(known) : 0
            let expected = bin.expected + Int64(bin.unissued) * mean
            // Each kind on its own: losses of both kinds must not hide each other.
            let missingCalls = bin.waited - bin.expected
            let missingIssues = expected - bin.expected
            let difference = max(missingCalls, missingIssues)
            guard difference > qualityBin, difference > max(bin.waited, expected) / 5 else { return nil }
            return QualityAlarm(
                kind: missingCalls >= missingIssues ? .waitingUnaccounted : .callsUnaccounted,
                from: start + Int64(index) * qualityBin, until: start + Int64(index + 1) * qualityBin,
                waited: bin.waited, expected: expected, departures: bin.known + bin.unissued, meanWait: mean,
                unresolved: bin.unresolved, unissued: bin.unissued)
        }
    }

    /// First calls of numbers that nobody heard being issued.
    var unissuedCalls: [Instant] {
        tickets.filter { $0.flags.contains(.missingIssue) }.map(\.firstSeen)
    }
}
