import Domain

/// The figures of an office-day as text, a line each: what is kept of a finished day and what `recompute` compares.
/// Readable, so that a difference can be printed as the two lines that differ.
enum Figures {
    /// Goes up whenever a formula or a line changes: figures kept by another version are due to be made anew, and are no
    /// difference that anybody has to explain. 2: service levels name early leavers as excluded, `asa` its exclusions.
    static let version = 2

    static func text(_ result: OfficeDayResult) -> String {
        let clock = result.site.office.clock
        let report = Report.make(
            days: [result], from: result.day, to: result.day + 1, asOf: result.asOf, scope: result.site.office.id,
            clock: clock, by: .counter)
        var lines = ["events \(result.eventCount) witnessed \(result.witnessedCount) witnesses \(result.witnesses)"]
        lines += result.anomalies.map { "anomaly \($0.reason) \($0.count)" }
        lines += result.visits.map { "visit " + csvLine($0.csvRow(clock: clock)) }
        lines += report.metrics.map { "metric " + $0.json }
        for group in report.groups { lines += group.metrics.map { "counter " + jsonString(group.key) + " " + $0.json } }
        return lines.joined(separator: "\n")
    }

    /// The lines of one and not of the other, in order; a line that occurs twice counts twice.
    static func differences(kept: String, folded: String) -> [String] {
        func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
        var unmatched: [String: Int] = [:]
        for line in lines(folded) { unmatched[line, default: 0] += 1 }
        var out: [String] = []
        for line in lines(kept) {
            if let count = unmatched[line], count > 0 {
                unmatched[line] = count - 1
            } else {
                out.append("kept   " + line)
            }
        }
        for line in lines(folded) {
            if let count = unmatched[line], count > 0 {
                unmatched[line] = count - 1
                out.append("folded " + line)
            }
        }
        return out
    }
}
