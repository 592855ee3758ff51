import Domain
import Wire

/// A province's offices and their days, made from a seed one office-day at a time: what the log of a year holds.
///
/// Nothing is kept between days. Words are made anew for each event, as a store hands them out, so that comparing them
/// costs what it costs there.
struct Province {
    static let firstDay = LocalDay(number: 20_458)  // 2026-01-05, a Monday

    struct Place {
        var site: Site
        var systemCount: Int
    }

    let places: [Place]
    let visitsPerDay: Int

    init(offices: Int, visitsPerDay: Int) {
        places = (0..<offices).map(Self.place)
        self.visitsPerDay = visitsPerDay
    }

    /// Working days only: five of every seven.
    static func workingDay(_ index: Int) -> LocalDay { firstDay + (index / 5 * 7 + index % 5) }

    private static func place(_ index: Int) -> Place {
        let serviceCount = 3 + index % 4
        let counterCount = 4 + index % 5
        let services = (0..<serviceCount).map { service in
            Service(
                id: "linh-vuc-\(service)", name: LocalizedName(vi: "Lĩnh vực \(service)", en: ""),
                waitTargetMilliseconds: 900_000, maxServiceMilliseconds: 3_600_000)
        }
        let counters = (0..<counterCount).map { counter in
            // Two services each; one camera each, and a meeting system for every pair of neighbours.
            Counter(
                id: "quay-\(counter + 1)",
                services: [services[counter % serviceCount].id, services[(counter + 1) % serviceCount].id],
                cameras: ["camera-quay-\(counter + 1)"], meetings: ["phong-hop-\(counter / 2 + 1)"])
        }
        var devices = [
            Device(id: "kiosk-lay-so", profile: "generic/syslog-kiosk", address: "10.0.0.2", ticketSystem: "chinh"),
            Device(id: "may-goi-so", profile: "generic/mqtt-json", address: "10.0.0.3", ticketSystem: "chinh"),
            Device(id: "danh-gia", profile: "generic/mqtt-json", address: "10.0.0.4"),
        ]
        for counter in counters {
            devices.append(Device(id: counter.cameras[0], profile: "onvif/generic", address: "10.0.1.\(devices.count)"))
        }
        for room in 0..<((counterCount + 1) / 2) {
            devices.append(Device(id: "phong-hop-\(room + 1)", profile: "sip/generic", address: "10.0.2.\(room)"))
        }
        let hours: [Range<Int64>] = [27_000_000..<41_400_000, 46_800_000..<61_200_000]
        let week = Dictionary(uniqueKeysWithValues: Weekday.allCases.prefix(5).map { ($0, hours) })
        let office = Office(
            id: "mot-cua-\(1_000 + index)", name: LocalizedName(vi: "Một cửa \(index)", en: ""),
            timezone: "Asia/Ho_Chi_Minh", clock: OfficeClock(offsetSeconds: 25_200),
            finish: index % 5 == 0 ? .onNextCall : .explicit)
        return Place(
            site: Site(
                office: office, hours: WeeklyHours(week), services: services, counters: counters, devices: devices),
            // One office in four has a second PC that hears the ticket machines' broadcasts too.
            systemCount: index % 4 == 0 ? 2 : 1)
    }

    /// An office-day's events in their order.
    func events(office: Int, day: LocalDay) -> [DomainEvent] {
        let place = places[office]
        var maker = DayMaker(site: place.site, day: day, seed: UInt64(office) << 32 | UInt64(day.number))
        maker.make(visits: visitsPerDay, hasSecondWitness: place.systemCount > 1)
        return maker.events
    }
}

/// Makes the events of one office-day.
private struct DayMaker {
    private let site: Site
    private let start: Instant
    private var random: UInt64
    private(set) var events: [DomainEvent] = []
    private var free: [Int64]

    init(site: Site, day: LocalDay, seed: UInt64) {
        self.site = site
        start = site.office.clock.start(of: day)
        random = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        free = site.counters.map { _ in 27_000_000 }
        events.reserveCapacity(512)
    }

    private mutating func next(_ bound: Int64) -> Int64 {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int64((random >> 33) % UInt64(max(bound, 1)))
    }

    private mutating func say(
        _ at: Int64, _ device: String, _ kind: EventKind, counter: String? = nil, flags: EventFlags = []
    ) {
        let time = start + min(max(at, 0), 86_399_999)
        events.append(
            DomainEvent(
                id: EventID(agent: "pc-tiep-nhan-\(site.counters.count)", epoch: Epoch(high: 1, low: 2), sequence: 0),
                feed: "live:eth0", device: device, office: String(decoding: site.office.id.utf8, as: UTF8.self),
                counter: counter, kind: kind, observed: time, at: time, flags: flags))
    }

    mutating func make(visits: Int, hasSecondWitness: Bool) {
        counters()
        let half: Int64 = 14_400_000
        var arrivals = (0..<visits).map { _ in next(2 * half - 2_400_000) }
        arrivals.sort()
        for (number, arrival) in arrivals.enumerated() {
            visit(number + 1, at: arrival < half ? 27_000_000 + arrival : 46_800_000 + arrival - half)
        }
        cameras()
        meetings()
        if hasSecondWitness { witness() }
        // Events are large: their places are sorted, then they move once.
        let order = events.indices.sorted { DomainEvent.precedes(events[$0], events[$1]) }
        events = order.enumerated().map { index, place in
            var event = events[place]
            event.id.sequence = UInt64(index + 1)
            return event
        }
    }

