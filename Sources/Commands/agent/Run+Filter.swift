import Capture
import Domain

extension CaptureFilter {
    /// Exactly what the site's devices say: by address, by hardware address, and to the brokers of their topics.
    /// `nil`: nothing is heard on a network.
    init?(_ site: Site) {
        var ports: [CaptureFilter.Device] = []
        for device in site.devices {
            switch DeviceAddress(device.address) {
            case .ip(let address, let only): ports.append(CaptureFilter.Device(address, ports: only))
            case .mac(let mac): ports.append(CaptureFilter.Device(mac))
            case .topic(_, let broker): ports.append(CaptureFilter.Device(broker, ports: []))
            case .rows, .behind, nil: break
            }
        }
        guard !ports.isEmpty else { return nil }
        self.init(devices: ports)
    }
}
