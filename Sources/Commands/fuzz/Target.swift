import Glibc
import Wire

/// What can be fuzzed, and what must hold of it besides not trapping.
enum Target: String, CaseIterable {
    case syslog, mqtt, http, sip
    case syslogDatagram = "syslog-datagram"
    case sipDatagram = "sip-datagram"
    case rtp, rtcp, onvif, xml, json, pairs, frames
    case snmp, mdns, ssdp, dhcp, ntp, stun, q931, h225, escpos, pjl, framed
    case rtsp, isapi, dahua, sdp, dialogs, multipart
    case webSocket = "websocket"
    case eventStream = "event-stream"
    case vqReport = "vq-rtcpxr"
    case wsDiscovery = "ws-discovery"
    case sap
    case arp, lldp, cdp, icmp

    func run(_ input: [UInt8]) {
        switch self {
        case .syslog: stream(.syslog, input)
        case .mqtt: stream(.mqtt, input)
        case .http: stream(.http, input)
        case .sip: stream(.sip, input)
        case .syslogDatagram: datagram(.syslog, input)
        case .sipDatagram: datagram(.sip, input)
        case .rtp: datagram(.rtp, input)
        case .rtcp: datagram(.rtcp, input)
        case .onvif: _ = ONVIF.notifications(input.span.bytes).map(\.fields.count)
        case .xml, .json, .pairs: body(input)
        case .frames: frames(input)
        case .arp: datagram(.arp, input)
        case .lldp: datagram(.lldp, input)
        case .cdp: datagram(.cdp, input)
        case .icmp: datagram(.icmp, input)
        case .snmp: datagram(.snmp, input)
        case .mdns: datagram(.mdns, input)
        case .ssdp: datagram(.ssdp, input)
        case .dhcp: datagram(.dhcp, input)
        case .ntp: datagram(.ntp, input)
        case .stun: datagram(.stun, input)
        case .h225: datagram(.h225, input)
        case .q931: stream(.q931, input)
        case .escpos: printed(input)
        case .pjl: stream(.pjl, input)
        case .framed: framed(input)
        case .rtsp: stream(.rtsp, input)
        case .isapi: _ = ISAPI.alerts(input.span.bytes).map { describe($0) }
        case .dahua: _ = Dahua.messages(input.span.bytes).map { describe($0) }
        case .sdp: _ = SDP.message(input.span.bytes).map { describe($0) }
        case .vqReport: _ = VQReport.message(input.span.bytes).map { describe($0) }
        case .wsDiscovery: datagram(.wsDiscovery, input)
        case .sap: datagram(.sdp, input)
        case .dialogs: dialogs(input)
        case .multipart: multipart(input)
        case .webSocket:
            stream(.http, Array("HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n".utf8) + input)
        case .eventStream:
            stream(.http, Array("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n".utf8) + input)
        }
    }

    static let time = Timestamp(nanoseconds: 0)

    /// The messages of a stream do not depend on how it is cut, and a decoder never asks for more than a flow may hold.
    func stream(_ name: ProtocolName, _ input: [UInt8]) {
        sameHoweverCut(input) { Protocols.streamDecoder(name) }
        resume(name, input)
    }

    /// The messages of the input in one piece and in two are the same; `closing`: those of its end too.
    func sameHoweverCut(_ input: [UInt8], closing: Bool = false, _ make: () -> (any ProtocolDecoder)?) {
        let cut = Int(input.last ?? 0) % max(1, input.count)
        func decode<Result>(_ ends: [Int], _ result: (borrowing Message) -> Result) -> [Result] {
            messages(make, input, ends, closing: closing, result)
        }
        if decode([input.count], describe) == decode([cut, input.count], describe) { return }
        print(
            "whole:", decode([input.count], text), "cut at \(cut):", decode([cut, input.count], text), separator: "\n")
        fflush(nil)
        preconditionFailure("the messages depend on the cut")
    }

