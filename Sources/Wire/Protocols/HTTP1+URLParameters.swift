extension HTTP1 {
    /// `a=1&b=x%20y` of a target's query or a posted form, unescaped (WHATWG URL section 5.1).
    enum URLParameters {
        static let limit = 64
        static let nameLimit = 64

        /// Adds `<prefix>.<name>` for each; the value of one whose name is a secret's is `redacted`.
        static func add(
            _ prefix: String, _ bytes: borrowing RawSpan, _ range: Range<Int>, to message: inout Message
        ) {
            var index = range.lowerBound
            var count = 0
            while index < range.upperBound, count < limit {
                let stop =
                    bytes.firstIndex(of: UInt8(ascii: "&"), from: index, to: range.upperBound) ?? range.upperBound
                let equals = bytes.firstIndex(of: UInt8(ascii: "="), from: index, to: stop) ?? stop
                if (1...nameLimit).contains(equals - index) {
                    let name = unescaped(bytes, index..<equals)
                    let field = FieldName("\(prefix).\(name)")
                    // As it was meant, not as it was escaped.
                    let plain = Array(name.utf8)
                    if isSecret(plain.span.bytes) {
                        message.add(field, text: "redacted")
                    } else {
                        message.add(field, text: unescaped(bytes, min(equals + 1, stop)..<stop))
                    }
                    count += 1
                }
                index = stop + 1
            }
        }

        /// Whether a parameter of that name holds a secret: `sig` signs an address, whoever has it may use it. `key` is
        /// none: panels of buttons tell by it what was pressed.
        private static func isSecret(_ name: borrowing RawSpan) -> Bool {
            HeaderNames.isSecret(name, in: 0..<name.byteCount)
                || name.byteCount == 3 && name.matches("sig", in: 0..<3)
        }

        /// Whether one of the parameters of an unescaped query does.
        static func hasSecret(_ query: borrowing RawSpan) -> Bool {
            HeaderNames.isSecret(query, in: 0..<query.byteCount)
                || query.byteCount > 3 && query.matches("sig=", in: 0..<4)
                || query.containsAny(of: ["&sig="], in: 0..<query.byteCount)
        }

        static func unescaped(_ bytes: borrowing RawSpan, _ range: Range<Int>) -> String {
            var out: [UInt8] = []
            out.reserveCapacity(range.count)
            var index = range.lowerBound
            while index < range.upperBound {
                let byte = bytes.octet(index)
                if byte == UInt8(ascii: "%"), index + 2 < range.upperBound, let high = bytes.octet(index + 1).hexValue,
                    let low = bytes.octet(index + 2).hexValue
                {
                    out.append(UInt8(high << 4 | low))
                    index += 3
                    continue
                }
                out.append(byte == UInt8(ascii: "+") ? 32 : byte)
                index += 1
            }
            return String(decoding: out, as: UTF8.self)
        }
    }
}
