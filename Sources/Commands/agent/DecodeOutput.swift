import Wire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Lines or counts on standard output, written in large pieces.
struct DecodeOutput {
    private let wanted: Set<ProtocolName>
    private let isSummary: Bool
    private var summary = Summary()
    private var pending: [UInt8] = []
    /// The reader of our output has gone (`| head`).
    private(set) var isClosed = false

    init(wanted: Set<ProtocolName>, isSummary: Bool) {
        self.wanted = wanted
        self.isSummary = isSummary
        signal(SIGPIPE, SIG_IGN)
    }

    mutating func add(_ heard: HeardMessage) {
        guard wanted.contains(heard.message.protocolName) else { return }
        if isSummary {
            summary.add(heard.message)
        } else {
            pending.append(contentsOf: heard.line.utf8)
            pending.append(10)
            if pending.count >= 65_536 { flush() }
        }
    }

    /// The counts that are of frames and not of messages.
    mutating func add(_ counters: DissectionCounters) { summary.add(counters) }

    mutating func finish() {
        if isSummary { pending.append(contentsOf: summary.tsv.utf8) }
        flush()
    }

    mutating func flush() {
        var from = 0
        while from < pending.count, !isClosed {
            let wrote = pending[from...].withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if wrote > 0 { from += wrote } else if errno != EINTR { isClosed = true }
        }
        pending.removeAll(keepingCapacity: true)
    }
}
