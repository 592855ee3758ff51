import Testing
import Wire

struct FlowTests {
    static let texts = (1...12).map { "action=issued ticket=A\($0)" }

    @Test(arguments: [1, 7, 29, 100, 1_000])
    func `a conversation gives its messages however it is cut`(size: Int) {
        let speech = Speech(Self.texts)
        var listener = Listener()
        for segment in speech.open + speech.segments(of: size) + speech.close { listener.hear(segment) }
        #expect(listener.texts == Self.texts)
        #expect(listener.counters.messageBytes == UInt64(speech.bytes.count))
        #expect(listener.heard.allSatisfy { $0.source == speech.source && $0.target == speech.target })
        #expect(listener.dissector.heldBytes == 0)
    }

    @Test func `a message bears the time of the frame that completes it`() {
        let speech = Speech(["one"])
        var listener = Listener()
        for segment in speech.open { listener.hear(segment, at: 1) }
        listener.hear(speech.segment(4..<speech.bytes.count), at: 2)
        listener.hear(speech.segment(0..<4), at: 3)
        #expect(listener.heard.map(\.at) == [Timestamp(milliseconds: 3)])
        #expect(listener.counters.outOfOrder == 1 && listener.counters.gaps == 0)
    }

    @Test(arguments: 0..<200)
    func `any order, repetition, overlap and place of the wrap gives the same messages once`(seed: Int) {
        var dice = Dice(state: UInt64(seed))
        let speech = Speech(Self.texts, start: UInt32.max &- UInt32(dice.below(600)))
        var segments: [Wires.Segment] = []
        var at = 0
        while at < speech.bytes.count {
            let end = min(at + 1 + dice.below(60), speech.bytes.count)
            let from = max(0, at - dice.below(20))
            segments.append(speech.segment(from..<end))
            if dice.below(5) == 0 { segments.append(speech.segment(at..<end)) }
            at = end
        }
        for index in segments.indices.dropLast() {
            segments.swapAt(index, index + dice.below(min(6, segments.count - index)))
        }
        var listener = Listener()
        for segment in speech.open + segments + speech.close { listener.hear(segment) }
        #expect(listener.texts == Self.texts)
        let counts = listener.counters
        #expect(counts.gaps == 0 && counts.conflicts == 0)
        #expect(counts.streamBytes == counts.messageBytes + counts.duplicateBytes)
    }

    @Test func `a hole that the other side has received is a gap, and the next message is found`() {
        let speech = Speech(Self.texts)
        let segments = speech.segments(of: 40)
        var listener = Listener()
        for segment in speech.open { listener.hear(segment) }
        for (index, segment) in segments.enumerated() where index != 3 { listener.hear(segment) }
        #expect(listener.texts.count == 2, "what is behind the hole waits")
        listener.hear(speech.acknowledged(speech.bytes.count))
        listener.finish()
        let lost = Self.texts.filter { !listener.texts.contains($0) }
        #expect((1...2).contains(lost.count), "only what the hole tore: \(lost)")
        #expect(listener.texts == Self.texts.filter { !lost.contains($0) })
        #expect(listener.counters.gaps == 1 && listener.counters.gapBytes == 40)
        #expect(listener.heard.last?.at == Timestamp(milliseconds: Int64(3 + segments.count - 1)), "when it was said")
    }

    @Test func `behind a hole only so much waits`() {
        var limits = Dissector.Limits()
        limits.pendingBytes = 200
        let speech = Speech(Self.texts)
        var listener = Listener(limits: limits)
        for segment in speech.open + speech.segments(of: 40).dropFirst() { listener.hear(segment) }
        #expect(listener.counters.gaps == 1)
        #expect(listener.texts.count > 8)
    }

    @Test func `a close gives what waits behind a hole`() {
        let speech = Speech(Self.texts)
        var listener = Listener()
        for segment in speech.open + speech.segments(of: 40).dropFirst() { listener.hear(segment) }
        #expect(listener.texts.isEmpty)
        listener.hear(
            Wires.Segment(
                source: speech.source, target: speech.target,
                sequence: speech.start &+ UInt32(speech.bytes.count), flags: [.reset, .acknowledge]))
        #expect(listener.texts.count > 8)
        #expect(listener.counters.gapBytes == 40)
    }

