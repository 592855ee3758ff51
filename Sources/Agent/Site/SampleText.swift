internal import Domain
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
/// After the time: `to-device` (the device is the receiver), and how the lines become bytes (`SampleForm`).
struct SampleText {
    struct Block {
        var line: Int
        var at: Timestamp
        var isToDevice: Bool
        var form: SampleForm
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
            guard let head, let block = Self.block(head.line, head.words, lines, &problems) else { return }
            if let last = blocks.last, block.at < last.at {
                problems.note(
                    line: block.line,
                    "this is heard before the message of line \(last.line); messages stand in the order of their times")
            }
            blocks.append(block)
        }
        var number = 0
        for line in text.writtenLines {
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
        var isToDevice = false
        let form: SampleForm
        do throws(SampleForm.Mistake) {
            form = try SampleForm(words.dropFirst(), isToDevice: &isToDevice)
        } catch {
            problems.note(line: line, error.message)
            return nil
        }
        guard let bytes = form.bytes(lines.map(String.init)) else {
            problems.note(line: line, "the lines below are no \(form.name)")
            return nil
        }
        return Block(
            line: line, at: Timestamp(milliseconds: at.milliseconds), isToDevice: isToDevice, form: form, bytes: bytes)
    }
}
