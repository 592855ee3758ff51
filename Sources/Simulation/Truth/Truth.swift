public import Domain

/// What is true of an office-day: its events, its visits, and where the waiting went.
///
/// Made from the world's facts and from the record of which host put frames on the wire when; neither decoders nor the
/// fold take part, so that they can be judged by it.
public struct Truth: Sendable {
    public var site: Site
    public var day: LocalDay
    /// In the order of `events.jsonl`, restated ones included.
    public var events: [TruthEvent]
    /// In the order of `visits.csv`.
    public var visits: [TruthVisit]

    /// - Parameters:
    ///   - evidence: by device, the times in milliseconds at which it was heard at all.
    public init(site: Site, day: LocalDay, utterances: [Utterance], evidence: [String: [Int64]]) {
        self.init(
            site: site, day: day, events: TruthEvent.events(of: utterances, site: site), evidence: evidence)
    }

    public init(site: Site, day: LocalDay, events: [TruthEvent], evidence: [String: [Int64]]) {
        self.site = site
        self.day = day
        self.events = events
        let clock = site.office.clock
        let hours = site.openingHours(on: day).map {
            $0.lowerBound.milliseconds..<$0.upperBound.milliseconds
        }
        // What a device tells is a sign of life too, also where the other party of a call told it.
        var heard = evidence
        for event in events { heard[event.device, default: []].append(event.at.milliseconds) }
        for device in heard.keys { heard[device]?.sort() }

        var book = TicketBook(site: site)
        var ends = hours.map(\.upperBound)[...]
        for event in events {
            while let end = ends.first, end <= event.at.milliseconds {
                book.scheduledEnd(at: end)
                ends.removeFirst()
            }
            if event.kind.hasPrefix("counter.") {
                book.apply(counterEvent: event.kind, counter: event.counter, at: event.at.milliseconds)
            } else if event.kind.hasPrefix("ticket.") {
                book.apply(event, system: site.device(event.device)?.ticketSystem ?? event.device)
            }
        }
        for end in ends { book.scheduledEnd(at: end) }
        book.finish(closing: hours.last?.upperBound ?? clock.start(of: day + 1).milliseconds)

        var oracle = WaitOracle(site: site, hours: hours, book: book, events: events, evidence: heard)
        visits = book.visits.map { visit in
            var visit = visit
            for leg in visit.legs {
                let eligible = oracle.eligible(leg)
                for span in leg.spans where span.state == .waiting {
                    for (cause, time) in oracle.causes(
                        from: span.from, until: span.until ?? span.from, eligible: eligible)
                    {
                        visit.causes[cause, default: 0] += time
                    }
                }
            }
            return visit
        }
        visits.sort { a, b in
            let (first, second) = (a.issued ?? a.legs[0].called ?? 0, b.issued ?? b.legs[0].called ?? 0)
            return (first, a.ticket, a.ordinal, a.system) < (second, b.ticket, b.ordinal, b.system)
        }
    }

    /// `events.jsonl`: only changes.
    public var eventLines: [String] {
        events.filter { !$0.isRestated }.map { $0.line(office: site.office) }
    }

    /// `visits.csv`, with its header.
    public var visitRows: [[String]] {
        [Visit.csvHeader] + visits.map { $0.cells(site: site, day: day) }
    }

    public var summary: TruthSummary {
        var summary = TruthSummary(office: site.office.id, day: "\(day)")
        for visit in visits {
            summary.visits += 1
            switch visit.outcome {
            case "served": summary.served += 1
            case "noShow": summary.noShow += 1
            case "left": summary.left += 1
            default: summary.open += 1
            }
            if visit.flags.contains("suspect") { summary.suspect += 1 }
            summary.waitMilliseconds += visit.milliseconds(in: .waiting)
            summary.callingMilliseconds += visit.milliseconds(in: .called)
            summary.serviceMilliseconds += visit.milliseconds(in: .serving)
            summary.holdMilliseconds += visit.milliseconds(in: .held)
            for cause in WaitCause.allCases {
                summary.causes[cause.rawValue, default: 0] += visit.causes[cause] ?? 0
            }
        }
        summary.events = eventLines.count
        return summary
    }
}

/// The totals of a day: `summary.json`.
public struct TruthSummary: Codable, Hashable, Sendable {
    public var office: String
    public var day: String
    public var visits = 0
    public var served = 0
    public var noShow = 0
    public var left = 0
    public var open = 0
    public var suspect = 0
    public var waitMilliseconds: Int64 = 0
    public var callingMilliseconds: Int64 = 0
    public var serviceMilliseconds: Int64 = 0
    public var holdMilliseconds: Int64 = 0
    /// By cause; they sum to `waitMilliseconds`.
    public var causes: [String: Int64] = [:]
    /// Lines of `events.jsonl`, and frames of `capture.pcap` (0 where there is none).
    public var events = 0
    public var frames = 0

    public init(office: String, day: String) {
        self.office = office
        self.day = day
    }

    /// One JSON object, keys in the order of the properties.
    public var json: String {
        var out = "{\n  \"office\": \(TruthText.json(office)),\n  \"day\": \(TruthText.json(day)),\n"
        let numbers: [(String, Int64)] = [
            ("visits", Int64(visits)), ("served", Int64(served)), ("noShow", Int64(noShow)), ("left", Int64(left)),
            ("open", Int64(open)), ("suspect", Int64(suspect)), ("waitMilliseconds", waitMilliseconds),
            ("callingMilliseconds", callingMilliseconds), ("serviceMilliseconds", serviceMilliseconds),
            ("holdMilliseconds", holdMilliseconds),
        ]
        for (key, value) in numbers { out += "  \"\(key)\": \(value),\n" }
        let parts = WaitCause.allCases.map { "\"\($0.rawValue)\": \(causes[$0.rawValue] ?? 0)" }
        out += "  \"causes\": { " + parts.joined(separator: ", ") + " },\n"
        return out + "  \"events\": \(events),\n  \"frames\": \(frames)\n}\n"
    }
}
