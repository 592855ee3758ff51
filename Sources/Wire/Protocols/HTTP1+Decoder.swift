/// One direction of an HTTP/1 connection, requests or responses: the start line says which.
///
/// A response's framing depends on the request it answers (`HEAD`, `CONNECT`), which the other direction decodes:
/// `heard` keeps the methods of requests that wait for their answer. Bodies up to `HTTP1.bodyLimit` are kept; longer
/// and endless ones give their message at once, without a body, and are stepped over; endless ones in parts give each
/// part as it comes. After an upgrade to WebSocket its text messages follow.
public struct HTTPDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .http }
    public static var fields: [FieldName] { HTTP1.fields }

    private enum Phase: Sendable {
        case head
        /// Bytes of a body that are still to be stepped over.
        case skipping(Int)
        /// A chunked body that is stepped over: at a size line, inside a chunk, after the last chunk.
        case chunkSize
        case chunk(Int)
        case trailer
        /// A body in parts that is read as it comes, and a connection that became a WebSocket.
        case parts, webSocket
        /// Everything that follows is no HTTP: a tunnel, or a body that ends with the connection.
        case opaque
        /// The body of a message whose end nobody can tell: what looks like a message in it is none, until the other
        /// side goes on.
        case unframed
        /// Behind such a body of a response: the next status line at a line's start is believed to be one.
        case seeking(isLineStart: Bool)
    }

    private var phase = Phase.head
    private var searched = 0
    /// The head at the front of the buffer, once it is whole: a body that comes in a thousand pieces must not have its
    /// head read a thousand times.
    private var head: HTTP1.Head?
    private var chunks = HTTP1.ChunkScan()
    private var parts: HTTP1.Parts?
    private var webSocket: WebSocket.Reader?
    private var pending: [HTTP1.Pending] = []
    /// Requests were waiting behind one whose response has no end: which response is whose can't be told any more.
    private var isOrderLost = false
    /// Refusals that came before the request they answer was whole.
    private var early = 0
    /// The request at the front asked for leave to send its body and was refused.
    private var refused = false
    /// Requests of this direction without a final answer; -1 where the answer came before the request was whole.
    private var outstanding = 0
    private var isClosed = false

    static let pendingLimit = 64
    static let rememberedTargetLimit = 256

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        switch phase {
        case .head: return try message(bytes)
        case .opaque, .unframed: return .skip(bytes.byteCount)
        case .skipping(let count):
            let step = min(count, bytes.byteCount)
            phase = step == count ? .head : .skipping(count - step)
            return .skip(step)
        case .chunk(let count):
            let step = min(count, bytes.byteCount)
            phase = step == count ? .chunkSize : .chunk(count - step)
            return .skip(step)
        case .chunkSize, .trailer: return try skipLine(bytes)
        case .seeking(let isLineStart): return try seek(bytes, isLineStart)
        case .parts: return try part(bytes)
        case .webSocket: return try webSocket?.decode(bytes) ?? .skip(bytes.byteCount)
        }
    }

    private mutating func part(_ bytes: borrowing RawSpan) throws(ParseError) -> DecodeStep {
        let own: Int
        switch try parts?.step(bytes) {
        case .message(let message, let consumed): return .message(message, consumed: consumed)
        case .skip(let count): return .skip(max(1, count))
        case .needMore: return .needMore(atLeast: bytes.byteCount + 1)
        case .over(let consumed): own = consumed
        case nil: own = 0
        }
        parts = nil
        phase = .head
        return own > 0 ? .skip(own) : try message(bytes)
    }

    private mutating func message(_ bytes: borrowing RawSpan) throws(ParseError) -> DecodeStep {
        // Empty lines before a request are allowed (RFC 9112 section 2.2).
        let blanks = bytes.skip(from: 0, to: bytes.byteCount) { $0 == 13 || $0 == 10 }
        if blanks > 0 { return .skip(blanks) }
        guard let head = try wholeHead(bytes) else { return .needMore(atLeast: bytes.byteCount + 1) }
        let end = head.end
        switch head.framing(answering: asked?.method) {
        case .none: return deliver(bytes, head, body: end..<end)
        case .unknown:
            loseFraming(head)
            return .message(malformed(bytes, head), consumed: end)
        case .tunnel:
            guard head.isWebSocket else {
                phase = .opaque
                return deliver(bytes, head, body: end..<end)
            }
            let target = asked?.target ?? ""
            let step = deliver(bytes, head, body: end..<end)
            becomeWebSocket(target)
            return step
        case .length(let length): return lengthy(bytes, head, length)
        case .chunked:
            if head.isEndless || head.isMixed { return cut(bytes, head, parts: .chunked) }
            if chunks.start != end { chunks = HTTP1.ChunkScan(from: end) }
            switch try scanChunks(bytes) {
            case .needMore(let count): return .needMore(atLeast: count)
            case .tooLong: return cut(bytes, head, consumed: chunks.next, then: .chunkSize)
            case .whole:
                var message = start(bytes.extracting(0..<end), head)
                let body = chunks.body(bytes)
                message.add(HTTP1.Field.bodyLength, integer: body.count)
                message.setBody(copying: body)
                if head.isForm { HTTP1.URLParameters.add("form", body.span.bytes, 0..<body.count, to: &message) }
                let consumed = chunks.next
                reset()
                return .message(message, consumed: consumed)
            }
        case .untilClose:
            if head.isEndless || head.isMixed { return cut(bytes, head, parts: .untilClose) }
            if bytes.byteCount - end > HTTP1.bodyLimit {
                return cut(bytes, head, consumed: end, then: .opaque)
            }
            return .needMore(atLeast: bytes.byteCount + 1)
        }
    }

    /// Chunks that are none have no end either.
    private mutating func scanChunks(_ bytes: borrowing RawSpan) throws(ParseError) -> HTTP1.ChunkScan.Progress {
        do throws(ParseError) { return try chunks.scan(bytes, limit: HTTP1.bodyLimit) } catch {
            if pending.count > 1 { isOrderLost = true }
            throw error
        }
    }

    private mutating func wholeHead(_ bytes: borrowing RawSpan) throws(ParseError) -> HTTP1.Head? {
        if let head { return head }
        try HTTP1.Head.checkStart(bytes)
        guard let end = try TextHead.end(bytes, searched: &searched, limit: HTTP1.headLimit) else { return nil }
        head = try HTTP1.Head(bytes, to: end)
        return head
    }

    private mutating func lengthy(_ bytes: borrowing RawSpan, _ head: HTTP1.Head, _ length: Int) -> DecodeStep {
        let end = head.end
        // A response that announces a body and goes on with another response answered a HEAD that was not heard;
        // a request that was refused its body goes on with another request. Only bytes that the length promises are
        // looked at, so that it does not matter how the stream is cut.
        if !head.isRequest, asked == nil, length >= 7, bytes.holds("HTTP/1.", at: end) {
            return deliver(bytes, head, body: end..<end)
        }
        if refused, head.asksLeave, HTTP1.Head.isRequest(bytes, at: end, within: length) {
            return deliver(bytes, head, body: end..<end)
        }
        if head.isEndless { return cut(bytes, head, length: length, parts: .length(length)) }
        if length > HTTP1.bodyLimit {
            return cut(bytes, head, length: length, consumed: end, then: .skipping(length))
        }
        guard bytes.byteCount >= end + length else { return .needMore(atLeast: end + length) }
        return deliver(bytes, head, body: end..<end + length)
    }

    private mutating func skipLine(_ bytes: borrowing RawSpan) throws(ParseError) -> DecodeStep {
        guard let line = bytes.firstIndex(of: 10, from: 0, to: HTTP1.ChunkScan.lineLimit) else {
            guard bytes.byteCount < HTTP1.ChunkScan.lineLimit else {
                throw ParseError(.application, .malformed, available: bytes.byteCount)
            }
            return .needMore(atLeast: bytes.byteCount + 1)
        }
        let text = bytes.trimmed(0..<line)
        if case .trailer = phase {
            if text.isEmpty { phase = .head }
            return .skip(line + 1)
        }
        if text.isEmpty { return .skip(line + 1) }  // The line end after a chunk.
        guard let size = HTTP1.ChunkScan.size(bytes, text) else { throw ParseError(.application, .malformed) }
        phase = size == 0 ? .trailer : .chunk(size)
        return .skip(line + 1)
    }

    public mutating func closed() { isClosed = true }

    /// A response body that ends with the connection, or the last part of one that never ended. Where the connection
    /// ended before as much came as was announced, the head is a message; where only the capture did, more is to come.
    public mutating func finish(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> Message? {
        if case .parts = phase { return parts?.finish(bytes) }
        guard case .head = phase, bytes.byteCount > 0 else { return nil }
        var searched = 0
        guard let end = try TextHead.end(bytes, searched: &searched, limit: HTTP1.headLimit) else { return nil }
        let head = try HTTP1.Head(bytes, to: end)
        switch head.framing(answering: asked?.method) {
        case .untilClose:
            guard case .message(let message, _) = deliver(bytes, head, body: end..<bytes.byteCount) else { return nil }
            return message
        case .length(let length):
            return isClosed ? malformed(bytes, head, HTTP1.wholeParts(bytes, head, .length(length))) : nil
        case .chunked: return isClosed ? malformed(bytes, head, HTTP1.wholeParts(bytes, head, .chunked)) : nil
        case .none, .tunnel, .unknown: return nil
        }
    }

    /// The next start line. What was pending may have been lost in the gap, so nothing is any more.
    public mutating func resynchronise(_ bytes: borrowing RawSpan) -> Int? {
        switch phase {
        case .opaque: return nil
        case .webSocket:
            // Frames have no start that could be told from their content.
            phase = .opaque
            return nil
        case .parts:
            // An endless response goes on behind the gap, at its next delimiter; or another response has begun.
            let next = HTTP1.Head.next(bytes)
            if let found = parts?.resume(bytes), found < next ?? .max { return found }
            guard next != nil else { return nil }
            parts = nil
        case .head, .skipping, .chunkSize, .chunk, .trailer, .unframed, .seeking: break
        }
        phase = .head
        pending = []
        early = 0
        outstanding = 0
        reset()
        return HTTP1.Head.next(bytes)
    }
}

