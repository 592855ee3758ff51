/// Frames in, messages out: the whole way from a link layer to application messages.
///
/// One dissector follows one place on the network: its state is the TCP conversations and the IP fragments in the
/// making, both bounded by `Limits`. It never traps on what it reads, never asks for the time, and counts everything
/// in `counters`. A frame of somebody else's traffic costs its headers and one look into a table of ports.
public struct Dissector: Sendable {
    /// Tunnels inside of tunnels, at most.
    public static let tunnelLimit = 4
    /// Messages in one datagram, at most.
    public static let datagramMessageLimit = 64
    /// Declared ports, at most: four for each of the devices that a site may have.
    public static let declarationLimit = 16_384

    public private(set) var counters = DissectionCounters()
    private let ports = Protocols.ports
    private let declared: DeclaredPorts
    private var flows: FlowTable
    private var fragments: FragmentTable
    private var media: AnnouncedMedia
    private var echoes = EchoMemory()

    /// - Parameter declared: what the site says of ports; at most `declarationLimit`, the rest is passed over.
    public init(limits: Limits = Limits(), declared: [Declaration] = []) {
        self.declared = DeclaredPorts(declared, limit: Self.declarationLimit)
        flows = FlowTable(
            limits: FlowTable.Limits(
                flows: max(limits.flows, 1), heldBytes: max(limits.heldBytes, 0), timeout: limits.flowTimeout,
                stream: StreamAssembler.Limits(pendingBytes: max(limits.pendingBytes, 0))))
        fragments = FragmentTable(
            limits: FragmentTable.Limits(
                payloads: max(limits.fragmentedPayloads, 1), timeout: limits.fragmentTimeout))
        media = AnnouncedMedia(limits: AnnouncedMedia.Limits(places: limits.media, sources: limits.media))
    }

    /// Declared ports that count.
    public var declarationCount: Int { declared.count }
    /// Conversations and bytes held at the moment.
    public var flowCount: Int { flows.count }
    public var heldBytes: Int { flows.heldBytes }
    /// The stream bytes among them that are neither decoded nor given up, without what keeping them costs: what the
    /// equation of `streamBytes` lacks. Looks at every conversation.
    public var unfinishedBytes: Int { flows.unfinishedBytes }
    public var heldFragments: UInt64 { fragments.heldPieces }

    /// Reads one frame and hands `sink` the messages that it completes.
    /// Returns who sent it, as far as it says, whatever it carries.
    @discardableResult
    public mutating func dissect(
        _ frame: borrowing RawSpan, _ header: FrameHeader, _ sink: (consuming HeardMessage) -> Void
    ) -> FrameSender {
        counters.frames &+= 1
        counters.frameBytes &+= UInt64(truncatingIfNeeded: frame.byteCount)
        if header.at > media.nextEnd { media.endSilent(at: header.at, &counters, sink) }
        do throws(ParseError) {
            let link = try LinkView(copy frame, link: header.link)
            for index in 0..<link.tagCount { counters.countTag(link.tags[index]) }
            let context = Context(
                at: header.at, tag: link.tagCount > 0 ? Int32(link.tags[0] & 0x0FFF) : -1,
                innerTag: link.tagCount > 1 ? Int32(link.tags[1] & 0x0FFF) : -1, depth: 0,
                hardware: link.hardware)
            return FrameSender(content(link, context, sink), link.hardware.source)
        } catch {
            counters.count(error)
            return FrameSender(nil, 0)
        }
    }

    /// The capture is over: conversations end, what is whole is delivered, what is not is counted.
    public mutating func finish(_ sink: (consuming HeardMessage) -> Void) {
        flows.finish(&counters, sink)
        media.finish(&counters, sink)
        counters.fragmentsLost += fragments.removeAll()
    }

    private struct Context {
        var at: Timestamp
        /// The outermost VLAN id, negative for none.
        var tag: Int32
        /// The id behind it, negative for none.
        var innerTag: Int32
        var depth: Int
        var hardware: HardwareBits

        var vlan: UInt16? { tag < 0 ? nil : UInt16(truncatingIfNeeded: tag) }
        var innerVLAN: UInt16? { innerTag < 0 ? nil : UInt16(truncatingIfNeeded: innerTag) }
    }

