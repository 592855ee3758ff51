import Agent
import ArgumentParser
import Domain
import Records

#if canImport(Glibc)
    import Glibc
#endif

/// Where device folders are.
struct LibraryOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A directory of device folders; may be given several times. The shipped ones are added to them.",
            valueName: "dir"))
    var devices: [String] = []

    func directories(siteFile: String? = nil) throws(FileProblems) -> [String] {
        try ProfileLibrary.locate(explicit: devices, siteFile: siteFile)
    }
}

/// The site and its device folders.
struct SiteOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The office's site file.", valueName: "file"))
    var site: String

    @OptionGroup var library: LibraryOptions

    func load() throws -> (site: SiteRevision, profiles: [DeviceProfile]) {
        do {
            let known = try ProfileLibrary.loadUsable(library.directories(siteFile: site))
            return (try loadSite(site, known), known.profiles)
        } catch {
            throw stop("\(error)", Code.configuration)
        }
    }
}

/// The site file; a device folder that cannot be used matters only if the site names it, and is told in any case.
func loadSite(_ path: String, _ library: ProfileLibrary) throws -> SiteRevision {
    do {
        let revision = try SiteFile.load(path, library: library)
        for problem in library.leftOut { say("\(problem) (not used by \(path))") }
        return revision
    } catch {
        throw FileProblems(error.problems + library.leftOut)
    }
}

/// The spool and whom it forwards to.
struct SpoolOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The collector, like http://127.0.0.1:8480.", valueName: "url"))
    var to: String?

    @Option(
        help: ArgumentHelp(
            "The spool's folder.",
            discussion: "Default: $XDG_STATE_HOME/deskwatch/spool or ~/.local/state/deskwatch/spool.",
            valueName: "dir"))
    var spool: String?

    @Option(help: ArgumentHelp("This agent's name. Default: the host's.", valueName: "id"))
    var agent: String?

    @Option(help: ArgumentHelp("How large the spool may become, in MiB.", valueName: "n"))
    var spoolSize = 256

    var folder: String { spool ?? SpoolPlace.standard(environment: environment()) }
    var name: String { agent ?? SpoolPlace.agentName() }

    func validate() throws {
        guard (1...65_536).contains(spoolSize) else { throw ValidationError("--spool-size takes 1 to 65536 MiB") }
        if let agent, agent.isEmpty || agent.utf8.count > 256 {
            throw ValidationError("--agent takes a name of 1 to 256 bytes")
        }
        if let to, !to.hasPrefix("http://"), !to.hasPrefix("https://") {
            throw ValidationError("--to takes a URL like http://127.0.0.1:8480, not '\(to)'")
        }
    }

    func open(office: String) throws -> (keeper: SpoolKeeper, events: AgentEvents) {
        let events = AgentEvents(agent: name, office: office)
        do {
            let spool = try Spool(
                disk: PosixDisk(path: folder), agent: name, limits: Spool.Limits(total: spoolSize * 1_048_576),
                now: Instant(milliseconds: wallClock()), gapRecord: events.record)
            return (SpoolKeeper(spool), events)
        } catch let error as DiskError where error.call == "lock" {
            throw stop("\(folder): another agent is using this spool", Code.unavailable)
        } catch let error as SpoolError {
            if case .foreign(let reason) = error { throw stop("\(folder): \(reason)", Code.configuration) }
            throw stop("\(folder): \(error)", 1)
        } catch {
            throw stop("\(folder): \(error)", 1)
        }
    }
}

func environment() -> [String: String] {
    var out: [String: String] = [:]
    for name in ["HOME", "XDG_STATE_HOME"] {
        if let value = getenv(name) { out[name] = String(cString: value) }
    }
    return out
}
