/// Conversations by their addresses: where in the table each stands.
///
/// MEASURED: the standard dictionary's look is a third of what a segment costs beside its payload. Both hash with a key
/// of the process's own, because whoever sends packets chooses the addresses.
struct FlowIndex: Sendable {
    private var places: [Int32] = []
    private var hashes: [UInt32] = []
    private(set) var count = 0
    private let seeds: (UInt64, UInt64, UInt64)

    init() {
        func seed(_ number: Int) -> UInt64 {
            var hasher = Hasher()
            hasher.combine(number)
            return UInt64(bitPattern: Int64(hasher.finalize()))
        }
        seeds = (seed(1), seed(2), seed(3))
    }

    @inline(__always)
    func hash(_ key: Flow.Key) -> UInt32 {
        let ports = UInt64(key.low.port) << 16 | UInt64(key.high.port)
        let whole: UInt64
        if key.low.address.isIPv4, key.high.address.isIPv4 {
            whole = Self.mix(key.low.address.low << 32 | key.high.address.low ^ seeds.0, ports ^ seeds.1)
        } else {
            let low = Self.mix(key.low.address.high ^ seeds.0, key.low.address.low ^ seeds.1)
            let high = Self.mix(key.high.address.high ^ seeds.1, key.high.address.low ^ seeds.2)
            whole = Self.mix(low ^ seeds.2, high ^ ports)
        }
        return UInt32(truncatingIfNeeded: whole ^ whole >> 32)
    }

    /// Both halves of the product depend on every bit of both factors.
    @inline(__always)
    private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b | 1)
        return product.high ^ product.low
    }

    /// The place of the conversation with that hash that is the wanted one.
    @inline(__always)
    func find(_ hash: UInt32, _ isWanted: (Int) -> Bool) -> Int? {
        if places.isEmpty { return nil }
        let mask = places.count &- 1
        var at = Int(hash) & mask
        while places[at] >= 0 {
            if hashes[at] == hash, isWanted(Int(places[at])) { return Int(places[at]) }
            at = (at &+ 1) & mask
        }
        return nil
    }

    /// - Parameter place: below 2³¹.
    mutating func insert(_ hash: UInt32, _ place: Int) {
        if count * 2 >= places.count { grow() }
        put(hash, Int32(truncatingIfNeeded: place))
        count += 1
    }

    mutating func remove(_ hash: UInt32, _ place: Int) {
        guard !places.isEmpty else { return }
        let mask = places.count - 1
        var hole = Int(hash) & mask
        while places[hole] >= 0, Int(places[hole]) != place { hole = (hole + 1) & mask }
        guard places[hole] >= 0 else { return }
        // What was pushed past the hole moves back, so that no search stops before it.
        var next = (hole + 1) & mask
        while places[next] >= 0 {
            let home = Int(hashes[next]) & mask
            if (next - home) & mask >= (next - hole) & mask {
                places[hole] = places[next]
                hashes[hole] = hashes[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        places[hole] = -1
        count -= 1
    }

    private mutating func put(_ hash: UInt32, _ place: Int32) {
        let mask = places.count - 1
        var at = Int(hash) & mask
        while places[at] >= 0 { at = (at + 1) & mask }
        places[at] = place
        hashes[at] = hash
    }

    private mutating func grow() {
        let before = zip(places, hashes).filter { $0.0 >= 0 }
        let size = max(64, places.count * 2)
        places = [Int32](repeating: -1, count: size)
        hashes = [UInt32](repeating: 0, count: size)
        for (place, hash) in before { put(hash, place) }
    }
}
