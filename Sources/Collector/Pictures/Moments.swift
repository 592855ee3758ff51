import Domain

/// A moment worth a question: evidence for a person to look at, not a verdict.
struct Moment: Hashable, Sendable {
    enum Kind: Int, Hashable, Sendable, Comparable {
        case forgotten, idle, unattended, meeting, cameraDark, longestWait
        static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }
    }

    var kind: Kind
    var at: Instant
    var until: Instant
    /// The counter it is about, when only one can be meant.
    var counter: String?
    var ticket: String?
    /// The most people that waited during it.
    var people: Int64
    /// Person-milliseconds of waiting that hang on it: what the moments are ranked by.
    var weight: Int64

    func text(_ language: Language) -> String {
        let place = counter.map { language.counter($0) }
        let people = language.count(self.people)
        let length = language.duration(until - at)
        switch kind {
        case .forgotten:
            return language(
                "Số \(ticket ?? "") bị bỏ quên, chờ \(length)", "Ticket \(ticket ?? "") forgotten, waits \(length)")
        case .idle:
            return language(
                "\(place ?? "Có quầy") rảnh \(length), tới \(people) người chờ",
                "\(place ?? "A counter") idle \(length), up to \(people) waiting")
        case .unattended:
            return language(
                "\(place ?? "Có quầy") trống \(length), tới \(people) người chờ",
                "\(place ?? "A counter") unattended \(length), up to \(people) waiting")
        case .meeting:
            return language(
                "\(place ?? "Có quầy") họp \(length), tới \(people) người chờ",
                "\(place ?? "A counter") in a meeting \(length), up to \(people) waiting")
        case .cameraDark:
            return language(
                "Camera \((place ?? "").lowercased()) mất hình \(length)",
                "\(place ?? "") camera dark \(length)")
        case .longestWait:
            return language(
                "Số \(ticket ?? "") chờ lâu nhất, \(length)", "Ticket \(ticket ?? "") waited longest, \(length)")
        }
    }
}

extension Moment {
    /// At most three, one of a kind, the heaviest first; returned in the order of time.
    static func worthAQuestion(in result: OfficeDayResult) -> [Moment] {
        let area = QueueArea(result)
        var candidates: [Moment] = []
        for (cause, kind) in [(WaitCause.idle, Kind.idle), (.meeting, .meeting), (.unattended, .unattended)] {
            if let stretch = longestStretch(of: cause, kind: kind, in: area, result) { candidates.append(stretch) }
        }
        let forgotten = forgottenTicket(in: result)
        if let forgotten { candidates.append(forgotten) }
        if let waited = longestWait(in: result), waited.ticket != forgotten?.ticket { candidates.append(waited) }
        if let dark = longestDark(in: result) { candidates.append(dark) }
        candidates.sort { a, b in
            if (a.kind == .forgotten) != (b.kind == .forgotten) { return a.kind == .forgotten }
            return a.weight != b.weight ? a.weight > b.weight : a.kind < b.kind
        }
        return candidates.prefix(3).sorted { a, b in a.at != b.at ? a.at < b.at : a.kind < b.kind }
    }

    /// What is too little to ask about: a minute on a normal day, less on a short one.
    private static func leastWeight(_ result: OfficeDayResult) -> Int64 {
        let window = TimeAxis.window(of: result)
        return min(60_000, (window.upperBound - window.lowerBound) / 60)
    }

    /// Steps in which the cause held, joined over breaks of less than a minute (or a fiftieth of a short day).
    private static func longestStretch(
        of cause: WaitCause, kind: Kind, in area: QueueArea, _ result: OfficeDayResult
    ) -> Moment? {
        let window = TimeAxis.window(of: result)
        let patience = min(60_000, (window.upperBound - window.lowerBound) / 50)
        var best: Moment?
        var current: Moment?
        for step in area.steps where step.waiting[cause] > 0 {
            let people = step.waiting[cause]
            let weight = people.multipliedReportingOverflow(by: step.until - step.from).partialValue
            if var running = current, step.from - running.until <= patience {
                running.until = step.until
                running.people = max(running.people, people)
                running.weight = running.weight.addingReportingOverflow(weight).partialValue
                current = running
            } else {
                current = Moment(kind: kind, at: step.from, until: step.until, people: people, weight: weight)
            }
            if let running = current, running.weight > best?.weight ?? 0 { best = running }
        }
        guard var found = best, found.weight >= leastWeight(result) else { return nil }
        found.counter = onlyCounter(open: kind, during: found.at..<found.until, in: result)
        return found
    }

