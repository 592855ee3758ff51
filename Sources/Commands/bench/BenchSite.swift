import Domain
import Wire

/// The office that the benchmark's traffic is about: its devices, and the rules of the shipped profiles that its
/// messages match, written out here so that the benchmark needs no YAML.
enum BenchSite {
    static let day = LocalDay(number: 20_767)
    static let counterCount = 24
    static let kioskCount = 20
    static let publisherCount = 12
    static let cameraCount = 24
    static let meetingCount = 12

    static func address(_ group: Int, _ index: Int) -> IPAddress {
        IPAddress(v4: 0x0A14_0001 + UInt32(group * 256 + index))
    }

    /// Each group has some hosts on IPv6.
    static func address6(_ group: Int, _ index: Int) -> IPAddress {
        IPAddress(v6High: 0xFD00_0020_0000_0000, low: UInt64(group * 256 + index + 1))
    }

    static func isV6(_ index: Int) -> Bool { index % 12 == 5 }

    static func host(_ group: Int, _ index: Int) -> IPAddress {
        isV6(index) ? address6(group, index) : address(group, index)
    }

    static let revision: SiteRevision = {
        let services = (0..<6).map { Service(id: "s\($0)", name: LocalizedName(vi: "", en: "Service \($0)")) }
        let counters = (0..<counterCount).map { index in
            Counter(
                id: "q\(index)", services: ["s\(index % 6)"], cameras: ["cam\(index)"],
                meetings: index < meetingCount ? ["meet\(index)"] : [])
        }
        var devices: [Device] = []
        for index in 0..<kioskCount {
            devices.append(
                Device(
                    id: "kiosk\(index)", profile: "generic/syslog-kiosk", address: "\(host(0, index))",
                    ticketSystem: "queue"))
        }
        for index in 0..<publisherCount {
            devices.append(
                Device(
                    id: "board\(index)", profile: "generic/mqtt-json", address: "\(host(1, index))",
                    ticketSystem: "boards"))
        }
        for index in 0..<cameraCount {
            devices.append(
                Device(
                    id: "cam\(index)", profile: "onvif/generic", address: "\(host(2, index))",
                    zones: [Device.Zone(name: "staff", token: "rule-1")]))
        }
        for index in 0..<meetingCount {
            devices.append(Device(id: "meet\(index)", profile: "sip/generic", address: "\(host(3, index))"))
        }
        let office = Office(
            id: "bench", name: LocalizedName(vi: "", en: "Bench"), timezone: "Asia/Ho_Chi_Minh",
            clock: OfficeClock(offsetSeconds: 25_200))
        let hours = WeeklyHours(
            Dictionary(uniqueKeysWithValues: Weekday.allCases.map { ($0, [0..<86_400_000]) }))
        let site = Site(office: office, hours: hours, services: services, counters: counters, devices: devices)
        return SiteRevision(site: site, validFrom: day, source: [], digest: [])
    }()

    static let profiles: [DeviceProfile] = [queue, boards, camera, meeting]

    private static let queue = DeviceProfile(
        id: "generic/syslog-kiosk", name: LocalizedName(vi: "", en: "Kiosk"), kind: .queue, protocolName: .syslog,
        body: .pairs, match: [.field("app", .equals("qms"))],
        stamped: DeviceProfile.Stamp(field: "timestamp", format: .iso8601),
        rules: ["issued", "called", "serving", "served"].map { action in
            DeviceProfile.Rule(
                id: action,
                match: [.field("msgid", .equals("TICKET")), .field("pair.action", .equals(action))],
                event: "ticket.\(action)", counter: action == "issued" ? nil : "{pair.counter}",
                payload: [DeviceProfile.Entry("number", "{pair.ticket}")]
                    + (action == "issued" ? [DeviceProfile.Entry("service", "{pair.service}")] : []))
        })

    private static let boards = DeviceProfile(
        id: "generic/mqtt-json", name: LocalizedName(vi: "", en: "Board"), kind: .queue, protocolName: .mqtt,
        body: .json, match: [.field("type", .equals("PUBLISH"))],
        stamped: DeviceProfile.Stamp(field: "json.time", format: .iso8601),
        rules: ["issued", "called", "serving", "served"].map { action in
            DeviceProfile.Rule(
                id: action, match: [.field("topic", .pattern("queue/{branch}/ticket/\(action)"))],
                event: "ticket.\(action)", counter: action == "issued" ? nil : "{json.counter}",
                payload: [DeviceProfile.Entry("number", "{json.number}")]
                    + (action == "issued" ? [DeviceProfile.Entry("service", "{json.service}")] : []))
        })

    private static let camera = DeviceProfile(
        id: "onvif/generic", name: LocalizedName(vi: "", en: "Camera"), kind: .camera, protocolName: .onvif,
        stamped: DeviceProfile.Stamp(field: "utcTime", format: .iso8601UTC),
        rules: [
            DeviceProfile.Rule(
                id: "presence",
                match: [.field("topic", .equals("tns1:RuleEngine/CountAggregation/OccupancyCounter"))],
                event: "camera.presence",
                payload: [
                    DeviceProfile.Entry("zone", "{source.Rule}"), DeviceProfile.Entry("count", "{data.Count}"),
                ])
        ])

    private static let meeting = DeviceProfile(
        id: "sip/generic", name: LocalizedName(vi: "", en: "Meeting"), kind: .meeting, protocolName: .sip,
        party: .either,
        rules: [
            DeviceProfile.Rule(
                id: "started",
                match: [
                    .field("cseq-method", .equals("INVITE")), .field("status", .range(from: 200, through: 299)),
                ],
                event: "meeting.started", payload: [DeviceProfile.Entry("id", "{call-id|hash}")],
                pair: DeviceProfile.Pair(.start, key: "{call-id}")),
            DeviceProfile.Rule(
                id: "ended", match: [.field("method", .equals("BYE"))], event: "meeting.ended",
                payload: [DeviceProfile.Entry("id", "{call-id|hash}"), DeviceProfile.Entry("cause", "bye")],
                pair: DeviceProfile.Pair(.end, key: "{call-id}")),
            DeviceProfile.Rule(
                id: "signalling", match: [.field("cseq-method", .oneOf(["INVITE", "ACK"]))], event: nil),
        ])
}
