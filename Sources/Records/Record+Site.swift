import Domain
import FoundationEssentials
import SwiftProtobuf

extension ProtoSiteRevision {
    init(_ revision: SiteRevision, office: String) {
        self.office = office
        validFrom = Int32(clamping: revision.validFrom.number)
        source = Data(revision.source)
        digest = Data(revision.digest)
        site = ProtoSite(revision.site)
    }

    func revision() throws(RecordError) -> SiteRevision {
        guard hasSite, digest.count == 32 else {
            throw RecordError(.malformed, "a site revision needs the site and a digest of 32 bytes")
        }
        return SiteRevision(
            site: try site.site(), validFrom: try LocalDay(recorded: validFrom), source: Array(source),
            digest: Array(digest))
    }
}

extension ProtoSite {
    init(_ site: Site) {
        office = ProtoOffice(site.office)
        hours = site.hours.days.map(ProtoHours.init)
        services = site.services.map { service in
            var out = ProtoService()
            out.id = service.id
            out.name = ProtoName(service.name)
            if let target = service.waitTargetMilliseconds { out.waitTarget = UInt64(clamping: target) }
            if let longest = service.maxServiceMilliseconds { out.maxService = UInt64(clamping: longest) }
            return out
        }
        counters = site.counters.map { counter in
            var out = ProtoCounter()
            out.id = counter.id
            out.services = counter.services
            out.cameras = counter.cameras
            out.meetings = counter.meetings
            out.rooms = counter.rooms
            return out
        }
        devices = site.devices.map(ProtoDevice.init)
        rooms = site.rooms.map(ProtoRoom.init)
        places = site.places.map(ProtoPlace.init)
        if site.calendar != OfficeCalendar() { calendar = ProtoCalendar(site.calendar) }
    }

    func site() throws(RecordError) -> Site {
        var days: [Weekday: [Range<Int64>]] = [:]
        guard hours.count <= 7 else { throw RecordError(.outOfRange, "a week of \(hours.count) days") }
        for (weekday, day) in zip(Weekday.allCases, hours) { days[weekday] = try day.ranges() }
        return Site(
            office: try office.office(), hours: WeeklyHours(days), services: services.map(\.service),
            counters: counters.map {
                Counter(
                    id: $0.id, services: $0.services, cameras: $0.cameras, meetings: $0.meetings, rooms: $0.rooms)
            }, devices: devices.map(\.device), rooms: rooms.map(\.room), places: places.map(\.place),
            calendar: hasCalendar ? try calendar.calendar() : OfficeCalendar())
    }
}

extension ProtoHours {
    init(_ ranges: [Range<Int64>]) {
        intervals = ranges.map { range in
            var interval = ProtoInterval()
            interval.start = UInt32(clamping: range.lowerBound)
            interval.end = UInt32(clamping: range.upperBound)
            return interval
        }
    }

    /// Sorted, not overlapping, within a day: what the fold builds ranges from.
    func ranges() throws(RecordError) -> [Range<Int64>] {
        var out: [Range<Int64>] = []
        for interval in intervals {
            let start = Int64(interval.start)
            let end = Int64(interval.end)
            guard start < end, end <= 86_400_000, start >= out.last?.upperBound ?? 0 else {
                throw RecordError(.outOfRange, "opening hours \(start)..<\(end) ms")
            }
            out.append(start..<end)
        }
        return out
    }
}

extension ProtoOffice {
    fileprivate init(_ office: Office) {
        id = office.id
        name = ProtoName(office.name)
        timezone = office.timezone
        clock = office.clock.changes.map { change in
            var out = ProtoClockChange()
            out.from = change.from.milliseconds
            out.offsetSeconds = Int32(clamping: change.offsetSeconds)
            return out
        }
        finish = office.finish.rawValue
        if let value = office.under { under = value }
        if let value = office.validFrom { validFrom = Int32(clamping: value.number) }
        if let value = office.validTo { validTo = Int32(clamping: value.number) }
        if let merger = office.merged {
            mergedInto = merger.into
            mergedOn = Int32(clamping: merger.on.number)
        }
    }

    fileprivate func office() throws(RecordError) -> Office {
        guard let how = Office.Finish(rawValue: finish) else {
            throw RecordError(.outOfRange, "finish '\(finish)'; known: explicit, onNextCall")
        }
        // Two changes a year for a century are two hundred; a longer list would only make every local time slow.
        guard clock.count <= 512 else { throw RecordError(.malformed, "\(clock.count) changes of the clock") }
        var changes: [OfficeClock.Change] = []
        for change in clock {
            changes.append(
                OfficeClock.Change(from: try Instant(recorded: change.from), offsetSeconds: Int(change.offsetSeconds)))
        }
        return Office(
            id: id, name: name.localized, timezone: timezone, clock: OfficeClock(changes: changes), finish: how,
            under: hasUnder ? under : nil, validFrom: hasValidFrom ? try LocalDay(recorded: validFrom) : nil,
            validTo: hasValidTo ? try LocalDay(recorded: validTo) : nil,
            merged: hasMergedInto && hasMergedOn
                ? Office.Merger(into: mergedInto, on: try LocalDay(recorded: mergedOn)) : nil)
    }
}

extension ProtoName {
    init(_ name: LocalizedName) {
        vi = name.vi
        en = name.en
    }

    var localized: LocalizedName { LocalizedName(vi: vi, en: en) }
}

extension ProtoService {
    fileprivate var service: Service {
        Service(
            id: id, name: name.localized, waitTargetMilliseconds: hasWaitTarget ? Int64(clamping: waitTarget) : nil,
            maxServiceMilliseconds: hasMaxService ? Int64(clamping: maxService) : nil)
    }
}

extension ProtoDevice {
    fileprivate init(_ device: Device) {
        id = device.id
        profile = device.profile
        address = device.address
        if let value = device.ticketSystem { ticketSystem = value }
        zones = device.zones.map { ProtoPair($0.name, $0.token) }
        aliases = device.aliases.map { ProtoPair($0.said, $0.meant) }
        unverified = device.isUnverified
    }

    fileprivate var device: Device {
        Device(
            id: id, profile: profile, address: address, ticketSystem: hasTicketSystem ? ticketSystem : nil,
            zones: zones.map { Device.Zone(name: $0.key, token: $0.value) },
            aliases: aliases.map { Device.Alias(said: $0.key, meant: $0.value) }, isUnverified: unverified)
    }
}

extension ProtoPair {
    fileprivate init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}

extension LocalDay {
    /// Between the years 1 and 9999, like every moment.
    init(recorded number: Int32) throws(RecordError) {
        guard (-719_162...2_932_896).contains(number) else {
            throw RecordError(.outOfRange, "day \(number) is outside the years 1 to 9999")
        }
        self.init(number: Int(number))
    }
}
