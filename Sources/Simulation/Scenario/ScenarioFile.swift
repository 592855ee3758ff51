internal import Domain
internal import Foundation
internal import Yams

/// Reads a scenario file: the site's part in the words of DOMAIN.md §A, and the habits beside it.
public enum ScenarioFile {
    /// Longest file that is read, in bytes.
    static let limit = 262_144

    public static func load(path: String) throws(ScenarioProblem) -> Scenario {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ScenarioProblem(path: path, line: 0, message: "cannot be read")
        }
        guard data.count <= limit, let text = String(bytes: data, encoding: .utf8) else {
            throw ScenarioProblem(path: path, line: 0, message: "is not UTF-8 text of at most \(limit) bytes")
        }
        return try parse(text, path: path)
    }

    private static let keys = [
        "name", "about", "like", "office", "hours", "services", "counters", "devices", "arrivals", "people", "clerks",
        "mishaps", "incidents", "noise",
    ]

    /// `like: demo` takes every top-level key that is absent here from `demo.yaml` beside this file.
    public static func parse(_ text: String, path: String) throws(ScenarioProblem) -> Scenario {
        let own = try compose(text, path: path)
        let section = try ScenarioSection(own, path: path, known: keys)
        guard let like = try section.optionalText("like") else { return try scenario(section) }
        let base = (path as NSString).deletingLastPathComponent + "/" + like + ".yaml"
        guard let data = FileManager.default.contents(atPath: base), data.count <= limit else {
            throw section.problem("like", "no file '\(base)'")
        }
        let other = try compose(String(decoding: data, as: UTF8.self), path: base)
        let under = try ScenarioSection(other, path: base, known: keys)
        guard under.node("like") == nil else { throw section.problem("like", "'\(like)' is itself like another") }
        return try scenario(section.over(under))
    }

    private static func compose(_ text: String, path: String) throws(ScenarioProblem) -> Node {
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw ScenarioProblem(path: path, line: 1, message: "is empty")
            }
            return node
        } catch let problem as ScenarioProblem {
            throw problem
        } catch let error as YamlError {
            throw ScenarioProblem(path: path, line: line(of: error), message: "not YAML: \(error)")
        } catch {
            throw ScenarioProblem(path: path, line: 0, message: "\(error)")
        }
    }

    private static func scenario(_ top: ScenarioSection) throws(ScenarioProblem) -> Scenario {
        var scenario = Scenario(
            name: try top.text("name"), about: try top.optionalText("about") ?? "",
            site: Site(
                office: try office(top), hours: try hours(top), services: [], counters: [], devices: []),
            services: [], counters: [], hosts: [], arrivals: try arrivals(top), people: try people(top),
            clerks: try clerks(top), mishaps: try mishaps(top), incidents: try incidents(top), noise: try noise(top))
        try readServices(top, into: &scenario)
        try readDevices(top, into: &scenario)
        try readCounters(top, into: &scenario)
        for section in try top.sections("incidents", known: incidentKeys) {
            let device = try section.text("device")
            guard scenario.site.device(device) != nil else {
                throw section.problem("device", "unknown device '\(device)'")
            }
        }
        return scenario
    }

    private static func line(of error: YamlError) -> Int {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        case .duplicatedKeysInMapping(_, let context): context.mark.line
        default: 0
        }
    }

    // MARK: The site

    private static func office(_ top: ScenarioSection) throws(ScenarioProblem) -> Office {
        guard
            let section = try top.section(
                "office", known: ["id", "name", "timezone", "finish", "under", "validFrom", "validTo"])
        else { throw top.problem("office", "'office' is missing") }
        let zoneName = try section.optionalText("timezone") ?? "Asia/Ho_Chi_Minh"
        guard let zone = TimeZone(identifier: zoneName) else {
            throw section.problem("timezone", "unknown timezone '\(zoneName)'")
        }
        // A world lives on one day and without summer time; the offset of its year is enough.
        let reference = Date(timeIntervalSince1970: 1_767_225_600)
        guard zone.nextDaylightSavingTimeTransition(after: reference) == nil else {
            throw section.problem("timezone", "a world needs a timezone without summer time, not '\(zoneName)'")
        }
        return Office(
            id: try section.text("id"), name: try name(section), timezone: zoneName,
            clock: OfficeClock(offsetSeconds: zone.secondsFromGMT(for: reference)),
            finish: try section.choice("finish", Office.Finish.explicit), under: try section.optionalText("under"),
            validFrom: try day(section, "validFrom"), validTo: try day(section, "validTo"))
    }

    private static func day(_ section: ScenarioSection, _ key: String) throws(ScenarioProblem) -> LocalDay? {
        guard let text = try section.optionalText(key) else { return nil }
        guard let day = LocalDay(text) else { throw section.problem(key, "'\(key)' is a day like 2026-01-01") }
        return day
    }

    private static func name(_ section: ScenarioSection) throws(ScenarioProblem) -> LocalizedName {
        let names = try section.section("name", known: ["vi", "en"])
        return LocalizedName(vi: try names?.optionalText("vi") ?? "", en: try names?.optionalText("en") ?? "")
    }

    static func hours(_ top: ScenarioSection) throws(ScenarioProblem) -> WeeklyHours {
        guard let section = try top.section("hours", known: []) else {
            throw top.problem("hours", "'hours' is missing")
        }
        var days: [Weekday: [Range<Int64>]] = [:]
        for key in section.keys {
            var ranges: [Range<Int64>] = []
            for word in try section.words(key) {
                let ends = word.split(separator: "-", omittingEmptySubsequences: false)
                guard ends.count == 2, let from = ScenarioSection.timeOfDay(ends[0]),
                    let until = ScenarioSection.timeOfDay(ends[1]), from < until
                else { throw section.problem(key, "hours are written \"07:30-11:30\", not '\(word)'") }
                ranges.append(from..<until)
            }
            for part in key.split(separator: ",") {
                let ends = part.split(separator: "-").map {
                    Weekday.allCases.map(\.rawValue).firstIndex(of: String($0))
                }
                guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last else {
                    throw section.problem(key, "unknown days '\(key)'; known: mon … sun, mon-fri, \"sat,sun\"")
                }
                for index in first...last { days[Weekday.allCases[index]] = ranges }
            }
        }
        return WeeklyHours(days)
    }

    private static func readServices(_ top: ScenarioSection, into scenario: inout Scenario) throws(ScenarioProblem) {
        let known = [
            "id", "name", "waitTarget", "maxService", "prefix", "system", "share", "median", "spread", "separator",
        ]
        for section in try top.sections("services", known: known) {
            let id = try section.text("id")
            scenario.site.services.append(
                Service(
                    id: id, name: try name(section), waitTargetMilliseconds: try section.optionalDuration("waitTarget"),
                    maxServiceMilliseconds: try section.optionalDuration("maxService")))
            scenario.services.append(
                Scenario.ServicePlan(
                    id: id, prefix: try section.text("prefix"), system: try section.text("system"),
                    share: try section.number("share", 1, in: 0...1_000),
                    median: try section.duration("median", 300_000),
                    spread: try section.number("spread", 0.5, in: 0...3),
                    separator: try section.optionalText("separator") ?? ""))
        }
    }

    private static func readDevices(_ top: ScenarioSection, into scenario: inout Scenario) throws(ScenarioProblem) {
        let known = [
            "id", "profile", "address", "ticketSystem", "zones", "aliases", "role", "clock", "vlan", "segment",
            "keepsConnection",
        ]
        for section in try top.sections("devices", known: known) {
            let id = try section.text("id")
            var zones: [Device.Zone] = []
            if let map = try section.section("zones", known: []) {
                for key in map.keys { zones.append(Device.Zone(name: key, token: try map.text(key))) }
            }
            var aliases: [Device.Alias] = []
            if let map = try section.section("aliases", known: []) {
                for key in map.keys { aliases.append(Device.Alias(said: key, meant: try map.text(key))) }
            }
            scenario.site.devices.append(
                Device(
                    id: id, profile: try section.text("profile"), address: try section.text("address"),
                    ticketSystem: try section.optionalText("ticketSystem"), zones: zones, aliases: aliases))
            scenario.hosts.append(
                Scenario.HostPlan(
                    id: id, role: try section.choice("role", Scenario.HostPlan.Role.kiosk),
                    clockOffset: try section.duration("clock", 0),
                    vlan: try section.node("vlan") == nil
                        ? nil : UInt16(section.number("vlan", 0, in: 1...4_094)),
                    segment: Int(try section.number("segment", 1_460, in: 88...1_460)),
                    keepsConnection: try section.flag("keepsConnection", true)))
        }
    }

    private static func readCounters(_ top: ScenarioSection, into scenario: inout Scenario) throws(ScenarioProblem) {
        let known = [
            "id", "services", "cameras", "meetings", "caller", "says", "opens", "lunch", "evening", "staffed",
        ]
        for section in try top.sections("counters", known: known) {
            let id = try section.text("id")
            let counter = Counter(
                id: id, services: try section.words("services"), cameras: try section.words("cameras"),
                meetings: try section.words("meetings"))
            for service in counter.services where scenario.site.service(service) == nil {
                throw section.problem("services", "unknown service '\(service)'")
            }
            let caller = try section.text("caller")
            for device in counter.cameras + counter.meetings + [caller] where scenario.site.device(device) == nil {
                throw section.problem("id", "unknown device '\(device)' at counter '\(id)'")
            }
            scenario.site.counters.append(counter)
            scenario.counters.append(
                Scenario.CounterPlan(
                    id: id, caller: caller, said: try section.optionalText("says") ?? id,
                    opening: try section.choice("opens", .button), lunch: try section.choice("lunch", .pause),
                    evening: try section.choice("evening", .close), staffed: try section.flag("staffed", true)))
        }
    }
}
