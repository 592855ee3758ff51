import Domain
import Testing

@Suite struct HolidayTests {
    static let week = WeeklyHours([
        .mon: [1..<2], .tue: [1..<2], .wed: [1..<2], .thu: [1..<2], .fri: [3..<4],
    ])

    private static func day(_ year: Int, _ text: String) throws -> LocalDay {
        try #require(LocalDay("\(year)-" + text))
    }

    @Test func `the lunar calendar of the test gives the dates that everybody knows`() {
        // Published: Tết 2020 to 2023, and 2030, when the new moon falls on 23:07 in Hà Nội and on the next day in Beijing.
        let known = [
            (2020, "2020-01-25"), (2021, "2021-02-12"), (2022, "2022-02-01"), (2023, "2023-01-22"),
            (2030, "2030-02-02"),
        ]
        for (year, date) in known { #expect(LunarCalendar.day(year, month: 1, 1)?.description == date) }
        // 2025 has a second sixth month, 2023 a second second, 2020 a second fourth.
        for (year, leap) in [(2020, 4), (2023, 2), (2025, 6)] {
            #expect(LunarCalendar.months(year).filter(\.isLeap).map(\.number) == [leap])
        }
    }

    @Test(arguments: VietnameseHolidays.years.map(\.year))
    func `Tết and the Hùng Kings' day stand where the moon puts them`(year: Int) throws {
        let table = try #require(VietnameseHolidays.years.first { $0.year == year })
        let newYear = try #require(LunarCalendar.day(year, month: 1, 1))
        let tet = try table.tet.map { try Self.day(year, $0) }
        #expect(tet == (0..<5).map { tet[0] + $0 })
        // One or two days of the old year, as the Prime Minister decides.
        #expect(newYear - tet[0] == 1 || newYear - tet[0] == 2)
        if table.status == .computed {
            #expect(newYear - tet[0] == (newYear.weekday == .tue ? 1 : 2))
        }
        #expect(try Self.day(year, table.hungKings) == LunarCalendar.day(year, month: 3, 10))
    }

    @Test(arguments: VietnameseHolidays.years.map(\.year))
    func `eleven days a year, and each on a weekend is made up for on the next working day`(year: Int) throws {
        let table = try #require(VietnameseHolidays.years.first { $0.year == year })
        let days = VietnameseHolidays.days(week: Self.week).filter { $0.day.components.year == year }
        let holidays = days.filter { $0.kind == .holiday }.map(\.day).sorted()
        #expect(Set(holidays).count == 11 && holidays.count == 11)
        #expect(try holidays.contains(Self.day(year, "09-02")))
        let other = try #require(holidays.first { $0.components.month == 9 && $0.components.day != 2 })
        #expect([1, 3].contains(other.components.day))
        var off = Set(holidays)
        var substitutes: [LocalDay] = []
        for holiday in holidays where holiday.weekday == .sat || holiday.weekday == .sun {
            var next = holiday + 1
            while next.weekday == .sat || next.weekday == .sun || off.contains(next) { next = next + 1 }
            off.insert(next)
            substitutes.append(next)
        }
        #expect(days.filter { $0.kind == .substitute }.map(\.day).sorted() == substitutes.sorted())
        for day in days where day.kind != .movedHere { #expect(day.hours.isEmpty) }
        // Only announced years move working days, and each moved day is worked on a weekly day off.
        if table.status == .computed { #expect(table.moved.isEmpty) }
        for (away, here) in table.moved {
            let (from, to) = (try Self.day(year, away), try Self.day(year, here))
            #expect(from.weekday != .sat && from.weekday != .sun && !off.contains(from))
            #expect(to.weekday == .sat || to.weekday == .sun)
            #expect(days.first { $0.day == to }?.hours == Self.week.intervals(on: from))
        }
    }

    @Test func `the table covers 2024 to 2030 and says of each block where it comes from`() {
        #expect(VietnameseHolidays.years.map(\.year) == Array(2024...2030))
        for year in VietnameseHolidays.years {
            #expect(!year.source.isEmpty)
            #expect((year.status == .verified) == (year.year <= 2026))
        }
    }

    @Test func `a holiday has no hours, an office's own days come before the table's, and the rest is the week's`()
        throws
    {
        let clock = OfficeClock(offsetSeconds: 25_200)
        var site = Site(
            office: Office(id: "o", name: LocalizedName(vi: "O", en: ""), timezone: "Asia/Ho_Chi_Minh", clock: clock),
            hours: Self.week, services: [], counters: [], devices: [])
        let tet = try Self.day(2026, "02-17")
        #expect(site.hours(on: tet) == [1..<2])
        let open = OfficeCalendar.Day(
            day: tet, kind: .open, name: LocalizedName(vi: "Trực", en: ""), hours: [10..<20])
        site.calendar = OfficeCalendar(holidays: "vn", VietnameseHolidays.days(week: Self.week) + [open])
        #expect(site.hours(on: tet) == [10..<20])
        #expect(site.hours(on: tet + 1).isEmpty && site.openingHours(on: tet + 1).isEmpty)
        #expect(site.hours(on: tet + 7) == [1..<2])
        #expect(site.openingHours(on: tet).first?.lowerBound == clock.start(of: tet) + 10)
        // 22 August 2026 is a Saturday that keeps Monday's hours.
        #expect(try site.hours(on: Self.day(2026, "08-22")) == [1..<2])
        #expect(try site.calendar[Self.day(2026, "08-31")]?.kind == .movedOff)
        #expect(try site.calendar[Self.day(2026, "09-03")] == nil)
    }

    @Test func `on a holiday an office-day has no scheduled time, and waiting then is nobody's queue`() throws {
        var site = SampleOffice.site()
        let day = SampleOffice.day
        let name = LocalizedName(vi: "Nghỉ", en: "Closed")
        site.calendar = OfficeCalendar([OfficeCalendar.Day(day: day, kind: .closed, name: name)])
        let start = site.office.clock.start(of: day)
        let issued = DomainEvent(
            device: site.devices.first?.id ?? "kiosk", office: site.office.id,
            kind: .ticketIssued(number: "A1", service: nil, channel: nil, priority: nil),
            observed: start + 36_000_000, at: start + 36_000_000)
        let result = OfficeDay.fold([issued], site: site, day: day).result(asOf: start + 39_600_000)
        #expect(result.counterTimes.allSatisfy { $0.scheduled == 0 })
        #expect(result.visits.first?.causes.closed == 3_600_000 && result.visits.first?.wait == 3_600_000)
    }
}
