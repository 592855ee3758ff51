import Domain
import Records

/// What the spool remembers beside its segments: a small text file, replaced as a whole (written, synchronised, renamed),
/// with a checksum, so that a person can read it and no half of it is ever believed.
struct SpoolState: Hashable {
    static let name = "state"

    var agent: String
    var epoch: Epoch
    /// The receiver has everything up to here.
    var acknowledged: UInt64 = 0
    /// The receiver may have everything up to here; these numbers are never given again.
    var dispatched: UInt64 = 0
    /// h of `dispatched`.
    var dispatchedHash: [UInt8]
    /// Every number up to here was on stable storage when this was written.
    var durable: UInt64 = 0
    /// The next file's index is at least this.
    var nextIndex: UInt64 = 1
    /// When the newest durable record was heard; a run that follows names the time between.
    var lastRecorded: Instant?
    /// The positions of everything dispatched.
    var feeds: [FeedMark] = []
    /// Losses that already have their gap record.
    var lost: [Batch.Lost] = []
    var counters = SpoolCounters()
    var lastError: String?
    /// Profiles of the devices that the last run heard whose `confidence` is `assumed`.
    var unverified: [String] = []

    func encoded() -> [UInt8] {
        var out = "deskwatch spool 1\n"
        func line(_ key: String, _ values: [String]) {
            let text = ([key] + values).joined(separator: " ")
            out += text.replacing("\n", with: " ") + "\n"
        }
        line("agent", [agent])
        line("epoch", [epoch.description])
        line("acknowledged", [String(acknowledged)])
        line("dispatched", [String(dispatched), hex(dispatchedHash)])
        line("durable", [String(durable)])
        line("nextIndex", [String(nextIndex)])
        if let lastRecorded { line("lastRecorded", [String(lastRecorded.milliseconds)]) }
        for feed in feeds { line("feed", [String(feed.position), String(feed.sequence), feed.feed]) }
        for lost in lost {
            line("lost", [String(lost.range.lowerBound), String(lost.range.upperBound), lost.reason])
        }
        for (key, value) in counters.named { line("count", [key, String(value)]) }
        for profile in unverified { line("unverified", [profile]) }
        if let lastError { line("lastError", [lastError]) }
        let crc = CRC32C.of(out.utf8)
        return Array((out + "crc " + String(crc, radix: 16) + "\n").utf8)
    }

    /// `nil`: damaged, or of another version.
    init?(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "crc ", last: true), text.hasSuffix("\n"),
            let crc = UInt32(text[end.upperBound...].dropLast(), radix: 16),
            CRC32C.of(text[..<end.lowerBound].utf8) == crc, text.hasPrefix("deskwatch spool 1\n")
        else { return nil }
        var agent: String?
        var epoch: Epoch?
        var hash: [UInt8]?
        self.init(agent: "", epoch: Epoch(high: 0, low: 0), dispatchedHash: [])
        for line in text[..<end.lowerBound].split(separator: "\n").dropFirst() {
            let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard words.count == 2 else { return nil }
            let value = String(words[1])
            let parts = value.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            switch words[0] {
            case "agent": agent = value
            case "epoch": epoch = unhex(value).flatMap { Epoch(bytes: $0) }
            case "acknowledged": acknowledged = UInt64(value) ?? 0
            case "dispatched":
                guard parts.count == 2, let number = UInt64(parts[0]) else { return nil }
                dispatched = number
                hash = unhex(parts[1])
            case "durable": durable = UInt64(value) ?? 0
            case "nextIndex": nextIndex = UInt64(value) ?? 1
            case "lastRecorded": lastRecorded = Int64(value).map { Instant(milliseconds: $0) }
            case "feed":
                guard parts.count == 3, let position = UInt64(parts[0]), let sequence = UInt64(parts[1])
                else { return nil }
                feeds.append(FeedMark(feed: parts[2], position: position, sequence: sequence))
            case "lost":
                guard parts.count == 3, let first = UInt64(parts[0]), let last = UInt64(parts[1]), first <= last
                else { return nil }
                lost.append(Batch.Lost(first...last, reason: parts[2]))
            case "count":
                guard parts.count == 2, let number = UInt64(parts[1]) else { return nil }
                counters.set(parts[0], number)
            case "unverified": unverified.append(value)
            case "lastError": lastError = value
            default: break
            }
        }
        guard let agent, let epoch, let hash, hash.count == 32 else { return nil }
        self.agent = agent
        self.epoch = epoch
        dispatchedHash = hash
    }

    init(agent: String, epoch: Epoch, dispatchedHash: [UInt8]) {
        self.agent = agent
        self.epoch = epoch
        self.dispatchedHash = dispatchedHash
    }
}

/// What happened to a spool since it was made. Every loss is in one of these.
public struct SpoolCounters: Hashable, Sendable {
    /// Records that found no room.
    public var dropped: UInt64 = 0
    /// Bytes of unfinished writes that were cut off at a start: they had never been promised.
    public var tornBytes: UInt64 = 0
    /// Files with a damaged place, now `*.bad`.
    public var quarantinedFiles: UInt64 = 0
    public var damagedBytes: UInt64 = 0
    /// Numbers that were given and whose records are gone.
    public var lostRecords: UInt64 = 0
    /// Writes or synchronisations that failed.
    public var diskErrors: UInt64 = 0
    /// Positions of old feeds that were forgotten to stay within the bound.
    public var forgottenFeeds: UInt64 = 0

    public init() {}

    private static let fields: [(String, any WritableKeyPath<SpoolCounters, UInt64> & Sendable)] = [
        ("dropped", \.dropped), ("tornBytes", \.tornBytes), ("quarantinedFiles", \.quarantinedFiles),
        ("damagedBytes", \.damagedBytes), ("lostRecords", \.lostRecords), ("diskErrors", \.diskErrors),
        ("forgottenFeeds", \.forgottenFeeds),
    ]

    public var named: [(name: String, value: UInt64)] { Self.fields.map { ($0.0, self[keyPath: $0.1]) } }

    mutating func set(_ name: String, _ value: UInt64) {
        for field in Self.fields where field.0 == name { self[keyPath: field.1] = value }
    }
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

func unhex(_ text: some StringProtocol) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var out: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
        guard let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) else {
            return nil
        }
        out.append(byte)
    }
    return out
}

extension String {
    fileprivate func range(of text: String, last: Bool) -> Range<Index>? { ranges(of: text).last }
}
