import Domain
import Foundation
import GRDB
import Records

extension Store {
    /// Takes batches in, all of them in one transaction and one fsync: per batch what was done, in the same order.
    func append(_ batches: [PreparedBatch], at now: Instant, limits: IngestLimits) async throws -> [BatchOutcome?] {
        try await write { db in
            try batches.map { batch in
                var appender = try Appender(db, batch, now: now, limits: limits)
                return try appender?.run()
            }
        }
    }
}

/// One batch inside the transaction.
private struct Appender {
    let db: Database
    let prepared: PreparedBatch
    let now: Int64
    let spool: Int64
    var through: Int64
    var chain: [UInt8]
    var highest: Int64
    var lastAt: Int64?
    var outcome = BatchOutcome()
    var offices: [String: (id: Int64, events: Int64, first: Int64, last: Int64)] = [:]

    /// `nil` when one more spool would be too many.
    init?(_ db: Database, _ prepared: PreparedBatch, now: Instant, limits: IngestLimits) throws {
        self.db = db
        self.prepared = prepared
        self.now = now.milliseconds
        let batch = prepared.batch
        let offset = now.milliseconds &- batch.sent.milliseconds
        let epoch = Data(batch.epoch.bytes)
        if let row = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT id, through, chain, highest, last_at FROM spools WHERE agent = ? AND epoch = ?"),
            arguments: [batch.agent, epoch])
        {
            spool = row[0]
            through = row[1]
            chain = Array(row[2] as Data)
            highest = row[3]
            lastAt = row[4]
            try db.cachedStatement(sql: "UPDATE spools SET last_received = ?, clock_offset = ? WHERE id = ?")
                .execute(arguments: [self.now, offset, spool])
            return
        }
        let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM spools") ?? 0
        guard count < limits.spools else { return nil }
        through = 0
        chain = Chain(agent: batch.agent, epoch: batch.epoch).hash
        highest = 0
        try db.cachedStatement(
            sql: """
                INSERT INTO spools (agent, epoch, through, chain, highest, records, first_received, last_received, clock_offset)
                VALUES (?, ?, 0, ?, 0, 0, ?, ?, ?)
                """
        ).execute(arguments: [batch.agent, epoch, Data(chain), self.now, self.now, offset])
        spool = db.lastInsertedRowID
    }

    mutating func run() throws -> BatchOutcome {
        for record in prepared.records { try take(record) }
        if prepared.isChained {
            try rememberLosses()
            try claim(Int64(clamping: prepared.batch.first) - 1, prepared.batch.previousHash)
            if !prepared.records.isEmpty { try claim(Int64(clamping: prepared.batch.last), prepared.batch.hash) }
            try advance()
            try saveOffices()
        } else {
            outcome.isRefused = outcome.conflicts == 0
        }
        try db.cachedStatement(
            sql:
                "UPDATE spools SET through = ?, chain = ?, highest = ?, records = records + ?, last_at = ? WHERE id = ?"
        ).execute(arguments: [through, Data(chain), highest, outcome.stored, lastAt, spool])
        outcome.through = UInt64(clamping: through)
        outcome.chain = chain
        if outcome.problem == nil, highest > through, let next = try nextAfterThrough(), next > through + 1 {
            outcome.problem = "missing \(through + 1)-\(next - 1)"
        }
        return outcome
    }

    private mutating func take(_ record: PreparedRecord) throws {
        if record.sequence <= highest {
            let known = try Data.fetchOne(
                db.cachedStatement(sql: "SELECT digest FROM records WHERE spool = ? AND sequence = ?"),
                arguments: [spool, record.sequence])
            if let known {
                if Array(known) == record.digest {
                    outcome.duplicates += 1
                } else {
                    outcome.conflicts += 1
                    outcome.problem = "different bytes under \(record.sequence)"
                    try alarm(
                        .tamper, record.sequence, record.digest,
                        "record \(record.sequence) came again with other bytes", record.bytes)
                }
                return
            }
        }
        // What does not match its own hashes is not stored: the wire or the agent broke it, and the agent has the original.
        guard prepared.isChained else { return }
        try db.cachedStatement(
            sql: "INSERT INTO records (spool, sequence, bytes, digest, received) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [spool, record.sequence, Data(record.bytes), Data(record.digest), now])
        outcome.stored += 1
        highest = max(highest, record.sequence)
        switch record.content {
        case .event(let office, let at, let side):
            let id = try use(office, at: at.milliseconds)
            lastAt = max(lastAt ?? at.milliseconds, at.milliseconds)
            try db.cachedStatement(sql: "INSERT INTO events (office, at, spool, sequence) VALUES (?, ?, ?, ?)")
                .execute(arguments: [id, at.milliseconds, spool, record.sequence])
            guard let side else { break }
            let event = db.lastInsertedRowID
            try db.cachedStatement(sql: "INSERT INTO side_events (event, office, kind, at) VALUES (?, ?, ?, ?)")
                .execute(arguments: [event, id, side.rawValue, at.milliseconds])
        case .site(let office, let validFrom, let digest):
            let id = try use(office, at: nil)
            try db.cachedStatement(
                sql: """
                    INSERT INTO site_revisions (office, valid_from, digest, received, spool, sequence)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [id, validFrom.number, Data(digest), now, spool, record.sequence])
            outcome.touched.append(.init(office: office, from: .distantPast, until: .distantFuture))
        case .unknown: break
        case .undecodable(let reason):
            outcome.undecodable += 1
            try alarm(.undecodable, record.sequence, record.digest, "record \(record.sequence): \(reason)", nil)
        }
    }

    /// The office's number; notes that the batch brought it an event.
    private mutating func use(_ office: String, at: Int64?) throws -> Int64 {
        var entry: (id: Int64, events: Int64, first: Int64, last: Int64)
        if let known = offices[office] {
            entry = known
        } else {
            let id = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT id FROM offices WHERE name = ?"), arguments: [office])
            if let id {
                entry = (id, 0, .max, .min)
            } else {
                try db.cachedStatement(sql: "INSERT INTO offices (name, events) VALUES (?, 0)")
                    .execute(arguments: [office])
                entry = (db.lastInsertedRowID, 0, .max, .min)
            }
            try db.cachedStatement(sql: "INSERT OR IGNORE INTO spool_offices (spool, office) VALUES (?, ?)")
                .execute(arguments: [spool, entry.id])
        }
        if let at {
            entry.events += 1
            entry.first = min(entry.first, at)
            entry.last = max(entry.last, at)
        }
        offices[office] = entry
        return entry.id
    }

    private mutating func saveOffices() throws {
        for (office, entry) in offices.sorted(by: { $0.key < $1.key }) where entry.events > 0 {
            try db.cachedStatement(
                sql: """
                    UPDATE offices SET events = events + ?1, first_at = min(ifnull(first_at, ?2), ?2),
                    last_at = max(ifnull(last_at, ?3), ?3) WHERE id = ?4
                    """
            ).execute(arguments: [entry.events, entry.first, entry.last, entry.id])
            outcome.touched.append(
                .init(
                    office: office, from: Instant(milliseconds: entry.first), until: Instant(milliseconds: entry.last)))
        }
    }

    private func rememberLosses() throws {
        for lost in prepared.batch.lost {
            try db.cachedStatement(
                sql: "INSERT OR IGNORE INTO lost (spool, first, last, reason, received) VALUES (?, ?, ?, ?, ?)"
            ).execute(arguments: [
                spool, Int64(clamping: lost.range.lowerBound), Int64(clamping: lost.range.upperBound), lost.reason, now,
            ])
        }
    }

    /// Compares what the agent says with what we have, now or when we get there.
    private mutating func claim(_ sequence: Int64, _ hash: [UInt8]) throws {
        if sequence > through {
            try db.cachedStatement(sql: "INSERT OR REPLACE INTO claims (spool, sequence, chain) VALUES (?, ?, ?)")
                .execute(arguments: [spool, sequence, Data(hash)])
        } else if sequence == through {
            try compare(sequence, hash)
        }
    }

    private mutating func compare(_ sequence: Int64, _ hash: [UInt8]) throws {
        guard hash != chain else { return }
        if chain != Appender.unknownChain {
            outcome.chainBreaks += 1
            try alarm(
                .chain, sequence, hash,
                "the agent's chain says \(hex(hash.prefix(8)))… after record \(sequence), ours \(hex(chain.prefix(8)))…",
                nil)
        }
        // From here on we follow the agent's: one break is one alarm.
        chain = hash
    }

    /// Moves the watermark over everything that is stored or declared lost without a hole.
    private mutating func advance() throws {
        let before = through
        while true {
            let cursor = try Row.fetchCursor(
                db.cachedStatement(
                    sql: "SELECT sequence, digest FROM records WHERE spool = ? AND sequence > ? ORDER BY sequence"),
                arguments: [spool, through])
            // Read only when the watermark moves: behind a hole they pile up.
            var pending: [(sequence: Int64, hash: [UInt8])]?
            while let row = try cursor.next() {
                let sequence: Int64 = row[0]
                guard sequence == through + 1 else { break }
                var claims = try pending ?? pendingClaims()
                if chain != Appender.unknownChain,
                    var next = Chain(sequence: UInt64(clamping: through), hash: chain)
                {
                    next.append(digest: Array(row[1] as Data))
                    chain = next.hash
                }
                through = sequence
                while let claim = claims.first, claim.sequence <= through {
                    claims.removeFirst()
                    if claim.sequence == through { try compare(through, claim.hash) }
                }
                pending = claims
            }
            // A lost stretch: the digests are gone with the records, so the agent's word carries the chain across.
            guard
                let last = try Int64.fetchOne(
                    db.cachedStatement(
                        sql: "SELECT max(last) FROM lost WHERE spool = ? AND first <= ? AND last > ?"),
                    arguments: [spool, through + 1, through])
            else { break }
            through = last
            highest = max(highest, last)
            chain = try pendingClaims(from: last).first { $0.sequence == last }?.hash ?? Appender.unknownChain
        }
        if through > before {
            try db.cachedStatement(sql: "DELETE FROM claims WHERE spool = ? AND sequence <= ?")
                .execute(arguments: [spool, through])
        }
    }

    private static let unknownChain = [UInt8](repeating: 0, count: 32)

    private func pendingClaims(from first: Int64? = nil) throws -> [(sequence: Int64, hash: [UInt8])] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT sequence, chain FROM claims WHERE spool = ? AND sequence >= ? ORDER BY sequence"),
            arguments: [spool, first ?? through + 1]
        ).map { ($0[0], Array($0[1] as Data)) }
    }

    private func nextAfterThrough() throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT min(sequence) FROM records WHERE spool = ? AND sequence > ?"),
            arguments: [spool, through])
    }

    /// At most a thousand alarms per spool: a mad agent must not fill the disk with them.
    private func alarm(
        _ kind: Incident.Kind, _ sequence: Int64, _ digest: [UInt8], _ detail: String, _ bytes: [UInt8]?
    ) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO alarms (kind, spool, sequence, digest, detail, bytes, first, last, count)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 1
                WHERE (SELECT count(*) FROM alarms WHERE spool = ?2) < 1000
                    OR EXISTS (SELECT 1 FROM alarms WHERE spool = ?2 AND kind = ?1 AND sequence = ?3 AND digest = ?4)
                ON CONFLICT (spool, kind, sequence, digest) DO UPDATE SET last = excluded.last, count = count + 1
                """
        ).execute(arguments: [
            kind.rawValue, spool, sequence, Data(digest), detail, bytes.map { Data($0.prefix(65_536)) }, now,
        ])
    }
}

/// Lower-case hexadecimal.
func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
