public import Domain
public import Wire

extension Site {
    /// What the site says of ports: a device whose address has some speaks its profile's protocol there.
    public func declarations(profiles: [DeviceProfile]) -> [Declaration] {
        var out: [Declaration] = []
        for device in devices {
            guard case .ip(let address, let ports) = DeviceAddress(device.address),
                let profile = profiles.first(where: { $0.id == device.profile })
            else { continue }
            let name = Protocols.carrier(of: profile.protocolName)
            for port in ports {
                if name == .framed {
                    out.append(Declaration(address, port: port, .udp, .framed, layout: profile.frame))
                    continue
                }
                if Protocols.datagramDecoder(name) != nil { out.append(Declaration(address, port: port, .udp, name)) }
                if Protocols.streamDecoder(name) != nil { out.append(Declaration(address, port: port, .tcp, name)) }
            }
        }
        return out
    }
}
