import Domain
import Foundation
import GRDB
import Records

/// A stored event with its place in the order of arrival.
struct StoredEvent: Sendable {
    var arrival: Int64
    var event: DomainEvent
}

/// Events of one office and a stretch of time, as they were stored after a point of arrival.
struct StoredEvents: Sendable {
    var events: [StoredEvent] = []
    /// Records that no longer decode: somebody changed them.
    var damaged = 0
    /// The latest arrival seen, damaged ones included.
    var arrival: Int64 = 0
}

/// A site revision and where it is stored.
struct StoredRevision: Sendable {
    var revision: SiteRevision
    var spool: Int64
    var sequence: Int64
}

extension Store {
    func officeID(_ name: String) async throws -> Int64? {
        try await read { db in try Int64.fetchOne(db, sql: "SELECT id FROM offices WHERE name = ?", arguments: [name]) }
    }

    func officeNames() async throws -> [String] {
        try await read { db in try String.fetchAll(db, sql: "SELECT name FROM offices ORDER BY name") }
    }

    /// The events of [from, until) that arrived after `arrival`, in no particular order.
    func events(office: Int64, from: Instant, until: Instant, after arrival: Int64 = 0) async throws -> StoredEvents {
        try await read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT e.id, s.agent, s.epoch, e.sequence, r.bytes FROM events e
                    JOIN spools s ON s.id = e.spool
                    JOIN records r ON r.spool = e.spool AND r.sequence = e.sequence
                    WHERE e.office = ? AND e.at >= ? AND e.at < ? AND +e.id > ?
                    """,
                arguments: [office, from.milliseconds, until.milliseconds, arrival])
            return try Store.stored(rows, after: arrival)
        }
    }

    /// Rows of (arrival, agent, epoch, sequence, bytes) as events.
    static func stored(_ rows: RowCursor, after arrival: Int64 = 0) throws -> StoredEvents {
        var out = StoredEvents()
        out.arrival = arrival
        while let row = try rows.next() {
            let id: Int64 = row[0]
            let agent: String = row[1]
            let epoch: Data = row[2]
            let sequence: Int64 = row[3]
            let bytes: Data = row[4]
            out.arrival = max(out.arrival, id)
            guard let epoch = Epoch(bytes: epoch),
                case .event(let event)? = try? Record(
                    decoding: bytes, id: EventID(agent: agent, epoch: epoch, sequence: UInt64(clamping: sequence)))
            else {
                out.damaged += 1
                continue
            }
            out.events.append(StoredEvent(arrival: id, event: event))
        }
        return out
    }

    /// Every office's revisions: of one office and date the one that arrived last.
    func revisions() async throws -> [(office: String, revision: SiteRevision)] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT o.name, s.agent, s.epoch, v.sequence, r.bytes, max(v.id) FROM site_revisions v
                    JOIN offices o ON o.id = v.office JOIN spools s ON s.id = v.spool
                    JOIN records r ON r.spool = v.spool AND r.sequence = v.sequence
                    GROUP BY v.office, v.valid_from ORDER BY o.name, v.valid_from
                    """
            ).compactMap { row in
                let sequence: Int64 = row[3]
                guard let epoch = Epoch(bytes: row[2] as Data),
                    case .site(_, let revision)? = try? Record(
                        decoding: row[4] as Data,
                        id: EventID(agent: row[1], epoch: epoch, sequence: UInt64(clamping: sequence)))
                else { return nil }
                return (row[0], revision)
            }
        }
    }

    /// The latest arrival of a site revision: what anything made of all of them depends on.
    func revisionArrival() async throws -> Int64 {
        try await read { db in try Int64.fetchOne(db, sql: "SELECT ifnull(max(id), 0) FROM site_revisions") ?? 0 }
    }

    /// How many events of an office lie in [from, until): records are never removed or changed, so the count tells
    /// whether anything came since.
    func eventCount(office: Int64, from: Instant, until: Instant) async throws -> Int {
        try await read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM events WHERE office = ? AND at >= ? AND at < ?",
                arguments: [office, from.milliseconds, until.milliseconds]) ?? 0
        }
    }

    /// The revision that is valid on a day: the latest `validFrom` not after it, and of several of that date the one that
    /// arrived last. Without a day, the latest of all.
    func revision(office: Int64, on day: LocalDay?) async throws -> StoredRevision? {
        try await read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT v.spool, v.sequence, s.agent, s.epoch, r.bytes FROM site_revisions v
                    JOIN spools s ON s.id = v.spool
                    JOIN records r ON r.spool = v.spool AND r.sequence = v.sequence
                    WHERE v.office = ? AND v.valid_from <= ?
                    ORDER BY v.valid_from DESC, v.id DESC LIMIT 1
                    """,
                arguments: [office, day.map { Int64($0.number) } ?? Int64.max])
            guard let row, let epoch = Epoch(bytes: row[3] as Data) else { return nil }
            let spool: Int64 = row[0]
            let sequence: Int64 = row[1]
            let id = EventID(agent: row[2], epoch: epoch, sequence: UInt64(clamping: sequence))
            guard case .site(_, let revision)? = try? Record(decoding: row[4] as Data, id: id) else { return nil }
            return StoredRevision(revision: revision, spool: spool, sequence: sequence)
        }
    }

    /// When an office's revisions change, as (validFrom, arrival) of the newest: what a cached day depends on.
    func revisionStamp(office: Int64, on day: LocalDay) async throws -> Int64? {
        try await read { db in
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT id FROM site_revisions WHERE office = ? AND valid_from <= ?
                    ORDER BY valid_from DESC, id DESC LIMIT 1
                    """,
                arguments: [office, day.number])
        }
    }

    /// The first day on which any revision of an office is valid.
    func firstValidDay(office: Int64) async throws -> LocalDay? {
        try await read { db in
            try Int.fetchOne(
                db, sql: "SELECT min(valid_from) FROM site_revisions WHERE office = ?", arguments: [office])
        }.map { LocalDay(number: $0) }
    }

    /// The figures of a finished day as they were computed and kept.
    struct KeptFigures: Sendable {
        var day: LocalDay
        var siteDigest: [UInt8]
        var events: Int
        var figures: String
        /// By which formulas (`Figures.version`).
        var version: Int
    }

    func keep(_ figures: KeptFigures, office: Int64, at now: Instant) async throws {
        try await write { db in
            try db.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO office_days (office, day, site_digest, events, computed, figures, version)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                office, figures.day.number, Data(figures.siteDigest), figures.events, now.milliseconds, figures.figures,
                figures.version,
            ])
        }
    }

    func keptFigures(office: Int64, from: LocalDay, to: LocalDay) async throws -> [KeptFigures] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT day, site_digest, events, figures, version FROM office_days
                    WHERE office = ? AND day >= ? AND day < ? ORDER BY day
                    """,
                arguments: [office, from.number, to.number]
            ).map {
                KeptFigures(
                    day: LocalDay(number: $0[0]), siteDigest: Array($0[1] as Data), events: $0[2], figures: $0[3],
                    version: $0[4])
            }
        }
    }
}

extension Store {
    /// The first and last event of each day of UTC that has one; dossiers and annotations make no such day.
    func edges(office: Int64, within range: ClosedRange<Instant>) async throws -> [ClosedRange<Instant>] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT min(at), max(at) FROM events e WHERE office = ? AND at >= ? AND at <= ?
                    AND NOT EXISTS (SELECT 1 FROM side_events x WHERE x.event = e.id)
                    GROUP BY at / 86400000 ORDER BY 1
                    """,
                arguments: [office, range.lowerBound.milliseconds, range.upperBound.milliseconds]
            ).map { Instant(milliseconds: $0[0])...Instant(milliseconds: $0[1]) }
        }
    }
}
