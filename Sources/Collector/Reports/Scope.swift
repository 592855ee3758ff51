import Domain

/// What a question is about: everything, one office, or a place of the tree with its offices of each date.
struct Scope: Sendable {
    /// As it was asked for; `all` without a word.
    var id: String
    var name: LocalizedName?
    /// Offices that may have something in it, sorted by id.
    var offices: [OfficeSummary]
    private var tree: OfficeTree?
    private var asToday: Bool

    /// The local time it is told in.
    var clock: OfficeClock { offices.first { $0.site != nil }?.clock ?? OfficeClock(offsetSeconds: 0) }

    func contains(_ office: String, on day: LocalDay) -> Bool {
        tree.map { $0.contains(id, office, on: day, asToday: asToday) } ?? true
    }

    /// Office-days of the scope in [from, to).
    func results(
        from days: OfficeDays, _ range: Range<LocalDay>, asOf: Instant?
    ) async throws -> [OfficeDayResult] {
        var out: [OfficeDayResult] = []
        for office in offices {
            out += try await days.results(
                office: office.id, from: range.lowerBound, to: range.upperBound, asOf: asOf,
                where: { contains(office.id, on: $0) })
        }
        return out
    }

    /// Dossiers received in [from, to) by offices that belong to the scope on that day.
    func dossiers(from days: OfficeDays, _ range: Range<LocalDay>, asOf: Instant?) async throws -> [Dossier] {
        var out: [Dossier] = []
        for office in offices {
            out += try await days.dossiers(office: office.id, asOf: asOf).filter { dossier in
                guard let counted = dossier.counted else { return false }
                let day = office.clock.day(of: counted)
                return range.contains(day) && contains(office.id, on: day)
            }
        }
        return out.sorted(by: Dossier.precedes)
    }

    static let parameters = ["office", "merged"]

    /// - Throws: `QueryError.unknown` with the offices and places there are.
    init(_ arguments: Arguments, from days: OfficeDays) async throws {
        let all = try await days.offices()
        asToday = arguments.flag("merged")
        guard let id = arguments["office"] else {
            self.id = "all"
            offices = all
            return
        }
        self.id = id
        let tree = try await days.tree()
        let places = tree.places
        guard all.contains(where: { $0.id == id }) || places.contains(id) else {
            throw QueryError.unknown(Scope.unknown(id, known: all.map(\.id) + places))
        }
        name = tree.name(of: id) ?? all.first { $0.id == id }?.site?.office.name
        self.tree = tree
        offices = tree.isAlone(id) ? all.filter { $0.id == id } : all
    }

    static func unknown(_ id: String, known: [String]) -> String {
        if known.isEmpty { return "unknown office '\(printable(id))'; known: none yet" }
        return printable(Words.unknown("office", id, known: known))
    }
}
