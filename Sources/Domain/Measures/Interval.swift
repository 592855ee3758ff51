/// How far a number can be trusted: 95 % intervals that need no assumption about the distribution and no resampling.
public struct Interval: Hashable, Sendable {
    public var low: Double
    public var high: Double

    public init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }

    /// The two-sided 95 % point of the normal distribution.
    static let z = 1.959963984540054

    /// Wilson's score interval for a share (Wilson 1927): inside 0…1, and honest for small n and for shares at the ends.
    /// `nil` without data.
    public static func wilson(_ numerator: Int64, of n: Int64) -> Interval? {
        guard n > 0, (0...n).contains(numerator) else { return nil }
        let n = Double(n)
        let p = Double(numerator) / n
        let square = z * z
        let centre = p + square / (2 * n)
        let half = z * (p * (1 - p) / n + square / (4 * n * n)).squareRoot()
        let scale = 1 + square / n
        // The ends are exact where rounding would leave them a hair inside.
        let low = numerator == 0 ? 0 : max(0, (centre - half) / scale)
        let high = Double(numerator) == n ? 1 : min(1, (centre + half) / scale)
        return Interval(low: low, high: high)
    }

    /// The ranks (from 1) between which the true quantile lies with at least 95 %: the tightest pair of order
    /// statistics around np with P(low ≤ B < high) ≥ 0.95 for B ~ Bin(n, p). `nil` where n is too small for any pair.
    public static func quantileRanks(n: Int, perMille: Int) -> (low: Int, high: Int)? {
        guard n > 0, (1..<1_000).contains(perMille) else { return nil }
        let p = Double(perMille) / 1_000
        if n > 20_000 {
            let half = z * (Double(n) * p * (1 - p)).squareRoot()
            let low = max(1, Int((Double(n) * p - half).rounded(.down)))
            return (low, min(n, Int((Double(n) * p + half).rounded(.up)) + 1))
        }
        // Probabilities by recurrence from the mode outward, normalised at the end: no factorials, no underflow there.
        let mode = min(n, Int(Double(n + 1) * p))
        var weights = [Double](repeating: 0, count: n + 1)
        weights[mode] = 1
        let odds = p / (1 - p)
        var k = mode
        while k < n {
            weights[k + 1] = weights[k] * Double(n - k) / Double(k + 1) * odds
            k += 1
        }
        k = mode
        while k > 0 {
            weights[k - 1] = weights[k] * Double(k) / Double(n - k + 1) / odds
            k -= 1
        }
        let total = weights.reduce(0, +)
        var low = mode
        var high = mode
        var covered = weights[mode] / total
        // Ranks low…high cover B in low..<high, so B = 0 and B = n have no order statistic beyond them.
        while covered < 0.95 {
            let below = low > 1 ? weights[low - 1] : -1
            let above = high + 1 < n ? weights[high + 1] : -1
            if below < 0, above < 0 { return nil }
            if below >= above {
                low -= 1
                covered += below / total
            } else {
                high += 1
                covered += above / total
            }
        }
        return low >= 1 && high + 1 <= n ? (low, high + 1) : nil
    }
}
