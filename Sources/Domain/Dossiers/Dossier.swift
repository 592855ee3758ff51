/// One dossier from its receipt to its return (DOMAIN.md §2, §5): known by the office that received it and its code.
public struct Dossier: Hashable, Sendable {
    public var office: String
    /// As it was told: plain or as a hash, whatever the device profile makes of it.
    public var code: String
    /// 1, and more where a code was used again for another dossier.
    public var ordinal: Int
    public var service: String?
    public var channel: String?
    /// When it was received; `nil` if that was not heard.
    public var received: Instant?
    /// The due time that counts: the first one told, or the one told after the applicant supplemented the dossier.
    public var due: Instant?
    /// Another due time was told while nothing had been supplemented: the promise was moved, and does not count.
    public var isDueMoved = false
    /// How often the applicant brought what was missing.
    public var supplements = 0
    /// When its result was given back: as told, else when we heard of it.
    public var returned: Instant?
    /// A second return with another time was told; the first counts.
    public var isReturnedAgain = false

    public init(office: String, code: String, ordinal: Int) {
        self.office = office
        self.code = code
        self.ordinal = ordinal
    }

    /// Given back by then.
    public func isReturned(asOf: Instant) -> Bool { returned.map { $0 <= asOf } ?? false }

    /// Returned on or before its due time. Both are moments: a source that knows only the date tells the day's end as the
    /// due time. `nil` without both.
    public var isOnTime: Bool? {
        guard let returned, let due else { return nil }
        return returned <= due
    }

    /// The day it belongs to in reports: that of its receipt, else of its return.
    public var counted: Instant? { received ?? returned }

    public static func precedes(_ a: Dossier, _ b: Dossier) -> Bool {
        let first = a.counted ?? .distantPast
        let second = b.counted ?? .distantPast
        if first != second { return first < second }
        return (a.office, a.code, a.ordinal) < (b.office, b.code, b.ordinal)
    }
}
