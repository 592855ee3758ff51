/// Which offices a place is made of, day by day (DOMAIN.md §1): province › department or commune › office, and offices
/// that were merged into others. Each office's own site revision of a day says where it stood on that day.
///
/// - A place holds every office whose chain of `under` reaches it. The chain goes through the places of the office's own
///   site file, then through other offices. It ends after `depthLimit` steps and at a place met before.
/// - An office counts from `validFrom` through `validTo`. Without a revision for the day it is nowhere.
/// - From the day of its merger, what still bears an office's old id counts for the office it was merged into, and for
///   the places above that one; before that day, only for itself and the places it was under.
/// - Asked for by its own id, an office is everything that bears the id: nothing that was sent can hide from a question.
public struct OfficeTree: Sendable {
    /// What the tree needs of one office: its revisions, the day each begins.
    public struct Entry: Sendable {
        public var office: String
        /// Of one day the last given holds.
        public var revisions: [(validFrom: LocalDay, site: Site)]

        public init(office: String, revisions: [(validFrom: LocalDay, site: Site)]) {
            self.office = office
            self.revisions = revisions.enumerated().sorted {
                ($0.element.validFrom, $0.offset) < ($1.element.validFrom, $1.offset)
            }.map(\.element)
        }

        public func site(on day: LocalDay) -> Site? { revisions.last { $0.validFrom <= day }?.site }
    }

    /// Steps upward that are followed: no administration has more levels.
    public static let depthLimit = 16

    private let entries: [String: Entry]
    /// Ids of the offices, sorted.
    public let offices: [String]

    public init(_ entries: [Entry]) {
        self.entries = Dictionary(entries.map { ($0.office, $0) }, uniquingKeysWith: { _, last in last })
        offices = self.entries.keys.sorted()
    }

    /// Everything that a report can be asked for beside single offices: ids that some office was ever under, sorted.
    public var places: [String] {
        var found: Set<String> = []
        for office in offices {
            for revision in entries[office]?.revisions ?? [] {
                found.formUnion(chain(from: revision.site, on: revision.validFrom))
            }
        }
        return found.subtracting(offices).sorted()
    }

    /// Whether nothing was ever under this office or merged into it: then its own days are all there are to look at.
    public func isAlone(_ office: String) -> Bool {
        guard entries[office] != nil else { return false }
        return !entries.values.contains { entry in
            entry.revisions.contains {
                $0.site.office.merged?.into == office || chain(from: $0.site, on: $0.validFrom).contains(office)
            }
        }
    }

    /// The name of a place as the latest revision that describes it has it.
    public func name(of place: String) -> LocalizedName? {
        let named = offices.flatMap { entries[$0]?.revisions ?? [] }.compactMap { revision in
            revision.site.places.first { $0.id == place }.map { (revision.validFrom, $0.name) }
        }
        return named.max { $0.0 < $1.0 }?.1
    }

    /// How an office stands on a day.
    public enum Standing: Hashable, Sendable {
        case valid
        /// No revision is valid yet, or the office has ended.
        case outside
        case merged(into: String)
    }

    public func standing(of office: String, on day: LocalDay) -> Standing {
        guard let site = entries[office]?.site(on: day) else { return .outside }
        if let merger = site.office.merged, merger.on <= day { return .merged(into: merger.into) }
        if let last = site.office.validTo, day > last { return .outside }
        if let first = site.office.validFrom, day < first { return .outside }
        return .valid
    }

    /// Whether what bears an office's id belongs to a place (or to an office) on a day.
    /// - Parameter asToday: count an office for what it was merged into before its merger too, so that what is one office
    ///   now can be compared with what it was made of.
    public func contains(_ place: String, _ office: String, on day: LocalDay, asToday: Bool = false) -> Bool {
        if office == place { return true }
        var current = office
        var seen: Set<String> = []
        // Follow mergers to the office that holds the day.
        while seen.count <= Self.depthLimit, seen.insert(current).inserted {
            if current == place { return true }
            let standing = standing(of: current, on: day)
            if case .merged(let into) = standing {
                current = into
                continue
            }
            guard standing == .valid, let site = entries[current]?.site(on: day) else { return false }
            if chain(from: site, on: day).contains(place) { return true }
            guard asToday, let next = entries[current]?.revisions.last?.site.office.merged?.into else { return false }
            current = next
        }
        return false
    }

    /// What lies above an office, nearest first, by its own revision.
    private func chain(from site: Site, on day: LocalDay) -> [String] {
        var out: [String] = []
        var seen: Set<String> = [site.office.id]
        var next = site.office.under
        var places = site.places
        while let place = next, out.count < Self.depthLimit, seen.insert(place).inserted {
            out.append(place)
            if let known = places.first(where: { $0.id == place }) {
                next = known.under
            } else if let above = entries[place]?.site(on: day) {
                next = above.office.under
                places += above.places
            } else {
                next = nil
            }
        }
        return out
    }
}
