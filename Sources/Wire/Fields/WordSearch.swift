/// Many words looked for at once: whether one of them stands anywhere in a text.
///
/// Where a word stands, the first of its bytes as many as the shortest word has hold a group of a few bytes at one of every
/// `stride` places of the text. So only each such place is looked at: a bit says whether any word has that group near its
/// beginning, and only then the words that have it are compared. The longer the shortest word, the fewer the places.
/// What a text can cost is bounded by its length times the words that share a group, which are the profile's own.
///
/// All searches stand in a few flat arrays: asking touches no reference count.
struct WordSearch: Sendable {
    private struct Search: Sendable {
        /// Bytes that are looked at together, one to four, and from one place to the next.
        var group: Int
        var stride: Int
        /// The group's bytes in a word of four.
        var groupMask: UInt32
        /// Of the hash: what tells a bit, and what tells a bucket.
        var bitMask: UInt32
        var bucketMask: UInt32
        var firstBit: Int
        var firstBucket: Int

        @inline(__always)
        func mayBegin(_ hash: UInt32, _ bits: Span<UInt64>) -> Bool {
            let bit = Int(hash & bitMask)
            return bits[unchecked: firstBit &+ bit >> 6] >> UInt64(bit & 63) & 1 != 0
        }
    }

    /// A word that has a group of that bucket, `offset` bytes from its beginning.
    private struct Entry: Sendable {
        var start: UInt32
        var count: UInt32
        var offset: UInt32
    }

    private var words: [UInt8] = []
    private var bits: [UInt64] = []
    /// Of each bucket where its entries begin; those of one search end where the next one's begin.
    private var buckets: [UInt32] = []
    private var entries: [Entry] = []
    private var searches: [Search] = []

    /// Groups of a word that are kept: a longer stride would save no more.
    private static let strideLimit = 16

    /// - Parameter wanted: none of them empty.
    mutating func add(_ wanted: [[UInt8]]) -> Int {
        let shortest = wanted.map(\.count).min() ?? 1
        let group = shortest >= 8 ? 4 : max(1, min(3, shortest))
        let stride = min(shortest - group + 1, Self.strideLimit)
        let count = wanted.count * stride
        var bitCount = 512
        while bitCount < count * 64, bitCount < 1 << 16 { bitCount *= 2 }
        var bucketCount = 16
        while bucketCount < count * 2, bucketCount < 1 << 12 { bucketCount *= 2 }
        let search = Search(
            group: group, stride: stride, groupMask: UInt32.max >> UInt32(32 - group * 8),
            bitMask: UInt32(bitCount - 1), bucketMask: UInt32(bucketCount - 1),
            firstBit: bits.count, firstBucket: buckets.count)
        bits += [UInt64](repeating: 0, count: bitCount / 64)
        var lists = [[Entry]](repeating: [], count: bucketCount)
        for word in wanted {
            let start = words.count
            words += word
            for offset in 0..<stride {
                let hash = Self.hash(Self.group(word.span.bytes, at: offset, group))
                let bit = Int(hash & search.bitMask)
                bits[search.firstBit + bit / 64] |= 1 << UInt64(bit % 64)
                lists[Int(hash >> 16 & search.bucketMask)].append(
                    Entry(start: UInt32(start), count: UInt32(word.count), offset: UInt32(offset)))
            }
        }
        for list in lists {
            buckets.append(UInt32(entries.count))
            entries += list
        }
        buckets.append(UInt32(entries.count))
        searches.append(search)
        return searches.count - 1
    }

    @inline(never)
    func finds(_ number: Int, in text: RawSpan) -> Bool {
        let search = searches[number]
        let bits = bits.span
        let count = text.byteCount
        var at = 0
        while at &+ 4 <= count {
            let four = text.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt32.self)
            let group = UInt32(littleEndian: four) & search.groupMask
            if search.mayBegin(Self.hash(group), bits), isThere(search, group, at, text) { return true }
            at &+= search.stride
        }
        // Of the last bytes, fewer than a word of them.
        while at &+ search.group <= count {
            let group = Self.group(text, at: at, search.group)
            if search.mayBegin(Self.hash(group), bits), isThere(search, group, at, text) { return true }
            at &+= search.stride
        }
        return false
    }

    @inline(never)
    private func isThere(_ search: Search, _ group: UInt32, _ at: Int, _ text: RawSpan) -> Bool {
        let bucket = search.firstBucket &+ Int(Self.hash(group) >> 16 & search.bucketMask)
        for number in buckets[bucket]..<buckets[bucket &+ 1] {
            let entry = entries[Int(number)]
            let start = at &- Int(entry.offset)
            let end = start &+ Int(entry.count)
            guard start >= 0, end <= text.byteCount else { continue }
            let word = words.span.extracting(Int(entry.start)..<Int(entry.start) &+ Int(entry.count)).bytes
            if FieldQuestions.isSame(text.extracting(unchecked: start..<end), word) { return true }
        }
        return false
    }

    /// One to four bytes that stand in the text.
    @inline(__always)
    private static func group(_ text: RawSpan, at: Int, _ count: Int) -> UInt32 {
        var group: UInt32 = 0
        for index in 0..<count { group |= UInt32(text.big8(unchecked: at &+ index)) << UInt32(index &* 8) }
        return group
    }

    /// The low half tells the bit, the high half the bucket.
    @inline(__always)
    private static func hash(_ group: UInt32) -> UInt32 {
        let product = UInt64(group) &* 0x9E37_79B9_7F4A_7C15
        return UInt32(truncatingIfNeeded: product >> 32)
    }
}
