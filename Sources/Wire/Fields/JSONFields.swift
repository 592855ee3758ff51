/// Bodies in JSON: every leaf becomes a field named by its path, `json.a.b.0.c`.
///
/// Reference: RFC 8259, strictly. Strings, whole numbers within 64 bits and booleans keep their kind; a number that is
/// not one of those (`1.50`, `1e3`, `-0`, twenty digits) is the text that was written, so that nothing of it is lost.
/// `null` and empty containers give no field. A key that comes twice gives two fields, of which the first is found.
/// What lies deeper than `depthLimit`, has a longer path than `pathLimit` or comes after `fieldLimit` leaves is checked
/// and left out, and the field `<root>.cut` says so.
public enum JSONFields {
    public static let depthLimit = 32
    public static let fieldLimit = 1_024
    /// Bytes of a body that are looked at.
    public static let sizeLimit = 256 * 1_024
    static let pathLimit = 256
    /// Containers in one another that are still walked through: the stack has an end too.
    static let nestingLimit = 128

    /// Adds the leaves of the message's body, or nothing: throws `malformed` where the body is not JSON or nested deeper
    /// than anybody nests, `tooLarge` where it is longer than `sizeLimit`.
    public static func flatten(_ message: inout Message) throws(ParseError) {
        try add(message.body, root: "json", to: &message)
    }

    /// The same for a stretch of the message's own bytes.
    static func add(_ body: ArraySlice<UInt8>, root: String, to message: inout Message) throws(ParseError) {
        guard body.count <= sizeLimit else {
            throw ParseError(.application, .tooLarge, needed: body.count, available: sizeLimit)
        }
        var scanner = Scanner(count: body.count)
        try scanner.document(body.span.bytes, root)
        for (name, leaf) in scanner.leaves {
            switch leaf {
            case .text(let range):
                message.add(name, in: range.lowerBound + body.startIndex..<range.upperBound + body.startIndex)
            case .value(let value): message.add(name, value)
            }
        }
        if scanner.isCut { message.add(FieldName("\(root).cut"), boolean: true) }
    }

    private enum Leaf {
        case text(Range<Int>)
        case value(FieldValue)
    }

    private struct Scanner {
        private(set) var leaves: [(FieldName, Leaf)] = []
        private(set) var isCut = false
        private var index = 0
        private let end: Int

        init(count: Int) {
            end = count
        }

        private func malformed() -> ParseError { ParseError(.application, .malformed, offset: index) }

        mutating func document(_ bytes: borrowing RawSpan, _ root: String) throws(ParseError) {
            if bytes.holds("\u{FEFF}", at: 0) { index = 3 }
            try value(bytes, root, depth: 0)
            skipBlanks(bytes)
            guard index == end else { throw malformed() }
        }

        private mutating func skipBlanks(_ bytes: borrowing RawSpan) {
            index = bytes.skip(from: index, to: end, while: \.isTextBlank)
        }

        private mutating func add(_ path: String?, _ leaf: Leaf) {
            guard let path, leaves.count < fieldLimit else {
                isCut = true
                return
            }
            leaves.append((FieldName(path), leaf))
        }

        /// The path of what is inside; `nil` for what is left out.
        private mutating func path(_ outer: String?, _ key: String, depth: Int) -> String? {
            guard let outer, depth < depthLimit, outer.utf8.count + key.utf8.count < pathLimit,
                leaves.count < fieldLimit
            else { return nil }
            return "\(outer).\(key)"
        }

        private mutating func value(_ bytes: borrowing RawSpan, _ path: String?, depth: Int) throws(ParseError) {
            guard depth <= nestingLimit else {
                throw ParseError(.application, .malformed, offset: index, needed: depth, available: nestingLimit)
            }
            skipBlanks(bytes)
            switch bytes.octet(index) {
            case UInt8(ascii: "{"): try object(bytes, path, depth: depth)
            case UInt8(ascii: "["): try array(bytes, path, depth: depth)
            case UInt8(ascii: "\""):
                let (range, escaped) = try string(bytes)
                let leaf = escaped ? Leaf.value(.text(try unescaped(bytes, range))) : .text(range)
                add(path, leaf)
            case UInt8(ascii: "t"):
                try word("true", bytes)
                add(path, .value(.boolean(true)))
            case UInt8(ascii: "f"):
                try word("false", bytes)
                add(path, .value(.boolean(false)))
            case UInt8(ascii: "n"): try word("null", bytes)
            default:
                let leaf = try number(bytes)
                add(path, leaf)
            }
        }

        private mutating func object(_ bytes: borrowing RawSpan, _ path: String?, depth: Int) throws(ParseError) {
            index += 1
            skipBlanks(bytes)
            if bytes.octet(index) == UInt8(ascii: "}") {
                index += 1
                return
            }
            while true {
                skipBlanks(bytes)
                guard bytes.octet(index) == UInt8(ascii: "\"") else { throw malformed() }
                let (range, escaped) = try string(bytes)
                let key = escaped ? try unescaped(bytes, range) : bytes.text(range)
                skipBlanks(bytes)
                guard bytes.octet(index) == UInt8(ascii: ":") else { throw malformed() }
                index += 1
                try value(bytes, self.path(path, key, depth: depth), depth: depth + 1)
                if try closes(bytes, UInt8(ascii: "}")) { return }
            }
        }

