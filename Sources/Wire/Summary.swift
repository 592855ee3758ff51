/// Counts messages in the rows of `decode --summary`: protocol, kind, value, count, with tshark's kinds and values.
///
/// Memory: at most `rowLimit` different rows; what comes after is counted in `overflow`.
public struct Summary: Sendable {
    public struct Key: Hashable, Comparable, Sendable {
        /// A `ProtocolName`'s word, or `vlan`.
        public var protocolName: String
        public var kind: String
        public var value: String

        public static func < (a: Key, b: Key) -> Bool {
            (a.protocolName, a.kind, a.value) < (b.protocolName, b.kind, b.value)
        }
    }

    public static let rowLimit = 65_536

    private var counts: [Key: UInt64] = [:]
    /// Values that found no row.
    public private(set) var overflow: UInt64 = 0

    public init() {}

    public mutating func add(_ message: Message) {
        for (kind, value) in Protocols.summary(of: message) {
            add(Key(protocolName: message.protocolName.rawValue, kind: kind, value: value), 1)
        }
    }

    /// How often each VLAN id was seen: `vlan`, `id` (`service-id` for 802.1ad's service tags), the number.
    public mutating func add(_ counters: DissectionCounters) {
        for (id, isService, count) in counters.vlans {
            add(Key(protocolName: "vlan", kind: isService ? "service-id" : "id", value: "\(id)"), count)
        }
    }

    private mutating func add(_ key: Key, _ count: UInt64) {
        if counts[key] == nil, counts.count >= Self.rowLimit {
            overflow += count
        } else {
            counts[key, default: 0] += count
        }
    }

    /// Sorted by protocol, kind and value.
    public var rows: [(key: Key, count: UInt64)] {
        counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// `protocol TAB kind TAB value TAB count`, one row a line. Tabs and line ends inside a value become blanks.
    public var tsv: String {
        rows.map { row in
            let value = String(row.key.value.map { $0.isNewline || $0 == "\t" ? " " : $0 })
            return "\(row.key.protocolName)\t\(row.key.kind)\t\(value)\t\(row.count)\n"
        }.joined()
    }
}
