extension HTTP1 {
    /// What the head of a part says.
    struct PartHead {
        private(set) var length: Int?
        private(set) var isMedia = false
        private(set) var isText = false

        init(_ bytes: borrowing RawSpan) {
            var index = 0
            while index < bytes.byteCount {
                let (stop, next) = TextHead.field(bytes, from: index, to: bytes.byteCount)
                if let colon = bytes.firstIndex(of: UInt8(ascii: ":"), from: index, to: stop) {
                    let name = bytes.trimmed(index..<colon)
                    let value = bytes.trimmed(colon + 1..<stop)
                    if bytes.matches("content-length", in: name) {
                        length = bytes.decimal(value)
                    } else if bytes.matches("content-type", in: name) {
                        let slash = bytes.firstIndex(of: 47, from: value.lowerBound, to: value.upperBound)
                        let kind = value.lowerBound..<(slash ?? value.upperBound)
                        isText = bytes.matches("text", in: kind)
                        isMedia =
                            bytes.matches("image", in: kind) || bytes.matches("video", in: kind)
                            || bytes.matches("audio", in: kind) || bytes.matches("application/octet-stream", in: value)
                    }
                }
                index = next
            }
        }

        /// Adds the headers in `bytes[..<end]`, and the name that a form gives the part.
        static func addFields(_ bytes: borrowing RawSpan, to end: Int, _ message: inout Message) {
            Head.addHeaders(bytes, from: 0, to: end, &message)
            guard let value = message.textBytes("header.content-disposition") else { return }
            let text = Array(value)
            for (key, field) in [("name", Field.name), ("filename", Field.filename)] {
                if let found = Parameters.value(of: key, in: text.span.bytes) { message.add(field, text: found) }
            }
        }
    }

    /// Parameters behind `;` of a header's value (RFC 9110 section 5.6.6).
    enum Parameters {
        static func value(of name: String, in bytes: borrowing RawSpan) -> String? {
            var index = 0
            let end = bytes.byteCount
            while let semicolon = bytes.firstIndex(of: UInt8(ascii: ";"), from: index) {
                index = bytes.skip(from: semicolon + 1, to: end, while: \.isTextBlank)
                let key = index
                index = bytes.skip(from: index, to: end, while: \.isTokenByte)
                let found = bytes.text(key..<index).lowercased() == name
                index = bytes.skip(from: index, to: end) { $0.isTextBlank || $0 == UInt8(ascii: "=") }
                guard bytes.octet(index) == UInt8(ascii: "\"") else {
                    let start = index
                    index = bytes.skip(from: index, to: end) { $0 != UInt8(ascii: ";") && !$0.isTextBlank }
                    if found { return bytes.text(start..<index) }
                    continue
                }
                var value: [UInt8] = []
                index += 1
                while index < end, bytes.octet(index) != UInt8(ascii: "\"") {
                    if bytes.octet(index) == UInt8(ascii: "\\"), index + 1 < end { index += 1 }
                    value.append(bytes.octet(index))
                    index += 1
                }
                if found { return String(decoding: value, as: UTF8.self) }
            }
            return nil
        }
    }
}
