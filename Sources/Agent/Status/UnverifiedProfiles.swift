public import Domain

/// By which profiles devices of a site are heard though nobody saw a real device say what they read (`confidence:
/// assumed`): what is told of these devices deserves a second look.
public struct UnverifiedProfiles: Hashable, Sendable {
    /// In their order by name, each once.
    public let ids: [String]
    public let deviceCount: Int

    public init(_ site: Site, _ profiles: [DeviceProfile]) {
        let assumed = Set(
            profiles.filter { profile in
                // Whom a recorder speaks for says nothing itself.
                profile.confidence == .assumed && profile.rules.contains { $0.event != nil }
            }.map(\.id))
        let devices = site.devices.filter { assumed.contains($0.profile) }
        deviceCount = devices.count
        ids = Set(devices.map(\.profile)).sorted()
    }

    /// `, 2 of them by profiles nobody has verified: generic/udp-board`; `nil` if there are none.
    public var words: String? {
        ids.isEmpty
            ? nil
            : ", \(deviceCount) of them by \(ids.count == 1 ? "a profile" : "profiles") nobody has verified: "
                + ids.joined(separator: ", ")
    }
}