    /// Who said what a message needs to know.
    private static func circumstances(
        _ source: Endpoint, _ target: Endpoint, _ transport: HeardMessage.Transport, _ context: Context
    ) -> Delivery.Circumstances {
        Delivery.Circumstances(
            at: context.at, source: source, target: target, transport: transport, vlan: context.vlan,
            innerVLAN: context.innerVLAN, hardware: context.hardware)
    }

    /// What is behind the link headers. Returns the source of the IP packet, if there is one.
    @inline(__always)
    private mutating func content(
        _ link: LinkView, _ context: Context, _ sink: (consuming HeardMessage) -> Void
    ) -> IPAddress? {
        switch link.content {
        case .ipv4: return packet(link.payload, isV6: false, context, sink)
        case .ipv6: return packet(link.payload, isV6: true, context, sink)
        case .arp, .lldp, .cdp: return linkMessage(link, context, sink)
        case .other:
            counters.otherFrames &+= 1
            return nil
        }
    }

    /// A frame of a protocol of the link layer itself: its endpoints are hardware addresses.
    private mutating func linkMessage(
        _ link: LinkView, _ context: Context, _ sink: (consuming HeardMessage) -> Void
    ) -> IPAddress? {
        guard let name = Protocols.linkProtocol(link.content) else {
            counters.otherFrames &+= 1
            return nil
        }
        let said = Self.circumstances(
            Endpoint(link.source ?? MACAddress(0)), Endpoint(link.target ?? MACAddress(0)), .link, context)
        switch read(link.payload, name, said, sink) {
        case .message: counters.messageFrames &+= 1
        case .empty: counters.emptyFrames &+= 1
        case .undecodable: counters.undecodableFrames &+= 1
        case .other: counters.otherFrames &+= 1
        }
        return name == .arp ? ARP.sender(link.payload) : nil
    }

    @inline(__always)
    private mutating func packet(
        _ bytes: RawSpan, isV6: Bool, _ context: Context, _ sink: (consuming HeardMessage) -> Void
    ) -> IPAddress? {
        counters.packets &+= 1
        do throws(ParseError) {
            let packet = isV6 ? try IPView(v6: bytes) : try IPView(v4: bytes)
            if let fragment = packet.fragment {
                return piece(packet, fragment, context, sink)
            }
            return payload(
                packet.payload, length: packet.payloadLength, protocolNumber: packet.protocolNumber,
                from: packet.source, to: packet.target, context, sink)
        } catch {
            counters.count(error)
            return nil
        }
    }

    private mutating func piece(
        _ packet: IPView, _ fragment: IPView.Fragment, _ context: Context, _ sink: (consuming HeardMessage) -> Void
    ) -> IPAddress? {
        counters.fragments += 1
        let outcome = fragments.add(
            packet, fragment, at: context.at, given: &counters.fragmentsLost, overlaps: &counters.fragmentOverlaps)
        switch outcome {
        case .held:
            return packet.source
        case .refused(let error):
            counters.fragmentsLost += 1
            counters.count(error)
            return packet.source
        case .whole(let whole, let protocolNumber, let pieces):
            counters.fragmentsUsed += UInt64(pieces)
            counters.reassembled += 1
            return payload(
                whole.span.bytes, length: whole.count, protocolNumber: protocolNumber, from: packet.source,
                to: packet.target, context, sink)
        }
    }

