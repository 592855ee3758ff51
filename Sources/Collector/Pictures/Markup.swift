/// HTML or SVG text. Literals are ours; everything interpolated is escaped, because office, service and ticket names are
/// hostile input. Only another `Markup` goes in as it is.
struct Markup: ExpressibleByStringInterpolation, Hashable, Sendable {
    var text: String

    init(stringLiteral value: String) { text = value }
    init(stringInterpolation interpolation: StringInterpolation) { text = interpolation.text }
    init() { text = "" }

    /// Text that is markup already and was not made from outside data.
    init(trusted text: String) { self.text = text }

    struct StringInterpolation: StringInterpolationProtocol {
        var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 8)
        }

        mutating func appendLiteral(_ literal: String) { text += literal }
        mutating func appendInterpolation(_ markup: Markup) { text += markup.text }
        mutating func appendInterpolation(_ string: some StringProtocol) { Markup.escape(string, into: &text) }
        mutating func appendInterpolation(_ integer: some BinaryInteger) { text += String(integer) }
        /// A coordinate: one decimal, `0` for what is no number.
        mutating func appendInterpolation(_ value: Double) { text += Markup.coordinate(value) }
        mutating func appendInterpolation(_ parts: [Markup]) {
            for part in parts { text += part.text }
        }
        mutating func appendInterpolation(_ part: Markup?) {
            if let part { text += part.text }
        }
    }

    static func += (a: inout Markup, b: Markup) { a.text += b.text }
    static func + (a: Markup, b: Markup) -> Markup { Markup(trusted: a.text + b.text) }

    /// Good in element content and in quoted attributes. Characters that XML 1.0 forbids, other controls and those that
    /// reorder text (bidirectional overrides) become a blank: a name must not be able to dress up as another.
    static func escape(_ string: some StringProtocol, into out: inout String) {
        for scalar in string.unicodeScalars {
            switch scalar.value {
            case 0x26: out += "&amp;"
            case 0x3C: out += "&lt;"
            case 0x3E: out += "&gt;"
            case 0x22: out += "&quot;"
            case 0x27: out += "&#39;"
            default:
                if isHarmless(scalar) { out.unicodeScalars.append(scalar) } else { out += " " }
            }
        }
    }

    /// Neither a control, nor a reordering mark, nor outside XML 1.0 §2.2.
    static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFF9...0xFFFF: false
        default: true
        }
    }

    static func coordinate(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e9 else { return "0" }
        let tenths = Int((value * 10).rounded())
        let whole = String(tenths.magnitude / 10)
        let rest = tenths.magnitude % 10
        return (tenths < 0 ? "-" : "") + whole + (rest == 0 ? "" : ".\(rest)")
    }
}

/// How wide a text will be, near enough to lay out by: the fonts are the reader's. Errs on the wide side.
enum TextMeasure {
    static func width(_ text: some StringProtocol, size: Double, bold: Bool = false) -> Double {
        var em = 0.0
        for character in text {
            guard let scalar = character.unicodeScalars.first else { continue }
            switch scalar.value {
            case 0x20, 0xA0, 0x21, 0x27...0x29, 0x2C...0x2F, 0x3A...0x3B, 0x69, 0x6A, 0x6C, 0x7C, 0xB7: em += 0.3
            case 0x66, 0x72, 0x74, 0x49: em += 0.42
            case 0x4D, 0x57, 0x6D, 0x77, 0x25: em += 0.93
            case 0x41...0x5A: em += 0.66
            case 0x30...0x39: em += 0.58
            case 0x1100...0x11FF, 0x2E80...0xFFFF, 0x1F000...0x3FFFF: em += 1.1
            default: em += 0.56
            }
        }
        return em * size * (bold ? 1.08 : 1)
    }

    /// The text cut to a width, with an ellipsis where something is missing. Never more than 400 scalars: one letter can
    /// carry any number of accents.
    static func fitted(_ text: String, width: Double, size: Double, bold: Bool = false) -> String {
        let bounded = String(String.UnicodeScalarView(text.unicodeScalars.prefix(400)))
        if bounded.unicodeScalars.count == text.unicodeScalars.count,
            TextMeasure.width(text, size: size, bold: bold) <= width
        {
            return text
        }
        var kept = ""
        var used = TextMeasure.width("…", size: size, bold: bold)
        for character in bounded {
            used += TextMeasure.width(String(character), size: size, bold: bold)
            if used > width { break }
            kept.append(character)
        }
        while kept.last?.isWhitespace == true || kept.last == "," || kept.last == "·" { kept.removeLast() }
        return kept + "…"
    }

    /// Lines no wider than `width`, broken between parts; parts are joined by ` · `.
    static func lines(_ parts: [String], width: Double, size: Double) -> [String] {
        var lines: [String] = []
        for part in parts {
            if let last = lines.last, TextMeasure.width(last + " · " + part, size: size) <= width {
                lines[lines.count - 1] = last + " · " + part
            } else {
                lines.append(fitted(part, width: width, size: size))
            }
        }
        return lines
    }
}
