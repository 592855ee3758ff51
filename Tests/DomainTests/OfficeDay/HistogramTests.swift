import Domain
import Testing

@Suite struct HistogramTests {
    @Test(arguments: Array(UInt64(1)...20))
    func `merged quantiles lie within 1 % of the exact ones, in any order of merging`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var parts: [LogHistogram] = []
        var values: [Int64] = []
        for _ in 0..<7 {
            var part = LogHistogram()
            for _ in 0..<Int.random(in: 0...300, using: &random) {
                let value = Int64.random(in: 0...(1 << Int64.random(in: 1...29, using: &random)), using: &random)
                part.add(value)
                values.append(value)
            }
            parts.append(part)
        }
        var forward = LogHistogram()
        for part in parts { forward.merge(part) }
        var backward = LogHistogram()
        for part in parts.reversed() { backward.merge(part) }
        #expect(forward.counts == backward.counts && forward.n == Int64(values.count))
        values.sort()
        for perMille in [1, 250, 500, 900, 950, 990, 1_000] {
            let rank = max(1, (values.count * perMille + 999) / 1_000)
            let exact = Double(values[rank - 1])
            let read = Double(forward.quantile(perMille: Int64(perMille)) ?? -1)
            #expect(abs(read - exact) <= max(exact * 0.01, 0.5), "\(perMille): \(read) for \(exact)")
        }
    }

    @Test func `the bounds are those that are committed`() {
        #expect(LogHistogram.bounds.count == 928)
        #expect(Array(LogHistogram.bounds[98...103]) == [99, 100, 102, 104, 106, 108])
        #expect(LogHistogram.bounds.last == 1_018_917_735)
        #expect(LogHistogram.bucket(of: 0) == 0 && LogHistogram.bucket(of: -5) == 0 && LogHistogram.bucket(of: 1) == 1)
    }
}
