import Domain

/// Folds office-days again from the stored records and compares: with the figures that were kept, with each record's own
/// digest, with the agents' chains, and with the index.
public struct RecomputeQuery: Query {
    public let name = "recompute"
    public let summary = "Folds the office-days again from their records and names every difference to what was kept."
    public let parameters = ["from", "to", "office"]
    public let outputs: [Output] = [.text, .json]

    public init() {}

    public func answer(_ arguments: Arguments, from days: OfficeDays) async throws -> Answer {
        // Both ends are days that are looked at.
        let from = try arguments.day("from") ?? LocalDay(number: -100_000)
        let last = try arguments.day("to") ?? LocalDay(number: 3_000_000)
        guard from <= last else { throw QueryError.usage("--from \(from) is after --to \(last)") }
        var lines: [String] = []
        var differences = 0
        var found: [(place: String, line: String)] = []
        var dayCount = 0
        var keptCount = 0
        func report(_ place: String, _ differing: [String]) {
            for line in differing { lines.append("\(place): \(line)") }
            found += differing.map { (place, $0) }
            differences += differing.count
        }
        if arguments["office"] == nil, arguments["from"] == nil, arguments["to"] == nil {
            report("store", try await days.store.recordDifferences())
        }
        for office in try await days.offices(arguments) {
            guard let id = try await days.store.officeID(office.id) else { continue }
            let kept = try await days.store.keptFigures(office: id, from: from, to: last + 1)
            let withEvents = try await days.daysWithEvents(
                office: id,
                within: Instant.distantPast ... .distantFuture
            ).filter { $0 >= from && $0 <= last }
            for day in Set(withEvents + kept.map(\.day)).sorted() {
                let place = "\(office.id) \(day)"
                let stored = kept.first { $0.day == day }
                guard let folded = try await days.refolded(OfficeDays.Key(office: id, day: day)) else {
                    if stored != nil { report(place, ["figures were kept, but no site file is valid on that day"]) }
                    continue
                }
                dayCount += 1
                if let damaged = folded.result.anomalies.first(where: { $0.reason == "damagedRecord" }) {
                    report(place, ["\(damaged.count) of \(folded.events) records no longer decode"])
                }
                guard let stored else { continue }
                // Later events, a later site file, other formulas: the figures are due to be made anew, nobody has changed them.
                guard stored.siteDigest == folded.revision.digest, stored.version == Figures.version,
                    stored.events <= folded.events
                else {
                    if stored.events > folded.events {
                        report(place, ["figures were made of \(stored.events) events, \(folded.events) are left"])
                    }
                    continue
                }
                guard stored.events == folded.events else { continue }
                keptCount += 1
                report(place, Figures.differences(kept: stored.figures, folded: Figures.text(folded.result)))
            }
        }
        if arguments.output == .json {
            let list = found.map {
                "{\"place\":" + jsonString($0.place) + ",\"difference\":" + jsonString($0.line) + "}"
            }
            let body =
                "{\"officeDays\":\(dayCount),\"withKeptFigures\":\(keptCount),\"differences\":["
                + list.joined(separator: ",") + "]}\n"
            return Answer(body, .json, note: dayCount == 0 ? "no data" : nil, differs: differences > 0)
        }
        lines.append(
            "\(dayCount) office-day\(dayCount == 1 ? "" : "s") (\(keptCount) with kept figures), "
                + "\(differences) difference\(differences == 1 ? "" : "s")")
        return Answer(
            lines.joined(separator: "\n") + "\n", .text, note: dayCount == 0 ? "no data" : nil, differs: differences > 0
        )
    }
}
