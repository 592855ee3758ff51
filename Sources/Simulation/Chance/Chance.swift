/// All the chance a world has: xoshiro256** seeded by SplitMix64 (Blackman and Vigna), the same on every machine.
///
/// Only integer arithmetic and the basic IEEE operations are used: `log` and `exp` of the C library may differ in the
/// last bit from one machine to the next, and then the same seed would not give the same bytes.
public struct Chance: Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    public init(seed: UInt64) {
        var mixer = seed
        func next(_ mixer: inout UInt64) -> UInt64 {
            mixer &+= 0x9E37_79B9_7F4A_7C15
            var word = mixer
            word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
            return word ^ word >> 31
        }
        state = (next(&mixer), next(&mixer), next(&mixer), next(&mixer))
    }

    /// A stream of its own for one purpose, so that a change in one part of the world leaves the others alone.
    public init(seed: UInt64, purpose: String) {
        self.init(seed: seed ^ FNV1a.hash64(purpose.utf8))
    }

    public mutating func next() -> UInt64 {
        func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 { word << count | word >> (64 - count) }
        let result = rotate(state.1 &* 5, 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = rotate(state.3, 45)
        return result
    }

    /// Uniform in [0, 1), 53 bits.
    public mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Uniform in `range`; the bias of the multiplication is below 2⁻³² for ranges under 2³².
    public mutating func integer(in range: ClosedRange<Int64>) -> Int64 {
        let width = UInt64(range.upperBound - range.lowerBound) &+ 1
        guard width != 0 else { return Int64(bitPattern: next()) }
        return range.lowerBound + Int64(next().multipliedFullWidth(by: width).high)
    }

    public mutating func integer(in range: ClosedRange<Int>) -> Int {
        Int(integer(in: Int64(range.lowerBound)...Int64(range.upperBound)))
    }

    public mutating func happens(_ probability: Double) -> Bool {
        unit() < probability
    }

    public mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[integer(in: 0...elements.count - 1)]
    }

    /// An index, chosen in proportion to the weights; `nil` if none is positive.
    public mutating func index(weights: [Double]) -> Int? {
        let total = weights.reduce(0) { $0 + max($1, 0) }
        guard total > 0 else { return nil }
        var rest = unit() * total
        for (index, weight) in weights.enumerated() where weight > 0 {
            rest -= weight
            if rest < 0 { return index }
        }
        return weights.lastIndex { $0 > 0 }
    }

    /// Exponentially distributed with that mean, in milliseconds, at least 1.
    public mutating func exponential(mean: Int64) -> Int64 {
        max(1, Int64(-Mathematics.logarithm(1 - unit()) * Double(mean)))
    }

    /// Log-normal with that median: e^(σ·N), N the sum of twelve uniforms minus six (so |N| ≤ 6).
    public mutating func logNormal(median: Int64, sigma: Double) -> Int64 {
        var normal = -6.0
        for _ in 0..<12 { normal += unit() }
        return max(1, Int64(Mathematics.exponential(normal * sigma) * Double(median)))
    }

    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<max(0, count)).map { _ in UInt8(truncatingIfNeeded: next() >> 56) }
    }
}

/// Series that use only +, −, × and ÷, so that every machine rounds alike.
enum Mathematics {
    /// Natural logarithm of a positive, finite number.
    static func logarithm(_ value: Double) -> Double {
        guard value > 0, value.isFinite else { return -745 }
        // value = m · 2^e with 1 ≤ m < 2; ln m = 2·atanh((m−1)/(m+1)), |argument| ≤ 1/3.
        let ratio = (value.significand - 1) / (value.significand + 1)
        let square = ratio * ratio
        var term = ratio
        var sum = 0.0
        for index in 0..<24 {
            sum += term / Double(2 * index + 1)
            term *= square
        }
        return 2 * sum + Double(value.exponent) * 0.693_147_180_559_945_3
    }

    /// e^x for |x| ≤ 64 (clamped).
    static func exponential(_ value: Double) -> Double {
        let clamped = min(max(value, -64), 64)
        // Halved until small, then squared back.
        let small = clamped / 256
        var term = 1.0
        var sum = 1.0
        for index in 1..<14 {
            term = term * small / Double(index)
            sum += term
        }
        for _ in 0..<8 { sum *= sum }
        return sum
    }
}

/// FNV-1a, 64 bit (draft-eastlake-fnv): names streams of chance and meetings.
public enum FNV1a {
    public static func hash64(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return hash
    }

    /// Sixteen lower-case hexadecimal digits.
    public static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = String(hash64(bytes), radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