    @Test func `a retransmission with other bytes changes nothing and is counted`() {
        let speech = Speech(Self.texts)
        var forged = speech.segment(0..<40)
        forged.payload[30] ^= 1
        var waiting = speech.segment(80..<120)
        waiting.payload[30] ^= 1
        var listener = Listener()
        for segment in speech.open { listener.hear(segment) }
        for segment in [speech.segment(0..<40), forged, speech.segment(80..<120), waiting] { listener.hear(segment) }
        for segment in [speech.segment(40..<80), speech.segment(120..<speech.bytes.count)] { listener.hear(segment) }
        #expect(listener.texts == Self.texts)
        #expect(listener.counters.conflicts == 2)
        #expect(listener.counters.retransmissions == 2)
    }

    @Test func `a conversation can be joined in the middle`() {
        let speech = Speech(Self.texts)
        var listener = Listener()
        for segment in speech.segments(of: 40).dropFirst(3) { listener.hear(segment) }
        #expect(listener.counters.flowsMidstream == 1)
        #expect(Self.texts.suffix(8) == listener.texts.suffix(8))
    }

    @Test func `a port used again is a new conversation`() {
        let first = Speech(["one", "two"])
        let second = Speech(["three"], start: 90_000)
        var listener = Listener()
        for segment in first.open + first.segments(of: 9) + second.open + second.segments(of: 9) + second.close {
            listener.hear(segment)
        }
        #expect(listener.texts == ["one", "two", "three"])
        #expect(listener.counters.flows == 2)
    }

    @Test func `late repetitions of a closed conversation say nothing again`() {
        let speech = Speech(["one", "two"])
        var listener = Listener()
        for segment in speech.open + speech.segments(of: 500) + speech.close + speech.segments(of: 500) + speech.close {
            listener.hear(segment)
        }
        #expect(listener.texts == ["one", "two"])
    }

    @Test func `what the capture cut off a segment is a gap`() {
        let speech = Speech(Self.texts)
        let segments = speech.segments(of: 80)
        var cut = segments[1]
        cut.cut = 30
        var listener = Listener()
        for segment in speech.open + [segments[0], cut] + segments.dropFirst(2) { listener.hear(segment) }
        #expect(listener.counters.gapBytes == 30)
        #expect(Self.texts.suffix(8) == listener.texts.suffix(8))
    }

    @Test func `a full table gives up the conversation unused for longest`() {
        var limits = Dissector.Limits()
        limits.flows = 3
        var listener = Listener(limits: limits)
        for port in 1...5 {
            let speech = Speech(["x\(port)"], source: Endpoint(Wires.kiosk.address, port: 40_000 + UInt16(port)))
            for segment in speech.open { listener.hear(segment) }
            listener.hear(speech.segment(0..<5))
        }
        #expect(listener.dissector.flowCount == 3)
        #expect(listener.counters.flowsEvicted == 2)
        #expect(listener.counters.abandonedBytes == 10)
    }

    @Test func `a silent conversation is over after its time`() {
        var listener = Listener()
        let speech = Speech(["one"])
        for segment in speech.open { listener.hear(segment, at: 0) }
        let other = Speech(["two"], source: Endpoint(Wires.kiosk.address, port: 40_001))
        for segment in other.open { listener.hear(segment, at: 3_600_001) }
        #expect(listener.dissector.flowCount == 1)
        #expect(listener.counters.flowsTimedOut == 1)
    }

    @Test func `a strange port is followed only from an unmistakable start`() {
        let odd = Endpoint(Wires.server.address, port: 9_123)
        let ours = Speech(["one", "two"], target: odd)
        var listener = Listener()
        for segment in ours.open + ours.segments(of: 30) + ours.close { listener.hear(segment) }
        #expect(listener.texts == ["one", "two"])
        let noise = Wires.Segment(
            source: Wires.kiosk, target: Endpoint(odd.address, port: 9_999), sequence: 5,
            payload: Array("PK\u{3}\u{4} not ours".utf8))
        listener.hear(noise)
        #expect(listener.counters.flows == 1)
        #expect(listener.counters.otherSegments > 0)
    }

