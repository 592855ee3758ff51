/// RTCP: how well a session's media arrives, said by its receivers and senders.
///
/// Reference: RFC 3550 section 6 (SR, RR, SDES, BYE, APP), RFC 3611 (XR: statistics summary and VoIP metrics),
/// RFC 5506 (packets that come alone), RFC 3711 section 3.4 (SRTCP: only the first eight bytes are in clear).
///
/// Source descriptions hold names of people, and goodbyes may hold their words: neither is read.
public enum RTCP {
    public enum Field {
        /// `SR`, `RR`, `SDES`, `BYE`, `APP`, `RTPFB`, `PSFB` or `XR`.
        public static let type: FieldName = "type"
        /// Who says it.
        public static let ssrc: FieldName = "ssrc"
        /// True where the rest of the datagram is encrypted: type and source are all that can be read.
        public static let encrypted: FieldName = "encrypted"
        /// A sender's own figures, of SR: its RTP timestamp, and packets and payload bytes sent so far.
        public static let rtpTime: FieldName = "rtp-time"
        public static let packetsSent: FieldName = "packets-sent"
        public static let bytesSent: FieldName = "bytes-sent"
        /// One each per report block of SR and RR: the source that is reported on; 256ths lost since the last report;
        /// packets lost in all (negative where duplicates came); the extended highest sequence number.
        public static let source: FieldName = "source"
        public static let fractionLost: FieldName = "fraction-lost"
        public static let packetsLost: FieldName = "packets-lost"
        public static let highestSequence: FieldName = "highest-sequence"
        /// Interarrival jitter in units of the media's clock.
        public static let jitter: FieldName = "jitter"
        /// The first block's loss since the last report, as a share from 0 to 1; XR's VoIP metrics say it of the call.
        public static let loss: FieldName = "loss"
        /// XR VoIP metrics (RFC 3611 section 4.7): share discarded by the jitter buffer; milliseconds; R factor 0 to
        /// 100; mean opinion scores 1.0 to 5.0. What the sender calls unavailable is left out.
        public static let discarded: FieldName = "discarded"
        public static let roundTrip: FieldName = "round-trip-ms"
        public static let endSystemDelay: FieldName = "end-system-delay-ms"
        public static let rFactor: FieldName = "r-factor"
        public static let mosListening: FieldName = "mos-lq"
        public static let mosConversational: FieldName = "mos-cq"
        public static let jitterBuffer: FieldName = "jitter-buffer-ms"
        /// XR statistics summary (section 4.6): packets duplicated in its interval, and mean jitter.
        public static let duplicates: FieldName = "duplicates"
        public static let meanJitter: FieldName = "mean-jitter"
    }

    public static let fields: [FieldName] = [
        Field.type, Field.ssrc, Field.encrypted, Field.rtpTime, Field.packetsSent, Field.bytesSent, Field.source,
        Field.fractionLost, Field.packetsLost, Field.highestSequence, Field.jitter, Field.loss, Field.discarded,
        Field.roundTrip, Field.endSystemDelay, Field.rFactor, Field.mosListening, Field.mosConversational,
        Field.jitterBuffer, Field.duplicates, Field.meanJitter,
    ]

    private static let names = ["SR", "RR", "SDES", "BYE", "APP", "RTPFB", "PSFB", "XR"]

