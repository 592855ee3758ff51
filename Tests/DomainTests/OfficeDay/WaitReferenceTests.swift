import Domain
import Testing

/// Where the waiting went, once more: from a plan of the day instead of from its events, by asking at each moment
/// between two changes what DOMAIN.md §6 says. Slow, and short enough to be seen to be right.
@Suite struct WaitReferenceTests {
    /// A day as it was meant, in milliseconds since midnight; the events are written from it.
    struct Plan {
        struct Wait {
            var number: Int
            var from: Int64
            var until: Int64?
            /// Counters that may call, by index.
            var eligible: [Int]
        }

        struct Stay {
            var number: Int
            var from: Int64
            /// `nil`: nobody says when it ends.
            var until: Int64?
        }

        enum Said { case opened, shut, called }

        /// Per counter: what was said of it, and who was at it.
        var said: [[(at: Int64, what: Said)]] = Array(repeating: [], count: 5)
        var stays: [[Stay]] = Array(repeating: [], count: 5)
        var waits: [Wait] = []
        /// Per device: staff counted, `nil` for no usable picture.
        var staff: [String: [(at: Int64, count: Int64?)]] = [:]
        var calls: [String: [Range<Int64>]] = [:]
        var evidence: [String: [Int64]] = [:]
        var events: [DomainEvent] = []
    }

    static let hours: [Range<Int64>] = [27_000_000..<41_400_000, 46_800_000..<61_200_000]
    /// q1 has two cameras; cam-3 stands before q3 and q4; q1 and q2 share a meeting room; q5 is seen by nobody.
    static let counters = [
        Counter(id: "q1", services: ["a"], cameras: ["cam-1", "cam-1b"], meetings: ["room"]),
        Counter(id: "q2", services: ["a", "b"], cameras: ["cam-2"], meetings: ["room"]),
        Counter(id: "q3", services: ["b"], cameras: ["cam-3"], meetings: ["vc"]),
        Counter(id: "q4", services: ["b", "c"], cameras: ["cam-3"]), Counter(id: "q5", services: ["c"]),
    ]
    static let cameras = ["cam-1", "cam-1b", "cam-2", "cam-3"]
    static let rooms = ["room", "vc"]

    static func site(_ finish: Office.Finish) -> Site {
        var site = SampleOffice.site(finish: finish)
        site.counters = counters
        site.services = ["a", "b", "c", "d"].map { Service(id: $0, name: LocalizedName(vi: $0, en: "")) }
        site.devices = ["kiosk", "caller"].map {
            Device(id: $0, profile: "x", address: "10.0.0.1", ticketSystem: "main")
        }
        return site
    }

    static func eligible(_ service: String) -> [Int] {
        let serving = counters.indices.filter { counters[$0].services.contains(service) }
        return serving.isEmpty ? Array(counters.indices) : serving
    }

    // MARK: A plan from a seed

