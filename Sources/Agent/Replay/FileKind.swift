#if canImport(Glibc)
    import Glibc
#endif

/// What a file is, by its first bytes.
public enum FileKind: Hashable, Sendable {
    case capture
    /// JSON records, or rows of separated values.
    case records, rows
    /// Something that must be unpacked or exported first; says how.
    case packed(String)

    /// At least the first 64 bytes, or all of a shorter file.
    public init(_ head: some Collection<UInt8>) {
        let head = Array(head.prefix(64))
        func begins(_ bytes: [UInt8]) -> Bool { head.starts(with: bytes) }
        let captures: [[UInt8]] = [
            [0xA1, 0xB2, 0xC3, 0xD4], [0xD4, 0xC3, 0xB2, 0xA1], [0xA1, 0xB2, 0x3C, 0x4D], [0x4D, 0x3C, 0xB2, 0xA1],
            [0x0A, 0x0D, 0x0D, 0x0A], [0xA1, 0xB2, 0xCD, 0x34], [0x34, 0xCD, 0xB2, 0xA1],
        ]
        if captures.contains(where: begins) {
            self = .capture
        } else if begins([0x1F, 0x8B]) {
            self = .packed("is packed with gzip: zcat FILE | deskwatch-agent replay … -")
        } else if begins([0x50, 0x4B, 0x03, 0x04]) {
            self = .packed("is a ZIP or a spreadsheet: unpack it, or export it as CSV")
        } else if begins([0xFF, 0xFE]) || begins([0xFE, 0xFF]) {
            self = .packed("is UTF-16: export it as UTF-8")
        } else {
            let text = head.starts(with: [0xEF, 0xBB, 0xBF]) ? head.dropFirst(3) : head[...]
            let first = text.first { $0 != 0x20 && !(9...13).contains($0) && $0 != 0x1E }
            self = first == 0x7B || first == 0x5B ? .records : .rows
        }
    }
}

/// Reads a file or standard input piece by piece.
public struct FilePieces: ~Copyable {
    private let file: Int32
    private let path: String
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    /// `-` is standard input. Throws what the system says.
    public init(path: String) throws(DiskError) {
        self.path = path
        if path == "-" {
            file = dup(STDIN_FILENO)
        } else {
            file = open(path, O_RDONLY | O_CLOEXEC)
        }
        guard file >= 0 else { throw DiskError("open", path, code: errno) }
    }

    deinit { if file >= 0 { close(file) } }

    /// The next bytes; empty at the end.
    public mutating func next() throws(DiskError) -> [UInt8] {
        while true {
            let count = buffer.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
            if count >= 0 { return Array(buffer.prefix(count)) }
            if errno != EINTR { throw DiskError("read", path, code: errno) }
        }
    }
}
