internal import Domain

/// A text with holes, as `speech.txt` writes them: `"ticket": "${number}"`, `${time:%H:%M:%S}`, `${on:start/stop}`.
///
/// The dollar keeps them apart from the braces of JSON.
struct SpeechTemplate: Hashable, Sendable {
    enum Part: Hashable, Sendable {
        case literal(String)
        case hole(name: String, form: String?)
    }

    let parts: [Part]

    /// What can be told, by name. `key` is a number that a ticket, a call or a dossier keeps; `n` counts utterances.
    static let names = [
        "behind", "cause", "channel", "code", "count", "counter", "due", "finished", "jitterMilliseconds", "key",
        "lossPercent", "mos", "n", "nowServing", "number", "on", "openCounters", "outcome", "priority", "quantity",
        "reason", "scale", "score", "service", "time", "toCounter", "toService", "waiting", "zone",
    ]
    static let times: Set<String> = ["due", "finished", "time"]

    struct Mistake: Error {
        var message: String
    }

    init(_ text: String) throws(Mistake) {
        var parts: [Part] = []
        var literal = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "${") {
            literal += rest[..<start.lowerBound]
            rest = rest[start.upperBound...]
            guard let end = rest.firstIndex(of: "}") else { throw Mistake(message: "'${' without '}'") }
            let hole = rest[..<end]
            rest = rest[rest.index(after: end)...]
            let colon = hole.firstIndex(of: ":")
            let name = String(hole[..<(colon ?? hole.endIndex)])
            let form = colon.map { String(hole[hole.index(after: $0)...]) }
            guard Self.names.contains(name) else {
                throw Mistake(message: Words.unknown("hole", name, known: Self.names))
            }
            if let problem = Self.problem(name, form) { throw Mistake(message: problem) }
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = ""
            parts.append(.hole(name: name, form: form))
        }
        literal += rest
        if !literal.isEmpty { parts.append(.literal(literal)) }
        self.parts = parts
    }

    /// The names of its holes.
    var holes: Set<String> {
        var out: Set<String> = []
        for case .hole(let name, _) in parts { out.insert(name) }
        return out
    }

    private static func problem(_ name: String, _ form: String?) -> String? {
        switch form {
        case nil:
            return times.contains(name) ? "'\(name)' needs a form: ${\(name):%Y-%m-%dT%H:%M:%S%:z}" : nil
        case let form? where times.contains(name): return SpokenTime.problem(form)
        case let form? where name == "on":
            return form.split(separator: "/", omittingEmptySubsequences: false).count == 2
                ? nil : "'on' is told as two words: ${on:active/inactive}"
        case "digits"?, "lower"?, "upper"?, "uuid"?: return nil
        case let form? where form.hasPrefix("hex"):
            let width = Int(form.dropFirst(3)) ?? 0
            return (1...16).contains(width) ? nil : "'hex' is followed by its number of digits, 1 to 16: ${key:hex8}"
        case let form?:
            return Words.unknown("form", form, known: ["digits", "hex8", "lower", "upper", "uuid"])
        }
    }

    /// The text for what is told; a name that is not told gives nothing.
    func text(_ told: Told, clock: OfficeClock) -> String {
        var out = ""
        for part in parts {
            switch part {
            case .literal(let text): out += text
            case .hole(let name, let form): out += told.text(name, form, clock: clock)
            }
        }
        return out
    }
}

/// What one utterance tells, in the device's own words.
struct Told {
    var words: [String: String] = [:]
    var times: [String: Instant] = [:]
    var on: Bool?
    var key: UInt64 = 0

    func text(_ name: String, _ form: String?, clock: OfficeClock) -> String {
        if let time = times[name] { return SpokenTime.text(time, form ?? "%s", clock: clock) }
        if name == "on" {
            let words = (form ?? "true/false").split(separator: "/", omittingEmptySubsequences: false)
            return on == true ? String(words[0]) : String(words.last ?? "")
        }
        let plain = name == "key" ? String(key) : words[name] ?? ""
        switch form {
        case nil: return plain
        case "digits"?: return plain.filter(\.isNumber)
        case "lower"?: return plain.lowercased()
        case "upper"?: return plain.uppercased()
        case "uuid"?: return Self.uuid(FNV1a.hash64(plain.utf8))
        case let form?: return Self.hex(UInt64(plain) ?? FNV1a.hash64(plain.utf8), Int(form.dropFirst(3)) ?? 8)
        }
    }

    /// The last `width` hexadecimal digits.
    private static func hex(_ value: UInt64, _ width: Int) -> String {
        let digits = String(value, radix: 16)
        return String((String(repeating: "0", count: width) + digits).suffix(width))
    }

    /// Version 4 in form (RFC 9562 section 5.4), from a number.
    private static func uuid(_ value: UInt64) -> String {
        let first = hex(value, 16)
        let second = hex(FNV1a.hash64(first.utf8), 16)
        func part(_ text: String, _ from: Int, _ count: Int) -> String { String(text.dropFirst(from).prefix(count)) }
        return part(first, 0, 8) + "-" + part(first, 8, 4) + "-4" + part(first, 13, 3) + "-8" + part(second, 0, 3) + "-"
            + part(second, 4, 12)
    }
}
