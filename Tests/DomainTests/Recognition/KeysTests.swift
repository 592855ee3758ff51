import Domain
import Testing
import Wire

/// The bounds of what is remembered by key: each rule with `once` has its own, and the states of `pair` theirs.
struct KeysTests {
    private static func once(_ word: String) -> DeviceProfile.Rule {
        DeviceProfile.Rule(
            id: word, match: [.field("json.event", .equals(word))], event: "dossier.supplemented",
            payload: [DeviceProfile.Entry("code", "{json.key}")], once: "{json.key}")
    }

    private static func call(_ edge: DeviceProfile.Pair.Edge) -> DeviceProfile.Rule {
        DeviceProfile.Rule(
            id: edge.rawValue, match: [.field("json.event", .equals(edge.rawValue))],
            event: edge == .start ? "meeting.started" : "meeting.ended",
            payload: [DeviceProfile.Entry("id", "{json.key}")], pair: DeviceProfile.Pair(edge, key: "{json.key}"))
    }

    /// How many events each of the messages gives, and what was forgotten.
    private static func tell(_ said: [(String, String)]) throws -> (events: [Int], forgotten: UInt64) {
        var pipeline = try LastingTests.pipeline([once("a"), once("b"), call(.start), call(.end)])
        var events: [Int] = []
        for (index, (event, key)) in said.enumerated() {
            let json = "{\"event\":\"\(event)\",\"key\":\"\(key)\"}"
            let told = LastingTests.say(&pipeline, json, at: Int64(index))
            events.append(told.filter { !$0.kind.name.hasPrefix("agent.") }.count)
        }
        return (events, pipeline.counters.forgottenPairs)
    }

    @Test func `keys that are told once push out neither another rule's nor a call, in any order`() throws {
        let firsts = [("a", "k"), ("b", "k"), ("start", "k")]
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let kept = order.prefix(2).map { firsts[$0] }
            let flooded = firsts[order[2]].0
            let flood = (0..<400).map { (flooded, "x\($0)") }
            let got = try Self.tell(kept + flood + kept)
            #expect(Array(got.events.prefix(402)) == [Int](repeating: 1, count: 402))
            #expect(Array(got.events.suffix(2)) == [0, 0], "\(flooded) made a known key new")
            #expect(got.forgotten == 400 - 256)
        }
    }

    @Test func `a call still ends after a flood of keys told once`() throws {
        let flood = (0..<1_000).map { ("a", "x\($0)") }
        let got = try Self.tell([("start", "c")] + flood + [("end", "c"), ("end", "c")])
        #expect(Array(got.events.suffix(2)) == [1, 0])
        #expect(got.forgotten == 1_000 - 256)
    }

    @Test func `beyond its bound a rule forgets its oldest key first, and counts it`() throws {
        let keys = (0...256).map { ("a", "x\($0)") }
        let got = try Self.tell(keys + [("a", "x256"), ("a", "x1"), ("a", "x0")])
        #expect(Array(got.events.suffix(3)) == [0, 0, 1])
        #expect(got.forgotten == 2)
    }
}
