/// Voice quality reports that phones and meeting systems publish through SIP (`application/vq-rtcpxr`).
///
/// Reference: RFC 6035 section 4. Blanks behind colons are optional, sections may be missing, and some phones write
/// metrics without their group's name; all of that is read. Who talked to whom (`LocalID`, `RemoteID`, `OrigID`) never
/// becomes a field. Metrics are kept as written; in the fields with a meaning of their own 127 and values out of range
/// mean "not measured" (sections 4.4 ff.) and are left out.
public enum VQReport {
    public enum Field {
        /// `session`, `interval` or `alert`.
        public static let report: FieldName = "report"
        /// What stands behind the report's name: `CallTerm`, or an alert's kind and severity.
        public static let event: FieldName = "event"
        public static let callId: FieldName = "call-id"
        /// Hosts of the two ends, without ports.
        public static let localAddress: FieldName = "local-address"
        public static let remoteAddress: FieldName = "remote-address"
        public static let start: FieldName = "start"
        public static let stop: FieldName = "stop"
        public static let codec: FieldName = "codec"
        /// Interarrival jitter in milliseconds (`IAJ`), of the local metrics, as those below.
        public static let jitter: FieldName = "jitter"
        /// Network packet loss in percent (`NLR`).
        public static let loss: FieldName = "loss"
        /// Discarded by the jitter buffer, in percent (`JDR`).
        public static let discarded: FieldName = "discarded"
        /// Round trip delay in milliseconds (`RTD`).
        public static let roundTrip: FieldName = "round-trip"
        /// Conversational quality, 1 to 5 (`MOSCQ`); listening quality (`MOSLQ`).
        public static let mos: FieldName = "mos"
        public static let mosListening: FieldName = "mos-listening"
    }

    public static let fields: [FieldName] = [
        Field.report, Field.event, Field.callId, Field.localAddress, Field.remoteAddress, Field.start, Field.stop,
        Field.codec, Field.jitter, Field.loss, Field.discarded, Field.roundTrip, Field.mos, Field.mosListening,
        "local.*", "remote.*",
    ]

