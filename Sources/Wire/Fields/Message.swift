/// What a field is called in profiles and in `decode` output: `sip.method` is field `method` of protocol `sip`.
public struct FieldName: Hashable, Comparable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let rawValue: String

    public init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    public init(stringLiteral value: StaticString) {
        rawValue = value.description
    }

    public static func < (a: FieldName, b: FieldName) -> Bool { a.rawValue < b.rawValue }
    public var description: String { rawValue }
}

/// A decoded value, made only when somebody asks for it.
public enum FieldValue: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    case decimal(Double)
    case boolean(Bool)

    /// The value as text: what patterns and value maps compare with.
    public var text: String {
        switch self {
        case .text(let text): text
        case .integer(let value): String(value)
        case .decimal(let value): String(value)
        case .boolean(let value): value ? "true" : "false"
        }
    }
}

/// One application message, decoded: a protocol, named fields, and the body that another format may be inside of.
///
/// A message owns its bytes once; text fields are ranges into them, and become `String`s only when they are read.
/// That keeps a message nobody wants cheap (MEASURED: a `String` per field costs more than the whole decoding).
public struct Message: Sendable {
    private struct Slot: Sendable {
        var name: FieldName
        var kind: Kind
        var low: Int64
        var high: Int64
    }

    private enum Kind: UInt8, Sendable { case text, integer, decimal, boolean }

    public let protocolName: ProtocolName
    private var storage: [UInt8]
    private var slots: [Slot] = []
    /// Where the body (payload) stands in the message's own bytes; empty if there is none.
    public private(set) var bodyRange: Range<Int> = 0..<0

    /// Starts a message over a copy of `bytes`; ranges given to `add` and `body` are offsets into it.
    public init(_ protocolName: ProtocolName, copying bytes: borrowing RawSpan) {
        self.protocolName = protocolName
        // Room for a few texts that are put together, and for the usual number of fields: one allocation each.
        storage = []
        storage.reserveCapacity(bytes.byteCount + 48)
        bytes.withUnsafeBytes { storage.append(contentsOf: $0) }
        slots.reserveCapacity(16)
    }

    public init(_ protocolName: ProtocolName) {
        self.protocolName = protocolName
        storage = []
    }

    // MARK: Writing (decoders)

    /// A text field that stands in the message's bytes. Ranges outside them are clamped.
    public mutating func add(_ name: FieldName, in range: Range<Int>) {
        let clamped = range.clamped(to: 0..<storage.count)
        slots.append(Slot(name: name, kind: .text, low: Int64(clamped.lowerBound), high: Int64(clamped.upperBound)))
    }

    /// A text field that had to be unescaped or put together.
    public mutating func add(_ name: FieldName, text: some StringProtocol) {
        let start = storage.count
        storage.append(contentsOf: text.utf8)
        slots.append(Slot(name: name, kind: .text, low: Int64(start), high: Int64(storage.count)))
    }

    public mutating func add(_ name: FieldName, integer: some BinaryInteger) {
        slots.append(Slot(name: name, kind: .integer, low: Int64(clamping: integer), high: 0))
    }

    public mutating func add(_ name: FieldName, decimal: Double) {
        slots.append(Slot(name: name, kind: .decimal, low: Int64(bitPattern: decimal.bitPattern), high: 0))
    }

    public mutating func add(_ name: FieldName, boolean: Bool) {
        slots.append(Slot(name: name, kind: .boolean, low: boolean ? 1 : 0, high: 0))
    }

    public mutating func add(_ name: FieldName, _ value: FieldValue) {
        switch value {
        case .text(let text): add(name, text: text)
        case .integer(let integer): add(name, integer: integer)
        case .decimal(let decimal): add(name, decimal: decimal)
        case .boolean(let boolean): add(name, boolean: boolean)
        }
    }

    public mutating func setBody(in range: Range<Int>) {
        bodyRange = range.clamped(to: 0..<storage.count)
    }

    /// A body that had to be put together (chunked HTTP): appended to the message's bytes.
    public mutating func setBody(copying bytes: [UInt8]) {
        let start = storage.count
        storage.append(contentsOf: bytes)
        bodyRange = start..<storage.count
    }

    // MARK: Reading

    public var fieldCount: Int { slots.count }

    /// Every field in the order the decoder found it; a name may come twice (headers, MQTT filters).
    public var fields: [(name: FieldName, value: FieldValue)] {
        slots.map { ($0.name, value(of: $0)) }
    }

    /// The first field of that name.
    public subscript(_ name: FieldName) -> FieldValue? {
        for slot in slots where slot.name == name { return value(of: slot) }
        return nil
    }

    public func has(_ name: FieldName) -> Bool {
        slots.contains { $0.name == name }
    }

    /// The first field of that name as text (numbers in decimal).
    public func text(_ name: FieldName) -> String? {
        self[name]?.text
    }

    /// The first field of that name, if it is a whole number or text that is exactly one.
    public func integer(_ name: FieldName) -> Int64? {
        switch self[name] {
        case .integer(let value): value
        case .text(let text): Int64(text)
        default: nil
        }
    }

    /// Compares without making a `String`: the first condition of every rule.
    public func equals(_ name: FieldName, _ text: String) -> Bool {
        for slot in slots where slot.name == name {
            guard slot.kind == .text else { return value(of: slot).text == text }
            let range = Int(slot.low)..<Int(slot.high)
            return storage[range].elementsEqual(text.utf8)
        }
        return false
    }

    /// The bytes of the first field of that name, if it is a text: for prefixes and patterns, without a `String`.
    public func textBytes(_ name: FieldName) -> ArraySlice<UInt8>? {
        for slot in slots where slot.name == name {
            return slot.kind == .text ? storage[Int(slot.low)..<Int(slot.high)] : nil
        }
        return nil
    }

    public var body: ArraySlice<UInt8> { storage[bodyRange] }

    private func value(of slot: Slot) -> FieldValue {
        switch slot.kind {
        case .text: .text(String(decoding: storage[Int(slot.low)..<Int(slot.high)], as: UTF8.self))
        case .integer: .integer(slot.low)
        case .decimal: .decimal(Double(bitPattern: UInt64(bitPattern: slot.low)))
        case .boolean: .boolean(slot.low != 0)
        }
    }
}
