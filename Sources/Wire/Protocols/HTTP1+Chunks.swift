extension HTTP1 {
    /// Walks a chunked body (RFC 9112 section 7.1) as its bytes arrive: each chunk is looked at once.
    struct ChunkScan: Sendable {
        enum Progress { case whole, needMore(atLeast: Int), tooLong }

        /// A size line, or a line of the trailer, is at most this long.
        static let lineLimit = 4 * 1_024
        static let trailerLimit = 16 * 1_024

        /// Where the body begins; -1 before it does.
        let start: Int
        /// The next size line, or the next line of the trailer.
        private(set) var next: Int
        private var trailer = -1

        init(from start: Int = -1) {
            self.start = start
            next = start
        }

        /// `tooLong`: the body's bytes, sizes included, go past `limit`; `next` is the first chunk that does.
        mutating func scan(_ bytes: borrowing RawSpan, limit: Int) throws(ParseError) -> Progress {
            while true {
                guard let line = bytes.firstIndex(of: 10, from: next, to: next + Self.lineLimit) else {
                    guard bytes.byteCount - next < Self.lineLimit else {
                        throw ParseError(.application, .malformed, offset: next)
                    }
                    return .needMore(atLeast: bytes.byteCount + 1)
                }
                let text = bytes.trimmed(next..<line)
                if trailer >= 0 {
                    next = line + 1
                    if text.isEmpty { return .whole }
                    guard next - trailer < Self.trailerLimit else {
                        throw ParseError(.application, .tooLarge, offset: trailer, available: Self.trailerLimit)
                    }
                    continue
                }
                guard let size = Self.size(bytes, text) else {
                    throw ParseError(.application, .malformed, offset: next)
                }
                if size == 0 {
                    next = line + 1
                    trailer = next
                    continue
                }
                let end = line + 1 + size
                if end - start > limit { return .tooLong }
                guard let after = Self.lineEnd(bytes, at: end) else {
                    guard bytes.byteCount <= end + 1 else { throw ParseError(.application, .malformed, offset: end) }
                    return .needMore(atLeast: end + 1 == bytes.byteCount ? end + 2 : end + 1)
                }
                next = after
            }
        }

        /// The chunks of a body that `scan` found whole, put together.
        func body(_ bytes: borrowing RawSpan) -> [UInt8] {
            var out: [UInt8] = []
            var index = start
            while let line = bytes.firstIndex(of: 10, from: index),
                let size = Self.size(bytes, bytes.trimmed(index..<line)),
                size > 0, line + 1 + size <= bytes.byteCount
            {
                bytes.withUnsafeBytes { out.append(contentsOf: $0[line + 1..<line + 1 + size]) }
                guard let after = Self.lineEnd(bytes, at: line + 1 + size) else { break }
                index = after
            }
            return out
        }

        /// One past the line end at `index`, CR LF or LF alone.
        private static func lineEnd(_ bytes: borrowing RawSpan, at index: Int) -> Int? {
            if bytes.octet(index) == 10, index < bytes.byteCount { return index + 1 }
            return bytes.octet(index) == 13 && bytes.octet(index + 1) == 10 ? index + 2 : nil
        }

        /// Hexadecimal, up to eight digits, then perhaps an extension after `;`.
        static func size(_ bytes: borrowing RawSpan, _ line: Range<Int>) -> Int? {
            var value = 0
            var index = line.lowerBound
            while index < line.upperBound, let digit = bytes.octet(index).hexValue {
                guard index - line.lowerBound < 8 else { return nil }
                value = value << 4 | digit
                index += 1
            }
            guard index > line.lowerBound else { return nil }
            let rest = bytes.trimmed(index..<line.upperBound)
            return rest.isEmpty || bytes.octet(rest.lowerBound) == UInt8(ascii: ";") ? value : nil
        }
    }
}
