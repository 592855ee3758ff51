/// Where session descriptions said that media would arrive, and what has come of it.
///
/// RTP has no mark that tells it from chance, so a datagram is RTP only between ports of which one was announced: by
/// an `m=` line (RFC 8866 section 5.14), or by RTSP's `Transport` (RFC 2326 section 12.39). RTCP goes to the next
/// port, to the one of `a=rtcp:` (RFC 3605), or to the same (RFC 5761). Both directions count: who announces a port
/// sends from it too (RFC 4961).
///
/// Bounded: at the limit the place or source that was silent for longest is given up, and that is counted.
struct AnnouncedMedia: Sendable {
    struct Limits: Hashable, Sendable {
        var places = 1_024
        /// An announcement nobody uses for so long is over.
        var placeTimeout = Timestamp(seconds: 3_600)
        var sources = 1_024
        /// A source that is silent for so long has ended, and is told of.
        var sourceTimeout = Timestamp(seconds: 30)
    }

    /// One place that a description names.
    struct Announcement: Hashable, Sendable {
        var place: Endpoint
        /// RTCP is expected, and nothing else.
        var isControl: Bool
        /// Ticks a second by payload type, of types that the description defines; 0 where timestamps tell no time of
        /// sending: all packets of one event have the event's (RFC 4733 section 2.2.1).
        var clockRates: [UInt8: Int] = [:]
        /// Where RTSP granted it: the clocks are those of the session's description.
        var session: Clocks.Session?
    }

    private struct Place {
        var announcement: Announcement
        var lastUse: Timestamp
    }

    private struct SourceKey: Hashable {
        var source: Endpoint
        var target: Endpoint
        var ssrc: UInt32
    }

    private struct Source {
        var key: SourceKey
        var reception = RTPReception()
        /// The payload type that came last and its clock, as it was after so many announcements.
        var payloadType: UInt8
        var clockRate: Int?
        var lookedUp: UInt64
        var began: Timestamp
        var circumstances: Delivery.Circumstances
    }

    private let limits: Limits
    private var places: [Place] = []
    private var placeIndex: [Endpoint: Int] = [:]
    private var placeOrder = UseOrder()
    private var announcements: UInt64 = 0
    private var clocks = DescribedClocks()
    /// Places by port, so that a datagram of anybody else costs two loads; empty until something is announced.
    private var ports: [UInt16] = []
    private var sources: [Source] = []
    private var sourceIndex: [SourceKey: Int] = [:]
    private var sourceOrder = UseOrder()
    /// No source ends before this.
    private(set) var nextEnd = Timestamp(nanoseconds: .max)

    init(limits: Limits = Limits()) {
        self.limits = Limits(
            places: min(max(limits.places, 1), Int(UInt16.max)), placeTimeout: limits.placeTimeout,
            sources: max(limits.sources, 1), sourceTimeout: limits.sourceTimeout)
    }

    var placeCount: Int { places.count }
    var sourceCount: Int { sources.count }

    // MARK: Places

    mutating func announce(_ announcement: Announcement, at time: Timestamp, _ counters: inout DissectionCounters) {
        announcements &+= 1
        if let known = placeIndex[announcement.place] {
            places[known] = Place(announcement: announcement, lastUse: time)
            placeOrder.use(known)
            return
        }
        if places.count >= limits.places, let oldest = placeOrder.oldest {
            counters.mediaEvicted &+= 1
            removePlace(oldest)
        }
        if ports.isEmpty { ports = [UInt16](repeating: 0, count: 65_536) }
        placeIndex[announcement.place] = places.count
        places.append(Place(announcement: announcement, lastUse: time))
        placeOrder.append()
        ports[Int(announcement.place.port)] &+= 1
        counters.mediaAnnounced &+= 1
    }

    @inline(__always)
    mutating func announce(_ announced: Announced, at time: Timestamp, _ counters: inout DissectionCounters) {
        if announced.isEmpty { return }
        counters.mediaRefused &+= announced.refused
        for told in announced.clocks { clocks.keep(told) }
        for place in announced.places {
            var place = place
            if let session = place.session { place.clockRates = clocks[session] }
            announce(place, at: time, &counters)
        }
    }

    private mutating func removePlace(_ at: Int) {
        let gone = places[at].announcement.place
        placeIndex[gone] = nil
        ports[Int(gone.port)] &-= 1
        placeOrder.remove(at)
        if let last = places.popLast(), at < places.count {
            places[at] = last
            placeIndex[last.announcement.place] = at
        }
    }

    @inline(__always)
    func mayHear(_ sourcePort: UInt16, _ targetPort: UInt16) -> Bool {
        !ports.isEmpty && (ports[Int(targetPort)] | ports[Int(sourcePort)]) != 0
    }

    /// What a datagram between these is, if one of them was announced and the bytes are not against it.
    mutating func protocolName(
        _ source: Endpoint, _ target: Endpoint, _ bytes: borrowing RawSpan, at time: Timestamp,
        _ counters: inout DissectionCounters
    ) -> ProtocolName? {
        guard let at = place(target, time, &counters) ?? place(source, time, &counters) else { return nil }
        // Version 2. RTCP's types are payload types that RTP may not have (RFC 5761 section 4).
        guard bytes.octet(0) >> 6 == 2, bytes.byteCount >= 8 else { return nil }
        places[at].lastUse = max(places[at].lastUse, time)
        placeOrder.use(at)
        if (192...223).contains(bytes.octet(1)) { return .rtcp }
        return places[at].announcement.isControl || bytes.byteCount < 12 ? nil : .rtp
    }

