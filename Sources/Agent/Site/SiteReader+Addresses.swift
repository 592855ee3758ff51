internal import Domain
internal import Wire
internal import Yams

extension SiteReader {
    /// Where a device is found: a form that its profile can be heard by, that nobody else of that profile has.
    mutating func checkAddress(
        _ address: String, _ profile: String?, _ fields: YAMLFields, _ first: inout FirstLines
    ) {
        let node = fields["address"]
        let shown = Words.shown(address)
        let isOfFiles = profile.flatMap { library?.profile($0) }?.protocolName.isOfFiles
        guard let parsed = DeviceAddress(address) else {
            return problems.note(
                node,
                "'\(shown)' is no address; write 192.168.10.20 (or 192.168.10.20:5200, 2001:db8::20), 00:18:ba:98:68:8f, "
                    + "topic:FILTER@BROKER, behind:DEVICE, name:WORD or file:PATH")
        }
        switch parsed {
        case .rows where isOfFiles == false:
            return problems.note(
                node,
                "'\(shown)' is for devices that are read from files, and \(profile ?? "") reads the network: write an "
                    + "IP address")
        case .ip where isOfFiles == true, .mac where isOfFiles == true, .topic where isOfFiles == true:
            return problems.note(
                node, "'\(shown)' names no rows; write name:WORD (a row's name for it), name:*, or file:PATH")
        case .behind(let recorder):
            behind.append((recorder, node))
            return
        case .topic where profile.flatMap({ library?.profile($0) }).map({ $0.protocolName != .mqtt }) == true:
            return problems.note(node, "'\(shown)' is for devices that speak MQTT, and \(profile ?? "") does not")
        default: break
        }
        let key = "address \(parsed) \(profile ?? "")"
        if let line = first.lines[key] {
            problems.note(node, "address \(shown) has a device of the same profile already (line \(line))")
        }
        first.lines[key] = node?.line ?? 0
    }
}
