import Domain
import Testing
import Wire

/// A message that is turned away before its rules are asked is one that none of them would have taken: each condition asked
/// as it is written is the judge. Bodies hide words in every way that their formats know.
struct NeedTests {
    private static let words = [
        "called", "Called", "call", "alle", "7", "-3", "true", "on hold", "a\"b", "chờ", "GET", "",
    ]
    private static let keys = [
        "event", "state", "a.b", "list", "members", "key", "cut", "x1", "0", "no", "chờ", "text",
    ]

    // MARK: Bodies

    private static func string(_ text: String, _ chance: inout SplitMix64) -> String {
        var out = "\""
        for unit in text.unicodeScalars {
            if unit == "\"" || unit == "\\" {
                out += "\\\(unit)"
            } else if unit.value < 0x1_0000, chance.below(12) == 0 {
                let hex = String(unit.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            } else {
                out.unicodeScalars.append(unit)
            }
        }
        return out + "\""
    }

    private static func json(_ chance: inout SplitMix64, depth: Int) -> String {
        let blank = chance.one(of: ["", " ", "\n"])
        switch chance.below(depth > 0 ? 6 : 3) {
        case 0: return chance.one(of: ["7", "-3", "true", "false", "null", "1e3", "70", "7.0"])
        case 1, 2: return string(chance.one(of: words), &chance)
        case 3:
            return "[" + (0..<chance.below(4)).map { _ in json(&chance, depth: depth - 1) }.joined(separator: ",") + "]"
        default:
            let members = (0..<chance.below(4)).map { _ in
                string(chance.one(of: keys), &chance) + blank + ":" + blank + json(&chance, depth: depth - 1)
            }
            return "{" + blank + members.joined(separator: ", ") + "}"
        }
    }

    private static let names = ["event", "state", "a.b", "list", "members", "key", "cut", "x1", "no", "text", "root"]

    private static func xml(_ chance: inout SplitMix64, depth: Int) -> String {
        let name = chance.one(of: names)
        let tag = chance.one(of: ["", "n:"]) + name
        let attributes =
            chance.below(3) == 0 ? " \(chance.one(of: names))='\(escaped(chance.one(of: words), &chance))'" : ""
        var inside = escaped(chance.one(of: words), &chance)
        if depth > 0 { for _ in 0..<chance.below(4) { inside += xml(&chance, depth: depth - 1) } }
        return "<\(tag)\(attributes)>\(inside)</\(tag)>"
    }

    private static func escaped(_ text: String, _ chance: inout SplitMix64) -> String {
        text.unicodeScalars.map { unit in
            switch chance.below(16) {
            case 0: "&#\(unit.value);"
            case 1: "<!-- x -->\(unit == "\"" ? "&quot;" : String(unit))"
            default: unit == "\"" ? "&quot;" : String(unit)
            }
        }.joined()
    }

    private static func pairs(_ chance: inout SplitMix64) -> String {
        (0..<chance.below(5)).map { _ in
            let value = chance.one(of: words).replacing("\"", with: "\\\"")
            return chance.one(of: keys) + "="
                + (chance.below(2) == 0 ? "\"\(value)\"" : chance.one(of: ["7", "called"]))
        }.joined(separator: chance.one(of: [" ", ", "]))
    }

    // MARK: Profiles

    private static func field(_ body: DeviceProfile.Body, _ chance: inout SplitMix64) -> String {
        if chance.below(4) == 0 { return chance.one(of: ["method", "target", "reason", "status", "query.event"]) }
        if chance.below(5) == 0 { return "value.said" }
        if body == .json, chance.below(6) == 0 { return "json.members.key" }
        var name = body.prefix + chance.one(of: keys)
        if body != .pairs, chance.below(2) == 0 { name += "." + chance.one(of: keys) }
        if body == .xml, chance.below(4) == 0 { name += ".@" + chance.one(of: names) }
        return name
    }

    private static func condition(_ body: DeviceProfile.Body, _ chance: inout SplitMix64, depth: Int) -> Condition {
        if depth > 0, chance.below(3) == 0 {
            let parts = (0..<1 + chance.below(5)).map { _ in condition(body, &chance, depth: depth - 1) }
            return chance.below(3) == 0 ? .all(parts) : chance.below(6) == 0 ? .not(parts) : .any(parts)
        }
        let test: Condition.Test =
            switch chance.below(8) {
            case 0: .equals(chance.one(of: words))
            case 1: .oneOf([chance.one(of: words), chance.one(of: words)])
            case 2: .prefix(chance.one(of: words))
            case 3: .suffix(chance.one(of: words))
            case 4: .contains(chance.one(of: words))
            case 5: .present(chance.below(4) > 0)
            case 6: .range(from: -5, through: 70)
            default: .pattern(chance.one(of: ["ca{_}", "{_}ll{_}", "{_}lled", "{_}"]))
            }
        return .field(field(body, &chance), test)
    }

