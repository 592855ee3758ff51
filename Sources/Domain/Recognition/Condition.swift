/// What a rule asks of a message.
public indirect enum Condition: Hashable, Sendable {
    /// A field (or a name captured before) satisfies a test. A field that is absent fails every test but `present(false)`.
    case field(String, Test)
    case all([Condition])
    case any([Condition])
    case not([Condition])

    public enum Test: Hashable, Sendable {
        case equals(String)
        case oneOf([String])
        case prefix(String)
        case suffix(String)
        case contains(String)
        case present(Bool)
        /// `queue/{branch}/ticket/{action}`: see `Pattern`.
        case pattern(String)
        /// A whole number within bounds, both included.
        case range(from: Int64?, through: Int64?)
    }
}
