import Domain
import Testing

/// Queues that are only ever seen in snapshots.
@Suite struct SnapshotTests {
    private func snapshot(
        _ at: Instant, _ waiting: Int64, _ number: String?, service: String? = "a", device: String = "qms"
    ) -> DomainEvent {
        SampleOffice.event(
            at, device, .queueSnapshot(service: service, waiting: waiting, nowServing: number, openCounters: 2))
    }

    private func fold(_ events: [DomainEvent], asOf: Instant? = nil) -> OfficeDayResult {
        OfficeDay.fold(SampleOffice.numbered(events), site: SampleOffice.site(), day: SampleOffice.day)
            .result(asOf: asOf ?? SampleOffice.clock.start(of: SampleOffice.day + 1))
    }

    private func only(_ seen: [(String, Int64, String?)]) throws -> SnapshotQueue {
        let result = fold(seen.map { snapshot(SampleOffice.at($0.0), $0.1, $0.2) })
        #expect(result.visits.isEmpty)
        return try #require(result.snapshotQueues.first)
    }

    @Test func `calls are the numbers passed, arrivals what the count grew by besides`() throws {
        let queue = try only([
            ("08:00", 4, "A010"), ("08:05", 6, "A012"), ("08:10", 6, "A012"), ("08:15", 3, "A016"),
        ])
        #expect(queue.calls == SnapshotQueue.Inferred(value: 6, low: 6, high: 6))
        #expect(queue.arrivals == SnapshotQueue.Inferred(value: 5, low: 5, high: nil))
        #expect(queue.maxWaiting == 6 && queue.maxWaitingAt == SampleOffice.at("08:05"))
        // 5 and 6 and 4.5 people for five minutes each.
        #expect(queue.waited.value == 15_500 * 300)
        // Between 4 − 2 and 4 + 4 in the first five minutes; 6 in the second; 6 − 4 and 6 + 1 in the third.
        #expect(queue.waited.low == (2 + 6 + 2) * 300_000 && queue.waited.high == (8 + 6 + 7) * 300_000)
        #expect(queue.wait?.value == 775_000)
        #expect(queue.observed == 900_000 && queue.scheduled == 28_800_000)
    }

    @Test func `a ticket of another letter that was passed on hides no numbers`() throws {
        var seen: [(String, Int64, String?)] = (0..<12).map { (format8($0), 4, "E\(100 + $0 * 3)") }
        seen.insert(("08:02", 4, "R090"), at: 1)
        let queue = try only(seen)
        // 33 numbers of its own, and the guest; that both may be called in between is certain of each change only.
        #expect(queue.calls?.value ?? 0 >= 33 && queue.calls?.high == nil)
        let mixed = try only([
            ("08:00", 4, "A001"), ("08:05", 4, "B040"), ("08:10", 4, "A009"), ("08:15", 4, "B049"),
        ])
        #expect(mixed.calls == SnapshotQueue.Inferred(value: 3, low: 3, high: nil))
    }

    /// Every five minutes from eight o'clock on.
    private func format8(_ index: Int) -> String { index < 2 ? "08:0\(index * 5)" : "08:\(index * 5)" }

    @Test func `a jump back, or further than anybody calls, is a reset and calls nobody`() throws {
        let queue = try only([
            ("08:00", 4, "A080"), ("08:05", 4, "A081"), ("08:10", 4, "A003"), ("08:15", 4, "A005"),
            ("08:20", 4, "A905"), ("08:25", 4, "A007"), ("08:30", 4, "A906"),
        ])
        // Certain: every change of the number but by how much it jumped. 81, 3, 5, 905, 7, 906.
        #expect(queue.resets == 2 && queue.calls == SnapshotQueue.Inferred(value: 8, low: 6, high: nil))
        let back = try only([("08:00", 4, "A020"), ("08:05", 4, "A024"), ("08:10", 4, "A022"), ("08:15", 4, "A025")])
        #expect(back.outOfOrder == 1 && back.resets == 0)
        #expect(back.calls == SnapshotQueue.Inferred(value: 5, low: 2, high: nil))
    }