    static func plan(seed: UInt64, _ finish: Office.Finish) -> Plan {
        var random = SplitMix64(seed: seed)
        var plan = Plan()
        let midnight = SampleOffice.clock.start(of: SampleOffice.day)
        func say(_ at: Int64, _ device: String, _ kind: EventKind, _ counter: Int? = nil) {
            plan.events.append(
                SampleOffice.event(midnight + at, device, kind, counter: counter.map { counters[$0].id }))
        }
        func number(_ index: Int) -> String { "A\(index)" }

        // Counters work through tickets one after the other, with pauses in between, from before opening to after closing.
        var next = 1
        for counter in counters.indices where Int.random(in: 0..<6, using: &random) > 0 {
            var time = 26_000_000 + Int64.random(in: 0...8_000_000, using: &random)
            while time < 62_500_000 {
                switch Int.random(in: 0..<8, using: &random) {
                case 0:
                    say(time, "caller", .counterOpened, counter)
                    plan.said[counter].append((time, .opened))
                case 1:
                    let isPause = Bool.random(using: &random)
                    say(time, "caller", isPause ? .counterPaused(reason: nil) : .counterClosed, counter)
                    plan.said[counter].append((time, .shut))
                default:
                    let ticket = next
                    next += 1
                    let service = counters[counter].services.randomElement(using: &random) ?? "a"
                    let before = Int64.random(in: 1...3_000_000, using: &random)
                    say(
                        time - before, "kiosk",
                        .ticketIssued(number: number(ticket), service: service, channel: nil, priority: nil))
                    say(time, "caller", .ticketCalled(number: number(ticket)), counter)
                    plan.waits.append(
                        Plan.Wait(number: ticket, from: time - before, until: time, eligible: eligible(service)))
                    plan.said[counter].append((time, .called))
                    var stay = Plan.Stay(number: ticket, from: time, until: nil)
                    time += Int64.random(in: 1...1_200_000, using: &random)
                    // Where nobody says "served", the end of the hours has ended it: nothing more happens to it.
                    let isOver =
                        finish == .onNextCall && hours.contains { stay.from < $0.upperBound && $0.upperBound <= time }
                    switch isOver ? 6 : Int.random(in: 0..<6, using: &random) {
                    case 0:
                        // Held, and called again by the same counter: free in between.
                        say(time, "caller", .ticketHeld(number: number(ticket)), counter)
                        stay.until = time
                        plan.stays[counter].append(stay)
                        time += Int64.random(in: 1...600_000, using: &random)
                        say(time, "caller", .ticketCalled(number: number(ticket)), counter)
                        plan.said[counter].append((time, .called))
                        stay = Plan.Stay(number: ticket, from: time, until: nil)
                        time += Int64.random(in: 1...600_000, using: &random)
                    case 1:
                        // Sent on to one counter, where it waits until it gives up.
                        let target = Int.random(in: 0..<5, using: &random)
                        say(
                            time, "caller",
                            .ticketTransferred(
                                number: number(ticket), toService: nil, toCounter: counters[target].id), counter)
                        stay.until = time
                        let gone = time + Int64.random(in: 1...6_000_000, using: &random)
                        say(gone, "caller", .ticketLeft(number: number(ticket)))
                        plan.waits.append(Plan.Wait(number: ticket, from: time, until: gone, eligible: [target]))
                    default: break
                    }
                    if stay.until == nil, finish == .explicit {
                        say(
                            time, "caller", .ticketServed(number: number(ticket), quantity: nil, outcome: nil), counter)
                        stay.until = time
                    }
                    plan.stays[counter].append(stay)
                }
                time += Int64.random(in: 1...900_000, using: &random)
            }
        }
        // Some are never called; one asks for a service that nobody serves.
        for _ in 0..<6 {
            let at = Int64.random(in: 26_000_000...62_000_000, using: &random)
            let service = ["a", "b", "c", "d"].randomElement(using: &random) ?? "a"
            say(at, "kiosk", .ticketIssued(number: number(next), service: service, channel: nil, priority: nil))
            plan.waits.append(Plan.Wait(number: next, from: at, until: nil, eligible: eligible(service)))
            next += 1
        }
        devices(&plan, &random, midnight)
        return plan
    }

    private static func devices(_ plan: inout Plan, _ random: inout SplitMix64, _ midnight: Instant) {
        for camera in cameras {
            var time = 25_000_000 + Int64.random(in: 0...4_000_000, using: &random)
            var count: Int64?
            var isGood = true
            while time < 63_000_000 {
                let kind: EventKind
                switch Int.random(in: 0..<6, using: &random) {
                case 0:
                    isGood.toggle()
                    kind = .cameraVideo(on: isGood)
                case 1...3:
                    count = Int64.random(in: 0...2, using: &random)
                    kind = .cameraPresence(zone: "staff", count: count ?? 0)
                case 4: kind = .cameraPresence(zone: "visitors", count: 3)
                default: kind = .agentHeard(until: midnight + time)
                }
                plan.events.append(SampleOffice.event(midnight + time, camera, kind))
                plan.evidence[camera, default: []].append(time)
                plan.staff[camera, default: []].append((time, isGood ? count : nil))
                time += Int64.random(in: 1...900_000, using: &random)
            }
        }
        for room in rooms {
            var time = 27_000_000 + Int64.random(in: 0...4_000_000, using: &random)
            while time < 60_000_000 {
                let until = time + Int64.random(in: 1...2_400_000, using: &random)
                plan.events.append(SampleOffice.event(midnight + time, room, .meetingStarted(id: "c\(time)")))
                plan.events.append(
                    SampleOffice.event(midnight + until, room, .meetingEnded(id: "c\(time)", cause: nil)))
                plan.calls[room, default: []].append(time..<until)
                var heard = time
                plan.evidence[room, default: []] += [time, until]
                while Bool.random(using: &random), heard < until {
                    plan.events.append(
                        SampleOffice.event(midnight + heard, room, .agentHeard(until: midnight + heard)))
                    plan.evidence[room, default: []].append(heard)
                    heard += Int64.random(in: 1...700_000, using: &random)
                }
                time = until + Int64.random(in: 1...3_000_000, using: &random)
            }
        }
    }

    // MARK: The reference

    struct Reference {
        let plan: Plan
        let finish: Office.Finish

        func isFresh(_ device: String, _ t: Int64) -> Bool {
            plan.evidence[device, default: []].contains { $0 <= t && t < $0 + 660_000 }
        }

        func presence(_ counter: Int, _ t: Int64) -> String {
            let seen = counters[counter].cameras.map { camera -> Int64? in
                guard isFresh(camera, t) else { return nil }
                return plan.staff[camera, default: []].last { $0.at <= t }?.count
            }
            if seen.contains(where: { ($0 ?? 0) > 0 }) { return "present" }
            return !seen.isEmpty && seen.allSatisfy { $0 == 0 } ? "empty" : "unknown"
        }

