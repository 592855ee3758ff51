/// Every question the collector answers: one line each.
public enum Queries {
    public static let all: [any Query] = [
        ReportQuery(), VisitsQuery(), DayQuery(), WhyQuery(), AnnotationsQuery(), SuggestLimitsQuery(), EventsQuery(),
        OfficesQuery(), AgentsQuery(), RecomputeQuery(),
    ]

    public static func named(_ name: String) -> (any Query)? { all.first { $0.name == name } }
}

extension OfficeDays {
    /// The office that was asked for, or all of them: an unknown one names the known.
    func offices(_ arguments: Arguments) async throws -> [OfficeSummary] {
        let all = try await offices()
        guard let id = arguments["office"] else { return all }
        let found = all.filter { $0.id == id }
        guard !found.isEmpty else { throw QueryError.unknown(Scope.unknown(id, known: all.map(\.id))) }
        return found
    }
}
