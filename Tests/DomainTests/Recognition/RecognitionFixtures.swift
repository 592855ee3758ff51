import Domain
import Wire

/// Small devices and messages for tests of recognition.
enum Kiosk {
    static let clock = OfficeClock(offsetSeconds: 7 * 3_600)
    static let noon = Instant(milliseconds: 1_794_286_800_000)

    static func device(_ id: String = "kiosk", profile: String = "test/kiosk", address: String = "192.0.2.10") -> Device
    {
        Device(
            id: id, profile: profile, address: address, zones: [Device.Zone(name: "staff", token: "rule-1")],
            aliases: [Device.Alias(said: "3", meant: "q3")])
    }

    /// A profile with the given rules; its messages are syslog of program `qms`.
    static func profile(
        id: String = "test/kiosk", body: DeviceProfile.Body? = .pairs, match: [Condition] = [],
        stamped: DeviceProfile.Stamp? = nil, maps: [DeviceProfile.ValueMap] = [], rules: [DeviceProfile.Rule]
    ) -> DeviceProfile {
        DeviceProfile(
            id: id, name: LocalizedName(vi: "Máy", en: "Kiosk"), kind: .queue, protocolName: .syslog, body: body,
            match: match, stamped: stamped, maps: maps, rules: rules)
    }

    static func called(_ id: String = "called", match: [Condition], number: String = "{pair.ticket}")
        -> DeviceProfile.Rule
    {
        DeviceProfile.Rule(
            id: id, match: match, event: "ticket.called", counter: "{pair.counter}",
            payload: [DeviceProfile.Entry("number", number)])
    }

    static func syslog(_ text: String, msgid: String = "TICKET", timestamp: String? = nil) -> Message {
        let bytes = Array(text.utf8)
        var message = Message(.syslog, copying: bytes.span.bytes)
        message.add("app", text: "qms")
        message.add("msgid", text: msgid)
        message.add("text", in: 0..<bytes.count)
        message.setBody(in: 0..<bytes.count)
        if let timestamp { message.add("timestamp", text: timestamp) }
        return message
    }

    static func recognise(_ profile: DeviceProfile, _ message: Message) throws -> Recognition {
        try Recognizer(profile, device: device(profile: profile.id), clock: clock).recognise(message, heard: noon)
    }

    static func events(_ profile: DeviceProfile, _ message: Message) throws -> [EventKind] {
        if case .matched(let observations) = try recognise(profile, message) { observations.map(\.kind) } else { [] }
    }
}
