import Wire

/// Which devices of the site are at an address: asked for every frame and every message, and nearly always the answer
/// is none.
///
/// MEASURED: a dictionary's look costs 30 ns, a fifth of what decoding a syslog message does; this costs 3. Its keys are
/// the site's own, so how long a look can take does not depend on what comes over the network.
struct AddressTable<Address: TableAddress>: Sendable {
    private struct Slot: Sendable {
        var address: Address
        /// Negative: empty.
        var list: Int32 = -1
        /// Its session, if it has one alone; negative otherwise.
        var single: Int32 = -1
    }

    /// What is at an address; both negative: nobody.
    struct Found {
        var list: Int
        var single: Int
    }

    /// A power of two, at most a quarter of them taken.
    private var slots: [Slot] = []
    private var lists: [[Int]] = []

    var isEmpty: Bool { lists.isEmpty }

    /// Sessions at an address come in the order in which they are added.
    mutating func add(_ session: Int, at address: Address) {
        if lists.count * 4 >= slots.count { grow() }
        var at = place(address)
        while slots[at].list >= 0, slots[at].address != address { at = (at + 1) & (slots.count - 1) }
        if slots[at].list < 0 {
            slots[at] = Slot(address: address, list: Int32(lists.count), single: Int32(session))
            lists.append([])
        } else {
            slots[at].single = -1
        }
        lists[Int(slots[at].list)].append(session)
    }

    private mutating func grow() {
        let taken = slots.filter { $0.list >= 0 }
        slots = Array(repeating: Slot(address: .nobody), count: max(16, slots.count * 2))
        for slot in taken {
            var at = place(slot.address)
            while slots[at].list >= 0 { at = (at + 1) & (slots.count - 1) }
            slots[at] = slot
        }
    }

    /// Negative: nobody is there.
    @inline(__always)
    func find(_ address: Address) -> Int { look(address).list }

    @inline(__always)
    func look(_ address: Address) -> Found {
        if lists.isEmpty { return Found(list: -1, single: -1) }
        var at = place(address)
        while slots[at].list >= 0 {
            if slots[at].address == address {
                return Found(list: Int(slots[at].list), single: Int(slots[at].single))
            }
            at = (at &+ 1) & (slots.count &- 1)
        }
        return Found(list: -1, single: -1)
    }

    /// The sessions of what was found; none of what was not.
    subscript(found: Int) -> [Int] { lists.indices.contains(found) ? lists[found] : [] }

    @inline(__always)
    private func place(_ address: Address) -> Int {
        Int(truncatingIfNeeded: (address.word &* 0x9E37_79B9_7F4A_7C15) >> 32) & (slots.count &- 1)
    }
}

/// What devices are found by.
protocol TableAddress: Equatable, Sendable {
    /// Any value: it fills slots that are empty.
    static var nobody: Self { get }
    var word: UInt64 { get }
}

extension IPAddress: TableAddress {
    static var nobody: IPAddress { .unspecified }
    var word: UInt64 { low ^ (high &* 0xFF51_AFD7_ED55_8CCD) }
}

extension MACAddress: TableAddress {
    static var nobody: MACAddress { MACAddress(0) }
    var word: UInt64 { value }
}
