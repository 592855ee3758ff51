#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What happened to an interface that is listened on. None of it ends the capture; each is told once.
public enum InterfaceChange: Error, Hashable, Sendable, CustomStringConvertible {
    /// Switched off, or its cable is out.
    case down(String)
    case up(String)
    /// It goes on under another name.
    case renamed(String, to: String)
    /// Unplugged, or libpcap gave up on it, for this reason; it is looked for until it comes back.
    case gone(String, reason: String)
    case returned(String)
    /// It was not up when the capture began.
    case notUp(String)

    public var description: String {
        switch self {
        case .down(let name): "\(name): down, nothing is heard"
        case .up(let name): "\(name): up again"
        case .renamed(let name, let other): "\(name): is called \(other) now"
        case .gone(let name, let reason): "\(name): gone (\(reason)), waiting for it"
        case .returned(let name): "\(name): is back"
        case .notUp(let name): "\(name): is not up; it is heard once it is"
        }
    }
}

/// Compares an interface with what it was a moment ago.
struct InterfaceWatch: Sendable {
    /// Between two looks, in nanoseconds: a look asks the kernel for all interfaces.
    static let interval: Int64 = 1_000_000_000

    /// What it is called now.
    private(set) var name: String
    private var index: UInt32
    private(set) var isUp: Bool
    private var looked: Int64

    /// `any` is no interface and never changes.
    init(_ name: String) {
        self.name = name
        index = name == "any" ? 0 : if_nametoindex(name)
        isUp = Self.isUp(name) ?? true
        looked = Self.now()
    }

    /// Monotonic, not the time of day.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// Whether it is called otherwise now: what libpcap takes for gone, if it happens while the interface is down.
    mutating func rename() -> InterfaceChange? {
        var buffer = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
        guard index != 0, if_indextoname(index, &buffer) != nil else { return nil }
        let current = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard current != name else { return nil }
        defer { name = current }
        return .renamed(name, to: current)
    }

    /// What changed since the last look, if it is time for one.
    mutating func look() -> InterfaceChange? {
        guard index != 0 else { return nil }
        let time = Self.now()
        guard time - looked >= Self.interval else { return nil }
        looked = time
        if let change = rename() { return change }
        var buffer = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
        guard if_indextoname(index, &buffer) != nil else { return .gone(name, reason: "no such interface") }
        guard let found = Self.isUp(name), found != isUp else { return nil }
        isUp = found
        return found ? .up(name) : .down(name)
    }

    /// Whether an interface of that name is there and up; `nil` if there is none.
    static func isUp(_ name: String) -> Bool? {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return nil }
        defer { freeifaddrs(list) }
        var item = list
        while let entry = item?.pointee {
            if String(cString: entry.ifa_name) == name {
                let wanted = UInt32(IFF_UP) | UInt32(IFF_RUNNING)
                return entry.ifa_flags & wanted == wanted
            }
            item = entry.ifa_next
        }
        return nil
    }
}
