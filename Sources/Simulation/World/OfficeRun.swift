internal import Domain

/// The office while its day is being played: people, clerks, cameras and meeting rooms, one thing after another.
final class OfficeRun {
    let scenario: Scenario
    let window: Range<Int64>
    let endsClean: Bool
    let day: LocalDay
    let clock: OfficeClock
    /// Opening hours inside the window.
    let hours: [Range<Int64>]

    var agenda = Agenda()
    private(set) var now: Int64
    private var lastSaid: Int64
    private(set) var utterances: [Utterance] = []
    var silences: [World.Silence] = []
    var calls: [World.Call] = []
    var isOver = false

    var people: Chance
    var habits: Chance
    var sights: Chance
    var mishaps: Chance

    var tickets: [TicketLife] = []
    var nextNumber: [Int]
    var clerks: [Clerk] = []
    var cameras: [CameraView] = []
    var rooms: [MeetingRoom] = []

    init(_ scenario: Scenario, seed: UInt64, window: Range<Instant>, endsClean: Bool) {
        self.scenario = scenario
        self.window = window.lowerBound.milliseconds..<window.upperBound.milliseconds
        self.endsClean = endsClean
        clock = scenario.site.office.clock
        day = clock.day(of: window.lowerBound)
        now = window.lowerBound.milliseconds
        lastSaid = now
        people = Chance(seed: seed, purpose: "people")
        habits = Chance(seed: seed, purpose: "habits")
        sights = Chance(seed: seed, purpose: "sights")
        mishaps = Chance(seed: seed, purpose: "mishaps")
        nextNumber = scenario.services.map { _ in 1 }
        let bounds = self.window
        hours = scenario.site.openingHours(on: day).compactMap { interval in
            let from = max(interval.lowerBound.milliseconds, bounds.lowerBound)
            let until = min(interval.upperBound.milliseconds, bounds.upperBound)
            return from < until ? from..<until : nil
        }
    }

    func run() {
        prepareCameras()
        prepareRooms()
        prepareClerks()
        prepareArrivals()
        prepareIncidents()
        if endsClean { plan(window.upperBound - 1_500) { self.finishCleanly() } }
        while let next = agenda.next() {
            guard next.at < window.upperBound else { break }
            now = max(now, next.at)
            if isOver { continue }
            next.body()
        }
    }

    func plan(_ at: Int64, _ body: @escaping () -> Void) {
        agenda.plan(max(at, now), body)
    }

    func plan(after delay: Int64, _ body: @escaping () -> Void) {
        agenda.plan(now + max(0, delay), body)
    }

    func isSilent(_ device: String) -> Bool {
        silences.contains { $0.device == device && $0.from.milliseconds <= now && now < $0.until.milliseconds }
    }

    /// A device tells facts. Moments are whole milliseconds and nobody shares one; a device without power says nothing.
    @discardableResult
    func say(_ device: String, _ facts: [Fact], isRestated: Bool = false, isRemote: Bool = false) -> Instant? {
        guard !facts.isEmpty, isRemote || !isSilent(device) else { return nil }
        let at = max(now, lastSaid + (endsClean ? 25 : 1))
        guard at < window.upperBound else { return nil }
        lastSaid = at
        let moment = Instant(milliseconds: at)
        utterances.append(
            Utterance(at: moment, device: device, facts: facts, isRestated: isRestated, isRemote: isRemote))
        return moment
    }

    /// Whoever is still here goes, calls end: nothing stays undecided.
    private func finishCleanly() {
        for room in rooms { endCall(room, isRemote: false) }
        let kiosk = scenario.hosts.first { $0.role == .kiosk }?.id
        for ticket in tickets where ticket.isIssued && !ticket.state.isEnded {
            guard let device = systemDevice(of: ticket.system) ?? kiosk else { continue }
            say(device, [.ticket(Fact.Ticket(.left, number: ticket.number))])
            ticket.state = .left
        }
        isOver = true
    }

    /// The device that issues for a ticket system: its kiosk, or its broker client.
    func systemDevice(of system: String) -> String? {
        for (device, host) in zip(scenario.site.devices, scenario.hosts)
        where device.ticketSystem == system && host.role != .caller {
            return device.id
        }
        return nil
    }
}
