internal import Domain

/// Times as devices write them, by the letters of `strftime`.
enum SpokenTime {
    private static let letters: Set<Character> = [
        "Y", "y", "m", "d", "e", "b", "H", "M", "S", "L", "z", "s", "Q", "%", "I", "p",
    ]

    /// What is wrong with a form, if anything.
    static func problem(_ form: String) -> String? {
        var rest = body(form).text[...]
        while let percent = rest.firstIndex(of: "%") {
            rest = rest[rest.index(after: percent)...]
            if rest.first == ":" || rest.first == "-" { rest = rest.dropFirst() }
            guard let letter = rest.popFirst(), letters.contains(letter) else {
                return "times are written with %Y %y %m %b %d %e %H %I %p %M %S %L (milliseconds) %z %:z %s %Q "
                    + "(milliseconds since 1970), %-d without a leading zero, after 'utc ' in UTC"
            }
        }
        return nil
    }

    private static func body(_ form: String) -> (text: String, isUTC: Bool) {
        form.hasPrefix("utc ") ? (String(form.dropFirst(4)), true) : (form, false)
    }

    static func text(_ at: Instant, _ form: String, clock: OfficeClock) -> String {
        let (pattern, isUTC) = body(form)
        let offset = isUTC ? 0 : clock.offsetSeconds(at: at)
        let local = at.milliseconds + Int64(offset) * 1_000
        var day = local / 86_400_000
        if local % 86_400_000 < 0 { day -= 1 }
        let time = local - day * 86_400_000
        let date = LocalDay(number: Int(day)).components
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let zone = (
            offset < 0 ? "-" : "+", padded(Int64(abs(offset) / 3_600), 2), padded(Int64(abs(offset) / 60 % 60), 2)
        )
        let hour = time / 3_600_000
        var out = ""
        var rest = pattern[...]
        while let character = rest.popFirst() {
            guard character == "%" else {
                out.append(character)
                continue
            }
            let hasColon = rest.first == ":"
            let isBare = rest.first == "-"
            if hasColon || isBare { rest = rest.dropFirst() }
            func padded(_ value: Int64, _ width: Int) -> String { Self.padded(value, isBare ? 1 : width) }
            switch rest.popFirst() {
            case "Y": out += String(date.year)
            case "y": out += padded(Int64(date.year % 100), 2)
            case "m": out += padded(Int64(date.month), 2)
            case "d": out += padded(Int64(date.day), 2)
            case "e": out += date.day < 10 ? " \(date.day)" : "\(date.day)"
            case "b": out += months[date.month - 1]
            case "H": out += padded(hour, 2)
            case "I": out += padded((hour + 11) % 12 + 1, 2)
            case "p": out += hour < 12 ? "AM" : "PM"
            case "M": out += padded(time / 60_000 % 60, 2)
            case "S": out += padded(time / 1_000 % 60, 2)
            case "L": out += padded(time % 1_000, 3)
            case "z": out += zone.0 + zone.1 + (hasColon ? ":" : "") + zone.2
            case "s": out += String(at.milliseconds / 1_000)
            case "Q": out += String(at.milliseconds)
            default: out += "%"
            }
        }
        return out
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
