import CLinux

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The calls that a capture helper makes, as a program for seccomp(2); all others fail with EPERM.
///
/// It may copy frames to standard output, and open and close interfaces; it may start nothing, write no file, make no
/// memory executable, and, though it has CAP_NET_RAW, send no frame: what it writes goes to standard output and error
/// only, where no socket can be put in their place, and what it sends has a netlink address (12 bytes; a packet
/// socket's has 20, an IPv4 socket's 16; without one, a bound socket would send).
enum SystemCallFilter {
    /// As the kernel's `struct sock_filter`.
    struct Instruction: Hashable, Sendable {
        var code: UInt16
        var jt: UInt8
        var jf: UInt8
        var k: UInt32
    }

    /// With any arguments.
    static let plain: [Int32] =
        [
            SYS_read, SYS_readv, SYS_lseek, SYS_fstat, SYS_statx, SYS_ppoll, SYS_pselect6,
            SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_futex, SYS_sched_yield, SYS_restart_syscall,
            SYS_clock_gettime, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_getrandom, SYS_uname,
            SYS_bind, SYS_getsockname, SYS_getsockopt, SYS_setsockopt, SYS_recvfrom, SYS_recvmsg, SYS_eventfd2,
            SYS_faccessat, SYS_readlinkat, SYS_getdents64, SYS_newfstatat,
            SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
            SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack, SYS_tgkill,
            SYS_exit, SYS_exit_group,
        ] + older

    #if arch(x86_64)
        /// What arm64 never had.
        private static let older: [Int32] = [
            SYS_poll, SYS_select, SYS_access, SYS_readlink, SYS_stat, SYS_lstat, SYS_time,
        ]
        private static let architecture: UInt32? = 0xC000_003E
    #elseif arch(arm64)
        private static let older: [Int32] = []
        private static let architecture: UInt32? = 0xC000_00B7
    #else
        private static let older: [Int32] = []
        private static let architecture: UInt32? = nil
    #endif

    private static let allow = UInt32(SECCOMP_RET_ALLOW)
    private static let refuse = UInt32(SECCOMP_RET_ERRNO) | UInt32(EPERM)
    // Of `struct seccomp_data`: the call's number, the architecture, the low halves of the arguments.
    private static let numberOffset: UInt32 = 0
    private static let architectureOffset: UInt32 = 4
    private static func argumentOffset(_ index: UInt32) -> UInt32 { 16 + 8 * index }

    /// Empty for a processor whose calls are not known.
    static let program: [Instruction] = {
        guard let architecture else { return [] }
        var out: [Instruction] = [
            load(architectureOffset), equal(architecture, 1, 0), give(UInt32(SECCOMP_RET_KILL_PROCESS)),
            load(numberOffset),
        ]
        for call in plain { out += rule(call, [give(allow)]) }
        out += rule(SYS_socket, oneOf([AF_UNIX, AF_INET, AF_NETLINK, AF_PACKET], argument: 0))
        for call in [SYS_write, SYS_writev] { out += rule(call, oneOf([STDOUT_FILENO, STDERR_FILENO], argument: 0)) }
        out += rule(SYS_sendto, noneOf([0], argument: 4) + oneOf([12], argument: 5))
        // The standard descriptors stay what they are: none is closed, and nothing is duplicated onto one.
        out += rule(SYS_close, noneOf([STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO], argument: 0) + [give(allow)])
        out += rule(SYS_fcntl, oneOf([F_GETFD, F_SETFD, F_GETFL, F_SETFL], argument: 1))
        // Of sockets: interfaces and their drivers.
        out += rule(SYS_ioctl, masked(argument: 1, 0xFFFF_FF00, is: 0x8900))
        for call in [SYS_mmap, SYS_mprotect] { out += rule(call, masked(argument: 2, UInt32(PROT_EXEC), is: 0)) }
        let writing = UInt32(O_ACCMODE | O_CREAT | O_TRUNC)
        out += rule(SYS_openat, masked(argument: 2, writing, is: 0))
        #if arch(x86_64)
            out += rule(SYS_open, masked(argument: 1, writing, is: 0))
        #endif
        return out + [give(refuse)]
    }()

    private static func rule(_ call: Int32, _ body: [Instruction]) -> [Instruction] {
        [equal(UInt32(bitPattern: call), 0, UInt8(clamping: body.count))] + body
    }

    private static func oneOf(_ values: [Int32], argument: UInt32) -> [Instruction] {
        [load(argumentOffset(argument))]
            + values.flatMap { [equal(UInt32(bitPattern: $0), 0, 1), give(allow)] } + [give(refuse)]
    }

    /// Refuses these; what follows decides about all others.
    private static func noneOf(_ values: [Int32], argument: UInt32) -> [Instruction] {
        [load(argumentOffset(argument))]
            + values.flatMap { [equal(UInt32(bitPattern: $0), 0, 1), give(refuse)] }
    }

    private static func masked(argument: UInt32, _ mask: UInt32, is value: UInt32) -> [Instruction] {
        [
            load(argumentOffset(argument)), Instruction(code: 0x54, jt: 0, jf: 0, k: mask), equal(value, 0, 1),
            give(allow), give(refuse),
        ]
    }

    // BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K and BPF_RET|BPF_K of <linux/bpf_common.h>; 0x54 is BPF_ALU|BPF_AND|BPF_K.
    private static func load(_ offset: UInt32) -> Instruction { Instruction(code: 0x20, jt: 0, jf: 0, k: offset) }
    private static func equal(_ value: UInt32, _ yes: UInt8, _ no: UInt8) -> Instruction {
        Instruction(code: 0x15, jt: yes, jf: no, k: value)
    }
    private static func give(_ value: UInt32) -> Instruction { Instruction(code: 0x06, jt: 0, jf: 0, k: value) }
}
