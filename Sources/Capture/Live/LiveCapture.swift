import CLibpcap
public import Wire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Frames from an interface, through libpcap. Needs CAP_NET_RAW: the capture helper's way, behind `HelperCapture`.
///
/// Never in immediate mode (MEASURED: 49 times the CPU per packet). The kernel hands over what it has at least every
/// `pollMilliseconds`; the time stamps are its own, so service times are right although frames come late.
///
/// An interface that goes down, is renamed or unplugged does not end the capture: `next` says that nothing came,
/// `takeChange` what happened, and once a second it is tried again.
public struct LiveCapture: ~Copyable, FrameSource {
    public static let snapLength = 65_535
    public static let pollMilliseconds: Int32 = 100

    /// What the capture counts of itself.
    public struct Counters: Hashable, Sendable {
        /// Frames handed out: our own count, because libpcap's counts each frame of the loopback twice.
        public var frames: UInt64 = 0
        /// Frames that the kernel had no room for, since the start.
        public var dropped: UInt64 = 0
        /// Frames that the interface itself dropped, as far as its driver says.
        public var droppedByInterface: UInt64 = 0
        /// How often the interface was lost and opened again.
        public var reopened: UInt64 = 0
    }

    public struct Options: Hashable, Sendable {
        /// Room for frames that wait for us. A busy mirror port fills 16 MiB in about a tenth of a second.
        public var bufferBytes = 16_777_216
        /// Whether frames for other hosts are wanted: yes on a mirror port.
        public var isPromiscuous = true
        public init() {}
    }

    public let interface: String
    /// Of the frames that come now. Ethernet is assumed of an interface that was never up.
    public private(set) var link = LinkType.ethernet
    public private(set) var counters = Counters()
    public var isOpen: Bool { handle != nil }
    /// Whether a filter was set that holds for this link type.
    var hasFilter: Bool { filter != nil }
    private let options: Options
    /// `nil` while the interface is gone.
    private var handle: OpaquePointer?
    private var descriptor: Int32 = -1
    private var hasNanoseconds = false
    private var filter: String?
    private var watch: InterfaceWatch
    private var changes: [InterfaceChange] = []
    private var triedAt: Int64 = 0
    /// What the kernel had dropped of this handle when its filter came into force: frames that nobody asked for.
    private var unwanted: (byKernel: UInt32, byInterface: UInt32)?
    /// Of the handles before this one.
    private var before = Counters()

    /// Opens the interface; `any` stands for all of them. One that is not up yet is opened once it is.
    /// Throws `CaptureError.permission`, `.noSuchInterface` or `.live`.
    public init(interface: String, options: Options = Options()) throws(CaptureError) {
        let handle = try Self.open(interface, options)
        self.interface = interface
        self.options = options
        watch = InterfaceWatch(interface)
        if let handle { use(handle) }
        if handle == nil || !watch.isUp { note(.notUp(interface)) }
    }

    deinit {
        if let handle { pcap_close(handle) }
    }

    private mutating func use(_ handle: OpaquePointer) {
        self.handle = handle
        unwanted = nil
        link = LinkType(dataLinkType: pcap_datalink(handle))
        descriptor = pcap_get_selectable_fd(handle)
        hasNanoseconds = pcap_get_tstamp_precision(handle) == PCAP_TSTAMP_PRECISION_NANO
    }

