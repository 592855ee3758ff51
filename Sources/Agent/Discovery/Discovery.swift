public import Domain
public import Wire

/// What an unknown office says, gathered until a draft of its site file can be written: who is there, what each says of
/// itself, which profile reads what it says, and what nobody understands.
///
/// It is told frames and messages and returns text; no clock, no network. Bounded: `hostLimit` hosts, a few names each.
public struct Discovery: Sendable {
    public static let hostLimit = 1_024
    static let namesLimit = 8

    /// One device, known by its address; one without an address (a switch) by its hardware's.
    struct Host: Sendable {
        var address: IPAddress?
        var mac: MACAddress?
        var frames: UInt64 = 0
        /// What it says of itself, with where that was heard: `LLDP: front-desk-switch`.
        var names: [String] = []
        /// Kinds of device that its words hint at, by the service or type that does.
        var hints: Set<Hint> = []
        /// Messages by protocol.
        var messages: [ProtocolName: Int] = [:]
        /// By profile: messages that gave events, that were understood as nothing, and that no rule was for.
        var readings: [String: Reading] = [:]
    }

    struct Reading: Hashable, Sendable {
        var matched = 0
        var ignored = 0
        var others = 0
        /// Elements of lists that no rule is for.
        var elements: UInt64 = 0
    }

    enum Hint: String, Hashable, Sendable, CaseIterable {
        case camera, meeting, printer, network
    }

    let profiles: [(profile: DeviceProfile, recognizer: Recognizer)]
    private(set) var hosts: [Key: Host] = [:]
    /// Hosts beyond the limit.
    public private(set) var overflow: UInt64 = 0
    var unclaimed = UnclaimedTraffic()

    enum Key: Hashable, Comparable, Sendable {
        case address(IPAddress)
        case mac(MACAddress)
    }

    /// Profiles that cannot be used are left out; `check` tells why.
    public init(profiles: [DeviceProfile]) {
        let clock = OfficeClock(offsetSeconds: 0)
        self.profiles = profiles.filter { !$0.protocolName.isOfFiles && $0.protocolName != .framed }.compactMap {
            profile in
            let device = Device(id: "device", profile: profile.id, address: "")
            guard let recognizer = try? Recognizer(profile, device: device, clock: clock) else { return nil }
            return (profile, recognizer)
        }
    }

    public var hostCount: Int { hosts.count }

    /// A frame, and who sent it.
    public mutating func add(_ frame: borrowing RawSpan, _ header: FrameHeader, from sender: FrameSender) {
        unclaimed.add(frame, header)
        guard let address = sender.address, address.isHost else { return }
        with(.address(address)) { host in
            host.frames &+= 1
            if let mac = sender.mac, !mac.isGroup, !mac.isZero { host.mac = mac }
        }
    }

    public mutating func add(_ heard: HeardMessage) {
        unclaimed.claim(heard)
        let message = heard.message
        if let mac = heard.source.mac {
            with(.mac(mac)) { $0.mac = mac }
            note(message, of: .mac(mac))
            read(heard, of: .mac(mac), isSource: true)
            return
        }
        guard heard.source.address.isHost else {
            // A device that asks for an address has none yet; it is known by its hardware.
            if message.protocolName == .dhcp, let text = message.text(DHCP.Field.clientMAC), let mac = MACAddress(text)
            {
                with(.mac(mac)) { $0.mac = mac }
                note(message, of: .mac(mac))
            }
            return
        }
        note(message, of: .address(heard.source.address))
        read(heard, of: .address(heard.source.address), isSource: true)
        if heard.target.address.isHost { read(heard, of: .address(heard.target.address), isSource: false) }
    }

    private mutating func with(_ key: Key, _ body: (inout Host) -> Void) {
        if hosts[key] == nil {
            guard hosts.count < Self.hostLimit else {
                overflow &+= 1
                return
            }
            var host = Host()
            if case .address(let address) = key { host.address = address }
            hosts[key] = host
        }
        if var host = hosts.removeValue(forKey: key) {
            body(&host)
            hosts[key] = host
        }
    }

