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
    /// 24 bytes without references: adding, copying and dropping a message's fields is a matter of memory only.
    private struct Slot: @unchecked Sendable {
        /// A literal's bytes; `nil`: the name stands in `storage` from `nameStart` on.
        var literal: UnsafePointer<UInt8>?
        /// The number, or for a text the ends of its range in `storage`, 32 bits each.
        var value: UInt64
        var nameStart: UInt32
        var nameCount: UInt16
        var kind: Kind

        var range: Range<Int> { Int(value & 0xFFFF_FFFF)..<Int(value >> 32) }
    }

    private enum Kind: UInt8, Sendable { case text, integer, decimal, boolean }

    /// A name that was put together is cut after this many bytes.
    public static let nameLimit = 1_024

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
        // Its texts will be put together: growing by doubling would be five allocations for each of the two.
        storage = []
        storage.reserveCapacity(224)
        slots.reserveCapacity(10)
    }

    // MARK: Writing (decoders)

    /// A text field that stands in the message's bytes. Ranges outside them are clamped.
    public mutating func add(_ name: FieldName, in range: Range<Int>) {
        let clamped = range.clamped(to: 0..<storage.count)
        append(name, .text, from: clamped.lowerBound, to: clamped.upperBound)
    }

    /// A text field that had to be unescaped or put together.
    public mutating func add(_ name: FieldName, text: some StringProtocol) {
        let start = storage.count
        storage.append(contentsOf: text.utf8)
        append(name, .text, from: start, to: storage.count)
    }

    public mutating func add(_ name: FieldName, integer: some BinaryInteger) {
        append(name, .integer, UInt64(bitPattern: Int64(clamping: integer)))
    }

    public mutating func add(_ name: FieldName, decimal: Double) {
        append(name, .decimal, decimal.bitPattern)
    }

    public mutating func add(_ name: FieldName, boolean: Bool) {
        append(name, .boolean, boolean ? 1 : 0)
    }

    private mutating func append(_ name: FieldName, _ kind: Kind, from start: Int, to end: Int) {
        // A message is at most some hundred kilobytes; what would not fit 32 bits is an empty text.
        guard end <= Int(UInt32.max) else { return append(name, kind, 0) }
        append(name, kind, UInt64(end) << 32 | UInt64(start))
    }

    private mutating func append(_ name: FieldName, _ kind: Kind, _ value: UInt64) {
        if let literal = name.literal {
            slots.append(
                Slot(
                    literal: literal, value: value, nameStart: 0, nameCount: UInt16(clamping: name.literalCount),
                    kind: kind))
            return
        }
        let start = storage.count
        name.withBytes { storage.append(contentsOf: $0.prefix(Self.nameLimit)) }
        slots.append(
            Slot(
                literal: nil, value: value, nameStart: UInt32(clamping: start),
                nameCount: UInt16(clamping: storage.count - start), kind: kind))
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
        slots.map { (name(of: $0), value(of: $0)) }
    }

    /// The first field of that name.
    public subscript(_ name: FieldName) -> FieldValue? {
        first(name).map { value(of: $0) }
    }

    @inline(__always)
    private func first(_ name: FieldName) -> Slot? {
        for index in 0..<slots.count where isNamed(name, slots[index]) { return slots[index] }
        return nil
    }

    @inline(__always)
    private func isNamed(_ name: FieldName, _ slot: Slot) -> Bool {
        if let literal = slot.literal { return name.isLiteral(literal, Int(slot.nameCount)) }
        let stored = nameRange(of: slot)
        return name.withBytes { bytes in
            bytes.count == stored.count
                && storage.withUnsafeBufferPointer { FieldName.same(bytes, UnsafeBufferPointer(rebasing: $0[stored])) }
        }
    }

    private func nameRange(of slot: Slot) -> Range<Int> {
        Int(slot.nameStart)..<Int(slot.nameStart) + Int(slot.nameCount)
    }

    private func name(of slot: Slot) -> FieldName {
        if let literal = slot.literal { return FieldName(literal: literal, count: Int(slot.nameCount)) }
        return FieldName(String(decoding: storage[nameRange(of: slot)], as: UTF8.self))
    }

    public func has(_ name: FieldName) -> Bool { first(name) != nil }

    /// The first field of that name as text (numbers in decimal).
    public func text(_ name: FieldName) -> String? {
        self[name]?.text
    }

    /// The first field whose name begins so, as text: `varbind.1.3.6.1.2.1.2.2.1.1.` of an interface of any number.
    public func text(below prefix: [UInt8]) -> String? {
        for slot in slots where name(of: slot).withBytes({ $0.starts(with: prefix) }) { return value(of: slot).text }
        return nil
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
        guard let slot = first(name) else { return false }
        guard slot.kind == .text else { return value(of: slot).text == text }
        return storage[slot.range].elementsEqual(text.utf8)
    }

    /// The bytes of the first field of that name, if it is a text: for prefixes and patterns, without a `String`.
    public func textBytes(_ name: FieldName) -> ArraySlice<UInt8>? {
        guard let slot = first(name), slot.kind == .text else { return nil }
        return storage[slot.range]
    }

    public var body: ArraySlice<UInt8> { storage[bodyRange] }

    private func value(of slot: Slot) -> FieldValue {
        switch slot.kind {
        case .text: .text(String(decoding: storage[slot.range], as: UTF8.self))
        case .integer: .integer(Int64(bitPattern: slot.value))
        case .decimal: .decimal(Double(bitPattern: slot.value))
        case .boolean: .boolean(slot.value != 0)
        }
    }
}
