import Domain

/// Everything that can reach a fold, sensible or not: the sample office's random day, heard by several ears, partly
/// told again, with snapshots, ratings, gaps and clocks that stand still; and the order in which it arrives.
struct RandomWorld {
    /// In the total order.
    let events: [DomainEvent]
    /// As a collector gets them: late, in batches of another agent's, some twice.
    let arrivals: [DomainEvent]

    init(seed: UInt64, count: Int) {
        var random = SplitMix64(seed: seed &* 31 &+ 7)
        var events = SampleOffice.randomEvents(seed: seed, count: count)
        let start = SampleOffice.at("06:00:00")
        for _ in 0..<(count / 5) {
            let time = start + Int64.random(in: 0..<43_200_000, using: &random)
            let service = ["ho-tich", "dat-dai", nil].randomElement(using: &random) ?? nil
            switch Int.random(in: 0..<8, using: &random) {
            case 0...3:
                let shown = ["A0\(Int.random(in: 10...40, using: &random))", "B7", "", nil].randomElement(
                    using: &random)
                let waiting = Int64.random(in: -1...9, using: &random)
                events.append(
                    SampleOffice.event(
                        time, "kiosk",
                        .queueSnapshot(
                            service: service, waiting: waiting, nowServing: shown ?? nil, openCounters: 2)))
            case 4:
                let score = Int64.random(in: 0...6, using: &random)
                events.append(SampleOffice.event(time, "tablet", .feedbackRated(score: score, scale: 5)))
            case 5:
                events.append(
                    SampleOffice.event(time, "pc-1", .agentGap(from: time - 60_000, until: time, reason: "restart")))
            case 6:
                let state = Bool.random(using: &random) ? "frozen" : "trusted"
                events.append(
                    SampleOffice.event(
                        time, "kiosk", .deviceClock(class: state, offsetMilliseconds: nil, driftMillisecondsPerDay: nil)
                    ))
            default:
                events.append(SampleOffice.event(time, "kiosk", .deviceRebooted))
            }
        }
        var heard = events
        for event in events where Int.random(in: 0..<4, using: &random) == 0 {
            var copy = event
            switch Int.random(in: 0..<3, using: &random) {
            case 0: copy.id.agent = "pc-2"
            case 1: copy.feed = "listen:514"
            default: copy.flags.insert(.restated)
            }
            copy.at = event.at + Int64.random(in: -1_000...3_500, using: &random)
            heard.append(copy)
        }
        self.events = SampleOffice.numbered(heard)
        // Sequences are the agent's own; what makes an event late is the way to the collector.
        var delayed: [(arrival: Int64, event: DomainEvent)] = []
        for event in self.events {
            let isLate = Int.random(in: 0..<12, using: &random) == 0
            let delay = Int64.random(in: 0...(isLate ? 7_200_000 : 2_000), using: &random)
            delayed.append((event.at.milliseconds + delay, event))
            if Int.random(in: 0..<20, using: &random) == 0 {
                delayed.append((event.at.milliseconds + delay + 60_000, event))
            }
        }
        arrivals = delayed.sorted { ($0.arrival, $0.event.id.sequence) < ($1.arrival, $1.event.id.sequence) }
            .map(\.event)
    }
}
