import Testing

@testable import Wire

/// RTP between ports that a session description announced.
struct AnnouncedMediaTests {
    static let phone = IPAddress(v4: 0xC0A8_0A14)
    static let server = IPAddress(v4: 0xC0A8_0A01)

    private static func datagram(_ source: Endpoint, _ target: Endpoint, _ payload: [UInt8]) -> [UInt8] {
        Wires.ethernet(
            Wires.ipv4(source.address, target.address, 17, Wires.udp(source.port, target.port, payload)))
    }

    private static func invite(_ port: Int, more: String = "") -> [UInt8] {
        let lines = [
            "v=0", "o=- 1 1 IN IP4 192.168.10.20", "s=-", "c=IN IP4 192.168.10.20", "t=0 0",
            "m=audio \(port) RTP/AVP 8 101", "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000",
        ]
        let body = lines.map { $0 + "\r\n" }.joined() + more
        let head =
            "INVITE sip:1@h SIP/2.0\r\nCall-ID: a\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n"
        return datagram(Endpoint(phone, port: 5_060), Endpoint(server, port: 5_060), Array((head + body).utf8))
    }

    private static func media(_ sequence: Int, to port: UInt16 = 30_000, ssrc: UInt32 = 7) -> [UInt8] {
        datagram(
            Endpoint(server, port: 40_000), Endpoint(phone, port: port),
            RTP.encode(
                payloadType: 8, sequence: UInt16(sequence), timestamp: UInt32(sequence * 160), ssrc: ssrc,
                payload: [1, 2, 3]))
    }

    private static func names(_ listener: Listener) -> [ProtocolName] { listener.heard.map(\.message.protocolName) }

    @Test func `media is heard where it was announced, and nowhere else`() {
        var listener = Listener()
        listener.hear(Self.media(1))
        listener.hear(Self.invite(30_000))
        listener.hear(Self.media(2))
        listener.hear(Self.media(3, to: 30_002))
        #expect(Self.names(listener) == [.sip, .sdp, .rtp])
        #expect(listener.heard.last?.message.integer("sequence") == 2)
        #expect(listener.counters.mediaAnnounced == 2)
        // Text at an announced port is what its bytes say.
        listener.hear(
            Self.datagram(
                Endpoint(Self.server, port: 40_000), Endpoint(Self.phone, port: 30_000), Array("<13>hello".utf8)))
        #expect(Self.names(listener).last == .syslog)
    }

    @Test func `control is at the next port, where the description says, or among the media`() {
        let report = RTCP.encodeReceiverReport(ssrc: 1, about: 7)
        func hears(_ more: String, at port: UInt16) -> Bool {
            var listener = Listener()
            listener.hear(Self.invite(30_000, more: more))
            // A description of a source begins no datagram that a stranger's port would be believed for.
            let described: [UInt8] = [0x81, 202, 0, 2, 0, 0, 0, 7, 0, 0, 0, 0]
            listener.hear(
                Self.datagram(Endpoint(Self.server, port: 40_001), Endpoint(Self.phone, port: port), described))
            return Self.names(listener).last == .rtcp
        }
        #expect(report.count == 32)
        #expect(hears("", at: 30_001) && hears("", at: 30_000) && !hears("", at: 30_003))
        #expect(hears("a=rtcp:30003\r\n", at: 30_003) && !hears("a=rtcp:30003\r\n", at: 30_001))
        #expect(hears("a=rtcp-mux\r\n", at: 30_000) && !hears("a=rtcp-mux\r\n", at: 30_001))
    }

    @Test func `control at the place of media shares it`() {
        var listener = Listener()
        listener.hear(Self.invite(30_000, more: "a=rtcp:30000\r\n"))
        listener.hear(Self.media(1))
        #expect(Self.names(listener) == [.sip, .sdp, .rtp])
    }

    @Test func `what comes from a port of noise is no media, whatever was announced`() {
        var listener = Listener()
        listener.hear(Self.invite(30_000))
        let packet = RTP.encode(payloadType: 8, sequence: 1, timestamp: 1, ssrc: 7, payload: [1, 2, 3])
        listener.hear(
            Self.datagram(Endpoint(Self.server, port: 53), Endpoint(Self.phone, port: 30_000), packet))
        #expect(Self.names(listener) == [.sip, .sdp])
    }

