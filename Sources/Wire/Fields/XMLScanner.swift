/// A small pull scanner for XML: tags, attributes, text. It reads what devices send and refuses what is dangerous.
///
/// Reference: XML 1.0, without document types: a `<!DOCTYPE` is refused, so there are no entities but the five
/// predefined ones and character references. Names lose their prefix, since devices misdeclare namespaces
/// (DEVICES: Axis and Hikvision discovery answers). It does not check that tags match: its users hold the stack.
struct XMLScanner {
    enum Token: Equatable {
        /// `<a:name attributes>` or `<name/>`.
        case open(name: Range<Int>, attributes: Range<Int>, isEmpty: Bool)
        case close(name: Range<Int>)
        /// Character data; `raw` is a CDATA section, in which references mean nothing.
        case text(Range<Int>, raw: Bool)
        case end
    }

    private var index: Int
    private let end: Int

    init(count: Int) {
        index = 0
        end = count
    }

    mutating func next(_ bytes: borrowing RawSpan) throws(ParseError) -> Token {
        while index < end {
            guard bytes.octet(index) == UInt8(ascii: "<") else {
                let start = index
                index = bytes.firstIndex(of: UInt8(ascii: "<"), from: index, to: end) ?? end
                return .text(start..<index, raw: false)
            }
            let next = bytes.octet(index + 1)
            if next == UInt8(ascii: "?") {
                try pass(bytes, "?>", from: index + 2)
            } else if bytes.holds("<!--", at: index) {
                try pass(bytes, "-->", from: index + 4)
            } else if bytes.holds("<![CDATA[", at: index) {
                let start = index + 9
                try pass(bytes, "]]>", from: start)
                return .text(start..<index - 3, raw: true)
            } else if next == UInt8(ascii: "!") {
                throw ParseError(.application, .unsupported, offset: index)
            } else if next == UInt8(ascii: "/") {
                let start = index + 2
                guard let close = bytes.firstIndex(of: UInt8(ascii: ">"), from: start, to: end) else {
                    throw truncated()
                }
                index = close + 1
                return .close(name: Self.local(bytes, bytes.trimmed(start..<close)))
            } else {
                return try open(bytes)
            }
        }
        return .end
    }

    private func truncated() -> ParseError { ParseError(.application, .truncated, offset: index, available: end) }

    /// Moves behind the next `mark`.
    private mutating func pass(_ bytes: borrowing RawSpan, _ mark: StaticString, from start: Int) throws(ParseError) {
        let last = mark.withUTF8Buffer { $0.last ?? 0 }
        let length = mark.utf8CodeUnitCount
        var from = start + length - 1
        while let found = bytes.firstIndex(of: last, from: from, to: end) {
            if bytes.holds(mark, at: found + 1 - length) {
                index = found + 1
                return
            }
            from = found + 1
        }
        throw truncated()
    }

