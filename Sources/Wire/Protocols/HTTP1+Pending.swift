extension HTTP1 {
    /// A request whose response was not heard yet.
    struct Pending: Sendable {
        var method: String
        var target: String
        /// Whether the next response is known to be its own.
        var isNext = true
    }
}
