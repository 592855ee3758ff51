/// One thing that is wrong with a file, where it stands: `site.yaml:9: unknown key 'counter'; known: cameras, id`.
public struct FileProblem: Error, Hashable, Sendable, CustomStringConvertible {
    public var path: String
    /// From 1; 0: the file as a whole.
    public var line: Int
    public var message: String

    public init(path: String, line: Int, message: String) {
        self.path = path
        self.line = line
        self.message = message
    }

    public var description: String {
        line > 0 ? "\(path):\(line): \(message)" : "\(path): \(message)"
    }
}

/// Everything that is wrong, in the order of files and lines. A configuration error: exit code 78.
public struct FileProblems: Error, Hashable, Sendable, CustomStringConvertible {
    public var problems: [FileProblem]

    public init(_ problems: [FileProblem]) {
        var seen: Set<FileProblem> = []
        self.problems = problems.filter { seen.insert($0).inserted }
            .sorted { ($0.path, $0.line) < ($1.path, $1.line) }
    }

    /// One line each.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
