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
    var sessions: [DeviceSession]
    /// Sessions by address, in the order of the site file.
    let bySource: [IPAddress: [Int]]
    /// Those that also hear what is sent to them.
    let byTarget: [IPAddress: [Int]]
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

    /// Throws if a device names a profile that is not among `profiles`, or one that cannot be used.
    public init(site: SiteRevision, profiles: [DeviceProfile], feed: String) throws(ProfileError) {
        clock = site.site.office.clock
        self.feed = feed
        sessions = []
        var bySource: [IPAddress: [Int]] = [:]
        var byTarget: [IPAddress: [Int]] = [:]
        for device in site.site.devices.prefix(Self.deviceLimit) {
            guard let profile = profiles.first(where: { $0.id == device.profile }) else {
                throw ProfileError(
                    profile: device.profile,
                    message: Words.unknown("profile", device.profile, known: profiles.map(\.id).sorted())
                        + " (device '\(device.id)')")
            }
            let recognizer = try Recognizer(profile, device: device, clock: clock)
            if profile.protocolName.isOfFiles {
                Table.add(sessions.count, FileAddress(device.address), of: recognizer, to: &tables)
            } else if let address = IPAddress(device.address) {
                bySource[address, default: []].append(sessions.count)
                if profile.party == .either { byTarget[address, default: []].append(sessions.count) }
            }
            sessions.append(
                DeviceSession(
                    device: device.id, office: site.site.office.id, counter: site.site.counter(ofDevice: device.id),
                    recognizer: recognizer, clock: clock))
        }
        self.bySource = bySource
        self.byTarget = byTarget
        for (index, session) in sessions.enumerated() { byDevice[session.device] = index }
        behind = sessions.map { _ in [] }
        for (index, device) in site.site.devices.prefix(Self.deviceLimit).enumerated() {
            if let recorder = device.behind.flatMap({ byDevice[$0] }), recorder != index {
                behind[recorder].append(index)
            }
        }
    }

    /// One message. Its device is the one at the source address, or, for profiles of `party: either`, at the target.
    public mutating func ingest(_ heard: HeardMessage, position: UInt64) -> [DomainEvent] {
        let sources = bySource[heard.source.address]
        let targets = byTarget.isEmpty ? nil : byTarget[heard.target.address]
        if sources == nil, targets == nil {
            strangers &+= 1
            return []
        }
        var out: [DomainEvent] = []
        for index in sources ?? [] { take(heard, index, position, &out) }
        // A device that talks to itself has been heard.
        for index in targets ?? [] where sources?.contains(index) != true { take(heard, index, position, &out) }
        return out
    }

    /// A frame, whatever was in it: whoever sent it is alive.
    public mutating func heardFrame(from address: IPAddress, at time: Timestamp, position: UInt64) -> [DomainEvent] {
        guard let indices = bySource[address] else {
            strangerFrames &+= 1
            return []
        }
        let instant = Instant(milliseconds: time.milliseconds)
        var out: [DomainEvent] = []
        for index in indices {
            hear(index, at: instant, position, &out)
            // What a recorder says of its cameras is as fresh as the recorder's word.
            for camera in index < behind.count ? behind[index] : [] { hear(camera, at: instant, position, &out) }
        }
        return out
    }

    private mutating func hear(_ index: Int, at instant: Instant, _ position: UInt64, _ out: inout [DomainEvent]) {
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
