/// What a field is called in profiles and in `decode` output: `sip.method` is field `method` of protocol `sip`.
///
/// Decoders name their fields by literals: such a name is two words that point into the program, so that a message can
/// hold many without an allocation or a reference count. Names that were put together (`header.x-y`) are `String`s.
public struct FieldName: ExpressibleByStringLiteral, @unchecked Sendable {
    /// A literal's UTF-8, which lives as long as the program.
    let literal: UnsafePointer<UInt8>?
    let literalCount: Int
    private let made: String?

    public init(_ rawValue: String) {
        literal = nil
        literalCount = 0
        made = rawValue
    }

    public init(stringLiteral value: StaticString) {
        literal = value.utf8Start
        literalCount = value.utf8CodeUnitCount
        made = nil
    }

    init(literal: UnsafePointer<UInt8>, count: Int) {
        self.literal = literal
        literalCount = count
        made = nil
    }

    public var rawValue: String {
        if let made { return made }
        return String(decoding: UnsafeBufferPointer(start: literal, count: literalCount), as: UTF8.self)
    }

    /// Lends the name's UTF-8.
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        guard var made else { return body(UnsafeBufferPointer(start: literal, count: literalCount)) }
        return made.withUTF8(body)
    }

    /// Whether it is the literal that stands there.
    @inline(__always)
    func isLiteral(_ other: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        guard let literal else { return withBytes { Self.same($0, UnsafeBufferPointer(start: other, count: count)) } }
        if count != literalCount { return false }
        // The linker keeps one copy of each literal, nearly always.
        return literal == other
            || Self.same(
                UnsafeBufferPointer(start: literal, count: count), UnsafeBufferPointer(start: other, count: count))
    }

    @inline(never)
    static func same(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        for index in 0..<a.count where a[index] != b[index] { return false }
        return true
    }
}

extension FieldName: Hashable {
    public static func == (a: FieldName, b: FieldName) -> Bool {
        if let literal = b.literal { return a.isLiteral(literal, b.literalCount) }
        return a.withBytes { a in b.withBytes { same(a, $0) } }
    }

    public func hash(into hasher: inout Hasher) {
        withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension FieldName: Comparable, CustomStringConvertible {
    public static func < (a: FieldName, b: FieldName) -> Bool { a.rawValue < b.rawValue }
    public var description: String { rawValue }
}
