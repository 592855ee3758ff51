/// Bodies in XML: every element with text becomes a field named by its path below the root, `xml.a.b`; every attribute
/// one named `xml.a.@b`. The root's own name is the field `xml.root`, its text `xml.text`.
///
/// Names are local names. Elements that repeat give fields that repeat. Bodies that are not well-formed are salvaged:
/// what came before the fault counts, and the field `xml.malformed` says so.
public enum XMLFields {
    public static let depthLimit = 32
    public static let fieldLimit = 1_024
    public static let sizeLimit = 256 * 1_024
    static let pathLimit = 256

    /// Adds the fields of the message's body. Throws, and adds nothing: `unsupported` for a document type, `tooLarge`
    /// at a limit, `malformed` where there is no element at all.
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
    }

    private enum Leaf {
        case range(Range<Int>)
        case text(String)
    }

    private struct Element {
        var name: String
        var path: String
        /// Where the first text of it stands, and whether there was an element inside.
        var text: Range<Int>?
        var raw = false
        var more: String?
        var hasChildren = false
    }

    private struct Walk {
        private(set) var fields: [(FieldName, Leaf)] = []
        private(set) var isMalformed = false
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
                try take(token, bytes)
            }
            if !stack.isEmpty { isMalformed = true }
            while !stack.isEmpty { try close(bytes) }
        }

        private mutating func take(_ token: XMLScanner.Token, _ bytes: borrowing RawSpan) throws(ParseError) {
            switch token {
            case .open(let name, let attributes, let isEmpty):
                try open(bytes.text(name), attributes, bytes)
                if isEmpty { try close(bytes) }
            case .close(let name):
                let name = bytes.text(name)
                // Close what was left open inside; a close tag that nothing opened is passed over.
                guard let match = stack.lastIndex(where: { $0.name == name }) else {
                    isMalformed = true
                    return
                }
                if match != stack.count - 1 { isMalformed = true }
                while stack.count > match { try close(bytes) }
            case .text(let range, let raw):
                guard let last = stack.indices.last else { return }
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

        private mutating func open(
            _ name: String, _ attributes: Range<Int>, _ bytes: borrowing RawSpan
        ) throws(ParseError) {
            let path: String
            if let parent = stack.indices.last {
                stack[parent].hasChildren = true
                path = "\(stack[parent].path).\(name)"
            } else {
                roots += 1
                if roots > 1 { isMalformed = true }
                path = "xml"
                try add("xml.root", .text(name))
            }
            guard stack.count < depthLimit, path.utf8.count <= pathLimit else {
                throw ParseError(.application, .tooLarge, needed: stack.count + 1, available: depthLimit)
            }
            var index = attributes.lowerBound
            while let (attribute, value) = XMLScanner.attribute(bytes, in: attributes, from: &index) {
                let field = "\(path).@\(bytes.text(attribute))"
                try add(field, leaf(bytes, value, raw: false))
            }
            stack.append(Element(name: name, path: path))
        }

        private mutating func close(_ bytes: borrowing RawSpan) throws(ParseError) {
            guard let element = stack.popLast(), let text = element.text else { return }
            let path = element.path == "xml" ? "xml.text" : element.path
            if let more = element.more {
                try add(path, .text((element.raw ? bytes.text(text) : XMLScanner.text(bytes, text)) + more))
            } else {
                try add(path, leaf(bytes, text, raw: element.raw))
            }
        }

        private func leaf(_ bytes: borrowing RawSpan, _ range: Range<Int>, raw: Bool) -> Leaf {
            let and = raw ? nil : bytes.firstIndex(of: UInt8(ascii: "&"), from: range.lowerBound, to: range.upperBound)
            return and == nil ? .range(range) : .text(XMLScanner.text(bytes, range))
        }

        private mutating func add(_ path: String, _ leaf: Leaf) throws(ParseError) {
            guard fields.count < fieldLimit else {
                throw ParseError(.application, .tooLarge, available: fieldLimit)
            }
            fields.append((FieldName(path), leaf))
        }
    }
}
