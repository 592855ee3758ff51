/// The public holidays of Vietnam, 2024 to 2030, and the working days that the Government moved.
///
/// Law: Labour Code 2019 (45/2019/QH14). Article 112.1: 1 January (one day), Tết (five days), 30 April, 1 May, National
/// Day (2 September and one day before or after it), the Hùng Kings' day (10th of the third lunar month). Article 112.3:
/// the Prime Minister sets the days of Tết and of National Day each year. Article 111.3: a holiday on a weekly day off is
/// made up for on the next working day; the weekly days off of state offices are Saturday and Sunday.
///
/// `verified` blocks follow a published announcement for that year; only moved working days that were read there are
/// in the table. `computed` blocks come from the law and the lunar calendar of UTC+7, and the two choices left to the
/// Prime Minister follow what was decided from 2018 to 2026: Tết takes the last two days of the old year and the first
/// three of the new one, but the last and the first four when the new year's first day is a Tuesday (a whole working
/// week then); National Day takes 1 September when the 2nd is a Tuesday, Wednesday, Friday or Saturday, else the 3rd.
/// An office writes what was announced later into `closed` and `open` of its site file.
public enum VietnameseHolidays {
    public static let name = "vn"

    public enum Status: String, Hashable, Sendable { case verified, computed }

    /// One calendar year; dates as `MM-DD`.
    public struct Year: Sendable {
        public var year: Int
        public var status: Status
        /// Where the choices of that year were read.
        public var source: String
        /// Five days.
        public var tet: [String]
        public var hungKings: String
        /// Two days, the 2nd of September among them.
        public var nationalDay: [String]
        public var substitutes: [String]
        /// Working days that were moved: off, and worked instead.
        public var moved: [(off: String, worked: String)]
    }

    public static let years: [Year] = [
        Year(
            year: 2024, status: .verified,
            source: "Viet Nam News, 5 November 2023: Tết 8-14 February, National Day 31 August - 3 September",
            tet: ["02-08", "02-09", "02-10", "02-11", "02-12"], hungKings: "04-18", nationalDay: ["09-02", "09-03"],
            substitutes: ["02-13", "02-14"], moved: []),
        Year(
            year: 2025, status: .verified,
            source: "tet-amlich.com, November 2024: Tết 25 January - 2 February, 2 May worked on 26 April, "
                + "National Day 30 August - 2 September",
            tet: ["01-27", "01-28", "01-29", "01-30", "01-31"], hungKings: "04-07", nationalDay: ["09-01", "09-02"],
            substitutes: [], moved: [("05-02", "04-26")]),
        Year(
            year: 2026, status: .verified,
            source: "Vietnam Briefing on the Government Office's notice of 13 October 2025: Tết 16-20 February, "
                + "National Day 1-2 September, 31 August worked on 22 August, 27 April for the Hùng Kings' Sunday",
            tet: ["02-16", "02-17", "02-18", "02-19", "02-20"], hungKings: "04-26", nationalDay: ["09-01", "09-02"],
            substitutes: ["04-27"], moved: [("08-31", "08-22")]),
        Year(
            year: 2027, status: .computed, source: "Labour Code 2019, Articles 111.3 and 112",
            tet: ["02-04", "02-05", "02-06", "02-07", "02-08"], hungKings: "04-16", nationalDay: ["09-02", "09-03"],
            substitutes: ["02-09", "02-10", "05-03"], moved: []),
        Year(
            year: 2028, status: .computed, source: "Labour Code 2019, Articles 111.3 and 112",
            tet: ["01-24", "01-25", "01-26", "01-27", "01-28"], hungKings: "04-04", nationalDay: ["09-01", "09-02"],
            substitutes: ["01-03", "05-02", "09-04"], moved: []),
        Year(
            year: 2029, status: .computed, source: "Labour Code 2019, Articles 111.3 and 112",
            tet: ["02-12", "02-13", "02-14", "02-15", "02-16"], hungKings: "04-23", nationalDay: ["09-02", "09-03"],
            substitutes: ["09-04"], moved: []),
        Year(
            year: 2030, status: .computed, source: "Labour Code 2019, Articles 111.3 and 112",
            tet: ["01-31", "02-01", "02-02", "02-03", "02-04"], hungKings: "04-12", nationalDay: ["09-02", "09-03"],
            substitutes: ["02-05", "02-06"], moved: []),
    ]

    /// Every day of the table that differs from an office's week. On a day to which work was moved, the office keeps the
    /// hours of the weekday that was moved.
    public static func days(week: WeeklyHours) -> [OfficeCalendar.Day] {
        years.flatMap { year in
            func day(_ text: String) -> LocalDay? { LocalDay("\(year.year)-" + text) }
            func closed(_ text: String, _ kind: OfficeCalendar.Kind, _ name: LocalizedName) -> [OfficeCalendar.Day] {
                day(text).map { [OfficeCalendar.Day(day: $0, kind: kind, name: name)] } ?? []
            }
            var out = closed("01-01", .holiday, LocalizedName(vi: "Tết Dương lịch", en: "New Year's Day"))
            out += year.tet.flatMap { closed($0, .holiday, LocalizedName(vi: "Tết Nguyên đán", en: "Tết")) }
            out += closed(
                year.hungKings, .holiday, LocalizedName(vi: "Giỗ Tổ Hùng Vương", en: "Hùng Kings' Commemoration"))
            out += closed("04-30", .holiday, LocalizedName(vi: "Ngày Chiến thắng", en: "Victory Day"))
            out += closed("05-01", .holiday, LocalizedName(vi: "Quốc tế Lao động", en: "Labour Day"))
            out += year.nationalDay.flatMap {
                closed($0, .holiday, LocalizedName(vi: "Quốc khánh", en: "National Day"))
            }
            out += year.substitutes.flatMap {
                closed($0, .substitute, LocalizedName(vi: "Nghỉ bù ngày lễ", en: "Day in lieu of a holiday"))
            }
            for (off, worked) in year.moved {
                out += closed(off, .movedOff, LocalizedName(vi: "Nghỉ hoán đổi", en: "Working day moved away"))
                if let from = day(off), let to = day(worked) {
                    out.append(
                        OfficeCalendar.Day(
                            day: to, kind: .movedHere,
                            name: LocalizedName(vi: "Làm việc hoán đổi", en: "Working day moved here"),
                            hours: week.intervals(on: from)))
                }
            }
            return out
        }
    }
}
