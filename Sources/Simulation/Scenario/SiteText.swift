public import Domain

/// Writes a site file (DOMAIN.md §A): the same bytes for the same site.
public enum SiteText {
    public static func yaml(_ site: Site) -> String {
        var office = "id: \(quoted(site.office.id)), name: \(name(site.office.name)), timezone: \(site.office.timezone)"
        office += ", finish: \(site.office.finish.rawValue)"
        if let under = site.office.under { office += ", under: \(quoted(under))" }
        if let from = site.office.validFrom { office += ", validFrom: \(from)" }
        if let to = site.office.validTo { office += ", validTo: \(to)" }
        var out = "office: { \(office) }\n"
        out += "hours: { " + hours(site.hours) + " }\n"
        // The world of a scenario knows no holidays unless its site does.
        out += "holidays: \(site.calendar.holidays ?? "none")\n"
        out += "services:\n"
        for service in site.services {
            out += "  - { id: \(quoted(service.id)), name: \(name(service.name))"
            if let target = service.waitTargetMilliseconds { out += ", waitTarget: \(duration(target))" }
            if let limit = service.maxServiceMilliseconds { out += ", maxService: \(duration(limit))" }
            out += " }\n"
        }
        out += "counters:\n"
        for counter in site.counters {
            out += "  - { id: \(quoted(counter.id)), services: \(list(counter.services))"
            if !counter.cameras.isEmpty { out += ", cameras: \(list(counter.cameras))" }
            if !counter.meetings.isEmpty { out += ", meetings: \(list(counter.meetings))" }
            out += " }\n"
        }
        out += "devices:\n"
        for device in site.devices {
            out +=
                "  - { id: \(quoted(device.id)), profile: \(quoted(device.profile)), address: \(quoted(device.address))"
            if let system = device.ticketSystem { out += ", ticketSystem: \(quoted(system))" }
            if !device.zones.isEmpty {
                let zones = device.zones.map { "\(quoted($0.name)): \(quoted($0.token))" }
                out += ", zones: { " + zones.joined(separator: ", ") + " }"
            }
            if !device.aliases.isEmpty {
                let aliases = device.aliases.map { "\"\($0.said)\": \(quoted($0.meant))" }
                out += ", aliases: { " + aliases.joined(separator: ", ") + " }"
            }
            out += " }\n"
        }
        return out
    }

    /// Days of equal hours that follow one another share an entry: `mon-fri: ["07:30-11:30"]`.
    private static func hours(_ week: WeeklyHours) -> String {
        let names = Weekday.allCases.map(\.rawValue)
        var parts: [String] = []
        var first = 0
        while first < week.days.count, first < names.count {
            var last = first
            while last + 1 < week.days.count, last + 1 < names.count, week.days[last + 1] == week.days[first] {
                last += 1
            }
            if !week.days[first].isEmpty {
                let key = last == first ? names[first] : names[first] + "-" + names[last]
                let spans = week.days[first].map { "\"\(timeOfDay($0.lowerBound))-\(timeOfDay($0.upperBound))\"" }
                parts.append("\(key): [" + spans.joined(separator: ", ") + "]")
            }
            first = last + 1
        }
        return parts.joined(separator: ", ")
    }

    private static func timeOfDay(_ milliseconds: Int64) -> String {
        String(OfficeClock.timeText(Int(milliseconds)).prefix(5))
    }

    private static func duration(_ milliseconds: Int64) -> String {
        switch milliseconds {
        case let value where value % 3_600_000 == 0: "\(value / 3_600_000)h"
        case let value where value % 60_000 == 0: "\(value / 60_000)m"
        case let value where value % 1_000 == 0: "\(value / 1_000)s"
        default: "\(milliseconds)ms"
        }
    }

    private static func name(_ name: LocalizedName) -> String {
        "{ vi: \(jsonString(name.vi)), en: \(jsonString(name.en)) }"
    }

    private static func list(_ words: [String]) -> String {
        "[" + words.map(quoted).joined(separator: ", ") + "]"
    }

    /// Plain where YAML reads it back as the same text, else a double-quoted scalar.
    private static func quoted(_ text: String) -> String {
        let isPlain =
            text.utf8.first.map { (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) } == true
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0)
                    || $0 == 0x2D || $0 == 0x2F || $0 == 0x5F
            }
            && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(text.lowercased())
        let isAddress =
            text.utf8.count > 6 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
            && text.utf8.count(where: { $0 == 0x2E }) == 3
        return isPlain || isAddress ? text : jsonString(text)
    }
}
