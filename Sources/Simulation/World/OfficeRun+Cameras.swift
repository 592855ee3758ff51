internal import Domain

/// A camera: what it sees of its counter, and what it last told.
final class CameraView {
    let device: String
    let hasVisitors: Bool
    /// The share of changes that this camera notices: the second camera of a counter stands at an angle.
    let attention: Double
    var seesStaff: Int64 = 0
    var seesVisitors: Int64 = 0
    var saidStaff: Int64?
    var saidVisitors: Int64?
    var hasVideo = true
    var isCovered = false

    init(device: String, hasVisitors: Bool, attention: Double) {
        self.device = device
        self.hasVisitors = hasVisitors
        self.attention = attention
    }
}

extension OfficeRun {
    func prepareCameras() {
        for (device, host) in zip(scenario.site.devices, scenario.hosts) where host.role == .camera {
            let isSecond = scenario.site.counters.contains { $0.cameras.dropFirst().contains(device.id) }
            let camera = CameraView(
                device: device.id, hasVisitors: device.zones.contains { $0.name == "visitors" },
                attention: isSecond ? 0.7 : 1)
            cameras.append(camera)
            plan(after: endsClean ? sights.integer(in: 50...400) : sights.integer(in: 1_000...40_000)) {
                self.introduce(camera)
            }
            flicker(camera)
            move(camera)
        }
    }

    /// After connecting, a camera tells every state it has (ONVIF `Initialized`).
    private func introduce(_ camera: CameraView) {
        var facts: [Fact] = [.video(on: camera.hasVideo), .tamper(on: camera.isCovered)]
        if camera.hasVideo {
            camera.saidStaff = camera.isCovered ? 0 : camera.seesStaff
            facts.append(.presence(zone: "staff", count: camera.saidStaff ?? 0))
            if camera.hasVisitors {
                camera.saidVisitors = camera.isCovered ? 0 : camera.seesVisitors
                facts.append(.presence(zone: "visitors", count: camera.saidVisitors ?? 0))
            }
        }
        say(camera.device, facts, isRestated: true)
    }

    func staff(_ clerk: Clerk, _ count: Int64) {
        for camera in cameras where clerk.counter.cameras.contains(camera.device) {
            if count > 0, !sights.happens(camera.attention) { continue }
            camera.seesStaff = count
            notice(camera)
        }
    }

    func visitors(_ clerk: Clerk, _ count: Int64) {
        for camera in cameras where clerk.counter.cameras.contains(camera.device) {
            camera.seesVisitors = count
            notice(camera)
        }
    }

    private func notice(_ camera: CameraView) {
        plan(after: endsClean ? sights.integer(in: 20...120) : sights.integer(in: 200...1_500)) { self.report(camera) }
    }

    /// Tells what differs from what was told.
    private func report(_ camera: CameraView) {
        guard camera.hasVideo, !isSilent(camera.device), camera.saidStaff != nil else { return }
        let staff = camera.isCovered ? 0 : camera.seesStaff
        let visitors = camera.isCovered ? 0 : camera.seesVisitors
        var facts: [Fact] = []
        if staff != camera.saidStaff {
            facts.append(.presence(zone: "staff", count: staff))
            camera.saidStaff = staff
        }
        if camera.hasVisitors, visitors != camera.saidVisitors {
            facts.append(.presence(zone: "visitors", count: visitors))
            camera.saidVisitors = visitors
        }
        say(camera.device, facts)
    }

    /// Somebody bends down, a chair stands in the way: the count is wrong for a moment.
    private func flicker(_ camera: CameraView) {
        plan(after: sights.exponential(mean: endsClean ? 25_000 : 4_000_000)) {
            let real = camera.seesStaff
            if real > 0 {
                camera.seesStaff = real - 1
                self.report(camera)
                self.plan(after: self.sights.integer(in: 1_500...20_000)) {
                    if camera.seesStaff == real - 1 { camera.seesStaff = real }
                    self.report(camera)
                }
            }
            self.flicker(camera)
        }
    }

    private func move(_ camera: CameraView) {
        plan(after: sights.exponential(mean: endsClean ? 15_000 : 1_500_000)) {
            if camera.hasVideo, !camera.isCovered {
                self.say(camera.device, [.motion(on: true)])
                self.plan(after: self.sights.integer(in: 2_000...15_000)) {
                    self.say(camera.device, [.motion(on: false)])
                }
            }
            self.move(camera)
        }
    }

    // MARK: Incidents

    func prepareIncidents() {
        let midnight = clock.start(of: day).milliseconds
        for incident in scenario.incidents {
            let span = hours.randomSpan(&mishaps)
            let drawn = mishaps.integer(in: span.lowerBound...max(span.lowerBound, span.upperBound - 1))
            guard mishaps.happens(incident.probability) else { continue }
            let from = incident.from.map { midnight + $0 } ?? drawn
            let until = from + incident.duration
            if incident.kind == .silent {
                silence(incident.device, from: from, until: until)
                continue
            }
            guard let camera = cameras.first(where: { $0.device == incident.device }) else { continue }
            plan(from) { self.strike(camera, incident.kind, isStart: true) }
            plan(until) { self.strike(camera, incident.kind, isStart: false) }
        }
    }

    private func strike(_ camera: CameraView, _ kind: Scenario.Incident.Kind, isStart: Bool) {
        switch kind {
        case .dark:
            camera.hasVideo = !isStart
            say(camera.device, [.video(on: !isStart)])
        case .tamper:
            camera.isCovered = isStart
            say(camera.device, [.tamper(on: isStart)])
        case .unrecorded: say(camera.device, [.recording(on: !isStart)])
        case .storage: say(camera.device, [.storageFault(on: isStart)])
        case .silent: break
        }
        plan(after: sights.integer(in: 300...1_500)) { self.report(camera) }
    }

    private func silence(_ device: String, from: Int64, until: Int64) {
        silences.append(
            World.Silence(
                device: device, from: Instant(milliseconds: from), until: Instant(milliseconds: until)))
        plan(until + 2_000) {
            guard let camera = self.cameras.first(where: { $0.device == device }) else { return }
            self.say(device, [.rebooted])
            self.plan(after: 3_000) { self.introduce(camera) }
        }
        if let room = rooms.first(where: { $0.device == device }) {
            plan(from + sights.integer(in: 120_000...max(120_001, until - from + 180_000))) {
                // The far end notices that nobody is there any more.
                self.endCall(room, isRemote: true)
            }
        }
    }
}

extension [Range<Int64>] {
    /// One of the spans, in proportion to its length; an empty one at 0 if there are none.
    fileprivate func randomSpan(_ chance: inout Chance) -> Range<Int64> {
        chance.index(weights: map { Double($0.count) }).map { self[$0] } ?? 0..<0
    }
}
