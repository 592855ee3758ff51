/// A message with the circumstances in which it was heard.
public struct HeardMessage: Sendable {
    public enum Transport: String, Hashable, Sendable {
        case udp, tcp, file, listener
        /// No transport: a message of the link layer itself (ARP, LLDP, CDP).
        case link
        /// No transport either: a message of the network layer (ICMP).
        case ip
    }

    public var message: Message
    /// The time of the frame that completed it.
    public var at: Timestamp
    public var source: Endpoint
    public var target: Endpoint
    public var transport: Transport
    /// The outermost VLAN id, if the frame was tagged.
    public var vlan: UInt16?
    /// The id behind it, where the frame was tagged twice (QinQ).
    public var innerVLAN: UInt16?
    /// Who sent the frame that completed it, on this wire: a router, if the message came from beyond one. `nil` where
    /// the link layer does not say.
    public var sourceMAC: MACAddress?
    public var targetMAC: MACAddress?

    public init(
        _ message: Message, at: Timestamp, source: Endpoint, target: Endpoint, transport: Transport,
        vlan: UInt16? = nil, innerVLAN: UInt16? = nil, sourceMAC: MACAddress? = nil, targetMAC: MACAddress? = nil
    ) {
        self.message = message
        self.at = at
        self.source = source
        self.target = target
        self.transport = transport
        self.vlan = vlan
        self.innerVLAN = innerVLAN
        self.sourceMAC = sourceMAC
        self.targetMAC = targetMAC
    }
}