    private static func profile(_ body: DeviceProfile.Body, _ chance: inout SplitMix64) -> DeviceProfile {
        let each: [String] =
            switch (body, chance.below(4)) {
            case (.json, 0): ["json.list"]
            case (.json, 1): ["json.members.*"]
            case (.json, 2): ["json"]
            case (.xml, 0): ["xml.list"]
            case (.xml, 1): ["xml.members.no"]
            default: []
            }
        let rules = (0..<1 + chance.below(4)).map { number in
            DeviceProfile.Rule(
                id: "r\(number)", match: (0..<1 + chance.below(2)).map { _ in condition(body, &chance, depth: 2) },
                event: nil)
        }
        let first = body.prefix + chance.one(of: keys)
        let second = body.prefix + chance.one(of: keys)
        return DeviceProfile(
            id: "test/needs", name: LocalizedName(vi: "", en: "n"), kind: .queue, protocolName: .http, body: body,
            each: each, match: chance.below(3) == 0 ? [.field("method", .oneOf(["GET", "POST"]))] : [],
            maps: [DeviceProfile.ValueMap(name: "m", entries: [DeviceProfile.Entry("7", "called")], otherwise: "x1")],
            values: [
                DeviceProfile.Entry("said", "{\(first), \(second)|\(chance.one(of: ["kebab", "map:m", "upper"]))}")
            ],
            rules: rules)
    }

    private static func message(_ body: DeviceProfile.Body, _ chance: inout SplitMix64) -> Message {
        let text =
            switch body {
            case .json where chance.below(3) == 0: "{\"members\": {\"x1\": \(json(&chance, depth: 2)), \"no\": 7}}"
            case .json: json(&chance, depth: 3)
            case .xml: xml(&chance, depth: 3)
            case .pairs: pairs(&chance)
            }
        let bytes = Array(text.utf8)
        var message = Message(.http, copying: bytes.span.bytes)
        if chance.below(2) == 0 { message.add("method", text: chance.one(of: ["GET", "POST"])) }
        if chance.below(2) == 0 { message.add("reason", text: chance.one(of: words)) }
        if chance.below(2) == 0 { message.add("target", text: "/" + chance.one(of: words)) }
        if chance.below(3) == 0 { message.add("status", integer: chance.one(of: [7, -3, 200])) }
        if chance.below(3) == 0 { message.add(FieldName("query." + "event"), text: chance.one(of: words)) }
        if chance.below(8) > 0 { message.setBody(in: 0..<bytes.count) }
        return message
    }

    @Test(arguments: 0..<60)
    func `what is turned away would have been taken by nobody`(seed: Int) throws {
        var chance = SplitMix64(seed: UInt64(seed))
        var (taken, turnedAway) = (0, 0)
        for _ in 0..<40 {
            let body = DeviceProfile.Body.allCases[chance.below(DeviceProfile.Body.allCases.count)]
            let profile = Self.profile(body, &chance)
            guard profile.problems.isEmpty else {
                #expect(profile.problems.isEmpty)
                continue
            }
            let recognizer = try Recognizer(profile, device: Kiosk.device(), clock: Kiosk.clock)
            for _ in 0..<20 {
                let message = Self.message(body, &chance)
                let takers = recognizer.takers(of: message, isTold: false)
                let recognition = recognizer.recognise(message, heard: Kiosk.noon)
                let said = String(decoding: message.body, as: UTF8.self)
                #expect((recognition == .unmapped) == takers.isEmpty, "\(said)\n\(profile)")
                var watched = Remains()
                watched.elements = []
                #expect(recognizer.recognise(message, heard: Kiosk.noon, &watched) == recognition)
                if !takers.isEmpty { taken += 1 }
                if recognizer.look(at: message) != nil { turnedAway += 1 }
            }
        }
        // Both happen, or the test would say nothing.
        #expect(taken > 20 && turnedAway > 20)
    }
}
