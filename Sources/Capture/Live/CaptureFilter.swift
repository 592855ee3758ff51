public import Wire

/// The filter expression for the declared devices.
///
/// By address and not by port, so that later IP fragments, replies from odd ports and the device's mere presence
/// pass too. MEASURED: a plain libpcap expression misses every VLAN-tagged frame, so each link type gets the arms
/// that it can have: untagged, tagged, and tagged twice.
public enum CaptureFilter {
    /// Above this many addresses the kernel's 4,096 instructions would not do for all arms: all IP passes, and the
    /// dissector's cheap look is the filter.
    public static let addressLimit = 200

    /// - Parameters:
    ///   - addresses: the devices; none means everything that is IP.
    ///   - link: libpcap can't look behind tags on every link type; arms that it refuses are left out.
    public static func expression(for addresses: [IPAddress], link: LinkType = .ethernet) -> String {
        let hosts = Set(addresses).sorted()
        let plain =
            hosts.isEmpty || hosts.count > addressLimit
            ? "ip or ip6"
            : hosts.map { ($0.isIPv4 ? "ip host " : "ip6 host ") + "\($0)" }.joined(separator: " or ")
        // `vlan` moves the meaning of everything to its right, so the arms are nested, not listed.
        let once = "(\(plain)) or (vlan and (\(plain)))"
        let twice = "(\(plain)) or (vlan and ((\(plain)) or (vlan and (\(plain)))))"
        return [twice, once].first { compiles($0, link) } ?? "(\(plain))"
    }

    private static func compiles(_ expression: String, _ link: LinkType) -> Bool {
        do throws(CaptureError) {
            let filter = try PacketFilter(expression, link: link)
            return filter.length > 0
        } catch {
            return false
        }
    }
}
