public import Domain
public import Wire

#if canImport(Glibc)
    import Glibc
#endif

/// Follows a file that grows: each row is read when it is whole, once, across restarts, renamings and truncations.
///
/// A file is known again by its path and its first row (under the header), so that what took its place is another feed.
/// What lies in the file when the agent begins is history: its rows bear their own times. What comes later is
/// heard when it comes. On the very first start history is passed over, as nobody asked for it (a replay reads it).
public struct FileFollower {
    /// Bytes taken in at one look, so that a large file does not hold up the rest.
    static let portion = 1_048_576

    public let path: String
    private let pipeline: @Sendable (String) throws(ProfileError) -> Pipeline
    private let form: DeviceProfile.FileForm?
    private let protocolName: ProtocolName
    private var open: Opened?
    /// Whether a file was there at the first look: what comes after it is new from its beginning.
    private var hasLooked = false
    private var rows: RowFeed?
    public private(set) var lastProblem: String?

    /// The open file: it has an identity, and is closed once.
    private final class Opened {
        let descriptor: Int32
        let inode: UInt64
        /// Bytes read so far.
        var offset: UInt64 = 0
        /// What was there when it was opened is history up to here.
        let history: UInt64
        /// Read before the feed had a name.
        var head: [UInt8] = []

        init(descriptor: Int32, inode: UInt64, history: UInt64) {
            self.descriptor = descriptor
            self.inode = inode
            self.history = history
        }

        deinit { close(descriptor) }
    }

    /// - Parameter pipeline: makes the pipeline of a feed with that name.
    public init(
        path: String, form: DeviceProfile.FileForm?, protocolName: ProtocolName,
        pipeline: @escaping @Sendable (String) throws(ProfileError) -> Pipeline
    ) {
        self.path = path
        self.form = form
        self.protocolName = protocolName
        self.pipeline = pipeline
    }

    /// Of the file that stands at the path now.
    public var counters: RowFeed.Counters { rows?.counters ?? RowFeed.Counters() }
    /// Rows that could not be read, of all files that stood there.
    public var malformed: UInt64 { malformedBefore &+ counters.malformed }
    private var malformedBefore: UInt64 = 0

    /// Reads what has come. `lastPosition` tells how far a feed has come in an earlier run.
    public mutating func look(
        now: Instant, lastPosition: (String) async -> UInt64?
    ) async throws(ProfileError) -> [DomainEvent] {
        var events: [DomainEvent] = []
        var info = stat()
        let exists = stat(path, &info) == 0
        if let inode = open?.inode, let offset = open?.offset,
            !exists || UInt64(info.st_ino) != inode || UInt64(max(info.st_size, 0)) < offset
        {
            // Renamed, removed or emptied: what the old one still has is read first.
            events += try await readOn(now: now, lastPosition: lastPosition)
            events += (try? rows?.finish(heard: now)) ?? []
            malformedBefore &+= counters.malformed
            open = nil
            rows = nil
        }
        if open == nil, exists { begin(info) }
        hasLooked = true
        return events + (try await readOn(now: now, lastPosition: lastPosition))
    }

    private mutating func begin(_ info: stat) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            lastProblem = String(cString: strerror(errno))
            return
        }
        let size = UInt64(max(info.st_size, 0))
        open = Opened(descriptor: descriptor, inode: UInt64(info.st_ino), history: hasLooked ? 0 : size)
        lastProblem = nil
    }

    private mutating func readOn(
        now: Instant, lastPosition: (String) async -> UInt64?
    ) async throws(ProfileError) -> [DomainEvent] {
        var events: [DomainEvent] = []
        var taken = 0
        while taken < Self.portion {
            let bytes = piece()
            if bytes.isEmpty { break }
            taken += bytes.count
            if rows == nil {
                events += try await name(bytes, now: now, lastPosition: lastPosition)
            } else {
                events += take(bytes, now: now)
            }
        }
        return events
    }

    /// The next bytes of the open file; empty: none for now.
    private mutating func piece() -> [UInt8] {
        guard let descriptor = open?.descriptor, let offset = open?.offset else { return [] }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
        guard count > 0 else { return [] }
        buffer.removeLast(buffer.count - count)
        open?.offset += UInt64(count)
        return buffer
    }

    /// A file has a name once its first row is there.
    private mutating func name(
        _ bytes: [UInt8], now: Instant, lastPosition: (String) async -> UInt64?
    ) async throws(ProfileError) -> [DomainEvent] {
        open?.head += bytes
        let head = open?.head ?? []
        let wanted = protocolName == .csv && (form?.columns.isEmpty ?? true) ? 2 : 1
        let ends = head.indices.lazy.filter { head[$0] == 10 }.prefix(wanted)
        guard ends.count == wanted || head.count >= 4_096, let end = ends.last ?? head.indices.last else { return [] }
        let feed = "tail:" + path + "@" + FNV1a.hex(head[...end])
        var rows = RowFeed(
            pipeline: try pipeline(feed), feed: feed,
            decoder: RowFeed.decoder(for: form, protocolName: protocolName))
        open?.head = []
        let known = await lastPosition(feed)
        guard known != nil || (open?.history ?? 0) > 0 else {
            self.rows = rows
            return take(head, now: now)
        }
        // The header must be read; then on from the last row that gave an event, or from the end of what was there.
        let from = known.map { ($0 >> 16) &- 1 } ?? lineStart(before: open?.history ?? 0)
        let header = wanted == 2 ? (ends.first ?? end) + 1 : 0
        _ = try? rows.read(Array(head[..<header]))
        rows.skip(to: max(from, UInt64(header)))
        open?.offset = max(from, UInt64(header))
        self.rows = rows
        return []
    }

    /// Where the line that is being written begins.
    private func lineStart(before end: UInt64) -> UInt64 {
        guard let descriptor = open?.descriptor else { return end }
        let start = end > 65_536 ? end - 65_536 : 0
        var buffer = [UInt8](repeating: 0, count: Int(end - start))
        let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(start)) }
        guard count > 0, let last = buffer[..<min(count, buffer.count)].lastIndex(of: 10) else { return end }
        return start + UInt64(last) + 1
    }

    private mutating func take(_ bytes: [UInt8], now: Instant) -> [DomainEvent] {
        guard rows != nil, let offset = open?.offset, let history = open?.history else { return [] }
        do throws(ParseError) {
            return try rows?.read(bytes, heard: offset <= history ? nil : now) ?? []
        } catch {
            lastProblem = error.reason.rawValue + " (export it as UTF-8)"
            return []
        }
    }
}
