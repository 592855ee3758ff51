import Domain
import Foundation
import FoundationXML
import Testing

@testable import Collector

@Suite struct PictureTests {
    static let days: [(name: String, result: OfficeDayResult)] = [
        ("busy", SampleDay.busy()), ("running", SampleDay.busy(asOf: SampleDay.World.at(10, 42, 17))),
        ("gap", SampleDay.busy(gap: true)), ("twelve", SampleDay.busy(counters: 12, visitsPerCounter: 50)),
        ("half", SampleDay.halfMinute()), ("quarter", SampleDay.halfMinute(asOf: 17)), ("empty", SampleDay.empty()),
        ("morning", SampleDay.empty(asOf: SampleDay.World.at(6, 0))),
    ]

    @Test(arguments: [("busy", Language.vi), ("half", .en), ("gap", .en)])
    func `the picture is as it was`(name: String, language: Language) throws {
        let result = try #require(PictureTests.days.first { $0.name == name }?.result)
        try Goldens.check(OfficeDayPicture.svg(result, language: language), "\(name)-\(language.rawValue).svg")
    }

    @Test(arguments: [("busy", Language.vi, 80), ("half", .en, 100), ("gap", .vi, 132), ("empty", .vi, 80)])
    func `the terminal's picture is as it was`(name: String, language: Language, width: Int) throws {
        let result = try #require(PictureTests.days.first { $0.name == name }?.result)
        try Goldens.check(
            OfficeDayPicture.text(result, width: width, colour: false, language: language),
            "\(name)-\(language.rawValue)-\(width).txt")
    }

    @Test(arguments: days.indices)
    func `the area is the waiting time, cause by cause, to the millisecond`(index: Int) {
        let result = PictureTests.days[index].result
        let waits = result.visits.reduce(WaitCauses()) { $0 + $1.causes }
        #expect(QueueArea(result).area == waits)
    }

    @Test(arguments: days.indices)
    func `what is drawn has that area`(index: Int) {
        let result = PictureTests.days[index].result
        let area = QueueArea(result)
        let axis = TimeAxis(window: TimeAxis.window(of: result), left: 172, right: 972)
        for columns in [area.columns(on: axis, grain: 1), area.means(on: axis, grain: 1)] {
            for (layer, cause) in QueueArea.stack.enumerated() {
                let drawn = columns.reduce(0.0) { $0 + ($1.until - $1.from) * $1.heights[layer] }
                let expected = Double(area.area[cause]) * axis.pixelsPerMillisecond
                #expect(abs(drawn - expected) < 0.01 + expected / 10_000, "\(cause)")
            }
        }
    }

