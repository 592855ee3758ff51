import Glibc

/// One serving process per data directory. SQLite up to 3.51.2 can corrupt a WAL that two connections write or
/// checkpoint at once (sqlite.org, "WAL-reset bug"), so a second writer must not even start.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// Held until the value goes away or the process ends, however it ends.
    init(directory: String) throws(StoreError) {
        let path = directory + "/lock"
        let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw .unusable("cannot write to \(directory): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .busy("another collector is serving \(directory)")
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
