/// The TCP conversations being followed, within bounds. At a bound the one unused for longest is finished and dropped.
struct FlowTable: Sendable {
    struct Limits: Hashable, Sendable {
        var flows = 4_096
        /// Bytes held by all flows together.
        var heldBytes = 16_777_216
        /// A flow in which nothing is heard for so long is over.
        var timeout = Timestamp(seconds: 3_600)
        var stream = StreamAssembler.Limits()
    }

    private let limits: Limits
    private var slots: [Flow] = []
    private var free: [Int] = []
    private var index = FlowIndex()
    private var newest = -1
    private var oldest = -1
    /// Ports on which a flow was found by its bytes: the only strange ports worth a look-up.
    private var sniffedPorts = [Bool](repeating: false, count: 65_536)
    private var sniffedFlows = 0
    private(set) var heldBytes = 0

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    var count: Int { index.count }
    /// Looks at every flow.
    var unfinishedBytes: Int { slots.reduce(0) { $0 + $1.unfinishedBytes } }

    /// Follows a segment, or counts that it belongs to nothing we follow.
    mutating func accept(
        _ segment: TCPView, _ talk: Flow.Talk, portClass: PortClass, _ counters: inout DissectionCounters,
        _ sink: (consuming HeardMessage) -> Void
    ) {
        let isStrange = portClass == .unknown
        if isStrange, !sniffedPorts[Int(segment.sourcePort)], !sniffedPorts[Int(segment.targetPort)],
            !startsFlow(segment)
        {
            counters.otherSegments &+= 1
            return
        }
        let isForward = talk.source < talk.target
        let key =
            isForward
            ? Flow.Key(low: talk.source, high: talk.target) : Flow.Key(low: talk.target, high: talk.source)
        expire(before: talk.at, &counters, sink)
        let hash = index.hash(key)
        var slot = index.find(hash) { slots[$0].key == key }
        if let known = slot, slots[known].isOver(by: segment, isForward: isForward) {
            remove(known, &counters, sink)
            slot = nil
        }
        if slot == nil, isStrange, !startsFlow(segment) {
            counters.otherSegments &+= 1
            return
        }
        // A lone acknowledgement, end or reset of a conversation that we never heard opens none.
        if slot == nil, segment.payload.byteCount == 0, !segment.flags.contains(.synchronise) {
            counters.otherSegments &+= 1
            return
        }
        let at = slot ?? open(key, hash, talk, portClass, &counters, sink)
        touch(at)
        let before = slots[at].heldBytes
        slots[at].accept(segment, isForward: isForward, talk, limits: limits.stream, &counters, sink)
        heldBytes += slots[at].heldBytes - before
        // It began like something, and is nothing: a stranger's.
        if slots[at].isDisowned { remove(at, &counters, sink) }
        while heldBytes > limits.heldBytes, oldest >= 0, oldest != newest {
            counters.flowsEvicted += 1
            remove(oldest, isEvicted: true, &counters, sink)
        }
    }

    /// Ends every flow, oldest first.
    mutating func finish(_ counters: inout DissectionCounters, _ sink: (consuming HeardMessage) -> Void) {
        while oldest >= 0 { remove(oldest, &counters, sink) }
    }

    /// On a strange port only an unmistakable first message opens a flow, or the beginning of one: small devices send
    /// what they print, `POST `, the path and ` HTTP/1.1` in segments of their own.
    private func startsFlow(_ segment: TCPView) -> Bool {
        guard segment.payload.byteCount > 0 else { return false }
        switch Protocols.streamProtocol(.unknown, segment.payload) {
        case .chosen: return true
        case .needMore: return Sniff.isBegun(segment.payload)
        case .none: return false
        }
    }

    private mutating func open(
        _ key: Flow.Key, _ hash: UInt32, _ talk: Flow.Talk, _ portClass: PortClass,
        _ counters: inout DissectionCounters, _ sink: (consuming HeardMessage) -> Void
    ) -> Int {
        if index.count >= limits.flows, oldest >= 0 {
            if !slots[oldest].isFinished { counters.flowsEvicted += 1 }
            remove(oldest, isEvicted: true, &counters, sink)
        }
        counters.flows += 1
        let flow = Flow(key: key, vlan: talk.vlan, innerVLAN: talk.innerVLAN, portClass: portClass, at: talk.at)
        if flow.isSniffed {
            sniffedFlows += 1
            sniffedPorts[Int(min(talk.source.port, talk.target.port))] = true
        }
        let at: Int
        if let reused = free.popLast() {
            at = reused
            slots[at] = flow
        } else {
            at = slots.count
            slots.append(flow)
        }
        index.insert(hash, at)
        slots[at].older = newest
        if newest >= 0 { slots[newest].newer = at } else { oldest = at }
        newest = at
        return at
    }

    private mutating func remove(
        _ at: Int, isEvicted: Bool = false, _ counters: inout DissectionCounters,
        _ sink: (consuming HeardMessage) -> Void
    ) {
        let before = slots[at].heldBytes
        slots[at].finish(isEvicted: isEvicted, &counters, sink)
        heldBytes -= before
        unlink(at)
        index.remove(index.hash(slots[at].key), at)
        if slots[at].isSniffed {
            sniffedFlows -= 1
            if sniffedFlows == 0 {
                for port in sniffedPorts.indices { sniffedPorts[port] = false }
            }
        }
        // The slot is kept for the next flow, its buffers are not.
        slots[at] = Flow(key: slots[at].key, vlan: nil, innerVLAN: nil, portClass: .noise, at: slots[at].lastSeen)
        free.append(at)
    }

    private mutating func expire(
        before time: Timestamp, _ counters: inout DissectionCounters, _ sink: (consuming HeardMessage) -> Void
    ) {
        while oldest >= 0 {
            let (silence, overflow) = time.nanoseconds.subtractingReportingOverflow(
                slots[oldest].lastSeen.nanoseconds)
            guard overflow ? time.nanoseconds > 0 : silence > limits.timeout.nanoseconds else { return }
            if !slots[oldest].isFinished { counters.flowsTimedOut += 1 }
            remove(oldest, &counters, sink)
        }
    }

    // MARK: Order of last use

    private mutating func touch(_ at: Int) {
        if newest == at { return }
        unlink(at)
        slots[at].older = newest
        slots[at].newer = -1
        if newest >= 0 { slots[newest].newer = at } else { oldest = at }
        newest = at
    }

    private mutating func unlink(_ at: Int) {
        let (older, newer) = (slots[at].older, slots[at].newer)
        if older >= 0 { slots[older].newer = newer } else if oldest == at { oldest = newer }
        if newer >= 0 { slots[newer].older = older } else if newest == at { newest = older }
        slots[at].older = -1
        slots[at].newer = -1
    }
}
