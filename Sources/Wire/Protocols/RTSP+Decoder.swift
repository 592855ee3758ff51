/// One direction of an RTSP connection.
public struct RTSPDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .rtsp }
    public static var fields: [FieldName] { RTSP.fields }

    private enum Phase: Sendable {
        case message
        /// Bytes of an interleaved frame, or of a body, that are stepped over.
        case passing(Int)
        /// Bytes of a frame that are RTCP packets.
        case reports(Int)
    }

    private struct Pending: Sendable {
        var cseq: Int
        var method: String
        var target: String
    }

    private var phase = Phase.message
    private var searched = 0
    /// How far the fragments of a metadata document were walked.
    private var walked = 0
    private var pending: [Pending] = []

    static let pendingLimit = 64
    static let targetLimit = 256

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        switch phase {
        case .passing(let left):
            let step = min(left, bytes.byteCount)
            phase = step < left ? .passing(left - step) : .message
            return .skip(step)
        case .reports(let left): return report(bytes, left, at: time)
        case .message: break
        }
        if bytes.octet(0) == UInt8(ascii: "$") { return frame(bytes) }
        let blanks = bytes.skip(from: 0, to: bytes.byteCount) { $0 == 13 || $0 == 10 }
        if blanks > 0 { return .skip(blanks) }
        if let line = bytes.firstIndex(of: 10, from: 0, to: RTSP.headLimit) {
            guard RTSP.StartLine(bytes, bytes.trimmed(0..<line)) != nil else {
                throw ParseError(.application, .malformed)
            }
        } else {
            // Bytes that begin no start line are refused before a line end comes.
            let word = bytes.skip(from: 0, to: 40) { $0.isTokenByte || $0 == 47 }
            guard word < 40, word == bytes.byteCount || bytes.octet(word) == 32 else {
                throw ParseError(.application, .malformed, offset: word)
            }
        }
        guard let end = try TextHead.end(bytes, searched: &searched, limit: RTSP.headLimit) else {
            return .needMore(atLeast: bytes.byteCount + 1)
        }
        return try whole(bytes, end)
    }

    private mutating func whole(_ bytes: borrowing RawSpan, _ end: Int) throws(ParseError) -> DecodeStep {
        let length = try Self.contentLength(bytes, end)
        let isKept = length <= RTSP.bodyLimit
        if isKept, bytes.byteCount < end + length {
            searched = max(0, end - 4)
            return .needMore(atLeast: end + length)
        }
        searched = 0
        let stop = isKept ? end + length : end
        var message = Message(.rtsp, copying: bytes.extracting(0..<stop))
        try addFields(bytes, end, &message)
        if length > 0 {
            message.add(RTSP.Field.bodyLength, integer: length)
            if isKept { message.setBody(in: end..<stop) } else { phase = .passing(length) }
        }
        return .message(message, consumed: stop)
    }

    private static func contentLength(_ bytes: borrowing RawSpan, _ end: Int) throws(ParseError) -> Int {
        var index = (bytes.firstIndex(of: 10, from: 0, to: end) ?? end) + 1
        while index < end {
            let (stop, next) = TextHead.field(bytes, from: index, to: end)
            if let colon = bytes.firstIndex(of: UInt8(ascii: ":"), from: index, to: stop) {
                let name = bytes.trimmed(index..<colon)
                if bytes.matches("content-length", in: name) {
                    guard let length = bytes.decimal(bytes.trimmed(colon + 1..<stop)) else {
                        throw ParseError(.application, .malformed, offset: index)
                    }
                    return length
                }
            }
            index = next
        }
        return 0
    }

    private mutating func addFields(
        _ bytes: borrowing RawSpan, _ end: Int, _ message: inout Message
    ) throws(ParseError) {
        let lineEnd = bytes.firstIndex(of: 10, from: 0, to: end) ?? end
        guard let start = RTSP.StartLine(bytes, bytes.trimmed(0..<lineEnd)) else {
            throw ParseError(.application, .malformed)
        }
        switch start {
        case .request(let method, let target):
            message.add(RTSP.Field.method, in: method)
            Self.add(target: target, bytes, &message)
        case .response(let status, let reason):
            message.add(RTSP.Field.status, integer: status)
            message.add(RTSP.Field.reason, in: reason)
        }
        var index = lineEnd + 1
        while index < end {
            let (stop, next) = TextHead.field(bytes, from: index, to: end)
            if let colon = bytes.firstIndex(of: UInt8(ascii: ":"), from: index, to: stop) {
                add(bytes, bytes.trimmed(index..<colon), bytes.trimmed(colon + 1..<stop), &message)
            }
            index = next
        }
        guard case .response = start, let cseq = message.integer(RTSP.Field.cseq),
            let place = pending.firstIndex(where: { $0.cseq == cseq })
        else { return }
        let request = pending.remove(at: place)
        message.add(RTSP.Field.requestMethod, text: request.method)
        if !request.target.isEmpty { message.add(RTSP.Field.requestTarget, text: request.target) }
    }

    private func add(_ bytes: borrowing RawSpan, _ name: Range<Int>, _ value: Range<Int>, _ message: inout Message) {
        switch name.count {
        case 4 where bytes.matches("cseq", in: name):
            if let number = bytes.decimal(value), !message.has(RTSP.Field.cseq) {
                message.add(RTSP.Field.cseq, integer: number)
            }
        case 6 where bytes.matches("public", in: name): TextHead.add(RTSP.Field.methods, bytes, value, to: &message)
        case 6 where bytes.matches("server", in: name): TextHead.add(RTSP.Field.userAgent, bytes, value, to: &message)
        case 7 where bytes.matches("session", in: name):
            let end = bytes.firstIndex(of: UInt8(ascii: ";"), from: value.lowerBound, to: value.upperBound)
            message.add(RTSP.Field.session, in: bytes.trimmed(value.lowerBound..<(end ?? value.upperBound)))
        case 9 where bytes.matches("transport", in: name):
            TextHead.add(RTSP.Field.transport, bytes, value, to: &message)
        case 10 where bytes.matches("user-agent", in: name):
            TextHead.add(RTSP.Field.userAgent, bytes, value, to: &message)
        case 12 where bytes.matches("content-type", in: name):
            let end = bytes.firstIndex(of: UInt8(ascii: ";"), from: value.lowerBound, to: value.upperBound)
            let type = bytes.trimmed(value.lowerBound..<(end ?? value.upperBound))
            message.add(RTSP.Field.contentType, text: bytes.text(type).lowercased())
        default: break
        }
    }

    /// `rtsp://user:password@host/path` without what stands before the `@`.
    private static func add(target: Range<Int>, _ bytes: borrowing RawSpan, _ message: inout Message) {
        let scheme = bytes.skip(from: target.lowerBound, to: target.upperBound) { $0.isLetter }
        guard bytes.holds("://", at: scheme) else {
            message.add(RTSP.Field.target, in: target)
            return
        }
        let path = bytes.skip(from: scheme + 3, to: target.upperBound) { $0 != 47 && $0 != 63 }
        var host = scheme + 3
        while let at = bytes.firstIndex(of: UInt8(ascii: "@"), from: host, to: path) { host = at + 1 }
        if host == scheme + 3 {
            message.add(RTSP.Field.target, in: target)
        } else {
            message.add(
                RTSP.Field.target,
                text: bytes.text(target.lowerBound..<scheme + 3) + bytes.text(host..<target.upperBound))
        }
    }

    // MARK: Interleaved frames

    private mutating func frame(_ bytes: borrowing RawSpan) -> DecodeStep {
        guard bytes.byteCount >= 6 || bytes.byteCount >= 4 && length(bytes, 0) < 2 else {
            return .needMore(atLeast: bytes.byteCount < 4 ? 4 : 6)
        }
        let length = length(bytes, 0)
        if length == 0 { return .skip(4) }
        // Odd channels are RTCP by custom; its packet types are 200 to 207 (RFC 3550 section 12.1, RFC 3611).
        if bytes.octet(1) & 1 == 1, length >= 8, bytes.octet(4) >> 6 == 2, (200...207).contains(bytes.octet(5)) {
            guard bytes.byteCount >= 4 + length else { return .needMore(atLeast: 4 + length) }
            phase = .reports(length)
            return .skip(4)
        }
        if let step = metadata(bytes, length) { return step }
        let taken = min(4 + length, bytes.byteCount)
        if taken < 4 + length { phase = .passing(4 + length - taken) }
        return .skip(taken)
    }

    private func length(_ bytes: borrowing RawSpan, _ start: Int) -> Int {
        Int(bytes.octet(start + 2)) << 8 | Int(bytes.octet(start + 3))
    }

    private mutating func report(_ bytes: borrowing RawSpan, _ left: Int, at time: Timestamp) -> DecodeStep {
        let count = min(left, bytes.byteCount)
        var decoder = RTCPDecoder()
        if let step = try? decoder.decode(bytes.extracting(0..<count), at: time) {
            switch step {
            case .message(let message, let consumed):
                let taken = min(max(1, consumed), count)
                phase = taken < left ? .reports(left - taken) : .message
                return .message(message, consumed: taken)
            case .skip(let skipped):
                let taken = min(max(1, skipped), count)
                phase = taken < left ? .reports(left - taken) : .message
                return .skip(taken)
            case .needMore: break
            }
        }
        phase = count < left ? .passing(left - count) : .message
        return .skip(count)
    }

    // MARK: ONVIF metadata

    /// An ONVIF metadata document, in one RTP packet or in several up to the one with the marker (ONVIF Streaming
    /// Specification, "RTP for metadata stream"). `nil` where the frame holds none. Frames of other channels that come
    /// between are stepped over with it.
    private mutating func metadata(_ bytes: borrowing RawSpan, _ length: Int) -> DecodeStep? {
        guard bytes.octet(1) & 1 == 0, length > 16, bytes.octet(4) >> 6 == 2, bytes.octet(5) & 0x7F >= 96 else {
            return nil
        }
        // Video is not waited for: metadata begins with "<" right behind the RTP header.
        guard bytes.byteCount > 16 else { return .needMore(atLeast: 17) }
        guard bytes.octet(16) == UInt8(ascii: "<") else { return nil }
        let enough = min(4 + length, 36)
        guard bytes.byteCount >= enough else { return .needMore(atLeast: enough) }
        guard isMetadata(bytes, 0) else { return nil }
        while walked < RTSP.bodyLimit {
            guard bytes.byteCount >= walked + 4 else { return .needMore(atLeast: walked + 4) }
            guard bytes.octet(walked) == UInt8(ascii: "$") else { break }
            let own = self.length(bytes, walked)
            let end = walked + 4 + own
            guard bytes.byteCount >= end else { return .needMore(atLeast: end) }
            // The marker stands in the frame's second byte; a shorter frame has none, whatever comes behind it.
            let isLast = own >= 2 && bytes.octet(walked + 1) == bytes.octet(1) && bytes.octet(walked + 5) & 0x80 != 0
            walked = end
            if isLast { return document(bytes, to: end) }
        }
        walked = 0
        return nil
    }

    private mutating func document(_ bytes: borrowing RawSpan, to end: Int) -> DecodeStep {
        var text: [UInt8] = []
        var index = 0
        while index < end {
            let next = index + 4 + length(bytes, index)
            let start = index + 16 + 4 * Int(bytes.octet(index + 4) & 15)
            if bytes.octet(index + 1) == bytes.octet(1), start < next, next <= bytes.byteCount {
                bytes.withUnsafeBytes { text.append(contentsOf: $0[start..<next]) }
            }
            index = next
        }
        walked = 0
        var message = Message(.rtsp)
        message.add(RTSP.Field.contentType, text: RTSP.metadataType)
        message.add(RTSP.Field.bodyLength, integer: text.count)
        message.setBody(copying: text)
        return .message(message, consumed: end)
    }

    private func isMetadata(_ bytes: borrowing RawSpan, _ start: Int) -> Bool {
        bytes.holds("<?xml", at: start + 16) || bytes.holds("<tt:MetadataStream", at: start + 16)
            || bytes.holds("<MetadataStream", at: start + 16)
    }

    // MARK: The other direction, and gaps

    public mutating func heard(_ message: borrowing Message) {
        guard message.protocolName == .rtsp, let method = message.text(RTSP.Field.method),
            let cseq = message.integer(RTSP.Field.cseq)
        else { return }
        // Nobody pipelines that deep: the responses are not being heard.
        if pending.count >= Self.pendingLimit { pending = [] }
        let target = message.text(RTSP.Field.target) ?? ""
        pending.append(
            Pending(
                cseq: Int(clamping: cseq), method: method, target: target.utf8.count <= Self.targetLimit ? target : ""))
    }

    /// The next start line, or the next interleaved frame that another one follows.
    public mutating func resynchronise(_ bytes: borrowing RawSpan) -> Int? {
        phase = .message
        searched = 0
        walked = 0
        let line = TextHead.next(bytes) { bytes, line in RTSP.StartLine(bytes, line) != nil }
        var from = 0
        while let dollar = bytes.firstIndex(of: UInt8(ascii: "$"), from: from, to: line ?? .max) {
            from = dollar + 1
            let next = dollar + 4 + length(bytes, dollar)
            guard dollar > 0, bytes.octet(dollar + 1) < 16, bytes.octet(dollar + 4) >> 6 == 2, next < bytes.byteCount,
                bytes.octet(next) == UInt8(ascii: "$") || bytes.holds("RTSP/", at: next)
            else { continue }
            return dollar
        }
        return line
    }
}
