public import Domain

/// The site file of an office (DOMAIN.md §A): YAML to `SiteRevision`.
public enum SiteFile {
    /// Reads and checks a site file. Reports everything that is wrong, each with its line.
    /// - Parameter library: when given, the profiles that devices may name.
    public static func load(
        _ path: String, library: ProfileLibrary? = nil
    ) throws(FileProblems) -> SiteRevision {
        throw FileProblems([FileProblem(path: path, line: 0, message: "not read yet")])
    }
}
