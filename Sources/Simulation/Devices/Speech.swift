internal import Domain
internal import Wire

/// What a device's words for a fact are: the four ways of speaking that the shipped device folders read.
struct Speech {
    let site: Site
    let device: Device
    let host: Scenario.HostPlan

    init?(_ scenario: Scenario, _ device: String) {
        guard let index = scenario.site.devices.firstIndex(where: { $0.id == device }) else { return nil }
        site = scenario.site
        self.device = scenario.site.devices[index]
        host = scenario.hosts[index]
    }

    /// The device's own clock at a moment.
    func stamped(_ at: Instant) -> Instant { at + host.clockOffset }

    private func clockText(_ at: Instant) -> String { site.office.clock.text(stamped(at)) }

    /// What the device calls a counter or a service.
    private func said(_ id: String) -> String {
        device.aliases.first { $0.meant == id }?.said ?? id
    }

    // MARK: Ticket systems

    /// The parts of a ticket or counter fact in the order in which the devices tell them.
    private func parts(_ fact: Fact) -> (subject: String, action: String, pairs: [(String, Fact.Part)])? {
        switch fact {
        case .ticket(let ticket):
            var pairs: [(String, Fact.Part)] = [("number", .text(ticket.number))]
            if let counter = ticket.counter { pairs.append(("counter", .text(said(counter)))) }
            if let service = ticket.service { pairs.append(("service", .text(said(service)))) }
            if let channel = ticket.channel { pairs.append(("channel", .text(channel))) }
            if let priority = ticket.priority { pairs.append(("priority", .number(priority))) }
            if let service = ticket.toService { pairs.append(("toService", .text(said(service)))) }
            if let counter = ticket.toCounter { pairs.append(("toCounter", .text(said(counter)))) }
            if let quantity = ticket.quantity { pairs.append(("quantity", .number(quantity))) }
            if let outcome = ticket.outcome { pairs.append(("outcome", .text(outcome))) }
            return ("ticket", ticket.action.rawValue, pairs)
        case .counter(let action, let counter, let reason):
            var pairs: [(String, Fact.Part)] = [("counter", .text(said(counter)))]
            if let reason { pairs.append(("reason", .text(reason))) }
            return ("counter", action.rawValue, pairs)
        default: return nil
        }
    }

    /// generic/syslog-kiosk: RFC 5424, `qms`, `key=value` pairs.
    func queueSyslog(_ fact: Fact, at: Instant) -> [UInt8]? {
        guard let (subject, action, pairs) = parts(fact) else { return nil }
        var text = "action=\(action)"
        for (key, part) in pairs {
            let name =
                switch key {
                case "number": "ticket"
                case "toService": "to-service"
                case "toCounter": "to-counter"
                default: key
                }
            text += " \(name)=\(part.pair)"
        }
        return Syslog.encode(
            facility: .local0, severity: .info, timestamp: clockText(at), hostname: device.id, app: "qms",
            msgid: subject.uppercased(), text: text)
    }

    func queueHeartbeat(at: Instant, count: Int) -> [UInt8] {
        Syslog.encode(
            facility: .local0, severity: .debug, timestamp: clockText(at), hostname: device.id, app: "qms",
            msgid: "HEARTBEAT", text: "uptime=\(count) paper=ok")
    }

    /// generic/mqtt-json: topic and JSON payload.
    func publication(_ fact: Fact, at: Instant) -> (topic: String, payload: [UInt8])? {
        guard let (subject, action, pairs) = parts(fact) else { return nil }
        var text = "{"
        for (key, part) in pairs { text += "\"\(key)\":\(part.json)," }
        text += "\"time\":\"\(clockText(at))\"}"
        return ("queue/\(site.office.id)/\(subject)/\(action)", Array(text.utf8))
    }

    // MARK: Cameras