    @Test(arguments: days.indices)
    func `every picture is well-formed, bounded, and made of nothing from elsewhere`(index: Int) throws {
        for language in Language.allCases {
            let svg = OfficeDayPicture.svg(PictureTests.days[index].result, language: language)
            let elements = try Elements(svg)
            #expect(elements.root == "svg")
            #expect(
                elements.names.isSubset(of: [
                    "svg", "title", "desc", "style", "defs", "pattern", "rect", "circle", "path", "g", "text",
                ]))
            #expect(svg.utf8.count < 120_000)
            #expect(svg.ranges(of: "://").count == 1, "only the namespace")
            #expect(!svg.contains("NaN") && !svg.contains("inf"))
        }
    }

    @Test func `text of two neighbours does not overlap`() throws {
        for (_, result) in PictureTests.days {
            for language in Language.allCases {
                let texts = try Elements(OfficeDayPicture.svg(result, language: language)).texts
                for (index, a) in texts.enumerated() {
                    for b in texts[(index + 1)...] where abs(a.y - b.y) < 9 {
                        #expect(a.until <= b.from + 2 || b.until <= a.from + 2, "'\(a.text)' and '\(b.text)'")
                    }
                }
            }
        }
    }

    @Test func `hostile names stay text`() throws {
        let name =
            "<script>alert(1)</script> & \"Một\" 'cửa' \u{202E}txt\u{1B}[31m\u{7}\u{0}"
            + String(repeating: "a\u{301}", count: 900)
        let site = SampleDay.site(
            counters: 3, name: LocalizedName(vi: name, en: name),
            services: [LocalizedName(vi: "]]>\u{1B}]0;x\u{7}</svg>", en: name)])
        var result = SampleDay.busy(counters: 3, visitsPerCounter: 6, site: site)
        result.anomalies = [OfficeDayResult.Anomaly(reason: "<b>\u{9B}", count: 3)]
        for language in Language.allCases {
            let svg = OfficeDayPicture.svg(result, language: language)
            let elements = try Elements(svg)
            #expect(!elements.names.contains("script") && !elements.names.contains("b"))
            #expect(
                !svg.unicodeScalars.contains { $0 == "\u{202E}" || ($0.value < 0x20 && $0 != "\n") || $0.value == 0x9B }
            )
            for colour in [false, true] {
                let text = OfficeDayPicture.text(result, width: 80, colour: colour, language: language)
                // With colour, the only control is the start of our own sequences.
                let controls = text.split(separator: "\u{1B}[", omittingEmptySubsequences: false)
                #expect(
                    !text.unicodeScalars.contains {
                        ($0.value < 0x20 && $0 != "\n" && $0 != "\u{1B}") || (0x7F..<0xA0).contains($0.value)
                    })
                #expect(colour ? controls.count > 20 : controls.count == 1)
            }
        }
    }

    @Test(arguments: [40, 80, 132, 9, 100_000])
    func `no line of the terminal's picture is wider than asked`(width: Int) {
        for (_, result) in PictureTests.days {
            for language in Language.allCases {
                let text = OfficeDayPicture.text(result, width: width, colour: false, language: language)
                #expect(text.split(separator: "\n").allSatisfy { $0.count <= min(max(width, 40), 400) })
            }
        }
    }

    @Test func `colour only adds to the terminal's picture`() {
        for (_, result) in PictureTests.days {
            let plain = OfficeDayPicture.text(result, width: 96, colour: false, language: .vi)
            let colour = OfficeDayPicture.text(result, width: 96, colour: true, language: .vi)
            let stripped = colour.replacing(#/\u{1B}\[[0-9;]*m/#, with: "")
            #expect(
                stripped.split(separator: "\n", omittingEmptySubsequences: false).map { trimmed($0) }
                    == plain.split(separator: "\n", omittingEmptySubsequences: false).map { trimmed($0) })
        }
    }

    private func trimmed(_ line: Substring) -> String {
        var line = line
        while line.last == " " { line = line.dropLast() }
        return String(line)
    }

    @Test func `the moments worth a question are the forgotten ticket, the meeting and the empty desk`() {
        let moments = Moment.worthAQuestion(in: SampleDay.busy())
        #expect(moments.map(\.kind) == [.forgotten, .meeting, .unattended])
        #expect(moments.map(\.counter) == [nil, "q3", "q2"])
        #expect(moments.first?.ticket == "A008")
        #expect(Moment.worthAQuestion(in: SampleDay.empty()).isEmpty)
    }

    @Test func `a half-minute fills the picture, and a whole day is shown whole`() {
        let half = TimeAxis.window(of: SampleDay.halfMinute())
        #expect(half.upperBound - half.lowerBound < 60_000)
        let busy = SampleDay.busy()
        #expect(TimeAxis.window(of: busy) == busy.timeline.range)
        let ticks = TimeAxis(window: half, left: 0, right: 800).ticks(SampleDay.clock, spacing: 66)
        #expect(ticks.seconds)
        #expect((5...12).contains(ticks.at.count))
    }

    @Test func `spans below a pixel are joined and none of the time is lost`() {
        let start = SampleDay.World.at(8, 0)
        let axis = TimeAxis(window: start..<(start + 36_000_000), left: 0, right: 800)
        let spans = (0..<20_000).map { index in
            Timeline.Span(
                from: start + Int64(index) * 1_800, until: start + Int64(index + 1) * 1_800,
                state: index.isMultiple(of: 9) ? Timeline.CameraState.dark : .present)
        }
        let parts = LanePart.parts(of: spans, on: axis, narrowest: 0.7) { $0 == .dark ? 4 : 1 }
        #expect(parts.count < 1_300)
        #expect(parts.first?.from == spans.first?.from && parts.last?.until == spans.last?.until)
        #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.until == $1.from })
    }
}

@Suite struct LanguageTests {
    @Test func `numbers are written as Vietnamese and English write them`() {
        #expect(Language.vi.share(0.0417) == "4,2\u{A0}%")
        #expect(Language.en.share(0.0417) == "4.2%")
        #expect(Language.vi.count(1_022) == "1.022")
        #expect(Language.en.count(1_234_567) == "1,234,567")
        #expect(Language.vi.decimal(-0.25) == "−0,3")
        #expect(Language.vi.decimal(.nan) == "−")
    }

    @Test(
        arguments: [
            (0, "0 s"), (420, "420 ms"), (999, "999 ms"), (4_200, "4,2 s"), (9_949, "9,9 s"), (9_950, "10 s"),
            (42_499, "42 s"), (59_500, "1 ph"), (702_000, "11 ph 42 s"), (1_620_000, "27 ph"),
            (3_599_499, "59 ph 59 s"),
            (3_599_500, "1 g"), (3_900_000, "1 g 05 ph"), (71_400_000, "19 g 50 ph"), (-702_000, "−11 ph 42 s"),
        ] as [(Int64, String)])
    func `durations have two units at most`(milliseconds: Int64, text: String) {
        #expect(Language.vi.duration(milliseconds).replacing("\u{A0}", with: " ") == text)
    }

