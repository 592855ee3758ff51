public import Wire

/// A capture file: pcap or pcapng, either byte order, any time resolution; also from a pipe.
///
/// Memory: one buffer of 256 KiB, growing at most to `recordLimit`. Frames are handed out as they stand in the
/// buffer, never copied. A damaged file delivers the frames before the damage and then throws a `ParseError` with
/// layer `.file`, whose `offset` is where in the file the damaged record begins; after that it has ended.
///
/// Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng, and what libpcap accepts of older writers.
public struct CaptureFile: ~Copyable, FrameSource {
    public enum Format: String, Sendable { case pcap, pcapng }

    /// The longest frame we believe in (libpcap's own bound); a longer one is damage.
    public static let recordLimit = 262_144

    public let path: String
    public let format: Format
    /// Frames delivered so far.
    public private(set) var frameCount: UInt64 = 0

    private var reader: FileReader
    private var pcap: PcapFormat
    private var pcapng = PcapngFormat()
    private var ended = false

    /// Opens the file and reads its first header.
    /// Throws `CaptureError.file` if it can't be opened, `ParseError` if it is not a capture.
    public init(path: String) throws {
        var reader = try FileReader(path: path)
        var pcap = PcapFormat()
        let format = try Self.recognise(&reader)
        if format == .pcap { try pcap.start(&reader) }
        self.path = path
        self.format = format
        self.pcap = pcap
        self.reader = reader
    }

    private static func recognise(_ reader: inout FileReader) throws -> Format {
        let available = try reader.require(PcapFormat.headerLength)
        guard available >= 4 else {
            throw ParseError(.file, .truncated, needed: PcapFormat.headerLength, available: available)
        }
        return reader.word(0, swapped: false) == PcapngFormat.sectionHeader ? .pcapng : .pcap
    }

    /// Hands the next frame to `body`; `false` at the end of the file.
    public mutating func next(_ body: (FrameHeader, borrowing RawSpan) -> Void) throws -> Bool {
        if ended { return false }
        do {
            let delivered =
                switch format {
                case .pcap: try pcap.next(&reader, number: frameCount &+ 1, body)
                case .pcapng: try pcapng.next(&reader, number: frameCount &+ 1, body)
                }
            if delivered { frameCount &+= 1 } else { ended = true }
            return delivered
        } catch {
            ended = true
            throw error
        }
    }
}
