/// The one registry: which protocols there are, what their fields are called, and which one bytes on the wire are of.
///
/// Adding a protocol is its file and a line in each `switch` here.
public enum Protocols {
    /// The longest undecoded stretch a stream decoder ever asks for: a flow's buffer need not be larger.
    public static let streamBufferLimit = 320 * 1_024

    /// What the front of a stream is.
    public enum StreamChoice: Hashable, Sendable {
        /// Make one `streamDecoder` for each direction of the flow, now.
        case chosen(ProtocolName)
        /// Too few bytes to say: ask again with at least that many.
        case needMore(atLeast: Int)
        /// Nothing of ours: drop the flow's bytes from now on.
        case none
    }

    static let ports = PortTable()

    /// Whose port a UDP port is, where there is a decoder for its datagrams. A port of `PortTable.noise` that stands
    /// here is ours.
    static let datagramPorts: [(port: UInt16, name: ProtocolName)] = [
        (514, .syslog),
        (5060, .sip), (5061, .sip),
        (161, .snmp), (162, .snmp), (5353, .mdns), (1900, .ssdp), (67, .dhcp), (68, .dhcp), (4011, .dhcp), (123, .ntp),
        (3478, .stun), (1718, .h225), (1719, .h225),
        (3702, .wsDiscovery), (9875, .sdp),
    ]

    /// Whose port a TCP port is.
    static let streamPorts: [(port: UInt16, name: ProtocolName)] = [
        (514, .syslog), (601, .syslog),
        (1883, .mqtt),
        (80, .http), (8080, .http), (8090, .http),
        (5060, .sip), (5061, .sip),
        (1720, .q931), (9100, .escpos),
        (554, .rtsp), (8554, .rtsp), (10_554, .rtsp),
    ]

    /// The protocol of what a link layer carries beside IP. Its frames are read by `datagramDecoder`.
    static func linkProtocol(_ content: LinkView.Content) -> ProtocolName? {
        switch content {
        case .arp: .arp
        case .lldp: .lldp
        case .cdp: .cdp
        case .ipv4, .ipv6, .other: nil
        }
    }

    /// The decoder for one datagram, by port first and by its first bytes where ports say nothing; `nil` for anything
    /// else. Datagram decoders keep no state, so one may be used for one datagram and thrown away.
    public static func datagramDecoder(
        source: Endpoint, target: Endpoint, firstBytes: borrowing RawSpan
    ) -> (any ProtocolDecoder)? {
        let portClass = ports.datagram(source: source.port, target: target.port)
        guard let name = datagramProtocol(portClass, firstBytes) else { return nil }
        return datagramDecoder(name)
    }

    /// The protocol of one datagram, given what the ports say: the cheap half of `datagramDecoder`.
    @inline(__always)
    public static func datagramProtocol(_ portClass: PortClass, _ firstBytes: borrowing RawSpan) -> ProtocolName? {
        // A relay's port carries the media too, and clients knock where TLS may pass.
        if portClass == .noise || portClass == .stun { return STUN.begins(firstBytes) ? .stun : nil }
        return portClass.protocolName ?? Sniff.datagram(firstBytes)
    }

    public static func datagramDecoder(_ name: ProtocolName) -> (any ProtocolDecoder)? {
        switch name {
        case .syslog: SyslogDatagramDecoder()
        case .sip: SIPDatagramDecoder()
        case .rtp: RTPDecoder()
        case .rtcp: RTCPDecoder()
        case .arp: ARPDecoder()
        case .lldp: LLDPDecoder()
        case .cdp: CDPDecoder()
        case .icmp: ICMPDecoder()
        case .snmp: SNMPDecoder()
        case .mdns: MDNSDecoder()
        case .ssdp: SSDPDecoder()
        case .dhcp: DHCPDecoder()
        case .ntp: NTPDecoder()
        case .stun: STUNDecoder()
        case .h225: H225RASDecoder()
        // Streams; and frames need a layout, which a profile has.
        case .q931, .escpos, .pjl, .framed: nil
        case .csv, .jsonl: nil
        case .wsDiscovery: WSDiscoveryDecoder()
        case .sdp: SAPDecoder()
        case .mqtt, .http, .onvif: nil
        case .rtsp, .isapi, .dahua, .websocket, .vqRTCPXR: nil
        }
    }

    /// What the stream `source` → `target` carries. A port of ours decides unless the bytes are clearly another
    /// protocol of ours; on other ports only an unmistakable start counts.
    public static func streamProtocol(
        source: Endpoint, target: Endpoint, firstBytes: borrowing RawSpan
    ) -> StreamChoice {
        streamProtocol(ports.stream(source: source.port, target: target.port), firstBytes)
    }

    public static func streamProtocol(_ portClass: PortClass, _ firstBytes: borrowing RawSpan) -> StreamChoice {
        if portClass == .noise { return .none }
        if firstBytes.byteCount == 0 { return .needMore(atLeast: 1) }
        if portClass == .escpos { return Sniff.printJob(firstBytes) }
        let sniffed = Sniff.stream(firstBytes)
        guard let expected = portClass.protocolName else { return sniffed }
        if case .needMore = sniffed { return sniffed }
        if case .chosen(let name) = sniffed, streamDecoder(name) != nil { return sniffed }
        return .chosen(expected)
    }

