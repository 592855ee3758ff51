internal import Domain

/// Asks at every moment between two changes why somebody waits, by the words of DOMAIN.md §6, from scratch.
struct WaitOracle {
    enum Presence { case present, empty, unknown }

    struct Scene {
        var isOpen: [Bool] = []
        var isOccupied: [Bool] = []
        var presence: [Presence] = []
        var isInCall: [Bool] = []
    }

    /// A state is unknown when nothing was heard of its device for so long.
    static let evidenceLasts: Int64 = 660_000

    let site: Site
    let hours: [Range<Int64>]
    let steps: [[TicketBook.CounterStep]]
    /// By device, in order of time.
    let events: [String: [TruthEvent]]
    let evidence: [String: [Int64]]
    private(set) var breakpoints: [Int64] = []
    private var scenes: [Int: Scene] = [:]

    init(
        site: Site, hours: [Range<Int64>], book: TicketBook, events: [TruthEvent], evidence: [String: [Int64]]
    ) {
        self.site = site
        self.hours = hours
        steps = book.steps
        var byDevice: [String: [TruthEvent]] = [:]
        for event in events where event.kind.hasPrefix("camera.") || event.kind.hasPrefix("meeting.") {
            byDevice[event.device, default: []].append(event)
        }
        self.events = byDevice
        self.evidence = evidence
        var moments = Set(events.map(\.at.milliseconds))
        for interval in hours { moments.formUnion([interval.lowerBound, interval.upperBound]) }
        for visit in book.visits {
            for leg in visit.legs {
                for span in leg.spans { moments.formUnion([span.from, span.until ?? span.from]) }
            }
        }
        for (_, times) in evidence {
            for (index, time) in times.enumerated() {
                let next = index + 1 < times.count ? times[index + 1] : .max
                if index == 0 { moments.insert(time) }
                if next - time >= Self.evidenceLasts {
                    moments.insert(time + Self.evidenceLasts)
                    if next < .max { moments.insert(next) }
                }
            }
        }
        breakpoints = moments.sorted()
    }

    /// Milliseconds by cause over [from, until) for somebody who may be called by `eligible` counters.
    mutating func causes(from: Int64, until: Int64, eligible: [Int]) -> [WaitCause: Int64] {
        var out: [WaitCause: Int64] = [:]
        guard from < until, var index = breakpoints.lastIndex(where: { $0 <= from }) else { return out }
        while index < breakpoints.count, breakpoints[index] < until {
            let start = max(breakpoints[index], from)
            let end = min(index + 1 < breakpoints.count ? breakpoints[index + 1] : until, until)
            out[cause(in: scene(index), eligible), default: 0] += end - start
            index += 1
        }
        return out
    }

    func eligible(_ leg: TruthVisit.Leg) -> [Int] {
        if let target = leg.target, let index = site.counters.firstIndex(where: { $0.id == target }) { return [index] }
        let serving = site.counters.indices.filter { index in
            leg.service.map { site.counters[index].services.contains($0) } ?? false
        }
        return serving.isEmpty ? Array(site.counters.indices) : serving
    }

    private func cause(in scene: Scene, _ eligible: [Int]) -> WaitCause {
        let open = eligible.filter { scene.isOpen[$0] }
        if open.isEmpty { return .closed }
        let free = open.filter { !scene.isOccupied[$0] }
        if free.isEmpty { return .capacity }
        if free.contains(where: { scene.presence[$0] == .present }) { return .idle }
        if free.contains(where: { scene.presence[$0] != .present && scene.isInCall[$0] }) { return .meeting }
        if free.contains(where: { scene.presence[$0] == .empty }) { return .unattended }
        return .unseen
    }

    // MARK: What holds from one breakpoint to the next

    private mutating func scene(_ index: Int) -> Scene {
        if let known = scenes[index] { return known }
        let time = breakpoints[index]
        var scene = Scene()
        for (counter, description) in site.counters.enumerated() {
            let step = steps[counter].last { $0.at <= time } ?? TicketBook.CounterStep(at: .min)
            let isScheduled = hours.contains { $0.contains(time) }
            scene.isOpen.append(step.isSpoken ? step.isOpen : isScheduled)
            let presence = presence(description, time)
            scene.presence.append(presence)
            let seenEmpty = site.office.finish == .onNextCall && presence == .empty
            scene.isOccupied.append(step.occupant != nil && !seenEmpty)
            scene.isInCall.append(description.meetings.contains { isInCall($0, time) })
        }
        scenes[index] = scene
        return scene
    }

    private func isFresh(_ device: String, _ time: Int64) -> Bool {
        guard let times = evidence[device] else { return false }
        // The last time at or before `time`, by halving.
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] <= time { low = middle + 1 } else { high = middle }
        }
        return low > 0 && time - times[low - 1] < Self.evidenceLasts
    }

    private func presence(_ counter: Counter, _ time: Int64) -> Presence {
        var isEmpty = !counter.cameras.isEmpty
        for camera in counter.cameras {
            var hasVideo = true
            var isCovered = false
            var count: Int64?
            for event in events[camera] ?? [] where event.at.milliseconds <= time {
                switch event.kind {
                case "camera.video": hasVideo = event.boolean("on") ?? hasVideo
                case "camera.tamper": isCovered = event.boolean("on") ?? isCovered
                case "camera.presence" where event.text("zone") == "staff": count = event.integer("count")
                default: break
                }
            }
            let isLive = hasVideo && !isCovered && isFresh(camera, time)
            if isLive, let count, count > 0 { return .present }
            if !isLive || count != 0 { isEmpty = false }
        }
        return isEmpty ? .empty : .unknown
    }

    private func isInCall(_ device: String, _ time: Int64) -> Bool {
        var active: Set<String> = []
        for event in events[device] ?? [] where event.at.milliseconds <= time {
            guard let id = event.text("id") else { continue }
            if event.kind == "meeting.started" { active.insert(id) }
            if event.kind == "meeting.ended" { active.remove(id) }
        }
        return !active.isEmpty && isFresh(device, time)
    }
}
