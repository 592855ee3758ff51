/// The protocols that messages can be of. The raw value is the word in profiles, on the command line and in output.
public enum ProtocolName: String, Hashable, Sendable, CaseIterable, Comparable {
    case syslog, mqtt, http, onvif, sip, rtp, rtcp
    case arp, lldp, cdp, icmp
    case snmp, mdns, ssdp, dhcp, ntp, stun, q931, h225, escpos, pjl, framed
    /// Rows and records of files.
    case csv, jsonl
    /// Inside of HTTP: text frames after an upgrade, Hikvision's alerts, Dahua's event lines.
    case websocket, isapi, dahua
    /// Inside of SIP, RTSP and announcements; quality reports inside of SIP.
    case sdp
    case vqRTCPXR = "vq-rtcpxr"
    case rtsp
    case wsDiscovery = "ws-discovery"

    /// Heard in files, never on a wire.
    public var isOfFiles: Bool { self == .csv || self == .jsonl }

    public static func < (a: ProtocolName, b: ProtocolName) -> Bool { a.rawValue < b.rawValue }

    /// Its place in `allCases`: an enum without payloads is one byte, numbered in the order of its cases.
    public var index: Int { Int(unsafeBitCast(self, to: UInt8.self)) }
}
