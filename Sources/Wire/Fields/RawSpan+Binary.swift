/// Binary values as people write them.
extension RawSpan {
    /// `0a1b` or, with a separator, `0a:1b`.
    func hexadecimal(_ range: Range<Int>, separator: String = "") -> String {
        var out = ""
        out.reserveCapacity(range.count * 3)
        for index in range {
            if index > range.lowerBound { out += separator }
            let byte = octet(index)
            out += byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
        }
        return out
    }

    /// `192.0.2.1`, of four bytes.
    func dottedAddress(_ range: Range<Int>) -> String {
        range.map { String(octet($0)) }.joined(separator: ".")
    }

    /// Whether the bytes are UTF-8 without control characters but tabs and line ends; a NUL at the end is allowed, for
    /// some devices send one.
    func isPlainText(_ range: Range<Int>) -> Bool {
        let text = withoutNul(range)
        for index in text {
            let byte = octet(index)
            if byte < 32 && !byte.isTextBlank || byte == 127 { return false }
        }
        return isUTF8(text)
    }

    /// The range without one NUL at its end.
    func withoutNul(_ range: Range<Int>) -> Range<Int> {
        guard let last = range.last, octet(last) == 0 else { return range }
        return range.lowerBound..<last
    }

    /// Whether the bytes are well-formed UTF-8 (RFC 3629 section 4).
    func isUTF8(_ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        while index < range.upperBound {
            let first = octet(index)
            let count: Int
            switch first {
            case 0..<0x80: count = 1
            case 0xC2...0xDF: count = 2
            case 0xE0...0xEF: count = 3
            case 0xF0...0xF4: count = 4
            default: return false
            }
            guard index + count <= range.upperBound else { return false }
            for offset in 1..<max(count, 1) where octet(index + offset) & 0xC0 != 0x80 { return false }
            let second = octet(index + 1)
            switch first {
            case 0xE0 where second < 0xA0, 0xED where second > 0x9F, 0xF0 where second < 0x90, 0xF4 where second > 0x8F:
                return false
            default: break
            }
            index += count
        }
        return true
    }
}
