/// Which echo requests wait for their reply: what makes `rtt` and `unanswered` of ICMP's echoes.
///
/// Bounded: `limit` hosts that are asked, by whomever; of each the last `pendingLimit` requests. At the limit the host
/// that was silent for longest is forgotten, so that its next request begins at 0.
public struct EchoMemory: Sendable {
    /// Requests to one host that a reply may still come to.
    public static let pendingLimit = 8
    /// A request younger than this is on its way, not unanswered: floods send the next before the reply can come.
    public static let patience = Timestamp(milliseconds: 500)

    private struct Request {
        var asker: IPAddress
        var identifier: Int64
        var sequence: Int64
        var at: Timestamp

        func isSame(_ other: Request) -> Bool {
            asker == other.asker && identifier == other.identifier && sequence == other.sequence
        }
    }

    private struct Entry {
        var asked: IPAddress
        var pending: [Request] = []
        /// Requests without a reply that are no longer in `pending`.
        var lost = 0
        /// When the last reply was heard.
        var replied: Timestamp?
    }

    private let limit: Int
    private var entries: [Entry] = []
    private var index: [IPAddress: Int] = [:]
    private var order = UseOrder()
    /// Hosts forgotten at the limit.
    public private(set) var evicted: UInt64 = 0

    public init(limit: Int = 4_096) {
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
            let request = Request(asker: source, identifier: identifier, sequence: sequence, at: time)
            message.add(ICMP.Field.unanswered, integer: ask(target, request))
        } else if let asked = answer(
            source, Request(asker: target, identifier: identifier, sequence: sequence, at: time))
        {
            let (span, overflow) = time.nanoseconds.subtractingReportingOverflow(asked.nanoseconds)
            guard !overflow, span >= 0 else { return }
            message.add(ICMP.Field.rtt, decimal: Double(span / 1_000) / 1_000)
        }
    }

    /// Requests before this one, in a row, that got no reply.
    private mutating func ask(_ asked: IPAddress, _ request: Request) -> Int {
        let at = place(asked)
        order.use(at)
        let ended = entries[at].replied
        var (isAgain, waiting) = (false, 0)
        for earlier in entries[at].pending {
            let isOld = Self.isOld(earlier, at: request.at)
            if isOld, ended.map({ earlier.at > $0 }) ?? true { waiting += 1 }
            // A mirror port shows a packet when it comes in and when it goes out.
            if !isOld, earlier.isSame(request) { isAgain = true }
        }
        let count = entries[at].lost + waiting
        guard !isAgain else { return count }
        if entries[at].pending.count >= Self.pendingLimit {
            let first = entries[at].pending.removeFirst()
            if Self.isOld(first, at: request.at), ended.map({ first.at > $0 }) ?? true {
                entries[at].lost = min(entries[at].lost + 1, 1_000_000)
            }
        }
        entries[at].pending.append(request)
        return count
    }

    private static func isOld(_ request: Request, at time: Timestamp) -> Bool {
        let (age, overflow) = time.nanoseconds.subtractingReportingOverflow(request.at.nanoseconds)
        return !overflow && age >= patience.nanoseconds
    }

    /// When the request was heard. Any reply ends the row: what was asked before it is no longer counted.
    private mutating func answer(_ asked: IPAddress, _ reply: Request) -> Timestamp? {
        guard let at = index[asked] else { return nil }
        order.use(at)
        entries[at].lost = 0
        entries[at].replied = reply.at
        guard let found = entries[at].pending.lastIndex(where: { $0.isSame(reply) }) else { return nil }
        return entries[at].pending.remove(at: found).at
    }

    private mutating func place(_ asked: IPAddress) -> Int {
        if let known = index[asked] { return known }
        let fresh = Entry(asked: asked)
        if entries.count >= limit, let oldest = order.oldest {
            evicted &+= 1
            index[entries[oldest].asked] = nil
            entries[oldest] = fresh
            index[asked] = oldest
            return oldest
        }
        entries.append(fresh)
        order.append()
        index[asked] = entries.count - 1
        return entries.count - 1
    }
}
