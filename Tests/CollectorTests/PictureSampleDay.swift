import Domain

/// Office days for pictures: events from a small made-up world, folded as the collector folds them.
enum SampleDay {
    static let clock = OfficeClock(offsetSeconds: 25_200)
    static let day = LocalDay("2026-11-10") ?? LocalDay(number: 20_767)

    static func site(
        counters: Int,
        name: LocalizedName = LocalizedName(vi: "Một cửa phường Minh Xuân", en: "Minh Xuan one-stop office"),
        services names: [LocalizedName] = defaultServices, aroundTheClock: Bool = false
    ) -> Site {
        let morning: Range<Int64> = 27_000_000..<41_400_000
        let afternoon: Range<Int64> = 46_800_000..<61_200_000
        let hours = aroundTheClock ? [0..<Int64(86_400_000)] : [morning, afternoon]
        let weekdays: [Weekday] = [.mon, .tue, .wed, .thu, .fri]
        let services = names.enumerated().map {
            Service(
                id: "s\($0.offset)", name: $0.element, waitTargetMilliseconds: 900_000,
                maxServiceMilliseconds: 3_600_000)
        }
        return Site(
            office: Office(id: "minh-xuan", name: name, timezone: "Asia/Ho_Chi_Minh", clock: clock),
            hours: WeeklyHours(Dictionary(uniqueKeysWithValues: weekdays.map { ($0, hours) })), services: services,
            counters: (1...max(1, counters)).map { index in
                Counter(
                    id: "q\(index)", services: ["s\((index - 1) % names.count)"], cameras: ["cam-q\(index)"],
                    meetings: index == 3 ? ["vc"] : [])
            },
            devices: [
                Device(id: "kiosk", profile: "generic/syslog-kiosk", address: "192.168.10.20", ticketSystem: "main"),
                Device(id: "vc", profile: "sip/generic", address: "192.168.10.40"),
            ]
                + (1...max(1, counters)).map { index in
                    Device(
                        id: "cam-q\(index)", profile: "onvif/generic", address: "192.168.10.\(100 + index)",
                        zones: [Device.Zone(name: "staff", token: "rule-1")])
                })
    }

    static let defaultServices = [
        LocalizedName(vi: "Tư pháp – Hộ tịch", en: "Civil status"), LocalizedName(vi: "Đất đai", en: "Land"),
        LocalizedName(vi: "Lao động – TBXH", en: "Labour and social affairs"),
        LocalizedName(vi: "Trả kết quả", en: "Hand-over of results"),
    ]

    /// SplitMix64.
    struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    /// A world in which each counter serves its own queue, second by second.
    struct World {
        var site: Site
        var events: [DomainEvent] = []
        var sequence: UInt64 = 0

        init(_ site: Site) { self.site = site }

        static func at(_ hour: Int64, _ minute: Int64, _ second: Int64 = 0) -> Instant {
            SampleDay.clock.instant(SampleDay.day, milliseconds: (hour * 3_600 + minute * 60 + second) * 1_000)
        }

        mutating func say(_ kind: EventKind, at: Instant, device: String, counter: String? = nil) {
            sequence += 1
            events.append(
                DomainEvent(
                    id: EventID(agent: "pc-1", epoch: Epoch(high: 1, low: 2), sequence: sequence), feed: "live:eth0",
                    device: device, office: site.office.id, counter: counter, kind: kind, observed: at, at: at))
        }

        /// Evidence of life, so that quiet is not deaf.
        mutating func heard(_ device: String, _ from: Instant, _ until: Instant) {
            var at = from
            while at < until {
                say(.agentHeard(until: at), at: at, device: device)
                at = at + 300_000
            }
        }