    static let lineLimit = 256
    static let metricLimit = 256

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        guard let report = message.text(Field.report) else { return [] }
        return [(kind: "report", value: report)]
    }

    /// The report that is all of `bytes`; `nil` where it is none.
    public static func message(_ bytes: borrowing RawSpan) -> Message? {
        var reading = Reading(message: Message(.vqRTCPXR, copying: bytes))
        var index = 0
        var lines = 0
        while index < bytes.byteCount, lines < lineLimit {
            let stop = bytes.firstIndex(of: 10, from: index) ?? bytes.byteCount
            reading.take(bytes, bytes.trimmed(index..<stop))
            index = stop + 1
            lines += 1
        }
        return reading.finished
    }

    private struct Reading {
        var message: Message
        private var isRemote = false
        private var metrics = 0
        private var kind: String?
        /// Local values that have a field of their own.
        private var known: [(name: String, value: String)] = []

        init(message: Message) {
            self.message = message
        }

        mutating func take(_ bytes: borrowing RawSpan, _ line: Range<Int>) {
            guard !line.isEmpty else { return }
            // "Name:K=V K=V", or without a name; a colon behind "=" belongs to a value.
            let mark = bytes.skip(from: line.lowerBound, to: line.upperBound) {
                $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "=") && $0 != 32
            }
            let name = bytes.text(line.lowerBound..<mark).lowercased()
            // Some phones leave out the colon behind the report's name.
            let isBare = mark == line.upperBound && name.hasPrefix("vq")
            guard isBare || mark < line.upperBound && bytes.octet(mark) == UInt8(ascii: ":") else {
                pairs(bytes, line, group: "")
                return
            }
            let value = bytes.trimmed(min(mark + 1, line.upperBound)..<line.upperBound)
            switch name {
            case "vqsessionreport": begin("session", value)
            case "vqintervalreport": begin("interval", value)
            case "vqalertreport": begin("alert", value)
            case "localmetrics": isRemote = false
            case "remotemetrics": isRemote = true
            case "callid": if !message.has(Field.callId) { message.add(Field.callId, in: value) }
            case "localid", "remoteid", "origid", "localgroup", "remotegroup", "localmac", "remotemac", "dialogid":
                break
            case "localaddr": address(bytes, value, Field.localAddress)
            case "remoteaddr": address(bytes, value, Field.remoteAddress)
            default: pairs(bytes, value, group: bytes.text(line.lowerBound..<mark))
            }
        }

        private mutating func begin(_ report: String, _ value: Range<Int>) {
            guard kind == nil else { return }
            kind = report
            message.add(Field.report, text: report)
            if !value.isEmpty { message.add(Field.event, in: value) }
        }

        private mutating func address(_ bytes: borrowing RawSpan, _ value: Range<Int>, _ field: FieldName) {
            guard !message.has(field), bytes.holds("IP=", at: value.lowerBound) else { return }
            let start = value.lowerBound + 3
            message.add(field, in: start..<bytes.skip(from: start, to: value.upperBound) { $0 > 32 })
        }

        private mutating func pairs(_ bytes: borrowing RawSpan, _ line: Range<Int>, group: String) {
            let side = isRemote ? "remote" : "local"
            var index = line.lowerBound
            while index < line.upperBound, metrics < metricLimit {
                index = bytes.skip(from: index, to: line.upperBound, while: \.isTextBlank)
                let stop = bytes.skip(from: index, to: line.upperBound) { !$0.isTextBlank }
                let equals = bytes.firstIndex(of: UInt8(ascii: "="), from: index, to: stop)
                if let equals, (1...32).contains(equals - index) {
                    let key = bytes.text(index..<equals)
                    var value = equals + 1..<stop
                    if bytes.octet(value.lowerBound) == UInt8(ascii: "\""), value.count >= 2 {
                        value = value.lowerBound + 1..<value.upperBound - 1
                    }
                    metrics += 1
                    let path = group.isEmpty ? key : "\(group.prefix(32)).\(key)"
                    message.add(FieldName("\(side).\(path)"), in: value)
                    if !isRemote { known.append((key.uppercased(), bytes.text(value))) }
                }
                index = stop
            }
        }

        private func number(_ key: String, _ allowed: ClosedRange<Double>) -> String? {
            guard let text = known.first(where: { $0.name == key })?.value, let value = Double(text),
                allowed.contains(value), value != 127 || key == "RTD" || key == "IAJ"
            else { return nil }
            return text
        }

        private func text(_ key: String) -> String? { known.first { $0.name == key }?.value }

        var finished: Message? {
            guard kind != nil else { return nil }
            var out = message
            let found: [(FieldName, String?)] = [
                (Field.start, text("START")), (Field.stop, text("STOP")), (Field.codec, text("PD")),
                (Field.jitter, number("IAJ", 0...65_535)), (Field.loss, number("NLR", 0...100)),
                (Field.discarded, number("JDR", 0...100)), (Field.roundTrip, number("RTD", 0...65_535)),
                (Field.mos, number("MOSCQ", 1...5)), (Field.mosListening, number("MOSLQ", 1...5)),
            ]
            for (name, value) in found {
                if let value { out.add(name, text: value) }
            }
            return out
        }
    }

    // MARK: Writing

    /// A report at the end of a call, of what was measured.
    public static func encode(
        callId: String, start: String, stop: String, jitter: String, loss: String, roundTrip: String, mos: String
    ) -> [UInt8] {
        let lines = [
            "VQSessionReport: CallTerm", "CallID: \(callId)", "LocalMetrics:", "Timestamps:START=\(start) STOP=\(stop)",
            "PacketLoss:NLR=\(loss) JDR=0.0", "Delay:RTD=\(roundTrip) ESD=0 SOWD=0 IAJ=\(jitter)",
            "QualityEst:MOSLQ=\(mos) MOSCQ=\(mos)",
        ]
        return Array(lines.map { $0 + "\r\n" }.joined().utf8)
    }
}
