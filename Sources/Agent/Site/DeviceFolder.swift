public import Domain
internal import Foundation
public import Wire

/// One `devices/<vendor>/<model>/`: a profile, and the samples that show what it makes of messages.
public struct DeviceFolder: Sendable {
    /// The folder's path.
    public var path: String
    public var profile: DeviceProfile
    /// Where `profile.yaml` says the id.
    public var idLine: Int
    public var samples: [Sample]

    /// A conversation and the events it gives.
    public struct Sample: Sendable {
        /// Its line in `profile.yaml`.
        public var line: Int
        /// Paths inside the folder.
        public var input: String
        public var expect: String
        /// What the input's bytes are; the profile's protocol if not said (HTTP for ONVIF).
        public var protocolName: ProtocolName?
        /// How the bytes came; what is usual for the protocol if not said.
        public var transport: HeardMessage.Transport?
        /// What the site file of such a device would say.
        public var zones: [Device.Zone]
        public var aliases: [Device.Alias]
        /// Where the messages come from.
        public var source: String
    }

    static let profileName = "profile.yaml"

    /// Loads and checks a folder. Reports everything that is wrong with its profile.
    public static func load(_ path: String) throws(FileProblems) -> DeviceFolder {
        let file = path.hasSuffix("/") ? path + profileName : path + "/" + profileName
        let root = try YAMLText.parse(FileBytes.read(file, limit: YAMLText.sizeLimit), path: file)
        var reader = ProfileReader(path: file)
        let profile = reader.profile(root)
        // What the language says is only of use once the words are right.
        if let profile, reader.problems.problems.isEmpty { reader.check(profile) }
        try reader.problems.check()
        guard let profile else { throw FileProblems([FileProblem(path: file, line: 1, message: "not a profile")]) }
        return DeviceFolder(
            path: path, profile: profile, idLine: reader.line(of: ["id"]), samples: reader.samples)
    }

    /// Whether there is a profile in the directory.
    public static func exists(at path: String) -> Bool {
        FileManager.default.fileExists(atPath: path + "/" + profileName)
    }
}