    /// The one counter that was open without an occupant, and in the camera's or the meeting's state, for most of a stretch.
    private static func onlyCounter(
        open kind: Kind, during stretch: Range<Instant>, in result: OfficeDayResult
    ) -> String? {
        let length = stretch.upperBound - stretch.lowerBound
        let matching = result.timeline.counters.filter { lane in
            let free = overlap(stretch, lane.spans.filter { $0.state == .open }.map { $0.from..<$0.until })
            guard free * 2 > length else { return false }
            switch kind {
            case .idle:
                return overlap(stretch, lane.camera.filter { $0.state == .present }.map { $0.from..<$0.until }) * 2
                    > length
            case .unattended:
                return overlap(stretch, lane.camera.filter { $0.state == .empty }.map { $0.from..<$0.until }) * 2
                    > length
            case .meeting:
                let meetings = result.site.counter(lane.counter)?.meetings ?? []
                let calls = result.timeline.meetings.filter { meetings.contains($0.device) }.flatMap(\.calls)
                return overlap(stretch, calls) * 2 > length
            default:
                return false
            }
        }
        return matching.count == 1 ? matching.first?.counter : nil
    }

    private static func overlap(_ stretch: Range<Instant>, _ ranges: [Range<Instant>]) -> Int64 {
        ranges.reduce(0) {
            $0 + max(0, min($1.upperBound, stretch.upperBound) - max($1.lowerBound, stretch.lowerBound))
        }
    }

    /// A ticket that never left the queue while three later ones of its service were called.
    private static func forgottenTicket(in result: OfficeDayResult) -> Moment? {
        let calledByService = Dictionary(grouping: result.visits.filter { $0.legs.first?.called != nil }) {
            $0.legs.first?.service ?? ""
        }
        var best: Moment?
        for visit in result.visits {
            guard visit.outcome == .open, !visit.flags.contains(.reissued), visit.legs.count == 1,
                let leg = visit.legs.first,
                leg.called == nil, let issued = visit.issued
            else { continue }
            let overtaken =
                calledByService[leg.service ?? ""]?.filter { ($0.issued ?? .distantPast) > issued }.count ?? 0
            if overtaken >= 3, leg.wait > best?.weight ?? 0 {
                best = Moment(
                    kind: .forgotten, at: issued, until: issued + leg.wait, ticket: visit.ticket, people: 1,
                    weight: leg.wait)
            }
        }
        return best
    }

    /// The longest wait before a first call, if it is long: over fifteen minutes, or a third of a short day.
    private static func longestWait(in result: OfficeDayResult) -> Moment? {
        let window = TimeAxis.window(of: result)
        let long = min(900_000, (window.upperBound - window.lowerBound) / 3)
        var best: Moment?
        for visit in result.visits where !visit.isSuspect {
            guard let leg = visit.legs.first, let called = leg.called, let issued = visit.issued else { continue }
            if leg.waitToFirstCall > max(long, best?.weight ?? 0) {
                best = Moment(
                    kind: .longestWait, at: issued, until: called, counter: leg.counter, ticket: visit.ticket,
                    people: 1,
                    weight: leg.waitToFirstCall)
            }
        }
        return best
    }

    /// The longest time that a camera showed nothing during opening hours; it weighs a quarter of its length.
    private static func longestDark(in result: OfficeDayResult) -> Moment? {
        var best: Moment?
        for lane in result.timeline.counters {
            for span in lane.camera where span.state == .dark {
                let length = overlap(span.from..<span.until, result.timeline.hours)
                if length / 4 > best?.weight ?? leastWeight(result) {
                    best = Moment(
                        kind: .cameraDark, at: span.from, until: span.until, counter: lane.counter, people: 0,
                        weight: length / 4)
                }
            }
        }
        return best
    }
}

/// Where a moment's words stand above the chart.
struct MomentMark: Hashable, Sendable {
    var moment: Moment
    var text: String
    var x: Double
    /// The words stand to the left of the line, because the picture ends to the right of it.
    var flips: Bool
    /// 0 is the lowest row.
    var row: Int

    /// In as few rows as keep the words apart. The later a moment the lower its row, so that no line crosses the words
    /// of another.
    static func placed(_ moments: [Moment], on axis: TimeAxis, _ language: Language) -> [MomentMark] {
        var marks: [MomentMark] = []
        var taken: [[Range<Double>]] = []
        for moment in moments.sorted(by: { $0.at > $1.at }) {
            let text = moment.text(language)
            let width = TextMeasure.width(text, size: 12) + 10
            let x = axis.x(moment.at)
            let flips = x + width > OfficeDayDrawing.right
            let place = flips ? (x - width)..<(x + 2) : (x - 2)..<(x + width)
            // The line runs down from the words, so every row below has to be free of them at x.
            let lowest = (taken.lastIndex { $0.contains { $0.overlaps(place) } } ?? -1) + 1
            while taken.count <= lowest { taken.append([]) }
            taken[lowest].append(place)
            marks.append(MomentMark(moment: moment, text: text, x: x, flips: flips, row: lowest))
        }
        return marks.reversed()
    }
}
