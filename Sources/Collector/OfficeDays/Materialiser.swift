import Domain
import Logging

/// Keeps the figures of finished days in the store, as they were when the day was first complete and whenever late events
/// changed them. Nothing reads figures from there but `recompute`, which checks that the records still say the same.
public actor Materialiser {
    private let days: OfficeDays
    private let logger: Logger
    /// What changed since the last round, by office.
    private var touched: [String: ClosedRange<Instant>] = [:]
    /// Days with events that were not over when last looked at.
    private var unfinished: Set<OfficeDays.Key> = []

    init(_ days: OfficeDays, logger: Logger) {
        self.days = days
        self.logger = logger
    }

    func touch(_ changes: [BatchOutcome.Touched]) {
        for change in changes {
            let range = change.from...max(change.from, change.until)
            let known = touched[change.office] ?? range
            touched[change.office] =
                min(known.lowerBound, range.lowerBound)...max(known.upperBound, range.upperBound)
        }
    }

    /// Rounds until cancelled, starting with everything that is stored: what an earlier process did not get to.
    func run(every pause: Duration = .seconds(1)) async {
        do {
            for office in try await days.store.officeNames() {
                touched[office] = .distantPast ... .distantFuture
            }
        } catch {
            logger.warning("cannot list the offices: \(error)")
        }
        while !Task.isCancelled {
            do {
                try await round()
            } catch is CancellationError {
                return
            } catch {
                logger.warning("cannot keep the figures of a day: \(error)")
            }
            try? await Task.sleep(for: pause)
        }
    }

    /// Keeps what has changed and is finished; returns how many days were written.
    @discardableResult
    func round() async throws -> Int {
        let changes = touched
        touched = [:]
        var keys = unfinished
        for (office, range) in changes {
            guard let id = try await days.store.officeID(office) else { continue }
            for day in try await days.daysWithEvents(office: id, within: range) {
                keys.insert(OfficeDays.Key(office: id, day: day))
            }
        }
        var written = 0
        for key in keys.sorted(by: { ($0.office, $0.day) < ($1.office, $1.day) }) {
            try Task.checkCancellation()
            if try await keep(key) { written += 1 }
        }
        return written
    }

    private func keep(_ key: OfficeDays.Key) async throws -> Bool {
        let store = days.store
        guard let revision = try await store.revision(office: key.office, on: key.day)?.revision else { return false }
        let clock = revision.site.office.clock
        let end = clock.start(of: key.day + 1)
        guard end <= days.now() else {
            unfinished.insert(key)
            return false
        }
        unfinished.remove(key)
        let events = try await store.eventCount(office: key.office, from: clock.start(of: key.day), until: end)
        let kept = try await store.keptFigures(office: key.office, from: key.day, to: key.day + 1).first
        if let kept, kept.events == events, kept.siteDigest == revision.digest, kept.version == Figures.version {
            return false
        }
        guard let result = try await days.result(key, asOf: nil), result.isFinal else { return false }
        // Events that came in between are a change of their own and bring the day back here.
        try await store.keep(
            Store.KeptFigures(
                day: key.day, siteDigest: revision.digest, events: events, figures: Figures.text(result),
                version: Figures.version),
            office: key.office, at: days.now())
        return true
    }
}
