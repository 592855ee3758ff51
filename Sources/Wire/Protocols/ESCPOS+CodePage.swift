/// What the bytes above 7F mean to a ticket printer.
enum CodePage: Sendable, CaseIterable {
    case pc437, pc850, pc852, pc858, pc866, wpc1250, wpc1251, wpc1252, latin9
    /// Windows' Vietnamese page: tones are characters of their own, behind their vowel.
    case wpc1258
    /// TCVN 5712 (VN3) and the same codes with capital letters, as the two fonts of that standard have them.
    case tcvn3, tcvn3Capitals
    case viscii
    case utf8
    /// A page number that vendors use for Vietnamese without saying which encoding: the text decides.
    case vietnamese

    /// The page that `ESC t n` selects, by Epson's numbers. 27 is what Chinese printers sold in Vietnam use for
    /// Windows-1258 or TCVN-3; a number that is not listed is also left to the text.
    init(selected number: UInt8) {
        self =
            switch number {
            case 0: .pc437
            case 2: .pc850
            case 16: .wpc1252
            case 17: .pc866
            case 18: .pc852
            case 19: .pc858
            case 30: .tcvn3
            case 31: .tcvn3Capitals
            case 40: .latin9
            case 45: .wpc1250
            case 46: .wpc1251
            case 52: .wpc1258
            default: .vietnamese
            }
    }

    private static let tables: [[Unicode.Scalar]] = allCases.map { Array(upperHalf(of: $0).unicodeScalars) }

    private var scalars: [Unicode.Scalar] {
        switch self {
        case .pc437: Self.tables[0]
        case .pc850: Self.tables[1]
        case .pc852: Self.tables[2]
        case .pc858: Self.tables[3]
        case .pc866: Self.tables[4]
        case .wpc1250: Self.tables[5]
        case .wpc1251: Self.tables[6]
        case .wpc1252: Self.tables[7]
        case .latin9: Self.tables[8]
        case .wpc1258: Self.tables[9]
        case .tcvn3, .tcvn3Capitals: Self.tables[10]
        case .viscii: Self.tables[12]
        case .utf8, .vietnamese: []
        }
    }

    /// The text of bytes without control characters. Well-formed UTF-8 with characters of several bytes is read as
    /// that whatever page was selected: software that sends it does not select, and no page makes sense of it.
    func text(_ bytes: [UInt8]) -> String {
        if bytes.allSatisfy({ $0 < 128 }) { return String(decoding: bytes, as: UTF8.self) }
        if self == .utf8 || bytes.span.bytes.isUTF8(0..<bytes.count) { return String(decoding: bytes, as: UTF8.self) }
        if self == .vietnamese { return Self.likeliest(bytes).text(bytes) }
        let table = scalars
        var out = String.UnicodeScalarView()
        for byte in bytes {
            let index = Int(byte) - 128
            if index < 0 {
                out.append(Unicode.Scalar(byte))
            } else {
                out.append(table.indices.contains(index) ? table[index] : "\u{FFFD}")
            }
        }
        let text = Vietnamese.composed(out)
        return self == .tcvn3Capitals ? text.uppercased() : text
    }

    /// Of the three Vietnamese encodings the one that makes the fewest oddities of the bytes; the first of equals.
    private static func likeliest(_ bytes: [UInt8]) -> CodePage {
        var best = CodePage.wpc1258
        var fewest = Int.max
        for (page, kinds) in candidates {
            let oddities = Vietnamese.oddities(bytes, kinds)
            if oddities < fewest {
                fewest = oddities
                best = page
            }
        }
        return best
    }

    private static let candidates: [(page: CodePage, kinds: [Vietnamese.Kind])] = [
        CodePage.wpc1258, .tcvn3, .viscii,
    ].map { page in
        let ascii = (0..<128).map { Unicode.Scalar(UInt8($0)) }
        return (page, (ascii + page.scalars).map(Vietnamese.kind))
    }
}

/// Vietnamese letters.
enum Vietnamese {
    /// Each vowel, and with grave, acute, tilde, hook above and dot below.
    private static let rows = [
        "aàáãảạ", "ăằắẵẳặ", "âầấẫẩậ", "eèéẽẻẹ", "êềếễểệ", "iìíĩỉị", "oòóõỏọ", "ôồốỗổộ", "ơờớỡởợ", "uùúũủụ",
        "ưừứữửự", "yỳýỹỷỵ", "AÀÁÃẢẠ", "ĂẰẮẴẲẶ", "ÂẦẤẪẨẬ", "EÈÉẼẺẸ", "ÊỀẾỄỂỆ", "IÌÍĨỈỊ", "OÒÓÕỎỌ", "ÔỒỐỖỔỘ",
        "ƠỜỚỠỞỢ", "UÙÚŨỦỤ", "ƯỪỨỮỬỰ", "YỲÝỸỶỴ",
    ].map { Array($0.unicodeScalars) }

    private static let tones: [Unicode.Scalar] = ["\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"]

    private static let letters = Set(rows.joined()).union("đĐ".unicodeScalars)
    private static let toned = Set(rows.flatMap { $0.dropFirst() })

    /// A tone behind its vowel becomes one letter with it, as everybody else writes.
    static func composed(_ scalars: String.UnicodeScalarView) -> String {
        var out = String.UnicodeScalarView()
        for scalar in scalars {
            if let tone = tones.firstIndex(of: scalar), let vowel = out.last,
                let row = rows.first(where: { $0.first == vowel })
            {
                out.removeLast()
                out.append(row[tone + 1])
            } else {
                out.append(scalar)
            }
        }
        return String(out)
    }

    /// What a character is to Vietnamese spelling.
    struct Kind: OptionSet, Sendable {
        let rawValue: UInt8

        static let vowel = Kind(rawValue: 1)
        static let capital = Kind(rawValue: 2)
        static let small = Kind(rawValue: 4)
        /// A vowel with its tone, or a tone of its own.
        static let toned = Kind(rawValue: 8)
        static let tone = Kind(rawValue: 16)
        /// A letter or sign beyond ASCII that there is not.
        static let foreign = Kind(rawValue: 32)
    }

    static func kind(_ scalar: Unicode.Scalar) -> Kind {
        if tones.contains(scalar) { return [.tone, .toned] }
        var kind: Kind = []
        if scalar.value > 127, !letters.contains(scalar) { kind.insert(.foreign) }
        if toned.contains(scalar) { kind.insert(.toned) }
        if rows.contains(where: { $0.first == scalar }) { kind.insert(.vowel) }
        if scalar.properties.isUppercase { kind.insert(.capital) }
        if scalar.properties.isLowercase { kind.insert(.small) }
        return kind
    }

    /// What Vietnamese text does not have: foreign letters and signs, a capital behind a small letter, two tones side
    /// by side, a tone without its vowel. `kinds` has one for each byte.
    static func oddities(_ bytes: [UInt8], _ kinds: [Kind]) -> Int {
        var count = 0
        var last: Kind = []
        for byte in bytes where kinds.indices.contains(Int(byte)) {
            let kind = kinds[Int(byte)]
            if kind.contains(.foreign) { count += 1 }
            if byte > 127, kind.contains(.capital), last.contains(.small) { count += 1 }
            if kind.contains(.toned), last.contains(.toned) { count += 1 }
            if kind.contains(.tone) {
                if !last.contains(.vowel) { count += 1 }
                last = [.toned, .small]
            } else {
                last = kind
            }
        }
        return count
    }
}
