public import Domain
internal import Foundation

extension OfficeClock {
    /// The offsets of an IANA timezone from 2000 through 2040; `nil`: no such timezone. The offset of 2000-01-01 also
    /// stands for the time before.
    public init?(timezone name: String) {
        // Foundation also takes abbreviations (`ICT`), which are not unique.
        guard name.contains("/") || name == "UTC", let zone = TimeZone(identifier: name) else { return nil }
        let first = Date(timeIntervalSince1970: 946_684_800)
        let last = Date(timeIntervalSince1970: 2_240_524_800)
        var changes = [Change(from: .distantPast, offsetSeconds: zone.secondsFromGMT(for: first))]
        var date = first
        // Two a year; the bound holds should a zone's data be wild.
        for _ in 0..<256 {
            guard let next = zone.nextDaylightSavingTimeTransition(after: date), next < last, next > date else { break }
            let offset = zone.secondsFromGMT(for: next)
            if changes.last?.offsetSeconds != offset {
                let milliseconds = Int64((next.timeIntervalSince1970 * 1_000).rounded())
                changes.append(Change(from: Instant(milliseconds: milliseconds), offsetSeconds: offset))
            }
            date = next
        }
        self.init(changes: changes)
    }
}
