import Domain
import Foundation
import Testing

@Suite struct IntervalTests {
    @Test func `Wilson's interval gives the published values`() throws {
        // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
        let published: [(Int64, Int64, Double, Double)] = [
            (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718),
        ]
        for (numerator, n, low, high) in published {
            let interval = try #require(Interval.wilson(numerator, of: n))
            #expect(abs(interval.low - low) < 0.00006 && abs(interval.high - high) < 0.00006, "\(interval)")
        }
        #expect(Interval.wilson(0, of: 0) == nil)
        #expect(Interval.wilson(7, of: 7)?.high == 1)
    }

    @Test func `the ranks around a median are the textbook's, and too few values have none`() throws {
        // The classical 95 % ranks for a median: n = 10: 2 and 9; n = 25: 8 and 18.
        let ten = try #require(Interval.quantileRanks(n: 10, perMille: 500))
        #expect(ten == (2, 9))
        let many = try #require(Interval.quantileRanks(n: 25, perMille: 500))
        #expect(many == (8, 18))
        #expect(Interval.quantileRanks(n: 5, perMille: 500) == nil)
        #expect(Interval.quantileRanks(n: 10, perMille: 900) == nil)
    }

    /// By logarithms of factorials, where the code goes by recurrence from the mode (and by the normal distribution above
    /// twenty thousand): the pair covers the quantile with at least 95 %, and not with much more.
    @Test(arguments: [50, 100, 143, 999, 20_000, 20_001, 100_000], [500, 900, 950])
    func `the ranks cover what they promise, by another way of counting`(n: Int, perMille: Int) {
        let found = Interval.quantileRanks(n: n, perMille: perMille)
        let ranks = found ?? (low: 1, high: n)
        let p = Double(perMille) / 1_000
        var covered = 0.0
        for k in ranks.low..<ranks.high {
            let (hits, misses) = (Double(k), Double(n - k))
            let ways: Double = lgamma(Double(n) + 1) - lgamma(hits + 1) - lgamma(misses + 1)
            let chance: Double = hits * log(p) + misses * log(1 - p)
            covered += exp(ways + chance)
        }
        // Where there is no pair, the widest one does not reach.
        if found == nil {
            #expect(covered < 0.95)
        } else {
            #expect(covered >= 0.95 && covered < 0.99, "\(ranks) cover \(covered)")
        }
    }

    @Test(arguments: [20, 57, 143, 1_000]) func `the interval holds the true quantile at least 94 times in 100`(n: Int)
        throws
    {
        var random = SplitMix64(seed: UInt64(n))
        var held = 0
        let rounds = 400
        for _ in 0..<rounds {
            let values = (0..<n).map { _ in Double.random(in: 0..<1, using: &random) }.sorted()
            let ranks = try #require(Interval.quantileRanks(n: n, perMille: 500))
            if values[ranks.low - 1] <= 0.5, 0.5 <= values[ranks.high - 1] { held += 1 }
        }
        #expect(held >= rounds * 92 / 100, "\(held) of \(rounds)")
    }
}
