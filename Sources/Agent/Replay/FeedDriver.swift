public import Domain
public import Wire

/// One feed on its way from frames to facts: the one place that says in which order time, frame and messages are told
/// to the pipeline, so that a replay and a live capture of the same frames give the same events.
public struct FeedDriver: Sendable {
    /// Messages of one frame that wait, at most, until its sender is told. One frame has a handful; behind a hole of a
    /// stream it may complete a hundred thousand, which are not held all at once: those are told before the sender.
    static let messagesAtOnce = 256

    public let feed: String
    public private(set) var pipeline: Pipeline
    public private(set) var dissector: Dissector
    /// Counts frames, and in a live feed also moments without one: the high part of a position.
    private var number: UInt64
    private var heard: [HeardMessage] = []
    /// Every message with what became of it, where somebody wants to know; `nil`: nobody does.
    public private(set) var readings: [Reading]?
    public typealias Reading = (heard: HeardMessage, recognitions: [Recognition], elements: [Recognition])
    private var echoes = FrameEchoes()
    /// The newest frame's time.
    public private(set) var last: Timestamp?

    /// `after` is the last position that a live feed reached before: positions grow across restarts. 0 for a file.
    public init(
        site: SiteRevision, profiles: [DeviceProfile], feed: String, after: UInt64 = 0,
        limits: Dissector.Limits = .init()
    ) throws(ProfileError) {
        self.feed = feed
        pipeline = try Pipeline(site: site, profiles: profiles, feed: feed)
        dissector = Dissector(limits: limits, declared: site.site.declarations(profiles: profiles))
        number = after >> 16
    }

    /// A position that no event of this feed has had: the next frame's.
    public mutating func nextPosition() -> UInt64 {
        number &+= 1
        return number << 16
    }

    public mutating func frame(_ header: FrameHeader, _ bytes: borrowing RawSpan) -> [DomainEvent] {
        let position = nextPosition()
        last = max(last ?? header.at, header.at)
        if echoes.isEcho(bytes, at: header.at) { return [] }
        var events = pipeline.advance(to: Instant(milliseconds: header.at.milliseconds), position: position)
        let sender = dissector.dissect(bytes, header) { message in
            heard.append(message)
            if heard.count >= Self.messagesAtOnce {
                Self.take(&heard, into: &pipeline, &readings, at: position, &events)
            }
        }
        events += pipeline.heardFrame(from: sender, at: header.at, position: position + UInt64(events.count))
        Self.take(&heard, into: &pipeline, &readings, at: position, &events)
        // More than the low part of a position can count: the next frame's come behind them.
        number &+= UInt64(events.count) >> 16
        return events
    }

    /// Each message is moved out, and so nothing of it is copied or counted: most of them nobody wants.
    private static func take(
        _ heard: inout [HeardMessage], into pipeline: inout Pipeline, _ readings: inout [Reading]?, at position: UInt64,
        _ events: inout [DomainEvent]
    ) {
        heard.reverse()
        while let message = heard.popLast() {
            events += pipeline.ingest(message, position: position + UInt64(events.count))
            if readings != nil {
                readings?.append((message, pipeline.recognitions ?? [], pipeline.elementRecognitions))
                pipeline.recognitions = []
            }
        }
    }

    /// From now on each message is kept with what became of it.
    public mutating func keepReadings() {
        readings = []
        pipeline.recognitions = []
    }

    /// Frames that were the same as one just before, byte for byte: not looked at.
    public var echoedFrames: UInt64 { echoes.count }

    /// Time passes without a frame (live): what is due is told.
    public mutating func advance(to instant: Instant) -> [DomainEvent] {
        let events = pipeline.advance(to: instant, position: (number &+ 1) << 16)
        if !events.isEmpty { number &+= 1 }
        return events
    }

    /// The feed ends, at its last frame or at `end`.
    public mutating func finish(at end: Instant? = nil) -> [DomainEvent] {
        let position = nextPosition()
        var events: [DomainEvent] = []
        dissector.finish { message in
            heard.append(message)
            if heard.count >= Self.messagesAtOnce {
                Self.take(&heard, into: &pipeline, &readings, at: position, &events)
            }
        }
        Self.take(&heard, into: &pipeline, &readings, at: position, &events)
        if let at = end ?? last.map({ Instant(milliseconds: $0.milliseconds) }) {
            events += pipeline.finish(at: at, position: position + UInt64(events.count))
        }
        return events
    }
}
