/// A device's own way of writing the time, by the letters of `strptime`: `%d/%m/%Y %H:%M:%S`.
///
/// `%d` and `%e` day, `%m` month, `%b` its English name, `%Y` year, `%y` its last two digits (20xx), `%H` hour, `%I` hour of
/// twelve with `%p` (AM, PM; SA, CH), `%M` minute, `%S` second, `%L` its fraction, `%z` zone, `%%` a percent sign. Leading
/// zeros may be left out, a blank stands for any number of blanks. Without a year it is the nearest one, without a zone
/// the office's, without a time midnight.
public struct StampPattern: Hashable, Sendable {
    enum Piece: Hashable, Sendable {
        case byte(UInt8)
        case blank
        case part(Part)
    }

    enum Part: Character, Hashable, Sendable, CaseIterable {
        case year = "Y"
        case shortYear = "y"
        case month = "m"
        case monthName = "b"
        case day = "d"
        case paddedDay = "e"
        case hour = "H"
        case twelve = "I"
        case half = "p"
        case minute = "M"
        case second = "S"
        case fraction = "L"
        case zone = "z"
    }

    /// What `strptime` has besides, and what to write for it.
    private static let short: [Character: String] = [
        "T": "%H:%M:%S", "R": "%H:%M", "F": "%Y-%m-%d", "D": "%m/%d/%y", "h": "%b", "B": "%b", "k": "%H", "l": "%I",
        "f": "%L", "Z": "%z", "s": "epoch-s",
    ]

    /// As it was written.
    let text: String
    private let pieces: [Piece]
    private let hasYear: Bool

    init(_ text: String) throws(StampFormatError) {
        var pieces: [Piece] = []
        var parts: Set<Part> = []
        var rest = Array(text)[...]
        while let character = rest.popFirst() {
            if character == " " {
                if pieces.last != .blank { pieces.append(.blank) }
            } else if character == "%" {
                let letter = rest.popFirst()
                if letter == "%" {
                    pieces.append(.byte(UInt8(ascii: "%")))
                } else if let part = letter.flatMap(Part.init(rawValue:)) {
                    pieces.append(.part(part))
                    if !parts.insert(part).inserted {
                        throw StampFormatError(message: "'%\(part.rawValue)' comes twice in '\(Words.shown(text))'")
                    }
                } else if let letter, let long = Self.short[letter] {
                    throw StampFormatError(message: "for '%\(letter)' write '\(long)'")
                } else {
                    let known = Part.allCases.map { "%\($0.rawValue)" } + ["%%"]
                    throw StampFormatError(
                        message: Words.unknown("part of a time", "%" + (letter.map(String.init) ?? ""), known: known))
                }
            } else {
                pieces += String(character).utf8.map { .byte($0) }
            }
        }
        let hasDay = parts.contains(.day) || parts.contains(.paddedDay)
        let hasMonth = parts.contains(.month) || parts.contains(.monthName)
        guard hasDay, hasMonth else {
            throw StampFormatError(message: "'\(Words.shown(text))' tells no day; it needs %d and %m, or %d and %b")
        }
        guard parts.contains(.twelve) == parts.contains(.half) else {
            throw StampFormatError(message: "'\(Words.shown(text))' needs %I and %p together")
        }
        guard pieces.count <= 64 else {
            throw StampFormatError(message: "'\(Words.shown(text))' has more than 64 parts")
        }
        self.text = text
        self.pieces = pieces
        hasYear = parts.contains(.year) || parts.contains(.shortYear)
    }

    /// `nil` if the text is not written so.
    func instant(_ start: StampScanner, clock: OfficeClock, heard: Instant) -> Instant? {
        var scanner = start
        var (year, month, day, hour, minute, second, thousandths) = (0, 0, 0, 0, 0, 0, 0)
        var isAfternoon: Bool?
        var zone: Int?
        for piece in pieces {
            switch piece {
            case .byte(let byte): guard scanner.take(byte) else { return nil }
            case .blank: scanner.skipBlanks()
            case .part(let part):
                let read: Int?
                switch part {
                case .year:
                    read = scanner.digits(4, 4)
                    year = read ?? 0
                case .shortYear:
                    read = scanner.digits(2, 2)
                    year = 2_000 + (read ?? 0)
                case .month:
                    read = scanner.digits(1, 2)
                    month = read ?? 0
                case .monthName:
                    read = scanner.monthName()
                    month = read ?? 0
                case .day, .paddedDay:
                    scanner.skipBlanks()
                    read = scanner.digits(1, 2)
                    day = read ?? 0
                case .hour, .twelve:
                    read = scanner.digits(1, 2)
                    hour = read ?? 0
                case .minute:
                    read = scanner.digits(1, 2)
                    minute = read ?? 0
                case .second:
                    read = scanner.digits(1, 2)
                    second = read ?? 0
                case .fraction:
                    read = scanner.fraction()
                    thousandths = read ?? 0
                case .half:
                    isAfternoon = scanner.isAfternoon()
                    read = isAfternoon == nil ? nil : 0
                case .zone:
                    zone = scanner.zone(isStrict: false)
                    read = zone
                }
                guard read != nil else { return nil }
            }
        }
        guard scanner.isAtEnd else { return nil }
        if let isAfternoon {
            guard (1...12).contains(hour) else { return nil }
            hour = hour % 12 + (isAfternoon ? 12 : 0)
        }
        guard hour <= 23, minute <= 59, second <= 60 else { return nil }
        // A leap second is read as the last second of its minute.
        let time = Int64((hour * 60 + minute) * 60 + min(second, 59)) * 1_000 + Int64(thousandths)
        let clock = zone.map { OfficeClock(offsetSeconds: $0) } ?? clock
        guard hasYear else { return StampScanner.nearest(month, day, time, clock: clock, heard: heard) }
        guard let date = LocalDay(year: year, month: month, day: day) else { return nil }
        return clock.instant(date, milliseconds: time)
    }
}

extension StampScanner {
    /// AM or PM, also as Vietnamese clocks say it: SA (sáng), CH (chiều).
    mutating func isAfternoon() -> Bool? {
        guard let first = next else { return nil }
        let isAfternoon: Bool
        let second: [UInt8]
        switch first | 0x20 {
        case UInt8(ascii: "a"): (isAfternoon, second) = (false, [UInt8(ascii: "m")])
        case UInt8(ascii: "p"): (isAfternoon, second) = (true, [UInt8(ascii: "m")])
        case UInt8(ascii: "s"): (isAfternoon, second) = (false, [UInt8(ascii: "a")])
        case UInt8(ascii: "c"): (isAfternoon, second) = (true, [UInt8(ascii: "h")])
        default: return nil
        }
        guard take(first), let last = next, second.contains(last | 0x20), take(last) else { return nil }
        return isAfternoon
    }
}
