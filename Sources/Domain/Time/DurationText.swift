/// Durations as people write them, in site files, device folders and questions.
public enum DurationText {
    /// `15m`, `90s`, `1h30m`, `1500ms`, `15min`, in milliseconds; `nil` if the text is no duration. At most 24 bytes, each
    /// number of at most eight digits: no sum of them overflows.
    public static func milliseconds(_ text: String) -> Int64? {
        var rest = text[...]
        var total: Int64 = 0
        guard !rest.isEmpty, rest.utf8.count <= 24 else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard (1...8).contains(digits.count), let number = Int64(digits) else { return nil }
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(unit.count)
            switch unit {
            case "h": total += number * 3_600_000
            case "m", "min": total += number * 60_000
            case "s": total += number * 1_000
            case "ms": total += number
            default: return nil
            }
        }
        return total
    }
}
