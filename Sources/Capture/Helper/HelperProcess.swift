import CLinux

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A capture helper that was started: this program once more, with a pipe to it and one from it.
///
/// Start it from the process's first thread, before privileges are given up: afterwards nothing can be started that
/// may capture, and the helper dies with the thread that started it.
public final class HelperProcess {
    /// Room in the pipe from it: what the kernel lets every user have.
    static let pipeBytes: Int32 = 1_048_576
    /// The word that `main` knows it by.
    public static let command = "capture-helper"

    /// They are meant for the agent; a helper has them blocked from its first instruction until it ignores them.
    static let keptFromHelpers = [SIGINT, SIGTERM, SIGHUP]
    static var signalSet: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in keptFromHelpers { sigaddset(&set, number) }
        return set
    }

    public let interface: String
    public let identifier: Int32
    let input: Int32
    let output: Int32
    private var hasEnded = false

    /// Throws `CaptureError.helper` if it cannot be started. That it may capture, or knows the interface, is told by
    /// `HelperCapture`.
    public init(interface: String, executable: String = "/proc/self/exe") throws(CaptureError) {
        // Telling a helper something that has just died is no reason to die too.
        signal(SIGPIPE, SIG_IGN)
        Privileges.openStandardDescriptors()
        var down: [Int32] = [-1, -1]
        var up: [Int32] = [-1, -1]
        guard linux_pipe(&down) == 0 else { throw Self.failure(interface, "pipe", errno) }
        guard linux_pipe(&up) == 0 else {
            let code = errno
            for end in down { close(end) }
            throw Self.failure(interface, "pipe", code)
        }
        // A smaller pipe does too: the kernel's own buffer is where frames wait.
        _ = linux_pipe_size(up[1], Self.pipeBytes)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, down[0], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, up[1], STDOUT_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var kept = Self.signalSet
        posix_spawnattr_setsigmask(&attributes, &kept)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let words = ["deskwatch-agent", Self.command, "--interface", interface, "--agent", "\(getpid())"]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var identifier: pid_t = 0
        let code = posix_spawn(&identifier, executable, &actions, &attributes, &arguments, linux_environment())
        close(down[0])
        close(up[1])
        guard code == 0 else {
            close(down[1])
            close(up[0])
            throw Self.failure(interface, executable, code)
        }
        self.interface = interface
        self.identifier = identifier
        input = down[1]
        // A helper that does not read must not stop us.
        _ = linux_set_nonblocking(down[1])
        output = up[0]
    }

    /// It ends when its standard input does.
    deinit {
        close(input)
        close(output)
        guard !hasEnded else { return }
        for _ in 0..<200 {
            if waitpid(identifier, nil, WNOHANG) != 0 { return }
            usleep(10_000)
        }
        kill(identifier, SIGKILL)
    }

    /// After its output has ended: how it ended, in words.
    func ending() -> String {
        var status: Int32 = 0
        for _ in 0..<100 {
            let found = waitpid(identifier, &status, WNOHANG)
            if found == identifier {
                hasEnded = true
                let signal = status & 0x7F
                return signal == 0 ? "exit \((status >> 8) & 0xFF)" : String(cString: strsignal(signal))
            }
            if found < 0 { break }
            usleep(10_000)
        }
        return "its output ended"
    }

    private static func failure(_ interface: String, _ what: String, _ code: Int32) -> CaptureError {
        .helper(
            interface: interface, reason: "\(interface): capture helper: \(what): \(String(cString: strerror(code)))",
            exitCode: 71)
    }
}
