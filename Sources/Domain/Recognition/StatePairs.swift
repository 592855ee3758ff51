import Wire

/// States with a key that are on: calls by their Call-ID. Only a change is an event.
///
/// Each edge costs the same however many keys are on, in whatever order they end: a key knows its place in the order,
/// and places that are empty are closed up only when they are the half of all.
struct StatePairs: Sendable {
    /// Keys that are on at a time, of what is live and of what is in a file.
    static let liveLimit = 256
    static let fileLimit = 262_144

    /// How many keys `pair`, and each rule with `once`, may remember. A log of years has more than a morning's calls;
    /// its bound is one for all of them.
    static func limit(of profile: DeviceProfile) -> Int {
        guard profile.protocolName.isOfFiles else { return liveLimit }
        let users = profile.rules.filter { $0.once != nil }.count + (profile.rules.contains { $0.pair != nil } ? 1 : 0)
        return max(liveLimit, fileLimit / max(1, users))
    }

    let limit: Int
    /// The keys that are on, each with its place in `order`.
    private var places: [String: Int] = [:]
    /// Keys from oldest to newest; `nil` where one is not on any more. What is beyond the limit is forgotten from the
    /// front.
    private var order: [String?] = []
    /// Before this place nothing is on.
    private var oldest = 0
    private(set) var forgotten: UInt64 = 0
    /// Places that were passed or moved: what the order has cost so far.
    private(set) var steps = 0

    /// Fewer empty places are left where they are.
    static let slack = 64

    init(limit: Int = Self.liveLimit) {
        self.limit = limit
    }

    var count: Int { places.count }
    /// Places that are kept, at most twice the limit and the slack.
    var placeCount: Int { order.count }

    /// `false`: nothing changed.
    mutating func apply(_ pair: DeviceProfile.Pair) -> Bool {
        switch pair.edge {
        case .start:
            guard places[pair.key] == nil else { return false }
            places[pair.key] = order.count
            order.append(pair.key)
            if places.count > limit { forgetOldest() }
        case .end:
            guard let place = places.removeValue(forKey: pair.key) else { return false }
            order[place] = nil
        }
        if order.count > 2 * places.count + Self.slack { closeUp() }
        return true
    }

    private mutating func forgetOldest() {
        while oldest < order.count {
            defer {
                oldest += 1
                steps += 1
            }
            guard let key = order[oldest] else { continue }
            places[key] = nil
            order[oldest] = nil
            forgotten &+= 1
            return
        }
    }

    private mutating func closeUp() {
        steps += order.count
        var left: [String?] = []
        left.reserveCapacity(places.count)
        for case let key? in order {
            places[key] = left.count
            left.append(key)
        }
        order = left
        oldest = 0
    }
}