    @inline(__always)
    private mutating func payload(
        _ bytes: RawSpan, length: Int, protocolNumber: UInt8, from source: IPAddress, to target: IPAddress,
        _ context: Context, _ sink: (consuming HeardMessage) -> Void
    ) -> IPAddress? {
        do throws(ParseError) {
            switch protocolNumber {
            case 17:
                let datagram = try UDPView(bytes, packetLength: length)
                if datagram.targetPort == VXLANView.port, let carried = VXLANView(datagram.payload) {
                    return try within(carried.frame, etherType: 0x6558, context, sink) ?? source
                }
                counters.datagrams &+= 1
                let portClass =
                    declared.portClass(
                        source: source, datagram.sourcePort, target: target, datagram.targetPort, .udp)
                    ?? ports.datagram(source: datagram.sourcePort, target: datagram.targetPort)
                if portClass != .noise, portClass.protocolName == nil,
                    media.mayHear(datagram.sourcePort, datagram.targetPort)
                {
                    let said = Self.circumstances(
                        Endpoint(source, port: datagram.sourcePort), Endpoint(target, port: datagram.targetPort), .udp,
                        context)
                    if announced(datagram.payload, said, sink) { return source }
                }
                guard let name = Protocols.datagramProtocol(portClass, datagram.payload) else {
                    counters.otherDatagrams &+= 1
                    return source
                }
                let said = Self.circumstances(
                    Endpoint(source, port: datagram.sourcePort), Endpoint(target, port: datagram.targetPort), .udp,
                    context)
                guard name == .sip || name == .sdp else {
                    count(read(datagram.payload, name, said, sink))
                    return source
                }
                var announced = AnnouncedMedia.Announced()
                let reading = read(datagram.payload, name, said) { heard in
                    announced.note(heard)
                    sink(heard)
                }
                count(reading)
                media.announce(announced, at: context.at, &counters)
                return source
            case 6:
                let segment = try TCPView(bytes, packetLength: length)
                counters.segments &+= 1
                let portClass =
                    declared.portClass(source: source, segment.sourcePort, target: target, segment.targetPort, .tcp)
                    ?? ports.stream(source: segment.sourcePort, target: segment.targetPort)
                guard portClass != .noise else {
                    counters.otherSegments &+= 1
                    return source
                }
                let talk = Flow.Talk(
                    source: Endpoint(source, port: segment.sourcePort),
                    target: Endpoint(target, port: segment.targetPort), vlan: context.vlan,
                    innerVLAN: context.innerVLAN, at: context.at,
                    hardware: context.hardware)
                var announced = AnnouncedMedia.Announced()
                flows.accept(segment, talk, portClass: portClass, &counters) { heard in
                    announced.note(heard)
                    sink(heard)
                }
                media.announce(announced, at: context.at, &counters)
                return source
            case 1 where source.isIPv4, 58 where !source.isIPv4:
                control(
                    bytes, length: length,
                    Self.circumstances(Endpoint(source, port: 0), Endpoint(target, port: 0), .ip, context), sink)
                return source
            case 4, 41, 47:
                return try tunnel(bytes, protocolNumber, context, sink) ?? source
            default:
                counters.otherPackets &+= 1
                return source
            }
        } catch {
            counters.count(error)
            return source
        }
    }

    /// ICMP, with what is known of the other half of an echo.
    private mutating func control(
        _ bytes: RawSpan, length: Int, _ said: Delivery.Circumstances, _ sink: (HeardMessage) -> Void
    ) {
        do throws(ParseError) {
            var message = try ICMP.message(bytes, length: length, isV6: !said.source.address.isIPv4)
            echoes.pair(&message, from: said.source.address, to: said.target.address, at: said.at)
            counters.echoesEvicted = echoes.evicted
            counters.messagePackets &+= 1
            Delivery.deliver(message, said, &counters, sink)
        } catch {
            counters.count(error)
            counters.undecodablePackets &+= 1
        }
    }

    private mutating func count(_ reading: Reading) {
        switch reading {
        case .message: counters.messageDatagrams &+= 1
        case .empty: counters.emptyDatagrams &+= 1
        case .undecodable: counters.undecodableDatagrams &+= 1
        case .other: counters.otherDatagrams &+= 1
        }
    }

    /// Media, or its control, between ports of which one was announced.
    private mutating func announced(
        _ bytes: RawSpan, _ said: Delivery.Circumstances, _ sink: (HeardMessage) -> Void
    ) -> Bool {
        guard let name = media.protocolName(said.source, said.target, bytes, at: said.at, &counters) else {
            return false
        }
        let reading = read(bytes, name, said, sink)
        count(reading)
        if name == .rtp, case .message = reading { media.hear(bytes, said, &counters, sink) }
        return true
    }

