public import Domain
public import Wire

/// A file of rows or records on its way to facts: bytes in, events out.
///
/// Rows that are none are counted, and the next line is read: nothing ends because of one of them. Memory is bounded by
/// the longest row (`CSV.rowLimit`, `JSONLines.valueLimit`).
public struct RowFeed: Sendable {
    public struct Counters: Sendable {
        public var rows: UInt64 = 0
        /// Rows that could not be taken apart, and where the first one stands.
        public var malformed: UInt64 = 0
        public var firstMalformed: (line: Int, error: ParseError)?
    }

    public let feed: String
    public private(set) var pipeline: Pipeline
    public private(set) var counters = Counters()
    private var decoder: any FileDecoder
    private var buffer: [UInt8] = []
    /// Where the buffer begins in the file.
    private var base: UInt64
    /// A row was given up, and no place to go on has been found yet.
    private var isLost = false

    /// - Parameter offset: where in the file the first bytes given to `read` stand.
    public init(pipeline: Pipeline, feed: String, decoder: any FileDecoder, offset: UInt64 = 0) {
        self.feed = feed
        self.pipeline = pipeline
        self.decoder = decoder
        base = offset
    }

    /// What a file of that beginning is read with. The form is the profile's; the beginning tells records from rows.
    public static func decoder(for form: DeviceProfile.FileForm?, protocolName: ProtocolName) -> any FileDecoder {
        switch protocolName {
        case .jsonl: JSONLinesDecoder()
        default: CSVDecoder(separator: form?.separator, columns: form?.columns ?? [])
        }
    }

    /// Where the next row begins in the file.
    public var offset: UInt64 { base }

    /// The next bytes are those of another place, where a row begins (or one has begun, and is passed over as malformed).
    mutating func skip(to offset: UInt64) {
        buffer = []
        base = offset
    }

    /// - Parameter heard: when the bytes were written, where that is now; `nil` in a replay.
    /// Throws `unsupported` where the file is of an encoding that is not read (UTF-16).
    public mutating func read(_ bytes: [UInt8], heard: Instant? = nil) throws(ParseError) -> [DomainEvent] {
        buffer += bytes
        return try take(heard: heard, isEnd: false)
    }

    /// The file ends: its last row may lack a line end.
    public mutating func finish(heard: Instant? = nil) throws(ParseError) -> [DomainEvent] {
        try take(heard: heard, isEnd: true)
    }

    private mutating func take(heard: Instant?, isEnd: Bool) throws(ParseError) -> [DomainEvent] {
        var held: [UInt8] = []
        swap(&held, &buffer)
        var events: [DomainEvent] = []
        let done = try scan(held.span.bytes, heard: heard, isEnd: isEnd, &events)
        base &+= UInt64(done)
        held.removeFirst(done)
        swap(&held, &buffer)
        return events
    }

    /// How many bytes are done with.
    private mutating func scan(
        _ bytes: borrowing RawSpan, heard: Instant?, isEnd: Bool, _ events: inout [DomainEvent]
    ) throws(ParseError) -> Int {
        var at = 0
        reading: while at < bytes.byteCount {
            let rest = bytes.extracting(at..<bytes.byteCount)
            if isLost {
                guard let skip = decoder.resynchronise(rest) else {
                    at = bytes.byteCount
                    break
                }
                isLost = false
                at += min(max(skip, 0), rest.byteCount)
                continue
            }
            do throws(ParseError) {
                switch try decoder.decode(rest, at: Timestamp(nanoseconds: 0)) {
                case .message(let message, let consumed):
                    events += ingest(message, at: at, heard: heard)
                    at += min(max(consumed, 1), rest.byteCount)
                case .skip(let count): at += min(max(count, 1), rest.byteCount)
                case .needMore:
                    guard isEnd else { break reading }
                    let message = try decoder.finish(rest, at: Timestamp(nanoseconds: 0))
                    if let message {
                        events += ingest(message, at: at, heard: heard)
                    } else if !rest.isBlank {
                        throw ParseError(.application, .truncated, available: rest.byteCount)
                    }
                    at = bytes.byteCount
                }
            } catch {
                if error.reason == .unsupported { throw error }
                counters.malformed &+= 1
                if counters.firstMalformed == nil { counters.firstMalformed = (decoder.nextLine, error) }
                at += 1
                isLost = true
            }
        }
        return at
    }

    private mutating func ingest(_ message: Message, at: Int, heard: Instant?) -> [DomainEvent] {
        counters.rows &+= 1
        // Byte 0 is position 65,536: position 0 is no place in a feed.
        return pipeline.ingest(row: message, heard: heard, position: (base &+ UInt64(at) &+ 1) << 16)
    }
}

extension RawSpan {
    fileprivate var isBlank: Bool {
        withUnsafeBytes { $0.allSatisfy { $0 == 32 || (9...13).contains($0) || $0 == 0x5D || $0 == 44 } }
    }
}
