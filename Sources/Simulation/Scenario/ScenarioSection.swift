internal import Domain
internal import Yams

/// What is wrong with a scenario file, told so that a person can mend it: `busy.yaml:9: unknown key 'leave'; known: …`.
public struct ScenarioProblem: Error, Hashable, Sendable, CustomStringConvertible {
    public var path: String
    /// From 1; 0 when the whole file is meant.
    public var line: Int
    public var message: String

    public init(path: String, line: Int, message: String) {
        self.path = path
        self.line = line
        self.message = message
    }

    public var description: String { line > 0 ? "\(path):\(line): \(message)" : "\(path): \(message)" }
}

/// One mapping of a scenario file, read by key; a key that nobody asked for is a problem with its line.
struct ScenarioSection {
    let path: String
    let line: Int
    private let pairs: [(key: String, line: Int, node: Node)]

    init(_ node: Node, path: String, known: [String]) throws(ScenarioProblem) {
        self.path = path
        line = node.mark?.line ?? 0
        guard let mapping = node.mapping else {
            throw ScenarioProblem(path: path, line: line, message: "expected keys: \(known.joined(separator: ", "))")
        }
        var pairs: [(key: String, line: Int, node: Node)] = []
        for (key, value) in mapping {
            let name = key.scalar?.string ?? ""
            let line = key.mark?.line ?? line
            guard known.isEmpty || known.contains(name) else {
                throw ScenarioProblem(
                    path: path, line: line, message: "unknown key '\(name)'; known: \(known.joined(separator: ", "))")
            }
            pairs.append((name, line, value))
        }
        self.pairs = pairs
    }

    private init(path: String, line: Int, pairs: [(key: String, line: Int, node: Node)]) {
        self.path = path
        self.line = line
        self.pairs = pairs
    }

    /// This section with the keys of another one that it does not have itself.
    func over(_ base: ScenarioSection) -> ScenarioSection {
        ScenarioSection(
            path: path, line: line, pairs: pairs + base.pairs.filter { pair in !pairs.contains { $0.key == pair.key } })
    }

    var keys: [String] { pairs.map(\.key) }

    func problem(_ key: String, _ message: String) -> ScenarioProblem {
        ScenarioProblem(path: path, line: pairs.first { $0.key == key }?.line ?? line, message: message)
    }

    func node(_ key: String) -> Node? { pairs.first { $0.key == key }?.node }

    func section(_ key: String, known: [String]) throws(ScenarioProblem) -> ScenarioSection? {
        guard let node = node(key) else { return nil }
        return try ScenarioSection(node, path: path, known: known)
    }

    func sections(_ key: String, known: [String]) throws(ScenarioProblem) -> [ScenarioSection] {
        guard let node = node(key) else { return [] }
        guard let sequence = node.sequence else { throw problem(key, "'\(key)' is a list") }
        var out: [ScenarioSection] = []
        for element in sequence { out.append(try ScenarioSection(element, path: path, known: known)) }
        return out
    }

    // MARK: Scalars

    func optionalText(_ key: String) throws(ScenarioProblem) -> String? {
        guard let node = node(key) else { return nil }
        guard let text = node.scalar?.string else { throw problem(key, "'\(key)' is one word or text") }
        return text
    }

    func text(_ key: String) throws(ScenarioProblem) -> String {
        guard let text = try optionalText(key), !text.isEmpty else { throw problem(key, "'\(key)' is missing") }
        return text
    }

    func words(_ key: String) throws(ScenarioProblem) -> [String] {
        guard let node = node(key) else { return [] }
        guard let sequence = node.sequence else { throw problem(key, "'\(key)' is a list of words") }
        var out: [String] = []
        for element in sequence {
            guard let word = element.scalar?.string else { throw problem(key, "'\(key)' is a list of words") }
            out.append(word)
        }
        return out
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ fallback: Choice
    ) throws(ScenarioProblem) -> Choice where Choice.RawValue == String {
        guard let text = try optionalText(key) else { return fallback }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw problem(key, "unknown \(key) '\(text)'; known: \(known)")
        }
        return choice
    }

    func flag(_ key: String, _ fallback: Bool) throws(ScenarioProblem) -> Bool {
        switch try optionalText(key) {
        case nil: return fallback
        case "true": return true
        case "false": return false
        default: throw problem(key, "'\(key)' is true or false")
        }
    }

    /// A number in `range`.
    func number(
        _ key: String, _ fallback: Double, in range: ClosedRange<Double> = 0...1
    ) throws(ScenarioProblem) -> Double {
        guard let text = try optionalText(key) else { return fallback }
        guard let value = Double(text), range.contains(value) else {
            throw problem(key, "'\(key)' is a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return value
    }

    /// `250ms`, `40s`, `15m`, `2h`; also negative for clock offsets. At most a day.
    func duration(_ key: String, _ fallback: Int64) throws(ScenarioProblem) -> Int64 {
        guard let text = try optionalText(key) else { return fallback }
        guard let value = Self.duration(text) else {
            throw problem(key, "'\(key)' is a duration like 250ms, 40s, 15m or 2h, not '\(text)'")
        }
        return value
    }

    func optionalDuration(_ key: String) throws(ScenarioProblem) -> Int64? {
        node(key) == nil ? nil : try duration(key, 0)
    }

    static func duration(_ text: String) -> Int64? {
        let units: [(String, Int64)] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)]
        guard let unit = units.first(where: { text.hasSuffix($0.0) }),
            let value = Int64(text.dropLast(unit.0.utf8.count)), abs(value) <= 86_400_000 / unit.1
        else { return nil }
        return value * unit.1
    }

    /// `07:30` as milliseconds since midnight; up to `24:00`.
    static func timeOfDay(_ text: some StringProtocol) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 2, parts[1].utf8.count == 2, let hour = Int64(parts[0]),
            let minute = Int64(parts[1]), (0...24).contains(hour), (0...59).contains(minute),
            hour * 60 + minute <= 1_440
        else { return nil }
        return (hour * 60 + minute) * 60_000
    }
}
