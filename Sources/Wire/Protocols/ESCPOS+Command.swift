extension ESCPOS {
    /// What one command does to the text, as far as that matters here.
    enum Action: Hashable, Sendable {
        case nothing
        case initialise
        /// `ESC !` and `GS !`.
        case mode(UInt8)
        case size(UInt8)
        /// `ESC t`, and `FS ( C` for UTF-8.
        case page(UInt8)
        case unicode(Bool)
        case newLine
        case cut
        /// Parameters or data of that many bytes follow, of an image, of a code, or of anything else.
        case data(Int)
        case image(Int)
        case code(Int)
        /// A barcode of the older form: its data ends with a NUL.
        case codeUntilNul
        /// `ESC &`: so many characters follow, each its width, then width times height bytes.
        case glyphs(count: Int, height: Int)
        /// `FS q`: so many images follow, each with its own size.
        case storedImages(Int)
        /// Something that the printer answers.
        case query(UInt8)
        case unknown
    }

    /// The command at `index` and its length without the data that follows, or `nil` if it is not whole. The byte at
    /// `index` is a control character.
    static func command(_ bytes: borrowing RawSpan, at index: Int) -> (length: Int, action: Action)? {
        switch bytes.octet(index) {
        case 0x0A: return (1, .newLine)
        case 0x0C: return (1, .newLine)
        case 0x10: return realTime(bytes, index)
        case 0x1B: return escape(bytes, index)
        case 0x1C: return field(bytes, index)
        case 0x1D: return group(bytes, index)
        default: return (1, .nothing)
        }
    }

    private static func fixed(
        _ bytes: borrowing RawSpan, _ index: Int, _ length: Int, _ action: Action = .nothing
    ) -> (Int, Action)? {
        index + length <= bytes.byteCount ? (length, action) : nil
    }

    /// A number of two bytes, low byte first.
    private static func little(_ bytes: borrowing RawSpan, _ index: Int) -> Int {
        Int(bytes.octet(index)) | Int(bytes.octet(index + 1)) << 8
    }

    // MARK: DLE

    private static func realTime(_ bytes: borrowing RawSpan, _ index: Int) -> (Int, Action)? {
        guard index + 2 < bytes.byteCount else { return nil }
        let third = bytes.octet(index + 2)
        switch bytes.octet(index + 1) {
        case 0x04: return third == 7 || third == 8 ? fixed(bytes, index, 4, .query(0)) : (3, .query(third))
        case 0x05: return (3, .nothing)
        case 0x14:
            switch third {
            case 1, 2: return fixed(bytes, index, 5)
            case 3: return fixed(bytes, index, 8)
            case 8: return fixed(bytes, index, 10)
            default: return fixed(bytes, index, 4)
            }
        default: return (1, .nothing)
        }
    }

    // MARK: ESC

    private static func escape(_ bytes: borrowing RawSpan, _ index: Int) -> (Int, Action)? {
        guard index + 1 < bytes.byteCount else { return nil }
        let first = bytes.octet(index + 2)
        switch bytes.octet(index + 1) {
        case UInt8(ascii: "@"): return (2, .initialise)
        case UInt8(ascii: "!"): return fixed(bytes, index, 3, .mode(first))
        case UInt8(ascii: "t"): return fixed(bytes, index, 3, .page(first))
        // Cuts of older printers.
        case UInt8(ascii: "i"), UInt8(ascii: "m"): return (2, .cut)
        case UInt8(ascii: "2"), UInt8(ascii: "<"), UInt8(ascii: "L"), UInt8(ascii: "S"): return (2, .nothing)
        case 0x0C: return (2, .newLine)
        case UInt8(ascii: "d"), UInt8(ascii: "J"), UInt8(ascii: "e"), UInt8(ascii: "K"):
            return fixed(bytes, index, 3, .newLine)
        case 0x20, UInt8(ascii: "-"), UInt8(ascii: "%"), UInt8(ascii: "3"), UInt8(ascii: "="), UInt8(ascii: "?"),
            UInt8(ascii: "A"), UInt8(ascii: "E"), UInt8(ascii: "G"), UInt8(ascii: "M"), UInt8(ascii: "R"),
            UInt8(ascii: "T"), UInt8(ascii: "U"), UInt8(ascii: "V"), UInt8(ascii: "a"), UInt8(ascii: "r"),
            UInt8(ascii: "{"), UInt8(ascii: "9"):
            return fixed(bytes, index, 3)
        case UInt8(ascii: "u"), UInt8(ascii: "I"): return fixed(bytes, index, 3, .query(0))
        case UInt8(ascii: "v"): return (2, .query(0))
        case UInt8(ascii: "$"), UInt8(ascii: "\\"), UInt8(ascii: "B"), UInt8(ascii: "c"), UInt8(ascii: "f"):
            return fixed(bytes, index, 4)
        case UInt8(ascii: "p"): return fixed(bytes, index, 5)
        case UInt8(ascii: "W"): return fixed(bytes, index, 10)
        case UInt8(ascii: "*"):
            // 8-dot modes have a byte a column, 24-dot modes three.
            let columns = little(bytes, index + 3)
            return fixed(bytes, index, 5, .image(first == 32 || first == 33 ? 3 * columns : columns))
        case UInt8(ascii: "D"):
            // At most 32 tab stops, until a NUL.
            for offset in 2..<35 {
                guard index + offset < bytes.byteCount else { return nil }
                if bytes.octet(index + offset) == 0 { return (offset + 1, .nothing) }
            }
            return (2, .unknown)
        case UInt8(ascii: "&"):
            let codes = Int(bytes.octet(index + 4)) - Int(bytes.octet(index + 3)) + 1
            return fixed(bytes, index, 5, .glyphs(count: max(0, codes), height: Int(first)))
        case UInt8(ascii: "("): return fixed(bytes, index, 5, .data(little(bytes, index + 3)))
        // A QR code of Chinese printers: version, level, size, then a length.
        case UInt8(ascii: "Z"): return fixed(bytes, index, 7, .code(little(bytes, index + 5)))
        default: return (2, .unknown)
        }
    }

    // MARK: FS

    private static func field(_ bytes: borrowing RawSpan, _ index: Int) -> (Int, Action)? {
        guard index + 1 < bytes.byteCount else { return nil }
        switch bytes.octet(index + 1) {
        case UInt8(ascii: "&"), UInt8(ascii: "."): return (2, .nothing)
        case UInt8(ascii: "!"), UInt8(ascii: "-"), UInt8(ascii: "C"), UInt8(ascii: "W"):
            return fixed(bytes, index, 3)
        case UInt8(ascii: "?"), UInt8(ascii: "S"): return fixed(bytes, index, 4)
        case UInt8(ascii: "p"): return fixed(bytes, index, 4, .image(0))
        case UInt8(ascii: "2"): return fixed(bytes, index, 4, .data(72))
        case UInt8(ascii: "q"): return fixed(bytes, index, 3, .storedImages(Int(bytes.octet(index + 2))))
        case UInt8(ascii: "g"):
            // Writing to, and reading from, the printer's own memory: only what is written has data.
            let count = bytes.octet(index + 2) == UInt8(ascii: "1") ? little(bytes, index + 8) : 0
            return fixed(bytes, index, 10, .data(count))
        case UInt8(ascii: "("):
            guard index + 4 < bytes.byteCount else { return nil }
            let count = little(bytes, index + 3)
            guard bytes.octet(index + 2) == UInt8(ascii: "C"), count == 2 else { return (5, .data(count)) }
            guard index + 6 < bytes.byteCount else { return nil }
            let isEncoding = bytes.octet(index + 5) == 48
            let value = bytes.octet(index + 6)
            return (7, isEncoding ? .unicode(value == 2 || value == 50) : .nothing)
        default: return (2, .unknown)
        }
    }

    // MARK: GS

    private static func group(_ bytes: borrowing RawSpan, _ index: Int) -> (Int, Action)? {
        guard index + 1 < bytes.byteCount else { return nil }
        let first = bytes.octet(index + 2)
        switch bytes.octet(index + 1) {
        case UInt8(ascii: "!"): return fixed(bytes, index, 3, .size(first))
        case UInt8(ascii: "V"):
            guard index + 2 < bytes.byteCount else { return nil }
            // 0, 1, '0' and '1' cut here; 'A', 'B' and their like feed n first, or later.
            return [0, 1, 48, 49].contains(first) ? (3, .cut) : fixed(bytes, index, 4, .cut)
        case UInt8(ascii: ":"), UInt8(ascii: "c"): return (2, .nothing)
        case UInt8(ascii: "/"): return fixed(bytes, index, 3, .image(0))
        case UInt8(ascii: "B"), UInt8(ascii: "E"), UInt8(ascii: "H"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "h"), UInt8(ascii: "w"), UInt8(ascii: "x"), UInt8(ascii: "T"):
            return fixed(bytes, index, 3)
        case UInt8(ascii: "I"), UInt8(ascii: "a"), UInt8(ascii: "r"): return fixed(bytes, index, 3, .query(0))
        case UInt8(ascii: "$"), UInt8(ascii: "L"), UInt8(ascii: "P"), UInt8(ascii: "W"), UInt8(ascii: "\\"):
            return fixed(bytes, index, 4)
        case UInt8(ascii: "^"), UInt8(ascii: "z"): return fixed(bytes, index, 5)
        case UInt8(ascii: "g"): return fixed(bytes, index, 6, first == UInt8(ascii: "2") ? .query(0) : .nothing)
        case UInt8(ascii: "C"):
            switch first {
            case UInt8(ascii: "0"): return fixed(bytes, index, 5)
            case UInt8(ascii: "1"): return fixed(bytes, index, 9)
            case UInt8(ascii: "2"): return fixed(bytes, index, 5)
            default: return fixed(bytes, index, 3)
            }
        case UInt8(ascii: "*"):
            let count = Int(first) * Int(bytes.octet(index + 3)) * 8
            return fixed(bytes, index, 4, .data(count))
        case UInt8(ascii: "v"):
            return fixed(bytes, index, 8, .image(little(bytes, index + 4) * little(bytes, index + 6)))
        case UInt8(ascii: "Q"):
            let rows = (little(bytes, index + 6) + 7) / 8
            return fixed(bytes, index, 8, .image(little(bytes, index + 4) * rows))
        case UInt8(ascii: "("): return blocks(bytes, index)
        case UInt8(ascii: "8"):
            // The long form of `GS ( L`, with a length of four bytes: it stores what a short one then prints.
            let count = little(bytes, index + 3) | little(bytes, index + 5) << 16
            return fixed(bytes, index, 7, .data(count))
        case UInt8(ascii: "k"):
            guard index + 2 < bytes.byteCount else { return nil }
            return first <= 6 ? (3, .codeUntilNul) : fixed(bytes, index, 4, .code(Int(bytes.octet(index + 3))))
        default: return (2, .unknown)
        }
    }

    /// `GS ( x pL pH …`. Graphics and codes are counted where they are printed, functions 50 and 81.
    private static func blocks(_ bytes: borrowing RawSpan, _ index: Int) -> (Int, Action)? {
        guard index + 4 < bytes.byteCount else { return nil }
        let count = little(bytes, index + 3)
        switch bytes.octet(index + 2) {
        case UInt8(ascii: "L"), UInt8(ascii: "k"):
            guard count >= 2 else { return (5, .data(count)) }
            guard index + 6 < bytes.byteCount else { return nil }
            let function = bytes.octet(index + 6)
            if bytes.octet(index + 2) == UInt8(ascii: "k") {
                return (7, function == 81 ? .code(count - 2) : .data(count - 2))
            }
            return (7, function == 2 || function == 50 ? .image(count - 2) : .data(count - 2))
        default: return (5, .data(count))
        }
    }
}
