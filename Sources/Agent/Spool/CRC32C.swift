/// CRC-32C (Castagnoli; RFC 3720 appendix B.4): finds any burst of up to 32 flipped bits, and any odd number of them.
struct CRC32C {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
    }

    private var state: UInt32 = .max

    mutating func update(_ bytes: some Collection<UInt8>) {
        let fast: Void? = bytes.withContiguousStorageIfAvailable { buffer in
            Self.table.withUnsafeBufferPointer { table in
                var value = state
                for byte in buffer { value = value >> 8 ^ table[Int((value ^ UInt32(byte)) & 255)] }
                state = value
            }
        }
        guard fast == nil else { return }
        for byte in bytes { state = state >> 8 ^ Self.table[Int((state ^ UInt32(byte)) & 255)] }
    }

    var value: UInt32 { ~state }

    static func of(_ bytes: some Collection<UInt8>) -> UInt32 {
        var crc = CRC32C()
        crc.update(bytes)
        return crc.value
    }
}

extension [UInt8] {
    /// Little-endian, as everything in a segment file is.
    mutating func append<Integer: FixedWidthInteger>(little value: Integer) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}

/// Reads what `append(little:)` wrote; running out of bytes is `nil`, never a trap.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private(set) var offset: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        offset = bytes.startIndex
    }

    mutating func integer<Integer: FixedWidthInteger>(_ type: Integer.Type = Integer.self) -> Integer? {
        let width = Integer.bitWidth / 8
        guard let slice = take(width) else { return nil }
        var value: Integer = 0
        withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: slice) }
        return Integer(littleEndian: value)
    }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.endIndex - offset else { return nil }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    mutating func text() -> String? {
        guard let count = integer(UInt16.self), let slice = take(Int(count)) else { return nil }
        return String(decoding: slice, as: UTF8.self)
    }

    mutating func rest() -> ArraySlice<UInt8> { take(bytes.endIndex - offset) ?? [] }
}