        /// One queue and one counter: arrivals at the given moments, services in milliseconds, away in between.
        mutating func serve(
            counter: String, service: String, prefix: String, arrivals: [Instant], services: [Int64], walk: Int64,
            open: [Range<Instant>], away: [Range<Instant>], pause: Range<Int64> = 2_000..<20_000,
            dice: inout Dice, lost: Set<Int> = []
        ) {
            var free = open.first?.lowerBound ?? .distantPast
            for (index, arrival) in arrivals.enumerated() {
                let number = prefix + String(String(1_000 + index + 1).dropFirst())
                say(
                    .ticketIssued(number: number, service: service, channel: "kiosk", priority: 0), at: arrival,
                    device: "kiosk")
                if lost.contains(index) { continue }
                if Int64.random(in: 0..<40, using: &dice) == 0 {
                    say(.ticketLeft(number: number), at: arrival + 420_000, device: "kiosk")
                    continue
                }
                var call = max(free, arrival + Int64.random(in: pause, using: &dice) / 4)
                for range in away where range.contains(call) { call = range.upperBound }
                if let next = open.first(where: { $0.contains(call) || $0.lowerBound >= call }) {
                    call = max(call, next.lowerBound)
                } else {
                    continue
                }
                say(.ticketCalled(number: number), at: call, device: "kiosk", counter: counter)
                if Int64.random(in: 0..<25, using: &dice) == 0 {
                    say(.ticketNoShow(number: number), at: call + walk * 3, device: "kiosk", counter: counter)
                    free = call + walk * 3 + 1_000
                    continue
                }
                let start = call + walk / 2 + Int64.random(in: 0..<max(1, walk), using: &dice)
                let length = services[index % services.count]
                say(.ticketServing(number: number), at: start, device: "kiosk", counter: counter)
                say(
                    .ticketServed(number: number, quantity: 1, outcome: "done"), at: start + length, device: "kiosk",
                    counter: counter)
                free = start + length + Int64.random(in: pause, using: &dice)
            }
        }

        /// The result over all that was said so far, in the order of time: a ticket that gave up is not called later.
        func result(asOf: Instant) -> OfficeDayResult {
            OfficeDay.fold(events.filter { $0.at <= asOf }, site: site, day: SampleDay.day).result(asOf: asOf)
        }
    }

