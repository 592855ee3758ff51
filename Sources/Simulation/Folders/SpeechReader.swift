internal import Agent
internal import Domain
internal import Foundation

/// Reads `speech.txt`: settings (`counters: 1, 2`), then utterances (`= ticket.called`), each with its messages
/// (`@ 0 crlf`, and the lines below). `& NAME` begins an envelope: messages that are `in NAME` stand where its line `...` is.
struct SpeechReader {
    let path: String
    private var problems: [FileProblem] = []
    private var speech = DeviceSpeech()
    private typealias Line = (text: String, number: Int)
    /// Where lines go now.
    private enum Place { case settings, opening, utterance, envelope }
    private var place = Place.settings
    private var message: (message: DeviceSpeech.Message, envelope: String?, lines: [Line])?
    /// What messages have around them: lines, one of which is `...`.
    private var envelopes: [String: [Line]] = [:]
    /// Where each begins, until a message is in it.
    private var unused: [(name: String, line: Int)] = []
    private var envelope = ""
    /// The lines that follow belong to a beginning that was none, which has been told.
    private var isLost = false

    private static let settings = [
        "address", "behind", "connection", "counters", "header", "number", "port", "resolution", "role", "services",
        "target", "transport", "unsaid", "zones",
    ]

    init(path: String) {
        self.path = path
    }

    mutating func read(_ text: String) throws(FileProblems) -> DeviceSpeech {
        var number = 0
        for line in text.writtenLines {
            number += 1
            let line = line.hasSuffix("\r") ? line.dropLast() : line
            if line.hasPrefix("# ") || line == "#" {
                continue
            } else if line.hasPrefix("= ") {
                closeMessage()
                isLost = false
                head(String(line.dropFirst(2)), number)
            } else if line.hasPrefix("& ") {
                closeMessage()
                place = .envelope
                envelope = line.dropFirst(2).trimmingCharacters(in: .whitespaces)
                if envelopes.updateValue([], forKey: envelope) != nil { note(number, "'\(envelope)' is there already") }
                unused.append((envelope, number))
            } else if line.hasPrefix("@ ") {
                closeMessage()
                open(line.dropFirst(2).split(separator: " ").map(String.init), number)
            } else if message != nil {
                message?.lines.append((String(line), number))
            } else if place == .envelope {
                envelopes[envelope]?.append((String(line), number))
            } else if !line.allSatisfy(\.isWhitespace) {
                if place == .settings {
                    setting(line, number)
                } else if !isLost {
                    isLost = true
                    note(number, "expected '@ 0' and the form of the message, before its lines")
                }
            }
        }
        closeMessage()
        if speech.behind.isEmpty {
            for utterance in speech.utterances where utterance.holes.contains("behind") {
                note(
                    utterance.line,
                    "'${behind}' needs the setting 'behind': what the device calls those behind it, like channel 1, "
                        + "channel 2")
            }
            for utterance in speech.utterances where utterance.device != nil && !utterance.holes.contains("behind") {
                note(utterance.line, "'device' needs the setting 'behind', which names what is behind the device")
            }
        }
        for utterance in speech.utterances where utterance.messages.isEmpty && problems.isEmpty {
            note(utterance.line, "'\(utterance.event)' has no message; each begins with '@ 0'")
        }
        if speech.utterances.isEmpty, problems.isEmpty {
            note(1, "nothing is said; an utterance begins with '= EVENT'")
        }
        guard problems.isEmpty else { throw FileProblems(problems) }
        speech.warnings = unused.map {
            FileProblem(path: path, line: $0.line, message: "warning: no message is 'in \($0.name)'")
        }
        return speech
    }

    private mutating func note(_ line: Int, _ message: String) {
        problems.append(FileProblem(path: path, line: line, message: message))
    }

    private mutating func template(_ text: String, _ line: Int) -> SpeechTemplate? {
        do throws(SpeechTemplate.Mistake) {
            return try SpeechTemplate(text)
        } catch {
            note(line, error.message)
            return nil
        }
    }

    // MARK: Settings

    private mutating func setting(_ line: Substring, _ number: Int) {
        guard let colon = line.firstIndex(of: ":") else {
            note(number, "expected 'SETTING: VALUE' or '= EVENT'; settings: \(Self.settings.joined(separator: ", "))")
            return
        }
        let name = String(line[..<colon])
        let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        let list = value.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        let isList = ["counters", "services", "behind", "zones"].contains(name)
        guard !value.isEmpty, !isList || !list.isEmpty else {
            note(number, "'\(name)' has no value")
            return
        }
        switch name {
        case "number": speech.number = value
        case "counters": speech.counters = list
        case "services": speech.services = list
        case "behind": speech.behind = list
        case "header": speech.header = value
        case "target": speech.target = value
        case "address":
            if DeviceAddress(value) == nil { note(number, "'\(value)' is no address of a device") }
            speech.address = value
        case "zones":
            speech.zones = list.compactMap {
                let sides = $0.split(separator: "=").map { $0.trimmingCharacters(in: .whitespaces) }
                guard sides.count == 2 else {
                    note(number, "zones are written 'NAME = WORD OF THE DEVICE', not '\($0)'")
                    return nil
                }
                return (sides[0], sides[1])
            }
        case "port":
            guard let port = UInt16(value), port > 0 else { return note(number, "'\(value)' is no port, 1 to 65535") }
            speech.port = port
        case "resolution":
            guard let milliseconds = DurationText.milliseconds(value), milliseconds > 0 else {
                return note(number, "'\(value)' is no duration like 1s")
            }
            speech.resolution = milliseconds
        case "unsaid":
            let words = value.split(separator: " ", maxSplits: 1).map(String.init)
            guard words.count == 2 else { return note(number, "'unsaid' is followed by an event and why") }
            speech.unsaid.append((event(words[0], number) ?? words[0], words[1]))
        case "role": speech.role = word(value, number)
        case "connection": speech.connection = word(value, number)
        case "transport": speech.transport = word(value, number)
        default: note(number, Words.unknown("setting", name, known: Self.settings))
        }
    }

