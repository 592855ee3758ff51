internal import Domain
internal import Wire

/// Meeting calls: signalling, and thin media that nobody reads.
extension Stage {
    private static let second: Int64 = 1_000_000_000

    func play(_ call: World.Call) {
        guard let host = network.devices[call.device] else { return }
        let local = Endpoint(host.address, port: 5_060)
        let flow = CallFlow(
            local: local, remote: Endpoint(network.far.address, port: 5_060), id: call.id, isOutgoing: call.isOutgoing,
            user: call.device)
        let at = call.from.milliseconds * 1_000_000
        func signal(_ bytes: [UInt8], fromLocal: Bool, at: Int64) {
            if fromLocal, isSilent(call.device, at: at) { return }
            let (from, to) = fromLocal ? (host, network.far) : (network.far, host)
            tap.udp(from: from, port: 5_060, to: .host(to), port: 5_060, bytes, at: at)
        }
        let caller = flow.isLocal(fromCaller: true)
        let ring = chance.integer(in: 900_000_000...3_600_000_000 as ClosedRange<Int64>)
        let asked = call.isAnswered ? at - ring : at
        signal(flow.invite(), fromLocal: caller, at: asked)
        signal(flow.provisional(100, "Trying"), fromLocal: !caller, at: asked + 11_000_000)
        signal(flow.provisional(180, "Ringing"), fromLocal: !caller, at: asked + 160_000_000)
        guard call.isAnswered else {
            if chance.happens(0.5) {
                signal(flow.refuse(486, "Busy Here"), fromLocal: !caller, at: asked + 2 * Self.second)
                signal(flow.acknowledge(), fromLocal: caller, at: asked + 2 * Self.second + 9_000_000)
            } else {
                signal(flow.cancel(), fromLocal: caller, at: asked + 21 * Self.second)
                signal(flow.cancelled(), fromLocal: !caller, at: asked + 21 * Self.second + 7_000_000)
                signal(
                    flow.refuse(487, "Request Terminated"), fromLocal: !caller, at: asked + 21 * Self.second + 9_000_000
                )
                signal(flow.acknowledge(), fromLocal: caller, at: asked + 21 * Self.second + 15_000_000)
            }
            return
        }
        signal(flow.accept(), fromLocal: !caller, at: at)
        if chance.happens(0.3) {
            // The acknowledgement was slow: the answer comes again and starts nothing.
            signal(flow.accept(), fromLocal: !caller, at: at + 500_000_000)
        }
        signal(flow.acknowledge(), fromLocal: caller, at: at + 520_000_000)
        let until = call.until.map { $0.milliseconds * 1_000_000 } ?? end
        if until - at > 120 * Self.second, chance.happens(0.5) {
            // On hold and back: the call stays the same call.
            let held = at + (until - at) / 3
            for (cseq, time) in [(UInt32(2), held), (UInt32(3), held + 40 * Self.second)] {
                signal(flow.invite(cseq: cseq, hold: cseq == 2), fromLocal: caller, at: time)
                signal(flow.accept(cseq: cseq), fromLocal: !caller, at: time + 21_000_000)
                signal(flow.acknowledge(cseq: cseq), fromLocal: caller, at: time + 33_000_000)
            }
        }
        media(flow, host, call.device, from: at + Self.second, until: until)
        guard call.until != nil else { return }
        let fromLocal =
            !(world.utterances.first {
                $0.at == call.until && $0.device == call.device
            }?.isRemote ?? false)
        signal(flow.bye(fromLocal: fromLocal), fromLocal: fromLocal, at: until)
        if isSilent(call.device, at: until) {
            // Nobody answers; the far end asks twice more and gives up.
            signal(flow.bye(fromLocal: fromLocal), fromLocal: fromLocal, at: until + 500_000_000)
            signal(flow.bye(fromLocal: fromLocal), fromLocal: fromLocal, at: until + 1_500_000_000)
        } else {
            signal(flow.byeAnswer(toLocal: fromLocal), fromLocal: !fromLocal, at: until + 24_000_000)
        }
    }

    /// RTP with silence suppressed, and RTCP every five seconds (RFC 3550).
    private func media(_ flow: CallFlow, _ host: Host, _ device: String, from: Int64, until: Int64) {
        let every = scenario.noise.mediaEvery * 1_000_000
        for isLocal in [true, false] {
            let (source, target) = isLocal ? (host, network.far) : (network.far, host)
            let (port, targetPort) = (flow.mediaPort(ofLocal: isLocal), flow.mediaPort(ofLocal: !isLocal))
            let identity = UInt32(truncatingIfNeeded: FNV1a.hash64("\(flow.id)\(isLocal)".utf8))
            var sequence = UInt16(truncatingIfNeeded: chance.next())
            var count: UInt32 = 0
            var report = from + 5 * Self.second
            var at = from + chance.integer(in: 0...every)
            while at < until {
                if !isLocal || !isSilent(device, at: at) {
                    let stamp = UInt32(truncatingIfNeeded: (at - from) / 125_000)
                    var packet: [UInt8] = [0x80, 8]
                    packet.append16(sequence)
                    packet.append32(stamp)
                    packet.append32(identity)
                    packet += [UInt8](repeating: 0xD5, count: 160)
                    tap.udp(from: source, port: port, to: .host(target), port: targetPort, packet, at: at)
                    sequence &+= 1
                    count += 1
                    if at >= report {
                        let body = Self.report(
                            identity, at: at, stamp: stamp, packets: count, name: "\(device)@\(source.address)")
                        tap.udp(
                            from: source, port: port + 1, to: .host(target), port: targetPort + 1, body,
                            at: at + 3_000_000)
                        report = at + 5 * Self.second
                    }
                }
                at += every + chance.integer(in: 0...max(1, every / 8))
            }
        }
    }

    /// A sender report and a source description.
    private static func report(_ identity: UInt32, at: Int64, stamp: UInt32, packets: UInt32, name: String) -> [UInt8] {
        var out: [UInt8] = [0x80, 200]
        out.append16(6)
        out.append32(identity)
        out.append32(at / 1_000_000_000 + 2_208_988_800)
        out.append32((at % 1_000_000_000) * 4_294_967_296 / 1_000_000_000)
        out.append32(stamp)
        out.append32(packets)
        out.append32(packets &* 160)
        var item: [UInt8] = [1, UInt8(truncatingIfNeeded: name.utf8.count)] + Array(name.utf8) + [0]
        while item.count % 4 != 0 { item.append(0) }
        out += [0x81, 202]
        out.append16(1 + item.count / 4)
        out.append32(identity)
        return out + item
    }
}
