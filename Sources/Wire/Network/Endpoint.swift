/// One side of a conversation: an IP address and a port, or, for what link layers say (LLDP, CDP), a hardware address.
public struct Endpoint: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// `::` where the endpoint is a hardware address.
    public var address: IPAddress
    /// 0 where there are no ports.
    public var port: UInt16
    /// Set only where the endpoint has no IP address. The hardware addresses of a frame that holds IP are
    /// `HeardMessage.sourceMAC` and `targetMAC`.
    public private(set) var mac: MACAddress?

    public init(_ address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    public init(_ mac: MACAddress) {
        address = .unspecified
        port = 0
        self.mac = mac
    }

    /// The `description` of an endpoint with an IP address.
    init?(text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var address = text[..<colon]
        if address.hasPrefix("["), address.hasSuffix("]") { address = address.dropFirst().dropLast() }
        guard let address = IPAddress(String(address)) else { return nil }
        self.init(address, port: port)
    }

    public static func < (a: Endpoint, b: Endpoint) -> Bool {
        (a.mac?.value ?? 0, a.address, a.port) < (b.mac?.value ?? 0, b.address, b.port)
    }

    /// `192.0.2.1:514`, `[2001:db8::1]:514`, `00:18:ba:98:68:8f`.
    public var description: String {
        if let mac { return mac.description }
        return address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }
}

extension IPAddress {
    /// `::` (RFC 4291 section 2.5.2).
    public static let unspecified = IPAddress(v6High: 0, low: 0)
}
