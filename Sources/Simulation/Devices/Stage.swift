internal import Domain
internal import Wire

/// Plays a world on a simulated network and writes down every frame.
final class Stage {
    let world: World
    let scenario: Scenario
    let network: Network
    let tap: Tap
    var chance: Chance
    private var brokers: [String: (up: TCPConversation, down: TCPConversation)] = [:]
    private var cameras: [String: TCPConversation] = [:]

    init(_ world: World) {
        self.world = world
        scenario = world.scenario
        network = Network(world.scenario)
        tap = Tap(
            window: world.window.lowerBound.milliseconds * 1_000_000..<world.window.upperBound.milliseconds * 1_000_000)
        chance = Chance(seed: world.seed, purpose: "stage")
    }

    func play() {
        // Utterances and pings of one session share its sequence numbers, so they are played in the order of time.
        var pings = scenario.hosts.filter { $0.role == .broker }.flatMap { plan in
            beats(plan.id).map { (at: $0, device: plan.id) }
        }
        pings.sort { ($0.at, $0.device) < ($1.at, $1.device) }
        var waiting = pings[...]
        for utterance in world.utterances {
            let at = utterance.at.milliseconds * 1_000_000
            while let ping = waiting.first, ping.at < at - 80_000_000 {
                waiting.removeFirst()
                self.ping(ping.device, at: ping.at)
            }
            // Who has just said something does not ping; and a ping played after it would stand before it on the wire.
            while let ping = waiting.first, ping.at < at + 80_000_000 { waiting.removeFirst() }
            play(utterance)
        }
        for ping in waiting { self.ping(ping.device, at: ping.at) }
        for (device, plan) in zip(scenario.site.devices, scenario.hosts) where plan.role != .broker {
            guard let host = network.devices[device.id], let speech = Speech(scenario, device.id) else { continue }
            for (count, at) in beats(device.id).enumerated() { beat(speech, plan, host, at: at, count: count + 1) }
        }
        closeConnections()
        for call in world.calls { play(call) }
        Hum(self).play()
    }

    private func play(_ utterance: Utterance) {
        guard let host = network.devices[utterance.device], let speech = Speech(scenario, utterance.device) else {
            return
        }
        let at = utterance.at.milliseconds * 1_000_000
        switch speech.host.role {
        case .kiosk, .caller:
            for fact in utterance.facts {
                if let bytes = speech.queueSyslog(fact, at: utterance.at) { syslog(host, bytes, at: at) }
            }
        case .broker: publish(speech, host, utterance, at: at)
        case .camera: notify(speech, host, utterance, at: at)
        case .meeting: break
        }
    }

    var end: Int64 { world.window.upperBound.milliseconds * 1_000_000 }
    var start: Int64 { world.window.lowerBound.milliseconds * 1_000_000 }

    func isSilent(_ device: String, at nanoseconds: Int64) -> Bool {
        world.silences.contains {
            $0.device == device && $0.from.milliseconds * 1_000_000 <= nanoseconds
                && nanoseconds < $0.until.milliseconds * 1_000_000
        }
    }

    /// One caller terminal in three shouts to everybody instead of telling the server.
    func syslog(_ host: Host, _ bytes: [UInt8], at: Int64) {
        let isLoud = FNV1a.hash64(host.name.utf8) % 3 == 0 && host.vlan == nil
        tap.udp(
            from: host, port: 514, to: isLoud ? .group(network.everybody) : .host(network.logger), port: 514, bytes,
            at: at)
    }

    // MARK: MQTT

    private func connection(_ name: String, _ client: Host, _ server: Host, port: UInt16, segment: Int = 1_460)
        -> TCPConversation
    {
        TCPConversation(
            tap, client: client, server: server, port: port, segment: segment, noise: scenario.noise,
            seed: world.seed ^ FNV1a.hash64(name.utf8))
    }

    private func publish(_ speech: Speech, _ host: Host, _ utterance: Utterance, at: Int64) {
        let (up, down) = mqtt(host, before: at)
        for fact in utterance.facts {
            guard let (topic, payload) = speech.publication(fact, at: utterance.at) else { continue }
            let quality: UInt8 = chance.happens(0.5) ? 1 : 0
            let packet = UInt16(truncatingIfNeeded: chance.integer(in: 1...65_535 as ClosedRange<Int64>))
            up.send(
                fromClient: true, MQTT.encodePublish(topic: topic, payload: payload, qos: quality, packetId: packet),
                completing: at)
            if quality == 1 {
                up.send(fromClient: false, MQTT.encodePuback(packetId: packet), completing: at + 400_000)
            }
            down.send(
                fromClient: false, MQTT.encodePublish(topic: topic, payload: payload), completing: at + 613_000)
        }
    }

