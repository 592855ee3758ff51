/// The head that HTTP and SIP share: a start line, header lines, an empty line.
enum TextHead {
    /// One past the empty line, or `nil` if it is not there yet. `searched` remembers how far it was looked for, so
    /// that bytes that trickle in are looked at once; throws when the head is longer than `limit`.
    static func end(
        _ bytes: borrowing RawSpan, searched: inout Int, limit: Int
    ) throws(ParseError) -> Int? {
        var from = searched
        while let line = bytes.firstIndex(of: 10, from: from) {
            let next = bytes.octet(line + 1)
            if next == 10, line + 1 < bytes.byteCount {
                try check(line + 2, limit, &searched)
                return line + 2
            }
            if next == 13, bytes.octet(line + 2) == 10 {
                try check(line + 3, limit, &searched)
                return line + 3
            }
            if line + 2 >= bytes.byteCount {
                // The empty line may just have begun.
                searched = line
                try check(bytes.byteCount, limit, &searched)
                return nil
            }
            from = line + 1
        }
        searched = bytes.byteCount
        try check(bytes.byteCount, limit, &searched)
        return nil
    }

    private static func check(_ end: Int, _ limit: Int, _ searched: inout Int) throws(ParseError) {
        guard end <= limit else {
            searched = 0
            throw ParseError(.application, .tooLarge, needed: end, available: limit)
        }
    }

    /// The end of a header line's value, folded lines included, and the start of the next header line.
    static func field(_ bytes: borrowing RawSpan, from start: Int, to end: Int) -> (stop: Int, next: Int) {
        let line = line(bytes, from: start, to: end)
        return (line.stop, line.next)
    }

    /// The same, and whether the value goes on in another line.
    @inline(__always)
    static func line(
        _ bytes: borrowing RawSpan, from start: Int, to end: Int
    ) -> (stop: Int, next: Int, isFolded: Bool) {
        var from = start
        while let line = bytes.firstIndex(of: 10, from: from, to: end) {
            let after = bytes.octet(line + 1)
            guard line + 1 < end, after == 32 || after == 9 else { return (line, line + 1, from > start) }
            from = line + 1
        }
        return (end, end, from > start)
    }

    /// Adds a value as it stands, or unfolded: a line end and the blanks after it mean one blank
    /// (RFC 3261 section 7.3.1, RFC 9112 section 5.2).
    static func add(
        _ name: FieldName, _ bytes: borrowing RawSpan, _ value: Range<Int>, to message: inout Message
    ) {
        add(
            name, bytes, value,
            isFolded: bytes.firstIndex(of: 10, from: value.lowerBound, to: value.upperBound) != nil, to: &message)
    }

    /// The same where it is known whether the value goes on in another line.
    @inline(__always)
    static func add(
        _ name: FieldName, _ bytes: borrowing RawSpan, _ value: Range<Int>, isFolded: Bool, to message: inout Message
    ) {
        if isFolded { addUnfolded(name, bytes, value, to: &message) } else { message.add(name, in: value) }
    }

    @inline(never)
    private static func addUnfolded(
        _ name: FieldName, _ bytes: borrowing RawSpan, _ value: Range<Int>, to message: inout Message
    ) {
        let words = bytes.text(value).split(whereSeparator: { $0 == "\r\n" || $0 == "\n" || $0 == " " || $0 == "\t" })
        message.add(name, text: words.joined(separator: " "))
    }

    /// The start of the first line that `accepts` takes for a start line.
    static func next(_ bytes: borrowing RawSpan, accepts: (borrowing RawSpan, Range<Int>) -> Bool) -> Int? {
        var start = 0
        while start < bytes.byteCount {
            guard let end = bytes.firstIndex(of: 10, from: start) else { return nil }
            if bytes.octet(start).isLetter, accepts(bytes, bytes.trimmed(start..<end)) { return start }
            start = end + 1
        }
        return nil
    }
}
