public import Wire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Frames from an interface, which another process captures: what an agent listens with.
///
/// It needs no privilege. What the helper writes is data from outside: lengths are checked, and a stream that is none
/// ends the capture with an error. So does the helper's death: it was given what nobody here has any more.
public struct HelperCapture: ~Copyable, FrameSource {
    /// How long the helper may take to start, and libpcap to compile a filter, in nanoseconds.
    private static let patience: Int64 = 60_000_000_000
    /// How long it may take to read a filter, in nanoseconds.
    private static let readingPatience: Int64 = 5_000_000_000
    private static let bufferBytes = 2 * 1_048_576

    /// What it was asked for; it may be called otherwise by now.
    public var interface: String { process.interface }
    /// Of the frames that come now; `nil` while the interface was never up.
    public private(set) var link: LinkType?
    /// `frames` counts what was handed out here. The others are the helper's, at most a tenth of a second old.
    public private(set) var counters = LiveCapture.Counters()

    /// Whether the last `next` found nothing at all on the way: what the helper had read was handed out.
    public private(set) var isIdle = false
    /// How long ago the helper last gave its counts, which it does every second, in milliseconds.
    public var quietMilliseconds: Int64 { (InterfaceWatch.now() - countedAt) / 1_000_000 }

    private let process: HelperProcess
    private var countedAt = InterfaceWatch.now()
    private var filter: CaptureFilter
    private var changes: [InterfaceChange] = []
    private var isFiltered = false
    private let buffer: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0

    /// Waits until the filter is in the kernel, or the interface turns out not to be up yet.
    /// Throws `CaptureError.helper` with the words and the exit code of what `LiveCapture` throws in the helper.
    public init(_ process: HelperProcess, filter: CaptureFilter) throws(CaptureError) {
        self.process = process
        self.filter = filter
        buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferBytes, alignment: 16)
        let deadline = InterfaceWatch.now() + Self.patience
        switch try awaitRecord(until: deadline) {
        case .hello(HelperRecord.version): break
        case .hello(let version): throw broken("it speaks version \(version)")
        // Why it cannot begin.
        case let other: try take(other)
        }
        while !isFiltered {
            try take(try awaitRecord(until: deadline))
            if case .notUp = changes.last, link == nil { break }
        }
    }

    deinit { buffer.deallocate() }

    /// Lets through what `filter` says from now on; frames that are on their way still come.
    public mutating func setFilter(_ filter: CaptureFilter) throws(CaptureError) {
        self.filter = filter
        try sendFilter()
    }

    /// Hands the next frame to `body`. `false`: none came within `LiveCapture.pollMilliseconds`, or something else did,
    /// so that a helper that says a lot keeps nobody here.
    public mutating func next(_ body: (FrameHeader, borrowing RawSpan) -> Void) throws -> Bool {
        isIdle = false
        if let isFrame = try takeRecord(body) { return isFrame }
        guard try fill() else {
            isIdle = true
            return false
        }
        return try takeRecord(body) ?? false
    }

    /// Takes what was read already; `nil` if that is no whole record.
    private mutating func takeRecord(
        _ body: (FrameHeader, borrowing RawSpan) -> Void
    ) throws(CaptureError) -> Bool? {
        guard let record = try nextRecord() else { return nil }
        guard case .frame(let time, let length, let range) = record else {
            try take(record)
            return false
        }
        guard isFiltered, let link else { throw broken("a frame before its filter") }
        counters.frames &+= 1
        body(
            FrameHeader(
                at: Timestamp(nanoseconds: time), link: link, originalLength: Int(length), number: counters.frames),
            UnsafeRawBufferPointer(rebasing: buffer[range]).bytes)
        return true
    }

    /// What happened to the interface since it was last asked, oldest first.
    public mutating func takeChange() -> InterfaceChange? {
        changes.isEmpty ? nil : changes.removeFirst()
    }

    private mutating func nextRecord() throws(CaptureError) -> HelperRecord? {
        do throws(HelperStreamError) {
            let span = UnsafeRawBufferPointer(rebasing: buffer[..<end]).bytes
            guard let (record, next) = try HelperRecord.read(span, at: start) else { return nil }
            start = next
            return record
        } catch {
            throw broken("\(error)")
        }
    }

    private mutating func awaitRecord(until deadline: Int64) throws(CaptureError) -> HelperRecord {
        while InterfaceWatch.now() < deadline {
            if let record = try nextRecord() { return record }
            // A signal is no reason to give up.
            _ = try fill()
        }
        throw broken("it did not begin in \(Self.patience / 1_000_000_000) s")
    }

    /// Reads what is there, or comes in time. `false`: nothing.
    private mutating func fill() throws(CaptureError) -> Bool {
        if start > 0 {
            // Less than one record is left of what was read.
            let rest = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
            if let base = buffer.baseAddress, let from = rest.baseAddress { memmove(base, from, rest.count) }
            end -= start
            start = 0
        }
        var request = pollfd(fd: process.output, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, LiveCapture.pollMilliseconds) > 0 else { return false }
        let free = UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
        let count = read(process.output, free.baseAddress, free.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return false }
        guard count > 0 else { throw broken("it ended (\(process.ending()))") }
        end += count
        return true
    }

    private mutating func take(_ record: HelperRecord) throws(CaptureError) {
        switch record {
        case .link(let link):
            self.link = link
            isFiltered = false
            try sendFilter()
        case .filtered: isFiltered = true
        case .change(let change):
            // Nobody who asks now and then misses any of it.
            if changes.count >= 16 { changes.removeFirst() }
            changes.append(change)
        case .counters(let said):
            guard said.frames == counters.frames else {
                throw broken("\(HelperStreamError.count(written: said.frames, read: counters.frames))")
            }
            counters = said
            countedAt = InterfaceWatch.now()
        case .failure(let code, let reason):
            throw .helper(interface: interface, reason: reason, exitCode: Int32(code))
        case .hello, .frame, .filter: throw broken("\(HelperStreamError.turn)")
        }
    }

    private func sendFilter() throws(CaptureError) {
        var bytes: [UInt8] = []
        guard let link else { return }
        HelperRecord.filter(filter.expression(link: link), link).append(to: &bytes)
        let deadline = InterfaceWatch.now() + Self.readingPatience
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(process.input, $0.baseAddress.map { $0 + done }, $0.count - done)
            }
            if count > 0 {
                done += count
            } else if errno == EAGAIN {
                guard InterfaceWatch.now() < deadline else { throw broken("it does not read its filter") }
                var room = pollfd(fd: process.input, events: Int16(POLLOUT), revents: 0)
                _ = poll(&room, 1, LiveCapture.pollMilliseconds)
            } else if errno != EINTR {
                // Why is in its output, which is read next.
                return
            }
        }
    }

    private func broken(_ what: String) -> CaptureError {
        .helper(interface: interface, reason: "\(interface): capture helper: \(what)", exitCode: 70)
    }
}
