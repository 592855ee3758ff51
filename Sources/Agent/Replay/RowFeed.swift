public import Domain
public import Wire

/// A file of rows or records on its way to facts: bytes in, events out.
///
/// Rows that are none are counted, and the next line is read: nothing ends because of one of them. Memory is bounded by
/// the longest row (`CSV.rowLimit`, `JSONLines.valueLimit`).
public struct RowFeed: Sendable {
    public struct Counters: Sendable {
        public var rows: UInt64 = 0
        /// Rows that could not be read, and the first of them.
        public var malformed: UInt64 = 0
        public var faults: [Fault] = []

        mutating func note(_ fault: Fault) {
            malformed &+= 1
            // Another encoding is a matter of the whole file, and said once.
            if case .notUTF8 = fault.why, faults.contains(where: \.isOfEncoding) { return }
            if faults.count < Fault.limit { faults.append(fault) }
        }
    }

    /// A row that could not be read.
    public struct Fault: Hashable, Sendable, CustomStringConvertible {
        public enum Why: Hashable, Sendable {
            case columns(Int, header: Int)
            /// The file is of another encoding: its letters would have to be guessed.
            case notUTF8(atByte: Int)
            case other(ParseError)
        }

        /// How many are kept.
        public static let limit = 8
        /// From 1; 0 where the file was not read from its beginning.
        public var line: Int
        /// Where it begins in the file.
        public var offset: UInt64
        public var why: Why

        fileprivate var isOfEncoding: Bool { if case .notUTF8 = why { true } else { false } }

        public var description: String {
            switch why {
            case .columns(let count, let header): "\(count) fields, the header has \(header)"
            case .notUTF8(let byte): "not UTF-8 (byte \(byte) of the row); export the file as UTF-8"
            case .other(let error): error.reason.rawValue
            }
        }

        /// `FILE:LINE: why`.
        public func told(of path: String) -> String {
            line > 0 ? "\(path):\(line): \(self)" : "\(path): row at byte \(offset): \(self)"
        }
    }

    public let feed: String
    public private(set) var pipeline: Pipeline
    public private(set) var counters = Counters()
    private var decoder: any FileDecoder
    private var buffer: [UInt8] = []
    /// Where the buffer begins in the file.
    private var base: UInt64
    /// Lines are counted from the file's beginning.
    private var knowsLines = true
    /// Every row with what became of it, where somebody wants to know (`check`); `nil`: nobody does.
    public var readings: [(message: Message, recognitions: [Recognition], elements: [Recognition])]?
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
        knowsLines = false
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
            let line = decoder.nextLine
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
                    let count = min(max(consumed, 1), rest.byteCount)
                    if isReadable(rest.extracting(0..<count), line: line, at: at) {
                        events += ingest(message, at: at, heard: heard)
                    }
                    at += count
                case .skip(let count):
                    // The header, or a blank line.
                    let count = min(max(count, 1), rest.byteCount)
                    _ = isReadable(rest.extracting(0..<count), line: line, at: at)
                    at += count
                case .needMore:
                    guard isEnd else { break reading }
                    let message = try decoder.finish(rest, at: Timestamp(nanoseconds: 0))
                    if let message {
                        if isReadable(rest, line: line, at: at) { events += ingest(message, at: at, heard: heard) }
                    } else if !rest.isBlank {
                        throw ParseError(.application, .truncated, available: rest.byteCount)
                    }
                    at = bytes.byteCount
                }
            } catch {
                if error.reason == .unsupported { throw error }
                let isCount = error.reason == .malformed && error.needed > 0
                note(isCount ? .columns(error.available, header: error.needed) : .other(error), line: line, at: at)
                at += 1
                isLost = true
            }
        }
        return at
    }

    private mutating func ingest(_ message: Message, at: Int, heard: Instant?) -> [DomainEvent] {
        counters.rows &+= 1
        // Byte 0 is position 65,536: position 0 is no place in a feed.
        let events = pipeline.ingest(row: message, heard: heard, position: (base &+ UInt64(at) &+ 1) << 16)
        if readings != nil {
            readings?.append((message, pipeline.recognitions ?? [], pipeline.elementRecognitions))
            pipeline.recognitions = []
        }
        return events
    }

    /// Bytes that are no UTF-8 would become letters that nobody wrote.
    private mutating func isReadable(_ row: borrowing RawSpan, line: Int, at: Int) -> Bool {
        guard let byte = row.firstOfNoUTF8 else { return true }
        note(.notUTF8(atByte: byte + 1), line: line, at: at)
        return false
    }

    private mutating func note(_ why: Fault.Why, line: Int, at: Int) {
        counters.note(Fault(line: knowsLines ? line : 0, offset: base &+ UInt64(at), why: why))
    }
}

extension RawSpan {
    /// The first byte that is part of no character; `nil`: all is UTF-8.
    fileprivate var firstOfNoUTF8: Int? {
        withUnsafeBytes { bytes in
            guard bytes.contains(where: { $0 >= 0x80 }) else { return nil }
            if String(validating: bytes, as: UTF8.self) != nil { return nil }
            var decoder = UTF8()
            var iterator = bytes.makeIterator()
            var at = 0
            while case .scalarValue(let scalar) = decoder.decode(&iterator) { at += UTF8.width(scalar) }
            return at
        }
    }

    fileprivate var isBlank: Bool {
        withUnsafeBytes { $0.allSatisfy { $0 == 32 || (9...13).contains($0) || $0 == 0x5D || $0 == 44 } }
    }
}
