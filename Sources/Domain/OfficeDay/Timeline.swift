/// The office day as lanes on one time axis: what the picture draws, and nothing that the picture would have to compute.
public struct Timeline: Hashable, Sendable {
    /// One state over [from, until).
    public struct Span<State: Hashable & Sendable>: Hashable, Sendable {
        public var from: Instant
        public var until: Instant
        public var state: State
        /// The ticket in service, the zone count or the remote party's hash, where that says something.
        public var label: String?

        public init(from: Instant, until: Instant, state: State, label: String? = nil) {
            self.from = from
            self.until = until
            self.state = state
            self.label = label
        }
    }

    public enum CounterState: String, Hashable, Sendable, CaseIterable {
        case serving, called, open, paused, closed
    }

    public enum CameraState: String, Hashable, Sendable, CaseIterable {
        case present, empty
        /// Known to be down, without video or covered.
        case dark
        /// Nothing heard for too long, or nothing told yet.
        case unknown
    }

    /// People waiting from `at` until the next step, by the cause that holds for each of them.
    public struct Queue: Hashable, Sendable {
        public var at: Instant
        public var waiting: WaitCauses

        public init(at: Instant, waiting: WaitCauses) {
            self.at = at
            self.waiting = waiting
        }
    }

    public struct CounterLane: Hashable, Sendable {
        public var counter: String
        public var spans: [Span<CounterState>]
        /// Empty where no camera is mapped.
        public var camera: [Span<CameraState>]

        public init(counter: String, spans: [Span<CounterState>], camera: [Span<CameraState>]) {
            self.counter = counter
            self.spans = spans
            self.camera = camera
        }
    }

    public struct MeetingLane: Hashable, Sendable {
        public var device: String
        /// The time in a call.
        public var calls: [Range<Instant>]

        public init(device: String, calls: [Range<Instant>]) {
            self.device = device
            self.calls = calls
        }
    }

    /// From the first hour shown to the last: opening hours and everything that happened, or until `asOf`.
    public var range: Range<Instant>
    public var hours: [Range<Instant>]
    public var queue: [Queue]
    public var counters: [CounterLane]
    public var meetings: [MeetingLane]
    /// Time for which an agent says it did not listen.
    public var gaps: [Range<Instant>]

    public init(
        range: Range<Instant>, hours: [Range<Instant>], queue: [Queue], counters: [CounterLane],
        meetings: [MeetingLane], gaps: [Range<Instant>]
    ) {
        self.range = range
        self.hours = hours
        self.queue = queue
        self.counters = counters
        self.meetings = meetings
        self.gaps = gaps
    }
}
