import Domain
import Testing

@testable import Simulation

/// The fold and the truth are two independent computations; here they meet without a wire between them.
@Suite struct FoldAgainstTruthTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `the fold gives the truth's visits in a tiny office`(seed: UInt64) throws {
        try compare("tiny", seed: seed)
    }

    @Test(arguments: 0..<3 as Range<UInt64>)
    func `the fold gives the truth's visits when everything happens`(seed: UInt64) throws {
        try compare("hard", seed: seed)
    }

    @Test(arguments: 0..<3 as Range<UInt64>)
    func `the fold gives the truth's visits when the next call ends a service`(seed: UInt64) throws {
        try compare("next-call", seed: seed)
    }

    private func compare(_ name: String, seed: UInt64) throws {
        let scenario = try TestScenarios.load(name)
        let day = try #require(LocalDay("2026-11-10"))
        let world = World.day(scenario, seed: seed, day: day)
        let stage = Stage(world)
        stage.play()
        let truth = Truth(site: scenario.site, day: day, utterances: world.utterances, evidence: stage.tap.heard)
        var events: [DomainEvent] = []
        for event in truth.events { events.append(try Self.domain(event, site: scenario.site)) }
        for device in stage.tap.heard.keys.sorted() where scenario.site.device(device) != nil {
            for time in Set(stage.tap.heard[device] ?? []).sorted() {
                let at = Instant(milliseconds: time)
                events.append(
                    DomainEvent(
                        device: device, office: scenario.site.office.id, kind: .agentHeard(until: at), observed: at,
                        at: at))
            }
        }
        for index in events.indices { events[index].id.sequence = UInt64(index + 1) }
        let end = scenario.site.office.clock.start(of: day + 1)
        let result = OfficeDay.fold(events, site: scenario.site, day: day).result(asOf: end)
        let rows = result.visits.map { $0.csvRow(clock: scenario.site.office.clock).joined(separator: ",") }
        let expected = truth.visitRows.dropFirst().map { $0.joined(separator: ",") }
        #expect(rows.count == expected.count)
        let wrong = zip(rows, expected).first { $0 != $1 }
        if let wrong { Issue.record("\(name) seed \(seed)\nfold  \(wrong.0)\ntruth \(wrong.1)") }
    }

    private static func domain(_ event: TruthEvent, site: Site) throws -> DomainEvent {
        let kind = try #require(
            EventKind(name: event.kind) { key in
                switch event.payload[key] {
                case .text(let text): .text(text)
                case .integer(let value): .integer(value)
                case .boolean(let value): .boolean(value)
                case .decimal(let value): .decimal(value)
                case .instant(let value): .instant(value)
                case nil: nil
                }
            })
        return DomainEvent(
            device: event.device, office: site.office.id, counter: event.counter, kind: kind, observed: event.at,
            at: event.at, flags: event.isRestated ? .restated : [])
    }
}
