import Domain

extension OfficeDayResult {
    /// Ids of the annotations within whose stretch a visit waited or was served.
    func annotations(touching visit: Visit) -> [String] {
        annotations.filter { !$0.touch(visit, site: site, asOf: asOf).isEmpty }.map(\.id)
    }

    /// The whole day as one JSON object: what the picture shows, for a program.
    var json: String {
        let clock = site.office.clock
        func time(_ instant: Instant) -> String { "\"" + clock.text(instant) + "\"" }
        func spans<State: RawRepresentable>(_ spans: [Timeline.Span<State>]) -> String where State.RawValue == String {
            list(spans) {
                "{\"from\":" + time($0.from) + ",\"until\":" + time($0.until) + ",\"state\":\"\($0.state.rawValue)\""
                    + ($0.label.map { ",\"label\":" + jsonString($0) } ?? "") + "}"
            }
        }
        func ranges(_ ranges: [Range<Instant>]) -> String {
            list(ranges) { "{\"from\":" + time($0.lowerBound) + ",\"until\":" + time($0.upperBound) + "}" }
        }
        func list<Element>(_ elements: [Element], _ text: (Element) -> String) -> String {
            "[" + elements.map(text).joined(separator: ",") + "]"
        }
        func causes(_ causes: WaitCauses) -> String {
            "{" + WaitCause.allCases.map { "\"\($0.rawValue)\":\(causes[$0])" }.joined(separator: ",") + "}"
        }
        var parts = [
            "\"office\":" + jsonString(site.office.id), "\"day\":\"\(day)\"", "\"asOf\":" + time(asOf),
            "\"final\":\(isFinal)", "\"events\":\(eventCount)", "\"witnessed\":\(witnessedCount)",
            "\"witnesses\":\(witnesses)",
            "\"anomalies\":{" + anomalies.map { jsonString($0.reason) + ":\($0.count)" }.joined(separator: ",") + "}",
            "\"waitingNow\":\(waitingNow)",
        ]
        if let oldestWaitingSince { parts.append("\"oldestWaitingSince\":" + time(oldestWaitingSince)) }
        if let lastHeard { parts.append("\"lastHeard\":" + time(lastHeard)) }
        parts.append("\"hours\":" + ranges(timeline.hours))
        parts.append(
            "\"queue\":"
                + list(timeline.queue) {
                    "{\"at\":" + time($0.at) + ",\"waiting\":" + causes($0.waiting) + "}"
                })
        parts.append(
            "\"counters\":"
                + list(timeline.counters) { lane in
                    let times = counterTimes.first { $0.counter == lane.counter } ?? CounterTimes(counter: lane.counter)
                    return "{\"counter\":" + jsonString(lane.counter) + ",\"scheduled\":\(times.scheduled),\"open\":"
                        + "\(times.open),\"occupied\":\(times.occupied),\"serving\":\(times.serving),\"visible\":"
                        + "\(times.visible),\"attended\":\(times.attended),\"covered\":\(times.covered),\"spans\":"
                        + spans(lane.spans) + ",\"camera\":" + spans(lane.camera) + "}"
                })
        parts.append(
            "\"meetings\":"
                + list(timeline.meetings) {
                    "{\"device\":" + jsonString($0.device) + ",\"calls\":" + ranges($0.calls) + "}"
                })
        parts.append("\"gaps\":" + ranges(timeline.gaps))
        parts.append("\"fates\":" + fates.json)
        if !clocks.isEmpty { parts.append("\"clocks\":" + list(clocks) { $0.json(clock) }) }
        if !snapshotQueues.isEmpty { parts.append("\"snapshots\":" + list(snapshotQueues) { $0.json(clock) }) }
        if !qualityAlarms.isEmpty { parts.append("\"qualityAlarms\":" + list(qualityAlarms) { $0.json(clock) }) }
        let unverified = UnverifiedProfiles(site).ids
        if !unverified.isEmpty { parts.append("\"unverified\":" + list(unverified, jsonString)) }
        if !annotations.isEmpty {
            parts.append("\"annotations\":" + list(AnnotationNote.notes(on: [self])) { $0.json })
        }
        if let special = site.calendar[day] {
            parts.append(
                "\"calendar\":{\"kind\":\"\(special.kind.rawValue)\",\"name\":{\"vi\":" + jsonString(special.name.vi)
                    + ",\"en\":" + jsonString(special.name.en) + "}}")
        }
        let table = VisitsQuery.table(
            visits.map { $0.csvRow(clock: clock) }, visits.map { annotations(touching: $0) })
        parts.append("\"visits\":" + table.json.dropLast())
        return "{" + parts.joined(separator: ",") + "}\n"
    }
}
