internal import Domain
internal import Wire

/// The lines of a sample that are the head of a message in text: HTTP, SIP, RTSP.
enum HeadLines {
    /// What is wrong with them where a block begins such a message; the message would take in whatever follows.
    static func fault(in block: SampleText.Block, of wire: ProtocolName) -> String? {
        guard [.http, .sip, .rtsp].contains(wire), block.form == .text || block.form == .crlf else { return nil }
        let lines = block.bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            line.last == 0x0D ? line.dropLast() : line
        }
        guard let first = lines.first, isStart(String(decoding: first, as: UTF8.self)) else { return nil }
        if block.form == .text {
            return
                "the lines of \(wire.rawValue) end in CR LF, and a blank one ends the head: write 'crlf' after the time"
        }
        for line in lines.dropFirst() {
            if line.isEmpty { return nil }
            let name = line.prefix { $0 != UInt8(ascii: ":") }
            let isContinued = line.first == 0x20 || line.first == 0x09
            if !isContinued, name.count == line.count || name.isEmpty || !name.allSatisfy(isToken) {
                return
                    "'\(Words.shown(String(decoding: line, as: UTF8.self)))' is no header; a blank line ends the head"
            }
        }
        return nil
    }

    /// `GET /in HTTP/1.1`, `SIP/2.0 200 OK`.
    private static func isStart(_ line: String) -> Bool {
        let words = line.split(separator: " ")
        return [words.first, words.last].contains { word in
            ["HTTP/1.", "SIP/2.", "RTSP/1."].contains { word?.hasPrefix($0) == true }
        }
    }

    /// What the name of a header is made of (RFC 9110 section 5.6.2); SIP's may have a blank before the colon.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x20: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
