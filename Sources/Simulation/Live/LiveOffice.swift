internal import Domain
internal import Foundation
internal import Wire

/// Plays a world in real time over loopback, each device from its own address, and books what was sent when.
public final class LiveOffice {
    private let scenario: Scenario
    private let seed: UInt64
    private let seconds: Int
    private var datagrams: [String: LoopbackSocket] = [:]
    private var sessions: [String: LoopbackSocket] = [:]

    /// - Parameter seconds: 5 … 3,600; arrivals are for half a minute and grow with it.
    public init(_ scenario: Scenario, seed: UInt64, seconds: Int) {
        var scenario = scenario
        self.seconds = min(max(seconds, 5), 3_600)
        scenario.arrivals.expected *= Double(self.seconds) / 30
        self.scenario = scenario
        self.seed = seed
    }

    public var siteText: String { SiteText.yaml(scenario.site) }

    /// Writes the site file, so that an agent can start before anything is sent.
    public func prepare(in folder: String) throws {
        try SimulatedDay.write(Array(siteText.utf8), to: folder + "/site.yaml")
    }

    /// Sends everything in real time and writes `truth/`.
    /// - Parameter progress: called about once a second with a line for a person.
    public func run(in folder: String, progress: (String) -> Void) throws -> TruthSummary {
        try prepare(in: folder)
        guard let address = IPAddress("127.0.77.1") else { preconditionFailure("a literal address") }
        let sinks = try LoopbackSinks(address: address)
        defer { sinks.stop() }
        let clock = scenario.site.office.clock
        var start = Self.now() + 300
        // One day only: shortly before midnight, wait for the next.
        let end = Instant(milliseconds: start.milliseconds + Int64(seconds) * 1_000 + 2_000)
        if clock.day(of: end) != clock.day(of: start) { start = clock.start(of: clock.day(of: end)) + 500 }
        let world = World.live(
            scenario, seed: seed, window: start..<(start + Int64(seconds) * 1_000), endsClean: true)
        var calls: [String: CallFlow] = [:]
        var steps: [(at: Instant, utterance: Utterance?, extra: (() throws -> Void)?)] = world.utterances.map {
            ($0.at, $0, nil)
        }
        for call in world.calls {
            guard let device = scenario.site.device(call.device), let local = IPAddress(device.address) else {
                continue
            }
            let flow = CallFlow(
                local: Endpoint(local, port: 5_060), remote: Endpoint(IPAddress(v4: 0x7F00_4D5A), port: 5_060),
                id: call.id, isOutgoing: call.isOutgoing, user: call.device)
            calls[call.id] = flow
            let caller = flow.isLocal(fromCaller: true)
            let before: [(Int64, [UInt8], Bool)] = [
                (-180, flow.invite(), caller), (-160, flow.provisional(180, "Ringing"), !caller),
                (12, flow.acknowledge(), caller),
            ]
            for (offset, bytes, isLocal) in before {
                steps.append((call.from + offset, nil, { try self.signal(flow, bytes, isLocal: isLocal) }))
            }
        }
        steps.sort { $0.at < $1.at }

        var sent: [Utterance] = []
        var told = 0
        for step in steps {
            Self.sleep(until: step.at)
            try step.extra?()
            if var utterance = step.utterance {
                utterance.at = try say(utterance, sinks, calls)
                sent.append(utterance)
            }
            let second = Int((step.at - start) / 1_000)
            if second > told {
                told = second
                progress("\(second) s: \(sent.count) messages sent")
            }
        }
        Self.sleep(until: world.window.upperBound)
        for socket in sessions.values { socket.close() }
        for socket in datagrams.values { socket.close() }
        let truth = Truth(
            site: scenario.site, day: world.day, utterances: sent, evidence: [:])
        var summary = truth.summary
        summary.frames = 0
        try truth.write(to: folder + "/truth", summary: summary)
        return summary
    }

    // MARK: Sending

