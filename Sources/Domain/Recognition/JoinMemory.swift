/// What a device said earlier and a later message leaves out: a ticket's number by the visit that it names.
///
/// Values by key, the oldest forgotten first.
struct JoinMemory: Hashable, Sendable {
    static let limit = 4_096

    private var values: [String: [String: String]] = [:]
    /// Keys in the order in which they came; those before `first` are gone.
    private var order: [String] = []
    private var first = 0
    private(set) var forgotten: UInt64 = 0

    /// Adds to what is known of the key; a value that is told again replaces the one before.
    mutating func remember(_ new: [(name: String, value: String)], for key: String) {
        guard !new.isEmpty else { return }
        if values[key] == nil {
            values[key] = [:]
            order.append(key)
            if order.count - first > Self.limit {
                values[order[first]] = nil
                first += 1
                forgotten &+= 1
                if first > Self.limit {
                    order.removeFirst(first)
                    first = 0
                }
            }
        }
        for (name, value) in new { values[key]?[name] = value }
    }

    func value(_ name: String, for key: String) -> String? { values[key]?[name] }
}
