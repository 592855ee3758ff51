internal import Wire

/// Everything else on an office network. None of it may become an event: not the strangers that speak exactly like
/// our devices, not our devices' own housekeeping.
struct Hum {
    let stage: Stage
    let network: Network
    private(set) var chance: Chance

    init(_ stage: Stage) {
        self.stage = stage
        network = stage.network
        chance = Chance(seed: stage.world.seed, purpose: "hum")
    }

    func play() {
        var hum = self
        hum.run()
    }

    private var tap: Tap { stage.tap }

    private mutating func run() {
        let rate = stage.scenario.noise.perMinute
        guard rate > 0 else { return }
        let mean = Int64(60_000_000_000 / rate)
        var at = stage.start
        while true {
            at += chance.exponential(mean: mean)
            guard at < stage.end - 2_000_000_000 else { return }
            make(at)
        }
    }

    private mutating func make(_ at: Int64) {
        let weights: [Double] = [14, 14, 6, 8, 5, 12, 4, 3, 4, 6, 5, 4, 3, 3, 3, 3, 3]
        switch chance.index(weights: weights) {
        case 0: arp(at)
        case 1: lookUp(at)
        case 2: clock(at)
        case 3: mdns(at)
        case 4: ssdp(at)
        case 5: secure(at)
        case 6: share(at)
        case 7: lease(at)
        case 8: names(at)
        case 9: neighbours(at)
        case 10: bridge(at)
        case 11: strangerTicket(at)
        case 12: strangerMQTT(at)
        case 13: strangerCamera(at)
        case 14: strangerCall(at)
        case 15: browse(at)
        default: housekeeping(at)
        }
    }

    // MARK: Draws

    mutating func draw() -> UInt64 { chance.next() }
    mutating func integer(_ range: ClosedRange<Int>) -> Int { chance.integer(in: range) }
    mutating func opaque(_ count: Int) -> [UInt8] { chance.bytes(count) }
    mutating func stranger() -> Host { chance.pick(network.strangers) ?? network.server }
    mutating func anyComputer() -> Host { computer() }
    mutating func anyDevice(_ at: Int64) -> Host? { device(at) }

    // MARK: Link and network

    private mutating func computer() -> Host { chance.pick(network.computers) ?? network.server }

    /// A declared device with power, for things it does beside its work.
    private mutating func device(_ at: Int64) -> Host? {
        let names = network.devices.keys.sorted().filter {
            !stage.isSilent($0, at: at) && !stage.isSilent($0, at: at + 1_000_000_000)
        }
        return chance.pick(names).flatMap { network.devices[$0] }
    }

    private mutating func arp(_ at: Int64) {
        let asker = chance.happens(0.5) ? network.gateway : computer()
        let asked = device(at) ?? network.server
        for (isReply, time) in [(false, at), (true, at + 240_000)] {
            let (from, to) = isReply ? (asked, asker) : (asker, asked)
            let mac = isReply ? to.mac : Host.broadcastMAC
            var bytes = Tap.ethernet(to: mac, from: from.mac, vlan: asked.vlan, type: 0x0806)
            bytes += [0, 1, 8, 0, 6, 4, 0, isReply ? 2 : 1]
            bytes += from.mac
            bytes.append32(from.address.low)
            bytes += isReply ? to.mac : [UInt8](repeating: 0, count: 6)
            bytes.append32(to.address.low)
            tap.record(bytes, at: time)
        }
    }

    /// Spanning tree (802.3 with LLC), and LLDP.
    private mutating func bridge(_ at: Int64) {
        if chance.happens(0.6) {
            var bytes: [UInt8] = [0x01, 0x80, 0xC2, 0, 0, 0] + network.gateway.mac
            bytes.append16(38)
            bytes += [0x42, 0x42, 0x03, 0, 0, 0, 0, 0]
            bytes += [0x80, 0] + network.gateway.mac + [0, 0, 0, 0] + [0x80, 0] + network.gateway.mac
            bytes += [0x80, 0x05, 0, 0, 20, 0, 2, 0, 15, 0]
            tap.record(bytes, at: at)
            return
        }
        var bytes = Tap.ethernet(
            to: [0x01, 0x80, 0xC2, 0, 0, 0x0E], from: network.gateway.mac, vlan: nil, type: 0x88CC)
        bytes += [0x02, 7, 4] + network.gateway.mac
        bytes += [0x04, 5, 7] + Array("ge-3".utf8)
        bytes += [0x06, 2, 0, 120, 0, 0]
        tap.record(bytes, at: at)
    }

    /// Neighbour solicitation, or an echo between two PCs.
    private mutating func neighbours(_ at: Int64) {
        let host = computer()
        if chance.happens(0.5) {
            for (type, time) in [(UInt8(8), at), (0, at + 380_000)] {
                var echo: [UInt8] = [type, 0, 0, 0, 0, 1]
                echo.append16(at / 1_000_000_000)
                echo += Array("abcdefghijklmnopqrstuvwabcdefghi".utf8)
                echo.set16(echo.internetChecksum, at: 2)
                let (from, to) = type == 8 ? (host, network.gateway) : (network.gateway, host)
                tap.ipv4(from: from, to: .host(to), proto: 1, echo, at: time)
            }
            return
        }
        let target = network.gateway.linkLocal
        let low = target.low & 0xFF_FFFF
        let group = IPAddress(v6High: 0xFF02_0000_0000_0000, low: 0x0000_0001_FF00_0000 | low)
        var body: [UInt8] = [135, 0, 0, 0, 0, 0, 0, 0]
        body.append64(target.high)
        body.append64(target.low)
        body += [1, 1] + host.mac
        body.set16(Tap.checksum(body, proto: 58, from: host.linkLocal, to: group), at: 2)
        let mac: [UInt8] = [0x33, 0x33, 0xFF, UInt8(low >> 16), UInt8(low >> 8 & 0xFF), UInt8(low & 0xFF)]
        tap.ipv6(from: host, to: group, mac: mac, next: 58, body, hops: 255, at: at)
    }

