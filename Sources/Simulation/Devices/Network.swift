internal import Domain
internal import Wire

/// The stations of a simulated office: declared devices, and those that no site file knows.
final class Network {
    let devices: [String: Host]
    /// Where syslog goes: the machine that an agent may run on.
    let logger: Host
    let broker: Host
    /// Shows who is called: hears the broker's copies.
    let board: Host
    /// The video management system that cameras notify.
    let recorder: Host
    let registrar: Host
    let gateway: Host
    let server: Host
    /// Clerks' PCs.
    let computers: [Host]
    /// Another office's devices on the same wire: they speak like ours and are none of ours.
    let strangers: [Host]
    /// The far end of calls, behind the gateway.
    let far: Host
    let outside: Host
    let subnet: UInt32

    init(_ scenario: Scenario) {
        var addresses: Set<UInt32> = []
        var devices: [String: Host] = [:]
        var subnet: UInt32 = 0xC0A8_0A00
        for (index, device) in scenario.site.devices.enumerated() {
            guard let address = IPAddress(device.address), address.isIPv4 else { continue }
            let value = UInt32(truncatingIfNeeded: address.low)
            if devices.isEmpty { subnet = value & 0xFFFF_FF00 }
            addresses.insert(value)
            devices[device.id] = Host(device.id, address: address, vlan: scenario.hosts[index].vlan)
        }
        self.devices = devices
        self.subnet = subnet
        var free = (1...254).map { subnet + UInt32($0) }.filter { !addresses.contains($0) }[...]
        func station(_ name: String, _ timeToLive: UInt8 = 64) -> Host {
            Host(name, address: IPAddress(v4: free.popFirst() ?? subnet), timeToLive: timeToLive)
        }
        gateway = station("gateway")
        logger = station("logger")
        broker = station("broker")
        board = station("board")
        recorder = station("recorder", 128)
        registrar = station("registrar")
        server = station("server", 128)
        computers = (1...4).map { station("pc-\($0)", 128) }
        strangers = (1...3).map { station("stranger-\($0)") }
        far = Host("far", address: IPAddress(v4: 0x0A14_0005), timeToLive: 58, mac: gateway.mac)
        outside = Host("outside", address: IPAddress(v4: 0xCB00_7150), timeToLive: 52, mac: gateway.mac)
    }

    var everybody: IPAddress { IPAddress(v4: subnet | 0xFF) }
}
