import Domain
import Foundation
import GRDB
import Records

extension Store {
    /// Reads every record and says what does not agree: a record and its digest, the digests and the chain, the events and
    /// their index. At most two hundred lines; beyond that, how many more.
    func recordDifferences() async throws -> [String] {
        try await read { db in
            var found = Findings()
            var indexed: [String: Indexed] = [:]
            let spools = try Row.fetchAll(
                db, sql: "SELECT id, agent, epoch, through, chain, records FROM spools ORDER BY agent, epoch")
            for spool in spools {
                try Store.verify(db, spool, &found, &indexed)
            }
            let offices = try Row.fetchAll(
                db,
                sql: """
                    SELECT o.name, o.events, (SELECT count(*) FROM events e WHERE e.office = o.id),
                        (SELECT count(*) FROM side_events x WHERE x.office = o.id) FROM offices o
                    ORDER BY o.name
                    """)
            for row in offices {
                let name: String = row[0]
                let counted: Int = row[1]
                let rows: Int = row[2]
                let sides: Int = row[3]
                let stored = indexed[name]?.events ?? 0
                let storedSides = indexed[name]?.sides ?? 0
                if storedSides != sides {
                    found.add("\(name): \(storedSides) events of dossiers and annotations are stored, \(sides) indexed")
                }
                if stored != rows || stored != counted {
                    found.add("\(name): \(stored) events are stored, \(rows) indexed, \(counted) counted")
                }
            }
            return found.lines
        }
    }

    /// What the records of an office say should be in the index.
    private struct Indexed {
        var events = 0
        var sides = 0
    }

    private struct Findings {
        var all: [String] = []
        var count = 0

        mutating func add(_ line: String) {
            count += 1
            if count <= 200 { all.append(line) }
        }

        var lines: [String] { count > 200 ? all + ["and \(count - 200) more"] : all }
    }

    private static func verify(
        _ db: Database, _ spool: Row, _ found: inout Findings, _ indexed: inout [String: Indexed]
    ) throws {
        let id: Int64 = spool[0]
        let agent: String = spool[1]
        let through: Int64 = spool[3]
        guard let epoch = Epoch(bytes: spool[2] as Data) else {
            return found.add("\(agent): an epoch that is not 16 bytes long")
        }
        let place = "\(agent) \(epoch.description.prefix(8))"
        // Over a loss or an alarmed break the chain cannot be followed from here: the alarm stands.
        let isBroken =
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM lost WHERE spool = ?1)
                    OR EXISTS (SELECT 1 FROM alarms WHERE spool = ?1 AND kind = 'chain')
                    """,
                arguments: [id]) ?? false
        var chain = Chain(agent: agent, epoch: epoch)
        var next: Int64 = 1
        var count = 0
        let rows = try Row.fetchCursor(
            db, sql: "SELECT sequence, bytes, digest FROM records WHERE spool = ? ORDER BY sequence", arguments: [id])
        while let row = try rows.next() {
            let sequence: Int64 = row[0]
            let bytes = Array(row[1] as Data)
            let digest = Array(row[2] as Data)
            count += 1
            let actual = sha256(bytes)
            if actual != digest { found.add("\(place): record \(sequence) does not match its digest") }
            if sequence <= through, !isBroken {
                if sequence != next { found.add("\(place): records \(next)-\(sequence - 1) are gone") }
                chain.append(digest: actual)
                next = sequence + 1
            }
            let eventID = EventID(agent: agent, epoch: epoch, sequence: UInt64(clamping: sequence))
            if case .event(let event)? = try? Record(decoding: bytes, id: eventID) {
                indexed[event.office, default: Indexed()].events += 1
                if SideKind(event.kind) != nil { indexed[event.office, default: Indexed()].sides += 1 }
            }
        }
        if !isBroken, next != through + 1 { found.add("\(place): records \(next)-\(through) are gone") }
        if !isBroken, chain.hash != Array(spool[4] as Data) {
            found.add("\(place): the chain of the records up to \(through) is not the one that was acknowledged")
        }
        let kept: Int = spool[5]
        if count != kept { found.add("\(place): \(count) records are stored, \(kept) were counted") }
    }
}
