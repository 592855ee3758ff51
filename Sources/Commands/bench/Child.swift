import Glibc

/// Another process: what it used, as the kernel tells when it is over.
struct Child {
    /// CPU seconds, user and system.
    var seconds: Double
    /// Seconds that passed.
    var elapsed: Double
    /// The most memory it had, in kilobytes.
    var peak: Int
    /// As `wait` tells it: 0 for success, below 256 for a signal.
    var status: Int32

    /// The same, and it must succeed.
    static func succeed(_ words: [String], to output: String) throws -> Child? {
        guard let child = try run(words, to: output) else { return nil }
        guard child.status == 0 else {
            throw CaptureWriter.Failure(description: "\(words.first ?? ""): failed with status \(child.status)")
        }
        return child
    }

    /// Runs a program (found along PATH) with what it prints going to a file. `nil`: there is no such program.
    static func run(_ words: [String], to output: String) throws -> Child? {
        guard let program = words.first else { return nil }
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var process: pid_t = 0
        let start = now()
        let result = posix_spawnp(&process, program, &actions, nil, &arguments, environ)
        if result == ENOENT { return nil }
        guard result == 0 else { throw CaptureWriter.Failure(description: "\(program): cannot be started") }
        var status: Int32 = 0
        var usage = rusage()
        guard wait4(process, &status, 0, &usage) == process else {
            throw CaptureWriter.Failure(description: "\(program): lost")
        }
        return Child(
            seconds: Runner.seconds(usage), elapsed: now() - start, peak: Int(usage.ru_maxrss), status: status)
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The whole of a file, as text.
    static func read(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else {
            throw CaptureWriter.Failure(description: "\(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&piece, 1, piece.count, file)
            if count == 0 { break }
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
