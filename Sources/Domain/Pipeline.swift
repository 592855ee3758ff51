public import Wire

/// From what was heard to the facts of an office: read this first.
///
/// ```
/// message ─► device (by address) ─► Recognizer ─► Observation ─► StatePairs ─► DeviceClock ─► DomainEvent
/// frame   ─► device (by address) ─► Evidence ─► agent.heard
/// time    ─► advance ─► agent.heard that is due, known states told again at midnight
/// ```
///
/// It is told the time and handed the messages; same calls, same events. Per frame the driver calls `advance(to:)`
/// with the frame's time, dissects, then `heardFrame` with the packet's source and `ingest` for each message. Each
/// call is given the position of its first event; events of one call are numbered on from there.
public struct Pipeline: Sendable {
    /// Devices of one site.
    public static let deviceLimit = 4_096

    let clock: OfficeClock
    let feed: String
    var sessions: [DeviceSession] = []
    var looks = FirstLooks()
    var tallies = Tallies()
    /// Sessions by address, in the order of the site file.
    let bySource: AddressTable<IPAddress>
    /// Those that also hear what is sent to them.
    let byTarget: AddressTable<IPAddress>
    let byMAC: AddressTable<MACAddress>
    /// What a broker is told, by topic filter.
    let topics: [Topic]
    /// Sessions by device, and the ones behind each (`address: behind:nvr1`).
    var byDevice: [String: Int] = [:]
    var behind: [[Int]] = []
    /// Who the rows of files are about.
    var tables: [Table] = []
    /// No evidence is due before this moment.
    var nextDue = Instant.distantFuture
    var now: Instant?
    var strangers: UInt64 = 0
    var strangerFrames: UInt64 = 0
    var events: UInt64 = 0
    /// What devices call something behind them that no alias leads to.
    public internal(set) var unplaced = UnplacedWords()
    /// What became of each message, where somebody wants to know (`check`); `nil`: nobody does.
    public var recognitions: [Recognition]?
    /// Of the last message, where somebody wants to know: what became of each element of its list.
    public internal(set) var elementRecognitions: [Recognition] = []

    /// Throws if a device names a profile that is not among `profiles`, or one that cannot be used.
    public init(site: SiteRevision, profiles: [DeviceProfile], feed: String) throws(ProfileError) {
        clock = site.site.office.clock
        self.feed = feed
        var sessions: [DeviceSession] = []
        var bySource = AddressTable<IPAddress>()
        var byTarget = AddressTable<IPAddress>()
        var byMAC = AddressTable<MACAddress>()
        var topics: [Topic] = []
        var known: [String: Recognizer] = [:]
        for device in site.site.devices.prefix(Self.deviceLimit) {
            guard let profile = profiles.first(where: { $0.id == device.profile }) else {
                throw ProfileError(
                    profile: device.profile,
                    message: Words.unknown("profile", device.profile, known: profiles.map(\.id).sorted())
                        + " (device '\(device.id)')")
            }
            let recognizer: Recognizer
            if let same = known[profile.id] {
                recognizer = same.of(device)
            } else {
                recognizer = try Recognizer(profile, device: device, clock: clock)
                known[profile.id] = recognizer
            }
            let address = DeviceAddress(device.address)
            var ports: [UInt16] = []
            switch address {
            case .ip(let host, let only):
                ports = only
                bySource.add(sessions.count, at: host)
                if profile.party == .either { byTarget.add(sessions.count, at: host) }
            case .mac(let mac): byMAC.add(sessions.count, at: mac)
            case .topic(let filter, let broker):
                topics.append(Topic(session: sessions.count, filter: Array(filter.utf8), broker: broker))
            case .rows(let rows):
                if profile.protocolName.isOfFiles {
                    Table.add(sessions.count, rows, of: recognizer, to: &tables)
                }
            case .behind, nil: break
            }
            sessions.append(
                DeviceSession(
                    device: device.id, office: site.site.office.id, counter: site.site.counter(ofDevice: device.id),
                    recognizer: recognizer, clock: clock, ports: ports))
        }
        self.bySource = bySource
        self.byTarget = byTarget
        self.byMAC = byMAC
        self.topics = topics
        for session in sessions { add(session) }
        for (index, session) in sessions.enumerated() { byDevice[session.device] = index }
        behind = sessions.map { _ in [] }
        for (index, device) in site.site.devices.prefix(Self.deviceLimit).enumerated() {
            if let recorder = device.behind.flatMap({ byDevice[$0] }), recorder != index {
                behind[recorder].append(index)
            }
        }
    }

    /// The message as its first device's rules see it.
    public func opened(_ message: Message) -> Message { sessions.first?.recognizer.opened(message) ?? message }

    /// The recognizer of the first device, or of the rows: who explains what a sample did not give.
    public var firstRecognizer: Recognizer? { sessions.first?.recognizer ?? tables.first?.recognizer }

    /// Who is meant by the messages under a topic.
    struct Topic: Sendable {
        var session: Int
        var filter: [UInt8]
        var broker: IPAddress
    }

    /// One device more; the place of its session.
    @discardableResult
    mutating func add(_ session: DeviceSession) -> Int {
        looks.add(session.recognizer, hasPorts: !session.ports.isEmpty)
        tallies.grow()
        sessions.append(session)
        return sessions.count - 1
    }

