/// How a device that speaks in frames of its own puts them together: what a profile says about a display board or a
/// caller's keypad, in one line.
///
/// The text form is items separated by semicolons:
///
/// ```
/// start 02; end 03; separator ","; checksum xor over payload as hex; field 0 command; field 1 ticket; field 2 counter
/// start AA 55; length 8; checksum sum8 over frame; field 2+1 board u8; field 3+2 number bcd; field 5+2 counter u16
/// ```
///
/// Bytes are hexadecimal pairs or quoted text. With a separator a field is the n-th part of the payload; without, it
/// stands at an offset in it and has a length. The payload is what is between start and end, without the checksum.
public struct FrameLayout: Hashable, Sendable {
    public enum Checksum: String, Hashable, Sendable, CaseIterable {
        case xor
        /// The sum modulo 256, and what makes it zero.
        case sum8
        case lrc
        /// CRC-16 of Modbus (polynomial 8005 reflected, initially FFFF), low byte first.
        case crc16Modbus = "crc16-modbus"
        /// CRC-16/CCITT-FALSE (polynomial 1021, initially FFFF), high byte first.
        case crc16CCITT = "crc16-ccitt"

        var byteCount: Int {
            switch self {
            case .xor, .sum8, .lrc: 1
            case .crc16Modbus, .crc16CCITT: 2
            }
        }
    }

    /// What a checksum is of.
    public enum Coverage: String, Hashable, Sendable, CaseIterable {
        case payload
        /// Start bytes and payload.
        case frame
        /// Payload and end bytes; the checksum then stands behind the end.
        case end
    }

    /// How a field at an offset is read.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Text without blanks and NUL at its ends; hexadecimal digits of the bytes; two decimal digits a byte.
        case text, hex, bcd
        /// A whole number without a sign, of the field's length: high byte first, or low byte first.
        case uint, uintle
    }

    public struct Field: Hashable, Sendable {
        public enum Place: Hashable, Sendable {
            case part(Int)
            case bytes(offset: Int, count: Int)
        }

        public var name: String
        public var place: Place
        public var kind: Kind

        public init(name: String, place: Place, kind: Kind = .text) {
            self.name = name
            self.place = place
            self.kind = kind
        }
    }

    public static let payloadLimit = 1_024
    public static let fieldLimit = 32
    public static let markLimit = 8

    public let start: [UInt8]
    public let end: [UInt8]
    public let separator: [UInt8]
    /// Bytes of the payload, where no end says so.
    public let length: Int?
    public let checksum: Checksum?
    public let coverage: Coverage
    /// The checksum is written in hexadecimal digits instead of bytes.
    public let isHexadecimal: Bool
    public let fields: [Field]

    /// Throws what does not fit together: no start, neither end nor length, a field that the other items make
    /// impossible, a bound.
    public init(
        start: [UInt8], end: [UInt8] = [], separator: [UInt8] = [], length: Int? = nil, checksum: Checksum? = nil,
        coverage: Coverage = .payload, isHexadecimal: Bool = false, fields: [Field]
    ) throws(FrameLayoutError) {
        guard !start.isEmpty else {
            throw FrameLayoutError("no start; say 'start 02' or another byte that begins a frame")
        }
        guard end.isEmpty != (length == nil) else {
            throw FrameLayoutError("say 'end' with the last bytes, or 'length' with the payload's, and not both")
        }
        for (word, mark) in [("start", start), ("end", end), ("separator", separator)]
        where mark.count > Self.markLimit {
            throw FrameLayoutError("\(word) has \(mark.count) bytes; at most \(Self.markLimit)")
        }
        if let length, !(1...Self.payloadLimit).contains(length) {
            throw FrameLayoutError("length \(length) is not between 1 and \(Self.payloadLimit)")
        }
        if coverage == .end, end.isEmpty { throw FrameLayoutError("a checksum over the end needs an 'end'") }
        guard !fields.isEmpty, fields.count <= Self.fieldLimit else {
            throw FrameLayoutError("\(fields.count) fields; between 1 and \(Self.fieldLimit) are possible")
        }
        try Self.check(fields, hasSeparator: !separator.isEmpty, length: length)
        self.start = start
        self.end = end
        self.separator = separator
        self.length = length
        self.checksum = checksum
        self.coverage = coverage
        self.isHexadecimal = isHexadecimal
        self.fields = fields
    }

    private static func check(_ fields: [Field], hasSeparator: Bool, length: Int?) throws(FrameLayoutError) {
        var names: Set<String> = []
        for field in fields {
            guard isName(field.name) else {
                throw FrameLayoutError("field name '\(field.name)' is not of letters, digits, '-' and '_'")
            }
            guard names.insert(field.name).inserted else {
                throw FrameLayoutError("field '\(field.name)' comes twice")
            }
            switch field.place {
            case .part(let part):
                guard hasSeparator else {
                    throw FrameLayoutError("field '\(field.name)' is part \(part), and there is no 'separator'")
                }
                guard (0..<payloadLimit).contains(part) else {
                    throw FrameLayoutError(
                        "field '\(field.name)': part \(part) is not between 0 and \(payloadLimit - 1)")
                }
            case .bytes(let offset, let count):
                guard (0...payloadLimit).contains(offset), (1...payloadLimit).contains(count),
                    offset + count <= length ?? payloadLimit
                else {
                    throw FrameLayoutError(
                        "field '\(field.name)': \(offset)+\(count) is not inside of a payload of "
                            + "\(length ?? payloadLimit) bytes")
                }
                if field.kind == .uint || field.kind == .uintle, count > 4 {
                    throw FrameLayoutError("field '\(field.name)': a number has at most 4 bytes, not \(count)")
                }
            }
        }
    }

    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 32
            && name.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    }

    /// The bytes of a checksum as they are on the wire.
    func encode(checksum value: Int) -> [UInt8] {
        guard let checksum else { return [] }
        let low = UInt8(value & 255)
        let high = UInt8(value >> 8 & 255)
        let bytes =
            switch checksum {
            case .xor, .sum8, .lrc: [low]
            case .crc16Modbus: [low, high]
            case .crc16CCITT: [high, low]
            }
        guard isHexadecimal else { return bytes }
        return bytes.flatMap { [Self.digit($0 >> 4), Self.digit($0 & 15)] }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 55 + value }
}

/// What is wrong with a layout, with the wrong word and the right ones.
public struct FrameLayoutError: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    init(_ description: String) {
        self.description = description
    }
}

extension FrameLayout.Checksum {
    /// Linear in the bytes, without tables: frames are short.
    func value(_ bytes: some Sequence<UInt8>) -> Int {
        switch self {
        case .xor: return Int(bytes.reduce(0) { $0 ^ $1 })
        case .sum8: return Int(bytes.reduce(0) { $0 &+ $1 })
        case .lrc: return Int(0 &- bytes.reduce(0) { $0 &+ $1 })
        case .crc16Modbus:
            var crc: UInt16 = 0xFFFF
            for byte in bytes {
                crc ^= UInt16(byte)
                for _ in 0..<8 { crc = crc & 1 != 0 ? crc >> 1 ^ 0xA001 : crc >> 1 }
            }
            return Int(crc)
        case .crc16CCITT:
            var crc: UInt16 = 0xFFFF
            for byte in bytes {
                crc ^= UInt16(byte) << 8
                for _ in 0..<8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
            }
            return Int(crc)
        }
    }
}