    /// Whose profile reads it: all of them try, since nobody has said yet what it is.
    private mutating func read(_ heard: HeardMessage, of key: Key, isSource: Bool) {
        let instant = Instant(milliseconds: heard.at.milliseconds)
        var found: [(String, Recognition, UInt64)] = []
        // A broker repeats what others say.
        let isBroker = heard.message.protocolName == .mqtt && heard.source.port < heard.target.port
        // Everything answers a ping: it tells of no profile.
        let isEcho = heard.message.protocolName == .icmp
        for (profile, recognizer) in profiles where !isEcho && ((isSource && !isBroker) || profile.party == .either) {
            var rest = Remains()
            let recognition = recognizer.recognise(heard.message, heard: instant, &rest)
            if case .unread = recognition { continue }
            found.append((profile.id, recognition, rest.unmappedElements))
        }
        with(key) { host in
            if isSource { host.messages[heard.message.protocolName, default: 0] += 1 }
            for (id, recognition, elements) in found {
                host.readings[id, default: Reading()].elements += elements
                switch recognition {
                case .matched, .incomplete: host.readings[id, default: Reading()].matched += 1
                case .ignored: host.readings[id, default: Reading()].ignored += 1
                case .unmapped, .unread: host.readings[id, default: Reading()].others += 1
                }
            }
        }
    }

    // MARK: What devices say of themselves

    private mutating func note(_ message: Message, of key: Key) {
        var names: [String] = []
        var hints: Set<Hint> = []
        func name(_ source: String, _ text: String?) {
            if let text = text.map({ CleanText.clean($0) }), !text.isEmpty { names.append(source + ": " + text) }
        }
        switch message.protocolName {
        case .lldp:
            name("LLDP", message.text(LLDP.Field.systemName))
            name("LLDP", message.text(LLDP.Field.systemDescription))
            name("LLDP port", message.text(LLDP.Field.portId))
            hints.insert(.network)
        case .cdp:
            name("CDP", message.text(CDP.Field.deviceId))
            name("CDP", message.text(CDP.Field.platform))
            hints.insert(.network)
        case .mdns:
            guard message.text(MDNS.Field.type) == "response" else { return }
            for field in message.fields where field.name == MDNS.Field.service || field.name == MDNS.Field.instance {
                name("mDNS", field.value.text)
                hints.formUnion(Self.hints(field.value.text))
            }
        case .ssdp:
            name("SSDP", message.text(SSDP.Field.server))
            name("SSDP", message.text(SSDP.Field.notificationType))
            hints.formUnion(Self.hints(message.text(SSDP.Field.notificationType) ?? ""))
        case .wsDiscovery:
            guard let types = message.text(WSDiscovery.Field.types) else { return }
            name("WS-Discovery", types)
            for field in message.fields where field.name.rawValue.hasPrefix("scope.") {
                name("WS-Discovery " + field.name.rawValue.dropFirst(6), field.value.text)
            }
            hints.formUnion(Self.hints(types))
        case .dhcp:
            guard message[DHCP.Field.isReply]?.text != "true" else { return }
            name("DHCP", message.text(DHCP.Field.hostName))
            name("DHCP", message.text(DHCP.Field.vendorClass))
        case .sip, .q931, .h225:
            name("SIP", message.text("user-agent"))
            hints.insert(.meeting)
        case .onvif, .isapi, .dahua, .rtsp: hints.insert(.camera)
        case .escpos: hints.insert(.printer)
        default: return
        }
        with(key) { host in
            host.hints.formUnion(hints)
            for name in names where !host.names.contains(name) && host.names.count < Self.namesLimit {
                host.names.append(name)
            }
        }
    }

    private static func hints(_ text: String) -> Set<Hint> {
        let text = text.lowercased()
        var out: Set<Hint> = []
        for word in ["networkvideotransmitter", "axis-video", "_rtsp", "camera", "_psia", "_onvif"]
        where text.contains(word) {
            out.insert(.camera)
        }
        for word in ["_pdl-datastream", "_printer", "_ipp"] where text.contains(word) { out.insert(.printer) }
        for word in ["_sip", "_h323"] where text.contains(word) { out.insert(.meeting) }
        return out
    }
}

extension IPAddress {
    /// One machine's own: not unspecified, multicast or broadcast.
    fileprivate var isHost: Bool {
        if self == .unspecified { return false }
        let text = description
        guard isIPv4 else { return !text.hasPrefix("ff") }
        let first = Int(text.prefix { $0 != "." }) ?? 0
        return first > 0 && first < 224 && !text.hasSuffix(".255")
    }
}