    private mutating func counters() {
        for counter in site.counters.indices {
            let id = "quay-\(counter + 1)"
            say(27_000_000 + next(600_000), "may-goi-so", .counterOpened, counter: id)
            say(41_400_000 + next(600_000), "may-goi-so", .counterClosed, counter: id)
            say(46_800_000 + next(600_000), "may-goi-so", .counterOpened, counter: id)
            if next(3) == 0 {
                let pause = 50_000_000 + next(6_000_000)
                say(pause, "may-goi-so", .counterPaused(reason: "hop"), counter: id)
                say(pause + 600_000, "may-goi-so", .counterOpened, counter: id)
            }
            say(61_200_000 + next(900_000), "may-goi-so", .counterClosed, counter: id)
        }
    }

    private mutating func visit(_ number: Int, at arrival: Int64) {
        let ticket = "\(["A", "B", "C"][number % 3])\(1_000 + number)"
        let service = Int(next(Int64(site.services.count)))
        say(
            arrival, "kiosk-lay-so",
            .ticketIssued(
                number: ticket, service: "linh-vuc-\(service)", channel: "kiosk", priority: next(10) == 0 ? 1 : 0))
        if next(40) == 0 { return say(arrival + next(900_000), "may-goi-so", .ticketLeft(number: ticket)) }
        var time = served(ticket, service: service, from: arrival)
        if next(25) == 0, let last = time {
            let other = (service + 1) % site.services.count
            say(last, "may-goi-so", .ticketTransferred(number: ticket, toService: "linh-vuc-\(other)", toCounter: nil))
            time = served(ticket, service: other, from: last)
        }
        guard let end = time, let counter = site.counters.indices.first(where: { free[$0] == end }) else { return }
        let id = "quay-\(counter + 1)"
        if site.office.finish == .explicit || next(2) == 0 {
            say(end, "may-goi-so", .ticketServed(number: ticket, quantity: 1, outcome: nil), counter: id)
        }
        if next(6) == 0 { say(end + 20_000, "danh-gia", .feedbackRated(score: 3 + next(3), scale: 5), counter: id) }
    }

    /// A call and what follows; when the service ends, or `nil` after a no-show.
    private mutating func served(_ ticket: String, service: Int, from: Int64) -> Int64? {
        let able = site.counters.indices.filter { site.counters[$0].services.contains("linh-vuc-\(service)") }
        guard let counter = able.min(by: { free[$0] < free[$1] }) else { return nil }
        let id = "quay-\(counter + 1)"
        var time = max(from, free[counter]) + 2_000 + next(20_000)
        say(time, "may-goi-so", .ticketCalled(number: ticket), counter: id)
        if next(10) == 0 {
            time += 15_000 + next(20_000)
            say(time, "may-goi-so", .ticketRecalled(number: ticket), counter: id)
        }
        if next(20) == 0 {
            time += 60_000
            free[counter] = time
            say(time, "may-goi-so", .ticketNoShow(number: ticket), counter: id)
            return nil
        }
        time += 5_000 + next(40_000)
        say(time, "may-goi-so", .ticketServing(number: ticket), counter: id)
        if next(30) == 0 {
            time += 60_000 + next(60_000)
            say(time, "may-goi-so", .ticketHeld(number: ticket), counter: id)
            time += 60_000 + next(300_000)
            say(time, "may-goi-so", .ticketResumed(number: ticket), counter: id)
        }
        time += 120_000 + next(900_000)
        free[counter] = time
        return time
    }

    private mutating func cameras() {
        for counter in site.counters.indices {
            let id = "camera-quay-\(counter + 1)"
            say(0, id, .cameraVideo(on: true), flags: .restated)
            for change in 0..<6 {
                let at = 27_000_000 + Int64(change) * 5_400_000 + next(5_000_000)
                say(at, id, .cameraPresence(zone: "staff", count: Int64(change + 1) % 2 + next(2)))
            }
            for _ in 0..<3 {
                let at = start + (27_000_000 + next(34_000_000))
                say(at - start, id, .agentHeard(until: at))
            }
            if next(20) == 0 {
                let at = 27_000_000 + next(30_000_000)
                say(at, id, .cameraVideo(on: false))
                say(at + 900_000, id, .cameraVideo(on: true))
            }
        }
    }

    private mutating func meetings() {
        for room in 0..<((site.counters.count + 1) / 2) where next(2) == 0 {
            let at = 28_000_000 + next(28_000_000)
            let id = "call-\(room)-\(at)"
            say(at, "phong-hop-\(room + 1)", .meetingStarted(id: id))
            say(at + 300_000, "phong-hop-\(room + 1)", .meetingParticipants(count: 3))
            say(
                at + 300_000, "phong-hop-\(room + 1)",
                .meetingQuality(jitterMilliseconds: 3, lossPercent: 0.1, mos: 4.2))
            say(at + 600_000 + next(1_800_000), "phong-hop-\(room + 1)", .meetingEnded(id: id, cause: "bye"))
        }
    }

    /// The same ticket events, heard by another PC some milliseconds later or earlier.
    private mutating func witness() {
        for event in events where event.device == "kiosk-lay-so" && next(2) == 0 {
            var copy = event
            copy.id.agent = "pc-quay-1"
            copy.at = event.at + (next(40) - 20)
            events.append(copy)
        }
    }
}