    @Test func `a refused medium and a call on hold announce nothing`() {
        var listener = Listener()
        listener.hear(Self.invite(0))
        #expect(listener.counters.mediaAnnounced == 0)
    }

    @Test func `a source that ends is told of once, with what was lost`() throws {
        var listener = Listener()
        listener.hear(Self.invite(30_000))
        for sequence in [1, 2, 3, 5, 6, 10] { listener.hear(Self.media(sequence)) }
        listener.finish()
        let report = try #require(listener.heard.last?.message)
        #expect(report.protocolName == .rtp && report.integer("ssrc") == 7 && !report.has("payload-type"))
        #expect(report.integer("received") == 6 && report.integer("expected") == 10)
        #expect(report.integer("packets-lost") == 4 && report["loss"] == .decimal(0.4))
        #expect(RTP.summary(of: report).isEmpty)
        #expect(Self.names(listener).filter { $0 == .rtp }.count == 7)
    }

    @Test func `what RTSP describes first and grants a port for later keeps its clock`() throws {
        let viewer = Endpoint(Self.phone, port: 50_000)
        let camera = Endpoint(Self.server, port: 554)
        var listener = Listener()
        var sent: [Endpoint: UInt32] = [:]
        func say(_ from: Endpoint, _ to: Endpoint, _ text: String) {
            let place = sent[from, default: 1]
            sent[from] = place + UInt32(text.utf8.count)
            listener.hear(Wires.Segment(source: from, target: to, sequence: place, payload: Array(text.utf8)))
        }
        func describe(_ rates: String) {
            say(viewer, camera, "DESCRIBE rtsp://h/1 RTSP/1.0\r\nCSeq: 1\r\n\r\n")
            let body = "v=0\r\nc=IN IP4 0.0.0.0\r\nm=video 0 RTP/AVP 96\r\n" + rates
            say(
                camera, viewer,
                "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Type: application/sdp\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                    + body)
        }
        func setUp(_ port: Int) {
            say(viewer, camera, "SETUP rtsp://h/1 RTSP/1.0\r\nCSeq: 2\r\n\r\n")
            say(
                camera, viewer,
                "RTSP/1.0 200 OK\r\nCSeq: 2\r\nTransport: RTP/AVP;unicast;client_port=\(port)-\(port + 1)\r\n\r\n")
        }
        func jitter(at port: UInt16, ssrc: UInt32) -> FieldValue? {
            for index in 0..<20 {
                listener.hear(
                    Self.datagram(
                        Endpoint(Self.server, port: 6_000), Endpoint(Self.phone, port: port),
                        RTP.encode(
                            payloadType: 96, sequence: UInt16(index), timestamp: UInt32(index * 3_600), ssrc: ssrc,
                            payload: [1])),
                    at: Int64(index * 40 + index % 2 * 5))
            }
            listener.finish()
            return listener.heard.last { $0.message.integer("ssrc") == Int64(ssrc) }?.message["jitter-ms"]
        }
        describe("a=rtpmap:96 H264/90000\r\n")
        setUp(40_000)
        guard case .decimal(let milliseconds)? = jitter(at: 40_000, ssrc: 1) else {
            Issue.record("no jitter")
            return
        }
        #expect(milliseconds > 2 && milliseconds < 6)
        // A type that two media define differently has no clock that could be told.
        describe("a=rtpmap:96 H264/90000\r\nm=audio 0 RTP/AVP 96\r\na=rtpmap:96 L16/16000\r\n")
        setUp(40_002)
        #expect(jitter(at: 40_002, ssrc: 2) == nil)
    }

    @Test func `each type has its own clock, and neither tones nor noise between the words are jitter of theirs`()
        throws
    {
        var listener = Listener()
        let rates = "a=rtpmap:97 opus/48000/2\r\na=rtpmap:102 Telephone-Event/48000\r\n"
        listener.hear(Self.invite(30_000, more: rates), at: 0)
        var sequence: UInt16 = 65_530
        func hear(_ type: UInt8, _ timestamp: Int, at milliseconds: Int) {
            listener.hear(
                Self.datagram(
                    Endpoint(Self.server, port: 40_000), Endpoint(Self.phone, port: 30_000),
                    RTP.encode(
                        payloadType: type, sequence: sequence, timestamp: UInt32(timestamp), ssrc: 7, payload: [1])),
                at: Int64(1_000 + milliseconds))
            sequence &+= 1
        }
        // Comfort noise comes first, with a clock of its own; then an event: all of its packets have its timestamp.
        for index in 0..<3 { hear(13, 5_000 + index * 160, at: index * 20) }
        var words = RTPReception()
        for index in 3..<100 {
            // Every second word is late.
            let at = index * 20 + index % 2 * 5
            words.add(
                sequence: UInt16(index), timestamp: UInt32(index * 960), at: Timestamp(milliseconds: Int64(1_000 + at)),
                clockRate: 48_000)
            hear(97, index * 960, at: at)
            if (20..<40).contains(index) { hear(102, 20 * 960, at: at + 1) }
            if (40..<45).contains(index) { hear(101, 20 * 960, at: at + 1) }
            // A type that nobody defined.
            if index == 50 { hear(120, 7, at: at + 1) }
        }
        listener.finish()
        let report = try #require(listener.heard.last?.message)
        #expect(report.integer("received") == 126 && report.integer("packets-lost") == 0)
        let jitter = try #require(words.jitterMilliseconds)
        #expect(jitter > 4 && report["jitter-ms"] == .decimal((jitter * 1_000).rounded() / 1_000))
        #expect(!report.has("restarts"))
    }

    @Test func `a source of events alone, or of a type that nobody defined, has no jitter`() throws {
        for type in [101, 120] as [UInt8] {
            var listener = Listener()
            listener.hear(Self.invite(30_000))
            for index in 0..<5 {
                listener.hear(
                    Self.datagram(
                        Endpoint(Self.server, port: 40_000), Endpoint(Self.phone, port: 30_000),
                        RTP.encode(
                            payloadType: type, sequence: UInt16(index), timestamp: 9, ssrc: 7, payload: [1])))
            }
            listener.finish()
            let report = try #require(listener.heard.last?.message)
            #expect(report.integer("received") == 5 && !report.has("jitter-ms"))
        }
    }

    @Test func `what a new description says of a type's clock holds from then on`() throws {
        var listener = Listener()
        listener.hear(Self.invite(30_000), at: 0)
        for index in 0..<40 {
            if index == 10 { listener.hear(Self.invite(30_000, more: "a=rtpmap:96 L16/16000\r\n"), at: 1_190) }
            listener.hear(
                Self.datagram(
                    Endpoint(Self.server, port: 40_000), Endpoint(Self.phone, port: 30_000),
                    RTP.encode(
                        payloadType: 96, sequence: UInt16(index), timestamp: UInt32(index * 320), ssrc: 7,
                        payload: [1])), at: Int64(1_000 + index * 20 + index % 2 * 10))
        }
        listener.finish()
        let jitter = try #require(listener.heard.last?.message["jitter-ms"])
        guard case .decimal(let jitter) = jitter else {
            Issue.record("\(jitter)")
            return
        }
        #expect(jitter > 5 && jitter < 10)
    }

    @Test func `a source that restarts is told of without the jump`() throws {
        var listener = Listener()
        listener.hear(Self.invite(30_000))
        for sequence in [1, 2, 4, 40_000, 40_001, 40_002] { listener.hear(Self.media(sequence)) }
        listener.finish()
        let report = try #require(listener.heard.last?.message)
        #expect(report.integer("received") == 6 && report.integer("expected") == 7)
        #expect(report.integer("packets-lost") == 1 && report.integer("restarts") == 1)
    }

    @Test func `of a description with more places than count the rest is counted, and each has its own bound`() {
        func more(_ count: Int, from port: Int) -> String {
            (0..<count).map { "m=audio \(port + 2 * $0) RTP/AVP 8\r\n" }.joined()
        }
        var listener = Listener()
        // Two places for each medium, the invitation's own among them.
        listener.hear(Self.invite(30_000, more: more(7, from: 31_000)))
        #expect(listener.counters.mediaAnnounced == 16 && listener.counters.mediaRefused == 0)
        listener.hear(Self.invite(30_000, more: more(19, from: 31_000)))
        #expect(listener.counters.mediaAnnounced == 16 && listener.counters.mediaRefused == 24)
        #expect(listener.counters.labelled.contains { $0 == ("media_refused", 24) })
        listener.hear(Self.media(1, to: 31_012))
        listener.hear(Self.media(1, to: 31_014))
        #expect(Self.names(listener).filter { $0 == .rtp }.count == 1)
        // Media that share a place are one.
        var bundle = Listener()
        let shared = "m=video 30000 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"
        bundle.hear(Self.invite(30_000, more: String(repeating: shared, count: 20)))
        #expect(bundle.counters.mediaAnnounced == 2 && bundle.counters.mediaRefused == 0)
        bundle.hear(Self.media(1))
        bundle.finish()
        #expect(bundle.heard.last?.message.has("jitter-ms") == true)
    }

    @Test func `the order of use is that of a list that is searched`() {
        var order = UseOrder()
        var slow: [Int] = []
        var state: UInt32 = 1
        for _ in 0..<3_000 {
            state = state &* 1_664_525 &+ 1_013_904_223
            let slot = slow.isEmpty ? 0 : Int(state >> 8) % slow.count
            switch (state >> 4) % 3 {
            case 0 where slow.count < 12:
                slow.append(slow.count)
                order.append()
            case 1 where !slow.isEmpty:
                slow.removeAll { $0 == slot }
                if let moved = slow.firstIndex(of: slow.count) { slow[moved] = slot }
                order.remove(slot)
            default:
                if slow.isEmpty { continue }
                slow.removeAll { $0 == slot }
                slow.append(slot)
                order.use(slot)
            }
            #expect(order.oldest == slow.first)
        }
    }

    @Test func `places and sources are bounded, and what is given up is counted`() {
        var counters = DissectionCounters()
        var media = AnnouncedMedia(limits: AnnouncedMedia.Limits(places: 2, sources: 2))
        var reports = 0
        for port in 1...5 {
            let place = AnnouncedMedia.Announcement(
                place: Endpoint(Self.phone, port: UInt16(port)), isControl: false)
            media.announce(place, at: Timestamp(seconds: Int64(port)), &counters)
        }
        #expect(media.placeCount == 2 && counters.mediaEvicted == 3)
        #expect(!media.mayHear(9, 3) && media.mayHear(9, 4) && media.mayHear(5, 9))
        for ssrc in 1...5 {
            let packet = RTP.encode(payloadType: 8, sequence: 1, timestamp: 1, ssrc: UInt32(ssrc), payload: [])
            let said = Delivery.Circumstances(
                at: Timestamp(seconds: Int64(ssrc)), source: Endpoint(Self.server, port: 1),
                target: Endpoint(Self.phone, port: 5), transport: .udp, hardware: HardwareBits())
            media.hear(packet.span.bytes, said, &counters) { _ in reports += 1 }
        }
        #expect(media.sourceCount == 2 && reports == 3 && counters.mediaEvicted == 6)
        media.endSilent(at: Timestamp(seconds: 35), &counters) { _ in reports += 1 }
        #expect(media.sourceCount == 1 && reports == 4)
        // An hour later nobody is believed to use the place.
        let packet = RTP.encode(payloadType: 8, sequence: 1, timestamp: 1, ssrc: 1, payload: [])
        let name = media.protocolName(
            Endpoint(Self.server, port: 1), Endpoint(Self.phone, port: 5), packet.span.bytes,
            at: Timestamp(seconds: 4_000), &counters)
        #expect(name == nil && counters.mediaExpired == 1 && media.placeCount == 1)
    }
}
