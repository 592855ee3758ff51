import Testing

@testable import Simulation

@Suite struct ChanceTests {
    @Test func `draws have the means and medians they promise`() {
        var chance = Chance(seed: 42)
        var sum: Int64 = 0
        var below = 0
        var units = 0.0
        for _ in 0..<20_000 {
            sum += chance.exponential(mean: 1_000)
            if chance.logNormal(median: 1_000, sigma: 0.5) < 1_000 { below += 1 }
            units += chance.unit()
        }
        #expect((970...1_030).contains(sum / 20_000))
        #expect((9_700...10_300).contains(below))
        #expect((0.49...0.51).contains(units / 20_000))
    }

    @Test func `the logarithm and the exponential are each other's inverse`() {
        for value in stride(from: 0.01, through: 40, by: 0.37) {
            #expect(abs(Mathematics.exponential(Mathematics.logarithm(value)) - value) < value * 1e-12)
        }
    }

    @Test func `a seed and a purpose name one stream, the same in every process`() {
        var first = Chance(seed: 1, purpose: "people")
        var second = Chance(seed: 1, purpose: "habits")
        #expect(first.next() != second.next())
        var fixed = Chance(seed: 7)
        #expect([fixed.next(), fixed.next()] == [12_923_355_070_828_475_994, 5_142_052_590_334_782_674])
    }

    @Test func `FNV-1a matches its published vectors`() {
        #expect(FNV1a.text("".utf8) == "cbf29ce484222325")
        #expect(FNV1a.text("a".utf8) == "af63dc4c8601ec8c")
        #expect(FNV1a.text("foobar".utf8) == "85944171f73967e8")
    }
}
