/// Reads big-endian binary formats: an index that moves through `..<end` of a span which is handed to each call
/// (a span can't be stored). Reading past `end` throws; nothing traps.
struct ByteReader {
    var index: Int
    let end: Int

    init(from index: Int, to end: Int) {
        self.index = index
        self.end = end
    }

    var remaining: Int { end - index }

    private func need(_ count: Int) throws(ParseError) {
        guard count >= 0, remaining >= count else {
            throw ParseError(.application, .truncated, offset: index, needed: count, available: max(0, remaining))
        }
    }

    mutating func byte(_ bytes: borrowing RawSpan) throws(ParseError) -> UInt8 {
        try need(1)
        defer { index += 1 }
        return bytes.octet(index)
    }

    mutating func uint16(_ bytes: borrowing RawSpan) throws(ParseError) -> Int {
        try need(2)
        defer { index += 2 }
        return Int(bytes.octet(index)) << 8 | Int(bytes.octet(index + 1))
    }

    mutating func uint32(_ bytes: borrowing RawSpan) throws(ParseError) -> Int {
        let high = try uint16(bytes)
        return high << 16 | (try uint16(bytes))
    }

    /// The next `count` bytes.
    mutating func range(_ count: Int) throws(ParseError) -> Range<Int> {
        try need(count)
        defer { index += count }
        return index..<index + count
    }
}
