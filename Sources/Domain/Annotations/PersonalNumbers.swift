/// Numbers that could lead to a person have no place in the log (DOMAIN.md §2, §10).
public enum PersonalNumbers {
    /// Digits of a phone number (9 to 11 with the trunk 0 or the country code) or of an identity card (9 or 12).
    /// Longer runs (bank cards) are refused as well.
    public static let shortest = 9

    /// The first run of nine digits or more, blanks, dots, hyphens and brackets between them left out of the count; `nil`
    /// if there is none. Dates and times of day (`2026-11-10`, `10/11/2026`, `09:10-09:40`) are no such runs.
    public static func first(in text: String) -> String? {
        var run: [UInt8] = []
        var gap = 0
        for scalar in withoutTimes(text) {
            if let digit = digit(scalar) {
                run.append(digit)
                gap = 0
                if run.count > 40 { break }
            } else if !run.isEmpty, isSeparator(scalar), gap < 2 {
                gap += 1
            } else {
                if run.count >= shortest { break }
                run = []
                gap = 0
            }
        }
        return run.count >= shortest ? String(decoding: run.map { $0 + 48 }, as: UTF8.self) : nil
    }

    private static func digit(_ scalar: Unicode.Scalar) -> UInt8? {
        // Digits of every script: full-width ones dial as well.
        guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue else { return nil }
        return (0...9).contains(value) ? UInt8(value) : nil
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case " ", ".", "-", "(", ")", "\u{A0}", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{202F}", "\u{200B}":
            true
        default: false
        }
    }

    /// The text with each date and time of day replaced by a letter.
    private static func withoutTimes(_ text: String) -> [Unicode.Scalar] {
        let scalars = Array(text.unicodeScalars)
        var out: [Unicode.Scalar] = []
        var index = 0
        while index < scalars.count {
            let isAtStart = index == 0 || digit(scalars[index - 1]) == nil
            if isAtStart, let length = timeLength(scalars[index...]) {
                out.append("t")
                index += length
            } else {
                out.append(scalars[index])
                index += 1
            }
        }
        return out
    }

    /// The scalars of a date or time at the beginning: `2026-11-10`, `10/11/2026`, `9:10`, `09:10:30`.
    private static func timeLength(_ rest: ArraySlice<Unicode.Scalar>) -> Int? {
        let shapes: [(groups: [ClosedRange<Int>], marks: [Unicode.Scalar])] = [
            ([4...4, 2...2, 2...2], ["-", "/", "."]), ([1...2, 1...2, 4...4], ["/", "-", "."]),
            ([1...2, 2...2, 2...2], [":"]), ([1...2, 2...2], [":"]),
        ]
        for shape in shapes {
            for mark in shape.marks {
                if let length = length(of: shape.groups, mark, rest) { return length }
            }
        }
        return nil
    }

    private static func length(
        of groups: [ClosedRange<Int>], _ mark: Unicode.Scalar, _ rest: ArraySlice<Unicode.Scalar>
    ) -> Int? {
        var index = rest.startIndex
        for (position, group) in groups.enumerated() {
            if position > 0 {
                guard index < rest.endIndex, rest[index] == mark else { return nil }
                index += 1
            }
            let start = index
            while index < rest.endIndex, digit(rest[index]) != nil { index += 1 }
            guard group.contains(index - start) else { return nil }
            // A year of ours, so that four digits of a longer number are none.
            if group == 4...4, digit(rest[start]) != 2 || digit(rest[start + 1]) != 0 { return nil }
        }
        return index - rest.startIndex
    }
}
