/// By which profiles devices of a site are heard though nobody saw a real device say what they read (`confidence:
/// assumed`): what is told of these devices deserves a second look.
public struct UnverifiedProfiles: Hashable, Sendable {
    /// In their order by name, each once.
    public let ids: [String]
    public let deviceCount: Int

    public init(_ site: Site) {
        self.init([site])
    }

    /// Of several sites: the days of a period, the offices of a province. A device is counted once by its id and office.
    public init(_ sites: [Site]) {
        var devices: Set<[String]> = []
        for site in sites {
            for device in site.devices where device.isUnverified {
                devices.insert([site.office.id, device.id, device.profile])
            }
        }
        ids = Set(devices.map { $0[2] }).sorted()
        deviceCount = Set(devices.map { [$0[0], $0[1]] }).count
    }

    /// `, 2 of them by profiles nobody has verified: generic/udp-board`; `nil` if there are none.
    public var words: String? {
        ids.isEmpty
            ? nil
            : ", \(deviceCount) of them by \(ids.count == 1 ? "a profile" : "profiles") nobody has verified: "
                + ids.joined(separator: ", ")
    }
}

extension DeviceProfile {
    /// Whether events of this profile rest on what was never seen of a real device. Whom a recorder speaks for says
    /// nothing itself.
    public var isUnverified: Bool { confidence == .assumed && rules.contains { $0.event != nil } }
}
