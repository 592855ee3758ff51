/// A checked view of what a link layer carries: after `init`, no accessor can trap.
///
/// It walks Ethernet with any tags (IEEE 802.1Q, 802.1ad, at most `tagLimit`), LLC/SNAP, PPPoE and PPP, MPLS,
/// Linux cooked captures v1 and v2, BSD loopback in both byte orders, C-HDLC, frame relay and raw IP.
public struct LinkView: ~Escapable, BitwiseCopyable {
    public enum Content: Sendable, BitwiseCopyable {
        case ipv4, ipv6
        /// Protocols of the link layer itself that we read.
        case arp, lldp, cdp
        /// Spanning tree, EAPOL …
        case other
    }

    /// Deeper stacks of tags or labels than this are an attack, not a network.
    public static let tagLimit = 8

    public let content: Content
    /// The frame's tags, outermost first; the first `tagCount` count. The top bit marks a service tag (802.1ad).
    let tags: InlineArray<8, UInt16>
    public let tagCount: Int
    let hardware: HardwareBits
    /// What follows the link headers, padding included.
    public let payload: RawSpan

    /// Throws `.unsupported` for a link type we don't read, `.truncated` where the frame ends inside a header.
    @inline(__always)
    @_lifetime(copy frame)
    public init(_ frame: RawSpan, link: LinkType) throws(ParseError) {
        // Nearly every frame; the walk's bookkeeping would cost it more than its header (MEASURED: 9 ns).
        if link == .ethernet, frame.byteCount >= 14, frame.big16(unchecked: 12) == 0x0800 {
            content = .ipv4
            tags = InlineArray(repeating: 0)
            tagCount = 0
            hardware = HardwareBits(
                source: HardwareBits.marked(frame.big64(unchecked: 6)),
                target: HardwareBits.marked(frame.big64(unchecked: 0)))
            payload = frame.from(unchecked: 14)
        } else if link == .ethernet, frame.byteCount >= 18, frame.big16(unchecked: 12) == 0x8100,
            frame.big16(unchecked: 16) == 0x0800
        {
            // A mirrored port's frames have one tag each.
            content = .ipv4
            var tags = InlineArray<8, UInt16>(repeating: 0)
            tags[0] = frame.big16(unchecked: 14) & 0x0FFF
            self.tags = tags
            tagCount = 1
            hardware = HardwareBits(
                source: HardwareBits.marked(frame.big64(unchecked: 6)),
                target: HardwareBits.marked(frame.big64(unchecked: 0)))
            payload = frame.from(unchecked: 18)
        } else {
            self = try LinkView(walking: frame, link: link)
        }
    }

    @inline(never)
    @_lifetime(copy frame)
    private init(walking frame: RawSpan, link: LinkType) throws(ParseError) {
        var walk = LinkWalk()
        if link == .ethernet {
            try walk.ethernet(frame)
        } else {
            try walk.start(frame, link: link)
        }
        self.init(walk, frame)
    }

    /// The same for what a tunnel carries: an EtherType and the bytes behind it.
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, etherType: UInt16) throws(ParseError) {
        var walk = LinkWalk()
        try walk.etherType(etherType, bytes)
        self.init(walk, bytes)
    }

    @_lifetime(copy bytes)
    private init(_ walk: LinkWalk, _ bytes: RawSpan) {
        content = walk.content
        tags = walk.tags
        tagCount = walk.tagCount
        hardware = walk.hardware
        payload = bytes.from(unchecked: walk.offset)
    }

    /// Sender and receiver on this wire, where the link layer has such addresses.
    public var source: MACAddress? { HardwareBits.mac(hardware.source) }
    public var target: MACAddress? { HardwareBits.mac(hardware.target) }
    /// The outermost VLAN id, if the frame is tagged.
    public var vlan: UInt16? { tagCount > 0 ? tags[0] & 0x0FFF : nil }
    /// All VLAN ids, outermost first.
    public var vlans: [UInt16] { (0..<tagCount).map { tags[$0] & 0x0FFF } }
}

/// The cursor behind `LinkView`: `offset` never passes the end of the bytes.
struct LinkWalk {
    var offset = 0
    var tags = InlineArray<8, UInt16>(repeating: 0)
    var tagCount = 0
    var hardware = HardwareBits()
    var content = LinkView.Content.other

