/// A site, indexed once for the fold: counters, devices and services by number.
///
/// A class only so that a day, and each copy of it that a result is made from, holds one reference; it never changes.
final class SiteLayout: Sendable {
    let counterNames: [String]
    private let counterIndex: WordIndex
    private let serviceIndex: WordIndex
    private let deviceIndex: WordIndex
    /// Per service that a counter serves, and per service of the site: its eligible set and its longest service.
    private let setOfService: [Int]
    private let limitOfService: [Int64?]
    /// Every set of counters a ticket may wait for: all counters, then one per counter, then those of services.
    let eligibleSets: [CounterSet]
    /// Cameras and meeting systems that a counter names, sorted by id: the tracked devices.
    let trackedDevices: [String]
    /// Per counter: the tracked devices that are its cameras, and its meeting systems.
    let cameras: [[Int]]
    let meetings: [[Int]]
    /// Per tracked device: the counters it is mapped to.
    let countersOfDevice: [[Int]]
    let meetingDevices: [Int]
    let isMeeting: [Bool]
    /// Devices known from the start, tracked ones first, and the ticket system of each by number.
    let deviceNames: [String]
    var deviceCount: Int { deviceNames.count }
    let systemOfDevice: [Int]
    let systemNames: [String]

    init(_ site: Site) {
        let counterCount = site.counters.count
        counterNames = site.counters.map(\.id)
        let counterIndex = WordIndex(counterNames)
        self.counterIndex = counterIndex
        var serviceWords: [String] = []
        var counterSets: [CounterSet] = []
        var limits: [Int64?] = []
        for service in site.services {
            if let known = serviceWords.firstIndex(of: service.id) {
                // The last description of a service wins.
                limits[known] = service.maxServiceMilliseconds
            } else {
                serviceWords.append(service.id)
                counterSets.append(CounterSet())
                limits.append(service.maxServiceMilliseconds)
            }
        }
        let isFirst = site.counters.indices.map { index in counterIndex[site.counters[index].id] == index }
        for (index, counter) in site.counters.enumerated() where isFirst[index] {
            for service in counter.services {
                if let known = serviceWords.firstIndex(of: service) {
                    counterSets[known].insert(index)
                } else {
                    serviceWords.append(service)
                    var set = CounterSet()
                    set.insert(index)
                    counterSets.append(set)
                    limits.append(nil)
                }
            }
        }
        serviceIndex = WordIndex(serviceWords)
        limitOfService = limits
        var sets = [CounterSet(upTo: counterCount)]
        for index in 0..<counterCount {
            var set = CounterSet()
            set.insert(index)
            sets.append(set)
        }
        setOfService = counterSets.map { set in
            // A service that nobody serves must not hide in `closed`: anybody may call.
            if set.isEmpty { return 0 }
            if let known = sets.firstIndex(of: set) { return known }
            sets.append(set)
            return sets.count - 1
        }
        eligibleSets = sets

        var tracked: [String] = []
        for counter in site.counters { tracked += counter.cameras + counter.meetings }
        tracked.sort()
        var kept = 0
        for index in tracked.indices where index == 0 || tracked[index] != tracked[kept - 1] {
            tracked[kept] = tracked[index]
            kept += 1
        }
        tracked.removeLast(tracked.count - kept)
        trackedDevices = tracked
        var words = tracked
        var systems: [String] = tracked
        let trackedIndex = WordIndex(tracked)
        for device in site.devices {
            let system = device.ticketSystem ?? device.id
            if let known = trackedIndex[device.id] ?? words[tracked.count...].firstIndex(of: device.id) {
                systems[known] = system
            } else {
                words.append(device.id)
                systems.append(system)
            }
        }
        deviceIndex = WordIndex(words)
        deviceNames = words
        var names: [String] = []
        var numbers: [String: Int] = [:]
        numbers.reserveCapacity(systems.count)
        systemOfDevice = systems.map { name in
            if let known = numbers[name] { return known }
            numbers[name] = names.count
            names.append(name)
            return names.count - 1
        }
        systemNames = names
        let cameras = site.counters.map { $0.cameras.compactMap { trackedIndex[$0] } }
        let meetings = site.counters.map { $0.meetings.compactMap { trackedIndex[$0] } }
        self.cameras = cameras
        self.meetings = meetings
        var countersOf: [[Int]] = Array(repeating: [], count: tracked.count)
        var isMeeting = Array(repeating: false, count: tracked.count)
        for counter in site.counters.indices {
            for device in cameras[counter] + meetings[counter] where countersOf[device].last != counter {
                countersOf[device].append(counter)
            }
            for device in meetings[counter] { isMeeting[device] = true }
        }
        countersOfDevice = countersOf
        self.isMeeting = isMeeting
        meetingDevices = tracked.indices.filter { isMeeting[$0] }
    }

