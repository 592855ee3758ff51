extension HTTP1 {
    /// A body that arrives without an end, as the stretches of the buffer that are payload: chunk sizes are left out.
    ///
    /// It holds places, never bytes. Offsets "in the body" count payload from the front of the buffer; each byte of the
    /// framing is looked at once.
    struct BodyRuns: Sendable {
        enum Framing: Sendable { case untilClose, length(Int), chunked }

        private enum Place: Sendable {
            /// Payload bytes that follow; `.max` where only the connection's end ends them.
            case payload(Int)
            case sizeLine
            case lineEnd
            case trailer
            case over
            /// What stands here is no chunk.
            case broken
        }

        private struct Run: Sendable {
            var raw: Int
            var start: Int
            var count: Int
        }

        /// Stretches of one part: a part that is cut finer is not kept.
        static let runLimit = 4_096

        private let isChunked: Bool
        private var place: Place
        /// How far the buffer was walked.
        private var walked = 0
        private var runs: [Run] = []
        private var hint = 0
        /// Bytes of the body at hand.
        private(set) var count = 0

        init(_ framing: Framing) {
            switch framing {
            case .untilClose:
                isChunked = false
                place = .payload(.max)
            case .length(let length):
                isChunked = false
                place = length > 0 ? .payload(length) : .over
            case .chunked:
                isChunked = true
                place = .sizeLine
            }
        }

        /// Whether the body's last byte is at hand.
        var isOver: Bool {
            if case .over = place { return true }
            return false
        }

        var isFull: Bool { runs.count >= Self.runLimit }

        /// Throws where the chunks end in something else: after all that stands before it was told, however the stream
        /// was cut.
        func check() throws(ParseError) {
            if case .broken = place { throw ParseError(.application, .malformed, offset: walked) }
        }

        /// Walks over what is new in the buffer.
        mutating func extend(_ bytes: borrowing RawSpan) {
            while walked < bytes.byteCount, !isFull {
                switch place {
                case .over, .broken: return
                case .payload(let left):
                    let taken = min(left, bytes.byteCount - walked)
                    append(walked, taken)
                    walked += taken
                    if left == .max { continue }
                    place = taken < left ? .payload(left - taken) : isChunked ? .lineEnd : .over
                case .lineEnd:
                    if bytes.octet(walked) == 13 {
                        guard walked + 1 < bytes.byteCount else { return }
                        walked += 1
                    }
                    guard bytes.octet(walked) == 10 else {
                        place = .broken
                        return
                    }
                    walked += 1
                    place = .sizeLine
                case .sizeLine, .trailer:
                    guard let line = bytes.firstIndex(of: 10, from: walked, to: walked + ChunkScan.lineLimit) else {
                        if bytes.byteCount - walked >= ChunkScan.lineLimit { place = .broken }
                        return
                    }
                    endLine(bytes, bytes.trimmed(walked..<line))
                    if case .broken = place { return }
                    walked = line + 1
                }
            }
        }

        private mutating func endLine(_ bytes: borrowing RawSpan, _ text: Range<Int>) {
            if case .trailer = place {
                if text.isEmpty { place = .over }
            } else if let size = ChunkScan.size(bytes, text) {
                place = size == 0 ? .trailer : .payload(size)
            } else {
                place = .broken
            }
        }

        private mutating func append(_ raw: Int, _ added: Int) {
            if let last = runs.indices.last, runs[last].raw + runs[last].count == raw {
                runs[last].count += added
            } else {
                runs.append(Run(raw: raw, start: count, count: added))
            }
            count += added
        }

        /// Where the body's byte `index` stands in the buffer; past the last one, where the buffer was walked to.
        mutating func raw(of index: Int) -> Int {
            guard index < count else { return walked }
            while hint > 0, runs[hint].start > index { hint -= 1 }
            while hint + 1 < runs.count, runs[hint + 1].start <= index { hint += 1 }
            guard runs.indices.contains(hint) else { return walked }
            return runs[hint].raw + index - runs[hint].start
        }

        /// One past the byte before `index`: what has to be consumed for the body to begin at `index`.
        mutating func rawEnd(of index: Int) -> Int {
            index > 0 && index < count ? raw(of: index - 1) + 1 : index >= count ? walked : 0
        }

        /// The body's byte at `index`, 0 where there is none.
        mutating func octet(_ bytes: borrowing RawSpan, _ index: Int) -> UInt8 {
            guard index >= 0, index < count else { return 0 }
            return bytes.octet(raw(of: index))
        }

        /// The first line feed of the body in `from..<count`.
        mutating func lineFeed(_ bytes: borrowing RawSpan, from: Int) -> Int? {
            guard from < count else { return nil }
            _ = raw(of: from)
            var position = hint
            while position < runs.count {
                let run = runs[position]
                let start = run.raw + max(0, from - run.start)
                if let found = bytes.firstIndex(of: 10, from: start, to: run.raw + run.count) {
                    return run.start + found - run.raw
                }
                position += 1
            }
            return nil
        }

        /// Copies a range of the body.
        func bytes(_ bytes: borrowing RawSpan, _ range: Range<Int>) -> [UInt8] {
            var out: [UInt8] = []
            out.reserveCapacity(range.count)
            for run in runs where run.start < range.upperBound && run.start + run.count > range.lowerBound {
                let low = max(range.lowerBound, run.start) - run.start + run.raw
                let high = min(range.upperBound, run.start + run.count) - run.start + run.raw
                guard low < high, high <= bytes.byteCount else { continue }
                bytes.withUnsafeBytes { out.append(contentsOf: $0[low..<high]) }
            }
            return out
        }

        /// Everything before the body's byte `index` is done with; returns the bytes of the buffer that are.
        mutating func consume(to index: Int) -> Int {
            let index = min(index, count)
            let consumed = rawEnd(of: index)
            var kept: [Run] = []
            for run in runs where run.start + run.count > index {
                let cut = max(0, index - run.start)
                kept.append(Run(raw: run.raw + cut - consumed, start: run.start + cut - index, count: run.count - cut))
            }
            runs = kept
            hint = 0
            count -= index
            walked -= consumed
            return consumed
        }
    }
}
