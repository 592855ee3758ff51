/// Counts messages in the rows of `decode --summary`: protocol, kind, value, count, with tshark's kinds and values.
///
/// Memory: at most `rowLimit` different rows; what comes after is counted in `overflow`.
public struct Summary: Sendable {
    public struct Key: Hashable, Comparable, Sendable {
        public var protocolName: ProtocolName
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
            let key = Key(protocolName: message.protocolName, kind: kind, value: value)
            if counts[key] == nil, counts.count >= Self.rowLimit {
                overflow += 1
            } else {
                counts[key, default: 0] += 1
            }
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
            return "\(row.key.protocolName.rawValue)\t\(row.key.kind)\t\(value)\t\(row.count)\n"
        }.joined()
    }
}
