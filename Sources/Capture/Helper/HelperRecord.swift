import Wire

/// Why what another process wrote is no stream of records.
public enum HelperStreamError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Longer than a record can be.
    case length(Int)
    /// A kind that there is not, or a body that no record of its kind has.
    case record(kind: UInt8, length: Int)
    /// A time before 1970 or after 2200.
    case time(Int64)
    /// A record that the other side may not send, or not now.
    case turn
    /// Frames were lost between the two: one says that it wrote more, or fewer, than the other read.
    case count(written: UInt64, read: UInt64)

    public var description: String {
        switch self {
        case .length(let length): "a record of \(length) bytes"
        case .record(let kind, let length): "no record of kind \(kind) has \(length) bytes like these"
        case .time(let nanoseconds): "a time of \(nanoseconds) ns"
        case .turn: "a record out of turn"
        case .count(let written, let read): "\(written) frames were written, \(read) read"
        }
    }
}

/// What a capture helper and its agent say to each other.
///
/// A record is eight bytes, little-endian: the length of its body (4), its kind (1), zero (3); then the body. The first
/// from the helper is `hello`; then `link`, which the agent answers with `filter`, and the helper with `filtered`.
/// No frame comes before that, nor between a later `link` and its `filtered`.
enum HelperRecord: Hashable, Sendable {
    /// 1. The version of all this (4).
    case hello(version: UInt32)
    /// 2. Time in nanoseconds since 1970 (8), length on the wire (4), the bytes: where in the stream they stand.
    case frame(at: Int64, originalLength: UInt32, bytes: Range<Int>)
    /// 3. LINKTYPE (4) of the frames to come.
    case link(LinkType)
    /// 4. The LINKTYPE that it is for (4), an expression for libpcap. Never empty: that would let everything through.
    case filter(String, LinkType)
    /// 5. Instructions of the program that the kernel runs (4).
    case filtered(instructions: UInt32)
    /// 6. What (1), length of the name (2), the name, and whatever else: the other name or the reason.
    case change(InterfaceChange)
    /// 7. Frames, dropped, dropped by the interface, reopened (8 each), since the start.
    case counters(LiveCapture.Counters)
    /// 8. The exit code that the helper ends with (1), why.
    case failure(exitCode: UInt8, reason: String)

    static let version: UInt32 = 1
    static let headerLength = 8
    static let frameFieldsLength = 12
    /// Frames end at the snap length; the longest expression is for two hundred devices.
    static let bodyLimit = 262_144
    /// Of a name or a reason that is told to a person.
    static let textLimit = 1_024
    private static let latest: Int64 = 7_258_118_400_000_000_000

    /// The record at `offset`; `nil` if it is not all there yet.
    static func read(
        _ bytes: borrowing RawSpan, at offset: Int
    ) throws(HelperStreamError) -> (record: HelperRecord, end: Int)? {
        guard offset >= 0, bytes.byteCount &- offset >= headerLength else { return nil }
        let length = Int(word(bytes, offset))
        guard length <= bodyLimit else { throw .length(length) }
        guard word(bytes, offset &+ 4) <= 0xFF else {
            throw .record(kind: byte(bytes, offset &+ 4), length: length)
        }
        guard bytes.byteCount &- offset &- headerLength >= length else { return nil }
        let start = offset &+ headerLength
        guard let record = try body(bytes, start..<(start &+ length), kind: byte(bytes, offset &+ 4)) else {
            throw .record(kind: byte(bytes, offset &+ 4), length: length)
        }
        return (record, start &+ length)
    }

    private static func body(
        _ bytes: borrowing RawSpan, _ range: Range<Int>, kind: UInt8
    ) throws(HelperStreamError) -> HelperRecord? {
        let start = range.lowerBound
        switch (kind, range.count) {
        case (2, frameFieldsLength...(frameFieldsLength + LiveCapture.snapLength)):
            let time = Int64(bitPattern: long(bytes, start))
            guard (0...latest).contains(time) else { throw .time(time) }
            return .frame(
                at: time, originalLength: word(bytes, start &+ 8),
                bytes: (start &+ frameFieldsLength)..<range.upperBound)
        case (1, 4): return .hello(version: word(bytes, start))
        case (3, 4): return .link(LinkType(rawValue: word(bytes, start)))
        case (4, 5...):
            return .filter(
                text(bytes, (start &+ 4)..<range.upperBound), LinkType(rawValue: word(bytes, start)))
        case (5, 4): return .filtered(instructions: word(bytes, start))
        case (6, 3...): return change(bytes, range).map { .change($0) }
        case (7, 32):
            var counters = LiveCapture.Counters()
            counters.frames = long(bytes, start)
            counters.dropped = long(bytes, start &+ 8)
            counters.droppedByInterface = long(bytes, start &+ 16)
            counters.reopened = long(bytes, start &+ 24)
            return .counters(counters)
        case (8, 1...):
            return .failure(exitCode: byte(bytes, start), reason: printable(bytes, (start &+ 1)..<range.upperBound))
        default: return nil
        }
    }

