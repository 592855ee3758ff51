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

    /// The `description` of an endpoint with an IP address, where it is all of `range`.
    init?(_ bytes: borrowing RawSpan, in range: Range<Int>) {
        var colon = range.upperBound &- 1
        while colon > range.lowerBound, bytes.octet(colon).isDigit { colon &-= 1 }
        guard colon > range.lowerBound, bytes.octet(colon) == UInt8(ascii: ":"),
            let port = bytes.decimal(colon &+ 1..<range.upperBound), let port = UInt16(exactly: port)
        else { return nil }
        var address = range.lowerBound..<colon
        if address.count > 2, bytes.octet(address.lowerBound) == UInt8(ascii: "["),
            bytes.octet(colon &- 1) == UInt8(ascii: "]")
        {
            address = address.lowerBound &+ 1..<colon &- 1
        }
        guard let address = IPAddress(bytes, in: address) else { return nil }
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
