import Wire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Lines or counts on standard output, written in large pieces.
struct DecodeOutput {
    enum Form { case lines, summary, unknown }

    private let selection: DecodeSelection
    private let form: Form
    private let isColoured: Bool
    private var summary = Summary()
    private var unclaimed = UnclaimedTraffic()
    private var pending: [UInt8] = []
    /// The reader of our output has gone (`| head`).
    private(set) var isClosed = false
    /// Why what was decoded could not be written.
    private(set) var failure: String?

    init(_ selection: DecodeSelection, form: Form) {
        self.selection = selection
        self.form = form
        isColoured = Self.isColourful
        signal(SIGPIPE, SIG_IGN)
    }

    mutating func add(_ heard: HeardMessage) {
        if form == .unknown { return unclaimed.claim(heard) }
        guard selection.wants(heard) else { return }
        if form == .summary { return summary.add(heard.message) }
        let line: String
        if selection.fields.isEmpty {
            let plain = heard.line(showingSecrets: selection.secrets)
            line = isColoured ? Self.coloured(plain) : plain
        } else {
            guard let row = selection.row(heard) else { return }
            line = row
        }
        pending.append(contentsOf: line.utf8)
        pending.append(10)
        if pending.count >= 65_536 { flush() }
    }

    /// A frame, whatever became of it.
    mutating func add(_ frame: borrowing RawSpan, _ header: FrameHeader) {
        if form == .unknown { unclaimed.add(frame, header) }
    }

    /// On a terminal that has colours, unless NO_COLOR says no.
    private static var isColourful: Bool {
        guard isatty(STDOUT_FILENO) == 1 else { return false }
        if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
        if let value = getenv("TERM") { return String(cString: value) != "dumb" }
        return true
    }

    /// Names of fields in blue, what is redacted in red; the line stays JSON once the colours are taken away.
    private static func coloured(_ line: String) -> String {
        var out = ""
        var isText = false
        var isEscaped = false
        var text = ""
        let scalars = Array(line.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            guard isText else {
                if scalar == "\"" {
                    isText = true
                    text = "\""
                } else {
                    out.unicodeScalars.append(scalar)
                }
                continue
            }
            text.unicodeScalars.append(scalar)
            if isEscaped {
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "\"" {
                isText = false
                let isKey = index + 1 < scalars.count && scalars[index + 1] == ":"
                let colour = isKey ? "34" : text == "\"redacted\"" ? "31" : ""
                out += colour.isEmpty ? text : "\u{1b}[\(colour)m\(text)\u{1b}[0m"
            }
        }
        return out
    }

    /// The counts that are of frames and not of messages.
    mutating func add(_ counters: DissectionCounters) { summary.add(counters) }

    mutating func finish() {
        switch form {
        case .lines: break
        case .summary: pending.append(contentsOf: summary.tsv.utf8)
        case .unknown:
            for row in unclaimed.rows {
                pending.append(contentsOf: (row.tsv(showing: selection.secrets ? 24 : 8) + "\n").utf8)
            }
        }
        flush()
    }

    mutating func flush() {
        var from = 0
        while from < pending.count, !isClosed {
            let wrote = pending[from...].withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if wrote > 0 {
                from += wrote
            } else if errno != EINTR {
                isClosed = true
                // A reader that has gone is no failure; a disk that is full is.
                if errno != EPIPE { failure = String(cString: strerror(errno)) }
            }
        }
        pending.removeAll(keepingCapacity: true)
    }
}
