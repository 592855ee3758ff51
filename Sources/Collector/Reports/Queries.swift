/// Every question the collector answers: one line each.
public enum Queries {
    public static let all: [any Query] = [
        ReportQuery(), VisitsQuery(), DayQuery(), EventsQuery(), OfficesQuery(), AgentsQuery(), RecomputeQuery(),
    ]

    public static func named(_ name: String) -> (any Query)? { all.first { $0.name == name } }
}

extension OfficeDays {
    /// The office that was asked for, or all of them: an unknown one names the known.
    func offices(_ arguments: Arguments) async throws -> [OfficeSummary] {
        let all = try await offices()
        guard let id = arguments["office"] else { return all }
        let found = all.filter { $0.id == id }
        guard !found.isEmpty else {
            let known = all.prefix(20).map { printable($0.id) }.joined(separator: ", ")
            throw QueryError.unknown(
                "unknown office '\(printable(id))'; known: \(all.isEmpty ? "none yet" : known)"
                    + (all.count > 20 ? " and \(all.count - 20) more" : ""))
        }
        return found
    }
}