    @Test func `extreme durations do not trap`() {
        for value in [Int64.min, .max, .min + 1] { #expect(!Language.en.duration(value).isEmpty) }
        #expect(Language.en.duration(Double.infinity) == "−")
    }

    @Test func `dates`() throws {
        let day = try #require(LocalDay("2026-11-03"))
        #expect(Language.vi.date(day) == "03/11/2026")
        #expect(Language.en.date(day) == "3 Nov 2026")
        #expect(Language.vi.weekday(day) == "Thứ Ba")
        let whole = SampleDay.clock.start(of: day)..<SampleDay.clock.start(of: day + 1)
        #expect(Language.vi.hours([whole], on: day, SampleDay.clock) == "00:00–24:00")
    }

    @Test(
        arguments: [
            (nil, Language.vi), ("", .vi), ("en", .en), ("en-GB,en;q=0.9,vi;q=0.8", .en), ("fr, de", .vi),
            ("vi-VN,vi;q=0.9,en;q=0.8", .vi), ("en;q=0.3, vi;q=0.7", .vi), ("fr;q=1, EN;q=0.5", .en), ("en;q=0", .vi),
            ("en;q=x", .vi), (";;,,;q=", .vi),
        ] as [(String?, Language)])
    func `the browser's wish`(header: String?, language: Language) {
        #expect(Language(acceptLanguage: header) == language)
    }
}

/// Goldens sit in `Pictures/`; `UPDATE=1 swift test` rewrites them.
enum Goldens {
    static func check(_ text: String, _ name: String, file: String = #filePath) throws {
        let url = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Pictures/\(name)")
        if ProcessInfo.processInfo.environment["UPDATE"] == "1" { try Data(text.utf8).write(to: url) }
        let golden = try String(contentsOf: url, encoding: .utf8)
        if golden == text { return }
        let lines = zip(
            golden.split(separator: "\n", omittingEmptySubsequences: false),
            text.split(separator: "\n", omittingEmptySubsequences: false))
        let first = lines.enumerated().first { $0.element.0 != $0.element.1 }
        Issue.record(
            "\(name) differs in line \((first?.offset ?? 0) + 1): UPDATE=1 swift test rewrites it; then read the diff")
    }
}

/// What an XML parser makes of a text, or its complaint.
final class Elements: NSObject, XMLParserDelegate {
    struct Malformed: Error { var line: Int }
    struct Text { var text: String, from: Double, until: Double, y: Double }

    private(set) var root = ""
    private(set) var names: Set<String> = []
    /// Visible texts with the place that they are thought to take.
    private(set) var texts: [Text] = []
    private var pending: [String: String]?
    private var characters = ""
    private var anchors: [String] = []
    private var styles: [String] = []
    private var titleDepth = 0

    init(_ xml: String) throws {
        super.init()
        let parser = XMLParser(data: Data(xml.utf8))
        parser.delegate = self
        guard parser.parse() else { throw Malformed(line: parser.lineNumber) }
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        if root.isEmpty { root = name }
        names.insert(name)
        anchors.append(attributes["text-anchor"] ?? anchors.last ?? "start")
        styles.append(attributes["class"] ?? styles.last ?? "")
        if name == "text" {
            pending = attributes
            characters = ""
        }
        if name == "title" { titleDepth += 1 }
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        if pending != nil, titleDepth == 0 { characters += text }
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        if name == "title" { titleDepth -= 1 }
        if name == "text", let attributes = pending, let x = Double(attributes["x"] ?? ""),
            let y = Double(attributes["y"] ?? "")
        {
            let style = (attributes["class"] ?? styles.dropLast().last ?? "").split(separator: " ")
            let size =
                style.contains("h")
                ? 22.0 : style.contains("k") ? 20 : style.contains("n") ? 12 : style.contains("f") ? 11.5 : 13
            let bold = style.contains("h") || style.contains("k") || style.contains("b") || style.contains("v")
            // What a reader's font takes is a little less than what the layout reserves.
            let width = TextMeasure.width(characters, size: size, bold: bold) * 0.95
            let from =
                switch anchors.last {
                case "middle": x - width / 2
                case "end": x - width
                default: x
                }
            texts.append(Text(text: characters, from: from, until: from + width, y: y))
            pending = nil
        }
        anchors.removeLast()
        styles.removeLast()
    }
}
