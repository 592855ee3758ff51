import Wire

/// What can be fuzzed, and what must hold of it besides not trapping.
enum Target: String, CaseIterable {
    case syslog, mqtt, http, sip
    case syslogDatagram = "syslog-datagram"
    case sipDatagram = "sip-datagram"
    case rtp, rtcp, onvif, xml, json, pairs, frames
    case snmp, mdns, ssdp, dhcp, ntp, stun, q931, h225, escpos, pjl, framed

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
        }
    }

    static let time = Timestamp(nanoseconds: 0)

    /// The messages of a stream do not depend on how it is cut, and a decoder never asks for more than a flow may hold.
    func stream(_ name: ProtocolName, _ input: [UInt8]) {
        let whole = messages(name, [input[...]])
        let cut = Int(input.last ?? 0) % max(1, input.count)
        precondition(messages(name, [input[..<cut], input[cut...]]) == whole, "cut at \(cut)")
        resume(name, input)
    }

    private func messages(_ name: ProtocolName, _ pieces: [ArraySlice<UInt8>]) -> [String] {
        messages({ Protocols.streamDecoder(name) }, pieces)
    }

    func messages(
        _ make: () -> (any ProtocolDecoder)?, _ pieces: [ArraySlice<UInt8>], closing: Bool = false
    ) -> [String] {
        guard var decoder = make() else { return [] }
        var out: [String] = []
        var buffer: [UInt8] = []
        for piece in pieces {
            buffer += piece
            feeding: while !buffer.isEmpty {
                do throws(ParseError) {
                    switch try decoder.decode(buffer.span.bytes, at: Self.time) {
                    case .message(let message, let consumed):
                        out.append(describe(message))
                        precondition((1...buffer.count).contains(consumed))
                        buffer.removeFirst(consumed)
                    case .skip(let count):
                        precondition((1...buffer.count).contains(count))
                        buffer.removeFirst(count)
                    case .needMore(let count):
                        precondition(count > buffer.count && count <= Protocols.streamBufferLimit)
                        break feeding
                    }
                } catch {
                    return out
                }
            }
        }
        if closing, let last = try? decoder.finish(buffer.span.bytes, at: Self.time) { out.append(describe(last)) }
        return out
    }

    /// After an error, as after a gap, the decoder goes on where a message may begin.
    private func resume(_ name: ProtocolName, _ input: [UInt8]) {
        guard var decoder = Protocols.streamDecoder(name), var peer = Protocols.streamDecoder(name) else { return }
        var at = 0
        while at < input.count {
            let rest = Array(input[at...])
            do throws(ParseError) {
                switch try decoder.decode(rest.span.bytes, at: Self.time) {
                case .message(let message, let consumed):
                    peer.heard(message)
                    decoder.heard(message)
                    at += consumed
                case .skip(let count): at += count
                case .needMore:
                    _ = try decoder.finish(rest.span.bytes, at: Self.time)
                    return
                }
            } catch {
                at += 1
                let torn = Array(input[at...])
                let found = decoder.resynchronise(torn.span.bytes) ?? torn.count
                precondition((0...torn.count).contains(found))
                at += found
            }
        }
    }

    private func datagram(_ name: ProtocolName, _ input: [UInt8]) {
        guard !input.isEmpty, var decoder = Protocols.datagramDecoder(name) else { return }
        guard let step = try? decoder.decode(input.span.bytes, at: Self.time) else { return }
        if case .message(let message, let consumed) = step {
            precondition((1...input.count).contains(consumed))
            _ = describe(message)
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
        _ = describe(message)
    }

    /// Frames of up to 255 bytes, each with its length before it.
    private func frames(_ input: [UInt8]) {
        var dissector = Dissector()
        var at = 0
        var number: UInt64 = 0
        while at < input.count {
            let end = min(input.count, at + 1 + Int(input[at]))
            let frame = Array(input[at + 1..<max(at + 1, end)])
            number += 1
            let header = FrameHeader(
                at: Timestamp(seconds: Int64(number)), link: .ethernet, originalLength: frame.count, number: number)
            dissector.dissect(frame.span.bytes, header) { _ = describe($0.message) }
            at = max(at + 1, end)
        }
        dissector.finish { _ = describe($0.message) }
    }

    private func describe(_ message: Message) -> String {
        _ = Protocols.summary(of: message)
        // Put together by hand: the printing of tuples by reflection took most of a run.
        let all = [message] + Protocols.expand(message)
        let fields = all.flatMap { $0.fields.map { "\($0.name.rawValue)=\($0.value.text)" } }
        return fields.joined(separator: "\n") + " \(Array(message.body).hashValue)"
    }
}
