import Testing
import Wire

@testable import Capture

/// What a capture helper writes, cut and broken in every way: it comes from another process.
struct HelperRecordTests {
    private static let counters: LiveCapture.Counters = {
        var counters = LiveCapture.Counters()
        counters.frames = 1 << 40
        counters.dropped = 2
        counters.droppedByInterface = .max
        counters.reopened = 4
        return counters
    }()

    private static let records: [HelperRecord] = [
        .hello(version: 1), .link(.linuxCooked2), .filter("ip host 192.0.2.1", .ethernet),
        .filtered(instructions: 4_096),
        .change(.notUp("eth0")), .change(.down("eth0")), .change(.up("eth0")), .change(.renamed("eth0", to: "lan")),
        .change(.gone("lan", reason: "mất rồi")), .change(.returned("")), .counters(counters),
        .failure(exitCode: 77, reason: "no"), .failure(exitCode: 0, reason: ""),
    ]

    private static let frames: [(at: Int64, length: Int, bytes: [UInt8])] = [
        (0, 0, []), (1_794_272_400_123_456_789, 1_514, Array(0..<96)),
        (1_794_272_400_123_456_790, 70_000, [UInt8](repeating: 0xA5, count: LiveCapture.snapLength)),
    ]

    /// A record and what stands for its place: the bytes of a frame.
    private struct Seen: Equatable {
        var record: HelperRecord
        var bytes: [UInt8]
    }

    private static let stream: [UInt8] = {
        var out: [UInt8] = []
        for record in records { record.append(to: &out) }
        for frame in frames { append(frame, to: &out) }
        for record in records.reversed() { record.append(to: &out) }
        return out
    }()

    private static func append(_ frame: (at: Int64, length: Int, bytes: [UInt8]), to out: inout [UInt8]) {
        let header = FrameHeader(
            at: Timestamp(nanoseconds: frame.at), link: .ethernet, originalLength: frame.length, number: 1)
        HelperRecord.append(frame.bytes.span.bytes, header, to: &out)
    }

    /// All whole records, and what is left.
    private static func read(_ bytes: [UInt8]) throws -> (seen: [Seen], end: Int) {
        var seen: [Seen] = []
        var start = 0
        while let (record, end) = try HelperRecord.read(bytes.span.bytes, at: start) {
            if case .frame(let at, let length, let range) = record {
                seen.append(
                    Seen(record: .frame(at: at, originalLength: length, bytes: 0..<0), bytes: Array(bytes[range])))
            } else {
                seen.append(Seen(record: record, bytes: []))
            }
            start = end
        }
        return (seen, start)
    }

    @Test func `whole, every record is read as it was written`() throws {
        let (seen, end) = try Self.read(Self.stream)
        let expected =
            Self.records.map { Seen(record: $0, bytes: []) }
            + Self.frames.map {
                Seen(record: .frame(at: $0.at, originalLength: UInt32($0.length), bytes: 0..<0), bytes: $0.bytes)
            } + Self.records.reversed().map { Seen(record: $0, bytes: []) }
        #expect(seen == expected)
        #expect(end == Self.stream.count)
    }

    @Test func `byte by byte it is the same, and no cut is an error`() throws {
        // Without the long frame: every cut reads from the start.
        var stream: [UInt8] = []
        for record in Self.records { record.append(to: &stream) }
        for frame in Self.frames.prefix(2) { Self.append(frame, to: &stream) }
        let whole = try Self.read(stream).seen
        var fed: [UInt8] = []
        var seen: [Seen] = []
        for byte in stream {
            fed.append(byte)
            let (more, end) = try Self.read(fed)
            seen += more
            fed.removeFirst(end)
        }
        #expect(seen == whole)
        for cut in 0..<stream.count {
            let before = try Self.read(Array(stream[..<cut]))
            #expect(before.seen == Array(whole.prefix(before.seen.count)))
            let after = try Self.read(Array(stream[before.end...]))
            #expect(before.seen + after.seen == whole)
        }
    }

    @Test(
        arguments: [
            [0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0], [0x01, 0x00, 0x04, 0x00, 2, 0, 0, 0], [0, 0, 0, 0x80, 7, 0, 0, 0],
        ] as [[UInt8]])
    func `a length that no record has is told at once`(bytes: [UInt8]) {
        #expect(throws: HelperStreamError.self) { try HelperRecord.read(bytes.span.bytes, at: 0) }
    }

    @Test(
        arguments: [
            // No kind 0 and 9, a kind of more than a byte, bodies too short or too long for their kind.
            [0, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 9, 0, 0, 0, 1], [0, 0, 0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 0, 0, 0],
            [3, 0, 0, 0, 2, 0, 0, 0, 1, 2, 3], [0, 0, 0, 0, 4, 0, 0, 0], [4, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0],
            [1, 0, 0, 0, 7, 0, 0, 0, 1], [0, 0, 0, 0, 8, 0, 0, 0],
            // A name that is longer than its record, and a change that there is not.
            [4, 0, 0, 0, 6, 0, 0, 0, 1, 0xFF, 0xFF, 0x41], [3, 0, 0, 0, 6, 0, 0, 0, 99, 0, 0],
            // A frame before 1970.
            [12, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 1, 0, 0, 0],
        ] as [[UInt8]])
    func `a record that is none is an error`(bytes: [UInt8]) {
        #expect(throws: HelperStreamError.self) { try HelperRecord.read(bytes.span.bytes, at: 0) }
    }

    @Test func `a frame may end at the snap length and not after it`() {
        for (count, isRight) in [(LiveCapture.snapLength, true), (LiveCapture.snapLength + 1, false)] {
            let length = count + HelperRecord.frameFieldsLength
            var bytes = [UInt8(length & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length >> 16), 0, 2, 0, 0, 0]
            bytes += [UInt8](repeating: 0, count: length)
            let record = try? HelperRecord.read(bytes.span.bytes, at: 0)?.record
            #expect((record != nil) == isRight)
        }
    }

    @Test func `whatever bytes come, reading ends`() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0...64)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            // Often a length and kind that can be.
            if bytes.count > 8, Bool.random() {
                bytes.replaceSubrange(1..<8, with: [0, 0, 0, .random(in: 0...9), 0, 0, 0])
            }
            if let (_, end) = try? Self.read(bytes) { #expect((0...bytes.count).contains(end)) }
            let after = try HelperRecord.read(bytes.span.bytes, at: bytes.count + 1)?.record
            #expect(after == nil)
        }
    }
}
