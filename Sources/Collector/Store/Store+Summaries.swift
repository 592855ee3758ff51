import Domain
import Foundation
import GRDB
import Records

extension Store {
    struct OfficeRow: Sendable {
        var id: Int64
        var name: String
        var events: Int
        var span: ClosedRange<Instant>?
    }

    func officeRows() async throws -> [OfficeRow] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT id, name, events, first_at, last_at FROM offices ORDER BY name").map {
                let first: Int64? = $0[3]
                let last: Int64? = $0[4]
                var span: ClosedRange<Instant>?
                if let first, let last, first <= last {
                    span = Instant(milliseconds: first)...Instant(milliseconds: last)
                }
                return OfficeRow(id: $0[0], name: $0[1], events: $0[2], span: span)
            }
        }
    }

    /// Every spool, sorted by agent and first arrival.
    func spools() async throws -> [AgentSummary] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT id, agent, epoch, through, highest, records, first_received, last_received, last_at, clock_offset
                    FROM spools ORDER BY agent, first_received, epoch
                    """)
            return try rows.compactMap { row in
                guard let epoch = Epoch(bytes: row[2] as Data) else { return nil }
                let id: Int64 = row[0]
                let through: Int64 = row[3]
                let highest: Int64 = row[4]
                let lastAt: Int64? = row[8]
                return AgentSummary(
                    agent: row[1], epoch: epoch, through: UInt64(clamping: through), highest: UInt64(clamping: highest),
                    records: row[5], firstReceived: Instant(milliseconds: row[6]),
                    lastReceived: Instant(milliseconds: row[7]), lastEvent: lastAt.map { Instant(milliseconds: $0) },
                    missing: highest > through ? try Store.missing(db, spool: id, after: through) : [],
                    clockOffset: row[9],
                    offices: try String.fetchAll(
                        db,
                        sql: """
                            SELECT o.name FROM spool_offices x JOIN offices o ON o.id = x.office
                            WHERE x.spool = ? ORDER BY o.name
                            """,
                        arguments: [id]))
            }
        }
    }

    /// The holes above the watermark, lowest first, at most a hundred.
    private static func missing(_ db: Database, spool: Int64, after through: Int64) throws -> [ClosedRange<UInt64>] {
        try Row.fetchAll(
            db,
            sql: """
                WITH numbered AS (
                    SELECT sequence, lag(sequence, 1, ?2) OVER (ORDER BY sequence) AS previous
                    FROM records WHERE spool = ?1 AND sequence > ?2)
                SELECT previous + 1, sequence - 1 FROM numbered WHERE sequence > previous + 1 ORDER BY 1 LIMIT 100
                """,
            arguments: [spool, through]
        ).map { row in
            let first: Int64 = row[0]
            let last: Int64 = row[1]
            return UInt64(clamping: first)...max(UInt64(clamping: first), UInt64(clamping: last))
        }
    }

    /// Stored alarms, declared losses, holes, clocks that are off, and offices whose agents disagree; in no particular order.
    func incidents() async throws -> [Incident] {
        let spools = try await spools()
        var all = try await read { db in
            var out: [Incident] = []
            let alarms = try Row.fetchAll(
                db,
                sql: """
                    SELECT a.kind, s.agent, a.detail, a.first, a.last, a.count FROM alarms a
                    JOIN spools s ON s.id = a.spool ORDER BY a.id DESC LIMIT 1000
                    """)
            for row in alarms {
                guard let kind = Incident.Kind(rawValue: row[0]) else { continue }
                out.append(
                    Incident(
                        kind: kind, subject: row[1], detail: row[2], first: Instant(milliseconds: row[3]),
                        last: Instant(milliseconds: row[4]), count: row[5]))
            }
            let losses = try Row.fetchAll(
                db,
                sql: """
                    SELECT s.agent, l.first, l.last, l.reason, l.received FROM lost l JOIN spools s ON s.id = l.spool
                    ORDER BY l.received DESC LIMIT 1000
                    """)
            for row in losses {
                let first: Int64 = row[1]
                let last: Int64 = row[2]
                let reason: String = row[3]
                out.append(
                    Incident(
                        kind: .gap, subject: row[0], detail: "the agent lost records \(first)-\(last): \(reason)",
                        first: Instant(milliseconds: row[4]), last: Instant(milliseconds: row[4]),
                        count: Int(clamping: last - first + 1)))
            }
            out += try Store.disagreements(db)
            let siteless = try Row.fetchAll(
                db,
                sql: """
                    SELECT name, events, first_at, last_at FROM offices o WHERE events > 0
                    AND NOT EXISTS (SELECT 1 FROM site_revisions v WHERE v.office = o.id) ORDER BY name
                    """)
            for row in siteless {
                out.append(
                    Incident(
                        kind: .noSite, subject: row[0], detail: "events are kept, but no site file has come yet",
                        first: Instant(milliseconds: row[2]), last: Instant(milliseconds: row[3]), count: row[1]))
            }
            return out
        }
        for spool in spools {
            for range in spool.missing {
                all.append(
                    Incident(
                        kind: .gap, subject: spool.agent,
                        detail: "records \(range.lowerBound)-\(range.upperBound) have not arrived",
                        first: spool.firstReceived, last: spool.lastReceived, count: Int(clamping: range.count)))
            }
            if spool.clockOffset.magnitude > 2_000 {
                all.append(
                    Incident(
                        kind: .clock, subject: spool.agent,
                        detail: "its clock was \(abs(spool.clockOffset)) ms "
                            + (spool.clockOffset > 0 ? "behind" : "ahead of") + " the collector's",
                        first: spool.lastReceived, last: spool.lastReceived, count: 1))
            }
        }
        return all
    }

    /// Agents whose latest site files for one office and date differ.
    private static func disagreements(_ db: Database) throws -> [Incident] {
        try Row.fetchAll(
            db,
            sql: """
                WITH latest AS (
                    SELECT v.office, v.valid_from, s.agent, v.digest, v.received, max(v.id) FROM site_revisions v
                    JOIN spools s ON s.id = v.spool GROUP BY v.office, v.valid_from, s.agent)
                SELECT o.name, l.valid_from, group_concat(l.agent, ', '), min(l.received), max(l.received),
                    count(DISTINCT l.digest)
                FROM (SELECT * FROM latest ORDER BY agent) l JOIN offices o ON o.id = l.office
                GROUP BY l.office, l.valid_from HAVING count(DISTINCT l.digest) > 1 ORDER BY o.name, l.valid_from
                """
        ).map { row in
            let day = LocalDay(number: row[1])
            let agents: String = row[2]
            return Incident(
                kind: .siteDisagreement, subject: row[0],
                detail: "site files valid from \(day) differ between \(agents); the one that came last counts",
                first: Instant(milliseconds: row[3]), last: Instant(milliseconds: row[4]), count: row[5])
        }
    }
}
