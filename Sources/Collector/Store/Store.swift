import Foundation
import GRDB

/// Everything the collector keeps, in one SQLite database in one directory: the records as they arrived, an index of their
/// events by office and time, watermarks, alarms, and the figures of finished days for `recompute` to check.
///
/// One writer connection owns all writes and checkpoints; readers are read-only, in this process and beside it.
/// A write that returned is on stable storage (WAL, `synchronous = FULL`).
public final class Store: Sendable {
    public let directory: String
    private let lock: DirectoryLock?
    private let pool: DatabasePool?
    private let reader: any DatabaseReader

    static let fileName = "collector.sqlite"

    private init(directory: String, lock: DirectoryLock?, pool: DatabasePool?, reader: any DatabaseReader) {
        self.directory = directory
        self.lock = lock
        self.pool = pool
        self.reader = reader
    }

    /// Opens for reading and writing; makes the directory and the schema where they are missing.
    public static func serving(directory: String) throws -> Store {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        } catch {
            throw StoreError.unusable("cannot make the data directory \(directory): \(reason(error))")
        }
        let lock = try DirectoryLock(directory: directory)
        var configuration = GRDB.Configuration()
        configuration.label = "collector"
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0")
        }
        let path = directory + "/" + fileName
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB sets NORMAL when it turns WAL on, after `prepareDatabase`: a power cut could then take acknowledged
            // rows back. Set here, on the one connection that writes, and read back.
            let level = try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                return try Int.fetchOne(db, sql: "PRAGMA synchronous")
            }
            guard level == 2 else { throw StoreError.unusable("\(path): SQLite did not accept synchronous = FULL") }
            guard try !pool.read(migrator.hasBeenSuperseded) else {
                throw StoreError.unusable("\(path) was written by a newer deskwatch-collector")
            }
            try migrator.migrate(pool)
            return Store(directory: directory, lock: lock, pool: pool, reader: pool)
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError.unusable("cannot open \(path): \(reason(error))")
        }
    }

    /// Opens read-only, beside a running server or without one.
    public static func reading(directory: String) throws -> Store {
        let path = directory + "/" + fileName
        guard FileManager.default.fileExists(atPath: path) else {
            throw StoreError.unusable("no collector data in \(directory) (\(fileName) is missing)")
        }
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.label = "reader"
        configuration.busyMode = .timeout(10)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let (current, superseded) = try queue.read { db in
                (try migrator.hasCompletedMigrations(db), try migrator.hasBeenSuperseded(db))
            }
            guard !superseded else {
                throw StoreError.unusable("\(path) was written by a newer deskwatch-collector")
            }
            guard current else {
                throw StoreError.unusable("\(path) was written by an older deskwatch-collector: serve it once")
            }
            return Store(directory: directory, lock: nil, pool: nil, reader: queue)
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError.unusable("cannot read \(path): \(reason(error))")
        }
    }

    /// Whether this process may write.
    public var isServing: Bool { pool != nil }

    func read<Value: Sendable>(_ body: @Sendable @escaping (Database) throws -> Value) async throws -> Value {
        do { return try await reader.read(body) } catch { throw Store.sorted(error) }
    }

    /// One transaction; on return it is on stable storage.
    func write<Value: Sendable>(_ body: @Sendable @escaping (Database) throws -> Value) async throws -> Value {
        guard let pool else { throw StoreError.unusable("\(directory) was opened for reading only") }
        do { return try await pool.write(body) } catch { throw Store.sorted(error) }
    }

    /// Moves the WAL into the database and closes all connections. GRDB closes the writer first, and the readers that
    /// close last may not checkpoint; so the writer does it while it can. A reader beside us may prevent it: no harm.
    public func close() throws {
        guard let pool else { return try reader.close() }
        _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        try pool.close()
    }

    private static func sorted(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        switch error.resultCode {
        case .SQLITE_FULL: return StoreError.full("no space left for \(fileName): \(reason(error))")
        case .SQLITE_IOERR, .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CANTOPEN, .SQLITE_READONLY:
            // After a failed fsync the kernel may call the page clean: a retry would lie (PostgreSQL's fsyncgate).
            return StoreError.failed("the database failed: \(reason(error))")
        default: return error
        }
    }

    private static func reason(_ error: any Error) -> String {
        if let error = error as? DatabaseError { return error.message ?? "SQLite error \(error.resultCode.rawValue)" }
        let text = (error as NSError).localizedDescription
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }
}