    /// Sends one utterance; the moment just before its last bytes went to the kernel.
    private func say(_ utterance: Utterance, _ sinks: LoopbackSinks, _ calls: [String: CallFlow]) throws -> Instant {
        guard let speech = Speech(scenario, utterance.device), let address = IPAddress(speech.device.address) else {
            return Self.now()
        }
        var at = Self.now()
        switch speech.host.role {
        case .kiosk, .caller:
            let socket = try datagramSocket(utterance.device, address, port: 0)
            for fact in utterance.facts {
                at = Self.now()
                guard let bytes = speech.queueSyslog(fact, at: at) else { continue }
                try socket.send(bytes, to: sinks.drain)
            }
        case .broker:
            let socket = try session(utterance.device, address, sinks.broker) { socket in
                try socket.send(MQTT.encodeConnect(clientId: utterance.device))
                _ = socket.receive()
            }
            for fact in utterance.facts {
                at = Self.now()
                guard let (topic, payload) = speech.publication(fact, at: at) else { continue }
                try socket.send(MQTT.encodePublish(topic: topic, payload: payload))
            }
        case .camera:
            for fact in utterance.facts {
                at = Self.now()
                guard let line = speech.cameraSyslog(fact, at: at) else { continue }
                try datagramSocket(utterance.device, address, port: 0).send(line, to: sinks.drain)
            }
            let isNotified = utterance.facts.contains {
                speech.notification($0, at: at, isRestated: utterance.isRestated) != nil
            }
            guard isNotified else { break }
            let keeps = speech.host.keepsConnection
            let socket = try session(utterance.device, address, sinks.subscriber) { _ in }
            at = Self.now()
            let notifications = utterance.facts.compactMap {
                speech.notification($0, at: at, isRestated: utterance.isRestated)
            }
            try socket.send(Speech.notify(notifications, to: sinks.subscriber, isLast: !keeps))
            _ = socket.receive()
            if !keeps {
                socket.close()
                sessions[utterance.device] = nil
            }
        case .meeting:
            for fact in utterance.facts {
                switch fact {
                case .meetingStarted(let call):
                    guard let flow = calls[call] else { continue }
                    at = Self.now()
                    try signal(flow, flow.accept(), isLocal: !flow.isOutgoing)
                case .meetingEnded(let call):
                    guard let flow = calls[call] else { continue }
                    at = Self.now()
                    try signal(flow, flow.bye(fromLocal: !utterance.isRemote), isLocal: !utterance.isRemote)
                    try signal(
                        flow, flow.byeAnswer(toLocal: !utterance.isRemote), isLocal: utterance.isRemote)
                default: break
                }
            }
        }
        return at
    }

    private func signal(_ flow: CallFlow, _ bytes: [UInt8], isLocal: Bool) throws {
        // Both parties hold their port, so that nothing is answered with "port unreachable".
        let local = try datagramSocket("local \(flow.local)", flow.local.address, port: flow.local.port)
        let remote = try datagramSocket("remote", flow.remote.address, port: flow.remote.port)
        if isLocal {
            try local.send(bytes, to: flow.remote)
        } else {
            try remote.send(bytes, to: flow.local)
        }
    }

    private func datagramSocket(_ name: String, _ address: IPAddress, port: UInt16) throws -> LoopbackSocket {
        if let known = datagrams[name] { return known }
        let socket = try LoopbackSocket(.datagram, local: Endpoint(address, port: port))
        datagrams[name] = socket
        return socket
    }

    private func session(
        _ device: String, _ address: IPAddress, _ peer: Endpoint, _ greet: (LoopbackSocket) throws -> Void
    ) throws -> LoopbackSocket {
        if let known = sessions[device] { return known }
        let socket = try LoopbackSocket(.stream, local: Endpoint(address, port: 0))
        try socket.connect(to: peer)
        try greet(socket)
        sessions[device] = socket
        return socket
    }

    // MARK: Time

    private static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }

    private static func sleep(until: Instant) {
        let left = until - now()
        if left > 0 { usleep(UInt32(min(left, 3_600_000)) * 1_000) }
    }
}
