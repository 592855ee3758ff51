/// One office as its site file describes it (DOMAIN.md §A): the parsed form, free of YAML and of Foundation.
public struct Site: Hashable, Sendable {
    public var office: Office
    public var hours: WeeklyHours
    public var services: [Service]
    public var counters: [Counter]
    public var devices: [Device]
    public var rooms: [Room]
    /// Places above the office that are no offices: what its `under` leads through.
    public var places: [Place]
    /// Days with other hours than the week's.
    public var calendar: OfficeCalendar

    public init(
        office: Office, hours: WeeklyHours, services: [Service], counters: [Counter], devices: [Device],
        rooms: [Room] = [], places: [Place] = [], calendar: OfficeCalendar = OfficeCalendar()
    ) {
        self.office = office
        self.hours = hours
        self.services = services
        self.counters = counters
        self.devices = devices
        self.rooms = rooms
        self.places = places
        self.calendar = calendar
    }

    public func counter(_ id: String) -> Counter? { counters.first { $0.id == id } }
    public func service(_ id: String) -> Service? { services.first { $0.id == id } }
    public func device(_ id: String) -> Device? { devices.first { $0.id == id } }

    /// The counter a camera or meeting system stands at: the only one that names it, else none.
    public func counter(ofDevice id: String) -> String? {
        let named = counters.filter { $0.cameras.contains(id) || $0.meetings.contains(id) }
        return named.count == 1 ? named.first?.id : nil
    }
}

/// A name in Vietnamese and English; one stands in for the other where it is missing.
public struct LocalizedName: Hashable, Sendable {
    public var vi: String
    public var en: String

    public init(vi: String, en: String) {
        self.vi = vi.isEmpty ? en : vi
        self.en = en.isEmpty ? vi : en
    }
}

public struct Office: Hashable, Sendable {
    /// How a service ends: by a `served` event, or by the next call at its counter (DOMAIN.md §3).
    public enum Finish: String, Hashable, Sendable, CaseIterable { case explicit, onNextCall }

    public var id: String
    public var name: LocalizedName
    /// IANA name, as written in the site file.
    public var timezone: String
    public var clock: OfficeClock
    public var finish: Finish
    /// The place above this office in the tree, if given.
    public var under: String?
    public var validFrom: LocalDay?
    /// The last day, itself included.
    public var validTo: LocalDay?
    /// From that day on, this office is part of another.
    public var merged: Merger?

    public struct Merger: Hashable, Sendable {
        public var into: String
        public var on: LocalDay

        public init(into: String, on: LocalDay) {
            self.into = into
            self.on = on
        }
    }

    public init(
        id: String, name: LocalizedName, timezone: String, clock: OfficeClock, finish: Finish = .explicit,
        under: String? = nil, validFrom: LocalDay? = nil, validTo: LocalDay? = nil, merged: Merger? = nil
    ) {
        self.id = id
        self.name = name
        self.timezone = timezone
        self.clock = clock
        self.finish = finish
        self.under = under
        self.validFrom = validFrom
        self.validTo = validTo
        self.merged = merged
    }
}

/// A province, a department, a commune: something above offices that is none itself.
public struct Place: Hashable, Sendable {
    public var id: String
    public var name: LocalizedName
    public var under: String?

    public init(id: String, name: LocalizedName, under: String? = nil) {
        self.id = id
        self.name = name
        self.under = under
    }
}

/// A meeting room, a hall: counters mapped to it are mapped to its meeting systems. Its cameras watch the room; one that
/// also tells who is at a counter is named by that counter.
public struct Room: Hashable, Sendable {
    public var id: String
    public var name: LocalizedName
    public var meetings: [String]
    public var cameras: [String]

    public init(id: String, name: LocalizedName, meetings: [String] = [], cameras: [String] = []) {
        self.id = id
        self.name = name
        self.meetings = meetings
        self.cameras = cameras
    }
}

/// Opening hours by weekday: half-open intervals in milliseconds since local midnight, sorted, not overlapping.
public struct WeeklyHours: Hashable, Sendable {
    /// Monday first, seven entries.
    public let days: [[Range<Int64>]]

    public init(_ days: [Weekday: [Range<Int64>]]) {
        self.days = Weekday.allCases.map { (days[$0] ?? []).sorted { $0.lowerBound < $1.lowerBound } }
    }

