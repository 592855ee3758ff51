public import Wire

/// What is let through from an interface: the declared devices, and what devices say of themselves when they are asked.
///
/// MEASURED: a plain libpcap expression misses every VLAN-tagged frame, so each link type gets the arms that it can
/// have: untagged, tagged, and tagged twice. Where a device's ports are given, later IP fragments and ICMP pass all the
/// same: they have no ports. ARP of a declared address passes, because it is evidence that the device lives.
public struct CaptureFilter: Hashable, Sendable {
    public struct Device: Hashable, Sendable {
        public enum Address: Hashable, Sendable {
            case ip(IPAddress)
            case mac(MACAddress)
        }

        public var address: Address
        /// Only these, on either side, over UDP and TCP; none means whatever the device says. Not for a MAC: what is
        /// known by its MAC has an address that changes, and who it is must be learnt from all it says.
        public var ports: [UInt16]
        /// Whether media is wanted too, which goes to ports that are announced over these: UDP between ports that are
        /// nobody's by number (1,024 and above). Control stands beside it, so even and odd ones (RFC 3550 section 11).
        public var hasMedia: Bool

        public init(_ address: IPAddress, ports: [UInt16] = [], hasMedia: Bool = false) {
            self.address = .ip(address)
            self.ports = ports
            self.hasMedia = hasMedia
        }

        public init(_ mac: MACAddress) {
            address = .mac(mac)
            ports = []
            hasMedia = false
        }
    }

    /// The kernel takes no longer program (`BPF_MAXINSNS`).
    public static let instructionLimit = 4_096
    /// Above this many devices the kernel's instructions would not do for all arms: all IP passes, and the dissector's
    /// cheap look is the filter.
    public static let deviceLimit = 200

    /// Different lists of ports, at most; with more of them the devices pass whatever they say.
    public static let groupLimit = 16

    /// mDNS, SSDP, WS-Discovery, DHCP and DHCPv6, Hikvision's SADP.
    public static let discoveryPorts: [UInt16] = [5_353, 1_900, 3_702, 67, 68, 546, 547, 37_020]

    /// None means everything that is IP, and the neighbours.
    public var devices: [Device]
    /// Whether what any device says of itself is wanted: LLDP, CDP, and the discovery ports.
    public var hasDiscovery: Bool

    public init(devices: [Device], hasDiscovery: Bool = false) {
        self.devices = devices
        self.hasDiscovery = hasDiscovery
    }

    /// The expression for these addresses, whatever they say.
    public static func expression(for addresses: [IPAddress], link: LinkType = .ethernet) -> String {
        CaptureFilter(devices: Set(addresses).sorted().map { Device($0) }).expression(link: link)
    }

    /// libpcap can't look behind tags, at hardware addresses or at ARP on every link type; of the expressions the
    /// fullest is taken that it accepts and that fits the kernel.
    public func expression(link: LinkType = .ethernet) -> String {
        for nesting in [2, 1, 0] {
            for isFull in [true, false] {
                let candidate = expression(nesting: nesting, isFull: isFull, link)
                if Self.compiles(candidate, link) { return candidate }
            }
        }
        return "ip or ip6"
    }

    private func expression(nesting: Int, isFull: Bool, _ link: LinkType) -> String {
        let isOpen = devices.isEmpty || devices.count > Self.deviceLimit
        var outer: [String] = []
        var arms: [String] = []
        if isOpen { arms.append(isFull ? "ip or ip6 or arp" : "ip or ip6") }
        if !isOpen {
            // Devices with the same ports share their terms: libpcap's optimiser takes minutes for what is said twice.
            var groups: [(ports: [UInt16], hasMedia: Bool, hosts: [IPAddress])] = []
            for device in devices {
                switch device.address {
                case .mac(let mac): if isFull { outer.append(Self.arm(mac, link)) }
                case .ip(let address):
                    let ports = Set(device.ports).sorted()
                    let hasMedia = device.hasMedia && !ports.isEmpty
                    if let known = groups.firstIndex(where: { $0.ports == ports && $0.hasMedia == hasMedia }) {
                        groups[known].hosts.append(address)
                    } else {
                        groups.append((ports, hasMedia, [address]))
                    }
                }
            }
            if groups.count > Self.groupLimit { groups = [([], false, groups.flatMap(\.hosts))] }
            for group in groups { arms += Self.arms(group.hosts, group.ports, hasMedia: group.hasMedia) }
            let known = groups.flatMap(\.hosts).filter(\.isIPv4)
            if isFull, !known.isEmpty { arms.append(known.map { "arp host \($0)" }.joined(separator: " or ")) }
        }
        if hasDiscovery, !isOpen {
            arms.append("udp and (" + Self.discoveryPorts.map { "port \($0)" }.joined(separator: " or ") + ")")
        }
        if hasDiscovery || isOpen, isFull {
            outer.append("ether proto 0x88cc")
            if link == .ethernet { outer.append("ether dst 01:00:0c:cc:cc:cc") }
        }
        // `vlan` moves the meaning of everything to its right, so the arms are nested, not listed, and what is of the
        // frame's own header stands to the left of it.
        var tagged = arms.map { "(\($0))" }.joined(separator: " or ")
        let plain = tagged
        if !plain.isEmpty {
            for _ in 0..<nesting { tagged = "\(plain) or (vlan and (\(tagged)))" }
            outer.append(tagged)
        }
        return outer.isEmpty ? "less 0" : outer.map { "(\($0))" }.joined(separator: " or ")
    }

    /// Hosts of the same ports: one term for each family.
    private static func arms(_ hosts: [IPAddress], _ ports: [UInt16], hasMedia: Bool) -> [String] {
        [true, false].compactMap { isIPv4 in
            let family = hosts.filter { $0.isIPv4 == isIPv4 }
            guard !family.isEmpty else { return nil }
            let list = family.map { "\(isIPv4 ? "ip" : "ip6") host \($0)" }.joined(separator: " or ")
            guard !ports.isEmpty else { return list }
            // What has no ports: ICMP; later pieces of IPv4; whatever has an extension header of IPv6, of which one is
            // for fragments. libpcap has no `udp[…]` for IPv6.
            let others: String
            let media: String
            if isIPv4 {
                others = "icmp or ip[6:2] & 0x1fff != 0"
                media = "udp[0:2] >= 1024 and udp[2:2] >= 1024"
            } else {
                others = "ip6[6] = 58 or ip6[6] = 44 or ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 60"
                media = "ip6[6] = 17 and ip6[40:2] >= 1024 and ip6[42:2] >= 1024"
            }
            let terms = ports.map { "port \($0)" } + [others] + (hasMedia ? ["(\(media))"] : [])
            return "(" + terms.joined(separator: " or ") + ") and (\(list))"
        }
    }

    private static func arm(_ mac: MACAddress, _ link: LinkType) -> String {
        let high = String(mac.value >> 16, radix: 16)
        let low = String(mac.value & 0xFFFF, radix: 16)
        switch link {
        // Cooked captures have the sender only, at a place of their own.
        case .linuxCooked: return "link[6:4] = 0x\(high) and link[10:2] = 0x\(low)"
        case .linuxCooked2: return "link[12:4] = 0x\(high) and link[16:2] = 0x\(low)"
        default: return "ether host \(mac)"
        }
    }

    private static func compiles(_ expression: String, _ link: LinkType) -> Bool {
        do throws(CaptureError) {
            let filter = try PacketFilter(expression, link: link)
            return (1...instructionLimit).contains(filter.length)
        } catch {
            return false
        }
    }
}
