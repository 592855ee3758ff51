internal import Domain

/// A meeting endpoint, in at most one call at a time.
final class MeetingRoom {
    let device: String
    /// Index into the run's calls.
    var call: Int?

    init(device: String) {
        self.device = device
    }
}

extension OfficeRun {
    func prepareRooms() {
        for (device, host) in zip(scenario.site.devices, scenario.hosts) where host.role == .meeting {
            let room = MeetingRoom(device: device.id)
            rooms.append(room)
            guard !endsClean else { continue }
            // A call nobody takes, and one that has nothing to do with any counter.
            for isAnswered in [false, true] {
                let at = sights.integer(
                    in: window.lowerBound + 600_000...max(window.lowerBound + 600_001, window.upperBound - 3_000_000))
                let duration = sights.logNormal(median: scenario.clerks.meetingFor / 2, sigma: 0.5)
                guard sights.happens(0.6) else { continue }
                plan(at) {
                    if isAnswered { self.startCall(room, for: duration) } else { self.missCall(room) }
                }
            }
        }
    }

    private func newCall(_ room: MeetingRoom, isAnswered: Bool) -> Int {
        let token = FNV1a.text("\(sights.next())".utf8).prefix(12)
        calls.append(
            World.Call(
                id: "\(token)@\(room.device).meet.example", device: room.device, isOutgoing: sights.happens(0.5),
                from: Instant(milliseconds: now), until: nil, isAnswered: isAnswered))
        return calls.count - 1
    }

    private func missCall(_ room: MeetingRoom) {
        guard room.call == nil, !isSilent(room.device) else { return }
        _ = newCall(room, isAnswered: false)
    }

    func startCall(_ room: MeetingRoom, for duration: Int64) {
        guard room.call == nil, !isSilent(room.device) else { return }
        let index = newCall(room, isAnswered: true)
        guard let at = say(room.device, [.meetingStarted(call: calls[index].id)], isRemote: calls[index].isOutgoing)
        else { return }
        calls[index].from = at
        room.call = index
        plan(after: max(duration, 500)) {
            if room.call == index { self.endCall(room, isRemote: self.sights.happens(0.4)) }
        }
    }

    func endCall(_ room: MeetingRoom, isRemote: Bool) {
        guard let index = room.call else { return }
        guard let at = say(room.device, [.meetingEnded(call: calls[index].id)], isRemote: isRemote) else { return }
        calls[index].until = at
        room.call = nil
    }
}