    private mutating func place(
        _ endpoint: Endpoint, _ time: Timestamp, _ counters: inout DissectionCounters
    ) -> Int? {
        guard let at = placeIndex[endpoint] else { return nil }
        guard Self.isSilent(since: places[at].lastUse, limits.placeTimeout, at: time) else { return at }
        counters.mediaExpired &+= 1
        removePlace(at)
        return nil
    }

    private static func isSilent(since last: Timestamp, _ timeout: Timestamp, at time: Timestamp) -> Bool {
        let (silence, overflow) = time.nanoseconds.subtractingReportingOverflow(last.nanoseconds)
        return overflow ? time.nanoseconds > 0 : silence > timeout.nanoseconds
    }

    // MARK: Sources

    /// Takes the header of a datagram that was decoded as RTP.
    mutating func hear(
        _ bytes: borrowing RawSpan, _ said: Delivery.Circumstances, _ counters: inout DissectionCounters,
        _ sink: (HeardMessage) -> Void
    ) {
        guard bytes.byteCount >= 12 else { return }
        let type = bytes.octet(1) & 0x7F
        let key = SourceKey(source: said.source, target: said.target, ssrc: bytes.big32(unchecked: 8))
        if sourceIndex[key] == nil {
            if sources.count >= limits.sources, let oldest = sourceOrder.oldest {
                counters.mediaEvicted &+= 1
                end(oldest, &counters, sink)
            }
            sourceIndex[key] = sources.count
            sourceOrder.append()
            sources.append(
                Source(
                    key: key, payloadType: type, clockRate: clockRate(type, said), lookedUp: announcements,
                    began: said.at, circumstances: said))
            nextEnd = min(nextEnd, Self.after(said.at, limits.sourceTimeout))
        }
        guard let at = sourceIndex[key] else { return }
        if sources[at].payloadType != type || sources[at].lookedUp != announcements {
            sources[at].payloadType = type
            sources[at].clockRate = clockRate(type, said)
            sources[at].lookedUp = announcements
        }
        let sequence = bytes.big16(unchecked: 2)
        if let rate = sources[at].clockRate {
            sources[at].reception.add(
                sequence: sequence, timestamp: bytes.big32(unchecked: 4), at: said.at, clockRate: rate)
        } else {
            sources[at].reception.add(sequence: sequence)
        }
        sources[at].circumstances = said
        sourceOrder.use(at)
    }

    /// `nil` for a type that nobody defined, and for events.
    private func clockRate(_ type: UInt8, _ said: Delivery.Circumstances) -> Int? {
        for endpoint in [said.target, said.source] {
            guard let at = placeIndex[endpoint], let rate = places[at].announcement.clockRates[type] else { continue }
            return rate > 0 ? rate : nil
        }
        // RFC 3551 section 6.
        switch type {
        case 0, 3, 4, 5, 7, 8, 9, 12, 13, 15, 18: return 8_000
        case 6: return 16_000
        case 10, 11: return 44_100
        case 16: return 11_025
        case 17: return 22_050
        case 14, 25, 26, 28, 31...34: return 90_000
        default: return nil
        }
    }

    private static func after(_ time: Timestamp, _ span: Timestamp) -> Timestamp {
        let (sum, overflow) = time.nanoseconds.addingReportingOverflow(span.nanoseconds)
        return Timestamp(nanoseconds: overflow ? .max : sum)
    }

    /// Tells of the sources that are silent for too long.
    mutating func endSilent(
        at time: Timestamp, _ counters: inout DissectionCounters, _ sink: (HeardMessage) -> Void
    ) {
        var at = 0
        while at < sources.count {
            if Self.isSilent(since: sources[at].circumstances.at, limits.sourceTimeout, at: time) {
                end(at, &counters, sink)
            } else {
                at += 1
            }
        }
        // Sources that go on are looked at a timeout later: an end is told at most two timeouts after the last packet.
        nextEnd = sources.isEmpty ? Timestamp(nanoseconds: .max) : Self.after(time, limits.sourceTimeout)
    }

    mutating func finish(_ counters: inout DissectionCounters, _ sink: (HeardMessage) -> Void) {
        while !sources.isEmpty { end(0, &counters, sink) }
    }

    private mutating func end(_ at: Int, _ counters: inout DissectionCounters, _ sink: (HeardMessage) -> Void) {
        let gone = sources[at]
        sourceIndex[gone.key] = nil
        sourceOrder.remove(at)
        if let last = sources.popLast(), at < sources.count {
            sources[at] = last
            sourceIndex[last.key] = at
        }
        let lasted = gone.circumstances.at.nanoseconds.subtractingReportingOverflow(gone.began.nanoseconds)
        let report = RTP.report(
            ssrc: gone.key.ssrc, gone.reception,
            milliseconds: lasted.overflow ? 0 : max(0, lasted.partialValue / 1_000_000))
        Delivery.deliver(report, gone.circumstances, &counters, sink)
    }
}
