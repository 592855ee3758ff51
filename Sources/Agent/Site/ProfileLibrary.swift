public import Domain
internal import Foundation

/// The device folders of a directory, by profile id.
public struct ProfileLibrary: Sendable {
    /// Sorted by id.
    public let folders: [DeviceFolder]
    public let profiles: [DeviceProfile]

    public static let folderLimit = 4_096

    public init(folders: [DeviceFolder]) {
        self.folders = folders.sorted { $0.profile.id < $1.profile.id }
        profiles = self.folders.map(\.profile)
    }

    public func profile(_ id: String) -> DeviceProfile? { profiles.first { $0.id == id } }

    /// What is wrong with folders that were left out.
    public private(set) var leftOut: [FileProblem] = []

    /// Loads every `<vendor>/<model>/profile.yaml` below `directory`. Reports everything that is wrong.
    public static func load(_ directory: String) throws(FileProblems) -> ProfileLibrary {
        let library = try loadUsable(directory)
        if !library.leftOut.isEmpty { throw FileProblems(library.leftOut) }
        return library
    }

    /// The same for those who need only some of the folders: what cannot be used is left out, and `leftOut` says why.
    public static func loadUsable(_ directory: String) throws(FileProblems) -> ProfileLibrary {
        let found = try folders(below: directory)
        guard !found.isEmpty else {
            throw FileProblems([
                FileProblem(
                    path: directory, line: 0, message: "no device folder (<vendor>/<model>/profile.yaml) below it")
            ])
        }
        var folders: [DeviceFolder] = []
        var problems: [FileProblem] = []
        for path in found {
            do throws(FileProblems) {
                let folder = try DeviceFolder.load(path)
                let place = path.split(separator: "/").suffix(2).joined(separator: "/")
                let file = path + "/" + DeviceFolder.profileName
                if folder.profile.id != place {
                    problems.append(
                        FileProblem(
                            path: file, line: 1,
                            message: "id '\(folder.profile.id)' stands in folder '\(place)'; the two must be the same"))
                }
                folders.append(folder)
            } catch {
                problems += error.problems
            }
        }
        var library = ProfileLibrary(folders: folders)
        library.leftOut = FileProblems(problems).problems
        return library
    }

    /// Paths of the device folders at or below a directory (at most two levels down), sorted.
    public static func folders(below directory: String) throws(FileProblems) -> [String] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw FileProblems([FileProblem(path: directory, line: 0, message: "no such directory")])
        }
        var out: [String] = []
        func visit(_ path: String, _ depth: Int) {
            if DeviceFolder.exists(at: path) {
                out.append(path)
                return
            }
            guard depth < 2, let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { return }
            for name in names.sorted() where !name.hasPrefix(".") && out.count < folderLimit {
                let child = path.hasSuffix("/") ? path + name : path + "/" + name
                var isDirectory: ObjCBool = false
                if FileManager.default.fileExists(atPath: child, isDirectory: &isDirectory), isDirectory.boolValue {
                    visit(child, depth + 1)
                }
            }
        }
        visit(directory, 0)
        return out.sorted()
    }

    /// The directory of device folders: `explicit` (`--devices`), else `$DESKWATCH_DEVICES`, else the first that exists
    /// of `devices` beside the site file, `devices` in the working directory, `/usr/local/share/deskwatch/devices`, and
    /// `../share/deskwatch/devices` of the program. Throws with the places that were tried.
    /// - Parameter environment: the process's own where not given.
    public static func locate(
        explicit: String? = nil, siteFile: String? = nil,
        environment: [String: String]? = nil
    ) throws(FileProblems) -> String {
        let environment = environment ?? ProcessInfo.processInfo.environment
        if let named = explicit ?? environment["DESKWATCH_DEVICES"], !named.isEmpty {
            var isDirectory: ObjCBool = false
            if FileManager.default.fileExists(atPath: named, isDirectory: &isDirectory), isDirectory.boolValue {
                return named
            }
            let who = explicit == nil ? "DESKWATCH_DEVICES" : "--devices"
            throw FileProblems([FileProblem(path: named, line: 0, message: "no such directory (from \(who))")])
        }
        var places: [String] = []
        if let siteFile {
            let directory = (siteFile as NSString).deletingLastPathComponent
            places.append(directory.isEmpty ? "devices" : directory + "/devices")
        }
        places += ["devices", "/usr/local/share/deskwatch/devices"]
        if let program = Bundle.main.executablePath {
            let directory = (program as NSString).resolvingSymlinksInPath as NSString
            places.append(
                ((directory.deletingLastPathComponent as NSString).deletingLastPathComponent as NSString)
                    .appendingPathComponent("share/deskwatch/devices"))
        }
        for place in places {
            var isDirectory: ObjCBool = false
            if FileManager.default.fileExists(atPath: place, isDirectory: &isDirectory), isDirectory.boolValue {
                return place
            }
        }
        throw FileProblems([
            FileProblem(
                path: "devices", line: 0,
                message: "no device folders found; looked at \(places.joined(separator: ", ")); say --devices DIR")
        ])
    }
}
