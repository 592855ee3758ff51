/// A checked view of a UDP datagram (RFC 768): after `init`, no accessor can trap.
public struct UDPView: ~Escapable, BitwiseCopyable {
    public let sourcePort: UInt16
    public let targetPort: UInt16
    /// The payload at hand: fewer bytes than the datagram had if the capture cut the frame.
    public let payload: RawSpan

    /// - Parameter packetLength: the IP payload's length as its header tells it.
    @inline(__always)
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan, packetLength: Int) throws(ParseError) {
        let available = bytes.byteCount
        guard available >= 8 else {
            throw ParseError(.transport, .truncated, needed: 8, available: available)
        }
        let length = Int(bytes.big16(unchecked: 4))
        guard length >= 8 else {
            throw ParseError(.transport, .malformed, offset: 4, needed: 8, available: length)
        }
        // Longer than its packet: somebody's lie, not the capture's cut.
        guard length <= packetLength else {
            throw ParseError(.transport, .truncated, offset: 4, needed: length, available: packetLength)
        }
        sourcePort = bytes.big16(unchecked: 0)
        targetPort = bytes.big16(unchecked: 2)
        payload = bytes.extracting(unchecked: 8..<min(length, available))
    }
}
