import Wire

/// What must stand in one place of a message, as far as a look without taking anything apart can tell.
///
/// A condition becomes rows of needs, of each of which one must hold: where a row has none, the condition cannot hold
/// either. That way is one way only: a row that holds decides nothing. So words of a JSON body may be looked for in the
/// bytes that were sent, as long as a byte that begins an escape counts as any of them.
enum Need: Hashable, Sendable {
    case texts(FieldName, [String])
    /// None of the words is empty.
    case words(FieldName, [[UInt8]])
    case presence(FieldName)
    /// The body as it was sent.
    case inBody(DeviceProfile.Body, [[UInt8]])

    enum Place: Hashable, Sendable {
        case field(FieldName)
        case body(DeviceProfile.Body)
    }

    var place: Place {
        switch self {
        case .texts(let name, _), .words(let name, _), .presence(let name): .field(name)
        case .inBody(let body, _): .body(body)
        }
    }

    /// How seldom a message that means nothing has it, and how little the look costs; roughly.
    var worth: Int {
        switch self {
        case .texts: 10
        case .words(_, let words), .inBody(_, let words): min(words.map(\.count).min() ?? 0, 9)
        case .presence: 1
        }
    }
}

/// The rows of needs of conditions.
struct Needs {
    /// Fields whose names begin as the body's do are inside of it; `nil`: all are the message's own.
    var body: DeviceProfile.Body?
    /// What named values stand for.
    var values: [Template] = []
    /// Fields that are not sent, but made of what is.
    var made: [String] = []

    static func worth(_ row: [Need]) -> Int { row.map(\.worth).min() ?? 0 }

    func rows(_ checks: [Check]) -> [[Need]] { checks.flatMap { rows($0) } }

    private func rows(_ check: Check) -> [[Need]] {
        switch check {
        case .equals(let name, let text): row(of: .field(name), texts: [text])
        case .oneOf(let reference, let texts): row(of: reference, texts: texts)
        case .prefix(let reference, let text), .suffix(let reference, let text), .contains(let reference, let text):
            row(of: reference, word: text)
        case .pattern(let reference, let pattern, _):
            row(of: reference, word: ([pattern.head] + pattern.holes.map(\.after)).max { $0.count < $1.count } ?? [])
        case .present(let reference, true), .range(let reference, _, _): presence(of: [reference])
        case .present(_, false), .not: []
        case .all(let checks): rows(checks)
        case .any(let checks): either(checks)
        }
    }

    /// The best row of each of them in one; none if one of them needs nothing.
    private func either(_ checks: [Check]) -> [[Need]] {
        var all: [Need] = []
        for check in checks {
            guard let row = rows(check).max(by: { Self.worth($0) < Self.worth($1) }) else { return [] }
            all += row
        }
        return all.isEmpty ? [] : [all]
    }

    private func row(of reference: Reference, texts: [String]) -> [[Need]] {
        guard case .field(let name) = reference else { return presence(of: [reference]) }
        guard let body = inside(name) else { return [[.texts(name, texts)]] }
        return row(inside: body, name, words: texts.map { body.written($0) })
    }

    private func row(of reference: Reference, word: [UInt8]) -> [[Need]] {
        guard case .field(let name) = reference, !word.isEmpty else { return presence(of: [reference]) }
        guard let body = inside(name) else { return [[.words(name, [word])]] }
        return row(inside: body, name, words: body == .xml ? [] : [word])
    }

    /// Either the name or one of the words must stand there: what is longer.
    private func row(inside body: DeviceProfile.Body, _ name: FieldName, words: [[UInt8]]) -> [[Need]] {
        if made.contains(name.rawValue) { return [] }
        let key = body.writtenKey(name.rawValue).map { Need.inBody(body, [$0]) }
        let value: Need? = words.isEmpty || words.contains(where: \.isEmpty) ? nil : .inBody(body, words)
        return [key, value].compactMap { $0.map { [$0] } }
    }

    /// One of them must be there.
    private func presence(of references: [Reference]) -> [[Need]] {
        var all: [Need] = []
        for reference in references {
            switch reference {
            case .field(let name):
                if let body = inside(name) {
                    guard !made.contains(name.rawValue), let key = body.writtenKey(name.rawValue) else { return [] }
                    all.append(.inBody(body, [key]))
                } else {
                    all.append(.presence(name))
                }
            case .named(let index):
                guard values.indices.contains(index), let row = presence(of: values[index]) else { return [] }
                all += row
            case .below, .captured: return []
            }
        }
        return all.isEmpty ? [] : [all]
    }

    /// Each value of a template must be there: the best of them.
    private func presence(of template: Template) -> [Need]? {
        template.pieces.flatMap { piece -> [[Need]] in
            guard case .value(let references, _) = piece else { return [] }
            return presence(of: references)
        }.max { Self.worth($0) < Self.worth($1) }
    }

    private func inside(_ name: FieldName) -> DeviceProfile.Body? {
        guard let body, name.rawValue.hasPrefix(body.prefix) else { return nil }
        return body
    }
}

extension DeviceProfile.Body {
    /// A byte that may hide a word from who looks for it in the body as it was sent.
    var escape: UInt8? {
        switch self {
        case .json, .pairs: UInt8(ascii: "\\")
        // Only names are looked for there, which nothing hides.
        case .xml: nil
        }
    }

    /// What stands in the body where the field does: the last name of its path, with what must follow it.
    fileprivate func writtenKey(_ name: String) -> [UInt8]? {
        let path = name.dropFirst(prefix.count).split(separator: ".").map(String.init)
        switch self {
        case .pairs: return Array((name.dropFirst(prefix.count) + "=").utf8)
        case .json:
            // A key may have dots too, and `json.cut` is nobody's.
            guard path != ["cut"], let place = path.lastIndex(where: { !$0.utf8.allSatisfy(\.isDigit) }) else {
                return nil
            }
            return Array((place == path.count - 1 ? path[place] + "\"" : path[place]).utf8)
        case .xml:
            let names = path.filter { $0 != "#" }
            let isOfRoot = path.count == 1 && ["root", "text", "malformed", "cut"].contains(path[0])
            guard !isOfRoot, let last = names.last?.drop(while: { $0 == "@" }), !last.isEmpty else { return nil }
            return Array(last.utf8)
        }
    }

    /// A value as it stands there; empty: that cannot be told.
    fileprivate func written(_ text: String) -> [UInt8] {
        switch self {
        case .pairs: return Array(text.utf8)
        case .xml: return []
        case .json:
            let isBare = text == "true" || text == "false" || text.utf8.first.map { $0.isDigit || $0 == 0x2D } ?? true
            return Array((isBare ? text : "\"" + text + "\"").utf8)
        }
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (0x30...0x39).contains(self) }
}
