import Wire

/// What is remembered about one device of a site between its messages.
struct DeviceSession: Sendable {
    let device: String
    /// The counter the site says it stands at.
    let counter: String?
    let recognizer: Recognizer
    var clock = DeviceClock()
    var evidence = Evidence()
    var pairs = StatePairs()
    var states = KnownStates()
    /// By protocol, in the order of `ProtocolName.allCases`.
    var tallies = [PipelineCounters.Tally](repeating: PipelineCounters.Tally(), count: ProtocolName.allCases.count)

    init(device: String, counter: String?, recognizer: Recognizer) {
        self.device = device
        self.counter = counter
        self.recognizer = recognizer
    }

}

/// States with a key that are on: calls by their Call-ID. Only a change is an event.
struct StatePairs: Hashable, Sendable {
    static let limit = 256

    private var active: Set<String> = []
    /// Keys from oldest to newest; what is beyond the limit is forgotten from the front.
    private var order: [String] = []
    private(set) var forgotten: UInt64 = 0

    var count: Int { active.count }

    /// `false`: nothing changed.
    mutating func apply(_ pair: DeviceProfile.Pair) -> Bool {
        switch pair.edge {
        case .start:
            guard active.insert(pair.key).inserted else { return false }
            order.append(pair.key)
            if order.count > Self.limit {
                active.remove(order.removeFirst())
                forgotten &+= 1
            }
            return true
        case .end:
            guard active.remove(pair.key) != nil else { return false }
            order.removeAll { $0 == pair.key }
            return true
        }
    }
}
