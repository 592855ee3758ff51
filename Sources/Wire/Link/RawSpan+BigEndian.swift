/// Network byte order, for offsets that a view has checked once in its initialiser.
///
/// MEASURED: checking each load again costs more than the rest of a header's decoding.
extension RawSpan {
    @inline(__always)
    func big8(unchecked offset: Int) -> UInt8 {
        unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }

    @inline(__always)
    func big16(unchecked offset: Int) -> UInt16 {
        UInt16(bigEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt16.self))
    }

    @inline(__always)
    func big32(unchecked offset: Int) -> UInt32 {
        UInt32(bigEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
    }

    @inline(__always)
    func big64(unchecked offset: Int) -> UInt64 {
        UInt64(bigEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// The bytes from `offset` on; the caller has checked that there are that many.
    @inline(__always)
    @_lifetime(copy self)
    func from(unchecked offset: Int) -> RawSpan {
        extracting(unchecked: offset..<byteCount)
    }
}
