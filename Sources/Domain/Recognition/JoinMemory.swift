/// What a device said earlier and a later message leaves out: a ticket's number by the visit that it names.
///
/// Values by key, the oldest forgotten first. Each holds for the office day in which it was told: systems
/// number visits anew each morning, and a service day inherits no ticket. A dossier lives for weeks, and so does what is
/// known of it: for it a value holds whenever it was told.
struct JoinMemory: Hashable, Sendable {
    static let limit = 4_096

    private struct Value: Hashable, Sendable {
        var text: String
        var day: LocalDay
    }

    private var known: [String: [String: Value]] = [:]
    /// Keys in the order in which they came; those before `first` are gone.
    private var order: [String] = []
    private var first = 0
    private(set) var forgotten: UInt64 = 0

    /// Adds to what is known of the key since that day began; a value that is told again replaces the one before.
    mutating func remember(_ new: [(name: String, value: String)], for key: String, on day: LocalDay) {
        guard !new.isEmpty else { return }
        if known[key] == nil {
            known[key] = [:]
            order.append(key)
            if order.count - first > Self.limit {
                known[order[first]] = nil
                first += 1
                forgotten &+= 1
                if first > Self.limit {
                    order.removeFirst(first)
                    first = 0
                }
            }
        }
        for (name, value) in new { known[key]?[name] = Value(text: value, day: day) }
    }

    /// - Parameter day: `nil`: whenever it was told.
    func value(_ name: String, for key: String, on day: LocalDay?) -> String? {
        guard let value = known[key]?[name], day == nil || value.day == day else { return nil }
        return value.text
    }
}