// MARK: Messages

extension HTTPDecoder {
    /// Fields of the start line and the headers, and for a response those of the request it answers.
    private mutating func start(_ bytes: borrowing RawSpan, _ head: HTTP1.Head) -> Message {
        var message = Message(.http, copying: bytes)
        head.addFields(bytes, to: &message)
        if head.isCompressed { message.add(HTTP1.Field.compressed, boolean: true) }
        if head.isRequest { outstanding &+= 1 }
        // An interim response answers nothing yet; 101 is the last of its request.
        guard !head.isRequest, head.status >= 200 || head.status == 101 else { return message }
        if pending.isEmpty {
            if head.status >= 400 { early = min(early + 1, Self.pendingLimit) }
        } else {
            let request = pending.removeFirst()
            guard request.isNext else { return message }
            message.add(HTTP1.Field.requestMethod, text: request.method)
            message.add(HTTP1.Field.requestTarget, text: request.target)
        }
        return message
    }

    private mutating func deliver(_ bytes: borrowing RawSpan, _ head: HTTP1.Head, body: Range<Int>) -> DecodeStep {
        var message = start(bytes.extracting(0..<body.upperBound), head)
        message.add(HTTP1.Field.bodyLength, integer: body.count)
        message.setBody(in: body)
        if head.isForm { HTTP1.URLParameters.add("form", bytes, body, to: &message) }
        reset()
        return .message(message, consumed: body.upperBound)
    }

