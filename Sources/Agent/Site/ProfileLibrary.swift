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

    /// Loads every `<vendor>/<model>/profile.yaml` below `directories`. Reports everything that is wrong.
    public static func load(_ directories: String...) throws(FileProblems) -> ProfileLibrary { try load(directories) }

    public static func load(_ directories: [String]) throws(FileProblems) -> ProfileLibrary {
        let library = try loadUsable(directories)
        if !library.leftOut.isEmpty { throw FileProblems(library.leftOut) }
        return library
    }

    /// The same for those who need only some of the folders: what cannot be used is left out, and `leftOut` says why.
    ///
    /// Each directory adds to those before it. Two folders of one id that say the same are one; if they do not, it is
    /// not known which is meant: an error that names both.
    public static func loadUsable(_ directories: [String]) throws(FileProblems) -> ProfileLibrary {
        var folders: [DeviceFolder] = []
        var problems: [FileProblem] = []
        var clashes: [FileProblem] = []
        for directory in directories {
            let found = try Self.folders(below: directory)
            guard !found.isEmpty else {
                throw FileProblems([
                    FileProblem(
                        path: directory, line: 0, message: "no device folder (<vendor>/<model>/profile.yaml) below it")
                ])
            }
            for path in found {
                do throws(FileProblems) {
                    let folder = try DeviceFolder.load(path)
                    let place = path.split(separator: "/").suffix(2).joined(separator: "/")
                    if folder.profile.id != place {
                        problems.append(
                            folder.place(
                                [],
                                "id '\(folder.profile.id)' stands in folder '\(place)'; the two must be the same"))
                    }
                    if let first = folders.first(where: { $0.profile.id == folder.profile.id }) {
                        if first.profile != folder.profile { clashes.append(folder.clash(with: first)) }
                        continue
                    }
                    folders.append(folder)
                } catch {
                    problems += error.problems
                }
            }
        }
        if !clashes.isEmpty { throw FileProblems(clashes) }
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

    /// The directories of device folders: each of `explicit` (`--devices`), and last the shipped one.
    ///
    /// That is `$DESKWATCH_DEVICES`, else the first that exists of `devices` beside the site file, `devices` in the
    /// working directory, `/usr/local/share/deskwatch/devices`, and `../share/deskwatch/devices` of the program. Throws
    /// with the places that were tried, where there is none at all.
    /// - Parameter environment: the process's own where not given.
    public static func locate(
        explicit: [String] = [], siteFile: String? = nil, environment: [String: String]? = nil
    ) throws(FileProblems) -> [String] {
        for named in explicit where !isDirectory(named) {
            throw FileProblems([FileProblem(path: named, line: 0, message: "no such directory (from --devices)")])
        }
        let shipped: String?
        do throws(FileProblems) {
            shipped = try locateShipped(siteFile, environment ?? ProcessInfo.processInfo.environment)
        } catch {
            // What was named may be all that is needed.
            if explicit.isEmpty { throw error }
            shipped = nil
        }
        var out: [String] = []
        var seen: Set<String> = []
        for path in explicit + (shipped.map { [$0] } ?? []) {
            let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
            if seen.insert(real).inserted { out.append(path) }
        }
        return out
    }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    private static func locateShipped(
        _ siteFile: String?, _ environment: [String: String]
    ) throws(FileProblems) -> String {
        if let named = environment["DESKWATCH_DEVICES"], !named.isEmpty {
            if isDirectory(named) { return named }
            throw FileProblems([
                FileProblem(path: named, line: 0, message: "no such directory (from DESKWATCH_DEVICES)")
            ])
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
        if let found = places.first(where: isDirectory) { return found }
        throw FileProblems([
            FileProblem(
                path: "devices", line: 0,
                message: "no device folders found; looked at \(places.joined(separator: ", ")); say --devices DIR")
        ])
    }
}

extension DeviceFolder {
    fileprivate func clash(with other: DeviceFolder) -> FileProblem {
        place(["id"], "id '\(profile.id)' is also that of \(other.path)/\(Self.profileName), which says otherwise")
    }
}
