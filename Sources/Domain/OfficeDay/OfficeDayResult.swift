/// An office-day as of a moment: everything that reports, pages and pictures are made of.
public struct OfficeDayResult: Sendable {
    public var site: Site
    public var day: LocalDay
    /// What is counted is what was known up to here; the day's end for a finished day.
    public var asOf: Instant
    /// The day is over: shares over offered visits will not change unless late events come.
    public var isFinal: Bool
    /// Sorted by `Visit.precedes`.
    public var visits: [Visit]
    public var timeline: Timeline
    public var counterTimes: [CounterTimes]
    public var officeTimes: OfficeTimes
    /// Events that the fold took in, second witnesses not counted.
    public var eventCount: Int
    /// Events that were a second witness of one already counted.
    public var witnessedCount: Int
    /// How many ears heard this day.
    public var witnesses: Int
    /// What did not fit, by reason; sorted by reason.
    public var anomalies: [Anomaly]
    /// People waiting at `asOf`, and since when the longest of them.
    public var waitingNow: Int
    public var oldestWaitingSince: Instant?
    /// The last event of any kind.
    public var lastHeard: Instant?
    /// What people said of stretches of this day and did not take back; in order of their beginning.
    public var annotations: [Annotation] = []
    /// What the devices' clocks were worth, in the order of time.
    public var clocks: [ClockNote] = []

    /// What became of each event.
    public var fates: EventFates
    /// What snapshots tell, by device and service: inferred, never mixed with what visits say.
    public var snapshotQueues: [SnapshotQueue]
    /// Half-hours whose waiting does not add up, in order.
    public var qualityAlarms: [QualityAlarm]

    public struct Anomaly: Hashable, Sendable {
        public var reason: String
        public var count: Int
        public init(reason: String, count: Int) {
            self.reason = reason
            self.count = count
        }
    }

    /// What one counter spent its day on, in milliseconds up to `asOf`.
    public struct CounterTimes: Hashable, Sendable {
        public var counter: String
        /// Opening hours.
        public var scheduled: Int64 = 0
        public var open: Int64 = 0
        /// Open with an occupant.
        public var occupied: Int64 = 0
        /// With a ticket in service, inside opening hours.
        public var serving: Int64 = 0
        /// Inside opening hours with presence known, and with staff seen.
        public var visible: Int64 = 0
        public var attended: Int64 = 0
        /// Inside opening hours with a reachable, untampered camera with video.
        public var covered: Int64 = 0

        public init(counter: String) {
            self.counter = counter
        }
    }

    public struct OfficeTimes: Hashable, Sendable {
        /// A mapped meeting system was in a call while somebody waited.
        public var meetingOverlap: Int64 = 0
        /// Somebody waited.
        public var waiting: Int64 = 0
        /// Ratings: their number, the sum of scores and the sum of what the scores were out of.
        public var ratings = 0
        public var score: Int64 = 0
        public var scale: Int64 = 0

        public init() {}
    }

    public init(
        site: Site, day: LocalDay, asOf: Instant, isFinal: Bool, visits: [Visit], timeline: Timeline,
        counterTimes: [CounterTimes], officeTimes: OfficeTimes, eventCount: Int, witnessedCount: Int, witnesses: Int,
        anomalies: [Anomaly], waitingNow: Int, oldestWaitingSince: Instant?, lastHeard: Instant?,
        fates: EventFates = EventFates(), snapshotQueues: [SnapshotQueue] = [], qualityAlarms: [QualityAlarm] = []
    ) {
        self.site = site
        self.day = day
        self.asOf = asOf
        self.isFinal = isFinal
        self.visits = visits
        self.timeline = timeline
        self.counterTimes = counterTimes
        self.officeTimes = officeTimes
        self.eventCount = eventCount
        self.witnessedCount = witnessedCount
        self.witnesses = witnesses
        self.anomalies = anomalies
        self.waitingNow = waitingNow
        self.oldestWaitingSince = oldestWaitingSince
        self.lastHeard = lastHeard
        self.fates = fates
        self.snapshotQueues = snapshotQueues
        self.qualityAlarms = qualityAlarms
    }
}
