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

        /// The text as one; `nil`: it is none. No text is a moment: what reads it knows its format.
        func value(of text: String) -> PayloadValue? {
            switch self {
            case .text: text.isEmpty ? nil : .text(text)
            case .whole(let bound): Int64(text).flatMap { $0 >= bound ? .integer($0) : nil }
            case .decimal: Double(text).flatMap { $0.isFinite ? .decimal($0) : nil }
            case .truth:
                switch text {
                case "true", "1": .boolean(true)
                case "false", "0": .boolean(false)
                default: nil
                }
            case .moment: nil
            }
        }

        public func admits(_ text: String) -> Bool { value(of: text) != nil }
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
