import Capture
import Glibc
import Wire

/// First inputs for the targets, from captures and recorded messages: `DIR/<target>/<hash>`.
///
/// A frame that completes messages gives its transport's payload to the targets of their protocols, the bodies of these to
/// the targets of what is inside, and some frames in a row to `frames`. Other files go to the targets that the name of
/// their folder stands for.
struct Seeds {
    let directory: String
    private(set) var count = 0
    /// Per target; more would only slow the first rounds.
    private static let limit = 400
    private var counts: [Target: Int] = [:]

    private static let folders: [String: [Target]] = [
        "axis": [.onvif, .xml, .json], "cisco": [.xml, .json], "dahua": [.dahua, .multipart],
        "hikvision": [.isapi, .multipart],
        "mqtt": [.mqtt], "onvif": [.onvif, .xml, .http], "poly": [.xml, .http], "queue": [.escpos, .json, .framed],
        "rtsp": [.rtsp], "sip": [.sip, .sipDatagram, .sdp, .dialogs], "syslog": [.syslog, .syslogDatagram],
        "vq-rtcpxr": [.vqReport], "wsdiscovery": [.wsDiscovery], "yealink": [.http],
    ]

    init(directory: String) {
        self.directory = directory
        mkdir(directory, 0o755)
    }

    mutating func add(path: String) {
        do {
            var file = try CaptureFile(path: path)
            var dissector = Dissector()
            var row: [UInt8] = [0]
            while try file.next({ header, bytes in frame(header, bytes, &dissector, &row) }) {}
            keep(row, .frames)
        } catch {
            // No capture, or a damaged one: what stood before the damage is kept.
            let folder = path.split(separator: "/").dropLast().last.map(String.init) ?? ""
            for target in Self.folders[folder] ?? [] { keep(Self.read(path), target) }
        }
    }

    private mutating func frame(
        _ header: FrameHeader, _ bytes: borrowing RawSpan, _ dissector: inout Dissector, _ row: inout [UInt8]
    ) {
        var heard: [HeardMessage] = []
        _ = dissector.dissect(bytes, header) { heard.append($0) }
        let all = bytes.withUnsafeBytes { Array($0.prefix(2_000)) }
        if header.link == .ethernet, row.count < 3_000 {
            row += [UInt8(all.count >> 8), UInt8(all.count & 255)] + all
        }
        guard !heard.isEmpty, let payload = Self.payload(of: bytes, header) else { return }
        for message in heard {
            let name = message.message.protocolName
            for target in Self.targets(name, isStream: message.transport == .tcp) { keep(payload, target) }
            let body = Array(message.message.body)
            guard !body.isEmpty else { continue }
            for inner in Protocols.expand(message.message) {
                for target in Self.targets(inner.protocolName, isStream: false) { keep(body, target) }
            }
        }
    }

    private static func targets(_ name: ProtocolName, isStream: Bool) -> [Target] {
        switch name {
        case .syslog: [isStream ? .syslog : .syslogDatagram]
        case .sip: [isStream ? .sip : .sipDatagram]
        default: Target(rawValue: name.rawValue).map { [$0] } ?? []
        }
    }

    /// What a datagram or segment carries, or a link-layer protocol's frame after its type.
    private static func payload(of frame: borrowing RawSpan, _ header: FrameHeader) -> [UInt8]? {
        do throws(ParseError) {
            let link = try LinkView(copy frame, link: header.link)
            guard link.content == .ipv4 || link.content == .ipv6 else { return bytes(link.payload) }
            let packet = link.content == .ipv6 ? try IPView(v6: link.payload) : try IPView(v4: link.payload)
            switch packet.protocolNumber {
            case 17: return bytes(try UDPView(packet.payload, packetLength: packet.payloadLength).payload)
            case 6: return bytes(try TCPView(packet.payload, packetLength: packet.payloadLength).payload)
            default: return bytes(packet.payload)
            }
        } catch {
            return nil
        }
    }

    private static func bytes(_ span: RawSpan) -> [UInt8] { span.withUnsafeBytes { Array($0) } }

    private mutating func keep(_ bytes: [UInt8], _ target: Target) {
        guard !bytes.isEmpty, bytes.count <= 65_536, counts[target, default: 0] < Self.limit else { return }
        let folder = directory + "/" + target.rawValue
        mkdir(folder, 0o755)
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        let path = folder + "/" + String(hash, radix: 16)
        guard access(path, F_OK) != 0, let file = fopen(path, "w") else { return }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
        counts[target, default: 0] += 1
        count += 1
    }

    private static func read(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let length = fread(&buffer, 1, buffer.count, file)
        return Array(buffer.prefix(length))
    }
}
