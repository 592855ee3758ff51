import Domain
import Simulation
import Testing

/// The fold against the truth's books, on the same events: two programs written from one text by different hands.
@Suite struct OracleTests {
    /// The world's events as the agent would make them.
    static func domainEvents(_ truth: [TruthEvent], site: Site, evidence: [String: [Int64]]) -> [DomainEvent] {
        var out: [DomainEvent] = truth.compactMap { event in
            let kind = EventKind(name: event.kind) { key in
                switch event.payload[key] {
                case .text(let text): .text(text)
                case .integer(let value): .integer(value)
                case .boolean(let value): .boolean(value)
                case .decimal(let value): .decimal(value)
                case .instant(let value): .instant(value)
                case nil: nil
                }
            }
            guard let kind else {
                Issue.record("the world made an event of no known kind: \(event.kind)")
                return nil
            }
            return DomainEvent(
                device: event.device, office: site.office.id, counter: event.counter, kind: kind, observed: event.at,
                at: event.at, flags: event.isRestated ? .restated : [])
        }
        for device in evidence.keys.sorted() {
            for time in evidence[device] ?? [] {
                let at = Instant(milliseconds: time)
                out.append(
                    DomainEvent(
                        device: device, office: site.office.id, kind: .agentHeard(until: at), observed: at, at: at))
            }
        }
        // A stable order within (at, device), then numbered as a spool would.
        let ordered = out.enumerated().sorted { a, b in
            if DomainEvent.precedes(a.element, b.element) { return true }
            if DomainEvent.precedes(b.element, a.element) { return false }
            return a.offset < b.offset
        }
        return ordered.enumerated().map { index, entry in
            var event = entry.element
            event.id = EventID(agent: "pc-1", epoch: Epoch(high: 1, low: 1), sequence: UInt64(index + 1))
            return event
        }
    }

    static func differences(_ truth: Truth, _ result: OfficeDayResult) -> [String] {
        let expected = truth.visitRows.dropFirst().map { $0.joined(separator: ",") }
        let found = result.visits.map { $0.csvRow(clock: truth.site.office.clock).joined(separator: ",") }
        var out: [String] = []
        for index in 0..<max(expected.count, found.count) {
            let one = index < expected.count ? expected[index] : "(nothing)"
            let other = index < found.count ? found[index] : "(nothing)"
            if one != other { out.append("truth \(one)\nfold  \(other)") }
        }
        return out
    }

    private func check(_ events: [TruthEvent], site: Site, day: LocalDay, evidence: [String: [Int64]], _ what: String) {
        let truth = Truth(site: site, day: day, events: events, evidence: evidence)
        let folded = OfficeDay.fold(
            Self.domainEvents(events, site: site, evidence: evidence), site: site, day: day)
        let result = folded.result(asOf: site.office.clock.start(of: day + 1))
        let differences = Self.differences(truth, result)
        #expect(differences.isEmpty, "\(what): \(differences.count) differences, first:\n\(differences.first ?? "")")
    }

    @Test(arguments: Array(UInt64(1)...60), [Office.Finish.explicit, .onNextCall])
    func `random events, most of which make no sense, fold to what the books say`(
        seed: UInt64, finish: Office.Finish
    ) {
        let site = SampleOffice.site(finish: finish)
        let events = SampleOffice.randomEvents(seed: seed, count: 400)
        var evidence: [String: [Int64]] = [:]
        var told: [TruthEvent] = []
        for event in events {
            if case .agentHeard(let until) = event.kind {
                evidence[event.device, default: []].append(until.milliseconds)
                continue
            }
            var payload: [String: TruthEvent.Value] = [:]
            for (key, value) in event.kind.payload {
                switch value {
                case .text(let text): payload[key] = .text(text)
                case .integer(let integer): payload[key] = .integer(integer)
                case .boolean(let boolean): payload[key] = .boolean(boolean)
                default: break
                }
            }
            told.append(
                TruthEvent(
                    at: event.at, device: event.device, counter: event.counter, kind: event.kind.name, payload: payload)
            )
        }
        check(told, site: site, day: SampleOffice.day, evidence: evidence, "seed \(seed), \(finish)")
    }
}