        private mutating func array(_ bytes: borrowing RawSpan, _ path: String?, depth: Int) throws(ParseError) {
            index += 1
            skipBlanks(bytes)
            if bytes.octet(index) == UInt8(ascii: "]") {
                index += 1
                return
            }
            var position = 0
            while true {
                try value(bytes, self.path(path, String(position), depth: depth), depth: depth + 1)
                position += 1
                if try closes(bytes, UInt8(ascii: "]")) { return }
            }
        }

        /// A comma (`false`) or the closing bracket (`true`).
        private mutating func closes(_ bytes: borrowing RawSpan, _ bracket: UInt8) throws(ParseError) -> Bool {
            skipBlanks(bytes)
            let byte = bytes.octet(index)
            guard byte == bracket || byte == UInt8(ascii: ",") else { throw malformed() }
            index += 1
            return byte == bracket
        }

        private mutating func word(_ text: StaticString, _ bytes: borrowing RawSpan) throws(ParseError) {
            guard bytes.holds(text, at: index) else { throw malformed() }
            index += text.utf8CodeUnitCount
        }

        /// `-`? int frac? exp? of section 6.
        private mutating func number(_ bytes: borrowing RawSpan) throws(ParseError) -> Leaf {
            let start = index
            if bytes.octet(index) == UInt8(ascii: "-") { index += 1 }
            let first = index
            index = bytes.skip(from: index, to: end, while: \.isDigit)
            guard index > first, bytes.octet(first) != UInt8(ascii: "0") || index == first + 1 else {
                throw malformed()
            }
            var whole = true
            if bytes.octet(index) == UInt8(ascii: ".") {
                whole = false
                let fraction = index + 1
                index = bytes.skip(from: fraction, to: end, while: \.isDigit)
                guard index > fraction else { throw malformed() }
            }
            if bytes.octet(index) | 32 == UInt8(ascii: "e") {
                whole = false
                index += 1
                if bytes.octet(index) == UInt8(ascii: "+") || bytes.octet(index) == UInt8(ascii: "-") { index += 1 }
                let exponent = index
                index = bytes.skip(from: exponent, to: end, while: \.isDigit)
                guard index > exponent else { throw malformed() }
            }
            guard whole, index - start <= 20 else { return .text(start..<index) }
            let text = bytes.text(start..<index)
            guard let value = Int64(text), value != 0 || first == start else { return .text(start..<index) }
            return .value(.integer(value))
        }

        /// What stands between the quotes, and whether there are escapes in it.
        private mutating func string(_ bytes: borrowing RawSpan) throws(ParseError) -> (Range<Int>, Bool) {
            let start = index + 1
            var escaped = false
            index = start
            while index < end {
                let byte = bytes.octet(index)
                if byte == UInt8(ascii: "\"") {
                    defer { index += 1 }
                    return (start..<index, escaped)
                }
                guard byte >= 32 else { throw malformed() }
                if byte == UInt8(ascii: "\\") {
                    escaped = true
                    index += 1
                }
                index += 1
            }
            throw malformed()
        }

        private func unescaped(_ bytes: borrowing RawSpan, _ range: Range<Int>) throws(ParseError) -> String {
            var out: [UInt8] = []
            var units: [UInt16] = []
            var position = range.lowerBound
            /// Pairs of surrogates come as two escapes; a lone one becomes U+FFFD.
            func flush() {
                if units.isEmpty { return }
                out += Array(String(decoding: units, as: UTF16.self).utf8)
                units = []
            }
            while position < range.upperBound {
                let byte = bytes.octet(position)
                guard byte == UInt8(ascii: "\\") else {
                    flush()
                    out.append(byte)
                    position += 1
                    continue
                }
                let escape = bytes.octet(position + 1)
                position += 2
                if escape == UInt8(ascii: "u") {
                    var unit = 0
                    for offset in 0..<4 {
                        guard position + offset < range.upperBound, let digit = bytes.octet(position + offset).hexValue
                        else { throw ParseError(.application, .malformed, offset: position) }
                        unit = unit << 4 | digit
                    }
                    units.append(UInt16(unit))
                    position += 4
                    continue
                }
                flush()
                switch escape {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(escape)
                case UInt8(ascii: "b"): out.append(8)
                case UInt8(ascii: "f"): out.append(12)
                case UInt8(ascii: "n"): out.append(10)
                case UInt8(ascii: "r"): out.append(13)
                case UInt8(ascii: "t"): out.append(9)
                default: throw ParseError(.application, .malformed, offset: position)
                }
            }
            flush()
            return String(decoding: out, as: UTF8.self)
        }
    }
}
