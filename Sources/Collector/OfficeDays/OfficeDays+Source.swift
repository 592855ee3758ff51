public import Domain
import Records

extension OfficeDays {
    public func offices() async throws -> [OfficeSummary] {
        var out: [OfficeSummary] = []
        for row in try await store.officeRows() {
            let revision = try await store.revision(office: row.id, on: nil)?.revision
            out.append(OfficeSummary(id: row.name, site: revision?.site, events: row.events, span: row.span))
        }
        return out
    }

    public func ratings(office: String, day: LocalDay) async throws -> [DomainEvent] {
        try await events(office: office, day: day).events.filter {
            if case .feedbackRated = $0.kind { true } else { false }
        }
    }

    public func agents() async throws -> [AgentSummary] { try await store.spools() }

    public func incidents() async throws -> [Incident] {
        var all = try await store.incidents()
        for row in try await store.officeRows() {
            guard let span = row.span, let first = try await store.firstValidDay(office: row.id),
                let clock = try await store.revision(office: row.id, on: nil)?.revision.site.office.clock,
                clock.day(of: span.lowerBound) < first
            else { continue }
            all.append(
                Incident(
                    kind: .noSite, subject: row.name,
                    detail: "events before \(first) are kept, but no site file is valid then",
                    first: span.lowerBound, last: min(span.upperBound, clock.start(of: first)), count: 1))
        }
        all += try await latestDays()
        return all.sorted {
            ($1.last, $0.kind.rawValue, $0.subject, $0.detail) < ($0.last, $1.kind.rawValue, $1.subject, $1.detail)
        }
    }

    /// What the latest day of each office says about its clocks and about events that must have been lost.
    private func latestDays() async throws -> [Incident] {
        var out: [Incident] = []
        for row in try await store.officeRows() {
            guard let span = row.span,
                let clock = try await store.revision(office: row.id, on: nil)?.revision.site.office.clock,
                let result = try await result(Key(office: row.id, day: clock.day(of: span.upperBound)), asOf: nil)
            else { continue }
            var latest: [(device: String, note: ClockNote)] = []
            for note in result.clocks {
                latest.removeAll { $0.device == note.device }
                latest.append((note.device, note))
            }
            for (device, note) in latest where note.isFault {
                let offset = note.offset.map { ", \($0.magnitude / 1_000) s \($0 < 0 ? "ahead" : "behind")" } ?? ""
                out.append(
                    Incident(
                        kind: .deviceClock, subject: row.name, detail: "\(device): \(note.state)\(offset)",
                        first: note.from, last: note.from, count: 1))
            }
            if let first = result.qualityAlarms.first, let last = result.qualityAlarms.last {
                out.append(
                    Incident(
                        kind: .lostEvents, subject: row.name,
                        detail:
                            "on \(result.day) the waiting of \(result.qualityAlarms.count) half-hours does not add up",
                        first: first.from, last: last.from, count: result.qualityAlarms.count))
            }
        }
        return out
    }

    /// The local days of an office that have an event, ascending.
    func daysWithEvents(office: Int64, within range: ClosedRange<Instant>) async throws -> [LocalDay] {
        let site = try await store.revision(office: office, on: nil)?.revision.site
        let clock = site?.office.clock ?? OfficeClock(offsetSeconds: 0)
        var days: Set<LocalDay> = []
        for edge in try await store.edges(office: office, within: range) {
            // A day of UTC touches two local days at most, and its first and last event lie in them.
            days.insert(clock.day(of: edge.lowerBound))
            days.insert(clock.day(of: edge.upperBound))
        }
        return days.sorted()
    }

    /// The results of an office's days in [from, to) that have an event, each as of its end, or as of now.
    /// - Parameter isIncluded: which of them; all by default.
    func results(
        office: String, from: LocalDay, to: LocalDay, asOf: Instant?,
        where isIncluded: @Sendable (LocalDay) -> Bool = { _ in true }
    ) async throws -> [OfficeDayResult] {
        guard let id = try await store.officeID(office) else { return [] }
        let site = try await store.revision(office: id, on: nil)?.revision.site
        guard let clock = site?.office.clock else { return [] }
        var out: [OfficeDayResult] = []
        let first = clock.start(of: from)
        let range = first...max(first, clock.start(of: max(from, to)))
        for day in try await daysWithEvents(office: id, within: range) where day >= from && day < to && isIncluded(day)
        {
            if let asOf, asOf < clock.start(of: day) { continue }
            if let result = try await result(Key(office: id, day: day), asOf: asOf) { out.append(result) }
        }
        return out
    }

    /// The stored events of an office's local day in the order of the fold, every witness's.
    func events(office: String, day: LocalDay) async throws -> (events: [DomainEvent], clock: OfficeClock) {
        guard let id = try await store.officeID(office) else { return ([], OfficeClock(offsetSeconds: 0)) }
        var revision = try await store.revision(office: id, on: day)
        if revision == nil { revision = try await store.revision(office: id, on: nil) }
        let clock = revision?.revision.site.office.clock ?? OfficeClock(offsetSeconds: 0)
        let stored = try await store.events(
            office: id, from: clock.start(of: day), until: clock.start(of: day + 1))
        return (stored.events.map(\.event).sorted(by: DomainEvent.precedes), clock)
    }
}
