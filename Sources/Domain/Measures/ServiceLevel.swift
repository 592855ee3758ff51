/// The service levels of DOMAIN.md §5, always labelled by how those who left are treated.
public enum ServiceLevel: String, Hashable, Sendable, CaseIterable {
    /// Answered ≤ X / offered: who left counts against. The default.
    case negative
    /// Answered ≤ X / (offered − abandoned ≤ X): who left early is not counted.
    case ignored
    /// (Answered ≤ X + abandoned ≤ X) / offered: who left early counts for.
    case positive

    /// QĐ 468's fifteen minutes.
    public static let defaultLimit: Int64 = 900_000
    /// From a second to a day.
    public static let limits: ClosedRange<Int64> = 1_000...86_400_000

    /// `serviceLevel.negative.15m`.
    public func id(_ limit: Int64) -> String { "serviceLevel.\(rawValue).\(Self.text(limit))" }

    /// The kind and limit of an id; without a limit (`serviceLevel.negative`), the limit is absent.
    public static func parse(_ id: String) -> (kind: ServiceLevel, limit: Int64?)? {
        let parts = id.split(separator: ".", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts[0] == "serviceLevel",
            let kind = ServiceLevel(rawValue: String(parts[1]))
        else { return nil }
        if parts.count == 2 { return (kind, nil) }
        guard let limit = milliseconds(String(parts[2])) else { return nil }
        return (kind, limit)
    }

    /// `10m`, `90s`, `1h`, `1h30m`: the shortest form.
    public static func text(_ milliseconds: Int64) -> String {
        var out = ""
        var rest = milliseconds
        for (unit, length) in [("h", Int64(3_600_000)), ("m", 60_000), ("s", 1_000), ("ms", 1)] where rest >= length {
            // Ninety seconds and ninety minutes are said so.
            if unit == "h", rest % 3_600_000 != 0, rest < 7_200_000 { continue }
            if unit == "m", rest % 60_000 != 0, out.isEmpty, rest < 120_000 { continue }
            out += "\(rest / length)\(unit)"
            rest %= length
        }
        return out.isEmpty ? "0s" : out
    }

    /// The limit that a text says: `10m`, `90s`, `1h30m`; `nil` if it is none, or outside of `limits`.
    public static func milliseconds(_ text: String) -> Int64? {
        guard let total = DurationText.milliseconds(text) else { return nil }
        return limits.contains(total) ? total : nil
    }
}
