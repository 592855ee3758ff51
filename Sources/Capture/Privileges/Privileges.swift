import CLinux

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why a process could not give up what it must not keep. It does not go on then.
public struct PrivilegeError: Error, Hashable, Sendable, CustomStringConvertible {
    public var call: String
    public var code: Int32

    init(_ call: String, _ code: Int32 = errno) {
        self.call = call
        self.code = code
    }

    public var description: String { "privileges: \(call): \(String(cString: strerror(code)))" }
}

/// What a process may do: capabilities(7), prctl(2), seccomp(2).
///
/// Linux keeps capabilities for each thread, so all of this is for a process that still has one.
public enum Privileges {
    /// To open packet sockets, and nothing else.
    static let capture: UInt64 = 1 << UInt64(CAP_NET_RAW)
    private static let changeUser: UInt64 = 1 << UInt64(CAP_SETUID) | 1 << UInt64(CAP_SETGID)
    private static let changeBounds: UInt64 = 1 << UInt64(CAP_SETPCAP)

    /// Opens /dev/null for whatever is closed of standard input, output and error: pipes and sockets that got their
    /// numbers would be written to as if they were those. The first thing that a program does.
    public static func openStandardDescriptors() { linux_open_standard() }

    /// The agent, once its helpers run: no capability is left, none can be had again, also not by starting a program.
    /// Started as root it goes on as `account`. Gives what could not be done and does no harm by itself.
    public static func giveUp(becoming account: Account? = nil) throws(PrivilegeError) -> [String] {
        try reduce(to: 0, account, isFatal: false)
    }

    /// The helper: CAP_NET_RAW is left, because an interface that was gone must be opened again.
    static func keepCapture(as account: Account?, isFatal: Bool) throws(PrivilegeError) -> [String] {
        let notes = try reduce(to: capture, account, isFatal: isFatal)
        // Other processes of the same user can't look into it.
        guard linux_prctl(PR_SET_DUMPABLE, 0, 0) == 0 else { throw PrivilegeError("PR_SET_DUMPABLE") }
        return notes
    }

    private static func reduce(
        to kept: UInt64, _ account: Account?, isFatal: Bool
    ) throws(PrivilegeError) -> [String] {
        guard threadCount == 1 else { throw PrivilegeError("more than one thread", EBUSY) }
        var notes: [String] = []
        var permitted: UInt64 = 0
        var effective: UInt64 = 0
        guard linux_get_capabilities(&permitted, &effective) == 0 else { throw PrivilegeError("capget") }
        if effective & changeBounds != 0 {
            for number: UInt in 0..<64 {
                // The kernel's last capability is passed.
                guard linux_prctl(PR_CAPBSET_READ, number, 0) >= 0 else { break }
                guard linux_prctl(PR_CAPBSET_DROP, number, 0) == 0 else { throw PrivilegeError("PR_CAPBSET_DROP") }
            }
        }
        if let account, geteuid() == 0, account.user != 0 {
            if effective & changeUser == changeUser {
                do throws(PrivilegeError) {
                    try become(account)
                } catch {
                    // The root of a user namespace knows only the users that were mapped into it.
                    guard !isFatal, error.code == EPERM || error.code == EINVAL else { throw error }
                    notes.append("\(error); this root goes on as root without capabilities")
                }
            } else if isFatal {
                throw PrivilegeError("becoming \(account)", EPERM)
            } else {
                notes.append("this root may not become \(account); it goes on as root without capabilities")
            }
        }
        // Kernels before 4.3 have none.
        _ = linux_prctl(PR_CAP_AMBIENT, UInt(PR_CAP_AMBIENT_CLEAR_ALL), 0)
        guard linux_set_capabilities(kept & permitted) == 0 else { throw PrivilegeError("capset") }
        guard linux_prctl(PR_SET_NO_NEW_PRIVS, 1, 0) == 0 else { throw PrivilegeError("PR_SET_NO_NEW_PRIVS") }
        guard linux_get_capabilities(&permitted, &effective) == 0, permitted & ~kept == 0, effective & ~kept == 0
        else { throw PrivilegeError("capabilities are left", EPERM) }
        return notes
    }

    private static func become(_ account: Account) throws(PrivilegeError) {
        guard linux_prctl(PR_SET_KEEPCAPS, 1, 0) == 0 else { throw PrivilegeError("PR_SET_KEEPCAPS") }
        guard setgroups(0, nil) == 0 else { throw PrivilegeError("setgroups") }
        guard setgid(account.group) == 0 else { throw PrivilegeError("becoming \(account): setgid") }
        guard setuid(account.user) == 0 else { throw PrivilegeError("becoming \(account): setuid") }
        guard linux_prctl(PR_SET_KEEPCAPS, 0, 0) == 0 else { throw PrivilegeError("PR_SET_KEEPCAPS") }
    }

    /// The helper dies with the agent, even if that is killed; a change of user would have undone it.
    static func dieWithParent(_ parent: pid_t) throws(PrivilegeError) {
        guard linux_prctl(PR_SET_PDEATHSIG, UInt(SIGKILL), 0) == 0 else { throw PrivilegeError("PR_SET_PDEATHSIG") }
        guard getppid() == parent else { throw PrivilegeError("the parent is gone", ESRCH) }
    }

    /// From now on only the calls of `SystemCallFilter`. Gives why not, on a kernel that has no such thing.
    static func confine() -> String? {
        let program = SystemCallFilter.program.map { sock_filter(code: $0.code, jt: $0.jt, jf: $0.jf, k: $0.k) }
        guard !program.isEmpty else { return "seccomp: no filter for this processor" }
        guard linux_install_filter(program, UInt16(clamping: program.count)) == 0 else {
            return "seccomp: \(String(cString: strerror(errno)))"
        }
        return nil
    }

    /// 1 where /proc cannot be read.
    private static var threadCount: Int {
        guard let folder = opendir("/proc/self/task") else { return 1 }
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            if entry.pointee.d_name.0 != CChar(bitPattern: UInt8(ascii: ".")) { count += 1 }
        }
        return count
    }
}