    static func name(_ type: UInt8) -> String? {
        let index = Int(type) - 200
        return names.indices.contains(index) ? names[index] : nil
    }

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        guard let type = message.text(Field.type) else { return [] }
        return [("packet-type", type)]
    }

    /// Whether a datagram between ports that say nothing is RTCP: whole words, and a first packet whose length is
    /// exactly what its count makes: of a report, of a goodbye without words, or of a request for a new picture, which
    /// come alone (RFC 5506). RFC 3550 appendix A.2 asks for less; random bytes pass once in 2^24.
    ///
    /// SRTCP with its usual tag is no number of whole words, so it is none.
    static func begins(_ bytes: borrowing RawSpan) -> Bool {
        let first = bytes.octet(0)
        guard first >> 5 == 0b100, bytes.byteCount % 4 == 0 else { return false }
        let count = Int(first & 31)
        let words = Int(bytes.octet(2)) << 8 | Int(bytes.octet(3))
        guard bytes.byteCount >= 4 * (words + 1) else { return false }
        switch bytes.octet(1) {
        case 200: return words == 6 + 6 * count
        case 201: return words == 1 + 6 * count
        case 203: return count > 0 && words == count
        // Picture loss (format 1) and full intra request (format 4): RFC 4585 section 6.3.1, RFC 5104 section 4.3.1.
        case 206: return count == 1 && words == 2 || count == 4 && words == 4
        default: return false
        }
    }

    /// Whether packets follow one another to the datagram's end, as they do where nothing is encrypted.
    static func isWhole(_ bytes: borrowing RawSpan) -> Bool {
        var index = 0
        while index < bytes.byteCount {
            guard bytes.octet(index) >> 6 == 2, (192...223).contains(bytes.octet(index + 1)) else { return false }
            index += 4 * (1 + (Int(bytes.octet(index + 2)) << 8 | Int(bytes.octet(index + 3))))
        }
        return index == bytes.byteCount
    }

    /// A receiver report with one block, for the simulated endpoint's noise.
    public static func encodeReceiverReport(
        ssrc: UInt32, about: UInt32, fractionLost: UInt8 = 0, packetsLost: UInt32 = 0, jitter: UInt32 = 0
    ) -> [UInt8] {
        [0x81, 201, 0, 7] + words([ssrc]) + block(about, fractionLost, packetsLost, jitter)
    }

    /// A sender report, with one block if it also receives.
    public static func encodeSenderReport(
        ssrc: UInt32, rtpTime: UInt32, packets: UInt32, bytes: UInt32, about: UInt32? = nil, fractionLost: UInt8 = 0,
        packetsLost: UInt32 = 0, jitter: UInt32 = 0
    ) -> [UInt8] {
        let head = words([ssrc, 0, 0, rtpTime, packets, bytes])
        guard let about else { return [0x80, 200, 0, 6] + head }
        return [0x81, 200, 0, 12] + head + block(about, fractionLost, packetsLost, jitter)
    }

    /// An extended report with a VoIP metrics block (RFC 3611 section 4.7). Scores are in tenths, 127 is unavailable.
    public static func encodeVoIPMetrics(
        ssrc: UInt32, about: UInt32, lossRate: UInt8, discardRate: UInt8 = 0, roundTrip: UInt16 = 0,
        rFactor: UInt8 = 127,
        mosListening: UInt8 = 127, mosConversational: UInt8 = 127, jitterBuffer: UInt16 = 0
    ) -> [UInt8] {
        [0x80, 207, 0, 10] + words([ssrc]) + [7, 0, 0, 8] + words([about])
            + [lossRate, discardRate, 0, 0, 0, 0, 0, 0, UInt8(roundTrip >> 8), UInt8(roundTrip & 255), 0, 0]
            + [127, 127, 127, 16, rFactor, 127, mosListening, mosConversational, 0, 0]
            + [UInt8(jitterBuffer >> 8), UInt8(jitterBuffer & 255), 0, 0, 0, 0]
    }

    /// A goodbye of one source.
    public static func encodeGoodbye(ssrc: UInt32) -> [UInt8] { [0x81, 203, 0, 1] + words([ssrc]) }

    private static func block(_ about: UInt32, _ fraction: UInt8, _ lost: UInt32, _ jitter: UInt32) -> [UInt8] {
        words([about, UInt32(fraction) << 24 | lost & 0xFF_FFFF, 0, jitter, 0, 0])
    }

    private static func words(_ words: [UInt32]) -> [UInt8] {
        words.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) } }
    }
}
