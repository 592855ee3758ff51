import Wire

/// pcapng: a chain of blocks. Sections may follow each other, each with its own byte order and interfaces.
struct PcapngFormat {
    /// The section header's type reads the same in both byte orders.
    static let sectionHeader: UInt32 = 0x0A0D_0D0A

    /// What one interface description says. `Clock` is the worth of one time unit.
    private struct Interface {
        var link: LinkType
        var snapLength: Int
        var clock: Clock
        var offsetSeconds: Int64
    }

    private enum Clock {
        case microseconds, nanoseconds
        /// Units per second, between 1 and 10^38.
        case other(UInt128)
    }

    private enum Block {
        static let interface: UInt32 = 1
        static let obsoletePacket: UInt32 = 2
        static let simplePacket: UInt32 = 3
        static let enhancedPacket: UInt32 = 6
    }

    /// The longest block we read at all (Wireshark's bound); longer is damage.
    static let blockLimit = 16_777_216
    /// More interfaces in one section than this is damage, not a capture.
    static let interfaceLimit = 4_096

    private var swapped = false
    private var inSection = false
    private var interfaces: [Interface] = []
    /// Simple packets have no time: they bear that of the frame before them.
    private var lastTime = Timestamp(nanoseconds: 0)

    mutating func next(
        _ reader: inout FileReader, number: UInt64, _ body: (FrameHeader, borrowing RawSpan) -> Void
    ) throws -> Bool {
        while true {
            let available = try reader.require(12)
            if available == 0 { return false }
            guard available >= 12 else { throw damage(reader.offset, .truncated, needed: 12, available: available) }
            if reader.word(0, swapped: false) == Self.sectionHeader {
                try section(&reader)
                continue
            }
            guard inSection else { throw damage(reader.offset, .malformed) }
            let type = reader.word(0, swapped: swapped)
            let length = Int(reader.word(4, swapped: swapped))
            guard length >= 12, length % 4 == 0 else { throw damage(reader.offset, .malformed, available: length) }
            guard length <= Self.blockLimit else {
                throw damage(reader.offset, .tooLarge, needed: length, available: Self.blockLimit)
            }
            switch type {
            case Block.enhancedPacket, Block.obsoletePacket, Block.simplePacket:
                try frame(&reader, type: type, length: length, number: number, body)
                return true
            case Block.interface:
                try interface(&reader, length: length)
            default:
                let passed = try reader.skip(length)
                guard passed == length else {
                    throw damage(reader.offset, .truncated, needed: length, available: passed)
                }
            }
        }
    }

    private func damage(
        _ offset: Int, _ reason: ParseError.Reason, needed: Int = 0, available: Int = 0
    ) -> ParseError {
        ParseError(.file, reason, offset: offset, needed: needed, available: available)
    }

    /// Makes the whole block available and checks its closing length.
    private func wholeBlock(_ reader: inout FileReader, length: Int) throws {
        let available = try reader.require(length)
        guard available >= length else {
            throw damage(reader.offset, .truncated, needed: length, available: available)
        }
        let closing = Int(reader.word(length - 4, swapped: swapped))
        guard closing == length else { throw damage(reader.offset, .malformed, needed: length, available: closing) }
    }

    private mutating func section(_ reader: inout FileReader) throws {
        switch reader.word(8, swapped: false) {
        case 0x1A2B_3C4D: swapped = false
        case 0x4D3C_2B1A: swapped = true
        default: throw damage(reader.offset, .malformed)
        }
        let length = Int(reader.word(4, swapped: swapped))
        guard length >= 28, length % 4 == 0 else { throw damage(reader.offset, .malformed, available: length) }
        guard length <= Self.blockLimit else {
            throw damage(reader.offset, .tooLarge, needed: length, available: Self.blockLimit)
        }
        try wholeBlock(&reader, length: length)
        let major = reader.half(12, swapped: swapped)
        guard major == 1 else { throw damage(reader.offset, .unsupported, needed: 1, available: Int(major)) }
        interfaces.removeAll(keepingCapacity: true)
        inSection = true
        reader.consume(length)
    }

