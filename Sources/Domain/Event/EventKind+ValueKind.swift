extension EventKind {
    /// What a payload key holds.
    public enum ValueKind: Hashable, Sendable {
        case text
        /// A whole number, not below a bound.
        case whole(atLeast: Int64)
        case decimal
        case truth
        case moment

        /// `a whole number`: for people.
        public var words: String {
            switch self {
            case .text: "a text"
            case .whole(let bound) where bound == .min: "a whole number"
            case .whole(let bound): "a whole number, at least \(bound)"
            case .decimal: "a number"
            case .truth: "true, false, 1 or 0"
            case .moment: "a moment"
            }
        }

        /// Whether a text can be read as one. No text is a moment: what reads it knows its format.
        public func admits(_ text: String) -> Bool {
            switch self {
            case .text: !text.isEmpty
            case .whole(let bound): Int64(text).map { $0 >= bound } ?? false
            case .decimal: Double(text)?.isFinite ?? false
            case .truth: text == "true" || text == "false" || text == "1" || text == "0"
            case .moment: false
            }
        }
    }

    /// A key holds the same in every kind that has it.
    public static func valueKind(of key: String) -> ValueKind {
        switch key {
        case "on": .truth
        case "priority", "score", "scale", "offsetMilliseconds", "driftMillisecondsPerDay", "milliseconds":
            .whole(atLeast: .min)
        case "waiting", "openCounters", "count": .whole(atLeast: 0)
        case "quantity": .whole(atLeast: 1)
        case "jitterMilliseconds", "lossPercent", "mos": .decimal
        case "due", "finished", "from", "until": .moment
        default: .text
        }
    }
}
