import Glibc

/// `--captures DIR`: every capture below a directory, each in a process of its own: the most memory one takes, and the
/// most time for its size.
struct CaptureRun {
    var directory: String

    /// Kilobytes, and CPU seconds for a megabyte. A process takes a while to start, so a small file counts as this long.
    static let memoryLimit = 64 * 1_024
    static let secondsLimit = 1.0
    static let smallest = 65_536

    private struct Reading {
        var path: String
        var bytes: Int
        var child: Child

        var secondsPerMegabyte: Double { child.seconds / (Double(max(bytes, CaptureRun.smallest)) / 1e6) }
    }

    func run() throws {
        var readings: [Reading] = []
        var refused = 0
        for (path, bytes) in Self.files(below: directory).sorted(by: { $0.path < $1.path }) {
            guard let child = try Child.run(["/proc/self/exe", "--list", path], to: "/dev/null") else { continue }
            guard child.status & 0x7F == 0 else {
                throw CaptureWriter.Failure(description: "\(path): ended by signal \(child.status & 0x7F)")
            }
            if child.status != 0 { refused += 1 }
            readings.append(Reading(path: path, bytes: bytes, child: child))
        }
        guard !readings.isEmpty else { throw CaptureWriter.Failure(description: "\(directory): no captures") }
        print(
            "\(readings.count) captures, \(refused) of them refused; the three that take most memory, and most time for their size"
        )
        let byMemory = readings.sorted { $0.child.peak > $1.child.peak }.prefix(3)
        let byTime = readings.sorted { $0.secondsPerMegabyte > $1.secondsPerMegabyte }.prefix(3)
        for reading in byMemory + byTime {
            print(
                "  \(reading.path.dropFirst(directory.count)): \(reading.bytes / 1_024) KB, "
                    + "\(Bench.decimal(Double(reading.child.peak) / 1_024, 1)) MB memory, "
                    + "\(Bench.decimal(reading.child.seconds, 3)) s, "
                    + "\(Bench.decimal(reading.secondsPerMegabyte, 3)) s/MB")
        }
        guard byMemory.allSatisfy({ $0.child.peak < Self.memoryLimit }),
            byTime.allSatisfy({ $0.secondsPerMegabyte <= Self.secondsLimit })
        else { throw CaptureWriter.Failure(description: "a capture takes too much") }
    }

    private static func files(below directory: String) -> [(path: String, bytes: Int)] {
        var out: [(path: String, bytes: Int)] = []
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(".") { continue }
            let path = directory + "/" + name
            var info = stat()
            guard stat(path, &info) == 0 else { continue }
            if info.st_mode & S_IFMT == S_IFDIR {
                out += files(below: path)
            } else if isCapture(name) {
                out.append((path, Int(info.st_size)))
            }
        }
        return out
    }

    private static func isCapture(_ name: String) -> Bool {
        [".pcap", ".pcapng", ".cap", ".ntar"].contains { name.hasSuffix($0) }
    }
}
