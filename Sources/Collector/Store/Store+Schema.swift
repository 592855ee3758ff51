import GRDB

extension Store {
    /// The schema, one migration per version. Times are milliseconds since 1970, days are days since 1970.
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(
                sql: """
                    -- One spool of one agent. Everything up to `through` is stored without a hole; `chain` is the hash there.
                    CREATE TABLE spools (
                        id INTEGER PRIMARY KEY,
                        agent TEXT NOT NULL,
                        epoch BLOB NOT NULL CHECK (length(epoch) = 16),
                        through INTEGER NOT NULL,
                        chain BLOB NOT NULL CHECK (length(chain) = 32),
                        highest INTEGER NOT NULL,
                        records INTEGER NOT NULL,
                        first_received INTEGER NOT NULL,
                        last_received INTEGER NOT NULL,
                        last_at INTEGER,
                        clock_offset INTEGER NOT NULL,
                        UNIQUE (agent, epoch)
                    ) STRICT;
                    -- The facts, byte for byte as the agent hashed and sent them. Never updated.
                    CREATE TABLE records (
                        spool INTEGER NOT NULL REFERENCES spools (id),
                        sequence INTEGER NOT NULL,
                        bytes BLOB NOT NULL,
                        digest BLOB NOT NULL CHECK (length(digest) = 32),
                        received INTEGER NOT NULL,
                        PRIMARY KEY (spool, sequence)
                    ) STRICT, WITHOUT ROWID;
                    -- What an agent says its chain hash is at a number that we cannot check yet.
                    CREATE TABLE claims (
                        spool INTEGER NOT NULL REFERENCES spools (id),
                        sequence INTEGER NOT NULL,
                        chain BLOB NOT NULL,
                        PRIMARY KEY (spool, sequence)
                    ) STRICT, WITHOUT ROWID;
                    -- Numbers that the agent says it can never send.
                    CREATE TABLE lost (
                        spool INTEGER NOT NULL REFERENCES spools (id),
                        first INTEGER NOT NULL,
                        last INTEGER NOT NULL,
                        reason TEXT NOT NULL,
                        received INTEGER NOT NULL,
                        PRIMARY KEY (spool, first)
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE offices (
                        id INTEGER PRIMARY KEY,
                        name TEXT NOT NULL UNIQUE,
                        events INTEGER NOT NULL,
                        first_at INTEGER,
                        last_at INTEGER
                    ) STRICT;
                    CREATE TABLE spool_offices (
                        spool INTEGER NOT NULL REFERENCES spools (id),
                        office INTEGER NOT NULL REFERENCES offices (id),
                        PRIMARY KEY (spool, office)
                    ) STRICT, WITHOUT ROWID;
                    -- Where to find the events of an office-day; `id` grows in the order of arrival.
                    CREATE TABLE events (
                        id INTEGER PRIMARY KEY,
                        office INTEGER NOT NULL REFERENCES offices (id),
                        at INTEGER NOT NULL,
                        spool INTEGER NOT NULL,
                        sequence INTEGER NOT NULL
                    ) STRICT;
                    CREATE INDEX events_by_time ON events (office, at);
                    CREATE TABLE site_revisions (
                        id INTEGER PRIMARY KEY,
                        office INTEGER NOT NULL REFERENCES offices (id),
                        valid_from INTEGER NOT NULL,
                        digest BLOB NOT NULL,
                        received INTEGER NOT NULL,
                        spool INTEGER NOT NULL,
                        sequence INTEGER NOT NULL
                    ) STRICT;
                    CREATE INDEX site_revisions_by_date ON site_revisions (office, valid_from);
                    -- What a person must look at. The same thing again only counts.
                    CREATE TABLE alarms (
                        id INTEGER PRIMARY KEY,
                        kind TEXT NOT NULL,
                        spool INTEGER NOT NULL REFERENCES spools (id),
                        sequence INTEGER NOT NULL,
                        digest BLOB NOT NULL,
                        detail TEXT NOT NULL,
                        bytes BLOB,
                        first INTEGER NOT NULL,
                        last INTEGER NOT NULL,
                        count INTEGER NOT NULL,
                        UNIQUE (spool, kind, sequence, digest)
                    ) STRICT;
                    -- The figures of finished days as they were computed: losing them loses nothing, `recompute` checks them.
                    CREATE TABLE office_days (
                        office INTEGER NOT NULL REFERENCES offices (id),
                        day INTEGER NOT NULL,
                        site_digest BLOB NOT NULL,
                        events INTEGER NOT NULL,
                        computed INTEGER NOT NULL,
                        figures TEXT NOT NULL,
                        PRIMARY KEY (office, day)
                    ) STRICT, WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("2") { db in try Store.migrateToVersion2(db) }
        return migrator
    }()
}
