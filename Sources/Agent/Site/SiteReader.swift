internal import Domain
internal import Foundation
internal import Wire
internal import Yams

/// Nodes of a site file to a `Site`; goes on after a problem, so that all are told.
struct SiteReader {
    var problems: ProblemList
    let library: ProfileLibrary?

    static let listLimit = 4_096
    /// Devices that another one speaks for, and where that is said.
    var behind: [(recorder: String, node: Node?)] = []

    init(path: String, library: ProfileLibrary?) {
        problems = ProblemList(path: path)
        self.library = library
    }

    mutating func site(_ root: Node) -> Site? {
        let top = YAMLFields(
            root, "a site file",
            known: [
                "office", "places", "hours", "holidays", "closed", "open", "services", "rooms", "counters", "devices",
            ], &problems)
        for key in ["office", "hours", "counters", "devices"] where top[key] == nil {
            if case .mapping = root { problems.note(line: 1, "a site file needs '\(key)'") }
        }
        let office = top["office"].flatMap { self.office($0) }
        let hours = top["hours"].map { self.hours($0) } ?? WeeklyHours([:])
        let calendar = calendar(top, week: hours, timezone: office?.timezone)

        var services: [Service] = []
        var lines = FirstLines()
        for node in top.strictList("services", &problems).prefix(Self.listLimit) {
            if let service = service(node, &lines) { services.append(service) }
        }
        var devices: [(Device, YAMLFields)] = []
        for node in top.strictList("devices", &problems).prefix(Self.listLimit) {
            if let device = device(node, &lines) { devices.append(device) }
        }
        var rooms: [Room] = []
        for node in top.strictList("rooms", &problems).prefix(Self.listLimit) {
            if let room = room(node, devices: devices.map(\.0), &lines) { rooms.append(room) }
        }
        var counters: [Counter] = []
        for node in top.strictList("counters", &problems).prefix(Self.listLimit) {
            let read = counter(node, services: services.map(\.id), devices: devices.map(\.0), rooms: rooms, &lines)
            if let read { counters.append(read) }
        }
        let places = places(top, office: office, &lines)
        for (device, fields) in devices {
            checkAliases(
                of: fields, device, counters: counters.map(\.id), services: services.map(\.id),
                devices: devices.map(\.0.id))
        }
        for (recorder, node) in behind where !devices.contains(where: { $0.0.id == recorder }) {
            problems.note(node, Words.unknown("device", recorder, known: devices.map(\.0.id)))
        }
        guard let office else { return nil }
        return Site(
            office: office, hours: hours, services: services, counters: counters, devices: devices.map(\.0),
            rooms: rooms, places: places, calendar: calendar)
    }

    /// Where ids and addresses were first used.
    struct FirstLines {
        var lines: [String: Int] = [:]
    }

    mutating func identifier(
        _ fields: YAMLFields, _ what: String, _ first: inout FirstLines
    ) -> String? {
        guard let id = fields.needed("id", of: what, &problems) else { return nil }
        let node = fields["id"]
        guard id.isSiteIdentifier else {
            problems.note(node, "id '\(Words.shown(id))' may have small letters, digits, '-', '_' and '.', at most 64")
            return nil
        }
        if let line = first.lines[what + id] {
            problems.note(node, "id '\(id)' is taken (line \(line))")
            return nil
        }
        first.lines[what + id] = node?.line ?? 0
        return id
    }

    // MARK: Office

    private mutating func office(_ node: Node) -> Office? {
        let fields = YAMLFields(
            node, "an office",
            known: ["id", "name", "timezone", "finish", "under", "validFrom", "validTo", "mergedInto"],
            &problems)
        guard case .mapping = node else { return nil }
        var first = FirstLines()
        let id = identifier(fields, "an office", &first)
        let name = fields.name("name", &problems)
        let timezone = fields.text("timezone", &problems) ?? "Asia/Ho_Chi_Minh"
        let clock = OfficeClock(timezone: timezone)
        if clock == nil {
            problems.note(
                fields["timezone"],
                Words.unknown("timezone", timezone, known: TimeZone.knownTimeZoneIdentifiers.sorted()))
        }
        let finish: Office.Finish = fields.word("finish", "finish", &problems) ?? .explicit
        let under = fields.text("under", &problems)
        if let under, !under.isSiteIdentifier {
            problems.note(fields["under"], "'\(Words.shown(under))' is no id of a place")
        } else if let under, under == id {
            problems.note(fields["under"], "an office is not under itself")
        }
        let from = day("validFrom", fields)
        let to = day("validTo", fields)
        if let from, let to, to < from { problems.note(fields["validTo"], "validTo \(to) is before validFrom \(from)") }
        let merged = fields["mergedInto"].flatMap { merger($0, of: id, from: from, to: to) }
        guard let id, let clock else { return nil }
        return Office(
            id: id, name: name ?? LocalizedName(vi: id, en: id), timezone: timezone, clock: clock, finish: finish,
            under: under, validFrom: from, validTo: to, merged: merged)
    }

