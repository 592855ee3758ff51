import Domain
import SwiftProtobuf

extension ProtoRoom {
    init(_ room: Room) {
        id = room.id
        name = ProtoName(room.name)
        meetings = room.meetings
        cameras = room.cameras
    }

    var room: Room { Room(id: id, name: name.localized, meetings: meetings, cameras: cameras) }
}

extension ProtoPlace {
    init(_ place: Place) {
        id = place.id
        name = ProtoName(place.name)
        if let value = place.under { under = value }
    }

    var place: Place { Place(id: id, name: name.localized, under: hasUnder ? under : nil) }
}

extension ProtoCalendar {
    init(_ calendar: OfficeCalendar) {
        if let value = calendar.holidays { holidays = value }
        days = calendar.days.map { day in
            var out = ProtoCalendarDay()
            out.day = Int32(clamping: day.day.number)
            out.kind = day.kind.rawValue
            out.name = ProtoName(day.name)
            if !day.hours.isEmpty { out.hours = ProtoHours(day.hours) }
            return out
        }
    }

    /// Dates that a person wrote: a few hundred at most.
    static let dayLimit = 4_096

    func calendar() throws(RecordError) -> OfficeCalendar {
        guard days.count <= Self.dayLimit else { throw RecordError(.outOfRange, "a calendar of \(days.count) days") }
        var out: [OfficeCalendar.Day] = []
        for day in days {
            // A kind that a newer agent knows still says whether the office was open, by its hours.
            let kind = OfficeCalendar.Kind(rawValue: day.kind) ?? (day.hours.intervals.isEmpty ? .closed : .open)
            out.append(
                OfficeCalendar.Day(
                    day: try LocalDay(recorded: day.day), kind: kind, name: day.name.localized,
                    hours: try day.hours.ranges()))
        }
        return OfficeCalendar(holidays: hasHolidays ? holidays : nil, out)
    }
}
