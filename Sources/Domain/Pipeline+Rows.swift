public import Wire

/// Where the rows of a device's file are found: the address of a device whose profile reads files.
///
/// `name:WORD`: the rows that name it so; `name:*`: those that nobody else has. `file:PATH` and `file:PATH#WORD` say the
/// same of one file, which a running agent follows.
public struct FileAddress: Hashable, Sendable {
    /// What the agent follows; `nil`: only what it is given.
    public let path: String?
    /// `nil`: every row that no other device has.
    public let name: String?

    /// `nil` if the text is not of this form.
    public init?(_ text: String) {
        if text.hasPrefix("name:") {
            let word = String(text.dropFirst("name:".count))
            guard !word.isEmpty else { return nil }
            path = nil
            name = word == "*" ? nil : word
        } else if text.hasPrefix("file:") {
            let rest = text.dropFirst("file:".count)
            let parts = rest.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first, !first.isEmpty else { return nil }
            path = String(first)
            let word = parts.count > 1 ? String(parts[1]) : "*"
            guard !word.isEmpty else { return nil }
            name = word == "*" ? nil : word
        } else {
            return nil
        }
    }
}

/// The devices that one profile of files speaks of, by the names that rows give them.
struct Table: Sendable {
    let recognizer: Recognizer
    var byName: [String: Int] = [:]
    /// Who has the rows that name nobody of these.
    var others: Int?
    /// Without a site, every name that comes is a device.
    var isOpen = false

    static func add(_ session: Int, _ address: FileAddress?, of recognizer: Recognizer, to tables: inout [Table]) {
        let id = recognizer.profile.id
        let index = tables.firstIndex { $0.recognizer.profile.id == id } ?? tables.count
        if index == tables.count { tables.append(Table(recognizer: recognizer)) }
        if let name = address?.name {
            tables[index].byName[name] = tables[index].byName[name] ?? session
        } else {
            tables[index].others = tables[index].others ?? session
        }
    }
}

extension Pipeline {
    /// The device that a row without a name is about, where no site says.
    static let unnamed = "device"

    /// A pipeline for the files of one profile without a site: each name that a row gives is a device, and its office.
    /// - Parameter like: what the site would say of each device: its zones and aliases.
    public init(
        profile: DeviceProfile, clock: OfficeClock, feed: String, like: Device? = nil
    ) throws(ProfileError) {
        self.clock = clock
        self.feed = feed
        bySource = AddressTable()
        byTarget = AddressTable()
        byMAC = AddressTable()
        topics = []
        let device = like ?? Device(id: Self.unnamed, profile: profile.id, address: "name:*")
        var table = Table(recognizer: try Recognizer(profile, device: device, clock: clock))
        table.isOpen = true
        tables = [table]
    }

    /// One row of a file, `position` its place there. `heard`: when it was read, where that is when it was written (a
    /// file that is followed); `nil` in a replay, where only the row itself can tell.
    public mutating func ingest(row message: Message, heard: Instant?, position: UInt64) -> [DomainEvent] {
        var out: [DomainEvent] = []
        var isKnown = false
        for index in tables.indices where tables[index].recognizer.profile.protocolName == message.protocolName {
            let told = tables[index].recognizer.row(message, heard: heard ?? Self.noTime)
            guard let session = session(told, table: index) else { continue }
            isKnown = true
            let circumstances = Circumstances(
                observed: told.observed ?? heard ?? Self.noTime, isOwnTime: told.observed != nil || heard != nil)
            if circumstances.isOwnTime { tellDue(through: circumstances.observed, position, &out) }
            take(message, circumstances, session, position, &out)
        }
        if !isKnown { strangers &+= 1 }
        return out
    }

    /// Stands in where a row has not told a time; no event bears it.
    private static let noTime = Instant(milliseconds: 0)

    private mutating func session(_ row: Recognizer.Row, table index: Int) -> Int? {
        if let name = row.device, let known = tables[index].byName[name] { return known }
        guard tables[index].isOpen else { return tables[index].others }
        let device = row.device ?? Self.unnamed
        if let known = tables[index].byName[device] { return known }
        guard sessions.count < Self.deviceLimit else { return nil }
        tables[index].byName[device] = sessions.count
        return add(
            DeviceSession(
                device: device, office: row.office ?? device, counter: nil, recognizer: tables[index].recognizer,
                clock: clock, ports: []))
    }

    /// What each device's clock was worth over time, sorted by device; devices that said nothing are left out.
    public var clocks: [(device: String, stretches: [DeviceClock.Stretch])] {
        sessions.map { ($0.device, $0.clock.stretches) }.filter { !$0.1.isEmpty }.sorted { $0.0 < $1.0 }
    }
}
