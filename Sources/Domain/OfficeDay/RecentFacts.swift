/// What an event says, its device as a number.
struct Fact: Sendable {
    var at: Instant
    var device: Int
    var counter: String?
    var kind: EventKind
    var isRestated: Bool

    /// Whether two ears may have heard one thing: the whole payload, the device and the counter are the same.
    func isSame(as other: Fact) -> Bool {
        device == other.device && isRestated == other.isRestated && counter == other.counter && kind == other.kind
    }
}

/// Facts of the last three seconds, so that a second witness does not count twice.
///
/// The k-th occurrence of (device, kind, whole payload) from one witness pairs with another witness's earliest
/// unpaired one; a witness is (agent, epoch, feed).
struct RecentFacts: Sendable {
    private struct Entry: Sendable {
        var fact: Fact
        var witness: Int
        /// Further witnesses as bits, and those that no bit is left for; nearly always none.
        var others: UInt64 = 0
        var manyOthers: [Int]?

        mutating func isNew(_ another: Int) -> Bool {
            if another == witness { return false }
            if another < 64 {
                if others >> UInt64(another) & 1 == 1 { return false }
                others |= 1 << UInt64(another)
                return true
            }
            if manyOthers?.contains(another) ?? false { return false }
            manyOthers = (manyOthers ?? []) + [another]
            return true
        }
    }

    private struct Witness: Sendable {
        var agent: String
        var epoch: Epoch
        var feed: String
        /// It heard more than what its agent says of itself.
        var hears = false
    }

    /// Facts that one is compared with, at most: of a flood that two ears hear, what is further back counts as unheard.
    static let scanLimit = 1_024

    /// The last comparison reached the bound.
    private(set) var wasCut = false
    /// Those of the last seconds are at `first..<end`; what lies outside is room to write into.
    private var entries: [Entry] = []
    private var first = 0
    private var end = 0
    private(set) var lastWitness = 0
    /// In the order of appearance.
    private var witnesses: [Witness] = []
    /// How many ears were ever heard of this day.
    private(set) var witnessCount = 0

    /// The number of an ear.
    mutating func witness(agent: String, epoch: Epoch, feed: String) -> Int {
        func isIt(_ index: Int) -> Bool {
            witnesses[index].epoch == epoch && witnesses[index].agent == agent && witnesses[index].feed == feed
        }
        if lastWitness < witnesses.count, isIt(lastWitness) { return lastWitness }
        if let known = witnesses.indices.first(where: isIt) {
            lastWitness = known
        } else if witnesses.count >= Self.scanLimit {
            // Nobody has so many ears: the rest are one.
            lastWitness = witnesses.count - 1
        } else {
            witnesses.append(Witness(agent: agent, epoch: epoch, feed: feed))
            lastWitness = witnesses.count - 1
        }
        return lastWitness
    }

    mutating func hears(_ witness: Int) {
        if witnesses[witness].hears { return }
        witnesses[witness].hears = true
        witnessCount += 1
    }

    mutating func isSecond(_ fact: Fact, witness: Int) -> Bool {
        while first < end, fact.at - entries[first].fact.at > OfficeDay.witnessWindow { first += 1 }
        if first == end {
            first = 0
            end = 0
        } else if first > 64, first * 2 > end {
            entries.removeFirst(first)
            end -= first
            first = 0
        }
        wasCut = false
        if witnessCount > 1 {
            let from = max(first, end - Self.scanLimit)
            wasCut = from > first
            for index in from..<end where entries[index].fact.isSame(as: fact) && entries[index].isNew(witness) {
                return true
            }
        }
        let entry = Entry(fact: fact, witness: witness)
        if end < entries.count { entries[end] = entry } else { entries.append(entry) }
        end += 1
        return false
    }
}
