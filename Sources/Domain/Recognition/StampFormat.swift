/// How devices write the time. Nothing here asks a calendar or a clock: what a text leaves out (the zone, the year)
/// comes from the office's clock and from the moment the message was heard.
public enum StampFormat: Hashable, Sendable {
    /// RFC 3339: `2026-11-10T07:31:02.104+07:00`; a zone is required.
    case rfc3339
    /// ISO 8601 as found in the wild: also `+0700`, `+07`, a blank for `T`, no seconds, and no zone (local time then).
    case iso8601
    /// The same where no zone means UTC (ONVIF's `UtcTime`).
    case iso8601UTC
    /// RFC 3164: `Nov 10 07:31:02`, local time, the year that is nearest to the moment it was heard.
    case rfc3164
    /// What a syslog line begins with: RFC 5424's time, or RFC 3164's.
    case syslog
    /// Seconds since 1970, with or without a fraction.
    case epochSeconds
    /// Milliseconds since 1970.
    case epochMilliseconds
    /// As a pattern says: `%d/%m/%Y %H:%M:%S`.
    case written(StampPattern)

    private static let named: [(name: String, format: StampFormat)] = [
        ("rfc3339", .rfc3339), ("iso8601", .iso8601), ("iso8601-utc", .iso8601UTC), ("rfc3164", .rfc3164),
        ("syslog", .syslog),
        ("epoch-s", .epochSeconds), ("epoch-ms", .epochMilliseconds),
    ]
    public static let names = named.map(\.name)

    /// Reads a name, or a pattern if there is a `%` in it. Throws what is wrong with it.
    public init(_ text: String) throws(StampFormatError) {
        if text.contains("%") {
            self = .written(try StampPattern(text))
        } else if let known = Self.named.first(where: { $0.name == text }) {
            self = known.format
        } else {
            throw StampFormatError(
                message: Words.unknown("time format", text, known: Self.names)
                    + ", or a pattern like %d/%m/%Y %H:%M:%S")
        }
    }

    /// What a profile calls it.
    public var name: String {
        if case .written(let pattern) = self { return pattern.text }
        return Self.named.first { $0.format == self }?.name ?? ""
    }

    /// `nil` if the text is not of this format.
    public func instant(of text: String, clock: OfficeClock, heard: Instant) -> Instant? {
        instant(StampScanner(text), clock: clock, heard: heard)
    }

    /// The same for text that stands in a message.
    func instant(of text: borrowing Span<UInt8>, clock: OfficeClock, heard: Instant) -> Instant? {
        instant(StampScanner(text), clock: clock, heard: heard)
    }

    private func instant(_ start: StampScanner, clock: OfficeClock, heard: Instant) -> Instant? {
        var scanner = start
        switch self {
        case .rfc3339:
            return scanner.dateTime(clock: clock, isStrict: true)
        case .iso8601:
            return scanner.dateTime(clock: clock, isStrict: false)
        case .iso8601UTC:
            return scanner.dateTime(clock: OfficeClock(offsetSeconds: 0), isStrict: false)
        case .rfc3164:
            return scanner.legacy(clock: clock, heard: heard)
        case .syslog:
            if let instant = scanner.dateTime(clock: clock, isStrict: false) { return instant }
            scanner = start
            return scanner.legacy(clock: clock, heard: heard)
        case .written(let pattern):
            return pattern.instant(start, clock: clock, heard: heard)
        case .epochSeconds:
            guard let (seconds, fraction) = scanner.decimal(), scanner.isAtEnd,
                abs(seconds) <= 253_402_300_799
            else { return nil }
            return Instant(milliseconds: seconds * 1_000 + fraction)
        case .epochMilliseconds:
            guard let (value, _) = scanner.decimal(), scanner.isAtEnd, abs(value) <= 253_402_300_799_999
            else { return nil }
            return Instant(milliseconds: value)
        }
    }
}

/// What is wrong with the name or the pattern of a time format.
public struct StampFormatError: Error, Hashable, Sendable {
    public var message: String
}

/// Reads times byte by byte; linear, and nothing traps.
struct StampScanner {
    /// Longer texts are no times.
    private static let limit = 64

    private var bytes = InlineArray<64, UInt8>(repeating: 0)
    private var count = 0
    private var index = 0

    init(_ text: String) {
        if text.utf8.count <= Self.limit { for byte in text.utf8 { add(byte) } }
        skipBlanks()
    }

    init(_ text: borrowing Span<UInt8>) {
        if text.count <= Self.limit { for index in 0..<text.count { add(text[index]) } }
        skipBlanks()
    }

    private mutating func add(_ byte: UInt8) {
        guard count < Self.limit else { return }
        bytes[count] = byte
        count += 1
    }

    var isAtEnd: Bool {
        mutating get {
            skipBlanks()
            return index >= count
        }
    }

    var next: UInt8? { index < count ? bytes[index] : nil }

    mutating func skipBlanks() {
        while next == 0x20 || next == 0x09 { index += 1 }
    }

    mutating func take(_ wanted: Unicode.Scalar) -> Bool {
        take(UInt8(ascii: wanted))
    }