    @Test func `a series that two queues show proves for each only that its number changed`() throws {
        let result = fold([
            snapshot(SampleOffice.at("08:00"), 1, "A001", service: "a"),
            snapshot(SampleOffice.at("08:00"), 1, "A002", service: "b"),
            snapshot(SampleOffice.at("08:05"), 1, "A009", service: "a"),
            snapshot(SampleOffice.at("08:05"), 1, "A008", service: "b"),
        ])
        #expect(result.snapshotQueues.map(\.service) == ["a", "b"])
        for queue in result.snapshotQueues {
            #expect(queue.calls == SnapshotQueue.Inferred(value: 1, low: 1, high: nil))
        }
    }

    @Test func `without numbers there are no calls, and without calls no wait`() throws {
        let queue = try only([("08:00", 2, nil), ("08:05", 5, ""), ("08:10", 1, nil)])
        #expect(queue.calls == nil && queue.wait == nil && queue.arrivals?.low == 3 && queue.arrivals?.high == nil)
        let quiet = try only([("08:00", 2, "A004"), ("08:05", 2, "A004")])
        #expect(quiet.calls?.value == 0 && quiet.wait == nil)
    }

    @Test func `what was not looked at is not counted, nor what a frozen device shows`() throws {
        let gap = try only([("08:00", 9, "A001"), ("09:00", 9, "A002"), ("09:10", 9, "A003")])
        #expect(gap.observed == 600_000 && gap.waited.value == 9 * 600_000)
        // From 09:10 to the lunch break at 11:30 and from 13:00 to 17:00 nobody looked.
        #expect(gap.longestGap == 140 * 60_000 + 240 * 60_000)
        let events = [
            snapshot(SampleOffice.at("08:00"), 9, "A001"), snapshot(SampleOffice.at("08:10"), 9, "A001"),
            SampleOffice.event(
                SampleOffice.at("08:11"), "qms",
                .deviceClock(class: "frozen", offsetMilliseconds: nil, driftMillisecondsPerDay: nil)),
            snapshot(SampleOffice.at("08:20"), 9, "A001"),
            SampleOffice.event(
                SampleOffice.at("08:25"), "qms",
                .deviceClock(class: "trusted", offsetMilliseconds: nil, driftMillisecondsPerDay: nil)),
            snapshot(SampleOffice.at("08:30"), 9, "A002"),
        ]
        let frozen = try #require(fold(events).snapshotQueues.first)
        #expect(frozen.observed == 1_200_000)
    }

    @Test func `a count that cannot be is refused and counted`() throws {
        let result = fold([
            snapshot(SampleOffice.at("08:00"), -1, "A001"), snapshot(SampleOffice.at("08:01"), .max, "A001"),
            snapshot(SampleOffice.at("08:02"), 1, "A99999999999999999999"),
        ])
        #expect(result.anomalies.map(\.reason) == ["badSnapshot"] && result.fates.unfit == 2)
        #expect(result.snapshotQueues.first?.snapshots == 1 && result.snapshotQueues.first?.calls == nil)
        // The bound on queues, and what happens at it.
        let many = fold(
            (0..<1_030).map { snapshot(SampleOffice.at("08:00") + Int64($0), 1, nil, service: "s\($0)") })
        #expect(many.snapshotQueues.count == 1_024)
        #expect(many.anomalies == [OfficeDayResult.Anomaly(reason: "tooManyQueues", count: 6)])
    }

    @Test func `a report of snapshots says what is inferred, and one without says nothing of it`() throws {
        let result = fold([
            snapshot(SampleOffice.at("08:00"), 4, "A010"), snapshot(SampleOffice.at("08:05"), 6, "A012"),
        ])
        let report = Report.make(
            days: [result], from: result.day, to: result.day + 1, asOf: result.asOf, scope: "mau",
            clock: SampleOffice.clock, by: .service)
        let calls = try #require(report.metrics.first { $0.id == "queue.calls.inferred" })
        #expect(calls.value == 2 && calls.bounds == Metric.Bounds(low: 2, high: 2) && calls.n == 1)
        #expect(report.metrics.first { $0.id == "queue.maxWaiting" }?.value == 6)
        let wait = try #require(report.metrics.first { $0.id == "queue.wait.inferred" })
        #expect(wait.value == 750_000 && wait.n == 2)
        #expect(calls.json.contains("\"bounds\":[2,2]"))
        // Nothing of it among what was measured.
        #expect(report.metrics.first { $0.id == "visits" }?.n == 0)
        let plain = Report.make(
            days: [fold([])], from: result.day, to: result.day + 1, asOf: result.asOf, scope: "mau",
            clock: SampleOffice.clock, by: .office)
        #expect(!plain.metrics.contains { $0.id.hasPrefix("queue.") })
    }

