public import Wire

/// How a device is told from others in what is heard: the `address` of a site file, understood.
public enum DeviceAddress: Hashable, Sendable {
    /// `192.168.10.20`, `2001:db8::20`; with ports (`192.168.10.20:5200`, `[2001:db8::20]:5060,5061`) only what is said
    /// over those counts as the device's, and the profile's protocol is expected there. What has no ports (ICMP) counts
    /// all the same, and media, whose ports are announced.
    case ip(IPAddress, ports: [UInt16])
    /// `00:18:ba:98:68:8f`: a device whose IP address changes, or that has none.
    case mac(MACAddress)
    /// `topic:frigate/cam1/#@192.168.10.5`: what a broker is told under an MQTT topic filter, by whomever.
    case topic(filter: String, broker: IPAddress)
    /// `behind:nvr1`: another device speaks for it.
    case behind(String)
    /// `name:UD_Wola`, `file:/var/log/queue.csv`: rows of files.
    case rows(FileAddress)

    public static let portLimit = 16

    /// `nil` if the text is of none of these forms.
    public init?(_ text: String) {
        if let address = IPAddress(text) {
            self = .ip(address, ports: [])
        } else if let mac = MACAddress(text) {
            self = .mac(mac)
        } else if let rows = FileAddress(text) {
            self = .rows(rows)
        } else if text.hasPrefix("behind:") {
            let id = String(text.dropFirst("behind:".count))
            guard !id.isEmpty else { return nil }
            self = .behind(id)
        } else if text.hasPrefix("topic:") {
            let rest = text.dropFirst("topic:".count)
            guard let at = rest.lastIndex(of: "@"), let broker = IPAddress(String(rest[rest.index(after: at)...])),
                TopicFilter.isValid(rest[..<at])
            else { return nil }
            self = .topic(filter: String(rest[..<at]), broker: broker)
        } else {
            guard let colon = text.lastIndex(of: ":"), let ports = Self.ports(text[text.index(after: colon)...]) else {
                return nil
            }
            var host = text[..<colon]
            if host.hasPrefix("["), host.hasSuffix("]") {
                host = host.dropFirst().dropLast()
            } else if host.contains(":") {
                return nil
            }
            guard let address = IPAddress(String(host)) else { return nil }
            self = .ip(address, ports: ports)
        }
    }

    private static func ports(_ text: Substring) -> [UInt16]? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= portLimit else { return nil }
        var out: [UInt16] = []
        for part in parts {
            guard let port = UInt16(part), port > 0 else { return nil }
            out.append(port)
        }
        return out
    }
}

/// MQTT topic filters (MQTT 5.0 section 4.7): levels between slashes, `+` for one, `#` for all that follow.
public enum TopicFilter {
    /// Wildcards are whole levels, and `#` is the last one.
    public static func isValid(_ filter: some StringProtocol) -> Bool {
        guard !filter.isEmpty, filter.utf8.count <= 1_024 else { return false }
        let levels = filter.split(separator: "/", omittingEmptySubsequences: false)
        for (index, level) in levels.enumerated() where level.contains("+") || level.contains("#") {
            guard level.count == 1, level == "+" || index == levels.count - 1 else { return false }
        }
        return true
    }

    /// Linear in the topic. Topics that begin with `$` are not meant by a filter that begins with a wildcard.
    public static func matches(_ filter: [UInt8], _ topic: ArraySlice<UInt8>) -> Bool {
        let (slash, plus, hash) = (UInt8(ascii: "/"), UInt8(ascii: "+"), UInt8(ascii: "#"))
        if topic.first == UInt8(ascii: "$"), filter.first == plus || filter.first == hash { return false }
        var at = topic.startIndex
        var index = 0
        while index < filter.count {
            switch filter[index] {
            case hash: return true
            case plus:
                while at < topic.endIndex, topic[at] != slash { at += 1 }
                index += 1
            default:
                guard at < topic.endIndex else {
                    // "a/#" is also about "a" itself (section 4.7.1.2).
                    return filter[index] == slash && index + 2 == filter.count && filter[index + 1] == hash
                }
                guard topic[at] == filter[index] else { return false }
                at += 1
                index += 1
            }
        }
        return at == topic.endIndex
    }
}
