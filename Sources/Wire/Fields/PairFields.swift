/// Bodies of the form `key=value key="quoted value"`: each pair becomes a field `pair.<key>`.
///
/// Pairs are separated by blanks, tabs, commas or semicolons. A quoted value may hold `\"` and `\\`. Words that are no
/// pair are passed over, so that text before or between pairs does no harm.
public enum PairFields {
    public static let pairLimit = 256

    /// Adds the pairs of the message's body; adds nothing and throws `malformed` where a quotation does not end.
    public static func flatten(_ message: inout Message) throws(ParseError) {
        let body = message.body
        let before = message.fieldCount
        do throws(ParseError) {
            try add(body.span.bytes, from: body.startIndex, to: &message)
        } catch {
            message.removeFields(from: before)
            throw error
        }
    }

    /// - Parameter base: where `bytes` stand in the message's own: keys and values are ranges there.
    private static func add(
        _ bytes: borrowing RawSpan, from base: Int, to message: inout Message
    ) throws(ParseError) {
        let end = bytes.byteCount
        var count = 0
        var index = 0
        while index < end, count < pairLimit {
            index = bytes.skip(from: index, to: end, while: isSeparator)
            let start = index
            index = bytes.skip(from: index, to: end, while: isKey)
            guard index > start, bytes.octet(index) == UInt8(ascii: "=") else {
                index = bytes.skip(from: index, to: end) { !isSeparator($0) }
                continue
            }
            let key = base + start..<base + index
            count += 1
            index += 1
            guard bytes.octet(index) == UInt8(ascii: "\"") else {
                let start = index
                index = bytes.skip(from: index, to: end) { !isSeparator($0) }
                message.add("pair.", nameIn: key, in: base + start..<base + index)
                continue
            }
            let value = index + 1
            var escaped = false
            index = value
            while index < end, bytes.octet(index) != UInt8(ascii: "\"") {
                if bytes.octet(index) == UInt8(ascii: "\\") {
                    escaped = true
                    index += 1
                }
                index += 1
            }
            guard index < end else { throw ParseError(.application, .malformed, offset: value) }
            if escaped {
                message.add("pair.", nameIn: key, .text(unescaped(bytes, value..<index)))
            } else {
                message.add("pair.", nameIn: key, in: base + value..<base + index)
            }
            index += 1
        }
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte.isTextBlank || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";")
    }

    private static func isKey(_ byte: UInt8) -> Bool {
        byte.isDigit || byte.isLetter || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: ".") || byte >= 128
    }

    private static func unescaped(_ bytes: borrowing RawSpan, _ range: Range<Int>) -> String {
        var out: [UInt8] = []
        var backslash = false
        for index in range {
            let byte = bytes.octet(index)
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