    public func intervals(on day: LocalDay) -> [Range<Int64>] {
        let index = Weekday.allCases.firstIndex(of: day.weekday) ?? 0
        return index < days.count ? days[index] : []
    }

    /// The day's opening hours as moments.
    public func intervals(on day: LocalDay, clock: OfficeClock) -> [Range<Instant>] {
        Self.moments(intervals(on: day), of: day, clock: clock)
    }

    static func moments(_ hours: [Range<Int64>], of day: LocalDay, clock: OfficeClock) -> [Range<Instant>] {
        hours.compactMap {
            // A clock that is set back within an interval can turn it around; then nothing of it is left.
            let from = clock.instant(day, milliseconds: $0.lowerBound)
            let until = clock.instant(day, milliseconds: $0.upperBound)
            return from < until ? from..<until : nil
        }
    }
}

public struct Service: Hashable, Sendable {
    public var id: String
    public var name: LocalizedName
    public var waitTargetMilliseconds: Int64?
    /// The longest believable service; longer ones are suspect.
    public var maxServiceMilliseconds: Int64?

    public init(
        id: String, name: LocalizedName, waitTargetMilliseconds: Int64? = nil, maxServiceMilliseconds: Int64? = nil
    ) {
        self.id = id
        self.name = name
        self.waitTargetMilliseconds = waitTargetMilliseconds
        self.maxServiceMilliseconds = maxServiceMilliseconds
    }
}

public struct Counter: Hashable, Sendable {
    public var id: String
    public var services: [String]
    public var cameras: [String]
    /// Its own, and those of its rooms.
    public var meetings: [String]
    public var rooms: [String]

    public init(
        id: String, services: [String], cameras: [String] = [], meetings: [String] = [], rooms: [String] = []
    ) {
        self.id = id
        self.services = services
        self.cameras = cameras
        self.meetings = meetings
        self.rooms = rooms
    }
}

public struct Device: Hashable, Sendable {
    public var id: String
    /// `vendor/model` of a device folder.
    public var profile: String
    /// An IP address, a MAC address, or `topic:<filter>`.
    public var address: String
    /// Kiosks and callers that share numbers name the same ticket system; its own id where none is named.
    public var ticketSystem: String?
    /// Zone name (`staff`, `visitors`) by the word the device uses for it (a rule token): sorted by zone.
    public var zones: [Zone]
    /// What devices call a counter or a service, where that differs from the site's ids (`"3"` → `q3`).
    public var aliases: [Alias]
    /// Nobody saw a real device say what its profile reads (`DeviceProfile.isUnverified`); known where the profiles are.
    public var isUnverified: Bool

    public struct Zone: Hashable, Sendable {
        public var name: String
        public var token: String
        public init(name: String, token: String) {
            self.name = name
            self.token = token
        }
    }

    public struct Alias: Hashable, Sendable {
        public var said: String
        public var meant: String
        public init(said: String, meant: String) {
            self.said = said
            self.meant = meant
        }
    }

    /// The recorder that speaks for this one (`address: behind:nvr1`).
    public var behind: String? {
        let prefix = "behind:"
        return address.hasPrefix(prefix) && address.count > prefix.count ? String(address.dropFirst(prefix.count)) : nil
    }

    public init(
        id: String, profile: String, address: String, ticketSystem: String? = nil, zones: [Zone] = [],
        aliases: [Alias] = [], isUnverified: Bool = false
    ) {
        self.id = id
        self.isUnverified = isUnverified
        self.profile = profile
        self.address = address
        self.ticketSystem = ticketSystem
        self.zones = zones.sorted { ($0.name, $0.token) < ($1.name, $1.token) }
        self.aliases = aliases.sorted { ($0.said, $0.meant) < ($1.said, $1.meant) }
    }
}

/// A site file as it was on a date: the parsed form, the bytes it was read from, and their SHA-256.
public struct SiteRevision: Hashable, Sendable {
    public var site: Site
    /// The first local day this revision folds.
    public var validFrom: LocalDay
    public var source: [UInt8]
    /// 32 bytes.
    public var digest: [UInt8]

    public init(site: Site, validFrom: LocalDay, source: [UInt8], digest: [UInt8]) {
        self.site = site
        self.validFrom = validFrom
        self.source = source
        self.digest = digest
    }
}
