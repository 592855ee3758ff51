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
    /// What is allowed and hardly meant.
    public var warnings: [FileProblem]
    /// The lines of the profile's places.
    let lines: [[String]: Int]

    /// A conversation and the events it gives.
    public struct Sample: Sendable {
        /// Its line in `profile.yaml`.
        public var line: Int
        var expectLine: Int
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
        /// Devices behind this one, whose words `aliases` tell.
        public var behind: [String]
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
        var folder = DeviceFolder(
            path: path, profile: profile, idLine: reader.line(of: ["id"]), samples: reader.samples, warnings: [],
            lines: reader.lines)
        folder.warnings = profile.warnings.map { folder.warning($0.path, $0.message) }
        if reader.samples.isEmpty {
            folder.warnings.append(
                folder.warning(["samples"], "no samples: nothing shows that the rules do what they should"))
        }
        return folder
    }

    func warning(_ place: [String], _ message: String) -> FileProblem { self.place(place, "warning: " + message) }

    /// What is to be said of a place of the profile, with its line.
    func place(_ place: [String], _ message: String) -> FileProblem {
        FileProblem(
            path: path + (path.hasSuffix("/") ? "" : "/") + Self.profileName,
            line: ProfileReader.line(of: place, in: lines), message: message)
    }

    func isThere(_ file: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + file) }

    /// The files beside one of the folder's.
    func neighbours(of file: String) -> [String] {
        let place = file.split(separator: "/").dropLast().joined(separator: "/")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path + "/" + place)) ?? []
        return names.sorted().filter { !$0.hasPrefix(".") && !$0.hasSuffix(".expected.jsonl") }.map {
            place.isEmpty ? $0 : place + "/" + $0
        }
    }

    /// Whether there is a profile in the directory.
    public static func exists(at path: String) -> Bool {
        FileManager.default.fileExists(atPath: path + "/" + profileName)
    }
}
