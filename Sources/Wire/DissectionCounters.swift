/// What became of everything the dissector was given. Every stage's input is its output plus its counted losses:
///
/// - `frames` + `tunnelled` = link errors + `otherFrames` + `messageFrames` + `emptyFrames` + `undecodableFrames`
///   + `packets`
/// - `packets` + `reassembled` = network errors + `fragments` + `tunnelled` + `otherPackets` + `messagePackets`
///   + `undecodablePackets` + transport errors + `datagrams` + `segments`
/// - `fragments` = `fragmentsUsed` + `fragmentsLost` + those still held
/// - `datagrams` = `otherDatagrams` + `messageDatagrams` + `emptyDatagrams` + `undecodableDatagrams`
/// - `streamBytes` = `messageBytes` + `skippedBytes` + `duplicateBytes` + `undecodableBytes` + `ignoredBytes`
///   + `abandonedBytes` + the dissector's `unfinishedBytes`
public struct DissectionCounters: Hashable, Sendable {
    // MARK: Frames and packets

    public internal(set) var frames: UInt64 = 0
    public internal(set) var frameBytes: UInt64 = 0
    /// Frames that hold neither IP nor a link-layer protocol of ours: spanning tree, EAPOL and the like.
    public internal(set) var otherFrames: UInt64 = 0
    /// Frames of a link-layer protocol of ours (ARP, LLDP, CDP): read, without a message, and not readable.
    public internal(set) var messageFrames: UInt64 = 0
    public internal(set) var emptyFrames: UInt64 = 0
    public internal(set) var undecodableFrames: UInt64 = 0
    /// IP packets, those inside tunnels counted again.
    public internal(set) var packets: UInt64 = 0
    public internal(set) var tunnelled: UInt64 = 0
    /// Packets that hold neither UDP nor TCP nor ICMP nor a tunnel.
    public internal(set) var otherPackets: UInt64 = 0
    /// ICMP: read, and not readable.
    public internal(set) var messagePackets: UInt64 = 0
    public internal(set) var undecodablePackets: UInt64 = 0
    /// Echo requests' pairs of hosts that were forgotten at the bound.
    public internal(set) var echoesEvicted: UInt64 = 0
    public internal(set) var fragments: UInt64 = 0
    public internal(set) var fragmentsUsed: UInt64 = 0
    /// Fragments refused, or given up at a bound or after the timeout.
    public internal(set) var fragmentsLost: UInt64 = 0
    public internal(set) var fragmentOverlaps: UInt64 = 0
    /// Places at which session descriptions said that media would arrive; those given up at a bound, with sources of
    /// media that were; and those nobody used any more.
    public internal(set) var mediaAnnounced: UInt64 = 0
    public internal(set) var mediaEvicted: UInt64 = 0
    public internal(set) var mediaExpired: UInt64 = 0
    /// Places that one description named beyond the bound for one: they are not listened to.
    public internal(set) var mediaRefused: UInt64 = 0
    /// Payloads put together from fragments.
    public internal(set) var reassembled: UInt64 = 0

    // MARK: Datagrams

    public internal(set) var datagrams: UInt64 = 0
    /// Datagrams of no protocol that we read.
    public internal(set) var otherDatagrams: UInt64 = 0
    public internal(set) var messageDatagrams: UInt64 = 0
    /// Datagrams of a protocol of ours that say nothing (keep-alives).
    public internal(set) var emptyDatagrams: UInt64 = 0
    public internal(set) var undecodableDatagrams: UInt64 = 0

    // MARK: Streams

    public internal(set) var segments: UInt64 = 0
    /// Segments of no flow that we follow.
    public internal(set) var otherSegments: UInt64 = 0
    public internal(set) var flows: UInt64 = 0
    /// Flows closed because the table or its memory was full.
    public internal(set) var flowsEvicted: UInt64 = 0
    /// Flows closed because nothing was heard for too long.
    public internal(set) var flowsTimedOut: UInt64 = 0
    /// Flows taken up without their handshake.
    public internal(set) var flowsMidstream: UInt64 = 0
    /// Payload bytes of the flows that we follow.
    public internal(set) var streamBytes: UInt64 = 0
    public internal(set) var messageBytes: UInt64 = 0
    /// Bytes that are no message but expected (keep-alive line ends).
    public internal(set) var skippedBytes: UInt64 = 0
    /// Bytes that were sent before: retransmissions and overlaps.
    public internal(set) var duplicateBytes: UInt64 = 0
    /// Bytes passed over while looking for the next message.
    public internal(set) var undecodableBytes: UInt64 = 0
    /// Bytes of flows that turned out to be no protocol of ours.
    public internal(set) var ignoredBytes: UInt64 = 0
    /// Bytes of unfinished messages when their flow ended or lost its place.
    public internal(set) var abandonedBytes: UInt64 = 0
    public internal(set) var retransmissions: UInt64 = 0
    /// Retransmissions that say something else than the first time.
    public internal(set) var conflicts: UInt64 = 0
    public internal(set) var outOfOrder: UInt64 = 0
    /// Places where bytes never came, and how many those were.
    public internal(set) var gaps: UInt64 = 0
    public internal(set) var gapBytes: UInt64 = 0

