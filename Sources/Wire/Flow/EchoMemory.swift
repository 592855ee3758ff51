/// Which echo requests wait for their reply: what makes `rtt` and `unanswered` of ICMP's echoes.
///
/// Bounded: `limit` pairs of hosts, at each the last `pendingLimit` requests. At the limit the pair that was silent for
/// longest is forgotten, so that its next request begins at 0.
public struct EchoMemory: Sendable {
    /// Requests of one pair that a reply may still come to.
    public static let pendingLimit = 8
    /// A request younger than this is on its way, not unanswered: floods send the next before the reply can come.
    public static let patience = Timestamp(milliseconds: 500)

    private struct Pair: Hashable {
        var asker: IPAddress
        var asked: IPAddress
    }

    private struct Request {
        var identifier: Int64
        var sequence: Int64
        var at: Timestamp
    }

    private struct Entry {
        var pair: Pair
        var pending: [Request] = []
        /// Requests without a reply that are no longer in `pending`.
        var lost = 0
    }

    private let limit: Int
    private var entries: [Entry] = []
    private var index: [Pair: Int] = [:]
    private var order = UseOrder()
    /// Pairs forgotten at the limit.
    public private(set) var evicted: UInt64 = 0

    public init(limit: Int = 1_024) {
        self.limit = max(limit, 1)
    }

    /// Adds to an echo what is known of the other half.
    public mutating func pair(
        _ message: inout Message, from source: IPAddress, to target: IPAddress, at time: Timestamp
    ) {
        guard let identifier = message.integer(ICMP.Field.identifier),
            let sequence = message.integer(ICMP.Field.sequence)
        else { return }
        if message.equals(ICMP.Field.type, "echo-request") {
            let count = ask(
                Pair(asker: source, asked: target), Request(identifier: identifier, sequence: sequence, at: time))
            message.add(ICMP.Field.unanswered, integer: count)
        } else if let asked = answer(Pair(asker: target, asked: source), identifier, sequence) {
            let (span, overflow) = time.nanoseconds.subtractingReportingOverflow(asked.nanoseconds)
            guard !overflow, span >= 0 else { return }
            message.add(ICMP.Field.rtt, decimal: Double(span / 1_000) / 1_000)
        }
    }

    /// Requests before this one, in a row, that got no reply.
    private mutating func ask(_ pair: Pair, _ request: Request) -> Int {
        let at = place(pair)
        order.use(at)
        // A mirror port shows a packet when it comes in and when it goes out.
        let isAgain = entries[at].pending.contains {
            $0.identifier == request.identifier && $0.sequence == request.sequence
        }
        let waiting = entries[at].pending.filter { earlier in
            let (age, overflow) = request.at.nanoseconds.subtractingReportingOverflow(earlier.at.nanoseconds)
            return !overflow && age >= Self.patience.nanoseconds
        }
        let count = entries[at].lost + waiting.count
        guard !isAgain else { return count }
        if entries[at].pending.count >= Self.pendingLimit {
            entries[at].pending.removeFirst()
            entries[at].lost = min(entries[at].lost + 1, 1_000_000)
        }
        entries[at].pending.append(request)
        return count
    }

    /// When the request was heard. A reply ends the row: what was asked before it is no longer counted.
    private mutating func answer(
        _ pair: Pair, _ identifier: Int64, _ sequence: Int64
    ) -> Timestamp? {
        guard let at = index[pair] else { return nil }
        order.use(at)
        entries[at].lost = 0
        let found = entries[at].pending.lastIndex { $0.identifier == identifier && $0.sequence == sequence }
        guard let found else {
            entries[at].pending.removeAll()
            return nil
        }
        let asked = entries[at].pending[found].at
        entries[at].pending.removeFirst(found + 1)
        return asked
    }

    private mutating func place(_ pair: Pair) -> Int {
        if let known = index[pair] { return known }
        let fresh = Entry(pair: pair)
        if entries.count >= limit, let oldest = order.oldest {
            evicted &+= 1
            index[entries[oldest].pair] = nil
            entries[oldest] = fresh
            index[pair] = oldest
            return oldest
        }
        entries.append(fresh)
        order.append()
        index[pair] = entries.count - 1
        return entries.count - 1
    }
}