    private static func change(_ bytes: borrowing RawSpan, _ range: Range<Int>) -> InterfaceChange? {
        let start = range.lowerBound
        let length = Int(byte(bytes, start &+ 1)) | Int(byte(bytes, start &+ 2)) << 8
        guard range.count &- 3 >= length else { return nil }
        let name = printable(bytes, (start &+ 3)..<(start &+ 3 &+ length))
        let other = printable(bytes, (start &+ 3 &+ length)..<range.upperBound)
        switch byte(bytes, start) {
        case 1: return .down(name)
        case 2: return .up(name)
        case 3: return .renamed(name, to: other)
        case 4: return .gone(name, reason: other)
        case 5: return .returned(name)
        case 6: return .notUp(name)
        default: return nil
        }
    }

    private static func byte(_ bytes: borrowing RawSpan, _ offset: Int) -> UInt8 {
        bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    private static func word(_ bytes: borrowing RawSpan, _ offset: Int) -> UInt32 {
        UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    private static func long(_ bytes: borrowing RawSpan, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// What a person reads: at most a KiB, and nothing that a terminal would obey.
    private static func printable(_ bytes: borrowing RawSpan, _ range: Range<Int>) -> String {
        let text = text(bytes, range.lowerBound..<min(range.upperBound, range.lowerBound &+ textLimit))
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
                out.append("\u{FFFD}")
            default: out.append(scalar)
            }
        }
        return String(out)
    }

    private static func text(_ bytes: borrowing RawSpan, _ range: Range<Int>) -> String {
        bytes.extracting(range).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}

extension HelperRecord {
    /// Appends a frame: the one record that comes a hundred thousand times a second.
    static func append(_ frame: borrowing RawSpan, _ header: FrameHeader, to out: inout [UInt8]) {
        let count = min(frame.byteCount, LiveCapture.snapLength)
        append(UInt32(truncatingIfNeeded: frameFieldsLength + count), to: &out)
        append(UInt32(2), to: &out)
        append(UInt64(bitPattern: header.at.nanoseconds), to: &out)
        append(UInt32(clamping: header.originalLength), to: &out)
        frame.extracting(first: count).withUnsafeBytes { out.append(contentsOf: $0) }
    }

    /// Appends any record but a frame. Texts that are longer than a record are cut.
    func append(to out: inout [UInt8]) {
        var body: [UInt8] = []
        let kind: UInt8
        switch self {
        case .hello(let version):
            kind = 1
            Self.append(version, to: &body)
        case .frame: return
        case .link(let link):
            kind = 3
            Self.append(link.rawValue, to: &body)
        case .filter(let expression, let link):
            kind = 4
            Self.append(link.rawValue, to: &body)
            body += expression.utf8
        case .filtered(let instructions):
            kind = 5
            Self.append(instructions, to: &body)
        case .change(let change):
            kind = 6
            Self.append(change, to: &body)
        case .counters(let counters):
            kind = 7
            for value in [counters.frames, counters.dropped, counters.droppedByInterface, counters.reopened] {
                Self.append(value, to: &body)
            }
        case .failure(let exitCode, let reason):
            kind = 8
            body.append(exitCode)
            body += reason.utf8
        }
        let count = min(body.count, Self.bodyLimit)
        Self.append(UInt32(truncatingIfNeeded: count), to: &out)
        Self.append(UInt32(kind), to: &out)
        out += body.prefix(count)
    }

    private static func append(_ change: InterfaceChange, to body: inout [UInt8]) {
        let (what, name, other): (UInt8, String, String) =
            switch change {
            case .down(let name): (1, name, "")
            case .up(let name): (2, name, "")
            case .renamed(let name, let other): (3, name, other)
            case .gone(let name, let reason): (4, name, reason)
            case .returned(let name): (5, name, "")
            case .notUp(let name): (6, name, "")
            }
        let length = UInt16(clamping: name.utf8.count)
        body += [what, UInt8(truncatingIfNeeded: length), UInt8(truncatingIfNeeded: length >> 8)]
        body += name.utf8.prefix(Int(length))
        body += other.utf8
    }

    private static func append(_ value: some FixedWidthInteger, to out: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { out.append(contentsOf: $0) }
    }
}
