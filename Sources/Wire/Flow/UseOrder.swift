/// Which of a bounded number of slots was used longest ago: a doubly linked list in arrays, every step constant.
struct UseOrder: Sendable {
    private static let none: Int32 = -1
    private var older: [Int32] = []
    private var newer: [Int32] = []
    private var first = Self.none
    private var last = Self.none

    /// The slot that was used longest ago.
    var oldest: Int? { first == Self.none ? nil : Int(first) }

    /// One slot more, behind the highest; it is the newest.
    mutating func append() {
        older.append(last)
        newer.append(Self.none)
        let slot = Int32(truncatingIfNeeded: older.count - 1)
        if last == Self.none { first = slot } else { newer[Int(last)] = slot }
        last = slot
    }

    mutating func use(_ slot: Int) {
        guard older.indices.contains(slot), last != Int32(truncatingIfNeeded: slot) else { return }
        unlink(slot)
        older[slot] = last
        newer[slot] = Self.none
        let number = Int32(truncatingIfNeeded: slot)
        if last == Self.none { first = number } else { newer[Int(last)] = number }
        last = Int32(truncatingIfNeeded: slot)
    }

    /// Takes a slot out; the highest takes its number.
    mutating func remove(_ slot: Int) {
        guard older.indices.contains(slot) else { return }
        unlink(slot)
        let moved = older.count - 1
        if moved != slot {
            older[slot] = older[moved]
            newer[slot] = newer[moved]
            let number = Int32(truncatingIfNeeded: slot)
            if older[slot] == Self.none { first = number } else { newer[Int(older[slot])] = number }
            if newer[slot] == Self.none { last = number } else { older[Int(newer[slot])] = number }
        }
        older.removeLast()
        newer.removeLast()
    }

    private mutating func unlink(_ slot: Int) {
        let (before, after) = (older[slot], newer[slot])
        if before == Self.none { first = after } else { newer[Int(before)] = after }
        if after == Self.none { last = before } else { older[Int(after)] = before }
    }
}