    // MARK: Errors and messages

    private var errors = [UInt64](
        repeating: 0, count: ParseError.Layer.allCases.count * ParseError.Reason.allCases.count)
    private var messages = [UInt64](repeating: 0, count: ProtocolName.allCases.count)
    /// By VLAN id; empty until a tagged frame comes.
    private var tagged: [UInt64] = []

    public init() {}

    /// How often each VLAN id stood in a tag, by id; a frame with two tags counts in both. Service tags (IEEE 802.1ad,
    /// EtherType 0x88A8) come after the others.
    public var vlans: [(id: UInt16, isService: Bool, count: UInt64)] {
        tagged.enumerated().filter { $0.element > 0 }.map {
            (UInt16($0.offset & 0x0FFF), $0.offset > 4_095, $0.element)
        }
    }

    /// - Parameter tag: an id, and the top bit for a service tag.
    mutating func countTag(_ tag: UInt16) {
        if tagged.isEmpty { tagged = [UInt64](repeating: 0, count: 8_192) }
        tagged[Int(tag & 0x0FFF) + (tag & 0x8000 == 0 ? 0 : 4_096)] &+= 1
    }

    public func errors(_ layer: ParseError.Layer, _ reason: ParseError.Reason) -> UInt64 {
        errors[Self.slot(layer, reason)]
    }

    public func errors(_ layer: ParseError.Layer) -> UInt64 {
        ParseError.Reason.allCases.reduce(0) { $0 + errors(layer, $1) }
    }

    /// Messages delivered.
    public func messages(_ name: ProtocolName) -> UInt64 {
        messages[Self.slot(name)]
    }

    mutating func count(_ error: ParseError) {
        errors[Self.slot(error.layer, error.reason)] &+= 1
    }

    mutating func countMessage(_ name: ProtocolName) {
        messages[Self.slot(name)] &+= 1
    }

    private static let layers = ParseError.Layer.allCases
    private static let reasons = ParseError.Reason.allCases

    private static func slot(_ layer: ParseError.Layer, _ reason: ParseError.Reason) -> Int {
        (layers.firstIndex(of: layer) ?? 0) * reasons.count + (reasons.firstIndex(of: reason) ?? 0)
    }

    private static func slot(_ name: ProtocolName) -> Int { name.index }
}

extension DissectionCounters {
    /// Every counter with its label, in a fixed order: what `/metrics` and `decode` print.
    public var labelled: [(name: String, value: UInt64)] {
        var rows: [(name: String, value: UInt64)] = [
            ("frames", frames), ("frame_bytes", frameBytes), ("frames_other", otherFrames),
            ("frames_message", messageFrames), ("frames_empty", emptyFrames),
            ("frames_undecodable", undecodableFrames), ("packets", packets),
            ("packets_tunnelled", tunnelled), ("packets_other", otherPackets), ("packets_message", messagePackets),
            ("packets_undecodable", undecodablePackets), ("echoes_evicted", echoesEvicted),
            ("fragments", fragments),
            ("fragments_used", fragmentsUsed), ("fragments_lost", fragmentsLost),
            ("fragments_overlapping", fragmentOverlaps), ("payloads_reassembled", reassembled),
            ("datagrams", datagrams), ("datagrams_other", otherDatagrams), ("datagrams_message", messageDatagrams),
            ("datagrams_empty", emptyDatagrams), ("datagrams_undecodable", undecodableDatagrams),
            ("segments", segments), ("segments_other", otherSegments), ("flows", flows),
            ("flows_evicted", flowsEvicted), ("flows_timed_out", flowsTimedOut), ("flows_midstream", flowsMidstream),
            ("stream_bytes", streamBytes), ("stream_bytes_message", messageBytes),
            ("stream_bytes_skipped", skippedBytes), ("stream_bytes_duplicate", duplicateBytes),
            ("stream_bytes_undecodable", undecodableBytes), ("stream_bytes_ignored", ignoredBytes),
            ("stream_bytes_abandoned", abandonedBytes), ("retransmissions", retransmissions),
            ("retransmissions_conflicting", conflicts), ("segments_out_of_order", outOfOrder), ("gaps", gaps),
            ("gap_bytes", gapBytes), ("media_announced", mediaAnnounced), ("media_evicted", mediaEvicted),
            ("media_expired", mediaExpired), ("media_refused", mediaRefused),
        ]
        for layer in ParseError.Layer.allCases {
            for reason in ParseError.Reason.allCases where errors(layer, reason) > 0 {
                rows.append(("errors_\(layer.rawValue)_\(reason.rawValue)", errors(layer, reason)))
            }
        }
        for name in ProtocolName.allCases where messages(name) > 0 {
            rows.append(("messages_\(name.rawValue)", messages(name)))
        }
        return rows
    }
}
