import Agent
import ArgumentParser
import Capture
import Domain
import Wire

#if canImport(Glibc)
    import Glibc
#endif

struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reads captures as if they were heard now: prints the events, or spools and forwards them.",
        discussion: """
            Without --to and --spool it prints. With --to it ends when the collector has confirmed everything. A replay \
            that was killed and runs again with the same spool adds nothing twice: each file is a feed, named by its \
            content. Each file is read on its own; state does not pass from one to the next.
            """)

    enum Form: String, ExpressibleByArgument, CaseIterable { case jsonl }

    @OptionGroup var place: SiteOptions
    @OptionGroup var destination: SpoolOptions

    @Option(help: "Print every event, one JSON object a line.")
    var output: Form?

    @Flag(help: "Print only what a truth can know, in the core form, sorted.")
    var core = false

    @Option(
        help: ArgumentHelp(
            "Give up on the collector after so long without progress; 0 never does.", valueName: "seconds"))
    var patience = 0

    @Argument(help: ArgumentHelp("pcap or pcapng files.", valueName: "capture"))
    var files: [String]

    private var spools: Bool { destination.to != nil || destination.spool != nil }
    private var prints: Bool { core || output != nil || !spools }

    func run() async throws {
        let (site, profiles) = try place.load()
        let clock = site.site.office.clock
        var sorted = CoreForm()
        var lines = LineWriter()
        var failed = false
        let session = spools ? try Session(destination, site: site) : nil
        for path in files {
            do {
                let feed = try spools ? FileFeed.name(of: path) : "file:" + path
                let driver = try FeedDriver(site: site, profiles: profiles, feed: feed)
                try await read(path, driver, site, session) { events in
                    if core {
                        sorted.append(events)
                    } else if prints {
                        for event in events { lines.write(event.fullForm(clock: clock)) }
                    }
                }
            } catch let error as ProfileError {
                throw stop("\(error)", Code.configuration)
            } catch let error as ParseError {
                say("\(path): \(error.reason.rawValue) at byte \(error.offset); what came before was read")
                failed = true
            } catch let error as ExitCode {
                throw error
            } catch {
                say("\(path): \(error)")
                failed = true
            }
        }
        if core { for line in sorted.lines(clock: clock) { lines.write(line) } }
        lines.flush()
        if let session { try await session.finish(patience: patience) }
        if failed { throw ExitCode.failure }
    }

    private func read(
        _ path: String, _ start: FeedDriver, _ site: SiteRevision, _ session: Session?,
        _ take: ([DomainEvent]) -> Void
    ) async throws {
        var driver = start
        var file = try CaptureFile(path: path)
        let progress = isatty(STDERR_FILENO) == 1
        var waiting: [DomainEvent] = []
        var damage: (any Error)?
        var isFirst = true
        var isMore = true
        while isMore {
            var events: [DomainEvent] = []
            do {
                isMore = try file.next { header, bytes in events = driver.frame(header, bytes) }
            } catch {
                damage = error
                isMore = false
            }
            if progress, isMore, file.frameCount.isMultiple(of: 1_000) { show("\(path): \(file.frameCount) frames") }
            if !isMore { events += driver.finish() }
            take(events)
            guard let session else { continue }
            if isFirst, let at = driver.last {
                // Position 0, before the first frame's: the collector must know the site before its events.
                let source = SourcePosition(feed: driver.feed, position: 0)
                try await session.append(site, source: source, at: Instant(milliseconds: at.milliseconds))
                isFirst = false
            }
            waiting += events
            if waiting.count >= 500 || !isMore {
                try await session.append(waiting)
                waiting.removeAll(keepingCapacity: true)
            }
        }
        if progress { show("") }
        if let damage { throw damage }
    }

    private func show(_ text: String) {
        let line = "\r" + text + "\u{1b}[K"
        _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }
}

/// A replay's spool and its sender.
private actor Session {
    private let keeper: SpoolKeeper
    private let sender: Task<Void, Never>?
    private let office: String
    private var feed: SpoolFeed

    init(_ options: SpoolOptions, site: SiteRevision) throws {
        office = site.site.office.id
        let keeper = try options.open(office: office).keeper
        self.keeper = keeper
        feed = SpoolFeed(keeper)
        if let to = options.to {
            let service = UplinkService(keeper: keeper, url: to)
            sender = Task { await service.run() }
        } else {
            sender = nil
        }
    }

    func append(_ events: [DomainEvent]) async throws {
        try await waitForRoom()
        var feed = self.feed
        try await feed.append(events)
        self.feed = feed
    }

    func append(_ site: SiteRevision, source: SourcePosition, at: Instant) async throws {
        var feed = self.feed
        try await feed.append(site, office: office, source: source, at: at)
        self.feed = feed
    }

    /// A replay can wait; nothing of it need be dropped.
    private func waitForRoom() async throws {
        var said = false
        while await !keeper.hasRoom(for: 1_048_576) {
            guard sender != nil else {
                throw stop("the spool is full and nothing is sent: give --to", Code.unavailable)
            }
            if !said { say("the spool is full; waiting for the collector") }
            said = true
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    func finish(patience: Int) async throws {
        try await keeper.commit()
        if let sender {
            try await drain(patience: patience)
            sender.cancel()
            await sender.value
        }
        let through = await keeper.durable
        try await keeper.close()
        say(
            "\(feed.added) new records, \(feed.known) already there; \(through) in the spool\(sender == nil ? "" : ", all confirmed")"
        )
    }

    private func drain(patience: Int) async throws {
        var said: String?
        var confirmed = await keeper.acknowledged
        var since = ContinuousClock.now
        while await !keeper.isDrained {
            let now = await keeper.acknowledged
            if now > confirmed {
                confirmed = now
                since = .now
            }
            let report = await keeper.uplink
            if let problem = report.problem, problem != said { say("\(problem); trying again") }
            said = report.problem
            if patience > 0, ContinuousClock.now - since > .seconds(patience) {
                throw stop(
                    "the collector confirmed nothing for \(patience) s; the spool keeps the rest", Code.unavailable)
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
