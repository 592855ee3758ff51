/// Reads the Basic Encoding Rules as management protocols use them: definite lengths, small tags, no recursion of its
/// own (a caller opens each level by name, so depth is the caller's code).
///
/// Reference: ITU-T X.690 section 8. Tag numbers below 31 in the long form, which section 8.1.2.2 does not foresee, are
/// read all the same: senders exist, and so do readers that understand them.
struct BERReader {
    /// Class, constructed bit and number; two tags are equal if all three are.
    struct Tag: Hashable {
        var classAndForm: UInt8
        var number: Int

        static let integer = Tag(classAndForm: 0, number: 2)
        static let octets = Tag(classAndForm: 0, number: 4)
        static let null = Tag(classAndForm: 0, number: 5)
        static let oid = Tag(classAndForm: 0, number: 6)
        static let sequence = Tag(classAndForm: 0x20, number: 16)

        /// `[number]` of the context class, constructed.
        static func context(_ number: Int) -> Tag { Tag(classAndForm: 0xA0, number: number) }
        /// `[APPLICATION number]`, primitive.
        static func application(_ number: Int) -> Tag { Tag(classAndForm: 0x40, number: number) }
    }

    /// A sub-identifier has at most 32 bits and an identifier at most 128 of them (RFC 2578 section 3.5).
    static let subIdentifierLimit = 128

    var reader: ByteReader

    init(_ range: Range<Int>) {
        reader = ByteReader(from: range.lowerBound, to: range.upperBound)
    }

    var isAtEnd: Bool { reader.remaining <= 0 }

    /// The next element's tag, and where its contents stand.
    mutating func element(_ bytes: borrowing RawSpan) throws(ParseError) -> (tag: Tag, contents: Range<Int>) {
        let tag = try tag(bytes)
        let length = try length(bytes)
        return (tag, try reader.range(length))
    }

    /// The next element, which has to be a `tag`.
    mutating func contents(_ bytes: borrowing RawSpan, of tag: Tag) throws(ParseError) -> Range<Int> {
        let start = reader.index
        let element = try element(bytes)
        guard element.tag == tag else { throw ParseError(.application, .malformed, offset: start) }
        return element.contents
    }

    /// The next element, which has to be an INTEGER of at most 64 bits.
    mutating func integer(_ bytes: borrowing RawSpan) throws(ParseError) -> Int64 {
        try Self.integer(bytes, try contents(bytes, of: .integer))
    }

    mutating func tag(_ bytes: borrowing RawSpan) throws(ParseError) -> Tag {
        let first = try reader.byte(bytes)
        guard first & 31 == 31 else { return Tag(classAndForm: first & 0xE0, number: Int(first & 31)) }
        var number = 0
        for _ in 0..<4 {
            let byte = try reader.byte(bytes)
            number = number << 7 | Int(byte & 127)
            if byte & 128 == 0 { return Tag(classAndForm: first & 0xE0, number: number) }
        }
        throw ParseError(.application, .tooLarge, offset: reader.index)
    }

    /// Section 8.1.3: the definite forms, of at most 32 bits. Leading zero octets are allowed there.
    mutating func length(_ bytes: borrowing RawSpan) throws(ParseError) -> Int {
        let first = try reader.byte(bytes)
        if first < 128 { return Int(first) }
        let count = Int(first & 127)
        guard count > 0 else { throw ParseError(.application, .unsupported, offset: reader.index) }
        guard count <= 126 else { throw ParseError(.application, .malformed, offset: reader.index) }
        var length = 0
        for _ in 0..<count {
            length = length << 8 | Int(try reader.byte(bytes))
            guard length <= Int(UInt32.max) else { throw ParseError(.application, .tooLarge, offset: reader.index) }
        }
        return length
    }

    /// Two's complement, section 8.3.
    static func integer(_ bytes: borrowing RawSpan, _ range: Range<Int>) throws(ParseError) -> Int64 {
        guard (1...8).contains(range.count) else {
            throw ParseError(
                .application, range.isEmpty ? .malformed : .tooLarge, offset: range.lowerBound, needed: range.count,
                available: 8)
        }
        var value: Int64 = bytes.octet(range.lowerBound) & 128 != 0 ? -1 : 0
        for index in range { value = value << 8 | Int64(bytes.octet(index)) }
        return value
    }

    /// The counters of RFC 2578: never negative, at most 64 bits and a leading zero.
    static func unsigned(_ bytes: borrowing RawSpan, _ range: Range<Int>) throws(ParseError) -> UInt64 {
        guard (1...8).contains(range.count) || range.count == 9 && bytes.octet(range.lowerBound) == 0 else {
            throw ParseError(.application, .malformed, offset: range.lowerBound, needed: range.count, available: 9)
        }
        var value: UInt64 = 0
        for index in range { value = value << 8 | UInt64(bytes.octet(index)) }
        return value
    }

    /// An object identifier as dotted text, section 8.19.
    static func oid(_ bytes: borrowing RawSpan, _ range: Range<Int>) throws(ParseError) -> String {
        guard !range.isEmpty else { return "0.0" }
        var text = ""
        var value = 0
        var count = 0
        var isOpen = false
        for index in range {
            let byte = bytes.octet(index)
            value = value << 7 | Int(byte & 127)
            isOpen = byte & 128 != 0
            guard value <= Int(UInt32.max) else { throw ParseError(.application, .malformed, offset: index) }
            if isOpen { continue }
            count += 1
            guard count < subIdentifierLimit else { throw ParseError(.application, .tooLarge, offset: index) }
            if count == 1 {
                // The first two arcs share a number.
                let first = min(value / 40, 2)
                text = "\(first).\(value - 40 * first)"
            } else {
                text += ".\(value)"
            }
            value = 0
        }
        guard !isOpen else { throw ParseError(.application, .truncated, offset: range.upperBound) }
        return text
    }
}
