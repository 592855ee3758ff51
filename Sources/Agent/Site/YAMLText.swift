internal import Foundation
internal import Yams

/// Turns a YAML file into nodes, within bounds, or says where it is no YAML.
///
/// The subset is what people write by hand: one document, no anchors and aliases (a short file could stand for an
/// endless one), modest nesting (the parser underneath is recursive).
enum YAMLText {
    static let sizeLimit = 1 << 20
    static let depthLimit = 64
    static let indentLimit = 256

    static func parse(_ bytes: [UInt8], path: String) throws(FileProblems) -> Node {
        func fail(_ line: Int, _ message: String) -> FileProblems {
            FileProblems([FileProblem(path: path, line: line, message: message)])
        }
        guard bytes.count <= sizeLimit else {
            throw fail(0, "\(bytes.count) bytes; a file may have at most \(sizeLimit)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw fail(0, "not UTF-8") }
        if let (line, message) = boundary(bytes) { throw fail(line, message) }
        do {
            guard let root = try Parser(yaml: text, resolver: .basic).singleRoot() else {
                throw fail(1, "the file is empty")
            }
            return root
        } catch let problems as FileProblems {
            throw problems
        } catch let error as YamlError {
            switch error {
            case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
                .composer(let context, let problem, let mark, _):
                let words = [context?.text, problem].compactMap { $0 }.joined(separator: ": ")
                let line = Self.line(text, problem: mark, context: context)
                throw fail(line, words + Self.advice(text, line: line, words))
            case .reader(let problem, let offset, _, _):
                // Counted in characters, of which CR LF is one.
                let line = text.prefix(max(0, offset ?? 0)).count { $0 == "\n" || $0 == "\r\n" } + 1
                throw fail(line, problem)
            case .duplicatedKeysInMapping(let duplicates, let context):
                let keys = duplicates.map { "'\($0)'" }.joined(separator: ", ")
                let line = duplicates.first.flatMap { Self.secondLine(text, of: $0, context.mark) }
                throw fail(line ?? context.mark.line, "key \(keys) comes twice in one mapping")
            default:
                throw fail(0, "\(error)")
            }
        } catch {
            throw fail(0, "\(error)")
        }
    }

    /// The line that a person must mend. The parser tells where it gave up, which may be far behind that.
    private static func line(_ text: String, problem mark: Mark, context: YamlError.Context?) -> Int {
        guard let context, mark.line > context.mark.line else { return mark.line }
        if context.text.contains("simple key") || context.text.contains("quoted scalar") { return context.mark.line }
        guard context.text.contains("flow") else { return mark.line }
        let lines = text.writtenLines
        let index = min(mark.line - 1, lines.count)
        // Where it gives up at a line's first word, the end is missing before it.
        let before = index < lines.count ? lines[index].prefix(max(0, mark.column - 1)) : ""
        if before.contains(where: { "[]{},\"'".contains($0) }) { return mark.line }
        let above = lines.indices.prefix(index).last { isContent(lines[$0]) }
        return max(context.mark.line, (above ?? 0) + 1)
    }

    /// Where a key stands again that first stands at `mark`: the line that begins with it in the same column.
    private static func secondLine(_ text: String, of key: String, _ mark: Mark) -> Int? {
        let lines = text.writtenLines
        guard mark.line > 0, mark.column > 0, mark.line < lines.count else { return nil }
        for (index, line) in lines.enumerated().dropFirst(mark.line) {
            guard isContent(line) else { continue }
            let indent = line.prefix { $0 == " " }.count
            if indent < mark.column - 1 { return nil }
            let word = line.dropFirst(indent).prefix { $0 != ":" }
            if indent == mark.column - 1, [key, "\"\(key)\"", "'\(key)'"].contains(String(word)) { return index + 1 }
        }
        return nil
    }

    private static func isContent(_ line: Substring) -> Bool {
        let words = line.drop { $0 == " " || $0 == "\t" }
        return !words.isEmpty && !words.hasPrefix("#") && words != "\r"
    }

    /// What people most often do where the parser gives up: a tab, a line that stands in another column than its
    /// neighbours, braces without quotes.
    private static func advice(_ text: String, line: Int, _ words: String) -> String {
        let lines = text.writtenLines
        guard let own = lines.indices.prefix(max(1, line)).last(where: { isContent(lines[$0]) }) else { return "" }
        let above = lines.indices.prefix(own).last { isContent(lines[$0]) }
        for index in [own, above].compactMap({ $0 }) {
            if lines[index].prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") {
                return "; line \(index + 1) begins with a tab: use spaces"
            }
        }
        for index in [own, above].compactMap({ $0 }) {
            let words = lines[index]
            if let open = words.range(of: ": {"), let close = words[open.upperBound...].firstIndex(of: "}"),
                // A mapping, as it may stand there.
                !words[open.upperBound..<close].contains(where: { "\"':".contains($0) }),
                let next = words[words.index(after: close)...].first(where: { $0 != " " && $0 != "\r" }),
                !",}]#".contains(next)
            {
                return "; a value that begins with a brace stands in quotes"
            }
        }
        if words.contains("escape character") {
            return "; between double quotes '\\' is written '\\\\', between single ones as it is"
        }
        if words.contains("cannot start any token") { return "; a value that begins with such a sign stands in quotes" }
        // Within brackets and quotes columns mean nothing.
        guard let above, !words.contains("flow"), !words.contains("quoted") else { return "" }
        let columns = [own, above].map { lines[$0].prefix { $0 == " " }.count + 1 }
        if columns[0] == columns[1] { return "" }
        return "; line \(own + 1) begins in column \(columns[0]), line \(above + 1) in column \(columns[1])"
    }

    /// The first place that goes beyond our subset.
    private static func boundary(_ bytes: [UInt8]) -> (line: Int, message: String)? {
        var depth = 0
        var line = 1
        var column = 0
        var indicators = 0
        var isAtStart = true
        var previous: UInt8 = 0x0A
        for (index, byte) in bytes.enumerated() {
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0x0A
            if byte == 0x0A {
                line += 1
                column = 0
                indicators = 0
                isAtStart = true
                previous = byte
                continue
            }
            column += 1
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                if depth > depthLimit { return (line, "nested more than \(depthLimit) deep") }
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth = max(0, depth - 1)
            case UInt8(ascii: "&"), UInt8(ascii: "*"):
                // Only where a node can start; in the midst of a text they are letters like others.
                let starters: [UInt8] = [0x0A, 0x3A, 0x2D, 0x5B, 0x7B, 0x2C, 0x3F]
                if starters.contains(previous), next > 0x20, next != UInt8(ascii: ","), next != UInt8(ascii: "\"") {
                    return (line, "anchors and aliases (& and *) are not read; write it out, or quote the text")
                }
            default: break
            }
            if isAtStart {
                if (byte == UInt8(ascii: "-") || byte == UInt8(ascii: "?")) && (next == 0x20 || next == 0x0A) {
                    indicators += 1
                    if indicators > 16 { return (line, "nested more than 16 deep on one line") }
                } else if byte != 0x20 {
                    isAtStart = false
                } else if column > indentLimit {
                    return (line, "indented by more than \(indentLimit)")
                }
            }
            if byte != 0x20 && byte != 0x09 && byte != 0x0D { previous = byte }
        }
        return nil
    }
}

/// What was found wrong while a file is read: reading goes on, so that all of it is told at once.
struct ProblemList {
    let path: String
    private(set) var problems: [FileProblem] = []
    static let limit = 200

    init(path: String) {
        self.path = path
    }

    mutating func note(_ node: Node?, _ message: String) {
        note(line: node?.mark?.line ?? 0, message)
    }

    mutating func note(line: Int, _ message: String) {
        guard problems.count < Self.limit else { return }
        problems.append(FileProblem(path: path, line: line, message: message))
    }

    func check() throws(FileProblems) {
        if !problems.isEmpty { throw FileProblems(problems) }
    }
}

extension Node {
    /// `key:`, `key: ~` and `key: null` are the same as no key.
    var isAbsent: Bool {
        guard case .scalar(let scalar) = self, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null"].contains(scalar.string)
    }

    var line: Int { mark?.line ?? 0 }
}
