/// What a decoder made of the bytes at the front of its buffer.
public enum DecodeStep: Sendable {
    /// One whole message; the next one starts `consumed` bytes on. `consumed` is at least 1.
    case message(Message, consumed: Int)
    /// Bytes that are no message (keep-alive line ends, interleaved media): go on after them. At least 1.
    case skip(Int)
    /// Not whole yet: call again with at least that many bytes from the same start.
    case needMore(atLeast: Int)
}

/// Bytes to messages, for one direction of one flow, or for one datagram at a time.
///
/// The caller owns the buffer and presents it again from the last unconsumed byte. A decoder holds state between
/// messages (MQTT's version, HTTP's pending requests) but never bytes. It throws on bytes that cannot be a message
/// of its protocol; the caller counts that and drops the datagram or resynchronises the flow.
public protocol ProtocolDecoder: Sendable {
    static var name: ProtocolName { get }
    /// What a profile may mention; names ending in `.*` stand for an open set (`header.*`).
    static var fields: [FieldName] { get }
    /// `time` is the time of the frame that brought the last byte.
    mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep
    /// The connection itself has ended, not only what was captured of it: said before `finish`. The default ignores it.
    mutating func closed()
    /// The other side closed, or nothing more was captured: whether what is left is a whole message after all
    /// (HTTP bodies that end with the connection). The default says no.
    mutating func finish(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> Message?
    /// A message was decoded in the other direction of the same flow, before what this direction decodes next.
    /// MQTT's version and an HTTP response's request method are known only from there. The default ignores it.
    mutating func heard(_ message: borrowing Message)
    /// The stream lost bytes, or `decode` threw: forget what was half read, and find the first offset at which a message
    /// may begin, or `nil` if none is in sight. After a throw the caller has moved one byte on.
    mutating func resynchronise(_ bytes: borrowing RawSpan) -> Int?
}

/// Reads the rows or records of a file: a decoder that knows in which line it is.
public protocol FileDecoder: ProtocolDecoder {
    /// The number of the line where the next row begins, from 1.
    var nextLine: Int { get }
}

extension ProtocolDecoder {
    public mutating func closed() {}
    public mutating func finish(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> Message? { nil }
    public mutating func heard(_ message: borrowing Message) {}
    public mutating func resynchronise(_ bytes: borrowing RawSpan) -> Int? { nil }
}
