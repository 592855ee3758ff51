import Domain
import Testing

/// A cached state that is continued says what a fold of everything says, whatever came when.
@Suite struct ContinuationTests {
    private static let end = SampleOffice.clock.start(of: SampleOffice.day + 1)

    private func fold(_ events: [DomainEvent], _ site: Site, asOf: Instant = end) -> OfficeDayResult {
        OfficeDay.fold(events, site: site, day: SampleOffice.day).result(asOf: asOf)
    }

    /// Every stored property, nested ones included; of the site, which nothing changes, only the office.
    private func rendering(_ result: OfficeDayResult) -> String {
        var result = result
        result.site.hours = WeeklyHours([:])
        result.site.services = []
        result.site.counters = []
        result.site.devices = []
        return "\(result)"
    }

    @Test(arguments: Array(UInt64(1)...15), [Office.Finish.explicit, .onNextCall])
    func `a cached continuation is a full fold, at every look`(seed: UInt64, finish: Office.Finish) {
        let world = RandomWorld(seed: seed, count: 200)
        let site = SampleOffice.site(finish: finish)
        var random = SplitMix64(seed: seed &+ 99)
        var log: [DomainEvent] = []
        var cached = OfficeDay(site: site, day: SampleOffice.day)
        var refolds = 0
        for event in world.arrivals {
            // What a collector does: a copy of an event it has is no news; one that comes too late folds the day anew.
            if log.contains(where: { $0.id == event.id }) { continue }
            log.append(event)
            if !cached.apply(event) {
                refolds += 1
                cached = OfficeDay.fold(log, site: site, day: SampleOffice.day)
            }
            if Int.random(in: 0..<90, using: &random) == 0 {
                let asOf = event.at + Int64.random(in: -60_000...7_200_000, using: &random)
                #expect(rendering(cached.result(asOf: asOf)) == rendering(fold(log, site, asOf: asOf)))
            }
        }
        #expect(refolds > 0)
        #expect(rendering(cached.result(asOf: Self.end)) == rendering(fold(world.events, site)))
    }

    @Test(arguments: Array(UInt64(1)...25))
    func `permutations, copies and batches change no byte`(seed: UInt64) {
        let world = RandomWorld(seed: seed, count: 250)
        let site = SampleOffice.site(finish: seed % 2 == 0 ? .explicit : .onNextCall)
        let expected = rendering(fold(world.events, site))
        var random = SplitMix64(seed: seed)
        #expect(rendering(fold(world.arrivals, site)) == expected)
        #expect(rendering(fold(world.events.reversed(), site)) == expected)
        let copies = world.events + world.events.filter { _ in Bool.random(using: &random) }
        #expect(rendering(fold(copies.shuffled(using: &random), site)) == expected)
        // Two batches: the first is folded, the second continues it where that is possible.
        let cut = Int.random(in: 0...world.events.count, using: &random)
        var state = OfficeDay.fold(world.events.prefix(cut), site: site, day: SampleOffice.day)
        for event in world.events.dropFirst(max(cut - 1, 0)) {
            let wasTaken = state.apply(event)
            #expect(wasTaken)
        }
        #expect(rendering(state.result(asOf: Self.end)) == expected)
    }

    @Test func `another ear is recognised by a fold that knew only one`() {
        func call(_ at: String, _ agent: String, _ sequence: UInt64) -> DomainEvent {
            SampleOffice.event(
                SampleOffice.at(at), "caller", .ticketCalled(number: "A1"), counter: "q1", sequence: sequence,
                agent: agent)
        }
        let first = [call("08:00:00", "pc-1", 1), call("08:00:02", "pc-1", 2), call("08:00:02", "pc-1", 2)]
        let second = [call("08:00:03", "pc-2", 1), call("08:00:05", "pc-2", 2), call("08:00:05.001", "pc-2", 3)]
        var state = OfficeDay.fold(first, site: SampleOffice.site(), day: SampleOffice.day)
        for event in second { state.apply(event) }
        // The first pairs with the first, the second with the second at three seconds, the third is a call of its own.
        #expect(state.witnessedCount == 2 && state.eventCount == 3)
        let whole = OfficeDay.fold(first + second, site: SampleOffice.site(), day: SampleOffice.day)
        #expect(rendering(state.result(asOf: Self.end)) == rendering(whole.result(asOf: Self.end)))
        #expect(whole.result(asOf: Self.end).visits.first?.recalls == 2)
    }

