/// Facts of the last three seconds, so that a second witness does not count twice.
///
/// The k-th occurrence of (device, kind, whole payload) from one witness pairs with another witness's earliest
/// unpaired one; a witness is (agent, epoch, feed).
struct RecentFacts: Sendable {
    private struct Fact: Sendable {
        var at: Instant
        var device: String
        var counter: String?
        var kind: EventKind
        var isRestated: Bool
        var witness: Int
        /// Further witnesses; nearly always none.
        var others: [Int]
    }

    struct Witness: Hashable, Sendable {
        var agent: String
        var epoch: Epoch
        var feed: String
    }

    private var facts: [Fact] = []
    private var first = 0
    private var lastWitness = 0
    /// Every ear that was ever heard of this day, in the order of appearance.
    private(set) var witnesses: [Witness] = []

    private mutating func index(of event: DomainEvent) -> Int {
        if witnesses.indices.contains(lastWitness) {
            let last = witnesses[lastWitness]
            if last.epoch == event.id.epoch, last.agent == event.id.agent, last.feed == event.feed {
                return lastWitness
            }
        }
        let witness = Witness(agent: event.id.agent, epoch: event.id.epoch, feed: event.feed)
        if let known = witnesses.firstIndex(of: witness) {
            lastWitness = known
        } else {
            witnesses.append(witness)
            lastWitness = witnesses.count - 1
        }
        return lastWitness
    }

    mutating func isSecondWitness(_ event: DomainEvent) -> Bool {
        let witness = index(of: event)
        while first < facts.count, event.at - facts[first].at > OfficeDay.witnessWindow { first += 1 }
        if first == facts.count {
            facts.removeAll(keepingCapacity: true)
            first = 0
        } else if first > 64, first * 2 > facts.count {
            facts.removeFirst(first)
            first = 0
        }
        let isRestated = event.flags.contains(.restated)
        if witnesses.count > 1 {
            for index in first..<facts.count {
                guard facts[index].witness != witness, !facts[index].others.contains(witness),
                    facts[index].isRestated == isRestated, facts[index].device == event.device,
                    facts[index].counter == event.counter, facts[index].kind == event.kind
                else { continue }
                facts[index].others.append(witness)
                return true
            }
        }
        facts.append(
            Fact(
                at: event.at, device: event.device, counter: event.counter, kind: event.kind, isRestated: isRestated,
                witness: witness, others: []))
        return false
    }
}