    /// onvif/generic: one notification per fact; `nil` for facts that cameras tell by syslog.
    func notification(_ fact: Fact, at: Instant, isRestated: Bool) -> ONVIF.Notification? {
        let topic: String
        var source = [ONVIF.Notification.Item("VideoSource", "vs-0")]
        let data: ONVIF.Notification.Item
        switch fact {
        case .presence(let zone, let count):
            topic = "tns1:RuleEngine/CountAggregation/OccupancyCounter"
            let token = device.zones.first { $0.name == zone }?.token ?? zone
            source += [.init("VideoAnalyticsConfigurationToken", "va-0"), .init("Rule", token)]
            data = .init("Count", "\(count)")
        case .video(let on):
            topic = "tns1:VideoSource/SignalLoss"
            source = [.init("Source", "vs-0")]
            data = .init("State", on ? "false" : "true")
        case .tamper(let on):
            topic = "tns1:RuleEngine/TamperDetector/Tamper"
            source = [
                .init("VideoSourceConfigurationToken", "vs-0"), .init("VideoAnalyticsConfigurationToken", "va-0"),
                .init("Rule", "tamper"),
            ]
            data = .init("IsTamper", on ? "true" : "false")
        case .motion(let on):
            topic = "tns1:RuleEngine/CellMotionDetector/Motion"
            source = [
                .init("VideoSourceConfigurationToken", "vs-0"), .init("VideoAnalyticsConfigurationToken", "va-0"),
                .init("Rule", "motion"),
            ]
            data = .init("IsMotion", on ? "true" : "false")
        case .storageFault(let on) where tellsStorageByONVIF:
            topic = "tns1:Device/HardwareFailure/StorageFailure"
            source = [.init("Token", "sd-1")]
            data = .init("Failed", on ? "true" : "false")
        default: return nil
        }
        let time = ONVIF.utcTime(Timestamp(milliseconds: stamped(at).milliseconds))
        return ONVIF.Notification(
            topic: topic, utcTime: time, operation: isRestated ? "Initialized" : "Changed", source: source,
            data: [data])
    }

    /// Half of the makers log a dying card, the others notify.
    private var tellsStorageByONVIF: Bool { FNV1a.hash64(device.id.utf8) % 2 == 0 }

    func cameraSyslog(_ fact: Fact, at: Instant) -> [UInt8]? {
        switch fact {
        case .recording(let on): cameraLine("RECORDING", "state=\(on ? "on" : "off")", at: at)
        case .storageFault(let on) where !tellsStorageByONVIF:
            cameraLine("STORAGE", "state=\(on ? "fault" : "ok") card=sd-1", at: at)
        case .rebooted: cameraLine("REBOOT", "cause=power", at: at)
        default: nil
        }
    }

    func cameraLine(_ msgid: String, _ text: String, at: Instant) -> [UInt8] {
        Syslog.encode(
            facility: .local4, severity: .notice, timestamp: clockText(at), hostname: device.id, app: "cam",
            msgid: msgid, text: text)
    }

    /// The HTTP request that brings notifications to their subscriber.
    static func notify(_ notifications: [ONVIF.Notification], to consumer: Endpoint, isLast: Bool) -> [UInt8] {
        HTTP1.encodeRequest(
            method: "POST", target: "/onvif/notify",
            headers: [
                ("Host", consumer.description), ("User-Agent", "gSOAP/2.8"),
                ("Content-Type", "application/soap+xml; charset=utf-8"),
                ("Connection", isLast ? "close" : "keep-alive"),
            ], body: ONVIF.encodeNotify(notifications))
    }

    static func accepted(isLast: Bool) -> [UInt8] {
        HTTP1.encodeResponse(
            status: 200, headers: [("Server", "vms/3"), ("Connection", isLast ? "close" : "keep-alive")])
    }
}

extension Fact {
    /// A value on its way into a message.
    enum Part {
        case text(String)
        case number(Int64)

        var json: String {
            switch self {
            case .text(let text): TruthText.json(text)
            case .number(let value): "\(value)"
            }
        }

        /// Quoted where a blank would end it.
        var pair: String {
            switch self {
            case .number(let value): "\(value)"
            case .text(let text): text.contains(" ") || text.isEmpty ? "\"\(text)\"" : text
            }
        }
    }
}
