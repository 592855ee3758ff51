import Domain
import Testing

/// Little's law: it holds where nothing is lost, and where something is, it says so.
@Suite struct QualityTests {
    /// Stationary hours: Poisson arrivals, exponential services at three counters, in the order of arrival; the office
    /// is open all day and the numbers are those of DOMAIN.md §9 (18 an hour for each eight minutes, three counters).
    struct StationaryDay {
        var events: [DomainEvent] = []
        var waits: [Int64] = []
        var from: Int64 = 0
        var until: Int64 = 0

        init(seed: UInt64) {
            var random = SplitMix64(seed: seed)
            func exponential(_ mean: Double) -> Int64 {
                // Half-lives and a linear rest: an exponential of resolution enough for a mean, without a library.
                var halves = 0.0
                while Bool.random(using: &random) { halves += 1 }
                let rest = Double.random(in: 0..<1, using: &random)
                // The quantile of the rest within its half-life: −log2(1 − u/2).
                return Int64(mean * 0.693_147_180_559_945_3 * (halves + Self.log2OfRest(rest)))
            }
            let midnight = SampleOffice.clock.start(of: SampleOffice.day)
            var free: [Int64] = [0, 0, 0]
            var time: Int64 = 1_000
            var number = 1
            while time < 80_000_000 {
                let counter = free.indices.min { free[$0] < free[$1] } ?? 0
                let call = max(time, free[counter])
                let end = call + exponential(480_000)
                free[counter] = end
                let id = "q\(counter + 1)"
                events.append(
                    SampleOffice.event(
                        midnight + time, "kiosk",
                        .ticketIssued(number: "A\(number)", service: "tat-ca", channel: nil, priority: nil)))
                events.append(
                    SampleOffice.event(midnight + call, "caller", .ticketCalled(number: "A\(number)"), counter: id))
                events.append(
                    SampleOffice.event(
                        midnight + end, "caller", .ticketServed(number: "A\(number)", quantity: nil, outcome: nil),
                        counter: id))
                waits.append(call - time)
                number += 1
                time += exponential(200_000)
            }
            until = free.max() ?? 0
            events = SampleOffice.numbered(events)
        }

        /// −log2(1 − u/2) by the artanh series.
        private static func log2OfRest(_ u: Double) -> Double {
            let x = 1 - u / 2
            let z = (x - 1) / (x + 1)
            var (power, sum) = (z, 0.0)
            for k in 0..<24 {
                sum += power / Double(2 * k + 1)
                power *= z * z
            }
            return -2 * sum / 0.693_147_180_559_945_3
        }
    }

    private func fold(_ events: [DomainEvent]) -> OfficeDayResult {
        var site = SampleOffice.site()
        site.hours = WeeklyHours(Dictionary(uniqueKeysWithValues: Weekday.allCases.map { ($0, [0..<86_400_000]) }))
        return OfficeDay.fold(events, site: site, day: SampleOffice.day)
            .result(asOf: SampleOffice.clock.start(of: SampleOffice.day + 1))
    }

    @Test(arguments: Array(UInt64(1)...20))
    func `L is λW over stationary hours, exactly where they begin and end empty`(seed: UInt64) {
        let day = StationaryDay(seed: seed)
        let result = fold(day.events)
        // L by the queue's length, λW by the visits: two ways through the fold, and the simulated waits beside them.
        var area: Int64 = 0
        for (step, next) in zip(result.timeline.queue, result.timeline.queue.dropFirst()) {
            area += step.waiting.total * (next.at - step.at)
        }
        #expect(area == day.waits.reduce(0, +))
        #expect(area == result.visits.reduce(0) { $0 + $1.wait })
        #expect(result.qualityAlarms.isEmpty, "\(result.qualityAlarms)")
    }

    @Test func `over twenty days the mean wait is Erlang's`() {
        // c = 3, a = 2.4: C = 0.6472, Wq = C · 480 s / 0.6.
        let waits = (1...20).flatMap { StationaryDay(seed: UInt64($0)).waits }
        let mean = Double(waits.reduce(0, +)) / Double(waits.count) / 1_000
        #expect(abs(mean - 517.8) < 130, "\(mean) s")
    }

    @Test(arguments: Array(UInt64(1)...20)) func `calls that were not heard raise the alarm`(seed: UInt64) {
        var random = SplitMix64(seed: seed &+ 5)
        let day = StationaryDay(seed: seed)
        // From noon on the caller's messages get lost, one ticket in four.
        var lost: Set<String> = []
        let noon = SampleOffice.at("12:00:00")
        let rest = day.events.filter { event in
            switch event.kind {
            case .ticketCalled(let number) where event.at >= noon && Int.random(in: 0..<4, using: &random) == 0:
                lost.insert(number)
                return false
            case .ticketServed(let number, _, _): return !lost.contains(number)
            default: return true
            }
        }
        let alarms = fold(rest).qualityAlarms
        #expect(alarms.contains { $0.kind == .waitingUnaccounted && $0.unresolved > 1 })
        #expect(alarms.allSatisfy { $0.from >= noon - 3_600_000 && $0.until - $0.from == 1_800_000 })
        #expect(alarms == alarms.sorted { $0.from < $1.from })
    }

    @Test(arguments: Array(UInt64(1)...20)) func `issues that were not heard raise the alarm`(seed: UInt64) {
        let day = StationaryDay(seed: seed)
        let noon = SampleOffice.at("12:00:00")
        let rest = day.events.filter { event in
            if case .ticketIssued(let number, _, _, _) = event.kind, event.at >= noon {
                return number.utf8.last.map { $0 % 2 == 0 } ?? true
            }
            return true
        }
        let alarms = fold(rest).qualityAlarms
        // Where there was a queue at all: half of it is missing.
        let waited = zip(day.waits, day.waits.indices).filter { $0.1 > day.waits.count / 2 }.map(\.0).reduce(0, +)
        #expect(alarms.contains { $0.kind == .callsUnaccounted && $0.unissued > 0 } || waited < 80_000_000)
        #expect(alarms.allSatisfy { $0.kind == .callsUnaccounted })
    }

    @Test func `one citizen who walks away silently, and those left at closing, are ordinary`() {
        func issued(_ time: String, _ number: String) -> DomainEvent {
            SampleOffice.event(
                SampleOffice.at(time), "kiosk",
                .ticketIssued(number: number, service: nil, channel: nil, priority: nil))
        }
        func called(_ time: String, _ number: String) -> DomainEvent {
            SampleOffice.event(SampleOffice.at(time), "caller", .ticketCalled(number: number), counter: "q1")
        }
        let day = [
            issued("08:00", "A1"), issued("08:01", "A2"), called("08:20", "A2"), issued("16:00", "A3"),
            issued("16:01", "A4"), issued("16:02", "A5"),
        ]
        #expect(fold(SampleOffice.numbered(day)).qualityAlarms.isEmpty)
        // Three that were overtaken are not.
        let more = day + [issued("08:02", "A6"), issued("08:03", "A7"), called("09:00", "A3"), called("16:30", "A5")]
        let alarms = fold(SampleOffice.numbered(more)).qualityAlarms
        #expect(!alarms.isEmpty && alarms.allSatisfy { $0.kind == .waitingUnaccounted })
        #expect(alarms.first?.from == SampleOffice.at("08:00"))
    }
}
