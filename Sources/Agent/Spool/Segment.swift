import Domain

/// Where a record came from, so that a feed that is read again adds nothing twice.
public struct SourcePosition: Hashable, Sendable {
    public var feed: String
    /// Grows strictly within a feed.
    public var position: UInt64

    public init(feed: String, position: UInt64) {
        self.feed = feed
        self.position = position
    }
}

/// The farthest position of a feed, and the record that reached it.
struct FeedMark: Hashable, Sendable {
    var feed: String
    var position: UInt64
    var sequence: UInt64
}

/// How a segment file begins: enough to understand it alone.
struct SegmentHeader: Hashable, Sendable {
    static let magic = Array("DWSPOOL1".utf8)

    var agent: String
    var epoch: Epoch
    /// Orders the files; their names only hint at it.
    var index: UInt64
    /// The number of the first record in the file. Every record before it was durable when the file was made, and a
    /// record of an earlier file with this number or a later one was written again here.
    var first: UInt64
    /// h of `first - 1`.
    var previousHash: [UInt8]
    /// Whether the file before this one ends in a seal. One that was abandoned after a failed write does not.
    var previousSealed: Bool
    /// The feeds' positions when the file was made: they outlive the files that are freed.
    var feeds: [FeedMark]

    func encoded() -> [UInt8] {
        var body: [UInt8] = epoch.bytes
        body.append(little: index)
        body.append(little: first)
        body += previousHash
        body.append(previousSealed ? 1 : 0)
        body.append(text: agent)
        body.append(little: UInt16(clamping: feeds.count))
        for mark in feeds {
            body.append(text: mark.feed)
            body.append(little: mark.position)
            body.append(little: mark.sequence)
        }
        var out = Self.magic
        out.append(little: UInt32(clamping: body.count))
        out.append(little: CRC32C.of(body))
        return out + body
    }

    /// The header and its length, or `nil` where there is none that holds.
    static func read(_ bytes: ArraySlice<UInt8>) -> (header: SegmentHeader, length: Int)? {
        var outer = ByteReader(bytes)
        guard outer.take(8).map(Array.init) == magic, let length = outer.integer(UInt32.self),
            let crc = outer.integer(UInt32.self), let body = outer.take(Int(length)), CRC32C.of(body) == crc
        else { return nil }
        var reader = ByteReader(body)
        guard let epoch = reader.take(16).flatMap({ Epoch(bytes: $0) }), let index = reader.integer(UInt64.self),
            let first = reader.integer(UInt64.self), let hash = reader.take(32),
            let sealed = reader.integer(UInt8.self), let agent = reader.text(), let count = reader.integer(UInt16.self)
        else { return nil }
        var feeds: [FeedMark] = []
        for _ in 0..<count {
            guard let feed = reader.text(), let position = reader.integer(UInt64.self),
                let sequence = reader.integer(UInt64.self)
            else { return nil }
            feeds.append(FeedMark(feed: feed, position: position, sequence: sequence))
        }
        let header = SegmentHeader(
            agent: agent, epoch: epoch, index: index, first: first, previousHash: Array(hash),
            previousSealed: sealed == 1, feeds: feeds)
        return (header, 16 + Int(length))
    }
}

/// One record in a segment file. The magic's first byte cannot stand in UTF-8, so no text looks like a record.
struct SegmentFrame: Hashable, Sendable {
    static let magic: [UInt8] = [0xff, 0x44, 0x57, 0x52]
    /// Bytes around a payload, without the feed's name.
    static let overhead = 12 + 34 + 32

    var sequence: UInt64
    /// Every number up to here was on stable storage when this was written: what tells damage from a torn tail.
    var durable: UInt64
    /// The agent's time, or in a replay the capture's.
    var at: Instant
    var source: SourcePosition?
    /// h of `sequence - 1`: lets a reader take up the chain after a loss.
    var previousHash: [UInt8]
    var payload: [UInt8]

    func encoded() -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(payload.count + 128)
        body.append(little: sequence)
        body.append(little: durable)
        body.append(little: at.milliseconds)
        body.append(little: source?.position ?? 0)
        if let source { body.append(text: source.feed) } else { body.append(little: UInt16.max) }
        body += previousHash
        body += payload
        var out = Self.magic
        out.append(little: UInt32(clamping: body.count))
        var crc = CRC32C()
        crc.update(out.suffix(4))
        crc.update(body)
        out.append(little: crc.value)
        return out + body
    }

    /// The frame at the front of `bytes` and its length; `nil` where there is none that holds.
    static func read(_ bytes: ArraySlice<UInt8>) -> (frame: SegmentFrame, length: Int)? {
        var outer = ByteReader(bytes)
        guard outer.take(4).map(Array.init) == magic, let size = outer.take(4) else { return nil }
        var sizes = ByteReader(size)
        guard let length = sizes.integer(UInt32.self), let crc = outer.integer(UInt32.self),
            let body = outer.take(Int(length))
        else { return nil }
        var check = CRC32C()
        check.update(size)
        check.update(body)
        guard check.value == crc else { return nil }
        var reader = ByteReader(body)
        guard let sequence = reader.integer(UInt64.self), let durable = reader.integer(UInt64.self),
            let at = reader.integer(Int64.self), let position = reader.integer(UInt64.self),
            let feedLength = reader.integer(UInt16.self)
        else { return nil }
        var source: SourcePosition?
        if feedLength != .max {
            guard let feed = reader.take(Int(feedLength)) else { return nil }
            source = SourcePosition(feed: String(decoding: feed, as: UTF8.self), position: position)
        }
        guard let hash = reader.take(32) else { return nil }
        let frame = SegmentFrame(
            sequence: sequence, durable: durable, at: Instant(milliseconds: at), source: source,
            previousHash: Array(hash), payload: Array(reader.rest()))
        return (frame, 12 + Int(length))
    }
}

/// Written after each commit without waiting for it, and once more, synchronised, when a file is sealed.
struct SegmentMark: Hashable, Sendable {
    static let magic: [UInt8] = [0xff, 0x44, 0x57, 0x4d]
    static let length = 17

    /// Every number up to here is on stable storage.
    var durable: UInt64
    var isSeal: Bool

    func encoded() -> [UInt8] {
        var body: [UInt8] = [isSeal ? 1 : 0]
        body.append(little: durable)
        var out = Self.magic
        out.append(little: CRC32C.of(body))
        return out + body
    }

    static func read(_ bytes: ArraySlice<UInt8>) -> SegmentMark? {
        var reader = ByteReader(bytes)
        guard reader.take(4).map(Array.init) == magic, let crc = reader.integer(UInt32.self),
            let body = reader.take(9), CRC32C.of(body) == crc
        else { return nil }
        var inner = ByteReader(body)
        guard let seal = inner.integer(UInt8.self), let durable = inner.integer(UInt64.self) else { return nil }
        return SegmentMark(durable: durable, isSeal: seal == 1)
    }
}

extension [UInt8] {
    /// At most 65,534 bytes of it; feeds and agents have short names.
    fileprivate mutating func append(text: String) {
        let utf8 = Array(text.utf8.prefix(Int(UInt16.max) - 1))
        append(little: UInt16(clamping: utf8.count))
        self += utf8
    }
}