    /// The messages of an input that arrives up to each of `ends` in turn.
    private func messages<Result>(
        _ make: () -> (any ProtocolDecoder)?, _ input: [UInt8], _ ends: [Int], closing: Bool,
        _ result: (borrowing Message) -> Result
    ) -> [Result] {
        guard var decoder = make() else { return [] }
        let bytes = input.span.bytes
        var out: [Result] = []
        var at = 0
        for end in ends {
            feeding: while at < end {
                let held = end - at
                do throws(ParseError) {
                    switch try decoder.decode(bytes.extracting(at..<end), at: Self.time) {
                    case .message(let message, let consumed):
                        out.append(result(message))
                        precondition((1...held).contains(consumed))
                        at += consumed
                    case .skip(let count):
                        precondition((1...held).contains(count))
                        at += count
                    case .needMore(let count):
                        precondition(count > held && count <= Protocols.streamBufferLimit)
                        break feeding
                    }
                } catch {
                    return out
                }
            }
        }
        if closing, let last = try? decoder.finish(bytes.extracting(at..<input.count), at: Self.time) {
            out.append(result(last))
        }
        return out
    }

    /// After an error, as after a gap, the decoder goes on where a message may begin.
    private func resume(_ name: ProtocolName, _ input: [UInt8]) {
        guard var decoder = Protocols.streamDecoder(name), var peer = Protocols.streamDecoder(name) else { return }
        let bytes = input.span.bytes
        var at = 0
        while at < input.count {
            let rest = bytes.extracting(at..<input.count)
            do throws(ParseError) {
                switch try decoder.decode(rest, at: Self.time) {
                case .message(let message, let consumed):
                    peer.heard(message)
                    decoder.heard(message)
                    at += consumed
                case .skip(let count): at += count
                case .needMore:
                    _ = try decoder.finish(rest, at: Self.time)
                    return
                }
            } catch {
                at += 1
                let torn = bytes.extracting(at..<input.count)
                let found = decoder.resynchronise(torn) ?? torn.byteCount
                precondition((0...torn.byteCount).contains(found))
                at += found
            }
        }
    }

    private func datagram(_ name: ProtocolName, _ input: [UInt8]) {
        guard !input.isEmpty, var decoder = Protocols.datagramDecoder(name) else { return }
        guard let step = try? decoder.decode(input.span.bytes, at: Self.time) else { return }
        if case .message(let message, let consumed) = step {
            precondition((1...input.count).contains(consumed))
            describe(message)
        }
    }

    /// A body in parts, endless and whole, in chunks and not: the first byte says which.
    private func multipart(_ input: [UInt8]) {
        let kinds = ["multipart/mixed", "multipart/x-mixed-replace", "multipart/form-data"]
        let first = Int(input.first ?? 0)
        var head = "HTTP/1.1 200 OK\r\nContent-Type: \(kinds[first % 3])"
        if first & 8 != 0 { head += "; boundary=b" }
        if first & 16 != 0 { head += "\r\nTransfer-Encoding: chunked" }
        if first & 32 != 0 { head += "\r\nContent-Length: \(input.count - 1)" }
        stream(.http, Array((head + "\r\n\r\n").utf8) + input.dropFirst())
    }

    /// SIP messages with an empty line and a NUL between them.
    private func dialogs(_ input: [UInt8]) {
        var dialogs = SIP.Dialogs(limit: 4)
        for (index, text) in input.split(separator: 0).enumerated() {
            let bytes = Array(text)
            guard var decoder = Protocols.datagramDecoder(.sip),
                case .message(let message, _)? = try? decoder.decode(bytes.span.bytes, at: Self.time)
            else { continue }
            _ = dialogs.accept(message, at: Timestamp(seconds: Int64(index)))
            precondition(dialogs.count <= 4)
        }
    }