    private func need(_ count: Int, _ bytes: RawSpan) throws(ParseError) {
        guard bytes.byteCount &- offset >= count else {
            throw ParseError(.link, .truncated, offset: offset, needed: count, available: bytes.byteCount - offset)
        }
    }

    mutating func ethernet(_ bytes: RawSpan) throws(ParseError) {
        try etherType(try ethernetHeader(bytes), bytes)
    }

    /// Two addresses and a type. Of frames inside of frames the outermost addresses count: those of this wire.
    private mutating func ethernetHeader(_ bytes: RawSpan) throws(ParseError) -> UInt16 {
        try need(14, bytes)
        if hardware.source == 0 {
            hardware.target = HardwareBits.marked(bytes.big64(unchecked: offset))
            hardware.source = HardwareBits.marked(bytes.big64(unchecked: offset + 6))
        }
        let type = bytes.big16(unchecked: offset + 12)
        offset += 14
        return type
    }

    /// Follows tags and encapsulations until something that is IP or is not ours.
    mutating func etherType(_ first: UInt16, _ bytes: RawSpan) throws(ParseError) {
        var type = first
        for _ in 0...LinkView.tagLimit {
            switch type {
            case 0x0800:
                content = .ipv4
                return
            case 0x86DD:
                content = .ipv6
                return
            case 0x0806:
                content = .arp
                return
            case 0x88CC:
                content = .lldp
                return
            case 0x8100, 0x88A8, 0x9100, 0x9200:
                try need(4, bytes)
                if tagCount < LinkView.tagLimit {
                    let service: UInt16 = type == 0x88A8 ? 0x8000 : 0
                    tags[tagCount] = bytes.big16(unchecked: offset) & 0x0FFF | service
                    tagCount += 1
                }
                type = bytes.big16(unchecked: offset + 2)
                offset += 4
            case 0x8926:
                // Cisco's VN-Tag (IEEE 802.1BR's forerunner): which virtual port, then the frame's own type.
                try need(6, bytes)
                type = bytes.big16(unchecked: offset + 4)
                offset += 6
            case 0...1500:
                guard let inner = try logicalLink(bytes) else { return }
                type = inner
            case 0x8864:
                // PPPoE session (RFC 2516 section 4): six bytes, then PPP.
                try need(6, bytes)
                offset += 6
                return try pointToPoint(bytes)
            case 0x880B:
                return try pointToPoint(bytes)
            case 0x8847, 0x8848:
                return try labels(bytes)
            case 0x6558:
                // Ethernet inside GRE (RFC 7637 section 3.2).
                type = try ethernetHeader(bytes)
            default:
                return
            }
        }
        throw ParseError(.link, .tooLarge, offset: offset, needed: LinkView.tagLimit + 1, available: LinkView.tagLimit)
    }

    /// IEEE 802.2: only SNAP with an EtherType is followed, and Cisco's CDP.
    private mutating func logicalLink(_ bytes: RawSpan) throws(ParseError) -> UInt16? {
        guard bytes.byteCount - offset >= 8, bytes.big16(unchecked: offset) == 0xAAAA,
            bytes.big8(unchecked: offset + 2) == 3
        else { return nil }
        let organisation = bytes.big32(unchecked: offset + 2) & 0xFF_FFFF
        let type = bytes.big16(unchecked: offset + 6)
        if organisation == 0x00_000C, type == 0x2000 {
            offset += 8
            content = .cdp
            return nil
        }
        guard organisation == 0 else { return nil }
        offset += 8
        return type > 1500 ? type : nil
    }

    /// RFC 1661 section 2: the address and control bytes may be left out, the protocol may be one byte.
    private mutating func pointToPoint(_ bytes: RawSpan) throws(ParseError) {
        if bytes.byteCount - offset >= 2, bytes.big16(unchecked: offset) == 0xFF03 { offset += 2 }
        try need(1, bytes)
        var type = UInt16(bytes.big8(unchecked: offset))
        if type & 1 == 0 {
            try need(2, bytes)
            type = bytes.big16(unchecked: offset)
            offset += 1
        }
        offset += 1
        content = type == 0x0021 ? .ipv4 : type == 0x0057 ? .ipv6 : .other
    }

