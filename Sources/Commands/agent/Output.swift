import Agent
import ArgumentParser

#if canImport(Glibc)
    import Glibc
#endif

/// Lines to standard output, written in large pieces: a day has some ten thousand.
struct LineWriter: ~Copyable {
    private var buffer: [UInt8] = []

    mutating func write(_ line: String) {
        buffer += Array(line.utf8)
        buffer.append(0x0a)
        if buffer.count >= 65_536 { flush() }
    }

    mutating func flush() {
        writeAll(buffer, to: STDOUT_FILENO)
        buffer.removeAll(keepingCapacity: true)
    }

    deinit { writeAll(buffer, to: STDOUT_FILENO) }
}

private func writeAll(_ bytes: [UInt8], to file: Int32) {
    var done = 0
    while done < bytes.count {
        let count = bytes.withUnsafeBytes { write(file, $0.baseAddress.map { $0 + done }, $0.count - done) }
        if count > 0 { done += count } else if errno != EINTR { return }
    }
}

/// A line for the person, on standard error.
func say(_ text: String) {
    writeAll(Array((text + "\n").utf8), to: STDERR_FILENO)
}

/// Ends the command with a message and one of the exit codes.
func stop(_ text: String, _ code: Int32) -> ExitCode {
    say(text)
    return ExitCode(code)
}

/// Exit codes beside 0 and 1 (sysexits.h).
enum Code {
    static let usage: Int32 = 64
    static let unavailable: Int32 = 69
    static let system: Int32 = 71
    static let configuration: Int32 = 78
}
