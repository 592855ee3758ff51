/// Why a profile cannot be used. `path` leads to the place in the profile; a loader that knows lines turns it into one.
public struct ProfileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The profile's id.
    public var profile: String
    /// Keys and indices from the profile's top: `["rules", "3", "set", "number"]`.
    public var path: [String]
    public var message: String

    public init(profile: String, path: [String] = [], message: String) {
        self.profile = profile
        self.path = path
        self.message = message
    }

    public var description: String {
        path.isEmpty ? "\(profile): \(message)" : "\(profile): \(path.joined(separator: ".")): \(message)"
    }
}