    /// MPLS (RFC 3032): labels to the bottom of the stack; what is below has no type, so its first half byte decides.
    private mutating func labels(_ bytes: RawSpan) throws(ParseError) {
        for _ in 0..<LinkView.tagLimit {
            try need(4, bytes)
            let entry = bytes.big32(unchecked: offset)
            offset += 4
            if entry & 0x100 != 0 { return byVersion(bytes) }
        }
        throw ParseError(.link, .tooLarge, offset: offset, needed: LinkView.tagLimit + 1, available: LinkView.tagLimit)
    }

    private mutating func byVersion(_ bytes: RawSpan) {
        guard offset < bytes.byteCount else { return }
        switch bytes.big8(unchecked: offset) >> 4 {
        case 4: content = .ipv4
        case 6: content = .ipv6
        default: content = .other
        }
    }

    mutating func start(_ bytes: RawSpan, link: LinkType) throws(ParseError) {
        switch link.rawValue {
        case LinkType.null.rawValue, LinkType.loopback.rawValue:
            try need(4, bytes)
            let value = bytes.big32(unchecked: 0)
            // The family is in the byte order of the host that captured; it is a small number in one of them.
            let family = value > 0xFFFF ? value.byteSwapped : value
            offset = 4
            switch family {
            case 2: content = .ipv4
            // Linux, NetBSD and OpenBSD, FreeBSD, Darwin.
            case 10, 24, 28, 30: content = .ipv6
            default: content = .other
            }
        case LinkType.raw.rawValue, 12, 14:
            byVersion(bytes)
        case LinkType.ipv4.rawValue:
            content = .ipv4
        case LinkType.ipv6.rawValue:
            content = .ipv6
        case LinkType.linuxCooked.rawValue:
            try need(16, bytes)
            offset = 16
            if bytes.big16(unchecked: 4) == 6 { hardware.source = HardwareBits.marked(bytes.big64(unchecked: 6)) }
            try cooked(bytes.big16(unchecked: 14), bytes)
        case LinkType.linuxCooked2.rawValue:
            try need(20, bytes)
            offset = 20
            if bytes.big8(unchecked: 11) == 6 { hardware.source = HardwareBits.marked(bytes.big64(unchecked: 12)) }
            try cooked(bytes.big16(unchecked: 0), bytes)
        case LinkType.ppp.rawValue, LinkType.pppSerial.rawValue:
            // A C-HDLC frame may stand in a PPP capture (pcap registry, LINKTYPE_PPP_HDLC).
            if bytes.byteCount >= 4, bytes.big8(unchecked: 0) == 0x0F || bytes.big8(unchecked: 0) == 0x8F {
                offset = 4
                return try etherType(bytes.big16(unchecked: 2), bytes)
            }
            try pointToPoint(bytes)
        case LinkType.pppEthernet.rawValue:
            try etherType(0x8864, bytes)
        case LinkType.cisco.rawValue:
            try need(4, bytes)
            offset = 4
            // CDP's type stands in place of an EtherType on serial lines.
            guard bytes.big16(unchecked: 2) != 0x2000 else {
                content = .cdp
                return
            }
            try etherType(bytes.big16(unchecked: 2), bytes)
        case LinkType.frameRelay.rawValue:
            try frameRelay(bytes)
        case LinkType.atm.rawValue:
            guard let type = try logicalLink(bytes) else { return }
            try etherType(type, bytes)
        default:
            throw ParseError(.link, .unsupported, needed: 0, available: Int(link.rawValue))
        }
    }

    /// The protocol field of a cooked header: an EtherType, or 4 for 802.2 (below 1536, Linux's own numbers).
    private mutating func cooked(_ type: UInt16, _ bytes: RawSpan) throws(ParseError) {
        if type == 4 || type > 1535 { try etherType(type, bytes) }
    }

    /// RFC 2427: a two-byte address, unnumbered information, then a network layer id.
    private mutating func frameRelay(_ bytes: RawSpan) throws(ParseError) {
        try need(4, bytes)
        guard bytes.big8(unchecked: 1) & 1 == 1 else { return }
        // Cisco's own form has an EtherType instead.
        guard bytes.big8(unchecked: 2) == 3 else {
            offset = 4
            return try etherType(bytes.big16(unchecked: 2), bytes)
        }
        offset = 4
        switch bytes.big8(unchecked: 3) {
        case 0xCC: content = .ipv4
        case 0x8E: content = .ipv6
        default: content = .other
        }
    }
}
