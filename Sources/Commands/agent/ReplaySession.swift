import Agent
import Domain
import Records

#if canImport(Glibc)
    import Glibc
#endif

/// A replay's spool and its sender.
actor ReplaySession {
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
