/// A checked view of an IPv4 (RFC 791) or IPv6 (RFC 8200) packet: after `init`, no accessor can trap.
public struct IPView: ~Escapable, BitwiseCopyable {
    public let source: IPAddress
    public let target: IPAddress
    /// What the payload is (6 TCP, 17 UDP …); for IPv6 after the extension headers that we pass over.
    public let protocolNumber: UInt8
    /// The payload at hand, without padding after the packet.
    public let payload: RawSpan
    /// The payload's length as the header tells it; more than `payload` has if the capture cut the frame.
    public let payloadLength: Int
    /// Set if this is one of several pieces of a payload.
    public let fragment: Fragment?

    /// Where a piece belongs.
    public struct Fragment: Hashable, Sendable, BitwiseCopyable {
        public var identification: UInt32
        /// Bytes from the start of the whole payload.
        public var offset: Int
        public var hasMore: Bool
    }

    /// At most this many IPv6 extension headers are passed over.
    public static let extensionLimit = 16

    @inline(__always)
    @_lifetime(copy bytes)
    public init(v4 bytes: RawSpan) throws(ParseError) {
        let available = bytes.byteCount
        guard available >= 20 else {
            throw ParseError(.network, .truncated, needed: 20, available: available)
        }
        let first = bytes.big8(unchecked: 0)
        let headerLength = Int(first & 15) &* 4
        guard first >> 4 == 4, headerLength >= 20 else {
            throw ParseError(.network, .malformed, needed: 0x45, available: Int(first))
        }
        guard available >= headerLength else {
            throw ParseError(.network, .truncated, needed: headerLength, available: available)
        }
        var total = Int(bytes.big16(unchecked: 2))
        // A frame captured before the network card cut it into segments says 0.
        if total == 0 { total = available }
        guard total >= headerLength else {
            throw ParseError(.network, .malformed, offset: 2, needed: headerLength, available: total)
        }
        source = IPAddress(v4: bytes.big32(unchecked: 12))
        target = IPAddress(v4: bytes.big32(unchecked: 16))
        protocolNumber = bytes.big8(unchecked: 9)
        payloadLength = total &- headerLength
        payload = bytes.extracting(unchecked: headerLength..<min(total, available))
        let flags = bytes.big16(unchecked: 6)
        fragment =
            flags & 0x3FFF == 0
            ? nil
            : Fragment(
                identification: UInt32(bytes.big16(unchecked: 4)), offset: Int(flags & 0x1FFF) &* 8,
                hasMore: flags & 0x2000 != 0)
    }

    @_lifetime(copy bytes)
    public init(v6 bytes: RawSpan) throws(ParseError) {
        let available = bytes.byteCount
        guard available >= 40 else {
            throw ParseError(.network, .truncated, needed: 40, available: available)
        }
        let first = bytes.big8(unchecked: 0)
        guard first >> 4 == 6 else {
            throw ParseError(.network, .malformed, needed: 0x60, available: Int(first))
        }
        var end = 40 + Int(bytes.big16(unchecked: 4))
        // Jumbograms (RFC 2675) and frames captured before segmentation say 0.
        if end == 40 { end = available }
        let bound = min(end, available)
        source = IPAddress(v6High: bytes.big64(unchecked: 8), low: bytes.big64(unchecked: 16))
        target = IPAddress(v6High: bytes.big64(unchecked: 24), low: bytes.big64(unchecked: 32))
        var next = bytes.big8(unchecked: 6)
        var offset = 40
        var piece: Fragment?
        var passed = 0
        walk: while true {
            let length: Int
            switch next {
            case 0, 43, 60, 135, 139, 140:
                guard bound - offset >= 8 else {
                    throw ParseError(.network, .truncated, offset: offset, needed: 8, available: bound - offset)
                }
                length = 8 + 8 * Int(bytes.big8(unchecked: offset + 1))
            case 44:
                guard bound - offset >= 8 else {
                    throw ParseError(.network, .truncated, offset: offset, needed: 8, available: bound - offset)
                }
                let field = bytes.big16(unchecked: offset + 2)
                // One whole packet with a fragment header (RFC 6946) is a whole packet.
                if field & 0xFFF9 != 0 {
                    piece = Fragment(
                        identification: bytes.big32(unchecked: offset + 4), offset: Int(field & 0xFFF8),
                        hasMore: field & 1 != 0)
                }
                length = 8
            case 51:
                guard bound - offset >= 8 else {
                    throw ParseError(.network, .truncated, offset: offset, needed: 8, available: bound - offset)
                }
                length = 8 + 4 * Int(bytes.big8(unchecked: offset + 1))
            default:
                break walk
            }
            guard bound - offset >= length else {
                throw ParseError(.network, .truncated, offset: offset, needed: length, available: bound - offset)
            }
            let isFragment = next == 44
            next = bytes.big8(unchecked: offset)
            offset += length
            passed += 1
            guard passed <= Self.extensionLimit else {
                throw ParseError(
                    .network, .tooLarge, offset: offset, needed: passed, available: Self.extensionLimit)
            }
            // Later pieces have no headers of their own: what follows is the middle of something.
            if isFragment, piece != nil { break }
        }
        protocolNumber = next
        fragment = piece
        payloadLength = end - offset
        payload = bytes.extracting(unchecked: offset..<bound)
    }
}
