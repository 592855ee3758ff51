/// Words about ticket numbers.
public enum Ticket {
    /// A number as visits are keyed by it: blanks and hyphens dropped, ASCII letters in upper case (`a-001 ` → `A001`).
    /// Leading zeros stay: `A1` and `A001` may be two tickets.
    public static func normalise(_ number: String) -> String {
        var isNormal = true
        for byte in number.utf8 where byte <= 0x20 || byte == 0x2D || (0x61...0x7A).contains(byte) || byte >= 0x80 {
            isNormal = false
            break
        }
        if isNormal { return number }
        var out = ""
        for scalar in number.unicodeScalars where !scalar.properties.isWhitespace && scalar != "-" {
            if ("a"..."z").contains(scalar), let upper = UnicodeScalar(scalar.value - 32) {
                out.unicodeScalars.append(upper)
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
