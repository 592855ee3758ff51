import Wire

/// What one look tells of a message to a device: that its profile has no rule for the protocol, or that a field or two
/// turn it away. All devices of a site in one table, those of one profile sharing their questions, so that the look costs
/// no more than reading a few numbers.
struct FirstLooks: Sendable {
    enum Look { case unread, unmapped, open }

    private let protocolCount = ProtocolName.allCases.count
    private static var unread: Int32 { -1 }
    /// Whose elements are asked one by one.
    private static var open: Int32 { -2 }

    private var dispatch = Dispatch()
    /// By session and protocol: the root of the questions, or one of the two above.
    private var roots: [Int32] = []
    /// Where the roots of each profile stand first.
    private var known: [String: Int] = [:]

    /// The next session's.
    mutating func add(_ recognizer: Recognizer) {
        if let first = known[recognizer.profile.id] {
            roots += Array(roots[first..<first + protocolCount])
            return
        }
        known[recognizer.profile.id] = roots.count
        for name in ProtocolName.allCases {
            switch recognizer.plan(name) {
            case nil: roots.append(Self.unread)
            case let plan? where plan.isList: roots.append(Self.open)
            case let plan?: roots.append(Int32(dispatch.add(plan.early)))
            }
        }
    }

    func look(_ message: borrowing Message, of session: Int) -> Look {
        let root = roots[session &* protocolCount &+ message.protocolName.index]
        if root < 0 { return root == Self.unread ? .unread : .open }
        return dispatch.isNone(dispatch.find(message, from: Int(root))) ? .unmapped : .open
    }
}

/// What became of the messages to each device, by protocol.
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
    /// A message that a look turned away.
    @inline(__always)
    mutating func countNothing(_ look: FirstLooks.Look) {
        messages &+= 1
        switch look {
        case .unread: unread &+= 1
        case .unmapped: unmapped &+= 1
        case .open: break
        }
    }

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
