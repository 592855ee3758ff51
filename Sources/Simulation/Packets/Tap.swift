internal import Wire

/// Records every frame of the simulated network, and keeps the book of who was heard when.
///
/// Frames may be planned in any order; they get their IP identifications when the capture is closed, in the order of
/// time, as a real host would count.
final class Tap {
    private struct Planned {
        var at: Int64
        var order: Int
        var bytes: [UInt8]
        /// Where the IPv4 header stands, and whose it is.
        var ipOffset: Int?
        var source: Host?
    }

    private var planned: [Planned] = []
    /// By host name: milliseconds at which a frame with its IPv4 address as source was on the wire.
    private(set) var heard: [String: [Int64]] = [:]
    private let window: Range<Int64>

    /// - Parameter window: nanoseconds; frames outside of it were not captured.
    init(window: Range<Int64>) {
        self.window = window
    }

    /// Any frame, whole from its destination MAC.
    func record(_ bytes: [UInt8], at: Int64) {
        guard window.contains(at) else { return }
        planned.append(Planned(at: at, order: planned.count, bytes: Self.padded(bytes)))
    }

    enum Destination {
        case host(Host)
        /// An IPv4 broadcast or multicast address.
        case group(IPAddress)
    }

    func ipv4(from source: Host, to target: Destination, proto: UInt8, _ payload: [UInt8], at: Int64) {
        guard window.contains(at) else { return }
        let address: IPAddress
        let mac: [UInt8]
        var vlan = source.vlan
        switch target {
        case .host(let host):
            (address, mac) = (host.address, host.mac)
            vlan = vlan ?? host.vlan
        case .group(let group):
            address = group
            let low = UInt32(truncatingIfNeeded: group.low)
            let isMulticast = low >> 28 == 0xE
            mac =
                isMulticast
                ? [0x01, 0x00, 0x5E, UInt8(low >> 16 & 0x7F), UInt8(low >> 8 & 0xFF), UInt8(low & 0xFF)]
                : Host.broadcastMAC
        }
        var bytes = Self.ethernet(to: mac, from: source.mac, vlan: vlan, type: 0x0800)
        let offset = bytes.count
        bytes += [0x45, 0]
        bytes.append16(20 + payload.count)
        bytes += [0, 0, proto == 6 ? 0x40 : 0, 0, source.timeToLive, proto, 0, 0]
        bytes.append32(source.address.low)
        bytes.append32(address.low)
        bytes += payload
        planned.append(
            Planned(at: at, order: planned.count, bytes: Self.padded(bytes), ipOffset: offset, source: source))
        heard[source.name, default: []].append(at / 1_000_000)
    }

    func udp(
        from source: Host, port: UInt16, to target: Destination, port targetPort: UInt16, _ body: [UInt8], at: Int64
    ) {
        let address: IPAddress
        switch target {
        case .host(let host): address = host.address
        case .group(let group): address = group
        }
        let datagram = Self.udp(from: source.address, port, to: address, targetPort, body)
        ipv4(from: source, to: target, proto: 17, datagram, at: at)
    }

    /// IPv6 from a host's link-local address: never evidence, the site file knows IPv4 addresses.
    func ipv6(
        from source: Host, to address: IPAddress, mac: [UInt8], next: UInt8, _ payload: [UInt8], hops: UInt8, at: Int64
    ) {
        var bytes = Self.ethernet(to: mac, from: source.mac, vlan: source.vlan, type: 0x86DD)
        bytes.append32(0x6000_0000)
        bytes.append16(payload.count)
        bytes += [next, hops]
        for part in [source.linkLocal, address] {
            bytes.append64(part.high)
            bytes.append64(part.low)
        }
        record(bytes + payload, at: at)
    }

    static func ethernet(to: [UInt8], from: [UInt8], vlan: UInt16?, type: UInt16) -> [UInt8] {
        var bytes = to + from
        if let vlan {
            bytes.append16(0x8100)
            bytes.append16(vlan & 0xFFF)
        }
        bytes.append16(type)
        return bytes
    }

    static func udp(from: IPAddress, _ port: UInt16, to: IPAddress, _ targetPort: UInt16, _ body: [UInt8]) -> [UInt8] {
        var datagram: [UInt8] = []
        datagram.reserveCapacity(8 + body.count)
        datagram.append16(port)
        datagram.append16(targetPort)
        datagram.append16(8 + body.count)
        datagram.append16(0)
        datagram += body
        let sum = checksum(datagram, proto: 17, from: from, to: to)
        datagram.set16(sum == 0 ? 0xFFFF : sum, at: 6)
        return datagram
    }

    /// With the pseudo header of RFC 768, RFC 9293 or RFC 8200 §8.1.
    static func checksum(_ payload: [UInt8], proto: UInt8, from: IPAddress, to: IPAddress) -> UInt16 {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(40 + payload.count)
        for address in [from, to] {
            if address.isIPv4 {
                bytes.append32(address.low)
            } else {
                bytes.append64(address.high)
                bytes.append64(address.low)
            }
        }
        bytes.append32(UInt32(proto))
        bytes.append32(payload.count)
        return (bytes + payload).internetChecksum
    }

    /// Ethernet's least length, without the frame check sequence.
    private static func padded(_ bytes: [UInt8]) -> [UInt8] {
        bytes.count >= 60 ? bytes : bytes + [UInt8](repeating: 0, count: 60 - bytes.count)
    }

    /// The whole capture as a nanosecond pcap file, and the number of its frames.
    func capture() -> (bytes: [UInt8], frames: Int) {
        planned.sort { ($0.at, $0.order) < ($1.at, $1.order) }
        var out = PcapText.header
        out.reserveCapacity(planned.reduce(24) { $0 + 16 + $1.bytes.count })
        for index in planned.indices {
            if let offset = planned[index].ipOffset, let source = planned[index].source {
                planned[index].bytes.set16(source.nextIdentification(), at: offset + 4)
                let sum = Array(planned[index].bytes[offset..<offset + 20]).internetChecksum
                planned[index].bytes.set16(sum, at: offset + 10)
            }
            PcapText.append(planned[index].bytes, at: planned[index].at, to: &out)
        }
        return (out, planned.count)
    }
}

/// The pcap file format (draft-ietf-opsawg-pcap): nanoseconds, little-endian, Ethernet.
enum PcapText {
    static var header: [UInt8] {
        little(0xA1B2_3C4D) + [2, 0, 4, 0] + little(0) + little(0) + little(262_144) + little(1)
    }

    static func append(_ frame: [UInt8], at: Int64, to out: inout [UInt8]) {
        out += little(UInt32(truncatingIfNeeded: at / 1_000_000_000))
        out += little(UInt32(truncatingIfNeeded: at % 1_000_000_000))
        out += little(UInt32(frame.count))
        out += little(UInt32(frame.count))
        out += frame
    }

    /// The frames of a file that `header` and `append` wrote.
    static func frames(_ file: [UInt8]) -> [(at: Int64, bytes: [UInt8])] {
        func word(_ offset: Int) -> Int { (0..<4).reduce(0) { $0 | Int(file[offset + $1]) << (8 * $1) } }
        var out: [(at: Int64, bytes: [UInt8])] = []
        var offset = 24
        while offset + 16 <= file.count {
            let end = offset + 16 + word(offset + 8)
            guard end <= file.count else { break }
            let at = Int64(word(offset)) * 1_000_000_000 + Int64(word(offset + 4))
            out.append((at, Array(file[offset + 16..<end])))
            offset = end
        }
        return out
    }

    private static func little(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }
}
