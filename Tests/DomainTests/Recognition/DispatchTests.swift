import Testing
import Wire

@testable import Domain

/// What the questions leave out, the rules themselves would have left out; nothing else.
@Suite struct DispatchTests {
    private static let count = 36

    /// Rules that ask for a text, a start and a pattern in turn, one that asks for another field, and one for anything.
    private static let profile = DeviceProfile(
        id: "test/dispatch", name: LocalizedName(vi: "", en: "Test"), kind: .queue, protocolName: .mqtt,
        match: [.field("type", .equals("PUBLISH"))],
        rules: (0..<count).map { number in
            let test: Condition.Test =
                switch number % 3 {
                case 0: .oneOf(["a/\(number)", "b/\(number)"])
                case 1: .prefix("c/\(number)/")
                default: .pattern("d/\(number)/{rest}")
                }
            return rule("r\(number)", .field("topic", test))
        } + [
            rule("retained", .field("retain", .equals("true"))), rule("any", .field("topic", .contains("z"))),
        ])

    private static func rule(_ id: String, _ condition: Condition) -> DeviceProfile.Rule {
        DeviceProfile.Rule(
            id: id, match: [condition], event: "ticket.called", counter: nil,
            payload: [DeviceProfile.Entry("number", id)])
    }

    private func recognised(type: String = "PUBLISH", topic: String?, retain: Bool = false) throws -> String? {
        let device = Device(id: "device", profile: "test/dispatch", address: "192.0.2.1")
        let recognizer = try Recognizer(Self.profile, device: device, clock: OfficeClock(offsetSeconds: 0))
        var message = Message(.mqtt)
        message.add("type", text: type)
        if let topic { message.add("topic", text: topic) }
        message.add("retain", boolean: retain)
        guard case .matched(let observations) = recognizer.recognise(message, heard: Instant(milliseconds: 0)) else {
            return nil
        }
        #expect(recognizer.look(at: message) == nil)
        return observations.first?.rule
    }

    @Test func `each rule is found, and no other`() throws {
        for number in 0..<Self.count {
            let topic =
                switch number % 3 {
                case 0: "b/\(number)"
                case 1: "c/\(number)/x"
                default: "d/\(number)/x"
                }
            #expect(try recognised(topic: topic) == "r\(number)")
            #expect(try recognised(type: "SUBSCRIBE", topic: topic) == nil)
            #expect(try recognised(topic: "e" + topic) == nil)
        }
    }

    @Test func `rules that ask for something else are not left out`() throws {
        #expect(try recognised(topic: "a/0", retain: true) == "r0")
        #expect(try recognised(topic: "x", retain: true) == "retained")
        #expect(try recognised(topic: nil, retain: true) == "retained")
        #expect(try recognised(topic: "xyz") == "any")
        #expect(try recognised(topic: nil) == nil)
    }

    @Test func `an address has its devices in order, and no other address has any`() {
        var table = AddressTable<IPAddress>()
        for number in 0..<200 { table.add(number, at: IPAddress(v4: UInt32(number / 2 * 7))) }
        for number in 0..<100 {
            #expect(table[table.find(IPAddress(v4: UInt32(number * 7)))] == [number * 2, number * 2 + 1])
            #expect(table.look(IPAddress(v4: UInt32(number * 7))).single < 0)
            #expect(table.find(IPAddress(v4: UInt32(number * 7 + 1))) < 0)
            #expect(table.find(IPAddress(v6High: 0, low: UInt64(number * 7))) < 0)
        }
        table.add(900, at: IPAddress(v6High: 0, low: 0))
        #expect(table.look(IPAddress(v6High: 0, low: 0)).single == 900)
        #expect(AddressTable<IPAddress>().find(IPAddress(v4: 1)) < 0)
    }
}
