import Domain

/// A seeded generator: the tests' only chance.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

    mutating func one<Element>(of all: [Element]) -> Element { all[below(all.count)] }
}

/// A small office for the fold's tests: two services, three counters (one shared), cameras, one meeting system.
enum SampleOffice {
    static func site(finish: Office.Finish = .explicit) -> Site {
        let morning: Range<Int64> = 27_000_000..<41_400_000
        let afternoon: Range<Int64> = 46_800_000..<61_200_000
        var days: [Weekday: [Range<Int64>]] = [:]
        for day in Weekday.allCases { days[day] = [morning, afternoon] }
        return Site(
            office: Office(
                id: "mau", name: LocalizedName(vi: "Một cửa mẫu", en: "Sample"), timezone: "Asia/Ho_Chi_Minh",
                clock: OfficeClock(offsetSeconds: 25_200), finish: finish),
            hours: WeeklyHours(days),
            services: [
                Service(id: "ho-tich", name: LocalizedName(vi: "Hộ tịch", en: ""), maxServiceMilliseconds: 3_600_000),
                Service(id: "dat-dai", name: LocalizedName(vi: "Đất đai", en: "")),
            ],
            counters: [
                Counter(id: "q1", services: ["ho-tich"], cameras: ["cam-1"], meetings: ["vc"]),
                Counter(id: "q2", services: ["ho-tich", "dat-dai"], cameras: ["cam-2"]),
                Counter(id: "q3", services: ["dat-dai"]),
            ],
            devices: [
                Device(id: "kiosk", profile: "generic/syslog-kiosk", address: "192.168.10.20", ticketSystem: "main"),
                Device(id: "caller", profile: "generic/syslog-kiosk", address: "192.168.10.21", ticketSystem: "main"),
                Device(id: "cam-1", profile: "onvif/generic", address: "192.168.10.31"),
                Device(id: "cam-2", profile: "onvif/generic", address: "192.168.10.32"),
                Device(id: "vc", profile: "sip/generic", address: "192.168.10.40"),
            ])
    }

    static let day = LocalDay(number: 20_767)  // 2026-11-10
    static let clock = OfficeClock(offsetSeconds: 25_200)

    /// `at("07:31:02.104")`.
    static func at(_ text: String) -> Instant {
        let parts = text.split(whereSeparator: { $0 == ":" || $0 == "." }).map { Int64($0) ?? 0 }
        let hours = parts.first ?? 0
        let minutes = parts.count > 1 ? parts[1] : 0
        let seconds = parts.count > 2 ? parts[2] : 0
        let thousandths = parts.count > 3 ? parts[3] : 0
        return clock.start(of: day) + (hours * 3_600_000 + minutes * 60_000 + seconds * 1_000 + thousandths)
    }

    static func event(
        _ at: Instant, _ device: String, _ kind: EventKind, counter: String? = nil, flags: EventFlags = [],
        sequence: UInt64 = 0, agent: String = "pc-1", feed: String = "live:lo"
    ) -> DomainEvent {
        DomainEvent(
            id: EventID(agent: agent, epoch: Epoch(high: 1, low: 2), sequence: sequence), feed: feed, device: device,
            office: "mau", counter: counter, kind: kind, observed: at, at: at, flags: flags)
    }

    /// Numbers events in their order, as a spool does.
    static func numbered(_ events: [DomainEvent]) -> [DomainEvent] {
        events.sorted(by: DomainEvent.precedes).enumerated().map { index, event in
            var event = event
            event.id.sequence = UInt64(index + 1)
            return event
        }
    }

    /// Anything at any time: most of it makes no sense, which is the point.
    static func randomEvents(seed: UInt64, count: Int) -> [DomainEvent] {
        var random = SplitMix64(seed: seed)
        var events: [DomainEvent] = []
        let start = at("06:30:00")
        for _ in 0..<count {
            let time = start + Int64.random(in: 0..<43_200_000, using: &random)
            let number = "A" + String(Int.random(in: 1...30, using: &random))
            let counter = ["q1", "q2", "q3", "q9"].randomElement(using: &random)
            let service = ["ho-tich", "dat-dai", "khac", nil].randomElement(using: &random) ?? nil
            let device = Bool.random(using: &random) ? "kiosk" : "caller"
            switch Int.random(in: 0..<24, using: &random) {
            case 0...4:
                events.append(
                    event(time, "kiosk", .ticketIssued(number: number, service: service, channel: nil, priority: 0)))
            case 5...8: events.append(event(time, device, .ticketCalled(number: number), counter: counter))
            case 9: events.append(event(time, device, .ticketRecalled(number: number), counter: counter))
            case 10...11: events.append(event(time, device, .ticketServing(number: number), counter: counter))
            case 12: events.append(event(time, device, .ticketHeld(number: number), counter: counter))
            case 13: events.append(event(time, device, .ticketResumed(number: number), counter: counter))
            case 14:
                events.append(
                    event(
                        time, device,
                        .ticketTransferred(
                            number: number, toService: service, toCounter: Bool.random(using: &random) ? counter : nil))
                )
            case 15...16:
                events.append(
                    event(time, device, .ticketServed(number: number, quantity: 1, outcome: nil), counter: counter))
            case 17: events.append(event(time, device, .ticketNoShow(number: number), counter: counter))
            case 18: events.append(event(time, device, .ticketLeft(number: number)))
            case 19: events.append(event(time, device, .counterOpened, counter: counter))
            case 20:
                events.append(
                    event(
                        time, device, Bool.random(using: &random) ? .counterPaused(reason: nil) : .counterClosed,
                        counter: counter))
            case 21:
                let camera = Bool.random(using: &random) ? "cam-1" : "cam-2"
                events.append(
                    event(
                        time, camera,
                        .cameraPresence(
                            zone: Int.random(in: 0..<4, using: &random) == 0 ? "visitors" : "staff",
                            count: Int64.random(in: 0...2, using: &random))))
            case 22:
                let camera = Bool.random(using: &random) ? "cam-1" : "cam-2"
                let on = Bool.random(using: &random)
                events.append(
                    event(time, camera, Bool.random(using: &random) ? .cameraVideo(on: on) : .cameraTamper(on: !on)))
            default:
                let id = String(Int.random(in: 1...3, using: &random))
                events.append(
                    event(
                        time, "vc",
                        Bool.random(using: &random) ? .meetingStarted(id: id) : .meetingEnded(id: id, cause: nil)))
            }
        }
        for device in ["cam-1", "cam-2", "vc"] {
            var time = start
            while time < at("18:00:00") {
                time = time + Int64.random(in: 60_000...900_000, using: &random)
                events.append(event(time, device, .agentHeard(until: time)))
            }
        }
        return numbered(events)
    }
}
