import Wire

/// Classic pcap: a 24-byte file header, then records of 16 (or 24) bytes and a frame.
struct PcapFormat {
    static let headerLength = 24

    private var swapped = false
    private var nanoseconds = false
    private var recordHeader = 16
    /// Version 2.0 to 2.2 wrote the two lengths the other way round; 2.3 did either (libpcap `sf-pcap.c`).
    private var lengthsSwapped = false
    private var lengthsDoubtful = false
    private var link = LinkType.null

    mutating func start(_ reader: inout FileReader) throws {
        let available = try reader.require(Self.headerLength)
        switch reader.word(0, swapped: false) {
        case 0xA1B2_C3D4: break
        case 0xD4C3_B2A1: swapped = true
        case 0xA1B2_3C4D: nanoseconds = true
        case 0x4D3C_B2A1: (swapped, nanoseconds) = (true, true)
        // Kuznetzov's "modified" pcap of old Linux distributions: eight more bytes in each record header.
        case 0xA1B2_CD34: recordHeader = 24
        case 0x34CD_B2A1: (swapped, recordHeader) = (true, 24)
        default: throw ParseError(.file, .unsupported, available: available)
        }
        guard available >= Self.headerLength else {
            throw ParseError(.file, .truncated, needed: Self.headerLength, available: available)
        }
        let major = reader.half(4, swapped: swapped)
        let minor = reader.half(6, swapped: swapped)
        // 543.0 is DG/UX tcpdump's.
        guard major == 2 || (major == 543 && minor == 0) else {
            throw ParseError(.file, .unsupported, offset: 4, needed: 2, available: Int(major))
        }
        lengthsSwapped = major == 543 || minor < 3
        lengthsDoubtful = major == 2 && minor == 3
        // The upper six bits say something about frame check sequences; those are after the IP packet anyway.
        link = LinkType(rawValue: reader.word(20, swapped: swapped) & 0x03FF_FFFF)
        reader.consume(Self.headerLength)
    }

    @inline(__always)
    mutating func next(
        _ reader: inout FileReader, number: UInt64, _ body: (FrameHeader, borrowing RawSpan) -> Void
    ) throws -> Bool {
        var available = reader.buffered
        if available < recordHeader { available = try reader.require(recordHeader) }
        if available == 0 { return false }
        guard available >= recordHeader else {
            throw ParseError(
                .file, .truncated, offset: reader.offset, needed: recordHeader, available: available)
        }
        let seconds = reader.word(0, swapped: swapped)
        let fraction = reader.word(4, swapped: swapped)
        var captured = Int(reader.word(8, swapped: swapped))
        var original = Int(reader.word(12, swapped: swapped))
        if lengthsSwapped || (lengthsDoubtful && captured > original) { swap(&captured, &original) }
        guard captured <= CaptureFile.recordLimit else {
            throw ParseError(
                .file, .tooLarge, offset: reader.offset, needed: captured, available: CaptureFile.recordLimit)
        }
        let whole = recordHeader &+ captured
        if available < whole {
            available = try reader.require(whole)
            guard available >= whole else {
                throw ParseError(.file, .truncated, offset: reader.offset, needed: whole, available: available)
            }
        }
        // Seconds fit 32 bits and the fraction too, so this can't overflow 64.
        let time = Int64(seconds) &* 1_000_000_000 &+ Int64(fraction) &* (nanoseconds ? 1 : 1_000)
        let header = FrameHeader(
            at: Timestamp(nanoseconds: time), link: link, originalLength: max(original, captured), number: number)
        reader.lend(recordHeader..<whole, header, to: body)
        reader.consume(whole)
        return true
    }
}