    /// A busy day: four to twelve counters, a meeting, an empty desk, a dark camera, a forgotten ticket, a deaf agent.
    static func busy(
        counters: Int = 4, visitsPerCounter: Int = 36, site: Site? = nil, asOf: Instant? = nil, gap: Bool = false
    ) -> OfficeDayResult {
        var world = World(site ?? SampleDay.site(counters: counters))
        var dice = Dice(state: 42)
        let open = [World.at(7, 30)..<World.at(11, 30), World.at(13, 0)..<World.at(17, 0)]
        for (index, counter) in world.site.counters.enumerated() {
            let away: [Range<Instant>] =
                switch index {
                case 1: [World.at(14, 24)..<World.at(14, 54)]
                case 2: [World.at(9, 9)..<World.at(9, 51)]
                default: []
                }
            let camera = counter.cameras.first ?? ""
            world.heard(camera, World.at(7, 0), index == 0 && counters > 3 ? World.at(16, 20) : World.at(17, 10))
            world.say(
                .cameraPresence(zone: "staff", count: 0), at: World.at(7, 15), device: camera, counter: counter.id)
            for (start, end) in [(World.at(7, 24), World.at(11, 33)), (World.at(12, 57), World.at(17, 6))] {
                world.say(.cameraPresence(zone: "staff", count: 1), at: start, device: camera, counter: counter.id)
                for range in away where range.lowerBound > start && range.upperBound < end {
                    world.say(
                        .cameraPresence(zone: "staff", count: 0), at: range.lowerBound, device: camera,
                        counter: counter.id)
                    world.say(
                        .cameraPresence(zone: "staff", count: 1), at: range.upperBound, device: camera,
                        counter: counter.id)
                }
                world.say(.cameraPresence(zone: "staff", count: 0), at: end, device: camera, counter: counter.id)
            }
            if index == 3 {
                world.say(.cameraVideo(on: false), at: World.at(15, 6), device: camera, counter: counter.id)
                world.say(.cameraVideo(on: true), at: World.at(15, 24), device: camera, counter: counter.id)
            }
            if index == 4 {
                world.say(.counterPaused(reason: "lunch"), at: World.at(10, 40), device: "kiosk", counter: counter.id)
                world.say(.counterOpened, at: World.at(11, 5), device: "kiosk", counter: counter.id)
            }
            let arrivals = (0..<visitsPerCounter).map { visit -> Instant in
                let isMorning = visit * 5 < visitsPerCounter * 3
                let from = isMorning ? World.at(7, 20) : World.at(12, 50)
                let span: Int64 = isMorning ? 11_400_000 : 11_000_000
                // Two dice: most come in the middle of the first half.
                let place =
                    (Int64.random(in: 0..<span, using: &dice) + Int64.random(in: 0..<(span / 2), using: &dice)) * 2 / 3
                return from + place
            }.sorted()
            let mean = 21_000_000 / Int64(max(1, visitsPerCounter))
            let services = (0..<17).map { _ in Int64.random(in: (mean / 3)..<(mean * 5 / 4), using: &dice) }
            let prefix = String("ABCDEFGHIJKLMNOP".dropFirst(index % 16).prefix(1))
            world.serve(
                counter: counter.id, service: counter.services.first ?? "", prefix: prefix, arrivals: arrivals,
                services: services, walk: 24_000, open: open, away: away, dice: &dice, lost: index == 0 ? [7] : [])
        }
        world.heard("vc", World.at(7, 0), World.at(17, 0))
        world.say(.meetingStarted(id: "9f"), at: World.at(9, 6), device: "vc", counter: "q3")
        world.say(.meetingEnded(id: "9f", cause: "bye"), at: World.at(9, 54), device: "vc", counter: "q3")
        if gap {
            world.say(
                .agentGap(from: World.at(10, 12), until: World.at(10, 31), reason: "stopped"), at: World.at(10, 31),
                device: "pc-1")
        }
        return world.result(asOf: asOf ?? World.clockEnd)
    }

    /// A busy half-minute in an office that never closes, as the live demonstration makes it.
    static func halfMinute(asOf seconds: Int64 = 38) -> OfficeDayResult {
        var world = World(SampleDay.site(counters: 3, aroundTheClock: true))
        var dice = Dice(state: 7)
        let start = World.at(10, 41, 53) + 217
        for (index, counter) in world.site.counters.enumerated() {
            let camera = counter.cameras.first ?? ""
            world.say(.cameraPresence(zone: "staff", count: 1), at: start - 400, device: camera, counter: counter.id)
            let away = index == 1 ? [(start + 12_000)..<(start + 19_000)] : []
            for range in away {
                world.say(
                    .cameraPresence(zone: "staff", count: 0), at: range.lowerBound, device: camera, counter: counter.id)
                world.say(
                    .cameraPresence(zone: "staff", count: 1), at: range.upperBound, device: camera, counter: counter.id)
            }
            var arrival = start
            let arrivals = (0..<8).map { _ in
                arrival = arrival + Int64.random(in: 300..<4_500, using: &dice)
                return arrival
            }
            let services = (0..<8).map { _ in Int64.random(in: 900..<3_800, using: &dice) }
            world.serve(
                counter: counter.id, service: counter.services.first ?? "",
                prefix: "ABC".dropFirst(index).prefix(1).description,
                arrivals: arrivals, services: services, walk: 700, open: [start..<(start + 60_000)], away: away,
                pause: 100..<900, dice: &dice)
        }
        return world.result(asOf: start + seconds * 1_000)
    }

    static func empty(asOf: Instant? = nil) -> OfficeDayResult {
        World(SampleDay.site(counters: 4)).result(asOf: asOf ?? World.clockEnd)
    }
}

extension SampleDay.World {
    /// The end of the sample day.
    static var clockEnd: Instant { SampleDay.clock.start(of: SampleDay.day + 1) }
}
