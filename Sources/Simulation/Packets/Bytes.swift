/// Bytes in network order, and the Internet checksum.
extension [UInt8] {
    mutating func append16(_ value: some BinaryInteger) {
        let word = UInt16(truncatingIfNeeded: value)
        append(UInt8(truncatingIfNeeded: word >> 8))
        append(UInt8(truncatingIfNeeded: word))
    }

    mutating func append32(_ value: some BinaryInteger) {
        let word = UInt32(truncatingIfNeeded: value)
        append16(word >> 16)
        append16(word)
    }

    mutating func append64(_ value: UInt64) {
        append32(value >> 32)
        append32(value)
    }

    mutating func set16(_ value: UInt16, at offset: Int) {
        self[offset] = UInt8(truncatingIfNeeded: value >> 8)
        self[offset + 1] = UInt8(truncatingIfNeeded: value)
    }

    /// RFC 1071 over `self`, an odd last byte padded with zero.
    var internetChecksum: UInt16 {
        var sum: UInt32 = 0
        var index = 0
        while index + 1 < count {
            sum &+= UInt32(self[index]) << 8 | UInt32(self[index + 1])
            index += 2
        }
        if index < count { sum &+= UInt32(self[index]) << 8 }
        while sum > 0xFFFF { sum = sum >> 16 &+ sum & 0xFFFF }
        return ~UInt16(truncatingIfNeeded: sum)
    }
}