    func counter(_ id: String?) -> Int? { id.flatMap { counterIndex[$0] } }
    /// A device the site or a counter names.
    func device(_ id: String) -> Int? { deviceIndex[id] }
    /// A camera or meeting system that a counter names; they are numbered first.
    func isTracked(_ device: Int) -> Bool { device < trackedDevices.count }

    func maxService(_ service: String?) -> Int64? {
        guard let service, let index = serviceIndex[service] else { return nil }
        return limitOfService[index]
    }

    /// The eligible set: the target if a transfer named one, else the counters that serve the service, else all.
    func eligible(service: String?, target: Int?) -> Int {
        if let target { return target + 1 }
        if let service, let index = serviceIndex[service] { return setOfService[index] }
        return 0
    }
}

/// Counters as bits. An office has a handful; what exceeds 64 goes into further words.
struct CounterSet: Hashable, Sendable {
    private(set) var low: UInt64 = 0
    private(set) var high: [UInt64] = []

    init() {}

    init(upTo count: Int) {
        for counter in 0..<max(count, 0) { insert(counter) }
    }

    var isEmpty: Bool { low == 0 && high.allSatisfy { $0 == 0 } }

    mutating func insert(_ counter: Int) { set(counter, true) }

    func contains(_ counter: Int) -> Bool {
        if counter < 64 { return low >> UInt64(counter) & 1 == 1 }
        let word = counter / 64 - 1
        return word < high.count && high[word] >> UInt64(counter % 64) & 1 == 1
    }

    @inline(__always)
    mutating func set(_ counter: Int, _ isIn: Bool) {
        if counter < 64 {
            let bit: UInt64 = 1 << UInt64(counter)
            low = isIn ? low | bit : low & ~bit
        } else {
            setHigh(counter, isIn)
        }
    }

    private mutating func setHigh(_ counter: Int, _ isIn: Bool) {
        let bit: UInt64 = 1 << UInt64(counter % 64)
        let word = counter / 64 - 1
        while high.count <= word { high.append(0) }
        high[word] = isIn ? high[word] | bit : high[word] & ~bit
    }

    /// The words, 64 counters each.
    var wordCount: Int { 1 + high.count }
    func word(_ index: Int) -> UInt64 {
        if index == 0 { return low }
        return index <= high.count ? high[index - 1] : 0
    }
}

/// Numbers of words. Offices have a handful of counters, services and devices, and comparing short fingerprints in turn
/// beats hashing a word; large sites get a dictionary.
struct WordIndex: Sendable {
    private var words: [String] = []
    private var fingerprints: [UInt64] = []
    /// Every word is ASCII: then an ASCII word is one of them or none, byte by byte.
    private var isPlain = true
    private let large: [String: Int]?

    /// Of words that occur twice, the first counts.
    init(_ words: [String]) {
        guard words.count <= 48 else {
            large = Dictionary(words.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            return
        }
        large = nil
        self.words = words
        for word in words {
            let fingerprint = Self.fingerprint(word)
            if fingerprint == nil { isPlain = false }
            fingerprints.append(fingerprint ?? 0)
        }
    }

    subscript(_ word: String) -> Int? {
        if let large { return large[word] }
        guard isPlain, let fingerprint = Self.fingerprint(word) else { return words.firstIndex(of: word) }
        for index in fingerprints.indices where fingerprints[index] == fingerprint && words[index] == word {
            return index
        }
        return nil
    }

    /// The bytes of a short word, mixed, and its length; `nil` for what is not ASCII (two spellings of one word may
    /// differ in bytes).
    private static func fingerprint(_ word: String) -> UInt64? {
        let mixed = word.utf8.withContiguousStorageIfAvailable { bytes -> UInt64? in
            let raw = UnsafeRawBufferPointer(bytes)
            var all: UInt64 = 0
            var hash = UInt64(truncatingIfNeeded: raw.count)
            func mix(_ part: UInt64) {
                all |= part
                hash = (hash << 29 | hash >> 35) ^ (part &* 0x9E37_79B9_7F4A_7C15)
            }
            var offset = 0
            while offset + 8 <= raw.count {
                mix(raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset += 8
            }
            if raw.count >= 8 {
                // The last eight bytes, some of them for the second time.
                if offset < raw.count { mix(raw.loadUnaligned(fromByteOffset: raw.count - 8, as: UInt64.self)) }
            } else {
                for byte in raw { mix(UInt64(byte)) }
            }
            return all & 0x8080_8080_8080_8080 == 0 ? hash : nil
        }
        return mixed ?? nil
    }
}
