/// What the fold knows of a camera or meeting system that a counter is mapped to.
struct DeviceState: Sendable {
    var lastEvidence: Instant?
    var isFresh = false
    var isReachable: Bool?
    var hasVideo: Bool?
    var isTampered: Bool?
    /// People the camera counts in zone `staff`.
    var staff: Int64?
    /// Calls that have started and not ended, by id.
    var calls: [String] = []
    /// For the picture: the call that runs, and those that are over.
    var inCallSince: Instant?
    var pastCalls: [Range<Instant>] = []

    static let callLimit = 64

    /// A picture can be believed.
    var isLive: Bool {
        isFresh && isReachable != false && hasVideo != false && isTampered != true
    }

    /// Known not to give a picture.
    var isDark: Bool {
        isFresh && !isLive
    }

    var isInCall: Bool { isFresh && !calls.isEmpty }
}

extension OfficeDay {
    @inline(__always)
    func presence(of counter: Int) -> WaitLedger.Condition.Presence {
        let cameras = layout.cameras[counter]
        guard !cameras.isEmpty else { return .unknown }
        var allEmpty = true
        for camera in cameras {
            guard devices[camera].isLive, let staff = devices[camera].staff else {
                allEmpty = false
                continue
            }
            if staff > 0 { return .present }
        }
        return allEmpty ? .empty : .unknown
    }

    @inline(__always)
    private func cameraState(of counter: Int) -> Timeline.CameraState {
        switch counters[counter].presence {
        case .present: .present
        case .empty: .empty
        case .unknown: layout.cameras[counter].contains { devices[$0].isDark } ? .dark : .unknown
        }
    }

    /// The device spoke.
    mutating func evidence(of device: Int, at instant: Instant) {
        if let last = devices[device].lastEvidence, instant <= last { return }
        devices[device].lastEvidence = instant
        let expiry = instant + OfficeDay.evidenceLifetime
        if expiry <= now || devices[device].isFresh { return }
        devices[device].isFresh = true
        nextExpiry = min(nextExpiry, expiry)
        deviceChanged(device)
    }

    mutating func expireEvidence() {
        for index in devices.indices {
            guard devices[index].isFresh, let last = devices[index].lastEvidence,
                last + OfficeDay.evidenceLifetime <= now
            else { continue }
            devices[index].isFresh = false
            deviceChanged(index)
        }
        var earliest = Instant.distantFuture
        for index in devices.indices where devices[index].isFresh {
            if let last = devices[index].lastEvidence { earliest = min(earliest, last + OfficeDay.evidenceLifetime) }
        }
        nextExpiry = earliest
    }

    /// Restated events set a state like told ones; only changes are counted elsewhere.
    mutating func applyDevice(_ event: Fact) {
        let device = event.device
        guard layout.isTracked(device) else { return note() }
        switch event.kind {
        case .deviceReachable(let on):
            if devices[device].isReachable == on { return }
            devices[device].isReachable = on
        case .cameraVideo(let on):
            if devices[device].hasVideo == on { return }
            devices[device].hasVideo = on
        case .cameraTamper(let on):
            if devices[device].isTampered == on { return }
            devices[device].isTampered = on
        case .cameraPresence(let zone, let count):
            guard zone == "staff" else { return note() }
            if devices[device].staff == max(0, count) { return }
            devices[device].staff = max(0, count)
        case .meetingStarted(let id):
            if devices[device].calls.contains(id) { return }
            if devices[device].calls.count >= DeviceState.callLimit { return refuse(.tooManyCalls) }
            devices[device].calls.append(id)
        case .meetingEnded(let id, _):
            guard devices[device].calls.contains(id) else { return }
            devices[device].calls.removeAll { $0 == id }
        default: return
        }
        deviceChanged(device)
    }

    private mutating func deviceChanged(_ device: Int) {
        let isInCall = devices[device].isInCall
        if isInCall != (devices[device].inCallSince != nil) {
            touchOffice()
            if let since = devices[device].inCallSince {
                if since < now { devices[device].pastCalls.append(since..<now) }
                devices[device].inCallSince = nil
            } else {
                devices[device].inCallSince = now
            }
            if layout.isMeeting[device] { mappedCalls += isInCall ? 1 : -1 }
        }
        for counter in layout.countersOfDevice[device] {
            let presence = presence(of: counter)
            let inCall = layout.meetings[counter].contains { devices[$0].isInCall }
            let covered = layout.cameras[counter].contains { devices[$0].isLive }
            if presence != counters[counter].presence || inCall != counters[counter].isInCall
                || covered != counters[counter].isCovered
            {
                touch(counter)
                counters[counter].presence = presence
                counters[counter].isInCall = inCall
                counters[counter].isCovered = covered
                changed(counter)
            }
            let camera = cameraState(of: counter)
            if camera != counters[counter].camera {
                closeCameraLane(counter, at: now)
                counters[counter].camera = camera
            }
        }
    }

    mutating func closeCameraLane(_ counter: Int, at instant: Instant) {
        if instant > counters[counter].cameraSince {
            if counters[counter].cameraSpans.isEmpty { counters[counter].cameraSpans.reserveCapacity(32) }
            counters[counter].cameraSpans.append(
                Timeline.Span(
                    from: counters[counter].cameraSince, until: instant, state: counters[counter].camera,
                    label: nil))
        }
        counters[counter].cameraSince = max(instant, counters[counter].cameraSince)
    }

    /// Charges office-wide times. Call before the number of waiting people or of calls changes.
    mutating func touchOffice() {
        let passed = now - officeTouched
        guard passed > 0 else { return }
        officeTouched = now
        guard waitingCount > 0 else { return }
        officeTimes.waiting += passed
        if mappedCalls > 0 { officeTimes.meetingOverlap += passed }
    }
}