    mutating func day(_ key: String, _ fields: YAMLFields) -> LocalDay? {
        guard let text = fields.text(key, &problems) else { return nil }
        if let day = LocalDay(text) { return day }
        problems.note(fields[key], "'\(Words.shown(text))' is no day; write it as 2026-01-31")
        return nil
    }

    // MARK: Hours

    private mutating func hours(_ node: Node) -> WeeklyHours {
        var days: [Weekday: [Range<Int64>]] = [:]
        for (key, keyNode, value) in YAMLFields.pairs(node, "hours", &problems) {
            guard let weekdays = weekdays(key, keyNode) else { continue }
            let ranges = intervals(value)
            for day in weekdays {
                if days[day] != nil {
                    problems.note(keyNode, "'\(day.rawValue)' has hours already")
                } else {
                    days[day] = ranges
                }
            }
        }
        return WeeklyHours(days)
    }

    /// `mon`, `mon-fri`, `sat,sun`, `mon-wed,fri`.
    private mutating func weekdays(_ text: String, _ node: Node) -> [Weekday]? {
        var out: [Weekday] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            let known = ends.map { Weekday(rawValue: $0) }
            if let wrong = zip(ends, known).first(where: { $0.1 == nil })?.0 {
                problems.note(node, Words.unknown("weekday", wrong, known: Weekday.allCases.map(\.rawValue)))
                return nil
            }
            let all = Weekday.allCases
            guard (1...2).contains(ends.count), let first = known.first??.rawValue,
                let from = all.firstIndex(where: { $0.rawValue == first }),
                let last = known.last??.rawValue, let through = all.firstIndex(where: { $0.rawValue == last }),
                from <= through
            else {
                problems.note(node, "'\(Words.shown(text))' names no days; write mon, mon-fri or sat,sun")
                return nil
            }
            out += all[from...through]
        }
        return out
    }

    mutating func intervals(_ node: Node) -> [Range<Int64>] {
        let nodes: [Node]
        switch node {
        case .sequence(let sequence): nodes = Array(sequence)
        default: nodes = node.isAbsent ? [] : [node]
        }
        var out: [Range<Int64>] = []
        for node in nodes.prefix(48) {
            guard let text = YAMLFields.text(node, "hours", &problems) else { continue }
            let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Self.timeOfDay($0) }
            guard ends.count == 2, let from = ends[0], let until = ends[1] else {
                problems.note(node, "'\(Words.shown(text))' are no hours; write 07:30-11:30")
                continue
            }
            guard from < until else {
                problems.note(node, "'\(text)' ends before it begins")
                continue
            }
            if let other = out.first(where: { $0.overlaps(from..<until) }) {
                problems.note(node, "'\(text)' overlaps with \(Self.shown(other))")
                continue
            }
            out.append(from..<until)
        }
        return out.sorted { $0.lowerBound < $1.lowerBound }
    }

    /// Milliseconds since midnight of `07:30`; `24:00` is the day's end.
    private static func timeOfDay(_ text: Substring) -> Int64? {
        let parts = text.trimmingCharacters(in: .whitespaces).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2,
            let hours = UInt8(parts[0]), let minutes = UInt8(parts[1]), minutes < 60,
            hours < 24 || (hours == 24 && minutes == 0)
        else { return nil }
        return (Int64(hours) * 60 + Int64(minutes)) * 60_000
    }

    private static func shown(_ range: Range<Int64>) -> String {
        [range.lowerBound, range.upperBound]
            .map { String(OfficeClock.timeText(Int($0)).prefix(5)) }.joined(separator: "-")
    }

    // MARK: Services and counters

    private mutating func service(_ node: Node, _ first: inout FirstLines) -> Service? {
        let fields = YAMLFields(
            node, "a service", known: ["id", "name", "waitTarget", "maxService"], &problems)
        guard case .mapping = node, let id = identifier(fields, "a service", &first) else { return nil }
        return Service(
            id: id, name: fields.name("name", &problems) ?? LocalizedName(vi: id, en: id),
            waitTargetMilliseconds: duration("waitTarget", fields),
            maxServiceMilliseconds: duration("maxService", fields))
    }

    /// `15m`, `90s`, `1h30m`, `1500ms`; at most a day.
    private mutating func duration(_ key: String, _ fields: YAMLFields) -> Int64? {
        guard let text = fields.text(key, &problems) else { return nil }
        if let total = DurationText.milliseconds(text), (1...86_400_000).contains(total) { return total }
        problems.note(fields[key], "'\(Words.shown(text))' is no duration; write 15m, 90s or 1h30m, at most 24h")
        return nil
    }

    private mutating func counter(
        _ node: Node, services: [String], devices: [Device], rooms: [Room], _ first: inout FirstLines
    ) -> Counter? {
        let fields = YAMLFields(
            node, "a counter", known: ["id", "services", "cameras", "meetings", "rooms"], &problems)
        guard case .mapping = node, let id = identifier(fields, "a counter", &first) else { return nil }
        let ids = devices.map(\.id)
        var counter = Counter(
            id: id, services: references("services", fields, to: "service", known: services),
            cameras: references("cameras", fields, to: "device", known: ids),
            meetings: references("meetings", fields, to: "device", known: ids),
            rooms: references("rooms", fields, to: "room", known: rooms.map(\.id)))
        checkKind(counter.cameras, fields, "cameras", "camera", [.camera, .recorder], devices)
        checkKind(counter.meetings, fields, "meetings", "meeting system", [.meeting], devices)
        for room in rooms where counter.rooms.contains(room.id) {
            counter.meetings += room.meetings.filter { !counter.meetings.contains($0) }
        }
        return counter
    }

    mutating func references(
        _ key: String, _ fields: YAMLFields, to what: String, known: [String]
    ) -> [String] {
        var out: [String] = []
        for node in fields.list(key) {
            guard let id = YAMLFields.text(node, key, &problems) else { continue }
            if !known.contains(id) {
                problems.note(node, Words.unknown(what, id, known: known))
            } else if out.contains(id) {
                problems.note(node, "'\(id)' comes twice")
            } else {
                out.append(id)
            }
        }
        return out
    }

    mutating func checkKind(
        _ ids: [String], _ fields: YAMLFields, _ key: String, _ what: String, _ kinds: [DeviceProfile.Kind],
        _ devices: [Device]
    ) {
        for id in ids {
            guard let device = devices.first(where: { $0.id == id }), let profile = library?.profile(device.profile),
                !kinds.contains(profile.kind),
                // A file of events tells of everything that its rules are for.
                !kinds.contains(where: { kind in
                    profile.rules.contains { $0.event?.hasPrefix(kind.rawValue + ".") == true }
                })
            else { continue }
            problems.note(
                fields.list(key).first { $0.scalar?.string == id },
                "'\(id)' is no \(what): \(profile.id) is of kind \(profile.kind.rawValue)")
        }
    }

    // MARK: Devices

    private mutating func device(_ node: Node, _ first: inout FirstLines) -> (Device, YAMLFields)? {
        let fields = YAMLFields(
            node, "a device", known: ["id", "profile", "address", "ticketSystem", "zones", "aliases"], &problems)
        guard case .mapping = node else { return nil }
        let id = identifier(fields, "a device", &first)
        let profile = fields.needed("profile", of: "a device", &problems)
        if let profile, let library, library.profile(profile) == nil {
            problems.note(fields["profile"], Words.unknown("profile", profile, known: library.profiles.map(\.id)))
        }
        let address = fields.needed("address", of: "a device", &problems)
        if let address {
            checkAddress(address, profile, fields, &first)
        }
        let system = fields.text("ticketSystem", &problems)
        if let system, !system.isSiteIdentifier {
            problems.note(fields["ticketSystem"], "'\(Words.shown(system))' is no id")
        }
        var zones: [Device.Zone] = []
        for (zone, keyNode, value) in fields.pairs("zones", &problems) {
            if !zone.isSiteIdentifier { problems.note(keyNode, "'\(Words.shown(zone))' is no id of a zone") }
            let tokens: [Node] = if case .sequence(let sequence) = value { Array(sequence) } else { [value] }
            for token in tokens {
                guard let text = YAMLFields.text(token, zone, &problems) else { continue }
                if zones.contains(where: { $0.token == text }) {
                    problems.note(token, "'\(Words.shown(text))' is another zone already")
                }
                zones.append(Device.Zone(name: zone, token: text))
            }
        }
        var aliases: [Device.Alias] = []
        for (said, _, value) in fields.pairs("aliases", &problems) {
            if let meant = YAMLFields.text(value, said, &problems) {
                aliases.append(Device.Alias(said: said, meant: meant))
            }
        }
        guard let id else { return nil }
        return (
            Device(
                id: id, profile: profile ?? "", address: address ?? "", ticketSystem: system, zones: zones,
                aliases: aliases, isUnverified: profile.flatMap { library?.profile($0)?.isUnverified } ?? false), fields
        )
    }

    private mutating func checkAliases(
        of fields: YAMLFields, _ device: Device, counters: [String], services: [String], devices: [String]
    ) {
        guard !device.aliases.isEmpty else { return }
        var silent = ProblemList(path: problems.path)
        for (_, _, value) in fields.pairs("aliases", &silent) {
            guard let meant = value.scalar?.string, !counters.contains(meant), !services.contains(meant),
                !devices.contains(meant)
            else {
                continue
            }
            problems.note(value, Words.unknown("counter or service", meant, known: counters + services))
        }
    }
}
