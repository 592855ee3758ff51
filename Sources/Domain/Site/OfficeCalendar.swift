/// Days on which an office keeps other hours than its week says: public holidays, days put in their place, its own.
///
/// The days are written out, not named by a rule: a site revision then says all that its office-days depend on, and a
/// later table of holidays cannot change a number that was reported before (DOMAIN.md §2).
public struct OfficeCalendar: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Closed by law.
        case holiday
        /// Closed by law in place of a holiday that fell on a weekly day off.
        case substitute
        /// Closed because the Government moved the working day to another date.
        case movedOff
        /// Open because the Government moved a working day here.
        case movedHere
        /// Closed by the site file.
        case closed
        /// Open by the site file, with hours of its own.
        case open
    }

    public struct Day: Hashable, Sendable {
        public var day: LocalDay
        public var kind: Kind
        public var name: LocalizedName
        /// Milliseconds since local midnight, sorted, not overlapping; empty for a closed day.
        public var hours: [Range<Int64>]

        public init(day: LocalDay, kind: Kind, name: LocalizedName, hours: [Range<Int64>] = []) {
            self.day = day
            self.kind = kind
            self.name = name
            self.hours = hours.sorted { $0.lowerBound < $1.lowerBound }
        }
    }

    /// Where the public holidays came from: the name of a table, `nil` for none.
    public var holidays: String?
    /// Sorted by day, each day once.
    public let days: [Day]

    /// Of several entries for one date the last one given holds: an office's own days come after the public ones.
    public init(holidays: String? = nil, _ days: [Day] = []) {
        self.holidays = holidays
        var sorted: [Day] = []
        for (_, day) in days.enumerated().sorted(by: { ($0.element.day, $0.offset) < ($1.element.day, $1.offset) }) {
            if sorted.last?.day == day.day { sorted.removeLast() }
            sorted.append(day)
        }
        self.days = sorted
    }

    public subscript(_ day: LocalDay) -> Day? {
        var low = 0
        var high = days.count
        while low < high {
            let middle = (low + high) / 2
            if days[middle].day < day { low = middle + 1 } else { high = middle }
        }
        return low < days.count && days[low].day == day ? days[low] : nil
    }
}

extension Site {
    /// The opening hours of a day: the calendar's where it knows the day, else the week's. Milliseconds since midnight.
    public func hours(on day: LocalDay) -> [Range<Int64>] {
        calendar[day].map(\.hours) ?? hours.intervals(on: day)
    }

    /// The day's opening hours as moments.
    public func openingHours(on day: LocalDay) -> [Range<Instant>] {
        WeeklyHours.moments(hours(on: day), of: day, clock: office.clock)
    }
}
