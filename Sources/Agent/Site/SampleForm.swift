internal import Domain
internal import Foundation
internal import Wire

/// How the lines of a message that people wrote become the bytes of one: in samples, and in what a simulated device says.
public enum SampleForm: Hashable, Sendable {
    /// As they are, LF between lines, none at the end.
    case text
    /// CR LF after each line of the head; `Content-Length: *` is filled in.
    case crlf
    /// Digits in pairs, blanks where one likes, texts between quotes: `1b 40 "A007" 0a`.
    case hex
    case base64
    /// The lines are the payload of an MQTT 3.1.1 PUBLISH.
    case publish(topic: String, isRetained: Bool)

    public struct Mistake: Error, Hashable, Sendable {
        public var message: String
    }

    static let names = ["base64", "crlf", "hex", "publish", "text"]

    /// Reads the words after the time, `to-device` among them. Throws what is wrong with them.
    public init(_ words: ArraySlice<String>, isToDevice: inout Bool) throws(Mistake) {
        var rest = words
        isToDevice = rest.first == "to-device"
        if isToDevice { rest = rest.dropFirst() }
        switch rest.popFirst() ?? "text" {
        case "text": self = .text
        case "crlf": self = .crlf
        case "hex": self = .hex
        case "base64": self = .base64
        case "publish":
            guard let topic = rest.popFirst() else { throw Mistake(message: "'publish' needs a topic") }
            let isRetained = rest.first == "retained"
            if isRetained { rest = rest.dropFirst() }
            self = .publish(topic: topic, isRetained: isRetained)
        case let other:
            throw Mistake(message: Words.unknown("form", other, known: Self.names + ["to-device"]))
        }
        if let word = rest.first { throw Mistake(message: "'\(Words.shown(word))' is too much") }
    }

    public var name: String {
        switch self {
        case .text: "text"
        case .crlf: "crlf"
        case .hex: "hex"
        case .base64: "base64"
        case .publish: "publish"
        }
    }

    /// `nil` if the lines are not of this form. Blank lines at the end do not count.
    public func bytes(_ lines: [String]) -> [UInt8]? {
        var lines = lines
        while let last = lines.last, last.allSatisfy(\.isWhitespace) { lines.removeLast() }
        let joined = lines.joined(separator: "\n")
        return switch self {
        case .text: Array(joined.utf8)
        case .crlf: Self.crlf(lines)
        case .hex: Self.hex(joined)
        case .base64: Data(base64Encoded: joined, options: .ignoreUnknownCharacters).map(Array.init)
        case .publish(let topic, let isRetained):
            MQTT.encodePublish(topic: topic, payload: Array(joined.utf8), retain: isRetained)
        }
    }

    private static func crlf(_ lines: [String]) -> [UInt8] {
        let end = lines.firstIndex { $0.isEmpty } ?? lines.count
        let body = lines.dropFirst(end + 1).joined(separator: "\r\n")
        var out = ""
        for line in lines.prefix(end) {
            out += line == "Content-Length: *" ? "Content-Length: \(body.utf8.count)" : line
            out += "\r\n"
        }
        return Array((out + "\r\n" + body).utf8)
    }

    private static func hex(_ text: String) -> [UInt8]? {
        var out: [UInt8] = []
        var high: UInt8?
        var isQuoted = false
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") {
                guard high == nil else { return nil }
                isQuoted.toggle()
            } else if isQuoted {
                out.append(byte)
            } else if let digit = Character(UnicodeScalar(byte)).hexDigitValue {
                if let first = high {
                    out.append(first << 4 | UInt8(digit))
                    high = nil
                } else {
                    high = UInt8(digit)
                }
            } else if ![0x20, 0x09, 0x0A, 0x0D].contains(byte) {
                return nil
            }
        }
        return high == nil && !isQuoted ? out : nil
    }
}
