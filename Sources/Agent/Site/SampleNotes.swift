public import Domain
public import Wire

extension DeviceFolder {
    /// The same of a message, or of each element of its list.
    public static func words(
        _ recognitions: [Recognition], _ each: [Recognition], _ message: Message, _ recognizer: Recognizer,
        _ heard: Instant
    ) -> [String] {
        guard !each.isEmpty, let list = recognizer.list(of: message) else {
            return recognitions.flatMap { words($0, message, recognizer, heard) }
        }
        return zip(each, list.elements).enumerated().flatMap { index, pair in
            words(pair.0, pair.1, recognizer, heard, list: list.path).map {
                "element \(index + 1) of \(list.path): \($0)"
            }
        }
    }

    /// What to think of, in words: what became of a message that gave nothing, or an event without the device's time.
    static func words(
        _ recognition: Recognition, _ message: Message, _ recognizer: Recognizer, _ heard: Instant,
        list: String? = nil
    ) -> [String] {
        switch recognition {
        case .ignored, .unread: return []
        case .matched(let observations):
            return observations.flatMap { observation -> [String] in
                var out: [String] = []
                if let lack = observation.leftOut {
                    let words = recognizer.explain(lack, rule: observation.rule, of: message, heard: heard)
                    out.append("left out: rule '\(observation.rule)': \(words)")
                }
                if observation.lacksPart {
                    let why = recognizer.explainPart(rule: observation.rule, of: message, heard: heard)
                    out.append(
                        "rule '\(observation.rule)': about all of the device, for 'key' is absent"
                            + (why.map { ": " + $0 } ?? ""))
                }
                if observation.lacksStamp {
                    let why = recognizer.explainStamp(rule: observation.rule, of: message, heard: heard)
                    out.append("the device's time is not known" + (why.map { ": " + $0 } ?? ""))
                }
                return out
            }
        case .incomplete(let rule, let why):
            let words = recognizer.explain(why, rule: rule, of: message, heard: heard)
            return ["incomplete: rule '\(rule)': \(words)" + fault(of: message, recognizer)]
        case .unmapped:
            if list == nil, let said = recognizer.refusal(of: message) {
                return ["unmapped: the profile's own 'match' does not hold: " + said]
            }
            let told = String(CleanText.clean(Self.told(message, list)).prefix(100))
            return ["unmapped: no rule is for it: \(told)" + fault(of: message, recognizer)]
        }
    }

    /// Where the body is none of its kind.
    private static func fault(of message: Message, _ recognizer: Recognizer) -> String {
        let profile = recognizer.profile
        guard profile.protocolName == message.protocolName, !message.bodyRange.isEmpty, profile.body == .json,
            // Other rules of the profile read XML.
            message.body.first(where: { $0 > 0x20 }) != UInt8(ascii: "<")
        else { return "" }
        var copy = message
        do throws(ParseError) {
            try JSONFields.flatten(&copy)
            return ""
        } catch {
            return "; the body is no JSON: \(error.reason.rawValue) at byte \(error.offset)"
        }
    }

    private static func told(_ message: Message, _ each: String?) -> String {
        var fields = Array(message.fields)
        var words = [message.protocolName.rawValue]
        let list = each.map { $0.hasSuffix(".*") ? String($0.dropLast(2)) : $0 }
        if let each = list, message.body.isEmpty, let first = fields.first, first.name.rawValue.hasPrefix(each + ".") {
            // An element: what stands beside the list comes behind, and is in all of them.
            let own = fields.prefix { $0.name.rawValue.hasPrefix(each + ".") }
            return own.prefix(6).map { "\($0.name.rawValue.dropFirst(each.count + 1))=\($0.value.text)" }
                .joined(separator: " ")
        }
        if message.protocolName == .csv {
            // Where it stands is told beside it.
            fields.removeAll { $0.name.rawValue == "line" || $0.name.rawValue == "columns" }
            words = []
        }
        return (words + fields.prefix(6).map { "\($0.name.rawValue)=\($0.value.text)" }).joined(separator: " ")
    }

    /// In the order of lines; notes of the same words are told once, where the first stands.
    static func together(_ notes: [FileProblem]) -> [FileProblem] {
        var out: [FileProblem] = []
        var counts: [String: (index: Int, more: Int)] = [:]
        for note in notes.enumerated().sorted(by: { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) })
            .map(\.element)
        {
            if let known = counts[note.message] {
                counts[note.message] = (known.index, known.more + 1)
            } else {
                counts[note.message] = (out.count, 0)
                out.append(note)
            }
        }
        for index in out.indices {
            let more = counts[out[index].message]?.more ?? 0
            if more > 0 { out[index].message += " (and \(more) more)" }
        }
        return out
    }

    /// Says which file of a sample is not there, at its line of the profile, and which one is.
    func checkFiles(_ sample: Sample, update: Bool) throws(FileProblems) {
        func fail(_ line: Int, _ message: String) -> FileProblems {
            FileProblems([FileProblem(path: path + "/" + Self.profileName, line: line, message: message)])
        }
        if !isThere(sample.input) {
            let others = neighbours(of: sample.input)
            let near = Words.nearest(sample.input, in: others).first.map { [$0] } ?? others
            let there = near.isEmpty ? "" : "; there is \(near.prefix(3).joined(separator: ", "))"
            throw fail(sample.line, "no file '\(Words.shown(sample.input))'\(there)")
        }
        if !update, !isThere(sample.expect) {
            throw fail(sample.expectLine, "no file '\(Words.shown(sample.expect))'; 'check --update' writes it")
        }
    }
}

/// Which line a byte stands in; asked from the front to the back it counts each byte once.
struct LineCounter {
    private let bytes: [UInt8]
    private var at = 0
    private var line = 1

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// From 1; 0 for what is no place of the file.
    mutating func line(ofByte byte: Int) -> Int {
        guard byte >= 0, byte <= bytes.count else { return 0 }
        if byte < at { (at, line) = (0, 1) }
        while at < byte {
            if bytes[at] == 0x0A { line += 1 }
            at += 1
        }
        return line
    }
}
