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
                Device(id: "kiosk", profile: "generic/syslog-kiosk", address: "192.168.10.20", ticketSystem: "main"),
            ]),
        validFrom: LocalDay(number: 20_454), source: Array("bytes".utf8), digest: digest)
}
