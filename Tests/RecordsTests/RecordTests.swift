import Domain
import Records
import Testing
import Wire

@Suite struct RecordTests {
    static let id = EventID(agent: "pc-1", epoch: Epoch(high: 7, low: 9), sequence: 12)

    static func event(_ kind: EventKind) -> DomainEvent {
        DomainEvent(
            id: id, feed: "file:0011223344556677", device: "kiosk", office: "minh-xuan", counter: "q1", kind: kind,
            observed: Instant(milliseconds: 1_794_000_000_123), stamped: Instant(milliseconds: -5),
            at: Instant(milliseconds: 1_794_000_000_122), flags: [.late, .restated],
            provenance: Provenance(
                protocolName: .syslog, peer: "192.168.10.20:514", rule: "generic/syslog-kiosk#issued",
                position: .max))
    }

    static let kinds: [EventKind] = [
        .ticketIssued(number: "A001", service: "hộ-tịch", channel: nil, priority: -1),
        .ticketTransferred(number: "A 1", toService: nil, toCounter: "q2"), .counterOpened, .counterPaused(reason: nil),
        .queueSnapshot(service: nil, waiting: .max, nowServing: "", openCounters: .min),
        .dossierReceived(code: "H12", service: nil, due: Instant(milliseconds: 0), channel: "web"),
        .cameraVideo(on: false), .cameraPresence(zone: "staff", count: 2),
        .meetingQuality(jitterMilliseconds: 1.5, lossPercent: nil, mos: -0.0),
        .agentGap(from: .distantPast, until: .distantFuture, reason: "agent was not running"),
        .agentSite(digest: "00"),
        .annotationMade(id: "4be01c22a7", until: Instant(milliseconds: 5), text: "mất điện", by: nil),
        .annotationRetracted(id: "4be01c22a7", by: "trưởng ca"),
    ]

    @Test(arguments: kinds) func `an event comes back as it was`(kind: EventKind) throws {
        let event = Self.event(kind)
        #expect(try Record(decoding: Record.event(event).encoded(), id: Self.id) == .event(event))
        var bare = event
        bare.counter = nil
        bare.stamped = nil
        bare.provenance = Provenance()
        #expect(try Record(decoding: Record.event(bare).encoded(), id: Self.id) == .event(bare))
    }

    @Test func `a site revision comes back as it was, with its bytes`() throws {
        let record = Record.site(office: "minh-xuan", SiteSample.revision)
        #expect(try Record(decoding: record.encoded(), id: Self.id) == record)
    }

    @Test func `a site revision with rooms, places, a merger and a calendar comes back as it was`() throws {
        var revision = SiteSample.revision
        revision.site.rooms = [
            Room(id: "hop-1", name: LocalizedName(vi: "Phòng họp", en: ""), meetings: ["vc"], cameras: ["cam"])
        ]
        revision.site.counters[0].rooms = ["hop-1"]
        revision.site.places = [
            Place(id: "yen-son", name: LocalizedName(vi: "Yên Sơn", en: ""), under: "tuyen-quang"),
            Place(id: "tuyen-quang", name: LocalizedName(vi: "Tuyên Quang", en: "")),
        ]
        revision.site.office.validTo = LocalDay(number: 20_500)
        revision.site.office.merged = Office.Merger(into: "khac", on: LocalDay(number: 20_501))
        revision.site.calendar = OfficeCalendar(
            holidays: "vn",
            VietnameseHolidays.days(week: revision.site.hours) + [
                OfficeCalendar.Day(
                    day: LocalDay(number: 20_700), kind: .open, name: LocalizedName(vi: "Trực", en: "Duty"),
                    hours: [1..<2, 3..<4])
            ])
        let record = Record.site(office: "minh-xuan", revision)
        let bytes = try record.encoded()
        #expect(try Record(decoding: bytes, id: Self.id) == record)
        #expect(bytes.count < 12_000)
    }

    @Test func `a site record of before there were rooms, places and calendars still decodes, and folds as it did`()
        throws
    {
        // Made by `protoc --encode` from the first version of record.proto.
        let hex = """
            12b7020a096d696e682d7875616e10ccbf021a0562797465732220303132333435363738396162636465663031323334
            35363738396162636465662afc010a650a096d696e682d7875616e12170a0b4de1bb99742063e1bbad6112084f6e652d
            73746f701a10417369612f486f5f4368695f4d696e68220c08ffdfe6a2e2a01c10e089032a0a6f6e4e65787443616c6c
            320b747579656e2d7175616e6738ccbf02408ec802120c0a0a08c0f9ef0c10c0edde131200120012001200120012001a
            1c0a07686f2d74696368120d0a0b48e1bb992074e1bb8b636818a0f73622190a0271311207686f2d746963681a066361
            6d2d7131220276632a400a0663616d2d7131120d6f6e7669662f67656e657269631a0d3139322e3136382e31302e3331
            2a0f0a057374616666120672756c652d3132070a013312027133
            """.filter { $0.isHexDigit }
        let digits = hex.compactMap(\.hexDigitValue)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
        guard case .site(let office, let revision) = try Record(decoding: bytes, id: Self.id) else {
            Issue.record("not a site record")
            return
        }
        let site = revision.site
        #expect(office == "minh-xuan" && revision.validFrom == LocalDay(number: 20_454))
        #expect(site.office.validTo == LocalDay(number: 20_999) && site.office.under == "tuyen-quang")
        #expect(site.office.merged == nil && site.rooms.isEmpty && site.places.isEmpty)
        // No calendar was in force when it was written: not one of its old days may change.
        #expect(site.calendar == OfficeCalendar() && site.calendar.holidays == nil)
        #expect(site.counters.map(\.meetings) == [["vc"]] && site.counters.first?.rooms == [])
        #expect(site.hours.days.map(\.count) == [1, 0, 0, 0, 0, 0, 0])
    }

