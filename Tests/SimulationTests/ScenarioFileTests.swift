import Domain
import Testing

@testable import Simulation

@Suite struct ScenarioFileTests {
    private static let head = """
        name: x
        office: { id: o, name: { vi: O } }
        hours: { mon-fri: ["07:30-11:30"] }
        arrivals: { expected: 3, profile: { "08:00": 1 } }

        """

    @Test(arguments: [
        ("services:\n  - { id: s, prefx: A }", "t.yaml:6: unknown key 'prefx'"),
        ("clerks: { leaves: many }", "t.yaml:5: 'leaves' is a number from 0.0 to 100.0, not 'many'"),
        ("clerks:\n  gap: 5", "t.yaml:6: 'gap' is a duration like 250ms, 40s, 15m or 2h, not '5'"),
        ("incidents:\n  - { kind: fire, device: q }", "t.yaml:6: unknown kind 'fire'; known: dark, silent"),
        ("incidents:\n  - { kind: dark, device: q }", "t.yaml:6: unknown device 'q'"),
        ("counters:\n  - { id: q1, services: [z], caller: k }", "t.yaml:6: unknown service 'z'"),
        ("noise: [", "t.yaml:6: not YAML"),
        ("like: nothing", "t.yaml:5: no file"),
    ])
    func `a problem names the file, the line and the word`(text: String, expected: String) {
        var said = ""
        do {
            _ = try ScenarioFile.parse(Self.head + text + "\n", path: "t.yaml")
        } catch {
            said = error.description
        }
        #expect(said.hasPrefix(expected), "\(said)")
    }

    @Test func `hours may name days one by one, in ranges and all day long`() throws {
        let text = Self.head.replacing(
            "{ mon-fri: [\"07:30-11:30\"] }", with: "{ mon-tue: [\"08:00-09:00\"], \"sat,sun\": [\"00:00-24:00\"] }")
        let scenario = try ScenarioFile.parse(text, path: "t.yaml")
        let counts = scenario.site.hours.days.map { $0.reduce(0) { $0 + $1.count } }
        #expect(counts == [3_600_000, 3_600_000, 0, 0, 0, 86_400_000, 86_400_000])
        #expect(
            SiteText.yaml(scenario.site).contains("hours: { mon-tue: [\"08:00-09:00\"], sat-sun: [\"00:00-24:00\"] }"))
    }
}
