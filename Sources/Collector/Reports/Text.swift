/// One line of CSV without its end (RFC 4180): quoted where it must be.
func csvLine(_ cells: [String]) -> String {
    cells.map { cell in
        cell.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
            ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
    }.joined(separator: ",")
}

/// Text from outside without what a terminal would obey.
func printable(_ text: String) -> String {
    String(
        String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }))
}

/// Terminal columns: a letter with its diacritics is one, composed or not; East Asian wide characters are two.
func displayWidth(_ text: String) -> Int {
    text.reduce(0) { width, character in
        guard let scalar = character.unicodeScalars.first else { return width }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return width + 2
        default: return width + 1
        }
    }
}

/// `0.4 s`, `12 s`, `4 m 05 s`, `1 h 04 m`, `3 d 07 h`.
func durationText(_ milliseconds: Int64) -> String {
    let sign = milliseconds < 0 ? "-" : ""
    let value = Int64(clamping: milliseconds.magnitude)
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    if value < 10_000 {
        let tenths = (value + 50) / 100
        return sign + (tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s")
    }
    let seconds = value / 1_000 + (value % 1_000 >= 500 ? 1 : 0)
    if seconds < 60 { return sign + "\(seconds) s" }
    if seconds < 3_600 { return sign + "\(seconds / 60) m \(two(seconds % 60)) s" }
    if seconds >= 172_800 { return sign + "\(seconds / 86_400) d \(two(seconds / 3_600 % 24)) h" }
    return sign + "\(seconds / 3_600) h \(two(seconds / 60 % 60)) m"
}

/// `4.2 %`.
func percentText(_ share: Double) -> String {
    guard share.isFinite, share.magnitude < 1e9 else { return "no data" }
    let tenths = Int64((share * 1_000).rounded())
    return (tenths < 0 ? "-" : "") + "\(tenths.magnitude / 10).\(tenths.magnitude % 10) %"
}
