import Testing
import Wire

@testable import Domain

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

/// What is remembered of keys costs the same for each, in whatever order they end.
struct StatePairsTests {
    private static func key(_ number: Int) -> String { "call-\(number)" }

    @Test func `a file's end with all its keys alive costs a few steps for each, whichever ends first`() {
        let count = 20_000
        let orders: [[Int]] = [
            Array(0..<count), Array((0..<count).reversed()), (0..<count).map { $0 * 7_919 % count },
        ]
        for order in orders {
            var pairs = StatePairs(limit: count)
            let begun = (0..<count).filter { pairs.apply(DeviceProfile.Pair(.start, key: Self.key($0))) }
            #expect(begun.count == count)
            #expect(pairs.count == count)
            let ended = order.filter { pairs.apply(DeviceProfile.Pair(.end, key: Self.key($0))) }
            #expect(ended.count == count)
            #expect(pairs.count == 0)
            #expect(pairs.forgotten == 0)
            #expect(pairs.steps <= 4 * count)
            #expect(pairs.placeCount <= StatePairs.slack)
        }
    }

    @Test func `a key that stays on while others come and go keeps no places for them`() {
        var pairs = StatePairs(limit: 100)
        var changes = 0
        if pairs.apply(DeviceProfile.Pair(.start, key: "stays")) { changes += 1 }
        for number in 0..<10_000 {
            if pairs.apply(DeviceProfile.Pair(.start, key: Self.key(number))) { changes += 1 }
            if pairs.apply(DeviceProfile.Pair(.end, key: Self.key(number))) { changes += 1 }
            #expect(pairs.placeCount <= 2 * 2 + StatePairs.slack)
        }
        if pairs.apply(DeviceProfile.Pair(.end, key: "stays")) { changes += 1 }
        #expect(changes == 20_002)
        #expect(pairs.steps <= 4 * 10_000)
    }

    /// The order as it is said: a list that is searched.
    private struct Model {
        var limit: Int
        var keys: [String] = []
        var forgotten: UInt64 = 0

        mutating func apply(_ edge: DeviceProfile.Pair.Edge, _ key: String) -> Bool {
            let place = keys.firstIndex(of: key)
            switch (edge, place) {
            case (.start, nil):
                keys.append(key)
                if keys.count > limit {
                    keys.removeFirst()
                    forgotten += 1
                }
                return true
            case (.end, let place?):
                keys.remove(at: place)
                return true
            default: return false
            }
        }
    }

    @Test(arguments: 1...20) func `keys come, end and are forgotten as in a plain list`(seed: UInt64) {
        var state = seed
        let limit = Int(seed * 13)
        var pairs = StatePairs(limit: limit)
        var model = Model(limit: limit)
        for _ in 0..<5_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let edge: DeviceProfile.Pair.Edge = state >> 60 < 9 ? .start : .end
            let key = Self.key(Int(state >> 33) % (limit * 2))
            let isChange = pairs.apply(DeviceProfile.Pair(edge, key: key))
            let wasChange = model.apply(edge, key)
            #expect(isChange == wasChange)
            #expect(pairs.count == model.keys.count)
            #expect(pairs.forgotten == model.forgotten)
        }
    }
}