    /// The head alone, with the parts that are whole.
    private mutating func malformed(
        _ bytes: borrowing RawSpan, _ head: HTTP1.Head, _ parts: [UInt8] = []
    ) -> Message {
        var message = start(bytes.extracting(0..<head.end), head)
        message.add(HTTP1.Field.malformed, boolean: true)
        if !parts.isEmpty { message.setBody(copying: parts) }
        reset()
        return message
    }

    /// A body that is read part by part from here on.
    private mutating func cut(
        _ bytes: borrowing RawSpan, _ head: HTTP1.Head, length: Int? = nil, parts framing: HTTP1.BodyRuns.Framing
    ) -> DecodeStep {
        let boundary = HTTP1.Parameters.value(of: "boundary", in: bytes.extracting(head.type)) ?? ""
        let step = cut(bytes, head, length: length, consumed: head.end, then: .parts)
        guard case .message(let message, _) = step else { return step }
        let names =
            head.isRequest
            ? (HTTP1.Field.method, HTTP1.Field.target) : (HTTP1.Field.requestMethod, HTTP1.Field.requestTarget)
        parts = HTTP1.Parts(
            HTTP1.Parts.Owner(
                method: message.text(names.0) ?? "", target: message.text(names.1) ?? "",
                boundary: Array(boundary.utf8.prefix(HTTP1.Parts.boundaryLimit / 2)), isEvents: head.isEvents,
                isEndless: head.isEndless), framing)
        return step
    }

    private mutating func becomeWebSocket(_ target: String) {
        phase = .webSocket
        webSocket = WebSocket.Reader(target: target)
    }

