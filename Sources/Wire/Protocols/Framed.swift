/// Frames whose form a profile declares (`FrameLayout`): display boards and keypads that speak a language of their own.
public enum Framed {
    /// `field.<name>`, as the layout names them.
    public static let fields: [FieldName] = [Field.parts, "field.*"]

    public enum Field {
        /// How many parts the separator made of the payload.
        public static let parts: FieldName = "parts"
    }

    static let fieldPrefix = "field."

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        [("frames", "total")]
    }

    /// A frame with that payload: start, payload, checksum and end, as the layout says.
    public static func encode(_ payload: [UInt8], _ layout: FrameLayout) -> [UInt8] {
        guard let checksum = layout.checksum else { return layout.start + payload + layout.end }
        switch layout.coverage {
        case .payload:
            return layout.start + payload + layout.encode(checksum: checksum.value(payload)) + layout.end
        case .frame:
            let covered = layout.start + payload
            return covered + layout.encode(checksum: checksum.value(covered)) + layout.end
        case .end:
            let covered = payload + layout.end
            return layout.start + covered + layout.encode(checksum: checksum.value(covered))
        }
    }
}

/// Frames of one layout, in a datagram or in a stream. Bytes before a frame's start are passed over.
public struct FramedDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .framed }
    public static var fields: [FieldName] { Framed.fields }

    let layout: FrameLayout
    private let names: [FieldName]
    /// How far the frame at the front was searched for its end: bytes that trickle in are looked at once.
    private var searched = 0

    public init(_ layout: FrameLayout) {
        self.layout = layout
        names = layout.fields.map { FieldName(Framed.fieldPrefix + $0.name) }
    }

    private var checksumLength: Int {
        guard let checksum = layout.checksum else { return 0 }
        return checksum.byteCount * (layout.isHexadecimal ? 2 : 1)
    }

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        let start = layout.start
        let from = Self.place(of: start, bytes, from: 0, to: bytes.byteCount, mayBeCut: true)
        if from > 0 {
            searched = 0
            return .skip(from)
        }
        guard bytes.byteCount >= start.count else { return .needMore(atLeast: start.count) }
        guard let (payload, stated, end) = try parts(bytes) else {
            return .needMore(atLeast: bytes.byteCount + 1)
        }
        searched = 0
        try check(bytes, payload, stated)
        var message = Message(.framed, copying: bytes.extracting(0..<end))
        add(bytes, payload, to: &message)
        return .message(message, consumed: end)
    }

    /// Payload, checksum, and one past the frame; `nil` if it is not whole.
    mutating func parts(
        _ bytes: borrowing RawSpan
    ) throws(ParseError) -> (payload: Range<Int>, checksum: Range<Int>, end: Int)? {
        let first = layout.start.count
        let sum = checksumLength
        if let length = layout.length {
            let end = first + length + sum
            guard bytes.byteCount >= end else { return nil }
            return (first..<first + length, first + length..<end, end)
        }
        let mark = layout.end
        // Where the checksum is before the end, an end inside of the checksum is none.
        let inside = layout.coverage == .end ? 0 : sum
        let limit = first + FrameLayout.payloadLimit + inside
        let from = max(first + inside, searched)
        let close = Self.place(
            of: mark, bytes, from: from, to: min(bytes.byteCount, limit + mark.count), mayBeCut: false)
        guard close + mark.count <= bytes.byteCount, close <= limit, Self.holds(mark, bytes, at: close) else {
            guard bytes.byteCount < limit + mark.count else {
                searched = 0
                throw ParseError(
                    .application, .tooLarge, needed: bytes.byteCount, available: FrameLayout.payloadLimit)
            }
            searched = max(first + inside, bytes.byteCount - mark.count + 1)
            return nil
        }
        if layout.coverage == .end {
            let end = close + mark.count + sum
            guard bytes.byteCount >= end else { return nil }
            return (first..<close, close + mark.count..<end, end)
        }
        return (first..<close - sum, close - sum..<close, close + mark.count)
    }

    private func check(
        _ bytes: borrowing RawSpan, _ payload: Range<Int>, _ stated: Range<Int>
    ) throws(ParseError) {
        guard let expected = counted(bytes, payload, stated) else { return }
        for (offset, byte) in expected.enumerated()
        where !isSame(bytes.octet(stated.lowerBound + offset), byte) {
            throw ParseError(.application, .checksum, offset: stated.lowerBound)
        }
    }

    /// Hexadecimal digits may be small letters.
    func isSame(_ byte: UInt8, _ other: UInt8) -> Bool {
        layout.isHexadecimal ? byte.asciiLowercased == other.asciiLowercased : byte == other
    }

    /// The checksum as it should stand there; `nil`: the frame has none.
    func counted(_ bytes: borrowing RawSpan, _ payload: Range<Int>, _ stated: Range<Int>) -> [UInt8]? {
        guard let checksum = layout.checksum else { return nil }
        let covered =
            switch layout.coverage {
            case .payload: payload
            case .frame: 0..<payload.upperBound
            case .end: payload.lowerBound..<stated.lowerBound
            }
        return layout.encode(checksum: checksum.value(covered.map { bytes.octet($0) }))
    }

    private func add(_ bytes: borrowing RawSpan, _ payload: Range<Int>, to message: inout Message) {
        var parts: [Range<Int>] = []
        if !layout.separator.isEmpty {
            var from = payload.lowerBound
            while true {
                let next = Self.place(of: layout.separator, bytes, from: from, to: payload.upperBound, mayBeCut: false)
                parts.append(from..<next)
                guard next < payload.upperBound else { break }
                from = next + layout.separator.count
            }
            message.add(Framed.Field.parts, integer: parts.count)
        }
        for (field, name) in zip(layout.fields, names) {
            switch field.place {
            case .part(let part):
                guard parts.indices.contains(part) else { continue }
                value(bytes, parts[part], field.kind, name, &message)
            case .bytes(let offset, let count):
                let start = payload.lowerBound + offset
                guard start + count <= payload.upperBound else { continue }
                value(bytes, start..<start + count, field.kind, name, &message)
            }
        }
    }

    private func value(
        _ bytes: borrowing RawSpan, _ range: Range<Int>, _ kind: FrameLayout.Kind, _ name: FieldName,
        _ message: inout Message
    ) {
        switch kind {
        case .text:
            var text = range
            while let last = text.last, bytes.octet(last) == 0 { text = text.lowerBound..<last }
            message.add(name, in: bytes.trimmed(text))
        case .hex: message.add(name, text: bytes.hexadecimal(range))
        case .bcd:
            // A nibble above nine is a blank on most boards.
            let digits = range.flatMap { [bytes.octet($0) >> 4, bytes.octet($0) & 15] }.filter { $0 < 10 }
            message.add(name, text: digits.map { String($0) }.joined())
        case .uint: message.add(name, integer: range.prefix(4).reduce(0) { $0 << 8 | Int(bytes.octet($1)) })
        case .uintle:
            message.add(name, integer: range.prefix(4).reversed().reduce(0) { $0 << 8 | Int(bytes.octet($1)) })
        }
    }

    private static func holds(_ mark: [UInt8], _ bytes: borrowing RawSpan, at index: Int) -> Bool {
        for (offset, byte) in mark.enumerated() where bytes.octet(index + offset) != byte { return false }
        return index + mark.count <= bytes.byteCount
    }

    /// The first place of `mark` in `from..<end`, or `end`; with `mayBeCut`, also where the bytes end inside of it.
    static func place(
        of mark: [UInt8], _ bytes: borrowing RawSpan, from: Int, to end: Int, mayBeCut: Bool
    ) -> Int {
        guard let first = mark.first else { return end }
        var from = from
        while let index = bytes.firstIndex(of: first, from: from, to: end) {
            let known = min(mark.count, end - index)
            let isMark = (0..<known).allSatisfy { bytes.octet(index + $0) == mark[$0] }
            if isMark, known == mark.count || mayBeCut { return index }
            from = index + 1
        }
        return end
    }

    public mutating func resynchronise(_ bytes: borrowing RawSpan) -> Int? {
        searched = 0
        let place = Self.place(of: layout.start, bytes, from: 0, to: bytes.byteCount, mayBeCut: true)
        return place < bytes.byteCount ? place : nil
    }
}
