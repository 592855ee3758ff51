import Domain

extension ClockNote {
    /// What a clock was worth from a moment on; times in milliseconds.
    func json(_ clock: OfficeClock) -> String {
        var out =
            "{\"device\":" + jsonString(device) + ",\"from\":\"\(clock.text(from))\",\"class\":" + jsonString(state)
        if let offset { out += ",\"offset\":\(offset)" }
        if let drift { out += ",\"drift\":\(drift)" }
        return out + (isRestated ? ",\"restated\":true}" : "}")
    }
}

extension SnapshotQueue.Inferred {
    var json: String { "{\"value\":\(value),\"low\":\(low)" + (high.map { ",\"high\":\($0)" } ?? "") + "}" }
}

extension SnapshotQueue {
    /// One queue that was only seen now and then; what is inferred has its bounds.
    func json(_ clock: OfficeClock) -> String {
        var out = "{\"device\":" + jsonString(device)
        if let service { out += ",\"service\":" + jsonString(service) }
        out += ",\"snapshots\":\(snapshots),\"first\":\"\(clock.text(first))\",\"last\":\"\(clock.text(last))\""
        out += ",\"maxWaiting\":\(maxWaiting),\"maxWaitingAt\":\"\(clock.text(maxWaitingAt))\""
        if let calls { out += ",\"calls\":" + calls.json }
        if let arrivals { out += ",\"arrivals\":" + arrivals.json }
        out += ",\"waited\":" + waited.json
        if let wait { out += ",\"wait\":" + wait.json }
        out += ",\"resets\":\(resets),\"outOfOrder\":\(outOfOrder),\"scheduled\":\(scheduled),\"observed\":\(observed)"
        return out + ",\"longestGap\":\(longestGap)}"
    }
}

extension QualityAlarm {
    /// A half-hour whose waiting does not add up; person-milliseconds.
    func json(_ clock: OfficeClock) -> String {
        "{\"kind\":\"\(kind.rawValue)\",\"from\":\"\(clock.text(from))\",\"until\":\"\(clock.text(until))\",\"waited\":\(waited)"
            + ",\"expected\":\(expected),\"departures\":\(departures),\"meanWait\":\(meanWait),\"unresolved\":\(unresolved)"
            + ",\"unissued\":\(unissued)}"
    }
}

extension EventFates {
    /// What became of the events of the day; every one is in exactly one of them.
    var json: String {
        "{\"applied\":\(applied),\"repeated\":\(repeated),\"restated\":\(restated),\"heard\":\(heard),\"noted\":\(noted)"
            + ",\"unfit\":\(unfit),\"witnessed\":\(witnessed),\"otherDay\":\(otherDay),\"aside\":\(aside)}"
    }
}
