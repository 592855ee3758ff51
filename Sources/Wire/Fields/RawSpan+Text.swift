/// Reading text protocols byte by byte. Nothing here traps: what lies outside the span reads as NUL, which no text
/// format allows, so that a missing byte and a wrong byte are the same case for the caller.
extension RawSpan {
    @inline(__always)
    func octet(_ index: Int) -> UInt8 {
        guard index >= 0, index < byteCount else { return 0 }
        return unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
    }

    /// The first `byte` in `from..<end` (clamped to the span).
    ///
    /// Eight bytes at a time: a word xor the byte eight times over has a zero byte where the byte stands, and the
    /// lowest zero byte of a word is found without looking at each (Mycroft's test; exact up to that byte).
    func firstIndex(of byte: UInt8, from: Int, to end: Int = .max) -> Int? {
        var index = Swift.max(0, from)
        let end = Swift.min(end, byteCount)
        let wanted = UInt64(byte) &* 0x0101_0101_0101_0101
        while end &- index >= 8 {
            let word =
                UInt64(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)) ^ wanted
            let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            if zeros != 0 { return index &+ zeros.trailingZeroBitCount / 8 }
            index &+= 8
        }
        while index < end {
            if unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self) == byte { return index }
            index &+= 1
        }
        return nil
    }

    /// The first index in `from..<end` whose byte is none of `predicate`'s; `end` if all are.
    @inline(__always)
    func skip(from: Int, to end: Int, while predicate: (UInt8) -> Bool) -> Int {
        var index = Swift.max(0, from)
        let end = Swift.min(end, byteCount)
        while index < end, predicate(unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)) { index &+= 1 }
        return index
    }

    /// Whether the bytes at `index` are exactly `text`.
    func holds(_ text: StaticString, at index: Int) -> Bool {
        guard index >= 0, byteCount &- index >= text.utf8CodeUnitCount else { return false }
        let wanted = text.utf8Start
        for offset in 0..<text.utf8CodeUnitCount
        where unsafeLoad(fromUncheckedByteOffset: index &+ offset, as: UInt8.self) != wanted[offset] { return false }
        return true
    }

    /// Whether the first `count` bytes are the first ones of `text`, which must be as long.
    func begin(_ text: StaticString, _ count: Int) -> Bool {
        guard count <= byteCount, count <= text.utf8CodeUnitCount else { return false }
        for offset in 0..<count where octet(offset) != text.utf8Start[offset] { return false }
        return true
    }

    /// Whether the bytes of `range` are `text`, ASCII letters compared without case; `text` must be lower case.
    func matches(_ text: StaticString, in range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount, range.lowerBound >= 0, range.upperBound <= byteCount else {
            return false
        }
        let wanted = text.utf8Start
        for offset in 0..<range.count
        where unsafeLoad(fromUncheckedByteOffset: range.lowerBound &+ offset, as: UInt8.self).asciiLowercased
            != wanted[offset]
        { return false }
        return true
    }

    /// Whether one of `texts` stands anywhere in `range`, ASCII letters compared without case; the texts must be lower
    /// case and none may be empty.
    func containsAny(of texts: [StaticString], in range: Range<Int>) -> Bool {
        let range = range.clamped(to: 0..<byteCount)
        for index in range {
            let first = octet(index).asciiLowercased
            for text in texts where text.utf8Start.pointee == first {
                let end = index &+ text.utf8CodeUnitCount
                if end <= range.upperBound, matches(text, in: index..<end) { return true }
            }
        }
        return false
    }

    /// `range` without the bytes at its ends that are blanks, tabs, CR or LF.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var low = range.lowerBound
        var high = range.upperBound
        guard low >= 0, high <= byteCount else {
            while low < high, octet(low).isTextBlank { low &+= 1 }
            while high > low, octet(high &- 1).isTextBlank { high &-= 1 }
            return low..<high
        }
        while low < high, unsafeLoad(fromUncheckedByteOffset: low, as: UInt8.self).isTextBlank { low &+= 1 }
        while high > low, unsafeLoad(fromUncheckedByteOffset: high &- 1, as: UInt8.self).isTextBlank { high &-= 1 }
        return low..<high
    }

    /// The decimal number that is all of `range`; `nil` if anything else is there, or more than nine digits.
    func decimal(_ range: Range<Int>) -> Int? {
        guard (1...9).contains(range.count) else { return nil }
        var value = 0
        for index in range {
            guard octet(index).isDigit else { return nil }
            value = value &* 10 &+ Int(octet(index) &- 48)
        }
        return value
    }

    /// The text of `range`, clamped to the span; bytes that are not UTF-8 become U+FFFD.
    func text(_ range: Range<Int>) -> String {
        withUnsafeBytes { bytes in
            String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
        }
    }
}

extension UInt8 {
    var isDigit: Bool { self &- 48 < 10 }
    var isUppercase: Bool { self &- 65 < 26 }
    var isLetter: Bool { (self | 32) &- 97 < 26 }
    var asciiLowercased: UInt8 { isUppercase ? self | 32 : self }
    /// Blank, tab, CR or LF.
    var isTextBlank: Bool { self == 32 || self == 9 || self == 13 || self == 10 }
    /// A byte of a `token` of RFC 9110 section 5.6.2 and RFC 3261 section 25.1 (both sets together).
    var isTokenByte: Bool {
        if isDigit || isLetter { return true }
        switch self {
        case 33, 35, 36, 37, 38, 39, 42, 43, 45, 46, 94, 95, 96, 124, 126: return true  // !#$%&'*+-.^_`|~
        default: return false
        }
    }
    var hexValue: Int? {
        switch self {
        case 48...57: Int(self) - 48
        case 65...70: Int(self) - 55
        case 97...102: Int(self) - 87
        default: nil
        }
    }
}
