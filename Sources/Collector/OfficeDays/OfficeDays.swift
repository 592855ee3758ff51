public import Domain
import Records

/// The office-days of a store, folded on demand: a cached fold is continued by later events and made anew for earlier
/// ones. The cache is bounded, and losing it loses nothing.
public actor OfficeDays: OfficeDaySource {
    let store: Store
    let counters: Counters
    private let wallClock: @Sendable () -> Instant
    private let capacity: Int
    private var folds: [Key: Fold] = [:]
    private var use: Int64 = 0
    private var dossierFolds: [Int64: DossierFolds.Entry] = [:]
    private var knownTree: (arrival: Int64, tree: OfficeTree)?

    struct Key: Hashable, Sendable {
        var office: Int64
        var day: LocalDay
    }

    /// A fold with all it depends on.
    private struct Fold: Sendable {
        var revisionStamp: Int64
        var state: OfficeDay
        /// Events that arrived up to here are in it.
        var arrival: Int64
        var damaged: Int
        /// The result of a finished day, which only new events can change.
        var final: OfficeDayResult?
        var lastUse: Int64
    }

    /// `capacity`: how many folded office-days to keep (a busy one takes about a megabyte).
    public init(
        store: Store, counters: Counters = Counters(), capacity: Int = 64,
        now: @escaping @Sendable () -> Instant = { Instant.wallClock }
    ) {
        self.store = store
        self.counters = counters
        self.capacity = max(1, capacity)
        wallClock = now
    }

    public nonisolated func now() -> Instant { wallClock() }

    public func result(office: String, day: LocalDay, asOf: Instant?) async throws -> OfficeDayResult? {
        guard let id = try await store.officeID(office) else { return nil }
        return try await result(Key(office: id, day: day), asOf: asOf)
    }

    func result(_ key: Key, asOf: Instant?) async throws -> OfficeDayResult? {
        guard let fold = try await fold(key) else { return nil }
        let clock = fold.state.site.office.clock
        let end = clock.start(of: key.day + 1)
        guard let asOf, asOf < end else {
            if let final = fold.final { return final }
            // A day that lies ahead (a replayed capture, a clock that is wrong) is told to its end.
            let now = wallClock()
            let moment = asOf ?? (now > clock.start(of: key.day) ? min(now, end) : end)
            let result = marked(fold.state.result(asOf: moment), damaged: fold.damaged)
            if moment >= end, var kept = folds[key], kept.arrival == fold.arrival {
                kept.final = result
                folds[key] = kept
            }
            return result
        }
        // The fold never goes back in time: an earlier moment needs a fold of what had happened by then.
        let start = clock.start(of: key.day)
        guard start < min(end, asOf + 1) else {
            return OfficeDay(site: fold.state.site, day: key.day).result(asOf: start)
        }
        let stored = try await store.events(office: key.office, from: start, until: min(end, asOf + 1))
        let state = timed(refold: false) {
            OfficeDay.fold(stored.events.map(\.event), site: fold.state.site, day: key.day)
        }
        return marked(state.result(asOf: asOf), damaged: stored.damaged)
    }

    /// The day folded from its records and nothing else: what `recompute` compares with.
    func refolded(_ key: Key) async throws -> (result: OfficeDayResult, revision: SiteRevision, events: Int)? {
        guard let revision = try await store.revision(office: key.office, on: key.day)?.revision else { return nil }
        let clock = revision.site.office.clock
        let end = clock.start(of: key.day + 1)
        let stored = try await store.events(office: key.office, from: clock.start(of: key.day), until: end)
        let state = timed(refold: false) {
            OfficeDay.fold(stored.events.map(\.event), site: revision.site, day: key.day)
        }
        let result = marked(state.result(asOf: end), damaged: stored.damaged)
        return (result, revision, stored.events.count + stored.damaged)
    }

    /// The offices and places of every date, as the stored site revisions say.
    func tree() async throws -> OfficeTree {
        let arrival = try await store.revisionArrival()
        if let known = knownTree, known.arrival == arrival { return known.tree }
        var entries: [OfficeTree.Entry] = []
        for (office, revision) in try await store.revisions() {
            let dated = (validFrom: revision.validFrom, site: revision.site)
            if let last = entries.last, last.office == office {
                entries[entries.count - 1] = OfficeTree.Entry(office: office, revisions: last.revisions + [dated])
            } else {
                entries.append(OfficeTree.Entry(office: office, revisions: [dated]))
            }
        }
        let tree = OfficeTree(entries)
        knownTree = (arrival, tree)
        return tree
    }

    /// The dossiers of an office as of a moment (now, without one), folded over all days.
    public func dossiers(office: String, asOf: Instant?) async throws -> [Dossier] {
        guard let id = try await store.officeID(office) else { return [] }
        if let asOf {
            let stored = try await store.sideEvents(office: id, .dossier, from: .distantPast, until: asOf + 1)
            return timed(refold: false) { DossierFold.fold(stored.events.map(\.event), office: office).dossiers }
        }
        let stamp = try await store.sideStamp(office: id, .dossier)
        if stamp.count == 0 { return [] }
        if let known = dossierFolds[id], known.stamp == stamp { return known.dossiers }
        let stored = try await store.sideEvents(office: id, .dossier, from: .distantPast, until: .distantFuture)
        let dossiers = timed(refold: dossierFolds[id] != nil) {
            DossierFold.fold(stored.events.map(\.event), office: office).dossiers
        }
        // Of few offices: a book of a hundred thousand dossiers takes some twenty megabytes.
        if dossierFolds.count >= DossierFolds.limit { dossierFolds = [:] }
        dossierFolds[id] = DossierFolds.Entry(stamp: stamp, dossiers: dossiers)
        return dossiers
    }

    private func fold(_ key: Key) async throws -> Fold? {
        guard let stamp = try await store.revisionStamp(office: key.office, on: key.day) else { return nil }
        if let known = folds[key], known.revisionStamp == stamp {
            let site = known.state.site
            let new = try await events(key, clock: site.office.clock, after: known.arrival)
            if new.arrival == known.arrival { return touch(key, known) }
            var fold = known
            fold.arrival = new.arrival
            fold.damaged += new.damaged
            fold.final = nil
            let continued = timed(refold: false) {
                new.events.map(\.event).sorted(by: DomainEvent.precedes).allSatisfy { fold.state.apply($0) }
            }
            if continued { return touch(key, fold) }
        }
        let isRefold = folds[key] != nil
        guard let revision = try await store.revision(office: key.office, on: key.day)?.revision else { return nil }
        let stored = try await events(key, clock: revision.site.office.clock, after: 0)
        let state = timed(refold: isRefold) {
            OfficeDay.fold(stored.events.map(\.event), site: revision.site, day: key.day)
        }
        return touch(
            key,
            Fold(
                revisionStamp: stamp, state: state, arrival: stored.arrival, damaged: stored.damaged, final: nil,
                lastUse: 0))
    }

    private func events(_ key: Key, clock: OfficeClock, after arrival: Int64) async throws -> StoredEvents {
        try await store.events(
            office: key.office, from: clock.start(of: key.day), until: clock.start(of: key.day + 1), after: arrival)
    }

    /// Keeps a fold unless another task has meanwhile kept a later one; forgets the least recently used beyond capacity.
    private func touch(_ key: Key, _ fold: Fold) -> Fold {
        use += 1
        var fold = fold
        fold.lastUse = use
        if let kept = folds[key], kept.revisionStamp >= fold.revisionStamp, kept.arrival > fold.arrival { return kept }
        folds[key] = fold
        if folds.count > capacity, let oldest = folds.min(by: { $0.value.lastUse < $1.value.lastUse })?.key {
            folds[oldest] = nil
        }
        return fold
    }

    private nonisolated func timed<Value>(refold: Bool, _ body: () -> Value) -> Value {
        let clock = ContinuousClock()
        let start = clock.now
        let value = body()
        let seconds = start.duration(to: clock.now) / .seconds(1)
        counters.add {
            $0.folds += 1
            if refold { $0.refolds += 1 }
            $0.foldSeconds += seconds
        }
        return value
    }

    /// A record that no longer decodes must show in the result it is missing from.
    private nonisolated func marked(_ result: OfficeDayResult, damaged: Int) -> OfficeDayResult {
        guard damaged > 0 else { return result }
        var result = result
        result.anomalies.append(.init(reason: "damagedRecord", count: damaged))
        result.anomalies.sort { $0.reason < $1.reason }
        return result
    }
}

/// The folds of offices' dossiers that are kept; losing one loses nothing.
enum DossierFolds {
    static let limit = 16

    struct Entry: Sendable {
        var stamp: Store.SideStamp
        var dossiers: [Dossier]
    }
}