    /// `nil`: it is there and not up.
    private static func open(_ interface: String, _ options: Options) throws(CaptureError) -> OpaquePointer? {
        var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard let handle = pcap_create(interface, &message) else {
            throw .live(interface: interface, reason: text(message))
        }
        pcap_set_snaplen(handle, Int32(snapLength))
        pcap_set_promisc(handle, options.isPromiscuous && interface != "any" ? 1 : 0)
        pcap_set_timeout(handle, pollMilliseconds)
        pcap_set_buffer_size(handle, Int32(clamping: options.bufferBytes))
        pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO)
        let status = pcap_activate(handle)
        if status < 0 {
            let reason = String(cString: pcap_geterr(handle))
            pcap_close(handle)
            switch status {
            case PCAP_ERROR_IFACE_NOT_UP: return nil
            case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED:
                throw .permission(interface: interface)
            case PCAP_ERROR_NO_SUCH_DEVICE:
                throw .noSuchInterface(interface, known: interfaces())
            default:
                throw .live(
                    interface: interface, reason: reason.isEmpty ? String(cString: pcap_statustostr(status)) : reason)
            }
        }
        if pcap_datalink(handle) == DLT_LINUX_SLL {
            // Version 2 also names the interface; where it is not known, version 1 does.
            pcap_set_datalink(handle, DLT_LINUX_SLL2)
        }
        if pcap_setnonblock(handle, 1, &message) < 0 {
            pcap_close(handle)
            throw .live(interface: interface, reason: text(message))
        }
        return handle
    }

    /// The interfaces that can be captured from, by name.
    public static func interfaces() -> [String] {
        var list: UnsafeMutablePointer<pcap_if_t>?
        var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard pcap_findalldevs(&list, &message) == 0 else { return [] }
        defer { pcap_freealldevs(list) }
        var names: [String] = []
        var item = list
        while let device = item?.pointee {
            names.append(String(cString: device.name))
            item = device.next
        }
        return names
    }

    /// Lets only frames through that pass `expression`. Gives the number of the kernel's instructions.
    @discardableResult
    public mutating func setFilter(_ expression: String) throws(CaptureError) -> Int {
        var length = 0
        do throws(CaptureError) {
            if let handle { length = try Self.apply(expression, to: handle) }
        } catch .live(_, let reason) {
            // Not the words' fault: the interface went while they were compiled. It gets them when it is back.
            note(.gone(watch.name, reason: reason))
        }
        filter = expression
        beginCounting()
        return length
    }

    private static func apply(_ expression: String, to handle: OpaquePointer) throws(CaptureError) -> Int {
        let filter = try PacketFilter(expression, handle: handle)
        var program = filter.program
        guard pcap_setfilter(handle, &program) == 0 else {
            throw .live(interface: "", reason: String(cString: pcap_geterr(handle)))
        }
        return filter.length
    }

    /// Once for each handle, when its filter is in force.
    private mutating func beginCounting() {
        var statistics = pcap_stat()
        guard unwanted == nil, let handle, pcap_stats(handle, &statistics) == 0 else { return }
        unwanted = (statistics.ps_drop, statistics.ps_ifdrop)
    }

    /// Lets only frames of these devices through, tagged ones included; none means all IP and the neighbours.
    public mutating func setFilter(for addresses: [IPAddress]) throws(CaptureError) {
        try setFilter(CaptureFilter.expression(for: addresses, link: link))
    }

    /// Lets through what `filter` says, as far as this link type can tell it.
    public mutating func setFilter(_ filter: CaptureFilter) throws(CaptureError) {
        try setFilter(filter.expression(link: link))
    }

    /// Hands the next frame to `body`. `false`: none came within `pollMilliseconds`, or a signal came.
    public mutating func next(_ body: (FrameHeader, borrowing RawSpan) -> Void) -> Bool {
        guard handle != nil else {
            reopen()
            return false
        }
        if deliver(body) { return true }
        if let change = watch.look() { note(change) }
        guard handle != nil else { return false }
        guard descriptor >= 0 else {
            usleep(UInt32(Self.pollMilliseconds) * 1_000)
            return deliver(body)
        }
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, Self.pollMilliseconds) > 0 else { return false }
        if deliver(body) { return true }
        // An interface that goes down wakes us without a frame: no reason to spin.
        if request.revents & Int16(POLLIN) == 0 { usleep(UInt32(Self.pollMilliseconds) * 1_000) }
        return false
    }

    /// What happened to the interface since it was last asked, oldest first.
    public mutating func takeChange() -> InterfaceChange? {
        changes.isEmpty ? nil : changes.removeFirst()
    }

    /// Hands a frame to `body` that is there already. `false`: there is none.
    public mutating func takeReady(_ body: (FrameHeader, borrowing RawSpan) -> Void) -> Bool { deliver(body) }

    private mutating func deliver(_ body: (FrameHeader, borrowing RawSpan) -> Void) -> Bool {
        guard let handle else { return false }
        var header: UnsafeMutablePointer<pcap_pkthdr>?
        var bytes: UnsafePointer<UInt8>?
        let status = pcap_next_ex(handle, &header, &bytes)
        guard status == 1, let header, let bytes else {
            if status == PCAP_ERROR {
                let reason = String(cString: pcap_geterr(handle))
                if let change = watch.rename() { note(change) }
                note(.gone(watch.name, reason: reason))
            }
            return false
        }
        counters.frames &+= 1
        let time = header.pointee.ts
        let fraction = Int64(time.tv_usec) &* (hasNanoseconds ? 1 : 1_000)
        body(
            FrameHeader(
                at: Timestamp(seconds: Int64(time.tv_sec), nanoseconds: fraction), link: link,
                originalLength: Int(header.pointee.len), number: counters.frames),
            UnsafeRawBufferPointer(start: bytes, count: Int(header.pointee.caplen)).bytes)
        return true
    }

    /// Remembers what happened; nobody who asks now and then misses any of it.
    private mutating func note(_ change: InterfaceChange) {
        if changes.count >= 16 { changes.removeFirst() }
        changes.append(change)
        if case .gone = change, let handle {
            before = readCounters()
            pcap_close(handle)
            self.handle = nil
            descriptor = -1
            triedAt = InterfaceWatch.now()
        }
    }

    /// Tries once a second whether the interface is back, under its last name or its first.
    private mutating func reopen() {
        usleep(UInt32(Self.pollMilliseconds) * 1_000)
        let time = InterfaceWatch.now()
        guard time - triedAt >= InterfaceWatch.interval else { return }
        triedAt = time
        for name in [watch.name, interface] where InterfaceWatch.isUp(name) != nil || name == "any" {
            do throws(CaptureError) {
                guard let opened = try Self.open(name, options) else { continue }
                // The same words mean something else on another link type: whoever set them must do so again.
                if LinkType(dataLinkType: pcap_datalink(opened)) != link { filter = nil }
                if let filter {
                    do throws(CaptureError) {
                        _ = try Self.apply(filter, to: opened)
                    } catch {
                        pcap_close(opened)
                        throw error
                    }
                }
                use(opened)
                if filter != nil { beginCounting() }
                watch = InterfaceWatch(name)
                counters.reopened &+= 1
                note(.returned(name))
                if !watch.isUp { note(.down(name)) }
                return
            } catch {
                // It may come up while we look; the next second tries again.
                continue
            }
        }
    }

    /// Asks the kernel what it had to drop.
    public mutating func readCounters() -> Counters {
        var statistics = pcap_stat()
        if let handle, pcap_stats(handle, &statistics) == 0 {
            let (kernel, interface) = unwanted ?? (0, 0)
            counters.dropped = before.dropped &+ UInt64(statistics.ps_drop &- kernel)
            counters.droppedByInterface = before.droppedByInterface &+ UInt64(statistics.ps_ifdrop &- interface)
        }
        return counters
    }

    private static func text(_ message: [CChar]) -> String {
        String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
