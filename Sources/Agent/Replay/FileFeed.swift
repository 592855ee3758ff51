import Crypto

#if canImport(Glibc)
    import Glibc
#endif

/// The name of a capture file as a feed: its content's, so that a copy is the same feed and another day is not.
public enum FileFeed {
    /// `file:` and the first 16 hexadecimal digits of the SHA-256 of the file. Throws `DiskError`; a pipe has no name.
    public static func name(of path: String) throws(DiskError) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw DiskError("open", path, code: errno) }
        defer { close(file) }
        var info = stat()
        guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            throw DiskError("read", path, code: ESPIPE)
        }
        var hasher = SHA256()
        var buffer = [UInt8](repeating: 0, count: 1_048_576)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw DiskError("read", path, code: errno)
            }
            if count == 0 { break }
            buffer.withUnsafeBytes { hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        return "file:" + hex(Array(hasher.finalize()).prefix(8))
    }
}
