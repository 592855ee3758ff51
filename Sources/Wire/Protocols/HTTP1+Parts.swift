extension HTTP1 {
    /// Reads a body of many parts while it arrives: `multipart/mixed`, `x-mixed-replace`, `form-data` and the like
    /// (RFC 2046 section 5.1), and `text/event-stream` (WHATWG HTML section 9.2). Each part is a message of its own.
    ///
    /// A part's end is the first of: the end of its own content (XML, JSON, an event line), its `Content-Length` where
    /// that is believable, the next boundary. Media is stepped over: such a part has its head, and no body.
    struct Parts: Sendable {
        private enum Phase: Sendable {
            case between
            case head
            case body
            /// A body that is not kept: bytes that are left of its length, or -1 for up to the next boundary.
            case passing(Int)
        }

        static let headLimit = 16 * 1_024
        static let boundaryLimit = 256

        var runs: BodyRuns
        let owner: Owner
        private var phase = Phase.between
        var count = 0
        /// The last delimiter was seen: what follows is an epilogue, until there is another one.
        private var isClosed = false
        /// Offsets in the body, from the front of the buffer.
        var scanned = 0
        var lineStart = 0
        private var bodyStart = 0
        private var length: Int?
        private var content = PartContent(isLines: false)
        /// Each line of a text without a length in an endless body is a part of its own: the next boundary comes with the
        /// next event.
        private var isLines = false

        private let isChunked: Bool
        /// What a delimiter begins with.
        private let mark: [UInt8]

        init(_ owner: Owner, _ framing: BodyRuns.Framing) {
            self.owner = owner
            let hasDashes = owner.boundary.starts(with: [45, 45])
            mark = hasDashes ? owner.boundary : [45, 45] + owner.boundary
            if case .chunked = framing { isChunked = true } else { isChunked = false }
            runs = BodyRuns(framing)
        }

        mutating func step(_ bytes: borrowing RawSpan) throws(ParseError) -> Step {
            runs.extend(bytes)
            if owner.isEvents {
                let step = event(bytes)
                if case .needMore = step { try runs.check() }
                return step
            }
            while true {
                let step: Step?
                switch phase {
                case .between: step = between(bytes)
                case .head: step = head(bytes)
                case .body: step = body(bytes)
                case .passing(let left): step = passing(bytes, left)
                }
                guard let step else { continue }
                if case .needMore = step { return try end(bytes) }
                return step
            }
        }

        /// After a gap: the next line that is a delimiter, from which reading goes on. In a chunked body the size before
        /// it is where the chunks go on; without one the rest is read as if it were not chunked.
        mutating func resume(_ bytes: borrowing RawSpan) -> Int? {
            if owner.isEvents { return nil }
            var line = bytes.firstIndex(of: 10, from: 0).map { $0 + 1 }
            var before = 0
            while let start = line, start < bytes.byteCount {
                var probe = BodyRuns(.untilClose)
                let rest = bytes.extracting(start..<bytes.byteCount)
                if rest.octet(0) == 45 {
                    probe.extend(rest)
                    swap(&probe, &runs)
                    if case .yes = delimiter(rest, at: 0) {
                        phase = .between
                        scanned = 0
                        lineStart = 0
                        let size = bytes.trimmed(before..<start)
                        guard isChunked, ChunkScan.size(bytes, size) != nil else {
                            runs = BodyRuns(.untilClose)
                            return start
                        }
                        runs = BodyRuns(.chunked)
                        return before
                    }
                    swap(&probe, &runs)
                }
                before = start
                line = bytes.firstIndex(of: 10, from: start).map { $0 + 1 }
            }
            return nil
        }

        /// The connection closed: what is held of a part, marked as torn.
        mutating func finish(_ bytes: borrowing RawSpan) -> Message? {
            guard case .body = phase, !owner.isEvents else { return nil }
            return part(bytes, to: runs.count, isTorn: isTornAtEnd)
        }

        /// Whether the content at hand would go on if the stream did not end.
        private var isTornAtEnd: Bool {
            !content.mayEnd || content.isOpaque && length.map { $0 > runs.count - bodyStart } == true
        }

        /// Nothing more can be done with what is at hand.
        private mutating func end(_ bytes: borrowing RawSpan) throws(ParseError) -> Step {
            // A part in thousands of tiny chunks, or one whose chunk sizes take more room than it, is given up.
            if runs.isFull || bytes.byteCount > HTTP1.bodyLimit + 2 * Self.headLimit, runs.count > 0 {
                return pass(to: runs.count)
            }
            guard runs.isOver else {
                try runs.check()
                return .needMore
            }
            if case .body = phase {
                let message = part(bytes, to: runs.count, isTorn: isTornAtEnd)
                phase = .between
                let consumed = advance(to: runs.count)
                if let message { return .message(message, consumed: max(1, consumed)) }
                return .over(consumed: consumed)
            }
            return .over(consumed: advance(to: runs.count))
        }

        mutating func advance(to index: Int) -> Int {
            let index = min(index, runs.count)
            let consumed = runs.consume(to: index)
            scanned = max(0, scanned - index)
            lineStart = max(0, lineStart - index)
            bodyStart = max(0, bodyStart - index)
            return consumed
        }

        // MARK: Between parts

        /// Passes over blank lines and a preamble to the next delimiter. Behind the first part, a line that is no
        /// delimiter is content all the same: Dahua's heartbeats stand between parts.
        private mutating func between(_ bytes: borrowing RawSpan) -> Step? {
            var index = scanned
            while index < runs.count, runs.octet(bytes, index).isTextBlank { index += 1 }
            if index > 0 {
                scanned = index
                lineStart = index
                return .skip(advance(to: index))
            }
            guard runs.count > 0 else { return .needMore }
            if runs.octet(bytes, 0) == UInt8(ascii: "-") {
                switch delimiter(bytes, at: 0) {
                case .no: break
                case .unclear: return .needMore
                case .yes(let end, let isLast):
                    phase = isLast ? .between : .head
                    isClosed = isLast
                    scanned = 0
                    return .skip(advance(to: end))
                }
            } else if count > 0, !isClosed {
                begin(at: 0, length: nil)
                return nil
            }
            guard let line = runs.lineFeed(bytes, from: 0) else {
                guard runs.count > Self.headLimit else { return .needMore }
                return .skip(advance(to: runs.count))
            }
            return .skip(advance(to: line + 1))
        }

        private mutating func begin(at index: Int, length: Int?) {
            phase = .body
            bodyStart = index
            scanned = index
            lineStart = index
            content = PartContent(isLines: isLines)
            self.length = length
        }

        private enum Verdict { case no, unclear, yes(end: Int, isLast: Bool) }

        /// `--boundary`, perhaps with `--` or blanks behind it, and its line end. Without a declared boundary any short
        /// line that begins with two dashes is one; with one that holds the dashes already, those are enough.
        private mutating func delimiter(_ bytes: borrowing RawSpan, at start: Int) -> Verdict {
            var index = start
            for byte in mark {
                guard index < runs.count else { return runs.isOver ? .no : .unclear }
                guard runs.octet(bytes, index) == byte else { return .no }
                index += 1
            }
            var dashes = 0
            while index - start < Self.boundaryLimit {
                guard index < runs.count else { return runs.isOver ? .yes(end: index, isLast: true) : .unclear }
                let byte = runs.octet(bytes, index)
                index += 1
                if byte == 10 { return .yes(end: index, isLast: dashes >= 2) }
                if !byte.isTextBlank { dashes = byte == 45 ? dashes + 1 : 0 }
                let isLoose = owner.boundary.isEmpty && byte > 32 && byte < 127
                guard byte == 13 || byte == 32 || byte == 9 || byte == 45 || isLoose else { return .no }
            }
            return .no
        }

        // MARK: Head

        private mutating func head(_ bytes: borrowing RawSpan) -> Step? {
            while true {
                // Some devices write no head, or no empty line after it.
                let first = runs.octet(bytes, scanned)
                if scanned < runs.count, first == UInt8(ascii: "<") || first == UInt8(ascii: "{") {
                    begin(at: scanned, length: nil)
                    return nil
                }
                guard let line = runs.lineFeed(bytes, from: scanned) else {
                    return runs.count < Self.headLimit ? .needMore : pass(to: runs.count)
                }
                var isEmpty = true
                var colon = false
                for index in scanned..<line {
                    let byte = runs.octet(bytes, index)
                    if !byte.isTextBlank { isEmpty = false }
                    if byte == UInt8(ascii: ":") { colon = true }
                    if byte == UInt8(ascii: "=") || colon { break }
                }
                if !isEmpty, !colon {
                    begin(at: scanned, length: nil)
                    return nil
                }
                scanned = line + 1
                if isEmpty { return open(bytes, at: line + 1) }
                if scanned >= Self.headLimit { return pass(to: scanned) }
            }
        }

        /// Gives up what is at hand, and goes on at the next delimiter.
        private mutating func pass(to end: Int) -> Step {
            let isLineStart = end < runs.count
            phase = .passing(-1)
            let consumed = advance(to: end)
            scanned = 0
            lineStart = isLineStart ? 0 : -1
            return .skip(consumed)
        }

        private mutating func open(_ bytes: borrowing RawSpan, at index: Int) -> Step? {
            let text = runs.bytes(bytes, 0..<index)
            let facts = PartHead(text.span.bytes)
            isLines = owner.isEndless && facts.isText && facts.length == nil
            begin(at: index, length: facts.length)
            guard facts.isMedia else { return nil }
            var message = start(text.span.bytes, head: text.count)
            if let length = facts.length { message.add(Field.bodyLength, integer: length) }
            message.add(Field.cut, boolean: true)
            phase = .passing(facts.length ?? -1)
            scanned = 0
            lineStart = 0
            return .message(message, consumed: advance(to: index))
        }

        // MARK: Body

        private mutating func body(_ bytes: borrowing RawSpan) -> Step? {
            while true {
                // The length first: whether the delimiter behind it is there yet must not matter.
                if let length, scanned - bodyStart == length, content.mayEnd,
                    content.isOpaque || content.isPlausible(runs.bytes(bytes, bodyStart..<scanned))
                {
                    return close(bytes, contentEnd: scanned, next: scanned, isTorn: false)
                }
                if scanned == lineStart, scanned < runs.count, runs.octet(bytes, scanned) == UInt8(ascii: "-") {
                    switch delimiter(bytes, at: scanned) {
                    case .no: break
                    case .unclear: return .needMore
                    case .yes:
                        return close(
                            bytes, contentEnd: lineEndBefore(scanned, bytes), next: scanned, isTorn: !content.mayEnd)
                    }
                }
                guard scanned < runs.count else { return .needMore }
                let index = scanned
                if content.isOpaque, index > lineStart, let step = bulk(bytes) { return step }
                guard scanned == index else { continue }
                let byte = runs.octet(bytes, index)
                scanned += 1
                if byte == 10 { lineStart = scanned }
                if let end = content.take(byte, at: index, &runs, bytes) {
                    let stop = byte == 10 ? lineEndBefore(scanned, bytes) : end
                    return close(bytes, contentEnd: stop, next: scanned, isTorn: false)
                }
                if index - bodyStart >= HTTP1.bodyLimit || scanned & 1_023 == 0 && tooWide() { return giveUp(bytes) }
            }
        }

        /// Steps over the rest of a line whose content says nothing.
        private mutating func bulk(_ bytes: borrowing RawSpan) -> Step? {
            guard scanned > bodyStart + 64 else { return nil }
            let end = runs.lineFeed(bytes, from: scanned) ?? runs.count
            let stop = length.map { min(end, bodyStart + $0) } ?? end
            let limit = bodyStart + HTTP1.bodyLimit
            scanned = max(scanned, min(stop, limit))
            return scanned >= limit ? giveUp(bytes) : nil
        }

        private mutating func tooWide() -> Bool {
            runs.raw(of: scanned) - runs.raw(of: bodyStart) > HTTP1.bodyLimit
        }

        /// Where the text before `index` ends without its line end.
        private mutating func lineEndBefore(_ index: Int, _ bytes: borrowing RawSpan) -> Int {
            var end = index
            if end > bodyStart, runs.octet(bytes, end - 1) == 10 { end -= 1 }
            if end > bodyStart, runs.octet(bytes, end - 1) == 13 { end -= 1 }
            return end
        }

        private mutating func close(
            _ bytes: borrowing RawSpan, contentEnd: Int, next: Int, isTorn: Bool
        ) -> Step? {
            let message = part(bytes, to: contentEnd, isTorn: isTorn)
            phase = .between
            scanned = next
            lineStart = next
            let consumed = advance(to: next)
            if let message { return .message(message, consumed: max(1, consumed)) }
            return consumed > 0 ? .skip(consumed) : nil
        }

        private mutating func giveUp(_ bytes: borrowing RawSpan) -> Step? {
            let text = runs.bytes(bytes, 0..<bodyStart)
            var message = start(text.span.bytes, head: text.count)
            if let length { message.add(Field.bodyLength, integer: length) }
            message.add(Field.cut, boolean: true)
            phase = .passing(-1)
            let consumed = advance(to: scanned)
            lineStart = -1
            return .message(message, consumed: max(1, consumed))
        }

        /// The part that ends at `end`; `nil` where there is nothing in it.
        private mutating func part(_ bytes: borrowing RawSpan, to end: Int, isTorn: Bool) -> Message? {
            let text = runs.bytes(bytes, 0..<max(bodyStart, end))
            guard text.count > bodyStart || bodyStart > 0 else { return nil }
            var message = start(text.span.bytes, head: bodyStart)
            message.add(Field.bodyLength, integer: text.count - bodyStart)
            if isTorn { message.add(Field.torn, boolean: true) }
            message.setBody(in: bodyStart..<text.count)
            return message
        }

        private mutating func start(_ text: borrowing RawSpan, head: Int) -> Message {
            count += 1
            var message = Message(.http, copying: text)
            message.add(Field.part, integer: count)
            if !owner.method.isEmpty { message.add(Field.requestMethod, text: owner.method) }
            if !owner.target.isEmpty { message.add(Field.requestTarget, text: owner.target) }
            PartHead.addFields(text, to: head, &message)
            return message
        }

        // MARK: What is not kept

        private mutating func passing(_ bytes: borrowing RawSpan, _ left: Int) -> Step? {
            guard runs.count > 0 else { return .needMore }
            if left == 0 {
                phase = .between
                scanned = 0
                lineStart = 0
                return nil
            }
            if left > 0 {
                let step = min(left, runs.count)
                phase = .passing(left - step)
                return .skip(advance(to: step))
            }
            if lineStart == 0, runs.octet(bytes, 0) == UInt8(ascii: "-") {
                switch delimiter(bytes, at: 0) {
                case .no: break
                case .unclear: return .needMore
                case .yes:
                    phase = .between
                    scanned = 0
                    return nil
                }
            }
            guard let line = runs.lineFeed(bytes, from: 0) else {
                lineStart = -1
                let consumed = runs.consume(to: runs.count)
                scanned = 0
                return .skip(consumed)
            }
            let consumed = runs.consume(to: line + 1)
            scanned = 0
            lineStart = 0
            return .skip(consumed)
        }
    }
}
