import Domain

/// The languages of pages and pictures. Vietnamese is the default; numbers, dates and durations follow the language.
public enum Language: String, Hashable, Sendable, CaseIterable {
    case vi, en

    /// The first of ours that an `Accept-Language` header prefers (RFC 9110 §12.5.4), Vietnamese without one.
    /// Reads at most sixteen entries; a weight that cannot be read counts as 0.
    public init(acceptLanguage header: String?) {
        var best: (language: Language, weight: Double)?
        for entry in (header ?? "").split(separator: ",").prefix(16) {
            let parts = entry.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
            guard let tag = parts.first?.lowercased(), let primary = tag.split(separator: "-").first,
                let language = Language(rawValue: String(primary))
            else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }
            let weight = quality.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if weight > best?.weight ?? 0 { best = (language, weight) }
        }
        self = best?.language ?? .vi
    }
}

extension Language {
    func callAsFunction(_ vi: String, _ en: String) -> String { self == .vi ? vi : en }

    func name(_ name: LocalizedName) -> String { self == .vi ? name.vi : name.en }

    /// `1.022` or `1,022`.
    func count(_ value: some BinaryInteger) -> String {
        let digits = Array(String(value.magnitude))
        var out = value < 0 ? "−" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { out += self == .vi ? "." : "," }
            out.append(digit)
        }
        return out
    }

    /// One decimal with the language's mark, `−` for what is no number.
    func decimal(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "−" }
        let tenths = Int64((value * 10).rounded())
        let sign = tenths < 0 ? "−" : ""
        return sign + count(Int64(tenths.magnitude / 10)) + (self == .vi ? "," : ".") + String(tenths.magnitude % 10)
    }

    /// `4,2 %` or `4.2%`.
    func share(_ value: Double) -> String { decimal(value * 100) + (self == .vi ? "\u{A0}%" : "%") }

    /// `420 ms`, `4,2 s`, `42 s`, `11 ph 42 s`, `1 g 05 ph`: two units at most, with unbreakable blanks between.
    func duration(_ milliseconds: Int64) -> String {
        if milliseconds < 0 { return "−" + duration(Int64(clamping: milliseconds.magnitude)) }
        if milliseconds == 0 { return "0\u{A0}s" }
        if milliseconds < 1_000 { return "\(milliseconds)\u{A0}ms" }
        if milliseconds < 9_950 { return decimal(Double(milliseconds) / 1_000) + "\u{A0}s" }
        let minute = self("ph", "min")
        let seconds = (milliseconds - 1) / 1_000 + (milliseconds % 1_000 == 0 || milliseconds % 1_000 >= 500 ? 1 : 0)
        if seconds < 60 { return "\(seconds)\u{A0}s" }
        if seconds < 3_600 {
            let rest = seconds % 60
            return "\(seconds / 60)\u{A0}\(minute)" + (rest == 0 ? "" : "\u{A0}" + twoDigits(rest) + "\u{A0}s")
        }
        let minutes = (seconds + 30) / 60
        let hour = self("g", "h")
        return count(minutes / 60) + "\u{A0}\(hour)"
            + (minutes % 60 == 0 ? "" : "\u{A0}" + twoDigits(minutes % 60) + "\u{A0}\(minute)")
    }

    func duration(_ milliseconds: Double) -> String {
        guard milliseconds.isFinite, abs(milliseconds) < 1e17 else { return "−" }
        return duration(Int64(milliseconds.rounded()))
    }

    /// `10/11/2026` or `10 Nov 2026`.
    func date(_ day: LocalDay) -> String {
        let (year, month, date) = day.components
        if self == .vi { return twoDigits(Int64(date)) + "/" + twoDigits(Int64(month)) + "/" + String(year) }
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return "\(date) " + (names.indices.contains(month - 1) ? names[month - 1] : "") + " \(year)"
    }

    func weekday(_ day: LocalDay) -> String {
        switch day.weekday {
        case .mon: self("Thứ Hai", "Monday")
        case .tue: self("Thứ Ba", "Tuesday")
        case .wed: self("Thứ Tư", "Wednesday")
        case .thu: self("Thứ Năm", "Thursday")
        case .fri: self("Thứ Sáu", "Friday")
        case .sat: self("Thứ Bảy", "Saturday")
        case .sun: self("Chủ nhật", "Sunday")
        }
    }

    /// `09:12` or `09:12:03`, 24 hours in both languages.
    func time(_ instant: Instant, _ clock: OfficeClock, seconds: Bool = false) -> String {
        let text = OfficeClock.timeText(Int(clock.timeOfDay(instant)))
        return seconds ? text : String(text.prefix(5))
    }

    /// `07:30–11:30, 13:00–17:00`; an interval that ends with the day ends at 24:00.
    func hours(_ hours: [Range<Instant>], on day: LocalDay, _ clock: OfficeClock) -> String {
        if hours.isEmpty { return self("không có giờ mở cửa", "no opening hours") }
        return hours.map {
            let end = $0.upperBound == clock.start(of: day + 1) ? "24:00" : time($0.upperBound, clock)
            return time($0.lowerBound, clock) + "–" + end
        }.joined(separator: ", ")
    }

    private func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
