import Wire

/// What one look tells of a message to a device: that its profile has no rule for the protocol, or that a field or two
/// turn it away. All devices of a site in one table, those of one profile sharing their questions, so that the look costs
/// no more than reading a few numbers.
struct FirstLooks: Sendable {
    /// What is said to one device in one protocol.
    private struct Gate: Sendable {
        /// Where its questions begin, or `unread`.
        var root: Int32
        var turnedAway: UInt64 = 0
    }

    private let protocolCount = ProtocolName.allCases.count
    private static var unread: Int32 { -1 }

    private var dispatch = Dispatch()
    /// By session and protocol.
    private var gates: [Gate] = []
    /// By session: whether only what goes over certain ports is its word. It stands here beside what else is looked at.
    private var ported: [Bool] = []
    /// The roots of each profile.
    private var known: [String: [Int32]] = [:]

    /// The next session's.
    mutating func add(_ recognizer: Recognizer, hasPorts: Bool) {
        ported.append(hasPorts)
        let roots = known[recognizer.profile.id] ?? self.roots(recognizer)
        known[recognizer.profile.id] = roots
        gates += roots.map { Gate(root: $0) }
    }

    private mutating func roots(_ recognizer: Recognizer) -> [Int32] {
        ProtocolName.allCases.map { name in
            switch recognizer.plan(name) {
            case nil: Self.unread
            case let plan?: Int32(dispatch.add(plan.asked))
            }
        }
    }

    @inline(__always)
    func hasPorts(_ session: Int) -> Bool { ported[session] }

    /// Counts a message that means nothing to the device. `false`: its rules must read it.
    @inline(__always)
    mutating func isTurnedAway(_ heard: borrowing HeardMessage, of session: Int) -> Bool {
        let place = session &* protocolCount &+ heard.message.protocolName.index
        let root = gates[place].root
        if root >= 0 {
            guard dispatch.find(heard, from: Int(root)) == Dispatch.none else { return false }
        }
        gates[place].turnedAway &+= 1
        return true
    }

    /// What has been counted.
    func turnedAway(_ session: Int, _ name: ProtocolName) -> PipelineCounters.Tally {
        let gate = gates[session &* protocolCount &+ name.index]
        var tally = PipelineCounters.Tally()
        tally.messages = gate.turnedAway
        if gate.root == Self.unread { tally.unread = gate.turnedAway } else { tally.unmapped = gate.turnedAway }
        return tally
    }
}

/// What became of the messages to each device that its rules have read, by protocol.
struct Tallies: Sendable {
    private let protocolCount = ProtocolName.allCases.count

    private var all: [PipelineCounters.Tally] = []

    /// One device more.
    mutating func grow() {
        all.append(contentsOf: repeatElement(PipelineCounters.Tally(), count: protocolCount))
    }

    subscript(session: Int, name: ProtocolName) -> PipelineCounters.Tally {
        get { all[session &* protocolCount &+ name.index] }
        _modify { yield &all[session &* protocolCount &+ name.index] }
    }
}

extension PipelineCounters.Tally {
    /// A message that its rules have read and that means nothing.
    mutating func countNothing(_ recognition: Recognition) {
        messages &+= 1
        switch recognition {
        case .unread: unread &+= 1
        case .unmapped: unmapped &+= 1
        case .ignored: ignored &+= 1
        case .incomplete: incomplete &+= 1
        case .matched: break
        }
    }
}