        func isInCall(_ counter: Int, _ t: Int64) -> Bool {
            counters[counter].meetings.contains { room in
                isFresh(room, t) && plan.calls[room, default: []].contains { $0.contains(t) }
            }
        }

        /// Somebody is at the counter, whatever the camera says.
        func hasOccupant(_ counter: Int, _ t: Int64) -> Bool {
            guard let stay = plan.stays[counter].last(where: { $0.from <= t }) else { return false }
            if let until = stay.until, until <= t { return false }
            guard finish == .onNextCall else { return true }
            // The next call, a pause, a closing and the end of the hours end it.
            if plan.said[counter].contains(where: { $0.what == .shut && stay.from <= $0.at && $0.at <= t }) {
                return false
            }
            return !hours.contains { stay.from < $0.upperBound && $0.upperBound <= t }
        }

        func isOccupied(_ counter: Int, _ t: Int64) -> Bool {
            hasOccupant(counter, t) && !(finish == .onNextCall && presence(counter, t) == "empty")
        }

        func isOpen(_ counter: Int, _ t: Int64) -> Bool {
            guard let last = plan.said[counter].last(where: { $0.at <= t }) else {
                return hours.contains { $0.contains(t) }
            }
            if last.what == .shut { return false }
            // A scheduled end since then closes it, at once or when it becomes free.
            for end in hours.map(\.upperBound) where last.at < end && end <= t {
                let moments = [end] + plan.stays[counter].compactMap(\.until)
                if moments.contains(where: { end <= $0 && $0 <= t && !hasOccupant(counter, $0) }) { return false }
            }
            return true
        }

        func cause(_ eligible: [Int], _ t: Int64) -> WaitCause {
            let open = eligible.filter { isOpen($0, t) }
            if open.isEmpty { return .closed }
            let free = open.filter { !isOccupied($0, t) }
            if free.isEmpty { return .capacity }
            if free.contains(where: { presence($0, t) == "present" }) { return .idle }
            if free.contains(where: { isInCall($0, t) }) { return .meeting }
            return free.contains { presence($0, t) == "empty" } ? .unattended : .unseen
        }

        /// By ticket.
        func causes() -> [Int: WaitCauses] {
            var moments = Set(hours.flatMap { [$0.lowerBound, $0.upperBound] })
            for said in plan.said { moments.formUnion(said.map(\.at)) }
            for stay in plan.stays.flatMap({ $0 }) { moments.formUnion([stay.from, stay.until ?? stay.from]) }
            for changes in plan.staff.values { moments.formUnion(changes.map(\.at)) }
            for calls in plan.calls.values { moments.formUnion(calls.flatMap { [$0.lowerBound, $0.upperBound] }) }
            for times in plan.evidence.values { moments.formUnion(times.flatMap { [$0, $0 + 660_000] }) }
            let closing = hours[1].upperBound
            let waits = plan.waits.map { wait in
                Plan.Wait(
                    number: wait.number, from: wait.from, until: wait.until ?? max(closing, wait.from),
                    eligible: wait.eligible)
            }
            for wait in waits { moments.formUnion([wait.from, wait.until ?? wait.from]) }
            let sorted = moments.sorted()
            var out: [Int: WaitCauses] = [:]
            for (from, until) in zip(sorted, sorted.dropFirst()) {
                var known: [[Int]: WaitCause] = [:]
                for wait in waits where wait.from <= from && from < wait.until ?? 0 {
                    let cause = known[wait.eligible] ?? cause(wait.eligible, from)
                    known[wait.eligible] = cause
                    out[wait.number, default: WaitCauses()][cause] += until - from
                }
            }
            return out
        }
    }

    @Test(arguments: Array(UInt64(1)...8), [Office.Finish.explicit, .onNextCall])
    func `the ledger says what a literal reading says, to the millisecond`(seed: UInt64, finish: Office.Finish) throws {
        let plan = Self.plan(seed: seed, finish)
        let result = OfficeDay.fold(
            SampleOffice.numbered(plan.events), site: Self.site(finish), day: SampleOffice.day
        ).result(asOf: SampleOffice.clock.start(of: SampleOffice.day + 1))
        let expected = Reference(plan: plan, finish: finish).causes()
        var seen = WaitCauses()
        for visit in result.visits {
            let number = try #require(Int(visit.ticket.dropFirst()))
            #expect(visit.causes == expected[number] ?? WaitCauses(), "\(visit.ticket)")
            seen = seen + visit.causes
        }
        #expect(result.visits.count == Set(plan.waits.map(\.number)).count)
        // A day that shows only some causes proves little.
        #expect(WaitCause.allCases.allSatisfy { seen[$0] > 0 }, "\(seen)")
    }
}
