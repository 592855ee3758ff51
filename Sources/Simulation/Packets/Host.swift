internal import Wire

/// A station on the simulated network.
final class Host {
    let name: String
    let mac: [UInt8]
    let address: IPAddress
    /// Its frames, and those to it, carry this tag.
    let vlan: UInt16?
    let timeToLive: UInt8
    /// Counts its IPv4 packets, as many stacks do.
    fileprivate(set) var identification: UInt16
    private var ephemeral: UInt16

    init(_ name: String, address: IPAddress, vlan: UInt16? = nil, timeToLive: UInt8 = 64, mac: [UInt8]? = nil) {
        self.name = name
        self.address = address
        self.vlan = vlan
        self.timeToLive = timeToLive
        let hash = FNV1a.hash64(name.utf8)
        // Locally administered, so that no vendor is blamed.
        self.mac = mac ?? [0x02, 0x5D] + (0..<4).map { UInt8(truncatingIfNeeded: hash >> (8 * UInt64($0))) }
        identification = UInt16(truncatingIfNeeded: hash >> 32)
        ephemeral = 40_000 + UInt16(hash >> 48 & 0xFFF)
    }

    func nextIdentification() -> UInt16 {
        identification &+= 1
        return identification
    }

    /// A fresh client port, 40,000 … 48,999.
    func nextPort() -> UInt16 {
        ephemeral = ephemeral >= 48_999 ? 40_000 : ephemeral + 1
        return ephemeral
    }

    /// Link-local, from the MAC (RFC 4291 appendix A).
    var linkLocal: IPAddress {
        let upper = UInt64(mac[0] ^ 2) << 56 | UInt64(mac[1]) << 48 | UInt64(mac[2]) << 40
        let lower = UInt64(mac[3]) << 16 | UInt64(mac[4]) << 8 | UInt64(mac[5])
        return IPAddress(v6High: 0xFE80 << 48, low: upper | 0xFF << 32 | 0xFE << 24 | lower)
    }

    static let broadcastMAC = [UInt8](repeating: 0xFF, count: 6)
}
