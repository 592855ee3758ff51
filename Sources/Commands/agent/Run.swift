import Agent
import ArgumentParser
import Capture
import Domain
import UnixSignals
import Wire

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hears the declared devices live, keeps what happened in a spool, and forwards it.",
        discussion: """
            Only frames of the devices in the site file are taken in, tagged ones included. Ends on SIGTERM or Ctrl-C: what \
            was heard is made durable and, if the collector answers, sent. After a kill the next run names the time in \
            between.
            """)

    @OptionGroup var place: SiteOptions
    @OptionGroup var destination: SpoolOptions

    @Option(
        help: ArgumentHelp(
            "Capture from this interface; may be given more than once. Default: all but lo.", valueName: "if"))
    var interface: [String] = []

    @Option(help: ArgumentHelp("End after so long; 0 does not.", valueName: "seconds"))
    var seconds = 0

    func run() async throws { try await prepare().run() }

    /// What needs privileges: the site is read, the helpers are started, and then there are none any more.
    func prepare() throws -> RunSession {
        let (site, profiles) = try place.load()
        let filter = CaptureFilter(site.site, profiles)
        let followed = Follower.paths(of: site)
        for device in site.site.devices {
            guard case .rows(let rows) = DeviceAddress(device.address), rows.path == nil else { continue }
            say("\(device.id): '\(device.address)' names rows of no file; it is not heard live")
        }
        guard filter != nil || !followed.isEmpty else {
            throw stop("\(place.site): no device that is on a network or in a file", Code.configuration)
        }

        let names = filter == nil ? [] : interface.isEmpty ? standardInterfaces() : interface
        // Files that root makes in another's spool could not be used by him later.
        let helpers = try startHelpers(names, becoming: Account(owning: destination.folder))
        return RunSession(
            site: site, profiles: profiles, filter: filter, followed: followed, helpers: helpers,
            destination: destination, seconds: seconds)
    }
}

/// `run`, from where it has no privileges.
struct RunSession {
    let site: SiteRevision
    let profiles: [DeviceProfile]
    let filter: CaptureFilter?
    let followed: [String]
    let helpers: [HelperProcess]
    let destination: SpoolOptions
    let seconds: Int

    func run() async throws {
        let office = site.site.office.id
        let names = helpers.map(\.interface)
        let (keeper, agent) = try destination.open(office: office)
        let time = AgentTime(clock: site.site.office.clock)
        var listeners: [Listener] = []
        for helper in helpers { listeners.append(try await listener(helper, keeper, agent, time)) }
        let followers = try followed.map { try Follower($0, site: site, profiles: profiles, time: time) }
        var feed = SpoolFeed(keeper)
        let unverified = UnverifiedProfiles(site.site)
        await keeper.hear(byUnverified: unverified.ids)
        let now = time.look().now
        let beginning = agent.beginning(now: now, lastRecorded: await keeper.lastRecorded, site: site)
        await Self.tell { try await feed.append(site, office: office, source: nil, at: now) }
        await Self.tell { try await feed.append(beginning) }
        let sender = destination.to.map { url in Task { await UplinkService(keeper: keeper, url: url).run() } }
        for listener in listeners { try listener.start() }
        if !names.isEmpty {
            say(
                "listening on \(names.joined(separator: ", ")) for \(filter?.devices.count ?? 0) devices"
                    + (unverified.words ?? ""))
        } else if let words = unverified.words {
            say("following files" + words)
        }
        for path in followed { say("following \(path)") }

        try await listen(to: listeners, and: followers, storing: keeper)
        for listener in listeners {
            if let failure = listener.failure { say("\(failure)") }
        }
        let end = time.look().now
        await Self.tell { try await feed.append([agent.event(.agentStopped, at: end)]) }
        await Self.tell { try await keeper.commit() }
        if let sender {
            await drain(keeper)
            sender.cancel()
            await sender.value
        }
        let left = await keeper.durable - keeper.acknowledged
        await Self.tell { try await keeper.close() }
        say(left == 0 || sender == nil ? "stopped" : "stopped; \(left) records wait in the spool for the next run")
        if listeners.contains(where: { $0.failure != nil }) { throw ExitCode.failure }
    }

    private func listener(
        _ helper: HelperProcess, _ keeper: SpoolKeeper, _ agent: AgentEvents, _ time: AgentTime
    ) async throws -> Listener {
        let feed = "live:" + helper.interface
        let after = await keeper.lastPosition(feed) ?? 0
        do {
            let capture = try HelperCapture(helper, filter: filter ?? CaptureFilter(devices: []))
            let driver = try FeedDriver(site: site, profiles: profiles, feed: feed, after: after)
            return Listener(capture, driver: driver, agent: agent, time: time)
        } catch let error as CaptureError {
            throw stop("\(error)", error.exitCode)
        } catch let error as ProfileError {
            throw stop("\(error)", Code.configuration)
        }
    }

    /// Stores what is heard until a signal comes, the time is over, or every listener has ended by itself.
    private func listen(to listeners: [Listener], and followers: [Follower], storing keeper: SpoolKeeper) async throws {
        let seconds = self.seconds
        try await withThrowingTaskGroup(of: Void.self) { group in
            let watch = Task {
                var said: String?
                while !Task.isCancelled {
                    let problem = await keeper.uplink.problem
                    if let problem, problem != said { say("\(problem); trying again") }
                    said = problem
                    try await Task.sleep(for: .seconds(1))
                }
            }
            let ending = Task {
                if seconds > 0 {
                    try await Task.sleep(for: .seconds(seconds))
                } else {
                    try await Task.sleep(for: .seconds(1 << 31))
                }
                for listener in listeners { listener.stop() }
                for follower in followers { follower.stop() }
            }
            let signals = Task {
                for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                    for listener in listeners { listener.stop() }
                    for follower in followers { follower.stop() }
                }
            }
            for listener in listeners {
                group.addTask {
                    var feed = SpoolFeed(keeper)
                    for await batch in listener.batches { await Self.tell { try await feed.append(batch) } }
                    // Half of an agent is worse than one that is started again: nobody would miss the other half.
                    if listener.failure != nil {
                        for listener in listeners { listener.stop() }
                        for follower in followers { follower.stop() }
                    }
                }
            }
            for follower in followers {
                group.addTask {
                    var feed = SpoolFeed(keeper)
                    await follower.follow(keeper) { batch in await Self.tell { try await feed.append(batch) } }
                }
            }
            try await group.waitForAll()
            watch.cancel()
            ending.cancel()
            signals.cancel()
        }
    }

    /// The last records get five seconds; what is not confirmed by then is sent by the next run.
    private func drain(_ keeper: SpoolKeeper) async {
        let start = ContinuousClock.now
        while await !keeper.isDrained, ContinuousClock.now - start < .seconds(5) {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// A spool that cannot write now keeps what it was given and tries again; the agent goes on listening.
    private static func tell(_ body: () async throws -> Void) async {
        do { try await body() } catch { say("spool: \(error)") }
    }
}