    /// A decoder for one direction of a stream. The other direction needs its own, made at the same time, and each is
    /// told by `heard(_:)` what the other decoded.
    public static func streamDecoder(_ name: ProtocolName) -> (any ProtocolDecoder)? {
        switch name {
        case .syslog: SyslogStreamDecoder()
        case .mqtt: MQTTDecoder()
        case .http: HTTPDecoder()
        case .sip: SIPStreamDecoder()
        case .q931: Q931Decoder()
        case .escpos: ESCPOSDecoder()
        case .pjl: PJLDecoder()
        case .rtsp: RTSPDecoder()
        case .onvif, .rtp, .rtcp, .arp, .lldp, .cdp, .icmp: nil
        case .snmp, .mdns, .ssdp, .dhcp, .ntp, .stun, .h225, .framed: nil
        case .csv, .jsonl: nil
        case .isapi, .dahua, .websocket, .sdp, .vqRTCPXR, .wsDiscovery: nil
        }
    }

    /// The protocol whose bytes carry one that has no wire of its own; itself for the others.
    public static func carrier(of name: ProtocolName) -> ProtocolName {
        switch name {
        case .onvif, .isapi, .dahua, .websocket: .http
        case .sdp, .vqRTCPXR: .sip
        default: name
        }
    }

    /// The messages that are inside of one: an HTTP message whose SOAP body holds ONVIF notifications gives one
    /// `onvif` message each; one in parts its parts, and what is inside of those; SIP and RTSP session descriptions.
    /// The dissector delivers them after the message itself.
    public static func expand(_ message: borrowing Message) -> [Message] {
        switch message.protocolName {
        case .q931: H225.messages(in: message)
        case .http: HTTP1.expand(message)
        case .sip: SIP.expand(message)
        case .rtsp: RTSP.expand(message)
        default: []
        }
    }

    /// What a profile may mention of a protocol; names ending in `.*` are open sets.
    public static func fields(of name: ProtocolName) -> [FieldName] {
        switch name {
        case .syslog: Syslog.fields
        case .mqtt: MQTT.fields
        case .http: HTTP1.fields
        case .onvif: ONVIF.fields
        case .sip: SIP.fields
        case .rtp: RTP.fields
        case .rtcp: RTCP.fields
        case .arp: ARP.fields
        case .lldp: LLDP.fields
        case .cdp: CDP.fields
        case .icmp: ICMP.fields
        case .snmp: SNMP.fields
        case .mdns: MDNS.fields
        case .ssdp: SSDP.fields
        case .dhcp: DHCP.fields
        case .ntp: NTP.fields
        case .stun: STUN.fields
        case .q931: Q931.fields
        case .h225: H225.fields
        case .escpos: ESCPOS.fields
        case .pjl: PJL.fields
        case .framed: Framed.fields
        case .csv: CSV.fields
        case .jsonl: JSONLines.fields
        case .isapi: ISAPI.fields
        case .dahua: Dahua.fields
        case .websocket: WebSocket.fields
        case .sdp: SDP.fields
        case .vqRTCPXR: VQReport.fields
        case .rtsp: RTSP.fields
        case .wsDiscovery: WSDiscovery.fields
        }
    }

    /// The rows that `decode --summary` counts one message in: kinds and values as tshark would name them.
    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        switch message.protocolName {
        case .syslog: Syslog.summary(of: message)
        case .mqtt: MQTT.summary(of: message)
        case .http: HTTP1.summary(of: message)
        case .onvif: ONVIF.summary(of: message)
        case .sip: SIP.summary(of: message)
        case .arp: ARP.summary(of: message)
        case .lldp: LLDP.summary(of: message)
        case .cdp: CDP.summary(of: message)
        case .icmp: ICMP.summary(of: message)
        case .rtp: RTP.summary(of: message)
        case .rtcp: RTCP.summary(of: message)
        case .snmp: SNMP.summary(of: message)
        case .mdns: MDNS.summary(of: message)
        case .ssdp: SSDP.summary(of: message)
        case .dhcp: DHCP.summary(of: message)
        case .ntp: NTP.summary(of: message)
        case .stun: STUN.summary(of: message)
        case .q931: Q931.summary(of: message)
        case .h225: H225.summary(of: message)
        case .escpos: ESCPOS.summary(of: message)
        case .pjl: PJL.summary(of: message)
        case .framed: Framed.summary(of: message)
        case .csv, .jsonl: []
        case .isapi: ISAPI.summary(of: message)
        case .dahua: Dahua.summary(of: message)
        case .websocket: WebSocket.summary(of: message)
        case .sdp: SDP.summary(of: message)
        case .vqRTCPXR: VQReport.summary(of: message)
        case .rtsp: RTSP.summary(of: message)
        case .wsDiscovery: WSDiscovery.summary(of: message)
        }
    }
}
