import Capture
import Domain
import Wire

extension CaptureFilter {
    /// Exactly what the site's devices say: by address, by hardware address, and to the brokers of their topics.
    /// `nil`: nothing is heard on a network.
    init?(_ site: Site, _ profiles: [DeviceProfile]) {
        var heard: [CaptureFilter.Device] = []
        for device in site.devices {
            switch DeviceAddress(device.address) {
            case .ip(let address, let only):
                let hasMedia = profiles.contains { $0.id == device.profile && $0.readsMedia }
                heard.append(CaptureFilter.Device(address, ports: only, hasMedia: hasMedia))
            case .mac(let mac): heard.append(CaptureFilter.Device(mac))
            case .topic(_, let broker): heard.append(CaptureFilter.Device(broker, ports: []))
            case .rows, .behind, nil: break
            }
        }
        guard !heard.isEmpty else { return nil }
        self.init(devices: heard)
    }
}

extension DeviceProfile {
    /// Whether any rule is about what goes to announced ports, whose numbers no site file can name.
    fileprivate var readsMedia: Bool {
        let media: [ProtocolName] = [.rtp, .rtcp]
        return media.contains(protocolName) || rules.contains { $0.protocolName.map(media.contains) ?? false }
    }
}
