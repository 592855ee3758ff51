import Agent

#if canImport(Glibc)
    import Glibc
#endif

/// Random numbers from a seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}

/// A disk that tears, fills, lies after a failed synchronisation, and forgets what was not synchronised: in sectors of
/// 512 bytes, in any order; names in the order in which they changed.
final class ModelDisk: SpoolDisk {
    private final class File {
        /// What a reader sees, and what survives a power cut.
        var current: [UInt8] = []
        var stable: [UInt8] = []
        /// Sectors that differ, as far as the kernel remembers.
        var dirty: Set<Int> = []
        var isOpen = false
    }

    private static let sector = 512
    private var files: [String: File] = [:]
    private var stableFiles: [String: File] = [:]
    /// Changes of names since the last `synchroniseFolder`, in order.
    private var changes: [(inout [String: File]) -> Void] = []
    private var random: SeededGenerator

    /// Bytes of all files together; more is ENOSPC.
    var capacity = Int.max
    /// The next so many synchronisations fail.
    var failingSynchronisations = 0
    var failingWrites = 0
    /// Calls until the power goes; `nil` while nobody cuts it.
    var callsUntilCut: Int?
    private(set) var isDead = false

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    // MARK: Faults

    /// The power goes and comes back: what was not synchronised survives sector by sector, or not.
    func powerCut() {
        for change in changes.prefix(.random(in: 0...changes.count, using: &random)) { change(&stableFiles) }
        changes = []
        files = stableFiles
        for name in files.keys.sorted() {
            guard let file = files[name] else { continue }
            settle(file, chance: 2)
            file.current = file.stable
        }
        restart()
    }

    /// The process is killed: the kernel keeps everything.
    func restart() {
        for file in files.values { file.isOpen = false }
        isDead = false
        callsUntilCut = nil
    }

    /// Persists each dirty sector with a probability of one in `chance` less than certainty.
    private func settle(_ file: File, chance: Int) {
        for sector in file.dirty.sorted() where Int.random(in: 0..<chance, using: &random) > 0 {
            persist(sector, of: file)
        }
        file.dirty = []
    }

    private func persist(_ sector: Int, of file: File) {
        let start = sector * Self.sector
        let end = min(start + Self.sector, file.current.count)
        guard start < end else { return }
        if file.stable.count < end { file.stable += [UInt8](repeating: 0, count: end - file.stable.count) }
        file.stable.replaceSubrange(start..<end, with: file.current[start..<end])
    }

    /// Flips one bit of a file, on the platter and in the cache.
    func flip(_ name: String, bit: Int) {
        guard let file = files[name], bit / 8 < file.current.count else { return }
        file.current[bit / 8] ^= 1 << UInt8(bit % 8)
        if bit / 8 < file.stable.count { file.stable[bit / 8] = file.current[bit / 8] }
    }

    func content(_ name: String) -> [UInt8] { files[name]?.current ?? [] }

    /// Changes a file behind the spool's back, durably.
    func put(_ name: String, _ bytes: [UInt8]?) {
        guard let bytes else {
            files[name] = nil
            stableFiles[name] = nil
            return
        }
        let file = File()
        file.current = bytes
        file.stable = bytes
        files[name] = file
        stableFiles[name] = file
    }

    var usedBytes: Int { files.values.reduce(0) { $0 + $1.current.count } }

    private func enter(_ call: String, _ name: String) throws(DiskError) {
        if isDead { throw DiskError(call, name, code: EIO) }
        if let left = callsUntilCut {
            callsUntilCut = left - 1
            if left <= 0 { isDead = true }
        }
    }

    private func file(_ call: String, _ name: String) throws(DiskError) -> File {
        try enter(call, name)
        guard let file = files[name] else { throw DiskError(call, name, code: ENOENT) }
        return file
    }

    private func change(_ body: @escaping (inout [String: File]) -> Void) {
        body(&files)
        changes.append(body)
    }

    // MARK: SpoolDisk

    func names() throws(DiskError) -> [String] {
        try enter("opendir", "")
        return files.keys.sorted()
    }

    func size(of name: String) throws(DiskError) -> Int { try file("stat", name).current.count }

    func read(_ name: String, from offset: Int, count: Int) throws(DiskError) -> [UInt8] {
        Array(try file("read", name).current.dropFirst(offset).prefix(count))
    }

    func create(_ name: String) throws(DiskError) {
        try enter("create", name)
        if files[name] != nil { throw DiskError("create", name, code: EEXIST) }
        let new = File()
        new.isOpen = true
        change { $0[name] = new }
    }

    func append(_ bytes: [UInt8], to name: String) throws(DiskError) {
        let file = try file("write", name)
        guard file.isOpen else { throw DiskError("write", name, code: EBADF) }
        var taken = bytes[...]
        var code: Int32 = 0
        if isDead || failingWrites > 0 {
            failingWrites = max(0, failingWrites - 1)
            taken = bytes.prefix(.random(in: 0...bytes.count, using: &random))
            code = EIO
        }
        let room = max(0, capacity - usedBytes)
        if taken.count > room {
            taken = taken.prefix(room)
            code = ENOSPC
        }
        let start = file.current.count
        file.current += taken
        if !taken.isEmpty { file.dirty.formUnion(start / Self.sector...(file.current.count - 1) / Self.sector) }
        if code != 0 { throw DiskError("write", name, code: code) }
    }

    func synchronise(_ name: String) throws(DiskError) {
        let file = try file("fdatasync", name)
        if isDead { throw DiskError("fdatasync", name, code: EIO) }
        if failingSynchronisations > 0 {
            failingSynchronisations -= 1
            // The kernel reports once, keeps what it could not write in its cache, and calls it clean.
            settle(file, chance: 3)
            throw DiskError("fdatasync", name, code: EIO)
        }
        for sector in file.dirty { persist(sector, of: file) }
        file.dirty = []
    }

    func close(_ name: String) { files[name]?.isOpen = false }

    func cut(_ name: String, to length: Int) throws(DiskError) {
        let file = try file("truncate", name)
        if isDead { throw DiskError("truncate", name, code: EIO) }
        file.current = Array(file.current.prefix(length))
        for sector in file.dirty { persist(sector, of: file) }
        file.stable = Array(file.stable.prefix(length))
        file.dirty = []
    }

    func replace(_ name: String, with bytes: [UInt8]) throws(DiskError) {
        let temporary = name + ".tmp"
        if files[temporary] != nil { try remove(temporary) }
        try create(temporary)
        try append(bytes, to: temporary)
        try synchronise(temporary)
        close(temporary)
        try rename(temporary, to: name)
        try synchroniseFolder()
    }

    func rename(_ name: String, to other: String) throws(DiskError) {
        _ = try file("rename", name)
        change { names in
            names[other] = names[name]
            names[name] = nil
        }
    }

    func remove(_ name: String) throws(DiskError) {
        _ = try file("unlink", name)
        change { $0[name] = nil }
    }

    func synchroniseFolder() throws(DiskError) {
        try enter("fsync", "")
        if isDead { throw DiskError("fsync", "", code: EIO) }
        for change in changes { change(&stableFiles) }
        changes = []
    }
}