    private mutating func word<Word: RawRepresentable & CaseIterable>(_ value: String, _ line: Int) -> Word?
    where Word.RawValue == String {
        let word = Word(rawValue: value)
        if word == nil { note(line, Words.unknown("word", value, known: Word.allCases.map(\.rawValue))) }
        return word
    }

    private mutating func event(_ name: String, _ line: Int) -> String? {
        let known = EventKind.catalogue.map(\.name).filter { !$0.hasPrefix("agent.") }
        if known.contains(name) { return name }
        note(line, Words.unknown("event", name, known: known + ["opening"]))
        return nil
    }

    // MARK: Utterances

    /// `ticket.issued channel=kiosk`, `meeting.started id=hash:${key}@pbx`, `camera.motion on=true expires=30s`.
    private mutating func head(_ text: String, _ line: Int) {
        var words = Self.words(text)
        let name = words.isEmpty ? "" : words.removeFirst()
        if name == "opening" {
            place = .opening
            return
        }
        place = .utterance
        guard let event = event(name, line) else { return }
        let keys = (EventKind.catalogue.first { $0.name == event }?.keys ?? []).map {
            $0.hasSuffix("?") ? String($0.dropLast()) : $0
        }
        var utterance = DeviceSpeech.Utterance(line: line, event: event)
        for word in words {
            guard let equals = word.firstIndex(of: "=") else {
                note(line, "expected KEY=VALUE, not '\(word)'")
                continue
            }
            let key = String(word[..<equals])
            let value = String(word[word.index(after: equals)...])
            switch key {
            case "expires":
                utterance.expires = DurationText.milliseconds(value)
                if utterance.expires == nil { note(line, "'\(value)' is no duration like 30s") }
            case "device": utterance.device = template(value, line)
            case _ where keys.contains(key) || key == "counter":
                if let text = template(value, line) { utterance.constants.append((key, text)) }
            default: note(line, Words.unknown("key", key, known: (keys + ["counter", "device", "expires"]).sorted()))
            }
        }
        speech.utterances.append(utterance)
    }

    /// Words between blanks; what stands between quotes is one word.
    private static func words(_ text: String) -> [String] {
        var out: [String] = []
        var word = ""
        var isQuoted = false
        for character in text {
            if character == "\"" {
                isQuoted.toggle()
            } else if character == " ", !isQuoted {
                if !word.isEmpty { out.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        return word.isEmpty ? out : out + [word]
    }

    /// `@ 0 to-device crlf`, `@ -1.5 hex`.
    private mutating func open(_ words: [String], _ line: Int) {
        isLost = true
        guard place != .settings, place != .envelope else {
            return note(line, "expected '= EVENT' before the first message")
        }
        var words = words
        var envelope: String?
        if words.count > 2, words[words.count - 2] == "in" {
            let name = words.removeLast()
            words.removeLast()
            envelope = name
            unused.removeAll { $0.name == name }
            if envelopes[name] == nil { note(line, Words.unknown("envelope", name, known: envelopes.keys.sorted())) }
        }
        guard let first = words.first, let seconds = Double(first), abs(seconds) <= 3_600 else {
            return note(line, "'@' is followed by seconds from the event, like 0 or -1.5")
        }
        var isToDevice = false
        do throws(SampleForm.Mistake) {
            let form = try SampleForm(words.dropFirst(), isToDevice: &isToDevice)
            var topic: SpeechTemplate?
            if case .publish(let text, _) = form { topic = template(text, line) }
            let message = DeviceSpeech.Message(
                line: line, after: Int64((seconds * 1_000).rounded()), isToDevice: isToDevice, form: form, lines: [],
                topic: topic)
            self.message = (message, envelope, [])
            isLost = false
        } catch {
            note(line, error.message)
        }
    }

    private mutating func closeMessage() {
        guard let open = message else { return }
        var (message, lines) = (open.message, open.lines)
        self.message = nil
        while let last = lines.last, last.text.allSatisfy(\.isWhitespace) { lines.removeLast() }
        if let around = open.envelope.flatMap({ envelopes[$0] }) {
            lines = around.flatMap { $0.text == "..." ? lines : [$0] }
        }
        for line in lines {
            if let template = template(line.text, line.number) { message.lines.append(template) }
        }
        switch place {
        case .opening: speech.opening.append(message)
        case .utterance:
            if !speech.utterances.isEmpty { speech.utterances[speech.utterances.count - 1].messages.append(message) }
        case .settings, .envelope: break
        }
    }
}
