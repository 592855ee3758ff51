/// JSON values one after another, each a message whose leaves are fields `json.<path>`.
///
/// A line each (JSON Lines), separated by RS (RFC 7464), written over several lines, or the elements of one array:
/// whoever exports a log does one of these. A value must be an object.
public enum JSONLines {
    public static let fields: [FieldName] = ["line", "json.*"]

    /// Bytes of one value.
    public static let valueLimit = JSONFields.sizeLimit
}

/// One file, from its first byte on.
public struct JSONLinesDecoder: FileDecoder {
    public static var name: ProtocolName { .jsonl }
    public static var fields: [FieldName] { JSONLines.fields }

    private var line = 1
    private var isAtStart = true
    /// Inside of one array around all values.
    private var isInArray = false

    public init() {}

    /// Where the next value begins.
    public var nextLine: Int { line }

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        if isAtStart {
            if bytes.byteCount < 3, bytes.octet(0) >= 0x80 { return .needMore(atLeast: 3) }
            isAtStart = false
            if bytes.holds("\u{FEFF}", at: 0) { return .skip(3) }
        }
        let blanks = bytes.skip(from: 0, to: bytes.byteCount) { $0.isTextBlank || $0 == 0x1E || $0 == 44 }
        if blanks > 0 {
            for index in 0..<blanks where bytes.octet(index) == 10 { line += 1 }
            return .skip(blanks)
        }
        switch bytes.octet(0) {
        case UInt8(ascii: "[") where !isInArray:
            isInArray = true
            return .skip(1)
        case UInt8(ascii: "]") where isInArray:
            isInArray = false
            return .skip(1)
        case UInt8(ascii: "{"): break
        default: throw ParseError(.application, .malformed)
        }
        guard let end = try valueEnd(bytes) else {
            guard bytes.byteCount <= JSONLines.valueLimit else {
                throw ParseError(.application, .tooLarge, needed: bytes.byteCount, available: JSONLines.valueLimit)
            }
            return .needMore(atLeast: min(bytes.byteCount * 2, JSONLines.valueLimit + 1) + 1)
        }
        var message = Message(.jsonl, copying: bytes.extracting(0..<end))
        message.add("line", integer: line)
        message.setBody(in: 0..<end)
        try JSONFields.flatten(&message)
        for index in 0..<end where bytes.octet(index) == 10 { line += 1 }
        return .message(message, consumed: end)
    }

    /// The next line that begins like a value.
    public mutating func resynchronise(_ bytes: borrowing RawSpan) -> Int? {
        var from = 0
        while let end = bytes.firstIndex(of: 10, from: from) {
            line += 1
            from = end + 1
            if bytes.octet(from) == UInt8(ascii: "{") { return from }
        }
        return nil
    }

    /// Behind the brace that closes the object at the front; `nil`: not there yet.
    /// A line that begins with a brace while the object is open is the next value: this one was never closed.
    private func valueEnd(_ bytes: borrowing RawSpan) throws(ParseError) -> Int? {
        var depth = 0
        var isText = false
        var index = 0
        let end = bytes.byteCount
        while index < end {
            let byte = bytes.octet(index)
            if isText {
                switch byte {
                case UInt8(ascii: "\\"): index += 1
                case UInt8(ascii: "\""): isText = false
                case 10: throw ParseError(.application, .malformed, offset: index)
                default: break
                }
                index += 1
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if index > 0, byte == UInt8(ascii: "{"), !isInArray, bytes.octet(index - 1) == 10 {
                    throw ParseError(.application, .malformed, offset: index)
                }
                depth += 1
                guard depth <= JSONFields.depthLimit else {
                    throw ParseError(
                        .application, .tooLarge, offset: index, needed: depth, available: JSONFields.depthLimit)
                }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return index + 1 }
            default: break
            }
            index += 1
        }
        return nil
    }
}
