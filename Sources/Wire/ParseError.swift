/// Why bytes could not be read: always a value that is counted, never a trap.
public struct ParseError: Error, Hashable, Sendable {
    public enum Layer: String, Hashable, Sendable, CaseIterable {
        case file, link, network, transport, flow, application
    }

    /// Closed list, because each is a counter's label.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// Fewer bytes than the header or its length field promises.
        case truncated
        /// A value that the format forbids.
        case malformed
        /// Legal, but not something we read.
        case unsupported
        /// A declared bound of ours was reached.
        case tooLarge
        /// A checksum that does not match.
        case checksum
    }

    public var layer: Layer
    public var reason: Reason
    /// Byte offset inside the layer's own bytes.
    public var offset: Int
    /// Bytes (or a value) needed and available, where that says something.
    public var needed: Int
    public var available: Int

    public init(_ layer: Layer, _ reason: Reason, offset: Int = 0, needed: Int = 0, available: Int = 0) {
        self.layer = layer
        self.reason = reason
        self.offset = offset
        self.needed = needed
        self.available = available
    }
}
