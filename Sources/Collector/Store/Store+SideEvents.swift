import Domain
import Foundation
import GRDB
import Records

/// Events that are not of an office-day's fold: they have lives and uses of their own.
enum SideKind: Int64, Sendable {
    case dossier = 1
    case annotation = 2

    init?(_ kind: EventKind) {
        if kind.isDossier {
            self = .dossier
        } else if kind.isAnnotation {
            self = .annotation
        } else {
            return nil
        }
    }
}

extension Store {
    /// Version 2: where dossiers' events and annotations are, the collector's own spool, and by which formulas kept figures
    /// were made.
    static func migrateToVersion2(_ db: Database) throws {
        try db.execute(
            sql: """
                -- Of the rows of `events`: 1 dossiers, 2 annotations. They make no day a day with data.
                CREATE TABLE side_events (
                    event INTEGER PRIMARY KEY REFERENCES events (id),
                    office INTEGER NOT NULL REFERENCES offices (id),
                    kind INTEGER NOT NULL,
                    at INTEGER NOT NULL
                ) STRICT;
                CREATE INDEX side_events_by_time ON side_events (office, kind, at);
                -- The spool that this collector itself writes to: annotations.
                CREATE TABLE own_spool (spool INTEGER PRIMARY KEY REFERENCES spools (id)) STRICT;
                ALTER TABLE office_days ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
                """)
        // What came before this version; the name of the kind is in the bytes, so most records need not be decoded.
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT e.id, e.office, e.at, r.bytes FROM events e
                JOIN records r ON r.spool = e.spool AND r.sequence = e.sequence
                WHERE instr(r.bytes, CAST('dossier.' AS BLOB)) > 0 OR instr(r.bytes, CAST('annotation.' AS BLOB)) > 0
                """)
        var found: [(event: Int64, office: Int64, at: Int64, kind: SideKind)] = []
        let nobody = EventID(agent: "", epoch: Epoch(high: 0, low: 0), sequence: 0)
        while let row = try rows.next() {
            guard case .event(let event)? = try? Record(decoding: row[3] as Data, id: nobody),
                let kind = SideKind(event.kind)
            else { continue }
            found.append((row[0], row[1], row[2], kind))
        }
        for entry in found {
            try db.cachedStatement(sql: "INSERT INTO side_events (event, office, kind, at) VALUES (?, ?, ?, ?)")
                .execute(arguments: [entry.event, entry.office, entry.kind.rawValue, entry.at])
        }
    }

    /// What tells whether a fold of such events is still whole: how many there are, and the latest arrival.
    struct SideStamp: Hashable, Sendable {
        var count: Int
        var arrival: Int64
    }

    func sideStamp(office: Int64, _ kind: SideKind) async throws -> SideStamp {
        try await read { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT count(*), ifnull(max(event), 0) FROM side_events WHERE office = ? AND kind = ?",
                arguments: [office, kind.rawValue])
            return SideStamp(count: row?[0] ?? 0, arrival: row?[1] ?? 0)
        }
    }

    /// The events of an office of one such kind in [from, until), in no particular order.
    func sideEvents(office: Int64, _ kind: SideKind, from: Instant, until: Instant) async throws -> StoredEvents {
        try await read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT e.id, s.agent, s.epoch, e.sequence, r.bytes FROM side_events x
                    JOIN events e ON e.id = x.event
                    JOIN spools s ON s.id = e.spool
                    JOIN records r ON r.spool = e.spool AND r.sequence = e.sequence
                    WHERE x.office = ? AND x.kind = ? AND x.at >= ? AND x.at < ?
                    """,
                arguments: [office, kind.rawValue, from.milliseconds, until.milliseconds])
            return try Store.stored(rows)
        }
    }

    /// The collector's own spool: its identity, and how far it is written.
    func ownSpool() async throws -> (agent: String, epoch: Epoch, through: UInt64, chain: [UInt8])? {
        try await read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT s.agent, s.epoch, s.through, s.chain FROM own_spool o JOIN spools s ON s.id = o.spool
                    ORDER BY s.id DESC LIMIT 1
                    """)
            guard let row, let epoch = Epoch(bytes: row[1] as Data) else { return nil }
            let through: Int64 = row[2]
            return (row[0], epoch, UInt64(clamping: through), Array(row[3] as Data))
        }
    }

    func markOwn(agent: String, epoch: Epoch) async throws {
        try await write { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO own_spool (spool) SELECT id FROM spools WHERE agent = ? AND epoch = ?",
                arguments: [agent, Data(epoch.bytes)])
        }
    }
}
