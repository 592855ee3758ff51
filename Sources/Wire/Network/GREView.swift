/// A checked view of a GRE header (RFC 2784, RFC 2890; version 1 is PPTP's, RFC 2637).
struct GREView: ~Escapable {
    let etherType: UInt16
    let payload: RawSpan

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) throws(ParseError) {
        guard bytes.byteCount >= 4 else {
            throw ParseError(.transport, .truncated, needed: 4, available: bytes.byteCount)
        }
        let flags = bytes.big16(unchecked: 0)
        // Source routing (RFC 1701) has no bound of its own and is not used.
        guard flags & 0x4000 == 0, flags & 7 <= 1 else {
            throw ParseError(.transport, .unsupported, available: Int(flags))
        }
        var length = 4
        if flags & 0x8000 != 0 { length += 4 }
        if flags & 0x2000 != 0 { length += 4 }
        if flags & 0x1000 != 0 { length += 4 }
        if flags & 7 == 1, flags & 0x0080 != 0 { length += 4 }
        var type = bytes.big16(unchecked: 2)
        // ERSPAN (draft-foschiano-erspan): a mirror port's frame behind 8 bytes if a sequence number says so.
        if type == 0x88BE {
            if flags & 0x1000 != 0 { length += 8 }
            type = 0x6558
        }
        guard bytes.byteCount >= length else {
            throw ParseError(.transport, .truncated, needed: length, available: bytes.byteCount)
        }
        etherType = type
        payload = bytes.from(unchecked: length)
    }
}
