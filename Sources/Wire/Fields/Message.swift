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
    ///
    /// A name is a literal, and after it what stands in `storage` (`pair.` and a key of the body): either may be empty.
    private struct Slot: @unchecked Sendable {
        var literal: UnsafePointer<UInt8>
        /// The number, or for a text the ends of its range in `storage`, 32 bits each.
        var value: UInt64
        var madeStart: UInt32
        /// Of all of the name: what tells most of them apart stands in one place.
        var nameCount: UInt16
        var literalCount: UInt8
        var kind: Kind

        var range: Range<Int> { Int(value & 0xFFFF_FFFF)..<Int(value >> 32) }
        var madeCount: Int { Int(nameCount) &- Int(literalCount) }
        var made: Range<Int> { Int(madeStart)..<Int(madeStart) &+ madeCount }
    }

    private static let noLiteral: StaticString = ""

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
        storage.reserveCapacity(bytes.byteCount &+ 48)
        storage.append(copying: bytes)
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

    /// An endpoint as its `description`; that of IPv4 is written in place.
    mutating func add(_ name: FieldName, _ endpoint: Endpoint) {
        guard endpoint.address.isIPv4, endpoint.mac == nil else { return add(name, text: endpoint.description) }
        let start = storage.count
        for (shift, mark) in [(24, UInt8(ascii: ".")), (16, 46), (8, 46), (0, UInt8(ascii: ":"))] as [(UInt64, UInt8)] {
            storage.append(decimal: Int(endpoint.address.low >> shift & 255))
            storage.append(mark)
        }
        storage.append(decimal: Int(endpoint.port))
        append(name, .text, from: start, to: storage.count)
    }

    /// A word of the program's own (a severity, a packet's type).
    mutating func add(_ name: FieldName, word: StaticString) {
        let start = storage.count
        storage.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
        append(name, .text, from: start, to: storage.count)
    }

    public mutating func add(_ name: FieldName, integer: some BinaryInteger) {
        append(name, .integer, UInt64(bitPattern: Int64(clamping: integer)))
    }

    public mutating func add(_ name: FieldName, decimal: Double) { append(name, .decimal, decimal.bitPattern) }

    public mutating func add(_ name: FieldName, boolean: Bool) { append(name, .boolean, boolean ? 1 : 0) }

    private mutating func append(_ name: FieldName, _ kind: Kind, from start: Int, to end: Int) {
        // A message is at most some hundred kilobytes; what would not fit 32 bits is an empty text.
        guard end <= Int(UInt32.max) else { return append(name, kind, 0) }
        append(name, kind, UInt64(end) << 32 | UInt64(start))
    }

    private mutating func append(_ name: FieldName, _ kind: Kind, _ value: UInt64) {
        if let literal = name.literal, name.literalCount <= 255 {
            slots.append(
                Slot(
                    literal: literal, value: value, madeStart: 0,
                    nameCount: UInt16(truncatingIfNeeded: name.literalCount),
                    literalCount: UInt8(truncatingIfNeeded: name.literalCount), kind: kind))
            return
        }
        let start = storage.count
        name.withBytes { storage.append(contentsOf: $0.prefix(Self.nameLimit)) }
        append(Self.noLiteral, made: start..<storage.count, kind, value)
    }

    private mutating func append(_ literal: StaticString, made: Range<Int>, _ kind: Kind, _ value: UInt64) {
        guard made.upperBound <= Int(UInt32.max) else { return }
        let literalCount = UInt8(clamping: literal.utf8CodeUnitCount)
        slots.append(
            Slot(
                literal: literal.utf8Start, value: value, madeStart: UInt32(truncatingIfNeeded: made.lowerBound),
                nameCount: UInt16(clamping: made.count &+ Int(literalCount)), literalCount: literalCount, kind: kind))
    }

    private static func cut(_ name: Range<Int>) -> Range<Int> {
        name.lowerBound..<min(name.upperBound, name.lowerBound &+ nameLimit)
    }

    /// Bytes that ranges may be about, put behind the message's own. Returns where they begin.
    mutating func keep(_ bytes: [UInt8]) -> Int {
        defer { storage.append(contentsOf: bytes) }
        return storage.count
    }

    /// Takes the fields from that one on away again.
    mutating func removeFields(from count: Int) {
        slots.removeLast(max(0, slots.count - count))
    }

    /// A text field whose name is `prefix` and what stands in the message's bytes at `name`: nothing is put together
    /// for it. Ranges outside the bytes are clamped, and a name is cut like any other.
    mutating func add(_ prefix: StaticString, nameIn name: Range<Int>, in range: Range<Int>) {
        let all = 0..<storage.count
        let name = Self.cut(name).clamped(to: all)
        let text = range.clamped(to: all)
        append(prefix, made: name, .text, UInt64(text.upperBound) << 32 | UInt64(text.lowerBound))
    }

    /// The same for a value that is no text.
    mutating func add(_ prefix: StaticString, nameIn name: Range<Int>, _ value: FieldValue) {
        let name = Self.cut(name).clamped(to: 0..<storage.count)
        switch value {
        case .text(let text):
            let start = storage.count
            storage.append(contentsOf: text.utf8)
            append(prefix, made: name, .text, UInt64(storage.count) << 32 | UInt64(start))
        case .integer(let integer): append(prefix, made: name, .integer, UInt64(bitPattern: integer))
        case .decimal(let decimal): append(prefix, made: name, .decimal, decimal.bitPattern)
        case .boolean(let boolean): append(prefix, made: name, .boolean, boolean ? 1 : 0)
        }
    }

    /// A text field whose name's end and whose value are copied from bytes that are not the message's own.
    mutating func add(_ prefix: StaticString, copyingName name: Range<Int>, _ value: Range<Int>, of bytes: RawSpan) {
        let all = 0..<bytes.byteCount
        let start = storage.count
        storage.append(copying: bytes.extracting(Self.cut(name).clamped(to: all)))
        let middle = storage.count
        storage.append(copying: bytes.extracting(value.clamped(to: all)))
        guard storage.count <= Int(UInt32.max) else { return }
        append(prefix, made: start..<middle, .text, UInt64(storage.count) << 32 | UInt64(middle))
    }

    /// The same under a name of its own.
    mutating func add(_ name: FieldName, copying value: Range<Int>, of bytes: RawSpan) {
        let start = storage.count
        storage.append(copying: bytes.extracting(value.clamped(to: 0..<bytes.byteCount)))
        append(name, .text, from: start, to: storage.count)
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

    /// Lends each text field with a name of the program's own, in their order: name, bytes, and where in them it stands.
    func eachText(_ body: (FieldName, borrowing RawSpan, Range<Int>) -> Void) {
        let bytes = storage.span.bytes
        for slot in slots where slot.kind == .text && slot.madeCount == 0 {
            body(FieldName(literal: slot.literal, count: Int(slot.literalCount)), bytes, slot.range)
        }
    }

    /// The first field of that name.
    public subscript(_ name: FieldName) -> FieldValue? { first(name).map { value(of: $0) } }

    @inline(__always)
    private func first(_ name: FieldName) -> Slot? {
        name.withBytes { first($0) }
    }

    @inline(__always)
    private func first(_ wanted: UnsafeBufferPointer<UInt8>) -> Slot? {
        let place = place(of: wanted)
        return place < 0 ? nil : slots[place]
    }

    /// Negative: there is none of that name.
    @inline(__always)
    private func place(of wanted: UnsafeBufferPointer<UInt8>) -> Int {
        slots.withUnsafeBufferPointer { slots in
            var index = 0
            while index < slots.count {
                if isNamed(wanted, slots[index]) { return index }
                index &+= 1
            }
            return -1
        }
    }

    /// Nearly always it is decided by the length, or because the linker keeps one copy of each literal.
    @inline(__always)
    private func isNamed(_ wanted: UnsafeBufferPointer<UInt8>, _ slot: Slot) -> Bool {
        guard wanted.count == Int(slot.nameCount), let start = wanted.baseAddress else { return false }
        if slot.nameCount == UInt16(slot.literalCount), slot.literalCount > 0 {
            if start == slot.literal { return true }
            // Names of one length mostly end otherwise.
            let last = Int(slot.literalCount) &- 1
            if start[last] != slot.literal[last] { return false }
        }
        return isSpelled(start, slot)
    }

    @inline(never)
    private func isSpelled(_ wanted: UnsafePointer<UInt8>, _ slot: Slot) -> Bool {
        let count = Int(slot.literalCount)
        guard FieldName.same(wanted, slot.literal, count) else { return false }
        guard slot.madeCount > 0 else { return true }
        return storage.withUnsafeBufferPointer { bytes in
            guard slot.made.upperBound <= bytes.count, let base = bytes.baseAddress else { return false }
            return FieldName.same(wanted + count, base + slot.made.lowerBound, slot.madeCount)
        }
    }

    private func name(of slot: Slot) -> FieldName {
        let literal = FieldName(literal: slot.literal, count: Int(slot.literalCount))
        if slot.madeCount == 0 { return literal }
        return FieldName(literal.rawValue + String(decoding: storage[slot.made], as: UTF8.self))
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
        var text = text
        return text.withUTF8 { wanted in
            let range = slot.range
            guard wanted.count == range.count else { return false }
            return storage.withUnsafeBufferPointer { bytes in
                guard let a = wanted.baseAddress, let b = bytes.baseAddress else { return range.isEmpty }
                return FieldName.same(a, b + range.lowerBound, range.count)
            }
        }
    }

    /// Lends the bytes of the first field of that name, if it is a text; `nil` if there is none.
    public func withText(_ name: FieldName, _ body: (borrowing Span<UInt8>) -> Bool) -> Bool? {
        guard let slot = first(name), slot.kind == .text else { return nil }
        return body(storage.span.extracting(slot.range))
    }

    /// What became of a look at a field's text.
    enum Look<Answer> {
        case answer(Answer)
        case integer(Int64)
        /// It is there, and neither.
        case noText
        case absent
    }

    /// Lends the bytes of the first field of that name, if it is a text.
    @inline(__always)
    func withText<Answer>(named name: UnsafeBufferPointer<UInt8>, _ body: (RawSpan) -> Answer) -> Look<Answer> {
        let place = place(of: name)
        if place < 0 { return .absent }
        let kind = slots[place].kind
        if kind == .integer { return .integer(Int64(bitPattern: slots[place].value)) }
        guard kind == .text else { return .noText }
        return .answer(body(storage.span.extracting(slots[place].range).bytes))
    }

    /// The first field of that name.
    func value(named name: UnsafeBufferPointer<UInt8>) -> FieldValue? { first(name).map { value(of: $0) } }

    /// The bytes of the first field of that name, if it is a text: for prefixes and patterns, without a `String`.
    public func textBytes(_ name: FieldName) -> ArraySlice<UInt8>? {
        guard let slot = first(name), slot.kind == .text else { return nil }
        return storage[slot.range]
    }

    public var body: ArraySlice<UInt8> { storage[bodyRange] }

    @inline(__always)
    func withBody<Answer>(_ look: (RawSpan) -> Answer) -> Answer { look(storage.span.extracting(bodyRange).bytes) }

    /// A stretch of the message's own bytes, clamped to them.
    func bytes(in range: Range<Int>) -> ArraySlice<UInt8> { storage[range.clamped(to: 0..<storage.count)] }

    private func value(of slot: Slot) -> FieldValue {
        switch slot.kind {
        case .text: .text(String(decoding: storage[slot.range], as: UTF8.self))
        case .integer: .integer(Int64(bitPattern: slot.value))
        case .decimal: .decimal(Double(bitPattern: slot.value))
        case .boolean: .boolean(slot.value != 0)
        }
    }
}

extension [UInt8] {
    /// Appends a number of at most five digits.
    fileprivate mutating func append(decimal number: Int) {
        var divisor = 10_000
        while divisor > 1, number < divisor { divisor /= 10 }
        while divisor > 0 {
            append(48 &+ UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    @inline(__always)
    mutating func append(copying bytes: borrowing RawSpan) {
        bytes.withUnsafeBytes { append(contentsOf: $0) }
    }
}
