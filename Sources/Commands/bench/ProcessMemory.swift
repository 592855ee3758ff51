import Glibc

/// What the kernel says of this process's memory.
enum ProcessMemory {
    /// Kilobytes at the moment; 0 where the kernel does not say.
    static var resident: Int { line("VmRSS:") }
    /// The most there ever was, in kilobytes.
    static var peak: Int { line("VmHWM:") }

    private static func line(_ name: String) -> Int {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix(name) else { continue }
            return text.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0
        }
        return 0
    }
}
