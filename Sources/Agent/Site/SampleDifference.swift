internal import Domain
internal import Foundation

/// Which lines a sample should give and does not, and the other way round.
struct SampleDifference {
    /// A line that came out, and the line of the input it comes from (0: of none).
    struct Given {
        var text: String
        var line: Int

        init(_ text: String, line: Int = 0) {
            self.text = text
            self.line = line
        }
    }

    /// So many are told; the rest are counted.
    static let limit = 10
    /// Lines that are compared beyond those that are the same at both ends; the work grows with their square.
    private static let window = 1_000

    private(set) var problems: [FileProblem] = []
    private let file: String
    private let input: String
    private var left = 0

    init(expected text: String, in file: String, given: [Given], by input: String) {
        self.file = file
        self.input = input
        var theirs = text.writtenLines.map(String.init)
        if theirs.last?.isEmpty == true { theirs.removeLast() }
        let ours = given.map(\.text)
        var start = 0
        while start < min(ours.count, theirs.count), ours[start] == theirs[start] { start += 1 }
        var ends = 0
        while ends < min(ours.count, theirs.count) - start,
            ours[ours.count - 1 - ends] == theirs[theirs.count - 1 - ends]
        { ends += 1 }
        let wanted = theirs[start..<(theirs.count - ends)].prefix(Self.window)
        let came = ours[start..<(ours.count - ends)].prefix(Self.window)
        if wanted.isEmpty, came.isEmpty {
            if !text.isEmpty, !text.hasSuffix("\n") { note(theirs.count, "the last line has no end") }
            return
        }
        compare(Array(wanted), given[start..<start + came.count], from: start)
        if left > 0 { note(theirs.count, "and \(left) more differences", isCounted: false) }
    }

    private mutating func note(_ line: Int, _ message: String, isCounted: Bool = true) {
        if isCounted, problems.count >= Self.limit {
            left += 1
            return
        }
        problems.append(FileProblem(path: file, line: max(1, line), message: message))
    }

    private mutating func compare(_ wanted: [String], _ given: ArraySlice<Given>, from start: Int) {
        let came = Array(given)
        let changes = came.map(\.text).difference(from: wanted)
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in changes {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var (i, j) = (0, 0)
        while i < wanted.count || j < came.count {
            var gone: [Int] = []
            var new: [Int] = []
            while i < wanted.count, removed.contains(i) {
                gone.append(i)
                i += 1
            }
            while j < came.count, inserted.contains(j) {
                new.append(j)
                j += 1
            }
            for index in gone {
                let line = start + index + 1
                let partner = new.firstIndex { Self.kind(came[$0].text) == Self.kind(wanted[index]) }
                if let partner {
                    note(line, Self.words(wanted[index], came[new[partner]].text) + place(came[new[partner]]))
                    new.remove(at: partner)
                } else {
                    note(line, Self.fault(wanted[index]) ?? "expected, and not given: \(wanted[index])")
                }
            }
            for index in new {
                note(
                    start + i + (gone.isEmpty ? 1 : 0),
                    "given, and not expected: \(came[index].text)" + place(came[index]))
            }
            if i < wanted.count, !removed.contains(i) { i += 1 }
            if j < came.count, !inserted.contains(j) { j += 1 }
        }
    }

    private func place(_ given: Given) -> String { given.line > 0 ? " (\(input):\(given.line))" : "" }

    private static func object(_ line: String) -> [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
    }

    /// What makes two lines versions of one: the event's kind, the protocol that is counted.
    private static func kind(_ line: String) -> String {
        if line.hasPrefix("#") { return String(line.prefix { $0 != ":" }) }
        return object(line)?["kind"] as? String ?? line
    }

    /// The keys in which two events of a kind differ.
    private static func words(_ wanted: String, _ came: String) -> String {
        if let fault = fault(wanted) { return fault }
        guard let a = object(wanted), let b = object(came) else {
            return "expected \(wanted)\n    but the sample gives \(came)"
        }
        let keys = Set(a.keys).union(b.keys).sorted()
        let parts = keys.compactMap { key -> String? in
            let (old, new) = (text(a[key]), text(b[key]))
            return old == new ? nil : "\(key): expected \(old), given \(new)"
        }
        let kind = a["kind"] as? String ?? "event"
        return "\(kind): "
            + (parts.isEmpty ? "expected \(wanted)\n    but the sample gives \(came)" : parts.joined(separator: "; "))
    }

    private static func text(_ value: Any?) -> String {
        guard let value else { return "none" }
        let data = try? JSONSerialization.data(
            withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes])
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "\(value)"
    }

    /// What is wrong with an expected line itself.
    private static func fault(_ line: String) -> String? {
        if line.hasPrefix("#") { return nil }
        guard let object = object(line) else { return "expected is no JSON object: \(Words.shown(line))" }
        guard let at = object["at"] else { return "an expected event needs 'at'" }
        let clock = OfficeClock(offsetSeconds: 0)
        let said = at as? String ?? text(at)
        if StampFormat.rfc3339.instant(of: said, clock: clock, heard: Instant(milliseconds: 0)) == nil {
            return "'at' is no time: '\(Words.shown(said))'; write it like 2026-11-10T07:31:02.104+07:00"
        }
        return nil
    }
}
