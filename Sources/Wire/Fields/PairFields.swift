/// Bodies of the form `key=value key="quoted value"`: each pair becomes a field `pair.<key>`.
///
/// Pairs are separated by blanks, tabs, commas or semicolons. A quoted value may hold `\"` and `\\`. Words that are no
/// pair are passed over, so that text before or between pairs does no harm.
public enum PairFields {
    public static let pairLimit = 256

    /// Adds the pairs of the message's body; adds nothing and throws `malformed` where a quotation does not end.
    public static func flatten(_ message: inout Message) throws(ParseError) {
        let body = message.body
        let found = try pairs(body.span.bytes)
        for (name, value, escaped) in found {
            let range = value.lowerBound + body.startIndex..<value.upperBound + body.startIndex
            if escaped {
                message.add(name, text: unescaped(body[range]))
            } else {
                message.add(name, in: range)
            }
        }
    }

    private static func pairs(
        _ bytes: borrowing RawSpan
    ) throws(ParseError) -> [(name: FieldName, value: Range<Int>, escaped: Bool)] {
        var out: [(name: FieldName, value: Range<Int>, escaped: Bool)] = []
        let end = bytes.byteCount
        var index = 0
        while index < end, out.count < pairLimit {
            index = bytes.skip(from: index, to: end, while: isSeparator)
            let key = index
            index = bytes.skip(from: index, to: end, while: isKey)
            guard index > key, bytes.octet(index) == UInt8(ascii: "=") else {
                index = bytes.skip(from: index, to: end) { !isSeparator($0) }
                continue
            }
            let name = FieldName("pair." + bytes.text(key..<index))
            index += 1
            guard bytes.octet(index) == UInt8(ascii: "\"") else {
                let start = index
                index = bytes.skip(from: index, to: end) { !isSeparator($0) }
                out.append((name, start..<index, false))
                continue
            }
            let start = index + 1
            var escaped = false
            index = start
            while index < end, bytes.octet(index) != UInt8(ascii: "\"") {
                if bytes.octet(index) == UInt8(ascii: "\\") {
                    escaped = true
                    index += 1
                }
                index += 1
            }
            guard index < end else { throw ParseError(.application, .malformed, offset: start) }
            out.append((name, start..<index, escaped))
            index += 1
        }
        return out
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte.isTextBlank || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";")
    }

    private static func isKey(_ byte: UInt8) -> Bool {
        byte.isDigit || byte.isLetter || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: ".") || byte >= 128
    }

    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
        var out: [UInt8] = []
        var backslash = false
        for byte in bytes {
            if !backslash, byte == UInt8(ascii: "\\") {
                backslash = true
                continue
            }
            out.append(byte)
            backslash = false
        }
        return String(decoding: out, as: UTF8.self)
    }
}
