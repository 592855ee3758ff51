import CLinux
import Wire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The process that may capture and does nothing else: it opens an interface, gives up whatever it does not need for
/// that, and copies frames to standard output. See `HelperRecord` for how.
///
/// It reads no byte of a frame. An expression for libpcap is the only thing that it is told, by who started it.
public struct CaptureHelper: ~Copyable {
    public struct Options: Sendable {
        public var interface: String
        /// The first that libpcap takes for the link type is used. None: the agent on standard input is asked.
        public var filters: [String] = []
        /// Whom root becomes; `nil` is `nobody`, if that can be.
        public var user: String?
        /// The process that started it, with which it dies.
        public var parent: Int32?

        public init(interface: String) { self.interface = interface }
    }

    /// Written at once; a quarter of what the pipe holds, so that both sides work at the same time.
    private static let batchBytes = 262_144
    /// Frames copied before anything else is looked at.
    private static let turn = 16_384

    private let options: Options
    private var capture: LiveCapture
    private var link: LinkType?
    private var output: [UInt8] = []
    private var input: [UInt8] = []
    private var said = LiveCapture.Counters()
    private var counted: Int64 = 0
    private var looked: Int64 = 0

    /// Copies frames until nobody reads them any more. Gives the exit code; `note` hears what a person should know.
    public static func run(_ options: Options, note: (String) -> Void) -> Int32 {
        Privileges.openStandardDescriptors()
        signal(SIGPIPE, SIG_IGN)
        if options.parent != nil {
            // They are meant for the agent, which then ends this by closing the pipe.
            for number in HelperProcess.keptFromHelpers { signal(number, SIG_IGN) }
            // Until now they were blocked, by who started this.
            var kept = HelperProcess.signalSet
            sigprocmask(SIG_UNBLOCK, &kept, nil)
        }
        do throws(CaptureError) {
            try copy(options, note: note)
            return 0
        } catch {
            var bytes: [UInt8] = []
            HelperRecord.failure(exitCode: UInt8(clamping: error.exitCode), reason: "\(error)").append(to: &bytes)
            _ = try? write(bytes, options.interface)
            if options.parent == nil { note("\(error)") }
            return error.exitCode
        }
    }

    private static func copy(_ options: Options, note: (String) -> Void) throws(CaptureError) {
        _ = linux_close_from(3)
        _ = "capture-helper".withCString { linux_prctl(PR_SET_NAME, UInt(bitPattern: $0), 0) }
        // The user database is read, and known interfaces are named, while that is still possible.
        let account = Account(named: options.user ?? "nobody")
        if let user = options.user, account == nil {
            throw .helper(interface: options.interface, reason: "--user \(user): no such user", exitCode: 67)
        }
        var helper = CaptureHelper(options, try LiveCapture(interface: options.interface))
        do throws(PrivilegeError) {
            for line in try Privileges.keepCapture(as: account, isFatal: options.user != nil) { note(line) }
            if let parent = options.parent { try Privileges.dieWithParent(parent) }
        } catch {
            throw .helper(interface: options.interface, reason: "\(error)", exitCode: 71)
        }
        if let missing = Privileges.confine() { note("\(missing); the capture helper goes on without it") }
        HelperRecord.hello(version: HelperRecord.version).append(to: &helper.output)
        try helper.copy()
    }

    private init(_ options: Options, _ capture: consuming LiveCapture) {
        self.options = options
        self.capture = capture
        output.reserveCapacity(Self.batchBytes + 2 * HelperRecord.bodyLimit)
    }

    private mutating func copy() throws(CaptureError) {
        while true {
            while let change = capture.takeChange() { HelperRecord.change(change).append(to: &output) }
            if capture.isOpen, capture.link != link {
                link = capture.link
                HelperRecord.link(capture.link).append(to: &output)
                guard try install() else { return }
            }
            count()
            guard try flush(), try listen() else { return }
            var copied = 0
            while copied < Self.turn, capture.takeReady({ HelperRecord.append($1, $0, to: &output) }) {
                copied += 1
                if output.count >= Self.batchBytes, !(try flush()) { return }
            }
            // Nobody waits for a full batch when there is time.
            guard try flush() else { return }
            if copied < Self.turn { _ = capture.next { HelperRecord.append($1, $0, to: &output) } }
        }
    }

    /// The filter for this link type, before any of its frames. `false`: the agent is gone.
    private mutating func install() throws(CaptureError) -> Bool {
        guard !options.filters.isEmpty else {
            guard try flush() else { return false }
            while !capture.hasFilter {
                guard try listen(waiting: -1) else { return false }
            }
            return true
        }
        var failure: CaptureError?
        for expression in options.filters {
            do throws(CaptureError) {
                try apply(expression)
                return true
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return true
    }

    private mutating func apply(_ expression: String) throws(CaptureError) {
        let length = try capture.setFilter(expression)
        HelperRecord.filtered(instructions: UInt32(clamping: length)).append(to: &output)
    }

    /// What the agent says. `false`: it is gone.
    private mutating func listen(waiting milliseconds: Int32 = 0) throws(CaptureError) -> Bool {
        guard options.parent != nil else { return true }
        var request = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, milliseconds) > 0 else { return true }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = bytes.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { return true }
        guard count > 0 else { return false }
        input += bytes.prefix(count)
        for expression in try expressions() { try apply(expression) }
        return true
    }

    /// The filters in what came from the agent that are for the link type of now.
    private mutating func expressions() throws(CaptureError) -> [String] {
        var out: [String] = []
        do throws(HelperStreamError) {
            var start = 0
            while let (record, end) = try HelperRecord.read(input.span.bytes, at: start) {
                start = end
                guard case .filter(let expression, let target) = record else { throw .turn }
                if target == link { out.append(expression) }
            }
            input.removeFirst(start)
        } catch {
            throw .helper(interface: options.interface, reason: "agent: \(error)", exitCode: 70)
        }
        return out
    }

    /// Says how many frames there were and how many were lost: when some were, soon; otherwise once a second.
    private mutating func count() {
        let time = InterfaceWatch.now()
        guard time - looked >= 100_000_000 else { return }
        looked = time
        let counters = capture.readCounters()
        let isNews = counters.dropped != said.dropped || counters.reopened != said.reopened
        guard isNews || time - counted >= 1_000_000_000 else { return }
        said = counters
        counted = time
        HelperRecord.counters(counters).append(to: &output)
    }

    private mutating func flush() throws(CaptureError) -> Bool {
        guard !output.isEmpty else { return true }
        defer { output.removeAll(keepingCapacity: true) }
        return try Self.write(output, options.interface)
    }

    /// `false`: nobody reads any more. Anything else that fails is an error.
    private static func write(_ bytes: [UInt8], _ interface: String) throws(CaptureError) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                #if canImport(Glibc)
                    Glibc.write(STDOUT_FILENO, $0.baseAddress.map { $0 + done }, $0.count - done)
                #else
                    Musl.write(STDOUT_FILENO, $0.baseAddress.map { $0 + done }, $0.count - done)
                #endif
            }
            if count > 0 {
                done += count
            } else if errno == EPIPE {
                return false
            } else if errno != EINTR {
                throw .helper(
                    interface: interface, reason: "standard output: \(String(cString: strerror(errno)))", exitCode: 74)
            }
        }
        return true
    }
}
