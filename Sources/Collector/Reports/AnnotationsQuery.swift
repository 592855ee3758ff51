import Domain

/// What people said of stretches of office-days, with what each touches.
public struct AnnotationsQuery: Query {
    public let name = "annotations"
    public let summary = "What people said of stretches of office-days, and which numbers that touches."
    public let parameters = ["office", "from", "to"]
    public let outputs: [Output] = [.table, .json, .csv]

    public init() {}

    public func answer(_ arguments: Arguments, from days: OfficeDays) async throws -> Answer {
        let from = try arguments.day("from") ?? LocalDay(number: -100_000)
        let last = try arguments.day("to") ?? LocalDay(number: 2_900_000)
        guard from <= last else { throw QueryError.usage("--from \(from) is after --to \(last)") }
        var notes: [AnnotationNote] = []
        for office in try await days.offices(arguments) {
            for day in try await days.annotatedDays(office: office.id) where day >= from && day <= last {
                if let result = try await days.result(office: office.id, day: day, asOf: nil) {
                    notes += AnnotationNote.notes(on: [result])
                }
            }
        }
        if arguments.output == .json {
            let body = "[" + notes.map(\.json).joined(separator: ",\n") + "]\n"
            return Answer(body, .json, note: notes.isEmpty ? "no annotations" : nil)
        }
        return Answer(
            ReportTable.annotations(notes, withMetrics: arguments.output == .csv), arguments.output,
            colour: arguments.colour,
            note: notes.isEmpty ? "no annotations" : nil)
    }
}

extension OfficeDays {
    /// The local days of an office that were annotated, ascending.
    func annotatedDays(office: String) async throws -> [LocalDay] {
        guard let id = try await store.officeID(office) else { return [] }
        let clock = try await store.revision(office: id, on: nil)?.revision.site.office.clock
        let stored = try await store.sideEvents(office: id, .annotation, from: .distantPast, until: .distantFuture)
        let days = stored.events.map { (clock ?? OfficeClock(offsetSeconds: 0)).day(of: $0.event.at) }
        return Set(days).sorted()
    }
}
