public import Domain

/// The device folders of a directory, by profile id.
public struct ProfileLibrary: Sendable {
    /// Sorted by id.
    public let profiles: [DeviceProfile]

    public init(profiles: [DeviceProfile]) {
        self.profiles = profiles.sorted { $0.id < $1.id }
    }

    public func profile(_ id: String) -> DeviceProfile? { profiles.first { $0.id == id } }

    /// Loads every `<vendor>/<model>/profile.yaml` below `directory`. Reports everything that is wrong.
    public static func load(_ directory: String) throws(FileProblems) -> ProfileLibrary {
        throw FileProblems([FileProblem(path: directory, line: 0, message: "not read yet")])
    }

    /// The directory of device folders: `explicit` (`--devices`), `$DESKWATCH_DEVICES`, or the first that exists of
    /// `devices` beside the site file, in the working directory, `/usr/local/share/deskwatch/devices`, and
    /// `../share/deskwatch/devices` of the program. Throws with the places that were tried.
    public static func locate(
        explicit: String? = nil, siteFile: String? = nil
    ) throws(FileProblems) -> String {
        throw FileProblems([FileProblem(path: "devices", line: 0, message: "not found")])
    }
}
