/// Text with named holes: `queue/{branch}/ticket/{action:word}`.
///
/// A hole takes everything up to the first place where the text after it stands; the last one takes the rest. It is
/// never empty. Then its type must fit: `int` (decimal digits, a sign), `word` (letters, digits, `_`, `-`, `.`), `any`
/// (the default). There is no going back to try another place, so the cost is one pass over the text.
/// `{{` and `}}` stand for braces; `{_}` is a hole whose content nobody wants (it may be used more than once).
struct Pattern: Hashable, Sendable {
    enum Kind: String, CaseIterable, Sendable { case any, int, word }

    struct Hole: Hashable, Sendable {
        /// `_`: not wanted.
        var name: String
        var kind: Kind
        /// The text after it; empty only for the last one.
        var after: [UInt8]
    }

    /// The text before the first hole.
    let head: [UInt8]
    let holes: [Hole]

    static let holeLimit = 16

    /// Throws what is wrong with the pattern.
    init(_ text: String) throws(Problem) {
        var head: [UInt8] = []
        var holes: [Hole] = []
        for piece in try Pieces.split(text) {
            switch piece {
            case .literal(let literal):
                if holes.isEmpty {
                    head += Array(literal.utf8)
                } else {
                    holes[holes.count - 1].after += Array(literal.utf8)
                }
            case .hole(let content):
                if let last = holes.last, last.after.isEmpty {
                    throw Problem(
                        "nothing stands between '{\(last.name)}' and '{\(content)}', so where one ends is open")
                }
                let parts = content.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                let name = parts.first.map(String.init) ?? ""
                guard Self.isName(name) else {
                    throw Problem(
                        "'\(Words.shown(name))' is no name for a hole; a hole is {name}, {name:int} or {name:word}, "
                            + "its name letters and digits, or '_'")
                }
                let kindWord = parts.count > 1 ? String(parts[1]) : Kind.any.rawValue
                guard let kind = Kind(rawValue: kindWord) else {
                    throw Problem(
                        Words.unknown("type", kindWord, known: Kind.allCases.map(\.rawValue))
                            + " (of the hole '{\(Words.shown(content))}')")
                }
                if name != "_", holes.contains(where: { $0.name == name }) {
                    throw Problem("'{\(name)}' comes twice in one pattern")
                }
                holes.append(Hole(name: name, kind: kind, after: []))
            }
        }
        if holes.count > Self.holeLimit { throw Problem("more than \(Self.holeLimit) holes in one pattern") }
        self.head = head
        self.holes = holes
    }

    static func isName(_ name: String) -> Bool {
        if name == "_" { return true }
        guard let first = name.utf8.first, (first | 0x20) >= 0x61, (first | 0x20) <= 0x7A else { return false }
        return name.utf8.allSatisfy { ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || (0x30...0x39).contains($0) }
    }

    /// The content of each hole, in order; `nil`: no match.
    func match(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        guard text.starts(with: head) else { return nil }
        var index = text.startIndex + head.count
        var found: [ArraySlice<UInt8>] = []
        found.reserveCapacity(holes.count)
        for (number, hole) in holes.enumerated() {
            let isLast = number == holes.count - 1
            let end: Int
            if hole.after.isEmpty {
                end = text.endIndex
            } else if isLast {
                // The text ends as the pattern does.
                guard text.endIndex - hole.after.count > index,
                    text[(text.endIndex - hole.after.count)...].elementsEqual(hole.after)
                else { return nil }
                end = text.endIndex - hole.after.count
            } else {
                guard let place = Self.firstIndex(of: hole.after, in: text, from: index + 1) else { return nil }
                end = place
            }
            guard end > index, hole.kind.fits(text[index..<end]) else { return nil }
            found.append(text[index..<end])
            index = end + hole.after.count
        }
        return index == text.endIndex ? found : nil
    }

    private static func firstIndex(of wanted: [UInt8], in text: ArraySlice<UInt8>, from: Int) -> Int? {
        guard let first = wanted.first, from <= text.endIndex else { return nil }
        var index = from
        while index + wanted.count <= text.endIndex {
            if text[index] == first, text[index..<index + wanted.count].elementsEqual(wanted) { return index }
            index += 1
        }
        return nil
    }
}

extension Pattern.Kind {
    func fits(_ text: ArraySlice<UInt8>) -> Bool {
        switch self {
        case .any: return true
        case .int:
            let digits = text.first == 0x2D || text.first == 0x2B ? text.dropFirst() : text
            return (1...18).contains(digits.count) && digits.allSatisfy { (0x30...0x39).contains($0) }
        case .word:
            return text.allSatisfy {
                (0x30...0x39).contains($0) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || $0 == 0x5F || $0 == 0x2D
                    || $0 == 0x2E || $0 >= 0x80
            }
        }
    }
}

/// What is wrong with one text of the language, without its place.
struct Problem: Error, Hashable, Sendable {
    var message: String
    /// The protocols whose field it is instead; all of a rule's fields then have the same mistake.
    var belongsTo: [String] = []
    /// What is wrong has been told where it stands.
    var isFollowUp = false

    init(_ message: String) {
        self.message = message
    }

    /// `unknown field 'txt'; known: command, text`.
    init(unknown what: String, _ word: String, known: [String]) {
        message = Words.unknown(what, word, known: known)
    }
}

/// Literal text and `{holes}`, with `{{` and `}}` for braces: the common grammar of patterns and templates.
enum Pieces: Hashable {
    case literal(String)
    case hole(String)

    static let lengthLimit = 1_024

    static func split(_ text: String) throws(Problem) -> [Pieces] {
        guard text.utf8.count <= lengthLimit else { throw Problem("longer than \(lengthLimit) bytes") }
        var out: [Pieces] = []
        var literal = ""
        var hole: String?
        var held: Character?
        for character in text {
            if let before = held {
                held = nil
                if before == character {
                    literal.append(character)
                    continue
                }
                if before == "}" { throw Problem("'}' without '{' in '\(text)' (write '}}' for a brace)") }
                if !literal.isEmpty { out.append(.literal(literal)) }
                literal = ""
                hole = ""
            }
            if let content = hole {
                if character == "}" {
                    out.append(.hole(content))
                    hole = nil
                } else if character == "{" {
                    throw Problem("'{' inside of '{' in '\(text)'")
                } else {
                    hole = content + String(character)
                }
            } else if character == "{" || character == "}" {
                held = character
            } else {
                literal.append(character)
            }
        }
        if hole != nil || held == "{" { throw Problem("'{' without '}' in '\(text)'") }
        if held == "}" { throw Problem("'}' without '{' in '\(text)' (write '}}' for a brace)") }
        if !literal.isEmpty { out.append(.literal(literal)) }
        return out
    }
}
