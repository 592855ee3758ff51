/// Bodies in XML: every element with text becomes a field named by its path below the root, `xml.a.b`; every attribute
/// one named `xml.a.@b`. The root's own name is the field `xml.root`, its text `xml.text`.
///
/// Names are local names. Elements that repeat give fields that repeat; each after the first of its parent begins with a
/// field that counts them, `xml.a.#`, so that it can be told which fields are one element's. Bodies that are not well-formed are salvaged:
/// what was whole before the fault counts, and the field `xml.malformed` says so. What lies deeper than `depthLimit`, has a
/// longer path than `pathLimit` or comes after `fieldLimit` fields is left out, and the field `xml.cut` says so.
public enum XMLFields {
    public static let depthLimit = 32
    public static let fieldLimit = 1_024
    public static let sizeLimit = 256 * 1_024
    static let pathLimit = 256

    /// Adds the fields of the message's body. Throws, and adds nothing: `unsupported` for a document type, `tooLarge`
    /// where it is longer than `sizeLimit`, `malformed` where there is no element at all.
    public static func flatten(_ message: inout Message) throws(ParseError) {
        let body = message.body
        guard body.count <= sizeLimit else {
            throw ParseError(.application, .tooLarge, needed: body.count, available: sizeLimit)
        }
        var walk = Walk()
        try walk.run(body.span.bytes)
        guard !walk.fields.isEmpty else { throw ParseError(.application, .malformed) }
        for (name, leaf) in walk.fields {
            switch leaf {
            case .range(let range):
                message.add(name, in: range.lowerBound + body.startIndex..<range.upperBound + body.startIndex)
            case .text(let text): message.add(name, text: text)
            }
        }
        if walk.isMalformed { message.add("xml.malformed", boolean: true) }
        if walk.isCut { message.add("xml.cut", boolean: true) }
    }

    private enum Leaf {
        case range(Range<Int>)
        case text(String)
    }

    private struct Element {
        var name: String
        var path: String
        /// Where the first text of it stands, and how many elements of each name were inside.
        var text: Range<Int>?
        var raw = false
        var more: String?
        var children: [String: Int] = [:]
    }

    private struct Walk {
        private(set) var fields: [(FieldName, Leaf)] = []
        private(set) var isMalformed = false
        private(set) var isCut = false
        /// Elements that are open beyond the limits.
        private var ignored = 0
        private var stack: [Element] = []
        private var roots = 0

        mutating func run(_ bytes: borrowing RawSpan) throws(ParseError) {
            var scanner = XMLScanner(count: bytes.byteCount)
            while true {
                let token: XMLScanner.Token
                do throws(ParseError) {
                    token = try scanner.next(bytes)
                } catch {
                    // A document type is refused; a torn or broken tag ends what can be read.
                    if error.reason == .unsupported { throw error }
                    isMalformed = true
                    break
                }
                if token == .end { break }
                take(token, bytes)
            }
            if !stack.isEmpty { isMalformed = true }
            while !stack.isEmpty { close(bytes) }
        }

        private mutating func take(_ token: XMLScanner.Token, _ bytes: borrowing RawSpan) {
            switch token {
            case .open(_, _, let isEmpty) where ignored > 0:
                if !isEmpty { ignored += 1 }
            case .open(let name, let attributes, let isEmpty):
                open(bytes.text(name), attributes, bytes)
                if isEmpty {
                    if ignored > 0 { ignored -= 1 } else { close(bytes) }
                }
            case .close where ignored > 0: ignored -= 1
            case .text where ignored > 0: break
            case .close(let name):
                let name = bytes.text(name)
                // Close what was left open inside; a close tag that nothing opened is passed over.
                guard let match = stack.lastIndex(where: { $0.name == name }) else {
                    isMalformed = true
                    return
                }
                if match != stack.count - 1 { isMalformed = true }
                while stack.count > match { close(bytes) }
            case .text(let range, let raw):
                guard let last = stack.indices.last else { return }
                guard raw || range.upperBound < bytes.byteCount else {
                    // The body ends in the middle of a text: half a number is another number.
                    stack[last].text = nil
                    return
                }
                let trimmed = raw ? range : bytes.trimmed(range)
                if trimmed.isEmpty { return }
                if stack[last].text == nil {
                    stack[last].text = trimmed
                    stack[last].raw = raw
                } else {
                    stack[last].more =
                        (stack[last].more ?? "") + (raw ? bytes.text(range) : XMLScanner.text(bytes, range))
                }
            case .end: break
            }
        }

        private mutating func open(_ name: String, _ attributes: Range<Int>, _ bytes: borrowing RawSpan) {
            let path: String
            if let parent = stack.indices.last {
                path = "\(stack[parent].path).\(name)"
                let before = stack[parent].children[name, default: 0]
                stack[parent].children[name] = before + 1
                if before > 0, path.utf8.count < pathLimit { add("\(path).#", .text(String(before))) }
            } else {
                roots += 1
                if roots > 1 { isMalformed = true }
                path = "xml"
                add("xml.root", .text(name))
            }
            guard stack.count < depthLimit, path.utf8.count <= pathLimit else {
                isCut = true
                ignored = 1
                return
            }
            var index = attributes.lowerBound
            while let (attribute, value) = XMLScanner.attribute(bytes, in: attributes, from: &index) {
                let field = "\(path).@\(bytes.text(attribute))"
                add(field, leaf(bytes, value, raw: false))
            }
            stack.append(Element(name: name, path: path))
        }

        private mutating func close(_ bytes: borrowing RawSpan) {
            guard let element = stack.popLast(), let text = element.text else { return }
            let path = element.path == "xml" ? "xml.text" : element.path
            if let more = element.more {
                add(path, .text((element.raw ? bytes.text(text) : XMLScanner.text(bytes, text)) + more))
            } else {
                add(path, leaf(bytes, text, raw: element.raw))
            }
        }

        private func leaf(_ bytes: borrowing RawSpan, _ range: Range<Int>, raw: Bool) -> Leaf {
            let and = raw ? nil : bytes.firstIndex(of: UInt8(ascii: "&"), from: range.lowerBound, to: range.upperBound)
            return and == nil ? .range(range) : .text(XMLScanner.text(bytes, range))
        }

        private mutating func add(_ path: String, _ leaf: Leaf) {
            guard fields.count < fieldLimit else {
                isCut = true
                return
            }
            fields.append((FieldName(path), leaf))
        }
    }
}