    /// IP in IP (RFC 2003, RFC 4213) and GRE (RFC 2784, RFC 2890). Returns the inner source, if there is one.
    private mutating func tunnel(
        _ bytes: RawSpan, _ protocolNumber: UInt8, _ context: Context, _ sink: (consuming HeardMessage) -> Void
    ) throws(ParseError) -> IPAddress? {
        if protocolNumber == 47 {
            let carried = try GREView(bytes)
            return try within(carried.payload, etherType: carried.etherType, context, sink)
        }
        var inner = context
        inner.depth += 1
        guard inner.depth <= Self.tunnelLimit else {
            throw ParseError(.transport, .tooLarge, needed: inner.depth, available: Self.tunnelLimit)
        }
        counters.tunnelled += 1
        return packet(bytes, isV6: protocolNumber == 41, inner, sink)
    }

    /// What a tunnel carries, from its EtherType on.
    private mutating func within(
        _ bytes: RawSpan, etherType: UInt16, _ context: Context, _ sink: (consuming HeardMessage) -> Void
    ) throws(ParseError) -> IPAddress? {
        var inner = context
        inner.depth += 1
        guard inner.depth <= Self.tunnelLimit else {
            throw ParseError(.transport, .tooLarge, needed: inner.depth, available: Self.tunnelLimit)
        }
        let link: LinkView
        do throws(ParseError) {
            link = try LinkView(bytes, etherType: etherType)
        } catch {
            throw ParseError(
                .transport, error.reason, offset: error.offset, needed: error.needed, available: error.available)
        }
        for index in 0..<link.tagCount { counters.countTag(link.tags[index]) }
        counters.tunnelled += 1
        if inner.tag < 0, let vlan = link.vlan {
            inner.tag = Int32(vlan)
            inner.innerTag = link.tagCount > 1 ? Int32(link.tags[1] & 0x0FFF) : -1
        }
        return content(link, inner, sink)
    }

    private enum Reading { case message, empty, undecodable, other }

    /// Reads the messages of one datagram or frame.
    private mutating func read(
        _ bytes: RawSpan, _ name: ProtocolName, _ circumstances: Delivery.Circumstances,
        _ sink: (consuming HeardMessage) -> Void
    ) -> Reading {
        switch name {
        case .framed:
            guard let layout = declared.layout(from: circumstances.source, to: circumstances.target) else {
                return .other
            }
            var decoder = FramedDecoder(layout)
            return messages(bytes, &decoder, circumstances, sink)
        // The two that a front desk speaks most: known here, they cost no call through the protocol.
        case .syslog:
            var decoder = SyslogDatagramDecoder()
            return messages(bytes, &decoder, circumstances, sink)
        case .sip:
            var decoder = SIPDatagramDecoder()
            return messages(bytes, &decoder, circumstances, sink)
        default:
            guard var decoder = Protocols.datagramDecoder(name) else { return .other }
            return messages(bytes, &decoder, circumstances, sink)
        }
    }

    private mutating func messages<Reader: ProtocolDecoder>(
        _ bytes: RawSpan, _ decoder: inout Reader, _ circumstances: Delivery.Circumstances,
        _ sink: (consuming HeardMessage) -> Void
    ) -> Reading {
        var at = 0
        var messages = 0
        do throws(ParseError) {
            while at < bytes.byteCount, messages < Self.datagramMessageLimit {
                let rest = bytes.from(unchecked: at)
                let step = try decoder.decode(rest, at: circumstances.at)
                // Taken apart and not copied: the message has one owner from the decoder to whoever is told.
                switch consume step {
                case .message(let message, let consumed):
                    messages += 1
                    at += max(consumed, 1)
                    Delivery.deliver(message, circumstances, &counters, sink)
                case .skip(let count):
                    at += max(count, 1)
                case .needMore(let count):
                    throw ParseError(.application, .truncated, offset: at, needed: count, available: rest.byteCount)
                }
                // What `max` lets pass must not pass the end.
                at = min(at, bytes.byteCount)
            }
        } catch {
            // A message and rubbish behind it is a message.
            if messages == 0 {
                counters.count(error)
                return .undecodable
            }
        }
        return messages > 0 ? .message : .empty
    }
}
