import Testing

@testable import Capture

#if canImport(Glibc)
    import Glibc
#endif

/// The helper's seccomp program, run by a small interpreter of the instructions that it uses.
@Suite(.enabled(if: !SystemCallFilter.program.isEmpty, "no filter for this processor"))
struct SystemCallFilterTests {
    private static let allowed: UInt32 = 0x7FFF_0000
    private static let refused: UInt32 = 0x0005_0000 | UInt32(EPERM)
    private static let killed: UInt32 = 0x8000_0000
    #if arch(x86_64)
        private static let here: UInt32 = 0xC000_003E
        private static let numbers = (
            read: 0, write: 1, close: 3, mmap: 9, socket: 41, sendto: 44, execve: 59, fcntl: 72, openat: 257, clone: 56
        )
    #else
        private static let here: UInt32 = 0xC000_00B7
        private static let numbers = (
            read: 63, write: 64, close: 57, mmap: 222, socket: 198, sendto: 206, execve: 221, fcntl: 25, openat: 56,
            clone: 220
        )
    #endif

    private func verdict(_ call: Int, _ arguments: [UInt32] = [], on architecture: UInt32 = here) -> UInt32? {
        var data: [UInt32] = [UInt32(call), architecture, 0, 0]
        for index in 0..<6 { data += [index < arguments.count ? arguments[index] : 0, 0] }
        var accumulator: UInt32 = 0
        var position = 0
        while SystemCallFilter.program.indices.contains(position) {
            let instruction = SystemCallFilter.program[position]
            position += 1
            switch instruction.code {
            case 0x20: accumulator = data[Int(instruction.k) / 4]
            case 0x54: accumulator &= instruction.k
            case 0x15: position += Int(accumulator == instruction.k ? instruction.jt : instruction.jf)
            case 0x06: return instruction.k
            default: return nil
            }
        }
        return nil
    }

    @Test func `frames are copied to standard output and to nothing else`() {
        #expect(verdict(Self.numbers.read) == Self.allowed)
        #expect(verdict(Self.numbers.write, [1]) == Self.allowed)
        #expect(verdict(Self.numbers.write, [2]) == Self.allowed)
        // A packet socket would send what is written to it.
        for descriptor: UInt32 in [0, 3, 4, 100] { #expect(verdict(Self.numbers.write, [descriptor]) == Self.refused) }
    }

    @Test func `sockets of interfaces are opened, no frame is sent`() {
        for family in [AF_PACKET, AF_NETLINK, AF_INET, AF_UNIX] {
            #expect(verdict(Self.numbers.socket, [UInt32(family)]) == Self.allowed)
        }
        #expect(verdict(Self.numbers.socket, [UInt32(AF_INET6)]) == Self.refused)
        #expect(verdict(Self.numbers.sendto, [3, 0, 0, 0, 0x7FFF_0000, 12]) == Self.allowed)
        for length: UInt32 in [0, 16, 20, 28] {
            #expect(verdict(Self.numbers.sendto, [3, 0, 0, 0, 0x7FFF_0000, length]) == Self.refused)
        }
        // Without an address the kernel does not look at its length: a bound packet socket would send.
        for length: UInt32 in [0, 12] {
            #expect(verdict(Self.numbers.sendto, [3, 0, 0, 0, 0, length]) == Self.refused)
        }
    }

    @Test func `no socket takes the place of a standard descriptor`() {
        for descriptor: UInt32 in 0...2 { #expect(verdict(Self.numbers.close, [descriptor]) == Self.refused) }
        for descriptor: UInt32 in [3, 4, 1_000] { #expect(verdict(Self.numbers.close, [descriptor]) == Self.allowed) }
        for command in [F_GETFD, F_SETFD, F_GETFL, F_SETFL] {
            #expect(verdict(Self.numbers.fcntl, [3, UInt32(command)]) == Self.allowed)
        }
        for command in [F_DUPFD, F_DUPFD_CLOEXEC, F_SETOWN, F_SETLK] {
            #expect(verdict(Self.numbers.fcntl, [3, UInt32(command)]) == Self.refused)
        }
    }

    @Test func `nothing is started, written to disk or made executable`() {
        #expect(verdict(Self.numbers.execve) == Self.refused)
        #expect(verdict(Self.numbers.clone) == Self.refused)
        #expect(verdict(Self.numbers.openat, [0, 0, UInt32(O_RDONLY)]) == Self.allowed)
        for flags in [O_WRONLY, O_RDWR, O_RDONLY | O_CREAT] {
            #expect(verdict(Self.numbers.openat, [0, 0, UInt32(flags)]) == Self.refused)
        }
        #expect(verdict(Self.numbers.mmap, [0, 0, UInt32(PROT_READ | PROT_WRITE)]) == Self.allowed)
        #expect(verdict(Self.numbers.mmap, [0, 0, UInt32(PROT_READ | PROT_EXEC)]) == Self.refused)
    }

    @Test func `another architecture's numbers end the process`() {
        #expect(verdict(Self.numbers.read, on: 0x4000_0003) == Self.killed)
    }
}
