import Agent
import Domain
import Foundation
import Testing

struct SiteFileTests {
    /// Some of the shipped folders, so that messages that name them don't change with each new one.
    static let library: ProfileLibrary? = (try? ProfileLibrary.load(Corpus.root + "/devices")).map { all in
        let known = ["generic/mqtt-json", "generic/syslog-kiosk", "onvif/generic", "sip/generic"]
        return ProfileLibrary(folders: all.folders.filter { known.contains($0.profile.id) })
    }

    private static func parse(_ text: String) throws -> SiteRevision {
        try SiteFile.parse(Array(text.utf8), path: "site.yaml", library: library)
    }

    @Test(arguments: Corpus.names("sites"))
    func `a bad site file is refused with file, line and the right words`(name: String) throws {
        let bytes = try Corpus.bytes(Corpus.path("sites", name))
        let library = try #require(Self.library)
        let problems = #expect(throws: FileProblems.self) {
            try SiteFile.parse(bytes, path: "site.yaml", library: library)
        }
        let got = problems?.description ?? ""
        #expect(try got == Corpus.expected("sites", name, got))
    }

    @Test func `devices that are heard by profiles nobody has verified are named`() throws {
        let text = """
            office: { id: o, name: O, timezone: Asia/Ho_Chi_Minh }
            hours: { mon-fri: ["07:30-11:30"] }
            services: [ { id: a, name: A } ]
            counters: [ { id: q1, services: [a] } ]
            devices:
              - { id: kiosk, profile: generic/syslog-kiosk, address: 10.0.0.1 }
              - { id: cam, profile: onvif/generic, address: 10.0.0.2 }
              - { id: kiosk-2, profile: generic/syslog-kiosk, address: 10.0.0.3 }
            """
        let library = try #require(Self.library)
        let site = try SiteFile.parse(Array(text.utf8), path: "site.yaml", library: library).site
        let unverified = UnverifiedProfiles(site)
        #expect(unverified.ids == ["generic/syslog-kiosk"] && unverified.deviceCount == 2)
        #expect(unverified.words == ", 2 of them by a profile nobody has verified: generic/syslog-kiosk")
        // Where no profiles are at hand, nothing is said of them.
        let alone = try SiteFile.parse(Array(text.utf8), path: "site.yaml").site
        #expect(UnverifiedProfiles(alone).words == nil)
    }

    @Test func `there are bad site files to refuse`() {
        #expect(Corpus.names("sites").count >= 30)
    }

    @Test func `the example of the domain page is read whole`() throws {
        let path = Corpus.path("sites", "good")
        let revision = try SiteFile.load(path, library: Self.library)
        let site = revision.site
        #expect(site.office.id == "minh-xuan" && site.office.under == "tuyen-quang" && site.office.finish == .explicit)
        #expect(site.office.name.vi == "Một cửa phường Minh Xuân")
        #expect(site.office.clock == OfficeClock(offsetSeconds: 7 * 3_600))
        #expect(revision.validFrom == LocalDay(year: 2026, month: 1, day: 1))
        let monday = try #require(LocalDay("2026-11-09"))
        #expect(site.hours.intervals(on: monday) == [27_000_000..<41_400_000, 46_800_000..<61_200_000])
        #expect(site.hours.intervals(on: monday + 5).isEmpty)
        #expect(site.services.first?.waitTargetMilliseconds == 900_000)
        #expect(site.counters.first?.cameras == ["cam-q1"])
        #expect(site.devices.map(\.id) == ["kiosk", "cam-q1", "vc"])
        #expect(site.device("cam-q1")?.zones == [Device.Zone(name: "staff", token: "rule-1")])
        #expect(site.counter(ofDevice: "vc") == "q1")
        #expect(try revision.source == Corpus.bytes(path))
        #expect(revision.digest.count == 32)
    }

    @Test func `hours may be written in several ways`() throws {
        let site = try Self.parse(
            """
            office: { id: o }
            hours:
              mon-wed,fri: 08:00-12:00
              thu: []
              sat, sun: ["00:00-24:00"]
            counters: []
            devices: []
            """
        ).site
        let monday = try #require(LocalDay("2026-11-09"))
        let counts = (0..<7).map { site.hours.intervals(on: monday + $0) }
        #expect(counts[0] == [28_800_000..<43_200_000] && counts[4] == counts[0])
        #expect(counts[3].isEmpty)
        #expect(counts[5] == [0..<86_400_000] && counts[6] == counts[5])
        #expect(try Self.parse("office: { id: o }\nhours: {}\ncounters: []\ndevices: []").validFrom.number == 0)
    }

    @Test func `an office in Vietnam is closed on public holidays unless its file says otherwise`() throws {
        func hours(_ lines: String, on date: String) throws -> [Range<Int64>] {
            let day = try #require(LocalDay(date))
            return try Self.parse(
                "office: { id: o }\nhours: { mon-fri: 08:00-12:00 }\ncounters: []\ndevices: []\n" + lines
            ).site.hours(on: day)
        }
        let morning: [Range<Int64>] = [28_800_000..<43_200_000]
        #expect(try hours("", on: "2026-02-17") == [])
        #expect(try hours("holidays: vn", on: "2026-02-17") == [])
        #expect(try hours("holidays: none", on: "2026-02-17") == morning)
        #expect(try hours("", on: "2026-02-23") == morning)
        #expect(try hours("", on: "2026-08-22") == morning)
        #expect(try hours("closed: [2026-03-05]", on: "2026-03-05") == [])
        let open = "open: [ { date: 2026-02-17, hours: [\"09:00-10:00\"], name: { vi: Trực Tết, en: On duty } } ]"
        #expect(try hours(open, on: "2026-02-17") == [32_400_000..<36_000_000])
        let elsewhere = try Self.parse(
            "office: { id: o, timezone: Europe/Warsaw }\nhours: { mon-fri: 08:00-12:00 }\ncounters: []\ndevices: []")
        #expect(elsewhere.site.calendar == OfficeCalendar())
        let named = try Self.parse(
            "office: { id: o }\nhours: {}\ncounters: []\ndevices: []\nclosed: [ { date: 2026-03-05, name: Kiểm kê } ]")
        let day = try #require(LocalDay("2026-03-05"))
        #expect(named.site.calendar[day]?.name.vi == "Kiểm kê" && named.site.calendar.holidays == "vn")
    }

    @Test func `rooms give their counters their meeting systems, and places and mergers are read`() throws {
        let site = try Self.parse(
            """
            office: { id: my-lam, under: yen-son, validFrom: 2024-01-01, mergedInto: { office: minh-xuan, on: 2025-07-01 } }
            places:
              - { id: yen-son, name: { vi: Huyện Yên Sơn, en: Yen Son }, under: tuyen-quang }
              - { id: tuyen-quang, name: Tuyên Quang }
            hours: {}
            rooms: [ { id: hop-1, name: Phòng họp 1, meetings: [vc], cameras: [cam] } ]
            counters:
              - { id: q1, services: [], rooms: [hop-1], meetings: [vc-2] }
              - { id: q2, services: [], rooms: [hop-1], meetings: [vc] }
              - { id: q3, services: [] }
            devices:
              - { id: vc, profile: sip/generic, address: 192.168.10.40 }
              - { id: vc-2, profile: sip/generic, address: 192.168.10.41 }
              - { id: cam, profile: onvif/generic, address: 192.168.10.31 }
            """
        ).site
        #expect(site.counters.map(\.meetings) == [["vc-2", "vc"], ["vc"], []])
        // A camera of the room watches the room: a counter that it shows has to name it.
        #expect(site.counters.allSatisfy { $0.cameras.isEmpty } && site.rooms.first?.cameras == ["cam"])
        #expect(site.counter(ofDevice: "vc-2") == "q1" && site.counter(ofDevice: "vc") == nil)
        #expect(site.places.map(\.under) == ["tuyen-quang", nil])
        #expect(site.office.merged == Office.Merger(into: "minh-xuan", on: try #require(LocalDay("2025-07-01"))))
    }

    @Test func `a timezone with summer time has all its changes`() throws {
        let warsaw = try #require(OfficeClock(timezone: "Europe/Warsaw"))
        let noon = try #require(LocalDay("2026-07-01")).number
        let summer = Instant(milliseconds: Int64(noon) * 86_400_000)
        #expect(warsaw.offsetSeconds(at: summer) == 7_200)
        #expect(warsaw.offsetSeconds(at: summer - 180 * 86_400_000) == 3_600)
        #expect(warsaw.changes.count > 35)
        #expect(OfficeClock(timezone: "ICT") == nil && OfficeClock(timezone: "Mars/Olympus") == nil)
    }

    @Test func `a file that is not there, is a directory or is too long says so`() {
        for (path, word) in [("/nowhere/site.yaml", "no such file"), ("/", "is a directory")] {
            let problems = #expect(throws: FileProblems.self) { try SiteFile.load(path) }
            #expect(problems?.description == "\(path): \(word)")
        }
        let problems = #expect(throws: FileProblems.self) {
            try SiteFile.parse([UInt8](repeating: 0x20, count: 1 << 20 + 1), path: "site.yaml")
        }
        #expect(problems?.description.contains("at most 1048576") == true)
    }
}
