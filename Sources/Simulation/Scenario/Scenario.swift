public import Domain

/// What a simulated office is like: its site, and the habits of its people, staff and devices. Data, read from
/// `sim/scenarios/*.yaml`; a world is a scenario plus a seed plus a day.
public struct Scenario: Sendable {
    public var name: String
    public var about: String
    public var site: Site
    public var services: [ServicePlan]
    public var counters: [CounterPlan]
    public var hosts: [HostPlan]
    public var arrivals: Arrivals
    public var people: People
    public var clerks: Clerks
    public var mishaps: Mishaps
    public var incidents: [Incident]
    public var noise: Noise

    /// How a service is asked for and how long it takes. Same order as `site.services`.
    public struct ServicePlan: Sendable {
        public var id: String
        /// Letters before the ticket number; one per service.
        public var prefix: String
        /// The ticket system that issues for it.
        public var system: String
        /// Share of the arrivals, as a weight.
        public var share: Double
        /// Log-normal service time: median in milliseconds and σ.
        public var median: Int64
        public var spread: Double
        /// How the number is said after the prefix: `-` for `C-001`.
        public var separator: String
    }

    /// What is told of a counter besides the site file. Same order as `site.counters`.
    public struct CounterPlan: Sendable {
        public enum Opening: String, Sendable, CaseIterable {
            /// A button is pressed: counter.opened.
            case button
            /// Nothing is pressed; the first call opens it.
            case call
        }
        public enum Break: String, Sendable, CaseIterable {
            case pause, close, nothing
        }
        public var id: String
        /// The device that speaks for this counter.
        public var caller: String
        /// What that device calls the counter.
        public var said: String
        public var opening: Opening
        public var lunch: Break
        public var evening: Break
        /// The clerk works here at all today.
        public var staffed: Bool
    }

    /// How a device's host looks on the wire. Same order as `site.devices`.
    public struct HostPlan: Sendable {
        public enum Role: String, Sendable, CaseIterable { case kiosk, caller, broker, camera, meeting }
        public var id: String
        public var role: Role
        /// Device clock minus true time, constant through the day, in milliseconds.
        public var clockOffset: Int64
        public var vlan: UInt16?
        /// Largest TCP segment it sends, in bytes.
        public var segment: Int
        /// Cameras: one connection for all notifications, or one each.
        public var keepsConnection: Bool
    }

    public struct Arrivals: Sendable {
        /// Expected number of tickets in a day.
        public var expected: Double
        /// Weights from a time of day (milliseconds since midnight) to the next entry's; the last entry ends them.
        public var profile: [(from: Int64, weight: Double)]
    }

    public struct People: Sendable {
        /// Median and σ of the time after which somebody gives up waiting.
        public var patience: Int64
        public var patienceSpread: Double
        /// Of those who give up: the share that presses cancel at the kiosk; the others just go.
        public var cancels: Double
        public var walk: Int64
        public var priority: Double
        /// Issued over the phone or web instead of at the kiosk.
        public var remote: Double
    }

    /// Habits at the counters: probabilities per service unless told otherwise, times in milliseconds.
    public struct Clerks: Sendable {
        public var gap: Int64 = 6_000
        public var reaction: Int64 = 4_000
        public var recallAfter: Int64 = 20_000
        public var recalls: Int = 2
        public var late: Int64 = 0
        public var lunchDelay: Int64 = 0
        public var staysLate: Double = 0
        public var stayUpTo: Int64 = 1_800_000
        /// Expected absences of a clerk in a day, their median, and the share that presses pause first.
        public var leaves: Double = 0
        public var leaveFor: Int64 = 480_000
        public var pausesOnLeave: Double = 0
        public var meetings: Double = 0
        public var meetingFor: Int64 = 900_000
        public var dawdles: Double = 0
        public var dawdleFor: Int64 = 90_000
        public var holds: Double = 0
        public var holdFor: Int64 = 180_000
        public var transfers: Double = 0
        public var transfersToCounter: Double = 0.3
        public var forgetsFinish: Double = 0
        public var forgetsStart: Double = 0
        public var skipsCall: Double = 0
        public var tellsOutcome: Double = 0.5
        /// A colleague comes to the desk.
        public var company: Double = 0
    }

    /// Things that go wrong in the ticket system: probabilities per ticket.
    public struct Mishaps: Sendable {
        /// The slip's message was never sent; the first that is heard is the call.
        public var missingIssue: Double = 0
        /// … or it comes within five seconds after the call.
        public var lateIssue: Double = 0
        /// The same message twice.
        public var repeats: Double = 0
        /// The counter of numbers was reset: the number is given out again.
        public var reissues: Double = 0
        /// A no-show comes back and is called again.
        public var revivals: Double = 0
        /// An event that has no row in the state machine.
        public var strays: Double = 0
        /// A call at one counter, then from another.
        public var movedCalls: Double = 0
    }

    /// Something that happens to a device.
    public struct Incident: Sendable {
        public enum Kind: String, Sendable, CaseIterable {
            /// A camera loses its picture: SignalLoss.
            case dark
            /// A device loses power: nothing at all is heard of it, then it starts anew.
            case silent
            /// A camera is covered.
            case tamper
            /// A camera stops recording.
            case unrecorded
            /// A camera's storage fails.
            case storage
        }
        public var kind: Kind
        public var device: String
        /// Milliseconds since midnight; `nil`: any time of the opening hours.
        public var from: Int64?
        public var duration: Int64
        public var probability: Double
    }

    /// The rest of the network: conversations that must not become events.
    public struct Noise: Sendable {
        /// Unrelated exchanges a minute.
        public var perMinute: Double = 10
        /// Time between RTP packets of a call, per direction (silence suppressed).
        public var mediaEvery: Int64 = 500
        /// Mean time between two signs of life of a device; under two minutes.
        public var heartbeatEvery: Int64 = 60_000
        /// Of messages longer than one segment: the share whose segments overtake each other, and that are sent twice.
        public var reordered: Double = 0.1
        public var retransmitted: Double = 0.05
    }
}
