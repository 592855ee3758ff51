#if canImport(Glibc)
    import Glibc
#endif

/// A folder of the real file system, held by one process at a time.
public final class PosixDisk: SpoolDisk {
    public let path: String
    private var open: [String: Int32] = [:]
    private let lock: Int32

    /// Makes the folder (mode 0700) where it is missing. Throws `EWOULDBLOCK` while another process holds it.
    public init(path: String) throws(DiskError) {
        self.path = path
        var made = ""
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            made += made.isEmpty && !part.isEmpty && !path.hasPrefix("/") ? String(part) : "/" + part
            if mkdir(made, 0o700) != 0, errno != EEXIST, errno != EISDIR, access(made, F_OK) != 0 {
                throw DiskError("mkdir", made, code: errno)
            }
        }
        lock = Glibc.open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw DiskError("open", path + "/lock", code: errno) }
        if flock(lock, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            Glibc.close(lock)
            throw DiskError("lock", path, code: code)
        }
    }

    deinit {
        for (_, file) in open { Glibc.close(file) }
        Glibc.close(lock)
    }

    public func names() throws(DiskError) -> [String] { try Self.names(in: path) }

    static func names(in path: String) throws(DiskError) -> [String] {
        guard let folder = opendir(path) else { throw DiskError("opendir", path, code: errno) }
        defer { closedir(folder) }
        var out: [String] = []
        while let entry = readdir(folder) {
            guard entry.pointee.d_type == UInt8(DT_REG) || entry.pointee.d_type == UInt8(DT_UNKNOWN) else { continue }
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { out.append(name) }
        }
        return out.sorted()
    }

    public func size(of name: String) throws(DiskError) -> Int {
        var info = stat()
        guard stat(path + "/" + name, &info) == 0 else { throw DiskError("stat", name, code: errno) }
        return Int(info.st_size)
    }

    public func read(_ name: String, from offset: Int, count: Int) throws(DiskError) -> [UInt8] {
        try Self.read(path + "/" + name, from: offset, count: count)
    }

    static func read(_ path: String, from offset: Int, count: Int) throws(DiskError) -> [UInt8] {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw DiskError("open", path, code: errno) }
        defer { Glibc.close(file) }
        var info = stat()
        guard fstat(file, &info) == 0 else { throw DiskError("stat", path, code: errno) }
        let wanted = max(0, min(count, Int(info.st_size) - offset))
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            filled = 0
            while filled < wanted {
                let got = pread(
                    file, buffer.baseAddress.map { $0 + filled }, wanted - filled, off_t(offset + filled))
                if got > 0 {
                    filled += got
                } else if got == 0 {
                    break
                } else if errno != EINTR {
                    failure = errno
                    break
                }
            }
        }
        if failure != 0 { throw DiskError("read", path, code: failure) }
        return bytes
    }

    public func create(_ name: String) throws(DiskError) {
        let file = Glibc.open(path + "/" + name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw DiskError("create", name, code: errno) }
        open[name] = file
    }

    public func append(_ bytes: [UInt8], to name: String) throws(DiskError) {
        guard let file = open[name] else { throw DiskError("write", name, code: EBADF) }
        try Self.write(bytes, to: file, name: name)
    }

    private static func write(_ bytes: [UInt8], to file: Int32, name: String) throws(DiskError) {
        var done = 0
        while done < bytes.count {
            let written = bytes.withUnsafeBytes { buffer in
                Glibc.write(file, buffer.baseAddress.map { $0 + done }, buffer.count - done)
            }
            if written > 0 {
                done += written
            } else if written == 0 || errno != EINTR {
                throw DiskError("write", name, code: written == 0 ? ENOSPC : errno)
            }
        }
    }

    public func synchronise(_ name: String) throws(DiskError) {
        guard let file = open[name] else { throw DiskError("fdatasync", name, code: EBADF) }
        // Never repeated after a failure: the kernel marks the pages clean, and a second call would lie.
        guard fdatasync(file) == 0 else { throw DiskError("fdatasync", name, code: errno) }
    }

    public func close(_ name: String) {
        if let file = open.removeValue(forKey: name) { Glibc.close(file) }
    }

    public func cut(_ name: String, to length: Int) throws(DiskError) {
        let file = Glibc.open(path + "/" + name, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw DiskError("open", name, code: errno) }
        defer { Glibc.close(file) }
        guard ftruncate(file, off_t(length)) == 0 else { throw DiskError("truncate", name, code: errno) }
        guard fsync(file) == 0 else { throw DiskError("fsync", name, code: errno) }
    }

    public func replace(_ name: String, with bytes: [UInt8]) throws(DiskError) {
        let temporary = name + ".tmp"
        let file = Glibc.open(path + "/" + temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw DiskError("create", temporary, code: errno) }
        do {
            defer { Glibc.close(file) }
            try Self.write(bytes, to: file, name: temporary)
            guard fsync(file) == 0 else { throw DiskError("fsync", temporary, code: errno) }
        }
        try rename(temporary, to: name)
        try synchroniseFolder()
    }

    public func rename(_ name: String, to other: String) throws(DiskError) {
        guard Glibc.rename(path + "/" + name, path + "/" + other) == 0 else {
            throw DiskError("rename", name, code: errno)
        }
    }

    public func remove(_ name: String) throws(DiskError) {
        guard unlink(path + "/" + name) == 0 else { throw DiskError("unlink", name, code: errno) }
    }

    public func synchroniseFolder() throws(DiskError) {
        let folder = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw DiskError("open", path, code: errno) }
        defer { Glibc.close(folder) }
        guard fsync(folder) == 0 else { throw DiskError("fsync", path, code: errno) }
    }
}