    private mutating func cut(
        _ bytes: borrowing RawSpan, _ head: HTTP1.Head, length: Int? = nil, consumed: Int, then phase: Phase
    ) -> DecodeStep {
        var message = start(bytes.extracting(0..<head.end), head)
        if let length { message.add(HTTP1.Field.bodyLength, integer: length) }
        message.add(HTTP1.Field.cut, boolean: true)
        reset()
        self.phase = phase
        return .message(message, consumed: consumed)
    }

    private mutating func reset() {
        searched = 0
        head = nil
        chunks = HTTP1.ChunkScan()
        refused = false
    }

    /// The request that the next response answers, as far as that is known.
    private var asked: HTTP1.Pending? { pending.first.flatMap { $0.isNext ? $0 : nil } }

    /// A response without an end can't be recovered from (RFC 9112 section 6.3): a client that goes on took some place
    /// before its next request for the end. Where others wait already, or none are heard, no such place is known.
    private mutating func loseFraming(_ head: HTTP1.Head) {
        phase = .unframed
        guard !head.isRequest, pending.count != 1 else { return }
        if pending.count > 1 { isOrderLost = true }
        for index in pending.indices.dropFirst() { pending[index].isNext = false }
        phase = .seeking(isLineStart: true)
    }

    /// Steps over the lines before the next status line.
    private mutating func seek(_ bytes: borrowing RawSpan, _ isLineStart: Bool) throws(ParseError) -> DecodeStep {
        if isLineStart {
            let blanks = bytes.skip(from: 0, to: bytes.byteCount) { $0 == 13 || $0 == 10 }
            if blanks > 0 { return .skip(blanks) }
            switch HTTP1.Head.startsWithStatus(bytes) {
            case true?:
                phase = .head
                return try message(bytes)
            case nil: return .needMore(atLeast: bytes.byteCount + 1)
            case false?: break
            }
        }
        // A rest of the body: the status line behind it may be the body's too, so it is nobody's answer.
        for index in pending.indices { pending[index].isNext = false }
        let line = bytes.firstIndex(of: 10, from: 0)
        phase = .seeking(isLineStart: line != nil)
        return .skip(line.map { $0 + 1 } ?? bytes.byteCount)
    }

    /// The next request after a response whose end was not known; or the final answer to a request whose end was not,
    /// after which the server reads on where it alone knows. One that refuses it or closes is followed by nothing.
    private mutating func goOn(after message: borrowing Message) {
        guard let status = message.integer(HTTP1.Field.status) else {
            if message.has(HTTP1.Field.method) { phase = .seeking(isLineStart: true) }
            return
        }
        guard status >= 200, outstanding <= 0 else { return }
        let closes =
            message.textBytes("header.connection").map {
                $0.span.bytes.containsAny(of: ["close"], in: 0..<$0.count)
            } ?? false
        phase = closes || [400, 411, 413, 501].contains(status) ? .opaque : .head
    }

    public mutating func heard(_ message: borrowing Message) {
        guard message.protocolName == .http else { return }
        if let status = message.integer(HTTP1.Field.status), status >= 200 || status == 101 {
            if outstanding > 0 || head != nil { outstanding = max(outstanding - 1, -1) }
        }
        switch phase {
        case .unframed: goOn(after: message)
        // A body without a line end: what comes behind a request begins like behind a line.
        case .seeking where message.has(HTTP1.Field.method): phase = .seeking(isLineStart: true)
        default: break
        }
        if let method = message.text(HTTP1.Field.method) {
            if early > 0 {
                early -= 1
            } else if pending.count >= Self.pendingLimit {
                // Nobody pipelines that deep: the responses are not being heard.
                pending = []
            } else {
                let target = message.text(HTTP1.Field.target) ?? ""
                let kept = target.utf8.count <= Self.rememberedTargetLimit ? target : ""
                pending.append(HTTP1.Pending(method: method, target: kept, isNext: !isOrderLost))
            }
        } else if let status = message.integer(HTTP1.Field.status) {
            if status >= 300 { refused = true }
            let connected = (200..<300).contains(status) && message.equals(HTTP1.Field.requestMethod, "CONNECT")
            if status == 101, message.text("header.upgrade")?.lowercased() == "websocket" {
                becomeWebSocket(message.text(HTTP1.Field.requestTarget) ?? "")
            } else if status == 101 || connected {
                phase = .opaque
            }
        }
    }
}
