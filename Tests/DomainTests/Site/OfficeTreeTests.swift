import Domain
import Testing

@Suite struct OfficeTreeTests {
    private static func day(_ text: String) throws -> LocalDay { try #require(LocalDay(text)) }

    private static func entry(
        _ id: String, under: String?, from: String = "2024-01-01", to: String? = nil, merged: (String, String)? = nil,
        places: [Place] = []
    ) throws -> OfficeTree.Entry {
        let first = try day(from)
        let merger = try merged.map { Office.Merger(into: $0.0, on: try day($0.1)) }
        let site = Site(
            office: Office(
                id: id, name: LocalizedName(vi: id, en: id), timezone: "UTC", clock: OfficeClock(offsetSeconds: 0),
                under: under, validFrom: first, validTo: try to.map { try day($0) }, merged: merger),
            hours: WeeklyHours([:]), services: [], counters: [], devices: [], places: places)
        return OfficeTree.Entry(office: id, revisions: [(first, site)])
    }

    /// As it was on 1 July 2025: two communes became one, the district level went away.
    private static func tree() throws -> OfficeTree {
        let places = [
            Place(id: "yen-son", name: LocalizedName(vi: "Huyện Yên Sơn", en: "Yen Son"), under: "tuyen-quang"),
            Place(id: "tuyen-quang", name: LocalizedName(vi: "Tỉnh Tuyên Quang", en: "Tuyen Quang")),
        ]
        let old = try entry("my-lam", under: "yen-son", merged: ("minh-xuan", "2025-07-01"), places: places)
        let before = try entry("minh-xuan", under: "yen-son", places: places)
        let after = try entry("minh-xuan", under: "tuyen-quang", from: "2025-07-01")
        let successor = OfficeTree.Entry(office: "minh-xuan", revisions: after.revisions + before.revisions)
        let closed = try entry("phan-thiet", under: "tuyen-quang", from: "2024-03-01", to: "2024-12-31")
        return OfficeTree([old, successor, closed, try entry("ha-noi-1", under: "ha-noi")])
    }

    private func offices(_ place: String, _ text: String, asToday: Bool = false) throws -> [String] {
        let tree = try Self.tree()
        let day = try Self.day(text)
        return tree.offices.filter { tree.contains(place, $0, on: day, asToday: asToday) }
    }

    @Test func `a place is made of the offices that were valid under it on that day`() throws {
        #expect(try offices("tuyen-quang", "2024-02-29") == ["minh-xuan", "my-lam"])
        #expect(try offices("tuyen-quang", "2024-12-31") == ["minh-xuan", "my-lam", "phan-thiet"])
        #expect(try offices("tuyen-quang", "2025-01-01") == ["minh-xuan", "my-lam"])
        // After the merger the old office's id counts for the new one, and so for the province once.
        #expect(try offices("tuyen-quang", "2025-07-01") == ["minh-xuan", "my-lam"])
        #expect(try offices("yen-son", "2025-06-30") == ["minh-xuan", "my-lam"])
        #expect(try offices("yen-son", "2025-07-01") == [])
        #expect(try offices("ha-noi", "2025-07-01") == ["ha-noi-1"])
        #expect(try offices("tuyen-quang", "2023-12-31") == [])
    }

    @Test func `a successor has what bears the old id from the merger on, and before it only on request`() throws {
        #expect(try offices("minh-xuan", "2025-06-30") == ["minh-xuan"])
        #expect(try offices("minh-xuan", "2025-07-01") == ["minh-xuan", "my-lam"])
        #expect(try offices("minh-xuan", "2025-06-30", asToday: true) == ["minh-xuan", "my-lam"])
        // Its own id always finds an office.
        #expect(try offices("my-lam", "2026-01-01") == ["my-lam"])
        let tree = try Self.tree()
        #expect(try tree.standing(of: "my-lam", on: Self.day("2025-07-01")) == .merged(into: "minh-xuan"))
        #expect(try tree.standing(of: "phan-thiet", on: Self.day("2025-01-01")) == .outside)
        #expect(tree.places == ["ha-noi", "tuyen-quang", "yen-son"])
        #expect(tree.name(of: "yen-son")?.en == "Yen Son" && tree.name(of: "ha-noi") == nil)
        #expect(tree.isAlone("ha-noi-1") && !tree.isAlone("minh-xuan") && !tree.isAlone("ha-noi"))
    }

    @Test func `circles end, of mergers and of places`() throws {
        let circle = [
            Place(id: "a", name: LocalizedName(vi: "a", en: ""), under: "b"),
            Place(id: "b", name: LocalizedName(vi: "b", en: ""), under: "a"),
        ]
        let tree = OfficeTree([
            try Self.entry("x", under: "a", merged: ("y", "2025-01-01"), places: circle),
            try Self.entry("y", under: "x", merged: ("x", "2025-01-01")),
            try Self.entry("self", under: "self"),
        ])
        let day = try Self.day("2025-01-02")
        #expect(!tree.contains("nowhere", "x", on: day) && !tree.contains("nowhere", "self", on: day))
        #expect(tree.contains("y", "x", on: day))
        #expect(try tree.contains("b", "x", on: Self.day("2024-06-01")))
        #expect(!tree.contains("nowhere", "x", on: day, asToday: true))
    }
}
