/// A site, indexed once for the fold: counters, devices and services by number.
struct SiteLayout: Sendable {
    private let counterIndex: WordIndex<Int>
    private let serviceCounters: WordIndex<WaitLedger.EligibleSet>
    private let everyCounter: WaitLedger.EligibleSet
    private let maxService: WordIndex<Int64>
    private let systems: WordIndex<String>
    private let trackedIndex: WordIndex<Int>
    /// Cameras and meeting systems that a counter names, sorted by id.
    let trackedDevices: [String]
    /// Per counter: the tracked devices that are its cameras, and its meeting systems.
    let cameras: [[Int]]
    let meetings: [[Int]]
    /// Per tracked device: the counters it is mapped to.
    let countersOfDevice: [[Int]]
    let meetingDevices: [Int]

    init(_ site: Site) {
        var counterIndex: [String: Int] = [:]
        var byService: [String: [Int]] = [:]
        for (index, counter) in site.counters.enumerated() where counterIndex[counter.id] == nil {
            counterIndex[counter.id] = index
            for service in counter.services { byService[service, default: []].append(index) }
        }
        self.counterIndex = WordIndex(counterIndex)
        serviceCounters = WordIndex(byService.mapValues { WaitLedger.EligibleSet(counters: $0) })
        everyCounter = WaitLedger.EligibleSet(counters: Array(site.counters.indices))
        var limits: [String: Int64] = [:]
        for service in site.services { limits[service.id] = service.maxServiceMilliseconds }
        maxService = WordIndex(limits)
        var systems: [String: String] = [:]
        for device in site.devices { systems[device.id] = device.ticketSystem ?? device.id }
        self.systems = WordIndex(systems)
        let tracked = Set(site.counters.flatMap { $0.cameras + $0.meetings }).sorted()
        trackedDevices = tracked
        var trackedIndex: [String: Int] = [:]
        for (index, id) in tracked.enumerated() { trackedIndex[id] = index }
        self.trackedIndex = WordIndex(trackedIndex)
        cameras = site.counters.map { $0.cameras.compactMap { trackedIndex[$0] } }
        meetings = site.counters.map { $0.meetings.compactMap { trackedIndex[$0] } }
        let cameras = cameras
        let meetings = meetings
        countersOfDevice = tracked.indices.map { device in
            site.counters.indices.filter { cameras[$0].contains(device) || meetings[$0].contains(device) }
        }
        meetingDevices = tracked.indices.filter { device in meetings.contains { $0.contains(device) } }
    }

    func counter(_ id: String?) -> Int? { id.flatMap { counterIndex[$0] } }
    func tracked(_ device: String) -> Int? { trackedIndex[device] }
    func ticketSystem(of device: String) -> String { systems[device] ?? device }
    func maxService(_ service: String?) -> Int64? { service.flatMap { maxService[$0] } }

    /// The target if a transfer named one, else the counters that serve the service, else all.
    func eligible(service: String?, target: Int?) -> WaitLedger.EligibleSet {
        if let target { return WaitLedger.EligibleSet(counters: [target]) }
        if let service, let set = serviceCounters[service] { return set }
        return everyCounter
    }
}

/// Values by word. Offices have a handful of counters, services and devices, and comparing short words in turn beats
/// hashing one; large sites get a dictionary.
struct WordIndex<Value: Sendable>: Sendable {
    private var words: [String] = []
    private var values: [Value] = []
    private let large: [String: Value]?

    init(_ dictionary: [String: Value]) {
        guard dictionary.count <= 24 else {
            large = dictionary
            return
        }
        large = nil
        for (word, value) in dictionary.sorted(by: { $0.key < $1.key }) {
            words.append(word)
            values.append(value)
        }
    }

    subscript(_ word: String) -> Value? {
        if let large { return large[word] }
        for index in words.indices where words[index] == word { return values[index] }
        return nil
    }
}
