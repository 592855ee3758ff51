import Testing

@testable import Wire

@Suite struct FlowIndexTests {
    @Test func `it finds what a dictionary finds, through insertions and removals`() {
        var index = FlowIndex()
        var places: [UInt32: Int] = [:]
        var keys: [Flow.Key] = []
        var state: UInt64 = 7
        func next(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        for _ in 0..<20_000 {
            let host = UInt32(next(900))
            let address = host % 3 == 0 ? IPAddress(v6High: 1, low: UInt64(host)) : IPAddress(v4: host)
            let key = Flow.Key(low: Endpoint(address, port: 80), high: Endpoint(address, port: 40_000))
            let hash = index.hash(key)
            let found = index.find(hash) { keys[$0] == key }
            #expect(found == places[host])
            if let found {
                index.remove(hash, found)
                places[host] = nil
            } else {
                index.insert(hash, keys.count)
                places[host] = keys.count
                keys.append(key)
            }
        }
        #expect(index.count == places.count)
    }

    @Test func `a table tells which text a field is, and nothing of others`() {
        let texts = (0..<300).map { "queue/main/ticket/\($0)" } + ["", "a", "12345678", "12345679"]
        let table = TextTable(texts)
        for (number, text) in texts.enumerated() {
            #expect(table.index(of: text) == number)
            #expect(table.index(of: text + "x") == nil)
        }
        #expect(TextTable([]).index(of: "a") == nil)
        #expect(TextTable(["a", "a"]).index(of: "a") == 0)
    }
}
