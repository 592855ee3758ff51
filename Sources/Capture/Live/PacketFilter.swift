import CLibpcap
public import Wire

/// A compiled libpcap filter: what the kernel runs for us, and what tests run over frames.
public struct PacketFilter: ~Copyable {
    public let expression: String
    var program = bpf_program()

    /// Compiles for a link type. Throws `CaptureError.filter` with libpcap's reason.
    public init(_ expression: String, link: LinkType, snapLength: Int = LiveCapture.snapLength) throws(CaptureError) {
        guard let handle = pcap_open_dead(Int32(clamping: link.dataLinkType), Int32(clamping: snapLength)) else {
            throw .filter(expression: expression, reason: "out of memory")
        }
        defer { pcap_close(handle) }
        try self.init(expression, handle: handle)
    }

    init(_ expression: String, handle: OpaquePointer) throws(CaptureError) {
        var program = bpf_program()
        guard pcap_compile(handle, &program, expression, 1, UInt32.max) == 0 else {
            throw .filter(expression: expression, reason: String(cString: pcap_geterr(handle)))
        }
        self.expression = expression
        self.program = program
    }

    deinit {
        var program = program
        pcap_freecode(&program)
    }

    /// Instructions of the compiled program: Linux takes at most 4,096.
    public var length: Int { Int(program.bf_len) }

    /// Whether a frame passes.
    public func accepts(_ frame: borrowing RawSpan, originalLength: Int? = nil) -> Bool {
        frame.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return false }
            var header = pcap_pkthdr()
            header.caplen = UInt32(clamping: bytes.count)
            header.len = UInt32(clamping: originalLength ?? bytes.count)
            return withUnsafePointer(to: program) { program in
                pcap_offline_filter(program, &header, base.assumingMemoryBound(to: UInt8.self)) != 0
            }
        }
    }
}

extension LinkType {
    /// The platform's number (`DLT_…`) for a capture file's (`LINKTYPE_…`): only raw IP differs on Linux.
    var dataLinkType: UInt32 { self == .raw ? 12 : rawValue }

    /// The capture file's number for the platform's.
    init(dataLinkType: Int32) {
        self.init(rawValue: dataLinkType == 12 ? LinkType.raw.rawValue : UInt32(clamping: dataLinkType))
    }
}