    // MARK: Against the truth

    /// A queue with Poisson arrivals and exponential services, polled every five minutes; the truth beside it.
    private struct SimulatedQueue {
        var polls: [(at: Int64, waiting: Int64, number: Int)] = []
        var waits: [Int64] = []
        var arrivals = 0

        init(seed: UInt64, servers: Int, arrivalMean: Double, serviceMean: Double) {
            var random = SplitMix64(seed: seed)
            func exponential(_ mean: Double) -> Int64 {
                Int64(mean * Self.minusLogarithm(Double.random(in: 0.000_001..<1, using: &random)))
            }
            var time: Int64 = 27_300_000
            var free = Array(repeating: Int64(0), count: servers)
            var came: [Int64] = []
            var called: [Int64] = []
            while true {
                time += exponential(arrivalMean)
                if time >= 55_000_000 { break }
                let server = free.indices.min { free[$0] < free[$1] } ?? 0
                let call = max(time, free[server])
                free[server] = call + exponential(serviceMean)
                came.append(time)
                called.append(call)
                waits.append(call - time)
            }
            arrivals = came.count
            var poll: Int64 = 27_000_000
            while poll < 61_200_000 {
                let number = called.count { $0 <= poll }
                polls.append((poll, Int64(came.count { $0 <= poll } - number), number))
                poll += 300_000
            }
        }

        /// −ln x by the series of artanh: the tests need no mathematics library.
        private static func minusLogarithm(_ x: Double) -> Double {
            var (x, shifts) = (x, 0.0)
            while x < 0.5 {
                x *= 2
                shifts += 1
            }
            let z = (x - 1) / (x + 1)
            var (power, sum) = (z, 0.0)
            for k in 0..<30 {
                sum += power / Double(2 * k + 1)
                power *= z * z
            }
            return shifts * 0.693_147_180_559_945_3 - 2 * sum
        }
    }

    @Test(arguments: Array(UInt64(1)...40)) func `the truth lies within the bounds`(seed: UInt64) throws {
        // Busy and quiet queues, all of which empty before closing.
        let loads: [(servers: Int, arrivalMean: Double, serviceMean: Double)] = [
            (1, 400_000, 300_000), (2, 150_000, 240_000), (4, 60_000, 200_000), (1, 900_000, 420_000),
            (3, 150_000, 420_000),
        ]
        let load = loads[Int(seed) % loads.count]
        let truth = SimulatedQueue(
            seed: seed, servers: load.servers, arrivalMean: load.arrivalMean, serviceMean: load.serviceMean)
        try #require(truth.polls.last?.waiting == 0)
        let midnight = SampleOffice.clock.start(of: SampleOffice.day)
        let result = fold(
            truth.polls.map {
                snapshot(midnight + $0.at, $0.waiting, $0.number == 0 ? nil : "C\(1_000 + $0.number)".replacing1000)
            })
        let queue = try #require(result.snapshotQueues.first)
        func holds(_ value: Int64, _ inferred: SnapshotQueue.Inferred?) -> Bool {
            guard let inferred else { return false }
            return inferred.low <= value && value <= inferred.high ?? .max
        }
        let called = Int64(truth.polls.last?.number ?? 0)
        #expect(holds(called, queue.calls), "\(called) calls: \(queue)")
        #expect(queue.calls?.high != nil)
        #expect(holds(Int64(truth.arrivals), queue.arrivals), "\(truth.arrivals) arrivals: \(queue)")
        let waited = truth.waits.reduce(0, +)
        #expect(holds(waited, queue.waited), "\(waited) waited: \(queue)")
        #expect(holds(waited / Int64(truth.waits.count), queue.wait), "\(queue)")
    }
}

extension String {
    /// `C1023` → `C023`.
    fileprivate var replacing1000: String { String(prefix(1) + dropFirst(2)) }
}