    /// Either all fields of a body or none.
    private func body(_ input: [UInt8]) {
        var message = Message(.http, copying: input.span.bytes)
        message.setBody(in: 0..<input.count)
        do throws(ParseError) {
            switch self {
            case .xml: try XMLFields.flatten(&message)
            case .json: try JSONFields.flatten(&message)
            default: try PairFields.flatten(&message)
            }
        } catch {
            precondition(message.fieldCount == 0)
        }
        describe(message)
    }

    private static let links: [LinkType] = [
        .ethernet, .linuxCooked, .linuxCooked2, .raw, .null, .loopback, .ppp, .pppSerial, .pppEthernet, .cisco,
        .frameRelay, .atm, .ipv4, .ipv6,
    ]

    /// The first byte names the link type and the bounds; then frames, each with its length before it in two bytes.
    private func frames(_ input: [UInt8]) {
        guard let first = input.first else { return }
        var limits = Dissector.Limits()
        if first & 0x80 != 0 {
            // Small bounds, so that an input of some frames can reach them.
            (limits.flows, limits.heldBytes, limits.pendingBytes, limits.fragmentedPayloads) = (2, 512, 128, 2)
        }
        var dissector = Dissector(limits: limits)
        let link = Self.links[Int(first & 0x7F) % Self.links.count]
        var at = 1
        var number: UInt64 = 0
        var messages: UInt64 = 0
        func take(_ heard: HeardMessage) {
            messages += 1
            describe(heard.message)
            _ = heard.line
        }
        while at + 2 <= input.count {
            let length = Int(input[at]) << 8 | Int(input[at + 1])
            let frame = Array(input[min(at + 2, input.count)..<min(at + 2 + length, input.count)])
            number += 1
            let header = FrameHeader(
                at: Timestamp(seconds: Int64(number)), link: link, originalLength: frame.count, number: number)
            let sender = dissector.dissect(frame.span.bytes, header, take)
            precondition(sender == FrameSender(address: sender.address, mac: sender.mac))
            at += 2 + length
        }
        check(dissector)
        dissector.finish(take)
        check(dissector)
        precondition(dissector.heldBytes == 0 && dissector.flowCount == 0 && dissector.heldFragments == 0)
        precondition(ProtocolName.allCases.reduce(0) { $0 + dissector.counters.messages($1) } == messages)
    }

    /// Nothing goes missing uncounted (`DissectionCounters`).
    private func check(_ dissector: Dissector) {
        let counts = dissector.counters
        precondition(
            counts.frames + counts.tunnelled
                == counts.errors(.link) + counts.otherFrames + counts.messageFrames + counts.emptyFrames
                + counts.undecodableFrames + counts.packets)
        precondition(
            counts.packets + counts.reassembled
                == counts.errors(.network) + counts.fragments + counts.tunnelled + counts.otherPackets
                + counts.messagePackets + counts.undecodablePackets
                + counts.errors(.transport) + counts.datagrams + counts.segments)
        precondition(counts.fragments == counts.fragmentsUsed + counts.fragmentsLost + dissector.heldFragments)
        precondition(
            counts.streamBytes
                == counts.messageBytes + counts.skippedBytes + counts.duplicateBytes + counts.undecodableBytes
                + counts.ignoredBytes + counts.abandonedBytes + UInt64(dissector.unfinishedBytes))
    }

    /// Everything of a message and of what is inside of it, read as whoever prints it reads it.
    @discardableResult
    private func describe(_ message: borrowing Message) -> Int {
        _ = Protocols.summary(of: message)
        var hasher = Hasher()
        hash(message, &hasher)
        for inner in Protocols.expand(message) { hash(inner, &hasher) }
        return hasher.finalize()
    }

    private func hash(_ message: borrowing Message, _ hasher: inout Hasher) {
        for (name, value) in message.fields {
            hasher.combine(name)
            hasher.combine(value)
        }
        hasher.combine(message.body)
    }

    private func text(_ message: borrowing Message) -> String {
        let fields = message.fields.map { "\($0.name)=\($0.value.text)" }
        return fields.joined(separator: " ") + " body=" + String(decoding: message.body, as: UTF8.self)
    }
}