    @Test func `a calendar with hours that overlap or days beyond the calendar is refused`() throws {
        var revision = SiteSample.revision
        let name = LocalizedName(vi: "x", en: "")
        revision.site.calendar = OfficeCalendar([
            OfficeCalendar.Day(day: LocalDay(number: 1), kind: .open, name: name, hours: [0..<10, 5..<20])
        ])
        let overlapping = try Record.site(office: "x", revision).encoded()
        #expect(throws: RecordError.self) { try Record(decoding: overlapping, id: Self.id) }
        revision.site.calendar = OfficeCalendar([
            OfficeCalendar.Day(day: LocalDay(number: 3_000_000), kind: .closed, name: name)
        ])
        let beyond = try Record.site(office: "x", revision).encoded()
        #expect(throws: RecordError.self) { try Record(decoding: beyond, id: Self.id) }
    }

    @Test func `a kind that this build does not know keeps its name`() throws {
        // Record{event: Event{kind: "ticket.sung", payload: [{key: "song", text: "x"}]}}, written by hand.
        let entry: [UInt8] = [0x0a, 4] + Array("song".utf8) + [0x12, 1, 0x78]
        let event: [UInt8] = [0x2a, 11] + Array("ticket.sung".utf8) + [0x32, UInt8(entry.count)] + entry
        let bytes: [UInt8] = [0x0a, UInt8(event.count)] + event
        #expect(try Record(decoding: bytes, id: Self.id) == .unknown(kind: "ticket.sung"))
        #expect(throws: RecordError.self) { try Record.unknown(kind: "ticket.sung").encoded() }
    }

    @Test func `an unknown kind of record is not an error`() throws {
        #expect(try Record(decoding: [0x7a, 1, 0], id: Self.id) == .unknown(kind: ""))
        #expect(try Record(decoding: [UInt8](), id: Self.id) == .unknown(kind: ""))
    }

    @Test func `moments outside of the calendar are refused`() throws {
        var event = Self.event(.counterOpened)
        event.at = Instant(milliseconds: .max)
        let bytes = try Record.event(event).encoded()
        #expect(throws: RecordError.self) { try Record(decoding: bytes, id: Self.id) }
    }

    @Test func `hours that overlap are refused`() throws {
        var site = SiteSample.revision.site
        site.hours = WeeklyHours([.mon: [0..<3_600_000, 1_800_000..<7_200_000]])
        let revision = SiteRevision(
            site: site, validFrom: LocalDay(number: 20_000), source: [], digest: SiteSample.digest)
        let bytes = try Record.site(office: "x", revision).encoded()
        #expect(throws: RecordError.self) { try Record(decoding: bytes, id: Self.id) }
    }

    @Test func `broken bytes never trap`() throws {
        var good = try Self.kinds.map { try Record.event(Self.event($0)).encoded() }
        good.append(try Record.site(office: "minh-xuan", SiteSample.revision).encoded())
        var random = SystemRandomNumberGenerator()
        var refused = 0
        for bytes in good {
            for length in bytes.indices where (try? Record(decoding: bytes[..<length], id: Self.id)) == nil {
                refused += 1
            }
            for _ in 0..<300 {
                var changed = bytes
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    changed[Int.random(in: changed.indices, using: &random)] = .random(in: 0...255, using: &random)
                }
                if (try? Record(decoding: changed, id: Self.id)) == nil { refused += 1 }
                if (try? Batch(decoding: changed)) == nil { refused += 1 }
                if (try? Receipt(decoding: changed)) == nil { refused += 1 }
            }
        }
        #expect(refused > 0)
    }
}

enum SiteSample {
    static let digest = sha256(Array("bytes".utf8))
    static let revision = SiteRevision(
        site: Site(
            office: Office(
                id: "minh-xuan", name: LocalizedName(vi: "Một cửa", en: "One-stop"), timezone: "Asia/Ho_Chi_Minh",
                clock: OfficeClock(offsetSeconds: 25_200), finish: .onNextCall, under: "tuyen-quang",
                validFrom: LocalDay(number: 20_454)),
            hours: WeeklyHours([.mon: [27_000_000..<41_400_000, 46_800_000..<61_200_000], .sun: [0..<86_400_000]]),
            services: [
                Service(
                    id: "ho-tich", name: LocalizedName(vi: "Hộ tịch", en: ""), waitTargetMilliseconds: 900_000,
                    maxServiceMilliseconds: nil)
            ],
            counters: [Counter(id: "q1", services: ["ho-tich"], cameras: ["cam-q1"], meetings: ["vc"])],
            devices: [
                Device(
                    id: "cam-q1", profile: "onvif/generic", address: "192.168.10.31",
                    zones: [Device.Zone(name: "staff", token: "rule-1")],
                    aliases: [Device.Alias(said: "3", meant: "q3")]),
                Device(
                    id: "kiosk", profile: "generic/syslog-kiosk", address: "192.168.10.20", ticketSystem: "main",
                    isUnverified: true),
            ]),
        validFrom: LocalDay(number: 20_454), source: Array("bytes".utf8), digest: digest)
}
