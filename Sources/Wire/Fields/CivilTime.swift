/// A moment as a calendar date and time of day in some offset from UTC, for what devices write.
///
/// Proleptic Gregorian, by Howard Hinnant's `civil_from_days`.
struct CivilTime {
    let year: Int
    let month: Int
    let day: Int
    let hour: Int
    let minute: Int
    let second: Int
    let millisecond: Int
    let offsetMinutes: Int

    init(_ time: Timestamp, offsetMinutes: Int = 0) {
        let offset = min(max(offsetMinutes, -1_439), 1_439)
        let milliseconds = Int(time.milliseconds) + offset * 60_000
        let days = milliseconds >= 0 ? milliseconds / 86_400_000 : (milliseconds - 86_399_999) / 86_400_000
        let inDay = milliseconds - days * 86_400_000
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = inDay / 3_600_000
        minute = inDay / 60_000 % 60
        second = inDay / 1_000 % 60
        millisecond = inDay % 1_000
        self.offsetMinutes = offset
    }

    var rfc3339: String {
        let zone =
            offsetMinutes == 0
            ? "Z"
            : "\(offsetMinutes < 0 ? "-" : "+")\(Self.two(abs(offsetMinutes) / 60)):\(Self.two(abs(offsetMinutes) % 60))"
        let clock = "\(Self.two(hour)):\(Self.two(minute)):\(Self.two(second)).\(Self.three(millisecond))"
        return "\(year)-\(Self.two(month))-\(Self.two(day))T\(clock)\(zone)"
    }

    var traditional: String {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let name = months.indices.contains(month - 1) ? months[month - 1] : "Jan"
        return "\(name) \(day < 10 ? " " : "")\(day) \(Self.two(hour)):\(Self.two(minute)):\(Self.two(second))"
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    private static func three(_ value: Int) -> String { value < 100 ? "0\(two(value))" : "\(value)" }
}
