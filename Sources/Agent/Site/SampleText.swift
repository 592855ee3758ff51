internal import Domain
internal import Foundation
internal import Wire

/// A sample's input, readable by eye: messages with the time they are heard at.
///
/// ```
/// # a comment, between messages
/// @ 2026-11-10T07:31:02.104+07:00
/// <134>1 2026-11-10T07:31:02.104+07:00 kiosk qms - TICKET - action=issued ticket=A001
/// @ 2026-11-10T07:31:05.000+07:00 to-device hex
/// 3a 0d 0a
/// ```
/// After the time: `to-device` (the device is the receiver), and how the lines become bytes: as they are (the default,
/// LF between lines, none at the end); `crlf` (CR LF after each; `Content-Length: *` is filled in); `hex`; `base64`;
/// `publish TOPIC [retained]` (the lines are the payload of an MQTT 3.1.1 PUBLISH).
struct SampleText {
    struct Block {
        var line: Int
        var at: Timestamp
        var isToDevice: Bool
        var bytes: [UInt8]
    }

    static let sizeLimit = 4 << 20
    private(set) var blocks: [Block] = []

    init(_ bytes: [UInt8], path: String) throws(FileProblems) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FileProblems([FileProblem(path: path, line: 0, message: "not UTF-8; write binary as hex or base64")])
        }
        var problems = ProblemList(path: path)
        var head: (line: Int, words: [String])?
        var lines: [Substring] = []
        func close(_ problems: inout ProblemList, _ blocks: inout [Block]) {
            if let head, let block = Self.block(head.line, head.words, lines, &problems) { blocks.append(block) }
        }
        var number = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            if line.hasPrefix("@ ") {
                close(&problems, &blocks)
                head = (number, line.dropFirst(2).split(separator: " ").map(String.init))
                lines = []
            } else if line.hasPrefix("# ") {
                continue
            } else if head != nil {
                lines.append(line.hasSuffix("\r") ? line.dropLast() : line)
            } else if !line.allSatisfy(\.isWhitespace) {
                problems.note(line: number, "expected '@ TIME' before the first message")
                break
            }
        }
        close(&problems, &blocks)
        if blocks.isEmpty, problems.problems.isEmpty { problems.note(line: 1, "no message; each begins with '@ TIME'") }
        try problems.check()
    }

    private static func block(
        _ line: Int, _ words: [String], _ lines: [Substring], _ problems: inout ProblemList
    ) -> Block? {
        let clock = OfficeClock(offsetSeconds: 0)
        guard let first = words.first,
            let at = StampFormat.rfc3339.instant(of: first, clock: clock, heard: Instant(milliseconds: 0))
        else {
            problems.note(line: line, "'@' is followed by a time like 2026-11-10T07:31:02.104+07:00")
            return nil
        }
        var rest = words.dropFirst()
        var isToDevice = false
        if rest.first == "to-device" {
            isToDevice = true
            rest = rest.dropFirst()
        }
        var lines = lines
        while let last = lines.last, last.allSatisfy(\.isWhitespace) { lines.removeLast() }
        let form = rest.popFirst() ?? "text"
        let joined = lines.joined(separator: "\n")
        let bytes: [UInt8]?
        switch form {
        case "text": bytes = Array(joined.utf8)
        case "crlf": bytes = crlf(lines)
        case "hex": bytes = hex(joined)
        case "base64": bytes = Data(base64Encoded: joined, options: .ignoreUnknownCharacters).map(Array.init)
        case "publish":
            guard let topic = rest.popFirst() else {
                problems.note(line: line, "'publish' needs a topic")
                return nil
            }
            let isRetained = rest.first == "retained"
            if isRetained { rest = rest.dropFirst() }
            bytes = MQTT.encodePublish(topic: topic, payload: Array(joined.utf8), retain: isRetained)
        default:
            problems.note(
                line: line,
                Words.unknown("form", form, known: ["base64", "crlf", "hex", "publish", "text", "to-device"]))
            return nil
        }
        if let word = rest.first {
            problems.note(line: line, "'\(Words.shown(word))' is too much")
            return nil
        }
        guard let bytes else {
            problems.note(line: line, "the lines below are no \(form)")
            return nil
        }
        return Block(
            line: line, at: Timestamp(milliseconds: at.milliseconds), isToDevice: isToDevice, bytes: bytes)
    }

    private static func crlf(_ lines: [Substring]) -> [UInt8] {
        let end = lines.firstIndex { $0.isEmpty } ?? lines.count
        let body = lines.dropFirst(end + 1).joined(separator: "\r\n")
        var out = ""
        for line in lines.prefix(end) {
            out += line == "Content-Length: *" ? "Content-Length: \(body.utf8.count)" : String(line)
            out += "\r\n"
        }
        return Array((out + "\r\n" + body).utf8)
    }

    private static func hex(_ text: String) -> [UInt8]? {
        let digits = text.filter { !$0.isWhitespace }
        guard digits.utf8.count.isMultiple(of: 2), digits.utf8.allSatisfy({ isHexDigit($0) }) else { return nil }
        let all = Array(digits.utf8)
        return stride(from: 0, to: all.count, by: 2).compactMap {
            UInt8(String(decoding: all[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }
}