    @Test(arguments: Array(UInt64(1)...25), [Office.Finish.explicit, .onNextCall])
    func `every event is in exactly one place`(seed: UInt64, finish: Office.Finish) {
        let world = RandomWorld(seed: seed, count: 300)
        let result = fold(world.arrivals, SampleOffice.site(finish: finish))
        let fates = result.fates
        #expect(fates.total == world.events.count)
        #expect(fates.taken == result.eventCount && fates.witnessed == result.witnessedCount)
        let counts = [
            fates.applied, fates.restated, fates.heard, fates.noted, fates.unfit, fates.witnessed,
        ]
        #expect(counts.allSatisfy { $0 > 0 }, "\(fates)")
        // What did not fit has a reason; an unknown counter alone does not stop a ticket event.
        func anomalies(_ reasons: Set<String>) -> Int {
            result.anomalies.reduce(0) { $0 + (reasons.contains($1.reason) ? $1.count : 0) }
        }
        let whole = anomalies(["badRating", "badSnapshot", "tooManyCalls", "unexpected", "unknownTicket"])
        #expect(whole <= fates.unfit && fates.unfit <= whole + anomalies(["unknownCounter"]))
        #expect(anomalies(["repeat"]) == fates.repeated)
    }

    @Test(arguments: Array(UInt64(1)...25), [Office.Finish.explicit, .onNextCall])
    func `every number heard is in exactly one chain of visits, and visits in are visits out`(
        seed: UInt64, finish: Office.Finish
    ) {
        let world = RandomWorld(seed: seed, count: 300)
        let site = SampleOffice.site(finish: finish)
        let result = fold(world.events, site)
        // Numbers that were issued or called; all ticket devices of the sample office share one system.
        var numbers: Set<String> = []
        for event in world.events where !event.flags.contains(.restated) {
            switch event.kind {
            case .ticketIssued(let number, _, _, _), .ticketCalled(let number): numbers.insert(number)
            default: break
            }
        }
        var chains: [String: [Int]] = [:]
        for visit in result.visits { chains[visit.ticket, default: []].append(visit.ordinal) }
        #expect(Set(chains.keys) == numbers)
        for (_, ordinals) in chains { #expect(ordinals.sorted() == Array(1...ordinals.count)) }
        let ended = Dictionary(grouping: result.visits, by: \.outcome).mapValues(\.count)
        #expect(Outcome.allCases.reduce(0) { $0 + (ended[$1] ?? 0) } == result.visits.count)
        // Only the last of a chain can be under way; the others ended, or ended open when the number was issued again.
        for visit in result.visits where visit.ordinal < (chains[visit.ticket]?.count ?? 0) {
            #expect(visit.outcome != .open || visit.flags.contains(.reissued))
        }
        for visit in result.visits {
            #expect(visit.causes.total == visit.wait)
            for (leg, next) in zip(visit.legs, visit.legs.dropFirst()) { #expect(leg.until == next.from) }
            for leg in visit.legs {
                let parts = [leg.wait, leg.waitToFirstCall, leg.calling, leg.serving, leg.hold, leg.walk ?? 0]
                #expect(parts.allSatisfy { $0 >= 0 } && WaitCause.allCases.allSatisfy { leg.causes[$0] >= 0 })
                #expect(leg.waitToFirstCall <= leg.wait)
            }
        }
        for time in result.counterTimes {
            #expect(0 <= time.occupied && time.occupied <= time.open)
            #expect(0 <= time.serving && time.serving <= time.scheduled)
            #expect(0 <= time.attended && time.attended <= time.visible && time.visible <= time.scheduled)
            #expect(0 <= time.covered && time.covered <= time.scheduled)
        }
        for queue in result.snapshotQueues {
            #expect(queue.observed >= 0 && queue.observed <= queue.scheduled && queue.longestGap >= 0)
            for part in [queue.calls, queue.arrivals, queue.waited, queue.wait, queue.waitedFor] {
                guard let part else { continue }
                #expect(part.low >= 0 && part.low <= part.value && part.value <= part.high ?? .max, "\(queue)")
            }
        }
    }
}
