import Domain
import Testing

@Suite struct LimitSuggestionTests {
    @Test func `few services are not enough data`() {
        let few = LimitSuggestion(service: "s", durations: Array(repeating: 60_000, count: LimitSuggestion.minimum - 1))
        #expect(few.limit == nil && few.n == 49 && few.median == 60_000)
        #expect(LimitSuggestion(service: "s", durations: []).median == nil)
        #expect(LimitSuggestion(service: "s", durations: few.durations(of: LimitSuggestion.minimum)).limit == 180_000)
    }

    @Test func `forgotten tickets do not move the limit`() throws {
        var random = SplitMix64(seed: 5)
        // Around eight minutes, right-skewed: the sum of four exponentials.
        let honest = (0..<400).map { _ in
            (0..<4).reduce(Int64(0)) { sum, _ in
                sum + Int64(-Double.random(in: 0.0001..<1, using: &random).logarithm * 120_000)
            }
        }
        let clean = try #require(LimitSuggestion(service: "s", durations: honest).limit)
        // One ticket in a hundred was ended at closing time only.
        let forgotten = honest + Array(repeating: 4 * 3_600_000, count: 4)
        let dirty = LimitSuggestion(service: "s", durations: forgotten)
        let limit = try #require(dirty.limit)
        #expect(clean >= 20 * 60_000 && clean <= 40 * 60_000, "\(clean)")
        #expect(limit < 70 * 60_000 && dirty.beyond == 4, "\(limit)")
        #expect(limit % 60_000 == 0 && clean % 60_000 == 0)
    }

    @Test func `a whole day is the most that is proposed`() {
        let long = LimitSuggestion(service: "s", durations: Array(repeating: 200_000_000, count: 60))
        #expect(long.limit == 86_400_000)
    }

    @Test func `services of a day are measured, with what nobody ended left out`() {
        let day = OfficeDay.fold(
            SampleOffice.randomEvents(seed: 3, count: 400), site: SampleOffice.site(), day: SampleOffice.day
        ).result(asOf: SampleOffice.clock.start(of: SampleOffice.day + 1))
        let all = LimitSuggestion.make(of: [day])
        #expect(all.map(\.service).contains("ho-tich") && all.map(\.service) == all.map(\.service).sorted())
        let legs = day.visits.flatMap(\.legs).filter { $0.started != nil }.count
        #expect(all.reduce(0) { $0 + $1.n } <= legs)
    }
}

extension LimitSuggestion {
    fileprivate func durations(of count: Int) -> [Int64] { Array(repeating: median ?? 0, count: count) }
}

extension Double {
    /// Natural logarithm without Foundation: ln x = 2 artanh((x − 1) / (x + 1)), halved into range first.
    fileprivate var logarithm: Double {
        var x = self
        var out = 0.0
        while x < 0.7 {
            x *= 2
            out -= 0.6931471805599453
        }
        let y = (x - 1) / (x + 1)
        var term = y
        var sum = 0.0
        for k in stride(from: 1.0, to: 40, by: 2) {
            sum += term / k
            term *= y * y
        }
        return out + 2 * sum
    }
}
