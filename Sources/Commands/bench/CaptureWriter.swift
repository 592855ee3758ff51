import Glibc

/// Writes a nanosecond pcap (magic a1b23c4d) in large pieces.
final class CaptureWriter {
    private let descriptor: Int32
    private var pending: [UInt8] = []

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure(description: "\(path): \(String(cString: strerror(errno)))") }
        pending.reserveCapacity(1 << 20)
        add(0xA1B2_3C4D)
        add(0x0004_0002)
        add(0)
        add(0)
        add(65_535)
        add(1)
    }

    deinit { close(descriptor) }

    func write(_ frame: [UInt8], at nanoseconds: Int64) throws {
        add(UInt32(truncatingIfNeeded: nanoseconds / 1_000_000_000))
        add(UInt32(truncatingIfNeeded: nanoseconds % 1_000_000_000))
        add(UInt32(frame.count))
        add(UInt32(frame.count))
        pending += frame
        if pending.count > 1 << 20 { try flush() }
    }

    func finish() throws { try flush() }

    private func add(_ value: UInt32) {
        withUnsafeBytes(of: value.littleEndian) { pending.append(contentsOf: $0) }
    }

    private func flush() throws {
        var from = 0
        while from < pending.count {
            let wrote = pending[from...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard wrote > 0 else { throw Failure(description: "write: \(String(cString: strerror(errno)))") }
            from += wrote
        }
        pending.removeAll(keepingCapacity: true)
    }
}