    // MARK: Names and clocks

    private static func name(_ text: String) -> [UInt8] {
        text.split(separator: ".").flatMap { [UInt8(truncatingIfNeeded: $0.utf8.count)] + Array($0.utf8) } + [0]
    }

    private mutating func lookUp(_ at: Int64) {
        let hosts = ["dichvucong.gov.vn", "time.example", "updates.example", "mail.tuyenquang.example", "cdn.example"]
        let host = chance.happens(0.25) ? device(at) ?? computer() : computer()
        let name = Self.name(chance.pick(hosts) ?? "a.example")
        let port = host.nextPort()
        let identity = UInt16(truncatingIfNeeded: chance.next())
        for isAnswer in [false, true] {
            var body: [UInt8] = []
            body.append16(identity)
            body += isAnswer ? [0x81, 0x80] : [0x01, 0x00]
            body += [0, 1, 0, isAnswer ? 1 : 0, 0, 0, 0, 0]
            body += name + [0, 1, 0, 1]
            if isAnswer { body += [0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 203, 0, 113, 80] }
            if isAnswer {
                tap.udp(from: network.gateway, port: 53, to: .host(host), port: port, body, at: at + 8_400_000)
            } else {
                tap.udp(from: host, port: port, to: .host(network.gateway), port: 53, body, at: at)
            }
        }
    }

    private static func ntp(isAnswer: Bool, at: Int64) -> [UInt8] {
        var out: [UInt8] = [isAnswer ? 0x24 : 0x23, isAnswer ? 2 : 0, 6, 0xEC]
        out.append32(isAnswer ? 800 : 0)
        out.append32(isAnswer ? 1_200 : 0)
        out.append32(isAnswer ? 0xCB00_7101 : 0)
        for index in 0..<4 {
            let isSet = isAnswer ? index < 4 : index == 3
            out.append32(isSet ? at / 1_000_000_000 + 2_208_988_800 : 0)
            out.append32(isSet ? (at % 1_000_000_000) * 4 : 0)
        }
        return out
    }

    private mutating func clock(_ at: Int64) {
        let host = device(at) ?? computer()
        tap.udp(from: host, port: 123, to: .host(network.gateway), port: 123, Self.ntp(isAnswer: false, at: at), at: at)
        tap.udp(
            from: network.gateway, port: 123, to: .host(host), port: 123, Self.ntp(isAnswer: true, at: at),
            at: at + 1_900_000)
    }

    private mutating func mdns(_ at: Int64) {
        let host = computer()
        var body: [UInt8] = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        body += Self.name(chance.happens(0.5) ? "_ipp._tcp.local" : "_googlecast._tcp.local") + [0, 12, 0, 1]
        if chance.happens(0.5) {
            tap.udp(from: host, port: 5_353, to: .group(IPAddress(v4: 0xE000_00FB)), port: 5_353, body, at: at)
        } else {
            let group = IPAddress(v6High: 0xFF02 << 48, low: 0xFB)
            let datagram = Tap.udp(from: host.linkLocal, 5_353, to: group, 5_353, body)
            tap.ipv6(from: host, to: group, mac: [0x33, 0x33, 0, 0, 0, 0xFB], next: 17, datagram, hops: 255, at: at)
        }
    }

    private mutating func ssdp(_ at: Int64) {
        let text =
            "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 2\r\n"
            + "ST: urn:schemas-upnp-org:device:MediaRenderer:1\r\n\r\n"
        let host = computer()
        tap.udp(
            from: host, port: host.nextPort(), to: .group(IPAddress(v4: 0xEFFF_FFFA)), port: 1_900, Array(text.utf8),
            at: at)
    }

    private mutating func lease(_ at: Int64) {
        let host = computer()
        var body: [UInt8] = [1, 1, 6, 0]
        body.append32(UInt32(truncatingIfNeeded: chance.next()))
        body += [0, 0, 0, 0]
        body.append32(host.address.low)
        body += [UInt8](repeating: 0, count: 12) + host.mac + [UInt8](repeating: 0, count: 10 + 192)
        body += [0x63, 0x82, 0x53, 0x63, 53, 1, 8, 61, 7, 1] + host.mac + [55, 3, 1, 3, 6, 255]
        tap.udp(from: host, port: 68, to: .group(IPAddress(v4: 0xFFFF_FFFF)), port: 67, body, at: at)
    }

    /// NetBIOS name query (RFC 1002 §4.2.12).
    private mutating func names(_ at: Int64) {
        let name = "WORKGROUP".padding(to: 15) + [0x1D]
        var body: [UInt8] = []
        body.append16(UInt16(truncatingIfNeeded: chance.next()))
        body += [0x01, 0x10, 0, 1, 0, 0, 0, 0, 0, 0, 32]
        body += name.flatMap { [0x41 + ($0 >> 4), 0x41 + ($0 & 15)] }
        body += [0, 0, 0x20, 0, 1]
        tap.udp(from: computer(), port: 137, to: .group(network.everybody), port: 137, body, at: at)
    }
}

extension String {
    fileprivate func padding(to count: Int) -> [UInt8] {
        Array(utf8.prefix(count)) + [UInt8](repeating: 0x20, count: Swift.max(0, count - utf8.count))
    }
}
