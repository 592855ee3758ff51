/// A checked view of a TCP segment (RFC 9293): after `init`, no accessor can trap.
public struct TCPView: ~Escapable, BitwiseCopyable {
    public struct Flags: OptionSet, Hashable, Sendable, BitwiseCopyable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let finish = Flags(rawValue: 0x01)
        public static let synchronise = Flags(rawValue: 0x02)
        public static let reset = Flags(rawValue: 0x04)
        public static let acknowledge = Flags(rawValue: 0x10)
    }

    public let sourcePort: UInt16
    public let targetPort: UInt16
    public let sequence: SequenceNumber
    public let acknowledgement: SequenceNumber
    public let flags: Flags
    /// The payload at hand.
    public let payload: RawSpan
    /// The payload's length on the wire; more than `payload` has if the capture cut the frame.
    public let payloadLength: Int

    /// - Parameter packetLength: the IP payload's length as its header tells it.
    @inline(__always)
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan, packetLength: Int) throws(ParseError) {
        let available = bytes.byteCount
        guard available >= 20 else {
            throw ParseError(.transport, .truncated, needed: 20, available: available)
        }
        let headerLength = Int(bytes.big8(unchecked: 12) >> 4) &* 4
        guard headerLength >= 20 else {
            throw ParseError(.transport, .malformed, offset: 12, needed: 20, available: headerLength)
        }
        guard headerLength <= available else {
            throw ParseError(.transport, .truncated, offset: 12, needed: headerLength, available: available)
        }
        sourcePort = bytes.big16(unchecked: 0)
        targetPort = bytes.big16(unchecked: 2)
        sequence = SequenceNumber(bytes.big32(unchecked: 4))
        acknowledgement = SequenceNumber(bytes.big32(unchecked: 8))
        flags = Flags(rawValue: bytes.big8(unchecked: 13))
        payload = bytes.from(unchecked: headerLength)
        payloadLength = packetLength &- headerLength
    }
}

/// A place in a TCP stream, modulo 2^32 (RFC 9293 section 3.4): comparisons hold across the wrap.
public struct SequenceNumber: Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt32

    public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// Bytes from `other` to this; negative if this comes earlier. Meaningful within 2 GiB.
    @inline(__always)
    public func distance(from other: SequenceNumber) -> Int {
        Int(Int32(bitPattern: rawValue &- other.rawValue))
    }

    @inline(__always)
    public func advanced(by count: Int) -> SequenceNumber {
        SequenceNumber(rawValue &+ UInt32(truncatingIfNeeded: count))
    }
}
