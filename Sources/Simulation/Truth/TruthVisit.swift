public import Domain

/// One ticket's life as the truth books it. Everything is kept as spans; sums are made at the end.
public struct TruthVisit: Sendable {
    public enum State: String, Sendable { case waiting, called, serving, held, served, noShow, left }

    public struct Span: Sendable {
        public var state: State
        public var from: Int64
        public var until: Int64?
    }

    public struct Leg: Sendable {
        public var service: String?
        public var target: String?
        public var counter: String?
        public var called: Int64?
        public var lastCall: Int64?
        public var started: Int64?
        public var spans: [Span]
    }

    public var system: String
    public var ticket: String
    public var ordinal: Int
    public var issued: Int64?
    public var finished: Int64?
    public var outcome: String?
    public var legs: [Leg]
    public var flags: Set<String> = []
    public var state: State
    /// What it was before it was held.
    var stateBeforeHold = State.serving
    /// Filled by the wait oracle: milliseconds by cause.
    public var causes: [WaitCause: Int64] = [:]

    var isOpen: Bool { outcome == nil }
    var leg: Leg {
        get { legs[legs.count - 1] }
        set { legs[legs.count - 1] = newValue }
    }

    /// Leaves the current state at `at` and enters `state`; an ended visit has no further span.
    mutating func enter(_ state: State, at: Int64) {
        closeSpan(at: at)
        self.state = state
        switch state {
        case .waiting, .called, .serving, .held: leg.spans.append(Span(state: state, from: at, until: nil))
        case .served, .noShow, .left: break
        }
    }

    mutating func closeSpan(at: Int64) {
        if let last = leg.spans.indices.last, leg.spans[last].until == nil { leg.spans[last].until = at }
    }

    public func milliseconds(in state: State) -> Int64 {
        legs.reduce(0) { $0 + TruthVisit.milliseconds(in: state, $1) }
    }

    static func milliseconds(in state: State, _ leg: Leg) -> Int64 {
        var sum: Int64 = 0
        for span in leg.spans where span.state == state { sum += (span.until ?? span.from) - span.from }
        return sum
    }

    /// The cells of a row of `visits.csv`, in the order of DOMAIN.md §A.
    func cells(site: Site, day: LocalDay) -> [String] {
        func time(_ milliseconds: Int64?) -> String {
            milliseconds.map { site.office.clock.text(Instant(milliseconds: $0)) } ?? ""
        }
        let first = legs[0]
        var cells = [
            site.office.id, "\(day)", ticket, "\(ordinal)", first.service ?? "", first.counter ?? "", time(issued),
            time(first.called), time(first.started), time(finished), outcome ?? "open",
        ]
        for state in [State.waiting, .called, .serving, .held] { cells.append("\(milliseconds(in: state))") }
        for cause in [WaitCause.closed, .capacity, .idle, .meeting, .unattended, .unseen] {
            cells.append("\(causes[cause] ?? 0)")
        }
        cells.append(flags.sorted().joined(separator: "+"))
        return cells
    }
}