    mutating func take(_ wanted: UInt8) -> Bool {
        guard next == wanted else { return false }
        index += 1
        return true
    }

    /// Between `low` and `high` decimal digits (at most 9).
    mutating func digits(_ low: Int, _ high: Int) -> Int? {
        var value = 0
        var count = 0
        while count < high, let byte = next, (0x30...0x39).contains(byte) {
            value = value * 10 + Int(byte - 0x30)
            count += 1
            index += 1
        }
        return count >= low ? value : nil
    }

    /// Milliseconds of a fraction of a second, rounded down; its dot or comma has been taken.
    mutating func fraction() -> Int? {
        var value = 0
        var count = 0
        while let byte = next, (0x30...0x39).contains(byte) {
            if count < 3 { value = value * 10 + Int(byte - 0x30) }
            count += 1
            index += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 3)..<3 { value *= 10 }
        return value
    }

    /// A whole number of at most 15 digits with an optional fraction (in thousandths).
    mutating func decimal() -> (whole: Int64, thousandths: Int64)? {
        let isNegative = take("-")
        var value: Int64 = 0
        var count = 0
        while count < 16, let byte = next, (0x30...0x39).contains(byte) {
            value = value * 10 + Int64(byte - 0x30)
            count += 1
            index += 1
        }
        guard (1...15).contains(count) else { return nil }
        var thousandths = 0
        if take(".") {
            guard let read = fraction() else { return nil }
            thousandths = read
        }
        return isNegative ? (-value, -Int64(thousandths)) : (value, Int64(thousandths))
    }

    /// Seconds east of UTC.
    mutating func zone(isStrict: Bool) -> Int? {
        if take("Z") || take("z") { return 0 }
        let isWest: Bool
        if take("+") { isWest = false } else if take("-") { isWest = true } else { return nil }
        guard let hours = digits(2, 2), hours <= 23 else { return nil }
        var minutes = 0
        let colon = take(":")
        if colon || next != nil {
            if isStrict && !colon { return nil }
            guard let read = digits(2, 2), read <= 59 else { return nil }
            minutes = read
        } else if isStrict {
            return nil
        }
        let seconds = hours * 3_600 + minutes * 60
        return isWest ? -seconds : seconds
    }

    private mutating func timeOfDay(secondsRequired: Bool) -> Int64? {
        guard let hours = digits(1, 2), hours <= 23, take(":"), let minutes = digits(2, 2), minutes <= 59
        else { return nil }
        var milliseconds = Int64(hours * 3_600 + minutes * 60) * 1_000
        if take(":") {
            // A leap second is read as the last second of its minute.
            guard let seconds = digits(2, 2), seconds <= 60 else { return nil }
            milliseconds += Int64(min(seconds, 59)) * 1_000
            if take(".") || take(",") {
                guard let part = fraction() else { return nil }
                milliseconds += Int64(part)
            }
        } else if secondsRequired {
            return nil
        }
        return milliseconds
    }

    mutating func dateTime(clock: OfficeClock, isStrict: Bool) -> Instant? {
        guard let year = digits(4, 4), take("-") || (!isStrict && take("/")), let month = digits(2, 2),
            take("-") || (!isStrict && take("/")), let day = digits(2, 2),
            let date = LocalDay(year: year, month: month, day: day),
            take("T") || take("t") || take(" "), let time = timeOfDay(secondsRequired: isStrict)
        else { return nil }
        skipBlanks()
        if next == nil { return isStrict ? nil : clock.instant(date, milliseconds: time) }
        guard let offset = zone(isStrict: isStrict), isAtEnd else { return nil }
        return Instant(milliseconds: Int64(date.number) * 86_400_000 + time - Int64(offset) * 1_000)
    }

    private static let months: [[UInt8]] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ].map { Array($0.utf8) }

    /// From 1, by the first three letters of its English name.
    mutating func monthName() -> Int? {
        guard index + 3 <= count else { return nil }
        let word = [bytes[index] | 0x20, bytes[index + 1] | 0x20, bytes[index + 2] | 0x20]
        guard let month = Self.months.firstIndex(of: word) else { return nil }
        index += 3
        return month + 1
    }

    mutating func legacy(clock: OfficeClock, heard: Instant) -> Instant? {
        guard let month = monthName() else { return nil }
        skipBlanks()
        guard let day = digits(1, 2) else { return nil }
        skipBlanks()
        guard let time = timeOfDay(secondsRequired: true), isAtEnd else { return nil }
        return Self.nearest(month, day, time, clock: clock, heard: heard)
    }

    /// A date without its year: the one that is nearest to the moment it was heard.
    static func nearest(_ month: Int, _ day: Int, _ time: Int64, clock: OfficeClock, heard: Instant) -> Instant? {
        // A row of a file that says nowhere when it was seen: nobody knows which year.
        guard heard.milliseconds > 0 else { return nil }
        let year = clock.day(of: heard).components.year
        let candidates = (year - 1...year + 1).compactMap { year -> Instant? in
            guard let date = LocalDay(year: year, month: month, day: day) else { return nil }
            return clock.instant(date, milliseconds: time)
        }
        return candidates.min { abs($0 - heard) < abs($1 - heard) }
    }
}