    private mutating func open(_ bytes: borrowing RawSpan) throws(ParseError) -> Token {
        let nameStart = index + 1
        let nameEnd = bytes.skip(from: nameStart, to: end, while: Self.isName)
        guard nameEnd > nameStart, !bytes.octet(nameStart).isDigit else {
            throw ParseError(.application, .malformed, offset: index)
        }
        // A ">" may stand inside of a quoted attribute value.
        var position = nameEnd
        scan: while position < end {
            let byte = bytes.octet(position)
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                position = bytes.firstIndex(of: byte, from: position + 1, to: end) ?? end
            case UInt8(ascii: ">"): break scan
            case UInt8(ascii: "<"): throw ParseError(.application, .malformed, offset: position)
            default: break
            }
            position += 1
        }
        guard position < end else { throw truncated() }
        index = position + 1
        let isEmpty = position > nameEnd && bytes.octet(position - 1) == UInt8(ascii: "/")
        return .open(
            name: Self.local(bytes, nameStart..<nameEnd), attributes: nameEnd..<(isEmpty ? position - 1 : position),
            isEmpty: isEmpty)
    }

    /// The next attribute of a tag, from `index` on, which moves behind it; `nil` when there is none any more.
    static func attribute(
        _ bytes: borrowing RawSpan, in attributes: Range<Int>, from index: inout Int
    ) -> (name: Range<Int>, value: Range<Int>)? {
        index = bytes.skip(from: max(index, attributes.lowerBound), to: attributes.upperBound, while: \.isTextBlank)
        let nameStart = index
        index = bytes.skip(from: index, to: attributes.upperBound, while: isName)
        let name = nameStart..<index
        index = bytes.skip(from: index, to: attributes.upperBound) { $0.isTextBlank || $0 == UInt8(ascii: "=") }
        let quote = bytes.octet(index)
        guard !name.isEmpty, index < attributes.upperBound, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
            let close = bytes.firstIndex(of: quote, from: index + 1, to: attributes.upperBound)
        else { return nil }
        let value = index + 1..<close
        index = close + 1
        return (local(bytes, name), value)
    }

    /// The value of the attribute with that local name.
    static func attribute(_ local: StaticString, _ bytes: borrowing RawSpan, in attributes: Range<Int>) -> Range<Int>? {
        var index = attributes.lowerBound
        while let (name, value) = attribute(bytes, in: attributes, from: &index) {
            if name.count == local.utf8CodeUnitCount, bytes.holds(local, at: name.lowerBound) { return value }
        }
        return nil
    }

    /// A bit for each of `-.0123456789:` and `A…Z_a…z`: names are most of what is looked at byte by byte.
    @inline(__always)
    private static func isName(_ byte: UInt8) -> Bool {
        if byte >= 128 { return true }
        let bits: UInt64 = byte < 64 ? 0x07FF_6000_0000_0000 : 0x07FF_FFFE_87FF_FFFE
        return bits >> UInt64(byte & 63) & 1 != 0
    }

    private static func local(_ bytes: borrowing RawSpan, _ name: Range<Int>) -> Range<Int> {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":"), from: name.lowerBound, to: name.upperBound) else {
            return name
        }
        return colon + 1..<name.upperBound
    }

    /// Whether there is no reference in it: the text is the bytes.
    static func isPlain(_ bytes: borrowing RawSpan, _ range: Range<Int>) -> Bool {
        bytes.firstIndex(of: UInt8(ascii: "&"), from: range.lowerBound, to: range.upperBound) == nil
    }

    /// Character data with its references resolved; an unknown reference stays as it stands.
    static func text(_ bytes: borrowing RawSpan, _ range: Range<Int>) -> String {
        guard bytes.firstIndex(of: UInt8(ascii: "&"), from: range.lowerBound, to: range.upperBound) != nil else {
            return bytes.text(range)
        }
        var out = ""
        var index = range.lowerBound
        while let and = bytes.firstIndex(of: UInt8(ascii: "&"), from: index, to: range.upperBound) {
            out += bytes.text(index..<and)
            let close = bytes.firstIndex(of: UInt8(ascii: ";"), from: and, to: min(range.upperBound, and + 12))
            if let close, let scalar = reference(bytes, and + 1..<close) {
                out.unicodeScalars.append(scalar)
                index = close + 1
            } else {
                out += "&"
                index = and + 1
            }
        }
        return out + bytes.text(index..<range.upperBound)
    }

    private static func reference(_ bytes: borrowing RawSpan, _ name: Range<Int>) -> Unicode.Scalar? {
        if bytes.octet(name.lowerBound) == UInt8(ascii: "#") {
            let hexadecimal = bytes.octet(name.lowerBound + 1) == UInt8(ascii: "x")
            let digits = bytes.text(name.lowerBound + (hexadecimal ? 2 : 1)..<max(name.lowerBound + 2, name.upperBound))
            guard let value = UInt32(digits, radix: hexadecimal ? 16 : 10), value != 0 else { return nil }
            return Unicode.Scalar(value)
        }
        switch name.count {
        case 2 where bytes.holds("lt", at: name.lowerBound): return "<"
        case 2 where bytes.holds("gt", at: name.lowerBound): return ">"
        case 3 where bytes.holds("amp", at: name.lowerBound): return "&"
        case 4 where bytes.holds("quot", at: name.lowerBound): return "\""
        case 4 where bytes.holds("apos", at: name.lowerBound): return "'"
        default: return nil
        }
    }
}