    private mutating func interface(_ reader: inout FileReader, length: Int) throws {
        guard length >= 20 else { throw damage(reader.offset, .malformed, available: length) }
        try wholeBlock(&reader, length: length)
        guard interfaces.count < Self.interfaceLimit else {
            throw damage(reader.offset, .tooLarge, needed: interfaces.count + 1, available: Self.interfaceLimit)
        }
        var described = Interface(
            link: LinkType(rawValue: UInt32(reader.half(8, swapped: swapped))),
            snapLength: Int(reader.word(12, swapped: swapped)), clock: .microseconds, offsetSeconds: 0)
        var at = 16
        let end = length - 4
        while at + 4 <= end {
            let code = reader.half(at, swapped: swapped)
            let size = Int(reader.half(at + 2, swapped: swapped))
            if code == 0 { break }
            // An option that runs out of its block spoils the options, not the frames.
            guard at + 4 + size <= end else { break }
            if code == 9, size >= 1 {
                described.clock = Self.clock(UInt8(truncatingIfNeeded: reader.half(at + 4, swapped: false)))
            } else if code == 14, size >= 8 {
                let low = reader.word(at + 4, swapped: swapped)
                let high = reader.word(at + 8, swapped: swapped)
                described.offsetSeconds = Int64(
                    bitPattern: swapped ? UInt64(low) << 32 | UInt64(high) : UInt64(high) << 32 | UInt64(low))
            }
            at += 4 + (size + 3) & ~3
        }
        interfaces.append(described)
        reader.consume(length)
    }

    /// `if_tsresol`: a power of ten, or with the top bit a power of two. Finer than 128 bits can say is clamped.
    private static func clock(_ resolution: UInt8) -> Clock {
        let exponent = Int(resolution & 0x7F)
        if resolution & 0x80 != 0 { return .other(UInt128(1) << UInt128(exponent)) }
        if exponent == 6 { return .microseconds }
        if exponent == 9 { return .nanoseconds }
        var units: UInt128 = 1
        for _ in 0..<min(exponent, 38) { units *= 10 }
        return .other(units)
    }

    private func time(high: UInt32, low: UInt32, of interface: Interface) -> Timestamp {
        let units = UInt64(high) << 32 | UInt64(low)
        let nanoseconds: UInt128 =
            switch interface.clock {
            case .microseconds: UInt128(units) * 1_000
            case .nanoseconds: UInt128(units)
            // 64 bits times 10^9 fits 94 bits.
            case .other(let perSecond): UInt128(units) * 1_000_000_000 / perSecond
            }
        let bounded = Int64(clamping: nanoseconds)
        return interface.offsetSeconds == 0
            ? Timestamp(nanoseconds: bounded) : Timestamp(seconds: interface.offsetSeconds, nanoseconds: bounded)
    }

    private mutating func frame(
        _ reader: inout FileReader, type: UInt32, length: Int, number: UInt64,
        _ body: (FrameHeader, borrowing RawSpan) -> Void
    ) throws {
        let start = type == Block.simplePacket ? 12 : 28
        guard length >= start + 4 else { throw damage(reader.offset, .malformed, needed: start + 4, available: length) }
        try wholeBlock(&reader, length: length)
        let index: Int
        let captured: Int
        let original: Int
        switch type {
        case Block.simplePacket:
            index = 0
            original = Int(reader.word(8, swapped: swapped))
            let snap = interfaces.first?.snapLength ?? 0
            captured = min(original, length - 16, snap > 0 ? snap : .max)
        case Block.obsoletePacket:
            index = Int(reader.half(8, swapped: swapped))
            captured = Int(reader.word(20, swapped: swapped))
            original = Int(reader.word(24, swapped: swapped))
        default:
            index = Int(reader.word(8, swapped: swapped))
            captured = Int(reader.word(20, swapped: swapped))
            original = Int(reader.word(24, swapped: swapped))
        }
        guard index < interfaces.count else {
            throw damage(reader.offset, .malformed, needed: index + 1, available: interfaces.count)
        }
        guard captured <= CaptureFile.recordLimit else {
            throw damage(reader.offset, .tooLarge, needed: captured, available: CaptureFile.recordLimit)
        }
        guard start + captured <= length - 4 else {
            throw damage(reader.offset, .truncated, needed: captured, available: length - 4 - start)
        }
        let interface = interfaces[index]
        if type != Block.simplePacket {
            lastTime = time(
                high: reader.word(12, swapped: swapped), low: reader.word(16, swapped: swapped), of: interface)
        }
        let header = FrameHeader(
            at: lastTime, link: interface.link, originalLength: max(original, captured), number: number)
        reader.lend(start..<(start + captured), header, to: body)
        reader.consume(length)
    }
}
