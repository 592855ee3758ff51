internal import Crypto
public import Domain
internal import Foundation
internal import Yams

/// The site file of an office (DOMAIN.md §A): YAML to `SiteRevision`.
public enum SiteFile {
    /// Reads and checks a site file. Reports everything that is wrong, each with its line.
    /// - Parameter library: when given, the profiles that devices may name.
    public static func load(
        _ path: String, library: ProfileLibrary? = nil
    ) throws(FileProblems) -> SiteRevision {
        try parse(FileBytes.read(path, limit: YAMLText.sizeLimit), path: path, library: library)
    }

    /// Like `load`, for bytes at hand; `path` is what messages call them.
    public static func parse(
        _ bytes: [UInt8], path: String, library: ProfileLibrary? = nil
    ) throws(FileProblems) -> SiteRevision {
        let root = try YAMLText.parse(bytes, path: path)
        var reader = SiteReader(path: path, library: library)
        let site = reader.site(root)
        try reader.problems.check()
        guard let site else {
            throw FileProblems([FileProblem(path: path, line: root.line, message: "not a site file")])
        }
        let firstDay = LocalDay(number: 0)
        return SiteRevision(
            site: site, validFrom: site.office.validFrom ?? firstDay, source: bytes,
            digest: Array(SHA256.hash(data: bytes)))
    }
}

/// Files as bytes, with the system's word for what went wrong.
enum FileBytes {
    static func read(_ path: String, limit: Int) throws(FileProblems) -> [UInt8] {
        func fail(_ message: String) -> FileProblems {
            FileProblems([FileProblem(path: path, line: 0, message: message)])
        }
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw fail("no such file")
        }
        if isDirectory.boolValue { throw fail("is a directory") }
        guard let handle = FileHandle(forReadingAtPath: path) else { throw fail("cannot be read") }
        defer { try? handle.close() }
        do {
            // One byte more tells a file that is too long, without reading all of it.
            guard let data = try handle.read(upToCount: limit + 1) else { return [] }
            if data.count > limit { throw fail("more than \(limit) bytes") }
            return Array(data)
        } catch let problems as FileProblems {
            throw problems
        } catch {
            throw fail(error.localizedDescription)
        }
    }
}