    /// The device's session with the broker, and the board's; made anew after a power cut.
    private func mqtt(_ host: Host, before at: Int64) -> (up: TCPConversation, down: TCPConversation) {
        if let known = brokers[host.name] {
            let isCut = world.silences.contains {
                $0.device == host.name && known.up.last <= $0.until.milliseconds * 1_000_000
                    && $0.until.milliseconds * 1_000_000 <= at
            }
            if !isCut { return known }
            known.up.abandon(at: known.up.last)
            known.down.close(at: at - 9_000_000)
        }
        let up = connection("up", host, network.broker, port: 1_883)
        let down = connection("down", network.board, network.broker, port: 1_883)
        let open = at - 40_000_000
        up.open(at: open)
        up.send(fromClient: true, MQTT.encodeConnect(clientId: host.name, keepAlive: 120), completing: open + 2_100_000)
        up.send(fromClient: false, MQTT.encodeConnack(), completing: open + 3_000_000)
        down.open(at: open + 4_000_000)
        down.send(
            fromClient: true, MQTT.encodeConnect(clientId: "board-\(host.name)", keepAlive: 300),
            completing: open + 6_000_000)
        down.send(fromClient: false, MQTT.encodeConnack(), completing: open + 7_000_000)
        down.send(
            fromClient: true, MQTT.encodeSubscribe(packetId: 1, filters: ["queue/#"]), completing: open + 8_000_000)
        down.send(
            fromClient: false, MQTT.encodeSuback(packetId: 1, reasonCodes: [0]), completing: open + 9_000_000)
        brokers[host.name] = (up, down)
        return (up, down)
    }

    // MARK: Cameras

    private func notify(_ speech: Speech, _ host: Host, _ utterance: Utterance, at: Int64) {
        for fact in utterance.facts {
            if let line = speech.cameraSyslog(fact, at: utterance.at) { syslog(host, line, at: at) }
        }
        let notifications = utterance.facts.compactMap {
            speech.notification($0, at: utterance.at, isRestated: utterance.isRestated)
        }
        guard !notifications.isEmpty else { return }
        let keeps = speech.host.keepsConnection
        if let known = cameras[host.name], known.isOpen, utterance.isRestated { known.abandon(at: known.last) }
        let conversation: TCPConversation
        if let known = cameras[host.name], known.isOpen {
            conversation = known
        } else {
            conversation = connection("notify", host, network.recorder, port: 8_090, segment: speech.host.segment)
            conversation.open(at: at - 3_000_000)
            cameras[host.name] = conversation
        }
        let consumer = Endpoint(network.recorder.address, port: 8_090)
        conversation.send(
            fromClient: true, Speech.notify(notifications, to: consumer, isLast: !keeps), completing: at)
        conversation.send(
            fromClient: false, Speech.accepted(isLast: !keeps),
            completing: at + chance.integer(in: 300_000...900_000 as ClosedRange<Int64>))
        if !keeps { conversation.close(at: at + 1_500_000) }
    }

    private func closeConnections() {
        for name in brokers.keys.sorted() {
            for side in [brokers[name]?.up, brokers[name]?.down] { finish(side) }
        }
        for name in cameras.keys.sorted() { finish(cameras[name]) }
    }

    /// Shortly before the capture ends, or right after the last word.
    private func finish(_ conversation: TCPConversation?) {
        guard let conversation else { return }
        conversation.close(at: max(end - 8_000_000_000, conversation.last + 1_000_000))
    }

    // MARK: Signs of life

    /// Times at which a device says that it is there, under two minutes apart while it has power.
    private func beats(_ device: String) -> [Int64] {
        let every = scenario.noise.heartbeatEvery * 1_000_000
        var chance = Chance(seed: world.seed, purpose: "beats of " + device)
        var out: [Int64] = []
        var at = start + chance.integer(in: 100_000_000...max(100_000_001, every / 4))
        while at < end - 12_000_000_000 {
            if !isSilent(device, at: at) { out.append(at) }
            at += chance.integer(in: every * 8 / 10...every * 12 / 10)
        }
        return out
    }

    private func ping(_ device: String, at: Int64) {
        guard let host = network.devices[device] else { return }
        let session = mqtt(host, before: at)
        session.up.send(fromClient: true, MQTT.encodePingreq(), completing: at)
        session.up.send(fromClient: false, MQTT.encodePingresp(), completing: at + 500_000)
    }

    private func beat(_ speech: Speech, _ plan: Scenario.HostPlan, _ host: Host, at: Int64, count: Int) {
        let moment = Instant(milliseconds: at / 1_000_000)
        switch plan.role {
        case .kiosk, .caller: syslog(host, speech.queueHeartbeat(at: moment, count: count), at: at)
        case .camera: syslog(host, speech.cameraLine("HEARTBEAT", "temp=\(38 + count % 7)", at: moment), at: at)
        case .meeting:
            let local = Endpoint(host.address, port: 5_060)
            let registrar = Endpoint(network.registrar.address, port: 5_060)
            for isAnswer in [false, true] {
                let bytes = CallFlow.register(local, at: registrar, user: plan.id, count: count, answer: isAnswer)
                let (from, to) = isAnswer ? (network.registrar, host) : (host, network.registrar)
                tap.udp(
                    from: from, port: 5_060, to: .host(to), port: 5_060, bytes, at: isAnswer ? at + 1_300_000 : at)
            }
        case .broker: break
        }
    }
}