    @Test func `a start in pieces is waited for on a strange port, and what is then nothing is let go`() {
        let odd = Endpoint(Wires.server.address, port: 9_123)
        func hear(_ pieces: [String]) -> Listener {
            var listener = Listener()
            var place: UInt32 = 1
            for piece in pieces {
                listener.hear(
                    Wires.Segment(source: Wires.kiosk, target: odd, sequence: place, payload: Array(piece.utf8)))
                place += UInt32(piece.utf8.count)
            }
            return listener
        }
        let asked = hear(["GET ", "/call?ticket=A7", " HTTP/1.1\r\n", "Host: x\r\n\r\n"])
        #expect(asked.heard.map { $0.message.text("query.ticket") } == ["A7"])
        #expect(hear("POST /x HTTP/1.1\r\n\r\n".map { "\($0)" }).heard.count == 1)
        for pieces in [["GET ", "READY\n"], ["INV", "ENTORY 5\n"], ["GETTING", " on\n"]] {
            let stranger = hear(pieces)
            #expect(stranger.heard.isEmpty && stranger.dissector.flowCount == 0 && stranger.dissector.heldBytes == 0)
            #expect(stranger.counters.streamBytes == stranger.counters.ignoredBytes)
        }
        // Capitals may be anybody's.
        #expect(hear(["BREW ", "/pot HTTP/1.1\r\n\r\n"]).counters.flows == 0)
    }

    @Test(arguments: [1, 3, 20])
    func `behind a loss the next start is found, though it comes in pieces`(size: Int) {
        let speech = Speech(Self.texts)
        let pieces = speech.segments(of: size)
        var listener = Listener()
        for segment in speech.open { listener.hear(segment) }
        let lost = 100 / size..<120 / size
        for (index, segment) in pieces.enumerated() where !lost.contains(index) { listener.hear(segment) }
        listener.finish()
        #expect(listener.texts.suffix(8) == Self.texts.suffix(8))
        let counts = listener.counters
        #expect(
            counts.streamBytes
                == counts.messageBytes + counts.skippedBytes + counts.undecodableBytes + counts.abandonedBytes)
        #expect(counts.undecodableBytes + counts.abandonedBytes > 0)
    }

    @Test func `behind a loss a message that begins a segment is heard, whatever ends the one before`() {
        func hear(_ messages: [String], port: UInt16, lost: Range<Int>) -> [String] {
            var listener = Listener()
            var place: UInt32 = 1
            let target = Endpoint(Wires.server.address, port: port)
            listener.hear(Wires.Segment(source: Wires.kiosk, target: target, sequence: 0, flags: .synchronise))
            for (index, message) in messages.enumerated() {
                // Of one message some bytes are lost: its segment comes in two, with a hole between.
                let bytes = Array(message.utf8)
                let whole = Wires.Segment(source: Wires.kiosk, target: target, sequence: place, payload: bytes)
                if index == 1 {
                    var (before, after) = (whole, whole)
                    before.payload = Array(bytes[..<lost.lowerBound])
                    after.payload = Array(bytes[lost.upperBound...])
                    after.sequence &+= UInt32(lost.upperBound)
                    for piece in [before, after] where !piece.payload.isEmpty { listener.hear(piece) }
                } else {
                    listener.hear(whole)
                }
                place += UInt32(bytes.count)
            }
            listener.finish()
            return listener.heard.map { $0.message.text("text") ?? $0.message.text("target") ?? "?" }
        }
        // Octet counting: a text that ends in a digit is no part of the next length.
        let lines = (0..<9).map { "<134>1 - - qms - - - ticket=\($0) counter=3" }
        #expect(hear(lines.map { "\($0.utf8.count) \($0)" }, port: 514, lost: 10..<20).count >= 8)
        // Bodies without a line end: each request begins a segment.
        let posts = (0..<9).map {
            "POST /\($0) HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"a\": \"\($0)\"}"
        }
        #expect(hear(posts, port: 80, lost: 10..<20).suffix(7) == ["/2", "/3", "/4", "/5", "/6", "/7", "/8"])
        #expect(hear(posts, port: 80, lost: 0..<(posts[1].utf8.count)).suffix(7) == (2...8).map { "/\($0)" })
    }
}
