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

    /// Whether the bytes of two texts of one length are the same, a word at a time.
    @inline(__always)
    static func same(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var index = 0
        while count &- index >= 8 {
            let left = UnsafeRawPointer(a + index).loadUnaligned(as: UInt64.self)
            if left != UnsafeRawPointer(b + index).loadUnaligned(as: UInt64.self) { return false }
            index &+= 8
        }
        while index < count {
            if a[index] != b[index] { return false }
            index &+= 1
        }
        return true
    }
}

extension FieldName: Hashable {
    public static func == (a: FieldName, b: FieldName) -> Bool {
        if let literal = a.literal, literal == b.literal, a.literalCount == b.literalCount { return true }
        return a.withBytes { a in
            b.withBytes { b in
                guard a.count == b.count else { return false }
                guard let left = a.baseAddress, let right = b.baseAddress else { return a.isEmpty }
                return same(left, right, a.count)
            }
        }
    }

    public func hash(into hasher: inout Hasher) {
        withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension FieldName: Comparable, CustomStringConvertible {
    public static func < (a: FieldName, b: FieldName) -> Bool { a.rawValue < b.rawValue }
    public var description: String { rawValue }
}
