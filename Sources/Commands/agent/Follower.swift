import Agent
import Domain
import Synchronization
import Wire

/// One file of the site that grows, looked at four times a second.
final class Follower: Sendable {
    private let path: String
    private let site: SiteRevision
    private let profiles: [DeviceProfile]
    private let profile: DeviceProfile
    private let time: AgentTime
    private let isStopping = Atomic<Bool>(false)

    /// The files that the site's devices are read from, sorted.
    static func paths(of site: SiteRevision) -> [String] {
        Set(site.site.devices.compactMap { FileAddress($0.address)?.path }).sorted()
    }

    init(_ path: String, site: SiteRevision, profiles: [DeviceProfile], time: AgentTime) throws {
        // What others write is not about this file's devices.
        var own = site
        own.site.devices = site.site.devices.filter { FileAddress($0.address)?.path == path }
        let used = own.site.devices.map(\.profile)
        let readers = profiles.filter { used.contains($0.id) && $0.protocolName.isOfFiles }
        guard let profile = readers.first, readers.count == 1 else {
            throw deskwatch_agent.stop(
                "\(path): is read by \(readers.count) profiles (\(readers.map(\.id).joined(separator: ", "))); it can be one",
                Code.configuration)
        }
        self.path = path
        self.site = own
        self.profiles = profiles
        self.profile = profile
        self.time = time
    }

    func stop() { isStopping.store(true, ordering: .relaxed) }

    func follow(_ keeper: SpoolKeeper, _ take: ([DomainEvent]) async -> Void) async {
        var follower = FileFollower(
            path: path, form: profile.file, protocolName: profile.protocolName,
            pipeline: { [site, profiles] feed throws(ProfileError) in
                try Pipeline(site: site, profiles: profiles, feed: feed)
            })
        var said: String?
        var first: RowFeed.Fault?
        var told: UInt64 = 0
        while true {
            // What was written before the end is read before it.
            let isLast = isStopping.load(ordering: .relaxed)
            do {
                let events = try await follower.look(now: time.look().now) { await keeper.lastPosition($0) }
                if !events.isEmpty { await take(events) }
                if let problem = follower.lastProblem, problem != said { say("\(path): \(problem)") }
                said = follower.lastProblem
                // The first of a file, and how many there are when their number has doubled, and at the end.
                if let fault = follower.counters.faults.first, fault != first {
                    say(fault.told(of: path) + "; such rows are passed over and counted")
                    first = fault
                }
                let count = follower.malformed
                if count > told, isLast || count >= max(10, told * 2) {
                    say("\(path): \(count) rows could not be read so far")
                    told = count
                }
            } catch {
                say("\(path): \(error)")
                return
            }
            if isLast { return }
            try? await Task.sleep(for: .milliseconds(250))
        }
    }
}
