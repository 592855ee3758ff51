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

    /// What the fields' names begin with.
    enum Root {
        case json, data

        var name: FieldName {
            switch self {
            case .json: "json"
            case .data: "data"
            }
        }

        var prefix: StaticString {
            switch self {
            case .json: "json."
            case .data: "data."
            }
        }

        var cut: FieldName {
            switch self {
            case .json: "json.cut"
            case .data: "data.cut"
            }
        }
    }

    /// Adds the leaves of the message's body, or nothing: throws `malformed` where the body is not JSON or nested deeper
    /// than anybody nests, `tooLarge` where it is longer than `sizeLimit`.
    public static func flatten(_ message: inout Message) throws(ParseError) {
        try add(message.bodyRange, root: .json, to: &message)
    }

    /// The same for a stretch of the message's own bytes.
    static func add(_ range: Range<Int>, root: Root, to message: inout Message) throws(ParseError) {
        guard range.count <= sizeLimit else {
            throw ParseError(.application, .tooLarge, needed: range.count, available: sizeLimit)
        }
        // The bytes are lent to the scanner alone: what is added must not copy them.
        let scanner = try scan(message.bytes(in: range), root)
        let made = scanner.made.isEmpty ? 0 : message.keep(scanner.made)
        for leaf in scanner.leaves {
            let name = leaf.name.range(body: range.lowerBound, made: made)
            switch leaf.value {
            case .text(let place):
                let text = place.range(body: range.lowerBound, made: made)
                if leaf.isRoot {
                    message.add(root.name, in: text)
                } else {
                    message.add(root.prefix, nameIn: name, in: text)
                }
            case .value(let value):
                if leaf.isRoot { message.add(root.name, value) } else { message.add(root.prefix, nameIn: name, value) }
            }
        }
        if scanner.isCut { message.add(root.cut, boolean: true) }
    }

    private static func scan(_ bytes: ArraySlice<UInt8>, _ root: Root) throws(ParseError) -> Scanner {
        var scanner = Scanner(count: bytes.count, rootCount: root.name.literalCount)
        try scanner.document(bytes.span.bytes)
        return scanner
    }

    /// Where a name or a text stands: in the body, or among what had to be put together.
    private struct Place {
        var range: Range<Int>
        var isMade: Bool

        func range(body: Int, made: Int) -> Range<Int> {
            let base = isMade ? made : body
            return range.lowerBound + base..<range.upperBound + base
        }
    }

    private struct Leaf {
        enum Value {
            case text(Place)
            case value(FieldValue)
        }

        /// The document is this one value.
        var isRoot: Bool
        /// What follows the root's name.
        var name: Place
        var value: Value
    }

    private struct Scanner {
        private(set) var leaves: [Leaf] = []
        private(set) var isCut = false
        /// Paths and texts that do not stand in the body as they are.
        private(set) var made: [UInt8] = []
        /// The path at hand, without the root.
        private var path: [UInt8] = []
        /// The path at hand if it stands in the body: one key without escapes.
        private var key: Range<Int>?
        private var index = 0
        private let end: Int
        private let rootCount: Int

        init(count: Int, rootCount: Int) {
            end = count
            self.rootCount = rootCount
            leaves.reserveCapacity(8)
        }

        private func malformed() -> ParseError { ParseError(.application, .malformed, offset: index) }

        mutating func document(_ bytes: borrowing RawSpan) throws(ParseError) {
            if bytes.holds("\u{FEFF}", at: 0) { index = 3 }
            try value(bytes, isKept: true, depth: 0)
            skipBlanks(bytes)
            guard index == end else { throw malformed() }
        }

        private mutating func skipBlanks(_ bytes: borrowing RawSpan) {
            index = bytes.skip(from: index, to: end, while: \.isTextBlank)
        }

        private mutating func add(_ isKept: Bool, depth: Int, _ value: Leaf.Value) {
            guard isKept, leaves.count < fieldLimit else {
                isCut = true
                return
            }
            let name: Place
            if let key {
                name = Place(range: key, isMade: false)
            } else {
                name = Place(range: made.count..<made.count + path.count, isMade: true)
                made += path
            }
            leaves.append(Leaf(isRoot: depth == 0, name: name, value: value))
        }

        /// Whether what is inside under a key of that length counts.
        private func isKept(_ outer: Bool, _ count: Int, depth: Int) -> Bool {
            let outerCount = rootCount + (depth == 0 ? 0 : path.count + 1)
            return outer && depth < depthLimit && outerCount + count < pathLimit && leaves.count < fieldLimit
        }

        private mutating func value(_ bytes: borrowing RawSpan, isKept: Bool, depth: Int) throws(ParseError) {
            guard depth <= nestingLimit else {
                throw ParseError(.application, .malformed, offset: index, needed: depth, available: nestingLimit)
            }
            skipBlanks(bytes)
            switch bytes.octet(index) {
            case UInt8(ascii: "{"): try object(bytes, isKept, depth: depth)
            case UInt8(ascii: "["): try array(bytes, isKept, depth: depth)
            case UInt8(ascii: "\""):
                let (range, escaped) = try string(bytes)
                guard escaped else {
                    return add(isKept, depth: depth, .text(Place(range: range, isMade: false)))
                }
                let text = try unescaped(bytes, range)
                // What is left out is checked all the same, and not kept.
                guard isKept, leaves.count < fieldLimit else {
                    return add(false, depth: depth, .value(.boolean(false)))
                }
                let place = Place(range: made.count..<made.count + text.count, isMade: true)
                made += text
                add(isKept, depth: depth, .text(place))
            case UInt8(ascii: "t"):
                try word("true", bytes)
                add(isKept, depth: depth, .value(.boolean(true)))
            case UInt8(ascii: "f"):
                try word("false", bytes)
                add(isKept, depth: depth, .value(.boolean(false)))
            case UInt8(ascii: "n"): try word("null", bytes)
            default:
                let number = try number(bytes)
                add(isKept, depth: depth, number)
            }
        }

        private mutating func object(_ bytes: borrowing RawSpan, _ outer: Bool, depth: Int) throws(ParseError) {
            index += 1
            skipBlanks(bytes)
            if bytes.octet(index) == UInt8(ascii: "}") {
                index += 1
                return
            }
            let before = path.count
            while true {
                skipBlanks(bytes)
                guard bytes.octet(index) == UInt8(ascii: "\"") else { throw malformed() }
                let (range, escaped) = try string(bytes)
                let text = escaped ? try unescaped(bytes, range) : nil
                skipBlanks(bytes)
                guard bytes.octet(index) == UInt8(ascii: ":") else { throw malformed() }
                index += 1
                let isKept = isKept(outer, text?.count ?? range.count, depth: depth)
                if isKept {
                    if depth > 0 { path.append(UInt8(ascii: ".")) }
                    if let text { path += text } else { path.append(copying: bytes.extracting(range)) }
                    key = depth == 0 && text == nil ? range : nil
                }
                try value(bytes, isKept: isKept, depth: depth + 1)
                path.removeLast(path.count - before)
                key = nil
                if try closes(bytes, UInt8(ascii: "}")) { return }
            }
        }

        private mutating func array(_ bytes: borrowing RawSpan, _ outer: Bool, depth: Int) throws(ParseError) {
            index += 1
            skipBlanks(bytes)
            if bytes.octet(index) == UInt8(ascii: "]") {
                index += 1
                return
            }
            let before = path.count
            var position = 0
            while true {
                let text = String(position)
                let isKept = isKept(outer, text.utf8.count, depth: depth)
                key = nil
                if isKept {
                    if depth > 0 { path.append(UInt8(ascii: ".")) }
                    path += text.utf8
                }
                try value(bytes, isKept: isKept, depth: depth + 1)
                path.removeLast(path.count - before)
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
        private mutating func number(_ bytes: borrowing RawSpan) throws(ParseError) -> Leaf.Value {
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
            let written = Leaf.Value.text(Place(range: start..<index, isMade: false))
            guard whole, index - start <= 20 else { return written }
            guard let value = Int64(bytes.text(start..<index)), value != 0 || first == start else { return written }
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

        private func unescaped(_ bytes: borrowing RawSpan, _ range: Range<Int>) throws(ParseError) -> [UInt8] {
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
            return out
        }
    }
}
