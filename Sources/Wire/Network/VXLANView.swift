/// A checked view of a VXLAN header (RFC 7348 section 5): an Ethernet frame inside of a UDP datagram.
struct VXLANView: ~Escapable {
    /// The port that IANA gave it; older Linux kernels' 8472 is declared otherwise and not guessed at.
    static let port: UInt16 = 4_789

    let frame: RawSpan

    /// `nil` if it is something else: the reserved bits must be zero, and the network's number marked as valid.
    @_lifetime(copy bytes)
    init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= 8, bytes.big32(unchecked: 0) == 0x0800_0000, bytes.big8(unchecked: 7) == 0 else {
            return nil
        }
        frame = bytes.from(unchecked: 8)
    }
}
