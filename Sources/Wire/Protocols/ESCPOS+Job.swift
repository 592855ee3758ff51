extension ESCPOS {
    /// The printer's settings, which outlast a job until the next `ESC @`.
    struct Settings: Hashable, Sendable {
        var width: UInt8 = 1
        var height: UInt8 = 1
        var page = CodePage.pc437

        mutating func apply(_ action: Action) {
            switch action {
            case .initialise: self = Settings()
            case .mode(let bits):
                height = bits & 0x10 != 0 ? 2 : 1
                width = bits & 0x20 != 0 ? 2 : 1
            case .size(let bits):
                width = bits >> 4 & 7 + 1
                height = bits & 7 + 1
            case .page(let number): page = CodePage(selected: number)
            case .unicode(let isOn): page = isOn ? .utf8 : .pc437
            default: break
            }
        }
    }

    /// What was printed since the last cut.
    struct Job: Sendable {
        private struct Run: Sendable {
            var settings: Settings
            var bytes: [UInt8]
        }

        private struct Large: Sendable {
            var text: String
            var settings: Settings
        }

        private static let largeLimit = 8

        private var lines: [String] = []
        private var lineCount = 0
        private var runs: [Run] = []
        private var runBytes = 0
        private var large: [Large] = []
        private var largestArea = 1
        private var hasCommand = false
        private var hasLine = false
        private var images = 0
        private var codes = 0
        private var unknown = 0

        mutating func print(_ bytes: borrowing RawSpan, _ range: Range<Int>, _ settings: Settings) {
            let kept = range.prefix(max(0, lineLengthLimit - runBytes))
            guard !kept.isEmpty else { return }
            runBytes += kept.count
            if runs.last?.settings != settings { runs.append(Run(settings: settings, bytes: [])) }
            for index in kept { runs[runs.count - 1].bytes.append(bytes.octet(index)) }
        }

        mutating func apply(_ action: Action) {
            switch action {
            case .newLine:
                hasLine = true
                endLine()
            case .nothing: break
            case .image:
                images += 1
                hasCommand = true
            case .storedImages(let count):
                images += count
                hasCommand = true
            case .code, .codeUntilNul:
                codes += 1
                hasCommand = true
            case .unknown: unknown += 1
            default: hasCommand = true
            }
        }

        private mutating func endLine() {
            guard !runs.isEmpty else { return }
            var line = ""
            for run in runs {
                let text = run.settings.page.text(run.bytes)
                line += text
                measure(Self.trimmed(text), run.settings)
            }
            runs = []
            runBytes = 0
            line = Self.trimmed(line)
            guard !line.isEmpty else { return }
            lineCount += 1
            if lines.count < lineLimit { lines.append(line) }
        }

        private mutating func measure(_ text: String, _ settings: Settings) {
            let area = Int(settings.width) * Int(settings.height)
            guard !text.isEmpty, area > 1, area >= largestArea else { return }
            if area > largestArea { large = [] }
            largestArea = area
            if large.count < Self.largeLimit { large.append(Large(text: text, settings: settings)) }
        }

        private static func trimmed(_ text: String) -> String {
            let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\u{A0}" }
            var rest = text.drop(while: isBlank)
            while let last = rest.last, isBlank(last) { rest.removeLast() }
            return String(rest)
        }

        /// The job as a message, or nothing where nothing was printed: a printer's answers and the feed after a cut
        /// are no job.
        mutating func message(isCut: Bool) -> Message? {
            endLine()
            guard lineCount > 0 || images > 0 || codes > 0, hasCommand || hasLine else { return nil }
            var message = Message(.escpos)
            message.add(Field.type, text: "job")
            let first = large.firstIndex { $0.text.utf8.contains { $0.isDigit } } ?? 0
            if large.indices.contains(first) {
                message.add(Field.largest, text: large[first].text)
                for index in large.indices where index != first {
                    message.add(Field.largest, text: large[index].text)
                }
                message.add(Field.width, integer: large[first].settings.width)
                message.add(Field.height, integer: large[first].settings.height)
            }
            message.add(Field.lines, integer: lineCount)
            message.add(Field.cut, boolean: isCut)
            message.add(Field.images, integer: images)
            message.add(Field.codes, integer: codes)
            if unknown > 0 { message.add(Field.unknown, integer: unknown) }
            for (index, line) in lines.enumerated() { message.add(FieldName(linePrefix + "\(index + 1)"), text: line) }
            return message
        }
    }
}