    /// One message. Its device is the one at the source address, or, for profiles of `party: either`, at the target; the
    /// one with the sender's hardware address; and the one whose topic it is published under.
    public mutating func ingest(_ heard: HeardMessage, position: UInt64) -> [DomainEvent] {
        let found = bySource.look(heard.source.address)
        let (source, single) = (found.list, found.single)
        let target = byTarget.find(heard.target.address)
        var neighbours = -1
        if !byMAC.isEmpty, let mac = heard.source.mac ?? heard.sourceMAC { neighbours = byMAC.find(mac) }
        let isPublished = !topics.isEmpty && heard.message.protocolName == .mqtt
        if source < 0, target < 0, neighbours < 0, !isPublished {
            strangers &+= 1
            return []
        }
        // Nearly every message is one device's, and nearly every one says nothing that its rules ask for.
        if single >= 0, target < 0, neighbours < 0, !isPublished,
            !isOverItsPort(heard, single) || isTurnedAway(heard, single)
        {
            return []
        }
        return take(heard, source: source, target: target, neighbours: neighbours, isPublished: isPublished, position)
    }

    @inline(never)
    private mutating func take(
        _ heard: HeardMessage, source: Int, target: Int, neighbours: Int, isPublished: Bool, _ position: UInt64
    ) -> [DomainEvent] {
        var out: [DomainEvent] = []
        for index in bySource[source] where isOverItsPort(heard, index) { take(heard, index, position, &out) }
        if target >= 0 {
            // A device that talks to itself has been heard.
            for index in byTarget[target] where isOverItsPort(heard, index) && !bySource[source].contains(index) {
                take(heard, index, isTold: true, position, &out)
            }
        }
        for index in byMAC[neighbours] { take(heard, index, position, &out) }
        if isPublished { takePublished(heard, position, &out) }
        return out
    }

    @inline(__always)
    private func isOverItsPort(_ heard: HeardMessage, _ index: Int) -> Bool {
        !looks.hasPorts(index) || isOverOneOf(sessions[index].ports, heard)
    }

    @inline(never)
    private func isOverOneOf(_ ports: [UInt16], _ heard: HeardMessage) -> Bool {
        if ports.contains(heard.source.port) || ports.contains(heard.target.port) { return true }
        // What has no ports is the device's, whatever its ports; and so is media, whose ports are announced over them.
        switch heard.message.protocolName {
        case .icmp, .rtp, .rtcp: return true
        default: return false
        }
    }

    /// Counts a message that its protocol or a few of its fields show to mean nothing. `false`: the rules must read it.
    @inline(__always)
    mutating func isTurnedAway(_ heard: borrowing HeardMessage, _ index: Int) -> Bool {
        recognitions == nil && looks.isTurnedAway(heard, of: index)
    }

    /// Only what the broker is told counts: what it tells its listeners is the same again. What is told under a device's
    /// topic is its evidence of life.
    private mutating func takePublished(_ heard: HeardMessage, _ position: UInt64, _ out: inout [DomainEvent]) {
        guard let topic = heard.message.textBytes("topic") else { return }
        for entry in topics
        where heard.target.address == entry.broker && TopicFilter.matches(entry.filter, topic) {
            hear(entry.session, at: Instant(milliseconds: heard.at.milliseconds), position, &out)
            take(heard, entry.session, position, &out)
        }
    }

    /// A frame, whatever was in it: whoever sent it is alive, by his address or by his hardware's.
    public mutating func heardFrame(from sender: FrameSender, at time: Timestamp, position: UInt64) -> [DomainEvent] {
        var out = sender.address.map { heardFrame(from: $0, at: time, position: position) } ?? []
        if !byMAC.isEmpty, let mac = sender.mac {
            let instant = Instant(milliseconds: time.milliseconds)
            for index in byMAC[byMAC.find(mac)] { hear(index, at: instant, position, &out) }
        }
        return out
    }

    public mutating func heardFrame(from address: IPAddress, at time: Timestamp, position: UInt64) -> [DomainEvent] {
        let found = bySource.find(address)
        guard found >= 0 else {
            strangerFrames &+= 1
            return []
        }
        let instant = Instant(milliseconds: time.milliseconds)
        var out: [DomainEvent] = []
        for index in bySource[found] { hear(index, at: instant, position, &out) }
        return out
    }

    private mutating func hear(_ index: Int, at instant: Instant, _ position: UInt64, _ out: inout [DomainEvent]) {
        hearAlone(index, at: instant, position, &out)
        guard index < behind.count, !behind[index].isEmpty else { return }
        // What a recorder says of its cameras is as fresh as the recorder's word.
        for camera in behind[index] { hearAlone(camera, at: instant, position, &out) }
    }

    private mutating func hearAlone(_ index: Int, at instant: Instant, _ position: UInt64, _ out: inout [DomainEvent]) {
        if let due = sessions[index].evidence.due, due <= instant { tellEvidence(index, at: due, position, &out) }
        if sessions[index].evidence.heard(at: instant) {
            emit(index, .agentHeard(until: instant), at: instant, position, &out)
        }
        if let due = sessions[index].evidence.due { nextDue = min(nextDue, due) }
    }

    /// Time passes: evidence that is due is told, and at local midnight the states that are known.
    public mutating func advance(to instant: Instant, position: UInt64) -> [DomainEvent] {
        guard let last = now else {
            now = instant
            return []
        }
        guard instant > last else {
            if last - instant > Evidence.stepBack { now = instant }
            return []
        }
        now = instant
        var out: [DomainEvent] = []
        // Whatever was known is older than 11 minutes at the midnight after the next, so one midnight is enough.
        let midnight = clock.start(of: clock.day(of: last) + 1)
        if midnight <= instant {
            tellDue(through: midnight, position, &out)
            restate(at: midnight, position, &out)
        }
        tellDue(through: instant, position, &out)
        return out
    }

    /// The feed ends: evidence not yet told is told now.
    public mutating func finish(at instant: Instant, position: UInt64) -> [DomainEvent] {
        var out = advance(to: instant, position: position)
        for index in sessions.indices {
            tellEvidence(index, at: instant, position, &out)
        }
        return out
    }
}
