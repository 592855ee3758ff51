/// NTP: who keeps time for whom, and how far apart they are.
///
/// Reference: RFC 5905 sections 7.3 (packet) and 8 (offset), RFC 4330 (SNTP).
public enum NTP {
    public enum Field {
        /// 1 to 4; 3 and 4 are met.
        public static let version: FieldName = "version"
        /// `client`, `server`, `broadcast`, `active`, `passive`, `control` or `private`.
        public static let mode: FieldName = "mode"
        /// True where the server's own clock is not set (leap indicator 3, or stratum 0 or 16 from a server).
        public static let unsynchronised: FieldName = "unsynchronised"
        /// 1 is a clock of its own (radio, satellite), each server on the way adds one.
        public static let stratum: FieldName = "stratum"
        /// Whom the server follows: an address; at stratum 1 the kind of clock (`GPS`); at 0 a refusal (`RATE`).
        public static let referenceId: FieldName = "reference-id"
        /// Milliseconds.
        public static let rootDelay: FieldName = "root-delay-ms"
        public static let rootDispersion: FieldName = "root-dispersion-ms"
        public static let transmitTime: FieldName = "transmit-time"
        /// The sender's clock less the capture's, in milliseconds; network delay is in it.
        public static let clockDifference: FieldName = "clock-difference-ms"
        /// Of a server's answer: how far the server's clock is ahead of the client's, as the client will compute it
        /// with the capture's time for the arrival (section 8); the time that the server held the question.
        public static let offset: FieldName = "offset-ms"
        public static let serverDelay: FieldName = "server-delay-ms"
    }

    public static let fields: [FieldName] = [
        Field.version, Field.mode, Field.unsynchronised, Field.stratum, Field.referenceId, Field.rootDelay,
        Field.rootDispersion, Field.transmitTime, Field.clockDifference, Field.offset, Field.serverDelay,
    ]

    static let modes = ["reserved", "active", "passive", "client", "server", "broadcast", "control", "private"]
    public static let packetLength = 48

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        guard let mode = message.text(Field.mode) else { return [] }
        return [("mode", mode)]
    }

    /// Seconds from 1900 to 1970.
    private static let epoch: Int64 = 2_208_988_800
    private static let era: Int64 = 1 << 32

    /// A 64-bit timestamp in the era that is nearest to `time`; `nil` for zero, which means unknown (section 6).
    static func timestamp(_ raw: UInt64, near time: Timestamp) -> Timestamp? {
        guard raw != 0 else { return nil }
        var seconds = Int64(raw >> 32) - epoch
        let distance = time.nanoseconds / 1_000_000_000 - seconds
        seconds += era * ((distance + (distance >= 0 ? era / 2 : -era / 2)) / era)
        let fraction = Int64(((raw & 0xFFFF_FFFF) * 1_000_000_000 + (1 << 31)) >> 32)
        return Timestamp(seconds: seconds, nanoseconds: fraction)
    }

    /// A packet of a client (mode 3) or a server (mode 4). Times are Unix nanoseconds.
    public static func encode(
        mode: UInt8, stratum: UInt8 = 0, referenceId: UInt32 = 0, origin: Timestamp? = nil, receive: Timestamp? = nil,
        transmit: Timestamp
    ) -> [UInt8] {
        var out: [UInt8] = [4 << 3 | mode & 7, stratum, 6, 0xEC, 0, 0, 0, 0, 0, 0, 0, 0]
        out += big(UInt64(referenceId)).suffix(4) + [UInt8](repeating: 0, count: 8)
        for time in [origin, receive, transmit] {
            guard let time else {
                out += [UInt8](repeating: 0, count: 8)
                continue
            }
            let seconds = UInt64(UInt32(truncatingIfNeeded: time.nanoseconds / 1_000_000_000 + epoch))
            let fraction = (UInt64(max(time.nanoseconds % 1_000_000_000, 0)) << 32) / 1_000_000_000
            out += big(seconds << 32 | fraction)
        }
        return out
    }

    private static func big(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
    }
}

/// One NTP packet per datagram.
public struct NTPDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .ntp }
    public static var fields: [FieldName] { NTP.fields }

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        let first = bytes.octet(0)
        let version = first >> 3 & 7
        let mode = Int(first & 7)
        guard (1...4).contains(version), mode > 0 else { throw ParseError(.application, .malformed) }
        var message = Message(.ntp)
        message.add(NTP.Field.version, integer: version)
        message.add(NTP.Field.mode, text: NTP.modes[mode])
        // Control and private packets (RFC 9327) have another form, and nothing of it is read.
        guard mode < 6 else { return .message(message, consumed: bytes.byteCount) }
        guard bytes.byteCount >= NTP.packetLength else {
            throw ParseError(.application, .truncated, needed: NTP.packetLength, available: bytes.byteCount)
        }
        let stratum = bytes.octet(1)
        if mode != 3 {
            message.add(NTP.Field.unsynchronised, boolean: first >> 6 == 3 || stratum == 0 || stratum > 15)
            message.add(NTP.Field.stratum, integer: stratum)
            message.add(NTP.Field.referenceId, text: Self.reference(bytes, stratum: stratum))
            message.add(NTP.Field.rootDelay, decimal: Self.milliseconds(bytes.big32(unchecked: 4)))
            message.add(NTP.Field.rootDispersion, decimal: Self.milliseconds(bytes.big32(unchecked: 8)))
        }
        times(bytes, mode: mode, at: time, &message)
        return .message(message, consumed: bytes.byteCount)
    }

    /// Clients may send anything for their own time (RFC 5905 does not, newer ones do): beyond a day it is none.
    private static let believable: Int64 = 86_400_000_000_000

    private func times(
        _ bytes: borrowing RawSpan, mode: Int, at time: Timestamp, _ message: inout Message
    ) {
        guard let transmit = NTP.timestamp(bytes.big64(unchecked: 40), near: time) else { return }
        let difference = transmit.nanoseconds &- time.nanoseconds
        if mode != 3 || abs(clamping: difference) <= Self.believable {
            message.add(NTP.Field.transmitTime, text: transmit.rfc3339)
            message.add(NTP.Field.clockDifference, decimal: Double(difference) / 1_000_000)
        }
        guard mode == 4, let origin = NTP.timestamp(bytes.big64(unchecked: 24), near: time),
            let receive = NTP.timestamp(bytes.big64(unchecked: 32), near: time)
        else { return }
        message.add(NTP.Field.serverDelay, decimal: Double(transmit.nanoseconds &- receive.nanoseconds) / 1_000_000)
        let there = receive.nanoseconds &- origin.nanoseconds
        guard abs(clamping: there) <= Self.believable else { return }
        message.add(NTP.Field.offset, decimal: (Double(there) + Double(difference)) / 2_000_000)
    }

    private func abs(clamping value: Int64) -> Int64 { value == .min ? .max : Swift.abs(value) }

    /// Section 7.3: four characters of a clock or a refusal; else an IPv4 address, or the digest of an IPv6 one.
    private static func reference(_ bytes: borrowing RawSpan, stratum: UInt8) -> String {
        let range = 12..<16
        guard stratum <= 1 else { return bytes.dottedAddress(range) }
        let end = bytes.skip(from: 12, to: 16) { $0 > 32 && $0 < 127 }
        return end > 12 ? bytes.text(12..<end) : bytes.dottedAddress(range)
    }

    /// 16.16 fixed point seconds.
    private static func milliseconds(_ value: UInt32) -> Double { Double(value) * 1_000 / 65_536 }
}
