import Wire

/// Frames that come twice: a mirror port that copies both directions hands over each frame two times, and so does a
/// capture merged with itself. TCP sorts that out; a datagram would count as two.
///
/// A repeat of one of the last sixteen frames, byte for byte (IP identification included) and within five milliseconds,
/// is an echo. A device that says the same thing again sends another frame.
struct FrameEchoes: Sendable {
    static let window: Int64 = 5_000_000
    static let depth = 16

    private var recent: [(print: UInt64, length: Int, at: Timestamp)] = []
    private var oldest = 0
    private(set) var count: UInt64 = 0

    mutating func isEcho(_ bytes: borrowing RawSpan, at time: Timestamp) -> Bool {
        let print = Self.print(bytes)
        let length = bytes.byteCount
        for frame in recent where frame.print == print && frame.length == length {
            let (apart, overflow) = time.nanoseconds.subtractingReportingOverflow(frame.at.nanoseconds)
            if !overflow, apart.magnitude <= UInt64(Self.window) {
                count &+= 1
                return true
            }
        }
        if recent.count < Self.depth {
            recent.append((print, length, time))
        } else {
            recent[oldest] = (print, length, time)
            oldest = (oldest + 1) % Self.depth
        }
        return false
    }

    /// A fingerprint, eight bytes at a time; it need not withstand an attacker, who could as well send another frame.
    private static func print(_ bytes: borrowing RawSpan) -> UInt64 {
        bytes.withUnsafeBytes { buffer in
            var value: UInt64 = 0x9E37_79B9_7F4A_7C15
            var offset = 0
            while offset + 8 <= buffer.count {
                let word = buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                value = (value ^ word) &* 0xFF51_AFD7_ED55_8CCD
                value ^= value >> 32
                offset += 8
            }
            while offset < buffer.count {
                value = (value ^ UInt64(buffer[offset])) &* 0x100_0000_01B3
                offset += 1
            }
            return value
        }
    }
}
